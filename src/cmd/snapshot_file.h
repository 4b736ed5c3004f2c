/* SPDX-License-Identifier: GPL-2.0-only */
/* Snapshots in files: what `snapshot --save` wrote, or `snapshot --json` printed with the columns that it needs.  */
#ifndef MSITRACE_CMD_SNAPSHOT_FILE_H
#define MSITRACE_CMD_SNAPSHOT_FILE_H

#include <stddef.h>

#include "ledger/diff.h"

struct snapshot_file {
	struct snap_row *rows;
	size_t nr;
	void *json;		/* what the rows point into */
};

/* 0, or -1 after a message.  */
int snapshot_file__read(const char *path, struct snapshot_file *f);
void snapshot_file__free(struct snapshot_file *f);

#endif
