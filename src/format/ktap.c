// SPDX-License-Identifier: GPL-2.0-only
/*
 * KTAP version 1 (Documentation/dev-tools/ktap.rst of the kernel): one test point per rule.  The
 * plan comes first and findings stand before their point, so findings are kept until the end.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "format/words.h"

#define KEPT_MAX 1000		/* findings; the validator has taken repeats out already */

struct kept {
	const struct rule *rule;
	const char *known;	/* a literal of the validator's */
	char *lines;		/* diagnostics, complete lines */
	struct kept *next;
};

struct ktap {
	struct kept *first, **last;
	uint64_t nr, dropped;
};

/* One "# " line; what is untrusted in it is escaped, so that it stays one.  */
static void put_line(FILE *out, const char *label, const char *text, size_t max)
{
	fprintf(out, "# %s", label);
	put_escaped(out, text, max);
	fputc('\n', out);
}

static void put_symbol(FILE *out, const struct symbol *sym, bool blamed)
{
	char name[FRAME_LEN], source[FRAME_LEN];

	for (unsigned int i = 0; i < sym->nr_inlined; i++) {
		const struct inlined *in = &sym->inlined[i];

		fprintf(out, "#     %s (inlined)%s\n", str_escape(name, sizeof(name), in->name, STR_ALL),
			words_source(source, sizeof(source), in->file, in->line, FRAME_LEN));
	}
	fprintf(out, "#   %c %s%s\n", blamed ? '>' : ' ', words_symbol(name, sizeof(name), sym, true),
		words_source(source, sizeof(source), sym->file, sym->line, FRAME_LEN));
}

static void put_frame(FILE *out, const struct format_env *env, uint64_t ip, bool innermost, bool blamed)
{
	struct symbol sym;

	if (!frame_symbol(env, ip, innermost, &sym)) {
		frame_source(env, ip, innermost, &sym);
		put_symbol(out, &sym, blamed);
	} else if (env->verbose) {
		fprintf(out, "#     0x%" PRIx64 "\n", ip);
	} else {
		fputs("#     ?\n", out);
	}
}

static void put_moment(FILE *out, const struct format_env *env, const struct finding_moment *m,
		       bool offence)
{
	int culprit = offence ? stack_culprit(env, m->ip, m->nr) : -1;

	put_line(out, "  ", m->what ? m->what : "seen", STR_ALL);
	if (m->before_attach) {
		put_line(out, "    ", "existed before msitrace attached", STR_ALL);
		return;
	}
	fprintf(out, "#     uptime %" PRIu64 ".%06" PRIu64 " by ", m->ts_ns / 1000000000,
		m->ts_ns / 1000 % 1000000);
	put_escaped(out, m->comm, sizeof(m->comm));
	fprintf(out, "[%" PRIu32 "]\n", m->tid);
	for (uint32_t i = 0; i < m->nr && i < MSI_STACK_MAX; i++)
		put_frame(out, env, m->ip[i], i == 0, (int)i == culprit);
}

static void put_finding(FILE *out, const struct format_env *env, const struct finding *fd)
{
	fprintf(out, "# %s %" PRIu64 ": %s (%s) device ", fd->note ? "note" : "finding", fd->nr, fd->rule->id,
		fd->note ? "no finding" : severity_name(fd->rule->severity));
	put_escaped(out, fd->device[0] ? fd->device : "unknown", sizeof(fd->device));
	fputs(" driver ", out);
	put_escaped(out, fd->driver[0] ? fd->driver : "none", sizeof(fd->driver));
	fputc('\n', out);
	put_line(out, "  ", fd->message, sizeof(fd->message));
	if (fd->object[0])
		put_line(out, "  object: ", fd->object, sizeof(fd->object));
	if (fd->held[0])
		put_line(out, "  held by: ", fd->held, sizeof(fd->held));
	if (fd->known)
		put_line(out, "  known: ", fd->known_text ? fd->known_text : fd->known, STR_ALL);
	put_moment(out, env, &fd->offence, true);
	if (fd->has_setup)
		put_moment(out, env, &fd->setup, false);
	for (uint32_t i = 0; i < fd->nr_more && i < FINDING_MORE_MAX; i++)
		put_moment(out, env, &fd->more[i], false);
	if (fd->rule->advice && !fd->note)
		put_line(out, "  next: ", fd->rule->advice, STR_ALL);
}

static void free_kept(struct kept *k)
{
	free(k->lines);
	free(k);
}

static int ktap_finding(struct format *f, const struct finding *fd)
{
	struct ktap *t = f->priv;
	struct kept *k;
	size_t size;
	FILE *mem;

	if (t->nr == KEPT_MAX) {
		t->dropped++;
		return 0;
	}
	k = calloc(1, sizeof(*k));
	mem = k ? open_memstream(&k->lines, &size) : NULL;
	if (!mem) {
		free(k);
		return -ENOMEM;
	}
	put_finding(mem, f->env, fd);
	if (fclose(mem)) {
		free_kept(k);
		return -ENOMEM;
	}
	k->rule = fd->rule;
	k->known = fd->known;
	*t->last = k;
	t->last = &k->next;
	t->nr++;
	return 0;
}

static int ktap_begin(struct format *f, const struct trace_info *ti)
{
	struct ktap *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->last = &t->first;
	f->priv = t;
	fputs("KTAP version 1\n", f->env->out);
	put_line(f->env->out, "msitrace ", ti->tool_version, STR_ALL);
	if (ti->release && ti->release[0])
		put_line(f->env->out, "kernel ", ti->release, STR_ALL);
	return file_flush(f->env->out);
}

/* Prints what was kept for a rule; the known bug that its findings are, NULL if none is.  */
static const char *put_kept(FILE *out, const struct ktap *t, const struct rule *rule)
{
	const char *known = NULL;

	for (const struct kept *k = t->first; k; k = k->next) {
		if (k->rule != rule)
			continue;
		fputs(k->lines, out);
		if (!known)
			known = k->known;
	}
	return known;
}

/* '#' begins a directive, so a reason must not have another.  */
static void put_reason(FILE *out, const char *reason, size_t max)
{
	for (size_t i = 0; i < max && reason[i]; i++)
		put_escaped(out, reason[i] == '#' ? "=" : reason + i, 1);
	fputc('\n', out);
}

static void put_point(FILE *out, const struct ktap *t, size_t nr, const struct rule_result *r)
{
	const char *known = put_kept(out, t, r->rule);

	switch (r->verdict) {
	case VERDICT_PASS:
		fprintf(out, "ok %zu %s\n", nr, r->rule->id);
		return;
	case VERDICT_NA:
		fprintf(out, "ok %zu %s # SKIP ", nr, r->rule->id);
		put_reason(out, r->reason, sizeof(r->reason));
		return;
	case VERDICT_INCONCLUSIVE:
		fprintf(out, "not ok %zu %s # inconclusive: ", nr, r->rule->id);
		put_reason(out, r->reason, sizeof(r->reason));
		return;
	case VERDICT_FAIL:
		break;
	}
	fprintf(out, "not ok %zu %s", nr, r->rule->id);
	if (known && r->known >= r->findings)	/* all of them */
		fprintf(out, " # known %s", known);
	fputc('\n', out);
}

static void put_totals(FILE *out, const struct trace_summary *sum)
{
	size_t by[VERDICT_INCONCLUSIVE + 1] = { 0 };
	char status[WORDS_LEN];

	for (size_t i = 0; i < sum->nr_results; i++)
		by[sum->results[i].verdict]++;
	fprintf(out, "# events %" PRIu64 ", lost %" PRIu64 ", findings %" PRIu64 ", verdict %s\n",
		sum->events, sum->lost, sum->findings,
		sum->judged ? verdict_name(sum->verdict) : "none");
	if (sum->has_command)
		fprintf(out, "# the command %s\n",
			words_status(status, sizeof(status), sum->command_status));
	fprintf(out, "# Totals: pass:%zu fail:%zu xfail:0 xpass:0 skip:%zu error:%zu\n",
		by[VERDICT_PASS], by[VERDICT_FAIL], by[VERDICT_NA], by[VERDICT_INCONCLUSIVE]);
}

static int ktap_end(struct format *f, const struct trace_summary *sum)
{
	struct ktap *t = f->priv;
	FILE *out = f->env->out;

	fprintf(out, "1..%zu\n", sum->nr_results);
	for (size_t i = 0; i < sum->nr_results; i++)
		put_point(out, t, i + 1, &sum->results[i]);
	if (t->dropped)
		fprintf(out, "# %" PRIu64 " more findings are not shown\n", t->dropped);
	put_totals(out, sum);
	while (t->first) {
		struct kept *k = t->first;

		t->first = k->next;
		free_kept(k);
	}
	free(t);
	f->priv = NULL;
	return file_flush(out);
}

const struct format_ops format_ktap = {
	.name = "ktap",
	.summary = "KTAP version 1: one test point per rule, for CI",
	.begin = ktap_begin,
	.finding = ktap_finding,
	.end = ktap_end,
};
