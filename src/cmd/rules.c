// SPDX-License-Identifier: GPL-2.0-only
/* `rules`: the list of rules; `explain RULE`, also spelt `rules explain RULE`.  */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/table.h"
#include "base/util.h"
#include "cmd.h"
#include "msitrace/event_desc.h"
#include "msitrace/validator.h"

static const struct table_col cols[] = {	/* ORDER: fill_row() */
	{ "RULE", "id of the rule", 0 },
	{ "SEVERITY", "corrupt, lost, state or hygiene", 0 },
	{ "SUMMARY", "what it says, in one line", TABLE_WRAP },
	{ "NEEDS", "event types without which it cannot be judged", TABLE_HIDDEN },
	{ "SINCE", "first kernel on which it can be judged", TABLE_HIDDEN },
	{ "UNTIL", "first kernel on which it cannot any more", TABLE_HIDDEN },
	{ "DOC", "what the kernel requires, and where it says so", TABLE_HIDDEN | TABLE_WRAP },
	{ "ADVICE", "what to do about a finding", TABLE_HIDDEN | TABLE_WRAP },
	{ "BLIND", "what it cannot see", TABLE_HIDDEN | TABLE_WRAP },
	{ "PARAMS", "numbers that check --set sets, with their defaults", TABLE_HIDDEN },
};

const struct table_col *rules_cols(size_t *nr)
{
	*nr = ARRAY_SIZE(cols);
	return cols;
}

static void event_names(event_mask_t mask, const char *sep, char *buf, size_t size)
{
	unsigned int t;
	size_t n = 0;

	buf[0] = '\0';
	for (t = 1; t < MSI_EV_MAX; t++)
		if ((mask & (1ull << t)) && n < size)
			n += snprintf(buf + n, size - n, "%s%s", n ? sep : "", event_desc(t)->name);
}

static void needs(const struct rule *r, char *buf, size_t size)
{
	size_t i, n;

	event_names(r->needs, ",", buf, size);
	for (i = 0; i < 2; i++) {
		n = strlen(buf);
		if (!r->needs_any[i] || n + 2 >= size)
			continue;
		if (n)
			buf[n++] = ',';
		event_names(r->needs_any[i], "|", buf + n, size - n);
	}
}

static void version_text(uint32_t v, char *buf, size_t size)
{
	buf[0] = '\0';
	if (v)
		snprintf(buf, size, "%u.%u", v >> 16, (v >> 8) & 0xff);
}

static void params_text(const struct rule *r, char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (int i = 0; i < RULE_PARAMS_MAX && r->params[i].name && n < size; i++)
		n += snprintf(buf + n, size - n, "%s%s=%" PRIu64, i ? "," : "", r->params[i].name,
			      r->params[i].value);
}

static int fill_row(struct table *t, const struct rule *r)
{
	char need[256], since[16], until[16], params[200];
	const char *cells[] = { r->id, severity_name(r->severity), r->summary, need, since, until,
				r->doc, r->advice, r->blind, params };

	_Static_assert(ARRAY_SIZE(cells) == ARRAY_SIZE(cols), "one cell per column");
	needs(r, need, sizeof(need));
	version_text(r->since, since, sizeof(since));
	version_text(r->until, until, sizeof(until));
	params_text(r, params, sizeof(params));
	return table__row(t, cells);
}

/* All rules, or one.  */
static int list(const struct options *o, const struct rule *only)
{
	struct table_opts to = { .name = "rules" };
	const struct rule *const *rules;
	struct table *t;
	size_t i, nr;
	int err;

	err = listing_new(CMD_RULES, o, &to, &t);
	if (err)
		return err;
	rules = msi_rules(&nr);
	for (i = 0; !err && i < nr; i++)
		if (!only || rules[i] == only)
			err = fill_row(t, rules[i]);
	return listing_print(t, err);
}

/* Folds at width 78 behind an indent.  */
static void paragraph(const char *label, const char *text)
{
	size_t col, n;

	if (!text)
		return;
	printf("\n%s\n", label);
	while (*text) {
		printf("   ");
		for (col = 3; *text; text += n) {
			text += strspn(text, " \n");
			n = strcspn(text, " \n");
			if (!n || (col > 3 && col + 1 + n > 78))
				break;
			printf(" %.*s", (int)n, text);
			col += n + 1;
		}
		putchar('\n');
	}
}

/* Lines as they are.  */
static void block(const char *label, const char *text)
{
	size_t n;

	if (!text)
		return;
	printf("\n%s\n", label);
	for (; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		printf("    %.*s\n", (int)n, text);
	}
}

static void explain_params(const struct rule *r)
{
	char left[40];

	if (!r->params[0].name)
		return;
	printf("\nNumbers that check --set %s.NAME=NUMBER sets\n", r->id);
	for (int i = 0; i < RULE_PARAMS_MAX && r->params[i].name; i++) {
		snprintf(left, sizeof(left), "%s=%" PRIu64, r->params[i].name, r->params[i].value);
		printf("    %-18s %s\n", left, r->params[i].doc);
	}
}

static void explain_text(const struct rule *r)
{
	char need[256], since[16], until[16];

	printf("%s (%s)\n", r->id, severity_name(r->severity));
	paragraph("What it says", r->summary);
	paragraph("What the kernel requires", r->doc);
	paragraph("What to do about a finding", r->advice);
	block("Wrong", r->wrong);
	block("Right", r->right);
	block("Legal, and not reported", r->alike);
	paragraph("What it cannot see", r->blind);
	explain_params(r);
	needs(r, need, sizeof(need));
	paragraph("Events that it needs", need);
	version_text(r->since, since, sizeof(since));
	version_text(r->until, until, sizeof(until));
	printf("\nKernels\n    %s%s%s%s\n", since[0] ? "since " : "", since[0] ? since : "all",
	       until[0] ? ", before " : "", until);
}

static int explain(const struct options *o, const char *id)
{
	const struct rule *r = msi_rule(id);
	struct options all = *o;

	if (!r) {
		pr_err("no rule '%s'; msitrace rules lists them\n", id);
		return MSITRACE_EXIT_USAGE;
	}
	if (!strcmp(o->format, "json") || o->output) {
		all.output = o->output ?: "+NEEDS,SINCE,UNTIL,DOC,ADVICE,BLIND,PARAMS";
		return list(&all, r);
	}
	explain_text(r);
	return MSITRACE_EXIT_CLEAN;
}

static int explain_one(const struct options *o, int argc, char **argv)
{
	if (argc == 1)
		return explain(o, argv[0]);
	pr_err("explain: one RULE, after the options; msitrace rules lists them\n");
	return MSITRACE_EXIT_USAGE;
}

int cmd_rules(const struct options *o)
{
	if (!o->argc)
		return list(o, NULL);
	if (!strcmp(o->argv[0], "explain"))
		return explain_one(o, o->argc - 1, o->argv + 1);
	pr_err("rules: '%s' is too much; see msitrace rules --help\n", o->argv[0]);
	return MSITRACE_EXIT_USAGE;
}

int cmd_explain(const struct options *o)
{
	return explain_one(o, o->argc, o->argv);
}
