/* SPDX-License-Identifier: GPL-2.0-only */
/* Between table.c and the two ways to print; nobody else includes it.  */
#ifndef MSITRACE_BASE_TABLE_IMPL_H
#define MSITRACE_BASE_TABLE_IMPL_H

#include "base/table.h"

struct table {
	const struct table_col *cols;
	size_t nr_cols;
	const struct table_opts *opts;
	char ***rows;			/* [nr_rows][nr_cols] */
	size_t nr_rows, max_rows;
	size_t nr_shown;
	size_t shown[];			/* indices of cols, in order; room for all */
};

/* Widths of the columns that are shown, such that a line fits if it can.  */
void table_widths(const struct table *t, size_t *widths);

/* How much of a cell goes on one line: up to a blank, else as much as there is room for.  */
size_t table_fold(const char *cell, size_t width);

int table_print_impl(struct table *t, FILE *out);

#endif
