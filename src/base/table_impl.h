/* SPDX-License-Identifier: GPL-2.0-only */
/* Between table.c and the two ways to print; nobody else includes it.  */
#ifndef MSITRACE_BASE_TABLE_IMPL_H
#define MSITRACE_BASE_TABLE_IMPL_H

#include "base/table.h"

/* Where a row is in the tree.  */
struct table_node {
	size_t parent;			/* TABLE_NO_PARENT */
	bool has_children;
	bool is_last;			/* of its parent's */
};

struct table {
	const struct table_col *cols;
	size_t nr_cols;
	const struct table_opts *opts;
	char ***rows;			/* [nr_rows][nr_cols] */
	struct table_node *nodes;	/* [nr_rows] */
	size_t nr_rows, max_rows;
	bool drawn;			/* the lines of the tree are in the cells */
	size_t nr_shown;
	size_t shown[];			/* indices of cols, in order; room for all */
};

/* It is printed as a tree: not where lines are for programs, or without the column that shows it.  */
bool table_is_tree(const struct table *t);

/* What is printed of an empty cell.  */
const char *table_unknown(const struct table *t, size_t row, size_t col);

/* Columns that the lines of the tree take before the cell.  */
size_t table_indent(const struct table *t, size_t row, size_t col);

/* Widths of the columns that are shown, such that a line fits if it can.  */
void table_widths(const struct table *t, size_t *widths);

/* How much of a cell goes on one line: up to a blank, else as much as there is room for.  */
size_t table_fold(const char *cell, size_t width);

int table_print_impl(struct table *t, FILE *out);

#endif
