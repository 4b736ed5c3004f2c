// SPDX-License-Identifier: GPL-2.0-only
/* What the commands that list share: a table with the columns that the user wants.  */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/err.h"
#include "base/util.h"
#include "cmd.h"

#define WIDTH_NO_TERMINAL 120

unsigned int terminal_width(unsigned int otherwise)
{
	struct winsize ws;

	if (isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) && ws.ws_col)
		return ws.ws_col;
	return otherwise;
}

static int cannot(int err)
{
	pr_err("cannot write the list: %s\n", errstr(err));
	return MSITRACE_EXIT_CANNOT_RUN;
}

int listing_new_view(enum cmd_id id, const struct listing_view *view, const struct options *o,
		     struct table_opts *opts, struct table **out)
{
	const char *name = cmds[id].name, *bad = NULL;
	size_t nr;
	const struct table_col *cols = view->cols(&nr);
	int err;

	opts->raw = o->raw;
	opts->output = o->output;
	opts->noheadings = o->noheadings;
	opts->json = !strcmp(o->format, "json");
	opts->width = terminal_width(WIDTH_NO_TERMINAL);
	err = table__new(cols, nr, opts, out, &bad);
	if (err == -EINVAL) {
		pr_err("%s: --output: no column '%.*s'; see msitrace %s --help\n", name,
		       bad ? (int)strcspn(bad, ",") : 0, bad ?: "", name);
		return MSITRACE_EXIT_USAGE;
	}
	return err ? cannot(err) : 0;
}

int listing_new(enum cmd_id id, const struct options *o, struct table_opts *opts, struct table **out)
{
	const struct listing_view only = { .cols = cmds[id].cols };

	return listing_new_view(id, &only, o, opts, out);
}

int listing_print(struct table *t, int err)
{
	err = err ?: table__print(t, stdout);
	table__free(t);
	return err ? cannot(err) : MSITRACE_EXIT_CLEAN;
}

/* Both kinds of tables print JSON as text.  */
static int add_lists(struct json_object *doc, const char *text)
{
	struct json_object *top = json_tokener_parse(text);

	if (!top)
		return -ENOMEM;
	json_object_object_foreach(top, name, list)
		json_object_object_add(doc, name, json_object_get(list));
	json_object_put(top);
	return 0;
}

int listing_join(struct table *t, int err, struct json_object *doc)
{
	__cleanup_free char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		err = err ?: -errno;
	err = err ?: table__print(t, out);
	if (out)
		fclose(out);
	table__free(t);
	err = err ?: add_lists(doc, text);
	return err ? cannot(err) : 0;
}
