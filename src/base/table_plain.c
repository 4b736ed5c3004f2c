// SPDX-License-Identifier: GPL-2.0-only
/* Listings without libsmartcols, for the static binary.  */
#ifndef HAVE_SMARTCOLS
#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/table_impl.h"
#include "base/util.h"

static const char *shown_cell(const struct table *t, size_t row, size_t col)
{
	const char *cell = t->rows[row][col];

	return *cell ? cell : table_unknown(t, row, col);
}

static bool to_right(const struct table_col *col)
{
	return (col->flags & (TABLE_RIGHT | TABLE_NUMBER)) != 0;
}

/* "| `-" before a cell, from its end; as libsmartcols in ASCII.  */
static void draw(const struct table *t, size_t row, char *buf, size_t indent)
{
	const struct table_node *n = &t->nodes[row];
	bool first = true;

	for (; indent; indent -= 2, n = &t->nodes[n->parent], first = false)
		memcpy(buf + indent - 2, first ? n->is_last ? "`-" : "|-" : n->is_last ? "  " : "| ", 2);
}

/* In place: the cells become what is printed.  */
static int escape_cells(struct table *t)
{
	for (size_t i = 0; i < t->nr_rows; i++) {
		for (size_t k = 0; k < t->nr_cols; k++) {
			const char *cell = shown_cell(t, i, k);
			size_t len = strlen(cell), indent = table_is_tree(t) ? table_indent(t, i, k) : 0;
			char *esc = malloc(indent + STR_ESCAPED(len));

			if (!esc)
				return -ENOMEM;
			draw(t, i, esc, indent);
			str_escape(esc + indent, STR_ESCAPED(len), cell, len);
			free(t->rows[i][k]);
			t->rows[i][k] = esc;
		}
	}
	t->drawn = true;
	return 0;
}

/* One line of a row; the cells are moved on to what is left.  False: nothing is.  */
static bool print_line(const struct table *t, const char **cells, const size_t *widths, FILE *out)
{
	size_t gap = 0;
	bool left = false;

	for (size_t k = 0; k < t->nr_shown; k++) {
		const struct table_col *col = &t->cols[t->shown[k]];
		const char *cell = cells[t->shown[k]];
		size_t len = col->flags & TABLE_WRAP ? table_fold(cell, widths[k]) : strlen(cell);
		size_t pad = len < widths[k] ? widths[k] - len : 0;

		/* Blanks are owed until something follows, so that no line ends with one.  */
		if (len)
			fprintf(out, "%*s%.*s", (int)(gap + (to_right(col) ? pad : 0)), "",
				(int)len, cell);
		gap = (len ? to_right(col) ? 0 : pad : gap + widths[k]) + 1;
		cell += len;
		cells[t->shown[k]] = cell + strspn(cell, " ");
		left |= *cells[t->shown[k]];
	}
	fputc('\n', out);
	return left;
}

/* Consumes the array of cells, not what they point to.  */
static void print_row(const struct table *t, const char **cells, const size_t *widths, FILE *out)
{
	while (print_line(t, cells, widths, out))
		;
}

/* As libsmartcols does it: what could be taken for a separator, or an escape, is \xHH.  */
static void put_raw(const char *cell, FILE *out)
{
	for (; *cell; cell++) {
		if (*cell == ' ' || *cell == '\\' || !isprint((unsigned char)*cell))
			fprintf(out, "\\x%02x", (unsigned char)*cell);
		else
			fputc(*cell, out);
	}
}

static int print_raw(const struct table *t, FILE *out)
{
	size_t first = t->opts->noheadings ? 1 : 0;

	for (size_t i = first; t->nr_rows && i <= t->nr_rows; i++) {
		for (size_t k = 0; k < t->nr_shown; k++) {
			size_t col = t->shown[k];

			if (k)
				fputc(' ', out);
			put_raw(i ? shown_cell(t, i - 1, col) : t->cols[col].name, out);
		}
		fputc('\n', out);
	}
	return 0;
}

static int print_text(struct table *t, FILE *out)
{
	__cleanup_free size_t *widths = calloc(t->nr_cols + 1, sizeof(*widths));
	__cleanup_free const char **cells = calloc(t->nr_cols + 1, sizeof(*cells));
	int err;

	if (!widths || !cells)
		return -ENOMEM;
	err = escape_cells(t);
	if (err || !t->nr_rows)
		return err;
	table_widths(t, widths);
	for (size_t k = 0; k < t->nr_cols; k++)
		cells[k] = t->cols[k].name;
	if (!t->opts->noheadings)
		print_row(t, cells, widths, out);
	for (size_t i = 0; i < t->nr_rows; i++) {
		memcpy(cells, t->rows[i], t->nr_cols * sizeof(*cells));
		print_row(t, cells, widths, out);
	}
	return 0;
}

static struct json_object *json_cell(const struct table_col *col, const char *cell)
{
	size_t len = strlen(cell);
	__cleanup_free char *copy = NULL;

	if ((col->flags & TABLE_DASH) && !*cell)
		return NULL;
	if (col->flags & TABLE_BOOLEAN)
		return json_object_new_boolean(*cell == 'y');
	if (col->flags & TABLE_NUMBER && strchr(cell, '.'))
		return json_object_new_double_s(strtod(cell, NULL), cell);
	if (col->flags & TABLE_NUMBER)
		return *cell ? json_object_new_int64(strtoll(cell, NULL, 10)) : NULL;
	copy = malloc(3 * len + 1);
	return copy ? json_object_new_string(str_utf8(copy, 3 * len + 1, cell, len)) : NULL;
}

static void json_key(char *key, size_t size, const char *name)
{
	str_copy(key, size, name);
	for (; *key; key++)
		*key = (char)tolower((unsigned char)*key);
}

static void put_json(struct json_object **o)
{
	json_object_put(*o);
}

static struct json_object *json_row(const struct table *t, size_t row)
{
	struct json_object *o = json_object_new_object();
	char key[64];

	for (size_t k = 0; o && k < t->nr_shown; k++) {
		const struct table_col *col = &t->cols[t->shown[k]];

		json_key(key, sizeof(key), col->name);
		json_object_object_add(o, key, json_cell(col, t->rows[row][t->shown[k]]));
	}
	return o;
}

/* Parents come before their children.  */
static int json_rows(const struct table *t, struct json_object *top)
{
	__cleanup_free struct json_object **made = calloc(t->nr_rows + 1, sizeof(*made));
	bool tree = table_is_tree(t);
	struct json_object *list;

	for (size_t i = 0; made && i < t->nr_rows; i++) {
		size_t parent = tree ? t->nodes[i].parent : TABLE_NO_PARENT;

		made[i] = json_row(t, i);
		if (!made[i])
			return -ENOMEM;
		list = top;
		if (parent != TABLE_NO_PARENT)
			json_object_object_get_ex(made[parent], "children", &list);
		json_object_array_add(list, made[i]);
		if (tree && t->nodes[i].has_children)
			json_object_object_add(made[i], "children", json_object_new_array());
	}
	return made ? 0 : -ENOMEM;
}

static int print_json(struct table *t, FILE *out)
{
	struct json_object *top __cleanup(put_json) = json_object_new_object();
	struct json_object *rows = json_object_new_array();

	if (!top || !rows)
		return -ENOMEM;
	json_object_object_add(top, t->opts->name ? t->opts->name : "table", rows);
	if (json_rows(t, rows))
		return -ENOMEM;
	if (fprintf(out, "%s\n", json_object_to_json_string_ext(top, JSON_C_TO_STRING_PRETTY)) < 0)
		return errno ? -errno : -EIO;
	return 0;
}

int table_print_impl(struct table *t, FILE *out)
{
	if (t->opts->json)
		return print_json(t, out);
	return t->opts->raw ? print_raw(t, out) : print_text(t, out);
}
#endif
