// SPDX-License-Identifier: GPL-2.0-only
/* `check`: the rules on a live kernel, and a verdict.  */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/util.h"
#include "session.h"

static void on_finding(void *ctx, const struct finding *f)
{
	struct session *s = ctx;

	if (s->format.ops->finding && !s->write_err)
		s->write_err = s->format.ops->finding(&s->format, f);
}

/* What the rules that run look at, and what tells the life of the objects that they name.  */
static event_mask_t events_for(const struct options *o)
{
	event_mask_t ev = EV(INSERT) | EV(DESC_FREE) | EV(ASSOC) | EV(IRQ_FREE) | EV(ACTIVATE) |
			  EV(REQUEST) | EV(BIND) | EV(LOCK) | EV(UNLOCK) | EV(AFF) | EV(AFF_ASK) |
			  EV(MATRIX_IRQS);
	const struct rule *const *rules;
	size_t i, k, nr;
	bool run;

	rules = msi_rules(&nr);
	for (i = 0; i < nr; i++) {
		run = !o->nr_rules;
		for (k = 0; k < o->nr_rules; k++)
			run |= !strcmp(rules[i]->id, o->rules[k]);
		if (run)
			ev |= rules[i]->wants | rules[i]->needs | rules[i]->needs_any[0] |
			      rules[i]->needs_any[1] | rules[i]->uses;
	}
	return ev;
}

static int check_rules(const struct options *o)
{
	size_t i;

	for (i = 0; i < o->nr_rules; i++) {
		if (msi_rule(o->rules[i]))
			continue;
		pr_err("no rule '%s'; msitrace rules lists them\n", o->rules[i]);
		return MSITRACE_EXIT_USAGE;
	}
	return 0;
}

/* "a, b" */
static void param_names(const struct rule *r, char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (int i = 0; i < RULE_PARAMS_MAX && r->params[i].name && n < size; i++)
		n += snprintf(buf + n, size - n, "%s%s", i ? ", " : "", r->params[i].name);
}

/* RULE.NAME=NUMBER, cut in place.  */
static int parse_set(char *s, struct rule_value *out)
{
	char *dot = strchr(s, '.'), *eq = strchr(s, '='), *end, names[160];
	const struct rule *r;

	if (!dot || !eq || eq < dot) {
		pr_err("--set %s: not RULE.NAME=NUMBER\n", s);
		return MSITRACE_EXIT_USAGE;
	}
	*dot = *eq = '\0';
	*out = (struct rule_value){ .rule = s, .param = dot + 1 };
	r = msi_rule(s);
	if (!r) {
		pr_err("--set: no rule '%s'; msitrace rules lists them\n", s);
		return MSITRACE_EXIT_USAGE;
	}
	if (msi_rule_param(r, out->param) < 0) {
		param_names(r, names, sizeof(names));
		pr_err("--set: %s has no parameter '%s'; it has %s\n", s, out->param,
		       names[0] ? names : "none");
		return MSITRACE_EXIT_USAGE;
	}
	errno = 0;
	out->value = strtoull(eq + 1, &end, 10);
	if (errno || !isdigit((unsigned char)eq[1]) || *end) {
		pr_err("--set %s.%s=%s: not a whole number\n", s, out->param, eq + 1);
		return MSITRACE_EXIT_USAGE;
	}
	return 0;
}

/* The copies live as long as the values, until the program ends.  */
static int parse_sets(const struct options *o, struct rule_value *values)
{
	int ret = 0;
	char *copy;

	for (size_t i = 0; !ret && i < o->nr_sets; i++) {
		copy = strdup(o->sets[i]);
		if (!copy) {
			pr_err("%s\n", errstr(-ENOMEM));
			return MSITRACE_EXIT_CANNOT_RUN;
		}
		ret = parse_set(copy, &values[i]);
	}
	return ret;
}

/* Hooks that cost something are attached only if a rule is given a limit that it needs them for.  */
static unsigned int asked_use(const struct rule_value *values, size_t nr)
{
	static const struct { const char *rule; unsigned int use; } asked[] = {
		{ "act_irq_storm", USE_RATE },
		{ "lock_hold_time", USE_WAIT },
	};
	unsigned int use = 0;

	for (size_t i = 0; i < nr; i++)
		for (size_t k = 0; values[i].value && k < ARRAY_SIZE(asked); k++)
			if (!strcmp(values[i].rule, asked[k].rule))
				use |= asked[k].use;
	return use;
}

static uint32_t storm_limit(const struct rule_value *values, size_t nr)
{
	uint64_t limit = 0;

	for (size_t i = 0; i < nr; i++)
		if (!strcmp(values[i].rule, "act_irq_storm"))
			limit = values[i].value;
	return limit < UINT32_MAX ? limit : UINT32_MAX - 1;
}

static int exit_code(const struct session *s, enum verdict v)
{
	switch (v) {
	case VERDICT_FAIL:
		return MSITRACE_EXIT_FINDINGS;
	case VERDICT_PASS:
		return s->o->argc && s->child_status ? MSITRACE_EXIT_COMMAND : MSITRACE_EXIT_CLEAN;
	default:
		return MSITRACE_EXIT_INCONCLUSIVE;
	}
}

int cmd_check(const struct options *o)
{
	struct session s = { .show_events = o->events };
	struct rule_value values[SETS_MAX];
	struct msi_validator_opts vo = {
		.sz = sizeof(vo),
		.rules = o->nr_rules ? o->rules : NULL,
		.finding = on_finding,
		.ctx = &s,
		.values = values,
		.nr_values = o->nr_sets,
	};
	struct trace_summary sum;
	int ret;
	size_t i;

	ret = check_rules(o);
	ret = ret ?: parse_sets(o, values);
	if (ret)
		return ret;
	s.storm_limit = storm_limit(values, o->nr_sets);
	if (msi_validator__new(&vo, &s.validator)) {
		pr_err("%s\n", errstr(-ENOMEM));
		return MSITRACE_EXIT_CANNOT_RUN;
	}
	ret = session__run(&s, o, "check", USE_JUDGE | (o->events ? USE_SHOW : 0) |
			   asked_use(values, o->nr_sets),
			   o->events ? ~0ull : events_for(o));
	if (!ret) {
		msi_validator__finish(s.validator);
		session__summary(&s, &sum);
		sum.judged = true;
		sum.results = msi_validator__results(s.validator, &sum.nr_results);
		sum.verdict = msi_validator__verdict(s.validator);
		for (i = 0; i < sum.nr_results; i++)
			sum.findings += sum.results[i].findings;
		session__end(&s, &sum);
		ret = session__close(&s, exit_code(&s, sum.verdict));
	}
	msi_validator__free(s.validator);
	return ret;
}
