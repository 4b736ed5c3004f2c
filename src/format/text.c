// SPDX-License-Identifier: GPL-2.0-only
/* Text for people: what its parts share, and its table.  The parts are in text_*.c.  */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "format/text.h"

#define MAIL_WIDTH 100

/* ORDER enum text_colour */
static const char *const sgr[] = {
	"", "\033[2m", "\033[1m", "\033[1;31m", "\033[33m", "\033[32m",
	"\033[32m", "\033[36m", "\033[34m", "\033[35m",
};
_Static_assert(ARRAY_SIZE(sgr) == COL_MAX, "one sequence per colour");

void text_colour(const struct format_env *env, enum text_colour col)
{
	if (env->colour)
		fputs(sgr[col], env->out);
}

void text_uncolour(const struct format_env *env, enum text_colour col)
{
	if (env->colour && col != COL_NONE)
		fputs("\033[0m", env->out);
}

unsigned int text_width(const struct format_env *env)
{
	unsigned int width = env->width ? env->width : 80;

	return width < 40 ? 40 : width > MAIL_WIDTH ? MAIL_WIDTH : width;
}

void text_wrap(const struct format_env *env, unsigned int indent, const char *label,
	       unsigned int hang, const char *text)
{
	unsigned int width = text_width(env), pos = indent + (unsigned int)strlen(label);
	bool first = true;	/* of this line */

	fprintf(env->out, "%*s%s", (int)indent, "", label);
	for (;;) {
		unsigned int gap;
		size_t len, shown;

		while (isspace((unsigned char)*text))
			text++;
		if (!*text)
			break;
		for (len = 0; text[len] && !isspace((unsigned char)text[len]); )
			len++;
		shown = escaped_len(text, len);
		if (!first && pos + 1 + shown > width) {
			fputc('\n', env->out);
			pos = 0;
			first = true;
		}
		gap = first && pos < hang ? hang - pos : !first || label[0] ? 1 : 0;
		fprintf(env->out, "%*s", (int)gap, "");
		put_escaped(env->out, text, len);
		pos += gap + (unsigned int)shown;
		text += len;
		first = false;
	}
	fputc('\n', env->out);
}

char *text_task(char *buf, size_t size, const char *comm, uint32_t tid)
{
	char esc[STR_ESCAPED(MSI_COMM_LEN)];

	str_escape(esc, sizeof(esc), comm, MSI_COMM_LEN);
	if (tid || esc[0])
		snprintf(buf, size, "%s[%" PRIu32 "]", esc[0] ? esc : "?", tid);
	else
		str_copy(buf, size, "-");
	return buf;
}

static void print_words(FILE *out, const char *what, const char *const *words)
{
	fprintf(out, ", %s", what);
	for (; *words; words++) {
		fputc(' ', out);
		put_escaped(out, *words, STR_ALL);
	}
}

static int text_begin(struct format *f, const struct trace_info *ti)
{
	const struct format_env *env = f->env;
	__cleanup_free struct text *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->names = names__new();
	if (!t->names)
		return -ENOMEM;
	text_colour(env, COL_DIM);
	fprintf(env->out, "msitrace %s %s", ti->tool_version, ti->command);
	if (ti->release && ti->release[0])
		print_words(env->out, "kernel", (const char *const[]){ ti->release, NULL });
	if (ti->argv && ti->argv[0])
		print_words(env->out, "command", ti->argv);
	text_uncolour(env, COL_DIM);
	fputc('\n', env->out);
	f->priv = TAKE_PTR(t);
	return file_flush(env->out);
}

static int end(struct format *f, const struct trace_summary *sum)
{
	struct text *t = f->priv;
	int err = text_end(f, sum);

	if (t)
		names__free(t->names);
	free(t);
	f->priv = NULL;
	return err;
}

const struct format_ops format_text = {
	.name = "text",
	.summary =
		"for people: a line per event, findings with their stacks, pictures of histograms",
	.begin = text_begin,
	.event = text_event,
	.finding = text_finding,
	.stats = text_stats,
	.end = end,
};
