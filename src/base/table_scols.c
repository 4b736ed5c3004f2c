// SPDX-License-Identifier: GPL-2.0-only
/* Listings through libsmartcols, which escapes what a terminal must not see.  */
#ifdef HAVE_SMARTCOLS
#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "base/table_impl.h"
#include "base/util.h"

static void unref_table(struct libscols_table **tb)
{
	scols_unref_table(*tb);
}

static int add_columns(struct libscols_table *tb, const struct table *t)
{
	for (size_t i = 0; i < t->nr_shown; i++) {
		const struct table_col *col = &t->cols[t->shown[i]];
		struct libscols_column *cl;
		int flags = 0;

		if (col->flags & (TABLE_RIGHT | TABLE_NUMBER))
			flags |= SCOLS_FL_RIGHT;
		if ((col->flags & TABLE_WRAP) && !t->opts->raw)
			flags |= SCOLS_FL_WRAP;
		if ((col->flags & TABLE_TREE) && table_is_tree(t))
			flags |= SCOLS_FL_TREE;
		cl = scols_table_new_column(tb, col->name, 0, flags);
		if (!cl)
			return -ENOMEM;
		if (flags & SCOLS_FL_WRAP) {	/* left alone it folds in the middle of words */
			scols_column_set_safechars(cl, "\n");
			scols_column_set_wrapfunc(cl, scols_wrapnl_chunksize,
						  scols_wrapnl_nextchunk, NULL);
		}
		if (col->flags & TABLE_NUMBER)
			scols_column_set_json_type(cl, SCOLS_JSON_NUMBER);
		if (col->flags & TABLE_BOOLEAN)
			scols_column_set_json_type(cl, SCOLS_JSON_BOOLEAN);
	}
	return 0;
}

/* JSON must be UTF-8, of which libsmartcols does not take care.  */
static int set_json(struct libscols_line *ln, size_t k, const char *cell)
{
	size_t len = strlen(cell);
	__cleanup_free char *copy = malloc(3 * len + 1);

	return copy ? scols_line_set_data(ln, k, str_utf8(copy, 3 * len + 1, cell, len)) : -ENOMEM;
}

/* A line of its own for each part; a line feed that was there is none of ours.  */
static int set_folded(struct libscols_line *ln, size_t k, const char *cell, size_t width)
{
	__cleanup_free char *copy = malloc(2 * strlen(cell) + 1);
	char *to = copy;

	if (!copy)
		return -ENOMEM;
	while (*cell) {
		size_t len = table_fold(cell, width);

		for (size_t i = 0; i < len; i++)
			*to++ = cell[i] == '\n' ? ' ' : cell[i];
		cell += len;
		cell += strspn(cell, " ");
		if (*cell)
			*to++ = '\n';
	}
	*to = '\0';
	return scols_line_set_data(ln, k, copy);
}

static int set_cell(struct libscols_line *ln, const struct table *t, size_t row, size_t k, size_t width)
{
	const char *cell = t->rows[row][t->shown[k]];

	if (!*cell && t->cols[t->shown[k]].flags & TABLE_DASH)
		return t->opts->json ? 0 : scols_line_set_data(ln, k, table_unknown(t, row, t->shown[k]));
	if (t->opts->json)
		return set_json(ln, k, cell);
	if (!t->opts->raw && (t->cols[t->shown[k]].flags & TABLE_WRAP))
		return set_folded(ln, k, cell, width);
	return scols_line_set_data(ln, k, cell);
}

static int add_rows(struct libscols_table *tb, const struct table *t)
{
	__cleanup_free size_t *widths = calloc(t->nr_shown + 1, sizeof(*widths));
	__cleanup_free struct libscols_line **lines = calloc(t->nr_rows + 1, sizeof(*lines));
	bool tree = table_is_tree(t);

	if (!widths || !lines)
		return -ENOMEM;
	table_widths(t, widths);
	for (size_t i = 0; i < t->nr_rows; i++) {
		size_t parent = tree ? t->nodes[i].parent : TABLE_NO_PARENT;
		struct libscols_line *ln = scols_table_new_line(tb, parent == TABLE_NO_PARENT ? NULL : lines[parent]);

		if (!ln)
			return -ENOMEM;
		lines[i] = ln;
		for (size_t k = 0; k < t->nr_shown; k++) {
			int err = set_cell(ln, t, i, k, widths[k]);

			if (err)
				return err;
		}
	}
	return 0;
}

int table_print_impl(struct table *t, FILE *out)
{
	struct libscols_table *tb __cleanup(unref_table) = scols_new_table();
	int err;

	if (!tb)
		return -ENOMEM;
	scols_table_set_stream(tb, out);
	scols_table_enable_noheadings(tb, t->opts->noheadings);
	scols_table_enable_json(tb, t->opts->json);
	scols_table_enable_raw(tb, t->opts->raw && !t->opts->json);
	err = scols_table_set_name(tb, t->opts->name ? t->opts->name : "table");
	if (!err && t->opts->width && !t->opts->json) {
		scols_table_set_termforce(tb, SCOLS_TERMFORCE_ALWAYS);
		scols_table_set_termwidth(tb, t->opts->width);
	}
	if (!err)
		err = add_columns(tb, t);
	if (!err)
		err = add_rows(tb, t);
	if (err)
		return err;
	if (!t->nr_rows && !t->opts->json)
		return 0;
	err = scols_print_table(tb);
	if (!err && t->opts->json)	/* it leaves the last line open */
		fputc('\n', out);
	return err;
}
#endif
