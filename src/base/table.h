/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Listings: `rules`, `doctor`, `help`.  Through libsmartcols when built with HAVE_SMARTCOLS, else
 * aligned by ourselves (Debian has no static libsmartcols); both give the same columns and the same
 * JSON.
 */
#ifndef MSITRACE_BASE_TABLE_H
#define MSITRACE_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TABLE_RIGHT	(1u << 0)	/* aligned to the right */
#define TABLE_WRAP	(1u << 1)	/* folded when the line is too long */
#define TABLE_HIDDEN	(1u << 2)	/* only shown when --output asks for it */
#define TABLE_NUMBER	(1u << 3)	/* a number in JSON; implies TABLE_RIGHT */
#define TABLE_BOOLEAN	(1u << 4)	/* true or false in JSON; cells are "yes" and "no" */
#define TABLE_DASH	(1u << 5)	/* an empty cell is one that is not known: "-", in JSON null */
#define TABLE_TREE	(1u << 6)	/* shows what belongs to what, by indentation; in JSON as "children" */

struct table_col {
	const char *name;	/* upper case; its lower case is the key in JSON */
	const char *help;	/* one line */
	unsigned int flags;
};

struct table_opts {
	const char *name;	/* key of the array in JSON: "rules" */
	const char *output; /* --output: "COL,COL", "+COL,..." adds to the default; NULL: default */
	bool json, noheadings;
	bool raw;		/* for other programs: a blank between cells, nothing aligned or folded; \xHH */
	unsigned int width;	/* columns of the terminal, 0: do not fold */
};

struct table;

/*
 * cols and opts must outlive the table.  -EINVAL: opts->output names no columns, or one that there
 * is not, of which *bad (may be NULL) then holds the begin in opts->output; -ENOMEM.  *out is
 * untouched on failure.
 */
int table__new(const struct table_col *cols, size_t nr, const struct table_opts *opts,
	       struct table **out, const char **bad);

/* One cell per column of cols, in that order, NULL: empty.  Copied, escaped when printed.  */
int table__row(struct table *t, const char *const *cells);

/*
 * The same for a row that belongs to another one: what table__last() gave for that; TABLE_NO_PARENT: to none.  It comes
 * after those that are there.  A cell that is not known is blank where there are rows below.
 */
#define TABLE_NO_PARENT ((size_t)-1)
int table__row_of(struct table *t, size_t parent, const char *const *cells);

/* The row that was added last.  */
size_t table__last(const struct table *t);

/* 0, or -errno of the write.  */
int table__print(struct table *t, FILE *out);
void table__free(struct table *t);

/* "name  help" per column, for --help.  */
int table_cols_help(const struct table_col *cols, size_t nr, FILE *out);

#endif
