// SPDX-License-Identifier: GPL-2.0-only
/* Listings: columns and rows.  How they are printed is in table_scols.c or table_plain.c.  */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/table_impl.h"
#include "base/util.h"

#define WRAP_MIN 16	/* a column is not made narrower than this */

static int find_col(const struct table *t, const char *name, size_t len)
{
	for (size_t i = 0; i < t->nr_cols; i++)
		if (strlen(t->cols[i].name) == len && !strncasecmp(t->cols[i].name, name, len))
			return (int)i;
	return -EINVAL;
}

static bool is_shown(const struct table *t, size_t col)
{
	for (size_t i = 0; i < t->nr_shown; i++)
		if (t->shown[i] == col)
			return true;
	return false;
}

static void show_defaults(struct table *t)
{
	for (size_t i = 0; i < t->nr_cols; i++)
		if (!(t->cols[i].flags & TABLE_HIDDEN))
			t->shown[t->nr_shown++] = i;
}

/* A column that is named twice is shown once.  */
static int show_list(struct table *t, const char *list, const char **bad)
{
	const char *p = list;

	if (*p == '+') {
		show_defaults(t);
		p++;
	}
	for (;;) {
		size_t len = strcspn(p, ",");
		int col = find_col(t, p, len);

		if (col < 0) {
			if (bad)
				*bad = p;
			return col;
		}
		if (!is_shown(t, (size_t)col))
			t->shown[t->nr_shown++] = (size_t)col;
		if (!p[len])
			return 0;
		p += len + 1;
	}
}

int table__new(const struct table_col *cols, size_t nr, const struct table_opts *opts,
	       struct table **out, const char **bad)
{
	struct table *t = calloc(1, sizeof(*t) + nr * sizeof(t->shown[0]));
	int err = 0;

	if (!t)
		return -ENOMEM;
	t->cols = cols;
	t->nr_cols = nr;
	t->opts = opts;
	if (opts->output)
		err = show_list(t, opts->output, bad);
	else
		show_defaults(t);
	if (err) {
		table__free(t);
		return err;
	}
	*out = t;
	return 0;
}

static int make_room(struct table *t)
{
	size_t max = t->max_rows ? 2 * t->max_rows : 16;
	struct table_node *nodes;
	char ***rows;

	if (t->nr_rows < t->max_rows)
		return 0;
	rows = reallocarray(t->rows, max, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	t->rows = rows;
	nodes = reallocarray(t->nodes, max, sizeof(*nodes));
	if (!nodes)
		return -ENOMEM;
	t->nodes = nodes;
	t->max_rows = max;
	return 0;
}

/* The sibling before is looked for from the end: rows of one parent mostly follow each other.  */
static void add_node(struct table *t, size_t row, size_t parent)
{
	size_t i;

	t->nodes[row] = (struct table_node){ .parent = parent, .is_last = true };
	if (parent == TABLE_NO_PARENT)
		return;
	for (i = row; t->nodes[parent].has_children && i-- > parent;) {
		if (t->nodes[i].parent != parent)
			continue;
		t->nodes[i].is_last = false;
		break;
	}
	t->nodes[parent].has_children = true;
}

size_t table__last(const struct table *t)
{
	return t->nr_rows - 1;
}

int table__row(struct table *t, const char *const *cells)
{
	return table__row_of(t, TABLE_NO_PARENT, cells);
}

int table__row_of(struct table *t, size_t parent, const char *const *cells)
{
	char **row;

	if (make_room(t))
		return -ENOMEM;
	row = calloc(t->nr_cols ? t->nr_cols : 1, sizeof(*row));
	if (!row)
		return -ENOMEM;
	add_node(t, t->nr_rows, parent);
	t->rows[t->nr_rows++] = row;
	for (size_t i = 0; i < t->nr_cols; i++) {
		row[i] = strdup(cells[i] ? cells[i] : "");
		if (!row[i])
			return -ENOMEM;
	}
	return 0;
}

bool table_is_tree(const struct table *t)
{
	for (size_t k = 0; !t->opts->raw && k < t->nr_shown; k++)
		if (t->cols[t->shown[k]].flags & TABLE_TREE)
			return true;
	return false;
}

const char *table_unknown(const struct table *t, size_t row, size_t col)
{
	if (!(t->cols[col].flags & TABLE_DASH))
		return "";
	return table_is_tree(t) && t->nodes[row].has_children ? "" : "-";
}

size_t table_indent(const struct table *t, size_t row, size_t col)
{
	size_t depth = 0;

	if (t->opts->raw || !(t->cols[col].flags & TABLE_TREE))
		return 0;
	for (row = t->nodes[row].parent; row != TABLE_NO_PARENT; row = t->nodes[row].parent)
		depth++;
	return 2 * depth;
}

/* The heading counts even when it is not shown, as with libsmartcols.  */
static size_t col_width(const struct table *t, size_t col)
{
	size_t width = strlen(t->cols[col].name);

	for (size_t i = 0; i < t->nr_rows; i++) {
		size_t len = strlen(t->rows[i][col]) + (t->drawn ? 0 : table_indent(t, i, col));

		if (len > width)
			width = len;
	}
	return width;
}

/*
 * Takes from the widest column that may be folded until the line fits, or all of them are narrow.
 */
static void shrink(const struct table *t, size_t *widths)
{
	size_t total = t->nr_shown ? t->nr_shown - 1 : 0;

	for (size_t k = 0; k < t->nr_shown; k++)
		total += widths[k];
	for (; t->opts->width && total > t->opts->width; total--) {
		size_t widest = t->nr_shown;

		for (size_t k = 0; k < t->nr_shown; k++)
			if ((t->cols[t->shown[k]].flags & TABLE_WRAP) && widths[k] > WRAP_MIN &&
			    (widest == t->nr_shown || widths[k] > widths[widest]))
				widest = k;
		if (widest == t->nr_shown)
			return;
		widths[widest]--;
	}
}

void table_widths(const struct table *t, size_t *widths)
{
	for (size_t k = 0; k < t->nr_shown; k++)
		widths[k] = col_width(t, t->shown[k]);
	shrink(t, widths);
}

size_t table_fold(const char *cell, size_t width)
{
	size_t cut = width;

	if (strlen(cell) <= width)
		return strlen(cell);
	while (cut && cell[cut] != ' ')
		cut--;
	return cut ? cut : width;
}

int table__print(struct table *t, FILE *out)
{
	int err = table_print_impl(t, out);

	return err ? err : file_flush(out);
}

void table__free(struct table *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->nr_rows; i++) {
		for (size_t k = 0; k < t->nr_cols; k++)
			free(t->rows[i][k]);
		free(t->rows[i]);
	}
	free(t->rows);
	free(t->nodes);
	free(t);
}

int table_cols_help(const struct table_col *cols, size_t nr, FILE *out)
{
	int width = 0;

	for (size_t i = 0; i < nr; i++)
		if ((int)strlen(cols[i].name) > width)
			width = (int)strlen(cols[i].name);
	for (size_t i = 0; i < nr; i++)
		fprintf(out, "  %-*s  %s\n", width, cols[i].name, cols[i].help);
	return file_flush(out);
}
