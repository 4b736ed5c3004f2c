// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/util.h"
#include "snapshot_file.h"

#define TRY "give one that msitrace snapshot --save has written"

static const char *const keys[SNAP_FIELD_NR] = {
#define X(field) [SNAP_F_##field] = #field,
	SNAP_FIELDS(X)
#undef X
};

static int read_row(const char *path, size_t nr, struct json_object *o, struct snap_row *row)
{
	struct json_object *v;

	for (int i = 0; i < SNAP_FIELD_NR; i++) {
		if (!json_object_is_type(o, json_type_object) || !json_object_object_get_ex(o, keys[i], &v)) {
			pr_err("%s: vector %zu has no \"%s\"; " TRY "\n", path, nr, keys[i]);
			return -1;
		}
		row->field[i] = v ? json_object_get_string(v) : NULL;
	}
	return 0;
}

static int read_rows(const char *path, struct json_object *top, struct snapshot_file *f)
{
	struct json_object *list;
	size_t i;

	if (!json_object_is_type(top, json_type_object) || !json_object_object_get_ex(top, "vectors", &list) ||
	    !json_object_is_type(list, json_type_array)) {
		pr_err("%s: no list of vectors in it; " TRY "\n", path);
		return -1;
	}
	f->nr = json_object_array_length(list);
	f->rows = calloc(f->nr + 1, sizeof(*f->rows));
	if (!f->rows) {
		pr_err("%s: %s\n", path, errstr(-ENOMEM));
		return -1;
	}
	for (i = 0; i < f->nr; i++)
		if (read_row(path, i, json_object_array_get_idx(list, i), &f->rows[i]))
			return -1;
	return 0;
}

int snapshot_file__read(const char *path, struct snapshot_file *f)
{
	__cleanup_fclose FILE *in = fopen(path, "re");

	if (!in) {
		pr_err("%s: %s; " TRY "\n", path, errstr(-errno));
		return -1;
	}
	f->json = json_object_from_fd(fileno(in));
	if (!f->json) {
		pr_err("%s: not JSON; " TRY "\n", path);
		return -1;
	}
	return read_rows(path, f->json, f);
}

void snapshot_file__free(struct snapshot_file *f)
{
	free(f->rows);
	json_object_put(f->json);
}
