// SPDX-License-Identifier: GPL-2.0-only
/* In place of debuginfo.c where there is no libdw: in the static binary, and where it is not installed.  */
#include <errno.h>

#include "debuginfo.h"

const char *debuginfo_library(void)
{
	return NULL;
}

int debuginfo__new(const struct debuginfo_opts *opts, struct debuginfo **out)
{
	(void)opts;
	*out = NULL;
	return 0;
}

void debuginfo__free(struct debuginfo *d)
{
	(void)d;
}

void debuginfo__set_stext(struct debuginfo *d, uint64_t stext)
{
	(void)d;
	(void)stext;
}

int debuginfo__note_modules(struct debuginfo *d)
{
	(void)d;
	return 0;
}

int debuginfo__find(struct debuginfo *d, uint64_t ip, struct symbol *sym)
{
	(void)d;
	(void)ip;
	(void)sym;
	return -ENOENT;
}
