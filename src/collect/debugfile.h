/* SPDX-License-Identifier: GPL-2.0-only */
/* Files with DWARF: where they may be, and whether one is of the build that runs.  */
#ifndef MSITRACE_COLLECT_DEBUGFILE_H
#define MSITRACE_COLLECT_DEBUGFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "debuginfo.h"

struct build_id {
	uint8_t bytes[32];	/* 20 of SHA-1 */
	size_t len;		/* 0: none is known */
};

/* The build id of a file of ELF notes in sysfs.  0, -errno, or -ENODATA: it has none.  */
int build_id_read(const char *path, struct build_id *out);

/*
 * May this file be used for what has this build id?  0, or why not, in words in why[]: -ENOEXEC, it is
 * not ELF; -EIO, it is damaged; -ENODATA, it has no DWARF; -ESTALE, it is of another build.
 */
int debugfile_check(int fd, const struct build_id *want, char *why, size_t size);

/* The file that was found, or what to say about those that were not good enough.  */
struct debugfile {
	int fd;			/* -1: none */
	char *path;		/* to be freed */
	char complaint[512];	/* "": there is nothing to say */
};

/*
 * Opens the file for a module, or for the kernel where `module` is NULL.  0 or -ENOENT.
 */
int debugfile_find(const struct debuginfo_opts *opts, const char *module, const struct build_id *id,
		   struct debugfile *out);

/* Tries one file as debugfile_find() does, and complains whatever is wrong.  */
int debugfile_open(const char *path, const struct build_id *id, struct debugfile *out);

#endif
