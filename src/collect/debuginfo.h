/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Source lines and inlined functions of kernel addresses, from DWARF, read by elfutils.
 *
 * debuginfo.c does it where libdw is; debuginfo_none.c stands in for it in the static binary. A file is
 * opened when the first address in it is asked for. One whose build id is not that of what runs is
 * refused: its lines would be wrong.
 */
#ifndef MSITRACE_COLLECT_DEBUGINFO_H
#define MSITRACE_COLLECT_DEBUGINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "msitrace/format.h"

struct debuginfo;

/* What the strings point to must live as long as the struct debuginfo.  */
struct debuginfo_opts {
	const char *vmlinux;		/* the kernel's; NULL: search */
	const char *const *dirs;	/* to search before the usual places */
	size_t nr_dirs;
	bool fetch;			/* may ask the servers of DEBUGINFOD_URLS; else nothing is asked */
	const char *release;		/* of the running kernel */
	const char *root;		/* NULL; for tests: where /sys, /lib and /usr are */
	/* One line without its end: a warning, or what is going on.  */
	void (*say)(void *ctx, bool warning, const char *text);
	bool (*stopped)(void *ctx);	/* is a download to be given up?  NULL: never */
	void *ctx;
};

/* Version of libdw; NULL: this binary has none, and finds no lines.  */
const char *debuginfo_library(void);

/*
 * Says what is wrong with opts->vmlinux and opts->dirs, and fetches what the kernel lacks. None of that
 * is an error; there are then no lines.  -ENOMEM.
 */
int debuginfo__new(const struct debuginfo_opts *opts, struct debuginfo **out);
void debuginfo__free(struct debuginfo *d);

/* Where _stext is in the running kernel.  Without it, there are no lines of the kernel.  */
void debuginfo__set_stext(struct debuginfo *d, uint64_t stext);

/* Notes where modules are, and their build ids: one may be gone when its lines are asked for.  */
int debuginfo__note_modules(struct debuginfo *d);

/*
 * Fills in file, line and inlined of a symbol whose module is set; strings are valid until
 * debuginfo__free().  0, or -ENOENT.  `ip` is inside of the instruction, not behind a call.
 */
int debuginfo__find(struct debuginfo *d, uint64_t ip, struct symbol *sym);

#endif
