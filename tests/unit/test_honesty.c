// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the validator does not know it does not claim: every trace of tests/rules again, with each
 * allocation failing in turn, and with each event lost in turn.  Nothing crashes or leaks, what is
 * clean accuses nobody, and what fails with everything does not pass with less.  And with names as
 * long as they can be: no sentence is cut.
 */
#include <errno.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc.h"
#include "model_check.h"
#include "msitrace/event_desc.h"
#include "trace_text.h"
#include "validator/validator_internal.h"

#define RULES_MAX 256
#define ALLOCATIONS_MAX 100000
#define NONE SIZE_MAX

struct outcome {
	bool created, oom;
	unsigned int head;		/* allocations before the first event that is no ATTACH */
	const char *bad;		/* of the model */
	uint64_t findings;
	const char *accuser;		/* the first rule with a finding */
	enum verdict verdicts[RULES_MAX];
};

static struct msi_validator *create(void)
{
	struct msi_validator *v = NULL;
	int err;

	alloc_arm();
	err = msi_validator__new(NULL, &v);
	alloc_disarm();
	assert_true(!err || (err == -ENOMEM && !v && alloc_failed()));
	return v;
}

static void feed(struct msi_validator *v, const struct msi_event_hdr *e, struct outcome *out)
{
	int err;

	if (e->type == MSI_EV_ATTACH)
		out->head = alloc_seen();
	alloc_arm();
	err = msi_validator__feed(v, e);
	alloc_disarm();
	assert_true(!err || (err == -ENOMEM && alloc_failed()));
	out->oom |= err != 0;
}

static void feed_loss(struct msi_validator *v, const struct msi_event_hdr *of, uint32_t phase,
		      struct outcome *out)
{
	const struct msi_ev_lost lost = { .h = { .type = MSI_EV_LOST, .size = sizeof(lost),
						 .ts_ns = of->ts_ns },
					  .count = phase != MSI_LOST_TO_HERE, .source = MSI_LOST_MISS,
					  .event = of->type, .phase = phase };

	feed(v, &lost.h, out);
}

/*
 * Without the event `missing`.  What is said of it: that it is missing in its place, or that one is
 * somewhere among the `around` events before and behind it.
 */
static void feed_all(struct msi_validator *v, const struct trace_text *tt, size_t missing,
		     size_t around, struct outcome *out)
{
	size_t from = missing > around ? missing - around : 0;

	for (size_t i = 0; i < tt->nr_events; i++) {
		if (missing != NONE && i == from)
			feed_loss(v, tt->events[missing], around ? MSI_LOST_FROM_HERE : MSI_LOST_HERE, out);
		if (i != missing)
			feed(v, tt->events[i], out);
		if (missing != NONE && around && i == missing + around)
			feed_loss(v, tt->events[missing], MSI_LOST_TO_HERE, out);
	}
}

static void take_results(struct msi_validator *v, struct outcome *out)
{
	const struct rule_result *res;
	size_t nr;

	out->bad = model_check(&v->model);
	msi_validator__finish(v);
	res = msi_validator__results(v, &nr);
	assert_true(nr <= RULES_MAX);
	for (size_t i = 0; i < nr; i++) {
		out->verdicts[i] = res[i].verdict;
		out->findings += res[i].findings;
		if (res[i].findings && !out->accuser)
			out->accuser = res[i].rule->id;
	}
}

static struct outcome judge(const struct trace_text *tt, size_t missing, size_t around)
{
	struct msi_validator *v = create();
	struct outcome out = { .created = v };

	if (!v)
		return out;
	feed_all(v, tt, missing, around, &out);
	take_results(v, &out);
	msi_validator__free(v);
	return out;
}

static const char *compare(const struct outcome *out, const struct outcome *ref, const char **rule)
{
	const struct rule *const *rules;
	size_t nr;

	rules = msi_rules(&nr);
	*rule = out->accuser;
	if (out->findings && !ref->findings)
		return "accuses, and there is nothing wrong";
	for (size_t i = 0; i < nr; i++) {
		*rule = rules[i]->id;
		if (out->verdicts[i] == VERDICT_PASS &&
		    (out->oom || ref->verdicts[i] == VERDICT_FAIL))
			return "passes, and cannot know";
	}
	*rule = "the model";
	return out->bad;
}

static void check(const struct outcome *out, const struct outcome *ref, const struct trace_text *tt,
		  const char *what, size_t nr)
{
	const char *rule, *bad = out->created ? compare(out, ref, &rule) : NULL;

	if (bad)
		fail_msg("%s, %s %zu: %s: %s", tt->path, what, nr, rule, bad);
}

/* --- memory ------------------------------------------------------------------------------- */

/* False: nothing failed any more.  */
static bool without_memory(const struct trace_text *tt, const struct outcome *ref,
			   void (*arm)(unsigned int), unsigned int n)
{
	long live = alloc_live();
	struct outcome out;

	arm(n);
	out = judge(tt, NONE, 0);
	check(&out, ref, tt, "allocation", n);
	if (alloc_live() != live)
		fail_msg("%s, allocation %u: %ld left", tt->path, n, alloc_live() - live);
	return alloc_failed();
}

/* The heads of all traces are the same, or nearly: one of them is enough.  */
static void allocations_of(const struct trace_text *tt, const struct outcome *ref)
{
	static bool head_done;
	unsigned int n = head_done ? ref->head : 1;

	for (head_done = true; without_memory(tt, ref, alloc_fail_once, n); n++)
		assert_true(n < ALLOCATIONS_MAX);
	for (n = 1; n < 150; n += n / 2 + 1)
		without_memory(tt, ref, alloc_fail_every, n);
	alloc_fail_every(0);
}

/* --- events ------------------------------------------------------------------------------- */

/* Who attached and where is said first, and never lost.  */
static bool may_be_lost(const struct msi_event_hdr *e)
{
	return e->type != MSI_EV_ATTACH && e->type != MSI_EV_KERNEL && e->type != MSI_EV_LOST;
}

static void events_of(const struct trace_text *tt, const struct outcome *ref)
{
	for (size_t i = 0; i < tt->nr_events; i++) {
		struct outcome out;

		if (!may_be_lost(tt->events[i]))
			continue;
		out = judge(tt, i, 0);
		check(&out, ref, tt, "event", i);
		out = judge(tt, i, 3);
		check(&out, ref, tt, "event around", i);
	}
}

/* --- words -------------------------------------------------------------------------------- */

/* Filled up with x.  */
static void lengthen(char *s, size_t size)
{
	for (size_t i = strlen(s); *s && i < size - 1; i++)
		s[i] = 'x';
}

static void lengthen_names(struct msi_event_hdr *e)
{
	const struct event_desc *ed = event_desc(e->type);

	lengthen(e->comm, sizeof(e->comm));
	for (unsigned int i = 0; i < ed->nr_fields; i++)
		if (ed->fields[i].kind == FIELD_STR)
			lengthen((char *)e + ed->fields[i].offset, ed->fields[i].size);
}

static void is_not_cut(void *ctx, const struct finding *f)
{
	const struct trace_text *tt = ctx;

	if (strlen(f->message) == sizeof(f->message) - 1)
		fail_msg("%s: %s: message is cut: %s", tt->path, f->rule->id, f->message);
	if (strlen(f->object) == sizeof(f->object) - 1)
		fail_msg("%s: %s: object is cut: %s", tt->path, f->rule->id, f->object);
}

static void words_of(const struct trace_text *tt, const struct outcome *ref)
{
	const struct msi_validator_opts opts = { .sz = sizeof(opts), .finding = is_not_cut,
						 .ctx = (void *)tt };
	struct outcome out = { 0 };
	struct msi_validator *v;

	(void)ref;
	for (size_t i = 0; i < tt->nr_events; i++)
		lengthen_names(tt->events[i]);
	assert_int_equal(msi_validator__new(&opts, &v), 0);
	feed_all(v, tt, NONE, 0, &out);
	msi_validator__finish(v);
	msi_validator__free(v);
}

/* --- all traces --------------------------------------------------------------------------- */

static void each_trace(void (*fn)(const struct trace_text *tt, const struct outcome *ref))
{
	glob_t g;

	assert_int_equal(glob("tests/rules/*/*.trace", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		struct trace_text tt;
		struct outcome ref;

		assert_int_equal(trace_text__read(&tt, g.gl_pathv[i]), 0);
		alloc_fail_every(0);
		ref = judge(&tt, NONE, 0);
		assert_true(ref.created && !ref.oom && !ref.bad);
		fn(&tt, &ref);
		trace_text__free(&tt);
	}
	globfree(&g);
}

static void an_allocation_fails(void **state)
{
	(void)state;
	each_trace(allocations_of);
}

static void an_event_is_lost(void **state)
{
	(void)state;
	each_trace(events_of);
}

static void names_are_long(void **state)
{
	(void)state;
	each_trace(words_of);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_allocation_fails),
		cmocka_unit_test(an_event_is_lost),
		cmocka_unit_test(names_are_long),
	};

	return cmocka_run_group_tests_name("honesty", tests, NULL, NULL);
}
