// SPDX-License-Identifier: GPL-2.0-only
/* A finding, to be read in a terminal and pasted into a mail.  */
#include <inttypes.h>
#include <string.h>

#include "base/util.h"
#include "format/text.h"

#define HANG 12			/* column of the text behind labels */

/* One of the two stacks, as lines.  */
struct column {
	unsigned int nr, width;
	char line[4 * MSI_STACK_MAX][FRAME_LEN];	/* with inlined functions */
};

static char *column_line(struct column *c)
{
	return c->nr < ARRAY_SIZE(c->line) ? c->line[c->nr] : NULL;
}

static void column_done(struct column *c)
{
	unsigned int width = (unsigned int)strlen(c->line[c->nr++]);

	if (width > c->width)
		c->width = width;
}

static void add_text(struct column *c, const char *text)
{
	if (!column_line(c))
		return;
	str_escape(column_line(c), FRAME_LEN, text, STR_ALL);
	column_done(c);
}

/* Appends a source line, of its path what fits on the line.  */
static void add_source(struct column *c, const struct format_env *env, const char *file, unsigned int line)
{
	size_t len = strlen(column_line(c)), width = text_width(env) - 2;

	words_source(column_line(c) + len, FRAME_LEN - len, file, line, width > len ? width - len : 0);
}

static void add_inlined(struct column *c, const struct format_env *env, const struct inlined *in)
{
	char name[FRAME_LEN - 64];

	if (!column_line(c))
		return;
	snprintf(column_line(c), FRAME_LEN, "  %s (inlined)", str_escape(name, sizeof(name), in->name, STR_ALL));
	add_source(c, env, in->file, in->line);
	column_done(c);
}

static void add_frame(struct column *c, const struct format_env *env, uint64_t ip,
		      const struct symbol *sym, bool blamed)
{
	const char *lead = blamed ? "> " : "  ";
	char name[FRAME_LEN - 32];

	for (unsigned int i = 0; sym && i < sym->nr_inlined; i++)
		add_inlined(c, env, &sym->inlined[i]);
	if (!column_line(c))
		return;
	if (sym)
		words_symbol(name, sizeof(name), sym, true);
	else
		str_copy(name, sizeof(name), "?");
	if (env->verbose)
		snprintf(column_line(c), FRAME_LEN, "%s%s (0x%" PRIx64 ")", lead, name, ip);
	else
		snprintf(column_line(c), FRAME_LEN, "%s%s", lead, name);
	if (sym)
		add_source(c, env, sym->file, sym->line);
	column_done(c);
}

/*
 * Frames that are the same in every stack are folded: those of system call entry and thread start
 * below the last interesting one, and those of our own programs.
 */
static void add_stack(struct column *c, const struct format_env *env,
		      const struct finding_moment *m, bool offence)
{
	int culprit = offence ? stack_culprit(env, m->ip, m->nr) : -1;
	struct symbol sym[MSI_STACK_MAX];
	bool known[MSI_STACK_MAX];
	uint32_t nr = m->nr < MSI_STACK_MAX ? m->nr : MSI_STACK_MAX, keep, folded = 0;

	for (uint32_t i = 0; i < nr; i++)
		known[i] = !frame_symbol(env, m->ip[i], i == 0, &sym[i]);
	keep = nr;
	while (!env->verbose && keep > 1 && known[keep - 1] && frame_is_bottom(&sym[keep - 1]))
		keep--;
	for (uint32_t i = 0; i < keep; i++) {
		if (!env->verbose && known[i] && frame_is_ours(&sym[i])) {
			folded++;
			continue;
		}
		if (known[i])
			frame_source(env, m->ip[i], i == 0, &sym[i]);
		add_frame(c, env, m->ip[i], known[i] ? &sym[i] : NULL, (int)i == culprit);
	}
	folded += nr - keep;
	if (folded && column_line(c)) {
		snprintf(column_line(c), FRAME_LEN, "  (%" PRIu32 " more frame%s, shown with -v)",
			 folded, folded == 1 ? "" : "s");
		column_done(c);
	}
}

/* "by modprobe[123], 12.3 ms earlier", or without an origin "uptime 12.345678".  */
static void add_who(struct column *c, const struct finding_moment *m,
		    const struct finding_moment *origin)
{
	char task[TASK_LEN], when[WORDS_LEN];

	if (!column_line(c))
		return;
	text_task(task, sizeof(task), m->comm, m->tid);
	if (origin)
		words_ns(when, sizeof(when),
			 origin->ts_ns > m->ts_ns ? origin->ts_ns - m->ts_ns : 0);
	else
		snprintf(when, sizeof(when), "%" PRIu64 ".%06" PRIu64, m->ts_ns / 1000000000,
			 m->ts_ns / 1000 % 1000000);
	snprintf(column_line(c), FRAME_LEN, origin ? "by %s, %s earlier" : "by %s, uptime %s", task,
		 when);
	column_done(c);
}

static void add_no_stack(struct column *c, const struct finding_moment *m)
{
	char text[96];

	snprintf(text, sizeof(text), "  %.*s (no stack)", (int)sizeof(m->func),
		 m->func[0] ? m->func : "?");
	add_text(c, text);
}

static void fill_column(struct column *c, const struct format_env *env,
			const struct finding_moment *m, const struct finding_moment *origin)
{
	char what[FRAME_LEN];

	c->nr = c->width = 0;
	snprintf(what, sizeof(what), "%s:", m->what ? m->what : "seen");
	add_text(c, what);
	if (m->before_attach) {
		add_text(c, "existed before msitrace attached");
		return;
	}
	add_who(c, m, origin);
	if (m->nr)
		add_stack(c, env, m, !origin);
	else
		add_no_stack(c, m);
}

static void print_column(const struct format_env *env, const struct column *c)
{
	for (unsigned int i = 0; i < c->nr; i++) {
		text_colour(env, i ? COL_NONE : COL_BOLD);
		fprintf(env->out, "  %s", c->line[i]);
		text_uncolour(env, i ? COL_NONE : COL_BOLD);
		fputc('\n', env->out);
	}
}

static void print_both(const struct format_env *env, const struct column *a, const struct column *b)
{
	unsigned int nr = a->nr > b->nr ? a->nr : b->nr;

	for (unsigned int i = 0; i < nr; i++) {
		const char *left = i < a->nr ? a->line[i] : "",
			   *right = i < b->nr ? b->line[i] : "";

		if (*right)
			fprintf(env->out, "  %-*s   %s\n", (int)a->width, left, right);
		else
			fprintf(env->out, "  %s\n", left);
	}
}

/* Side by side where both fit, else one after the other.  */
static void print_two_stacks(const struct format_env *env, const struct finding *fd)
{
	struct column offence, setup;

	fill_column(&offence, env, &fd->offence, NULL);
	if (!fd->has_setup) {
		print_column(env, &offence);
		return;
	}
	fill_column(&setup, env, &fd->setup, &fd->offence);
	if (2 + offence.width + 3 + setup.width <= text_width(env)) {
		print_both(env, &offence, &setup);
		return;
	}
	print_column(env, &offence);
	fputc('\n', env->out);
	print_column(env, &setup);
}

static void print_stacks(const struct format_env *env, const struct finding *fd)
{
	uint32_t nr = fd->nr_more < FINDING_MORE_MAX ? fd->nr_more : FINDING_MORE_MAX;
	struct column more;

	print_two_stacks(env, fd);
	for (uint32_t i = 0; i < nr; i++) {
		fputc('\n', env->out);
		fill_column(&more, env, &fd->more[i], &fd->offence);
		print_column(env, &more);
	}
}

/* One step: when, what, by whom and where.  */
static void print_step(const struct format_env *env, const struct finding_moment *m,
		       uint64_t origin_ns, int width)
{
	const char *what = m->what ? m->what : "";
	char when[WORDS_LEN], task[TASK_LEN];

	if (m->before_attach) {
		fprintf(env->out, "  %9s  %-*s  existed before msitrace attached\n", "before",
			width, what);
		return;
	}
	words_signed_ns(when, sizeof(when), m->ts_ns, origin_ns);
	fprintf(env->out, "  %9s  %-*s  by %s", when, width, what,
		text_task(task, sizeof(task), m->comm, m->tid));
	if (m->func[0]) {
		fputs(" in ", env->out);
		put_escaped(env->out, m->func, sizeof(m->func));
	}
	fputc('\n', env->out);
}

static void print_life(const struct format_env *env, const struct finding *fd)
{
	uint32_t nr = fd->nr_life < FINDING_LIFE_MAX ? fd->nr_life : FINDING_LIFE_MAX;
	int width = 0;

	for (uint32_t i = 0; i < nr; i++) {
		int len = fd->life[i].what ? (int)strlen(fd->life[i].what) : 0;

		width = len > width ? len : width;
	}
	if (nr)
		fputs("\n  life of the object:\n", env->out);
	for (uint32_t i = 0; i < nr; i++)
		print_step(env, &fd->life[i], fd->offence.ts_ns, width);
}

static void print_headline(const struct format_env *env, struct text *t, const struct finding *fd)
{
	char head[96 + 2 * MSI_NAME_LEN + 64], name[NAME_LEN];
	size_t len;

	len = (size_t)snprintf(head, sizeof(head), "%s (%s)", fd->rule->id,
			       fd->note ? "no finding" : severity_name(fd->rule->severity));
	len = len < sizeof(head) ? len : sizeof(head) - 1;
	if (fd->device[0])
		snprintf(head + len, sizeof(head) - len, "  dev %.*s (%.*s)", MSI_NAME_LEN,
			 fd->device, MSI_NAME_LEN, fd->driver[0] ? fd->driver : "no driver");
	else if (fd->dev)
		snprintf(head + len, sizeof(head) - len, "  dev %s",
			 names__get(t->names, "dev", fd->dev, name));
	fprintf(env->out, "%s %" PRIu64 ": ", fd->note ? "NOTE" : "FINDING", fd->nr);
	put_escaped(env->out, head, sizeof(head));
}

static void print_known(const struct format_env *env, const struct finding *fd)
{
	char text[256];

	if (!fd->known)
		return;
	snprintf(text, sizeof(text), "%s%s%s", fd->known, fd->known_text ? ": " : "",
		 fd->known_text ? fd->known_text : "");
	text_colour(env, COL_KNOWN);
	text_wrap(env, 2, "known:", HANG, text);
	text_uncolour(env, COL_KNOWN);
}

static void wrap_if(const struct format_env *env, const char *label, const char *text)
{
	if (text && *text)
		text_wrap(env, 2, label, HANG, text);
}

/* "by sh[101] in nvme_probe() [nvme], uptime 12.345678" */
static void print_blame(const struct format_env *env, const struct finding_moment *m)
{
	int i = stack_culprit(env, m->ip, m->nr);
	char text[FRAME_LEN], task[TASK_LEN];
	struct symbol sym;
	size_t len;

	len = (size_t)snprintf(text, sizeof(text), "%s", text_task(task, sizeof(task), m->comm, m->tid));
	if (i >= 0 && len < sizeof(text) && !frame_symbol(env, m->ip[i], i == 0, &sym))
		len += (size_t)snprintf(text + len, sizeof(text) - len, " in %s()%s%s%s", sym.name, sym.module[0] ? " [" : "",
					sym.module, sym.module[0] ? "]" : "");
	if (len < sizeof(text))
		snprintf(text + len, sizeof(text) - len, ", uptime %" PRIu64 ".%06" PRIu64, m->ts_ns / 1000000000,
			 m->ts_ns / 1000 % 1000000);
	text_wrap(env, 2, "by:", HANG, text);
}

static int finish_brief(const struct format_env *env, const struct finding *fd)
{
	print_blame(env, &fd->offence);
	if (fd->has_setup && !fd->setup.before_attach) {
		text_wrap(env, 2, "before:", HANG, fd->setup.what);
		print_blame(env, &fd->setup);
	}
	return file_flush(env->out);
}

int text_finding(struct format *f, const struct finding *fd)
{
	const struct format_env *env = f->env;
	struct text *t = f->priv;

	if (!t->blank)
		fputc('\n', env->out);
	t->blank = true;
	text_colour(env, fd->note ? COL_BOLD : COL_FINDING);
	print_headline(env, t, fd);
	text_uncolour(env, fd->note ? COL_BOLD : COL_FINDING);
	fputc('\n', env->out);
	text_wrap(env, 2, "", 2, fd->message);
	wrap_if(env, "object:", fd->object);
	wrap_if(env, "held by:", fd->held);
	print_known(env, fd);
	t->blank = !env->brief;
	if (env->brief)
		return finish_brief(env, fd);
	fputc('\n', env->out);
	print_stacks(env, fd);
	print_life(env, fd);
	fputc('\n', env->out);
	if (!fd->note) {
		wrap_if(env, "requires:", fd->rule->doc);
		wrap_if(env, "next:", fd->rule->advice);
	}
	fputc('\n', env->out);
	return file_flush(env->out);
}
