/* SPDX-License-Identifier: GPL-2.0-only */
/* libdebuginfod, which goes to the network: loaded by the first fetch, so never unless it is asked for.  */
#ifndef MSITRACE_COLLECT_DEBUGINFOD_H
#define MSITRACE_COLLECT_DEBUGINFOD_H

#include <stdbool.h>

#include "debugfile.h"

struct debuginfod;

/*
 * Fetches the debug information with this build id from the servers of DEBUGINFOD_URLS, or takes it from
 * the cache of libdebuginfod. A file descriptor, or -errno: -ENOSYS, there is no libdebuginfod or no
 * server is named; -ENOENT, no server has it; -EINTR, stopped() said so.
 */
int debuginfod_fetch(struct debuginfod **client, const struct build_id *id,
		     bool (*stopped)(void *ctx), void *ctx);

void debuginfod_close(struct debuginfod *client);

#endif
