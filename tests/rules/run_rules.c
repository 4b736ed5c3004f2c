// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs every trace of tests/rules/RULE/ and compares with what it expects; TAP.
 *
 *	run_rules [-v] DIR [RULE]
 *
 * A finding of a rule that the trace does not expect to fail is a failure, whatever the trace is
 *about. Every rule needs pass.trace, fail.trace and skip.trace.
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace_text.h"

struct run {
	bool verbose;
	unsigned int nr, failed;
	struct trace_text tt;
	bool *found;		/* expected messages that came, ORDER: tt.expects */
	const char *bad;	/* what is wrong with a finding, whatever the rule */
};

static void ok(struct run *run, bool good, const char *name, const char *why)
{
	run->nr++;
	run->failed += !good;
	printf("%sok %u - %s\n", good ? "" : "not ", run->nr, name);
	if (!good)
		printf("# %s\n", why);
}

static bool says(const struct finding_moment *fm, const char *text)
{
	char buf[128];

	snprintf(buf, sizeof(buf), "%s%s", fm->what, fm->before_attach ? " (before attach)" : "");
	return strstr(buf, text);
}

static bool has_life(const struct finding *f, const char *text)
{
	for (uint32_t i = 0; i < f->nr_life; i++)
		if (says(&f->life[i], text))
			return true;
	return says(&f->offence, text) || (f->has_setup && says(&f->setup, text));
}

/* What holds for every finding of every rule.  */
static const char *flaw(const struct finding *f)
{
	if (!f->message[0] || !f->object[0] || !f->offence.what)
		return "a finding without message, object or offence";
	if (strstr(f->message, "ffff8") || strstr(f->object, "ffff8"))
		return "a finding that shows a kernel pointer";
	if (strlen(f->message) == sizeof(f->message) - 1)
		return "a message that was cut";
	if (!f->offence.ts_ns || !f->offence.comm[0])
		return "an offence without time or task";
	for (uint32_t i = 0; i < f->nr_life; i++) {
		const struct finding_moment *fm = &f->life[i];

		if (!fm->before_attach && (!fm->ts_ns || !fm->comm[0]))
			return "a moment without time or task";
		if (fm->before_attach && (fm->ts_ns || fm->nr || (i && !fm[-1].before_attach)))
			return "a moment before attach with a time, a stack, or out of order";
		if (i && !fm[-1].before_attach && fm[-1].ts_ns > fm->ts_ns)
			return "a life that does not begin with the oldest moment";
	}
	return NULL;
}

static void on_finding(void *ctx, const struct finding *f)
{
	struct run *run = ctx;

	if (!run->bad)
		run->bad = flaw(f);
	for (size_t i = 0; i < run->tt.nr_expects; i++) {
		const struct expectation *ex = &run->tt.expects[i];

		if (((ex->kind == EXPECT_MESSAGE || ex->kind == EXPECT_UNSAID) &&
		     (strstr(f->message, ex->text) || strstr(f->object, ex->text) || strstr(f->held, ex->text))) ||
		    (ex->kind == EXPECT_LIFE && has_life(f, ex->text)))
			run->found[i] = true;
	}
	if (!run->verbose)
		return;
	printf("# %s: %s\n#   object: %s\n#   held by: %s\n", f->rule->id, f->message, f->object, f->held);
	if (f->has_setup)
		printf("#   setup: %s%s\n", f->setup.what,
		       f->setup.before_attach ? " (before attach)" : "");
	for (uint32_t i = 0; i < f->nr_life; i++)
		printf("#   life: %s%s\n", f->life[i].what,
		       f->life[i].before_attach ? " (before attach)" : "");
}

static const struct rule_result *result_of(const struct rule_result *res, size_t nr, const char *id)
{
	for (size_t i = 0; i < nr; i++)
		if (!strcmp(res[i].rule->id, id))
			return &res[i];
	return NULL;
}

static const struct expectation *verdict_expected(const struct trace_text *tt, const char *id)
{
	for (size_t i = 0; i < tt->nr_expects; i++)
		if (tt->expects[i].kind == EXPECT_VERDICT && !strcmp(tt->expects[i].rule, id))
			return &tt->expects[i];
	return NULL;
}

static bool any_reason(const struct rule_result *res, size_t nr, const char *text)
{
	for (size_t i = 0; i < nr; i++)
		if (strstr(res[i].reason, text))
			return true;
	return false;
}

static bool compare(struct run *run, const struct rule_result *res, size_t nr, char *why,
		    size_t size)
{
	const struct trace_text *tt = &run->tt;

	if (run->bad) {
		snprintf(why, size, "%s", run->bad);
		return false;
	}
	for (size_t i = 0; i < tt->nr_expects; i++) {
		const struct expectation *ex = &tt->expects[i];
		const struct rule_result *rr = result_of(res, nr, ex->rule);

		if ((ex->kind == EXPECT_MESSAGE || ex->kind == EXPECT_LIFE) && !run->found[i]) {
			snprintf(why, size, "line %u: no finding says \"%s\"", ex->line, ex->text);
			return false;
		}
		if (ex->kind == EXPECT_UNSAID && run->found[i]) {
			snprintf(why, size, "line %u: a finding or note says \"%s\"", ex->line, ex->text);
			return false;
		}
		if (ex->kind == EXPECT_REASON && !any_reason(res, nr, ex->text)) {
			snprintf(why, size, "line %u: no reason says \"%s\"", ex->line, ex->text);
			return false;
		}
		if (ex->kind == EXPECT_KNOWN && rr->known != ex->nr) {
			snprintf(why, size, "line %u: %llu known findings, not %llu", ex->line,
				 (unsigned long long)rr->known, (unsigned long long)ex->nr);
			return false;
		}
		if (ex->kind != EXPECT_VERDICT)
			continue;
		if (rr->verdict != ex->verdict ||
		    (ex->verdict == VERDICT_FAIL && rr->findings != ex->nr)) {
			snprintf(why, size,
				 "line %u: %s is %s with %llu findings, %llu judged (%s)", ex->line,
				 ex->rule, verdict_name(rr->verdict),
				 (unsigned long long)rr->findings, (unsigned long long)rr->judged,
				 rr->reason);
			return false;
		}
	}
	for (size_t i = 0; i < nr; i++) {
		const struct expectation *ex = verdict_expected(tt, res[i].rule->id);

		if (res[i].findings && (!ex || ex->verdict != VERDICT_FAIL)) {
			snprintf(why, size, "%s fires, and nobody expects it", res[i].rule->id);
			return false;
		}
	}
	return true;
}

static bool judge(struct run *run, char *why, size_t size)
{
	const struct msi_validator_opts opts = { .sz = sizeof(opts),
						 .finding = on_finding,
						 .ctx = run,
						 .values = run->tt.values,
						 .nr_values = run->tt.nr_values };
	const struct rule_result *res;
	struct msi_validator *v;
	bool good;
	size_t nr;

	if (msi_validator__new(&opts, &v)) {
		snprintf(why, size, "no validator");
		return false;
	}
	for (size_t i = 0; i < run->tt.nr_events; i++)
		msi_validator__feed(v, run->tt.events[i]);
	msi_validator__finish(v);
	res = msi_validator__results(v, &nr);
	good = compare(run, res, nr, why, size);
	msi_validator__free(v);
	return good;
}

static void one_trace(struct run *run, const char *path, const char *name, const char *rule)
{
	char why[320] = "";
	bool good = false;

	if (trace_text__read(&run->tt, path)) {
		snprintf(why, sizeof(why), "%s",
			 run->tt.error[0] ? run->tt.error : "cannot be read");
	} else if (!verdict_expected(&run->tt, rule)) {
		snprintf(why, sizeof(why), "no \"expect VERDICT %s\"", rule);
	} else {
		run->bad = NULL;
		run->found = calloc(run->tt.nr_expects + 1, sizeof(*run->found));
		good = run->found && judge(run, why, sizeof(why));
		free(run->found);
	}
	ok(run, good, name, why);
	trace_text__free(&run->tt);
}

static int is_trace(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return len > 6 && !strcmp(d->d_name + len - 6, ".trace");
}

static void one_rule(struct run *run, const char *dir, const char *id)
{
	static const char *const required[] = { "pass.trace", "fail.trace", "skip.trace" };
	char path[512], name[300];
	struct dirent **list;
	int nr;

	snprintf(path, sizeof(path), "%s/%s", dir, id);
	nr = scandir(path, &list, is_trace, alphasort);
	for (int i = 0; i < nr; i++) {
		snprintf(path, sizeof(path), "%s/%s/%s", dir, id, list[i]->d_name);
		snprintf(name, sizeof(name), "%s/%s", id, list[i]->d_name);
		one_trace(run, path, name, id);
	}
	for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
		bool there = false;

		for (int j = 0; j < nr; j++)
			there |= !strcmp(list[j]->d_name, required[i]);
		if (!there) {
			snprintf(name, sizeof(name), "%s has %s", id, required[i]);
			ok(run, false, name, "it is missing");
		}
	}
	for (int i = 0; i < nr; i++)
		free(list[i]);
	if (nr >= 0)
		free(list);
}

int main(int argc, char **argv)
{
	struct run run = { 0 };
	const struct rule *const *rules;
	int arg = 1;
	size_t nr;

	if (arg < argc && !strcmp(argv[arg], "-v")) {
		run.verbose = true;
		arg++;
	}
	if (arg >= argc) {
		fprintf(stderr, "usage: run_rules [-v] DIR [RULE]\n");
		return 64;
	}
	rules = msi_rules(&nr);
	for (size_t i = 0; i < nr; i++)
		if (arg + 1 >= argc || !strcmp(argv[arg + 1], rules[i]->id))
			one_rule(&run, argv[arg], rules[i]->id);
	printf("1..%u\n", run.nr);
	return run.failed != 0;
}
