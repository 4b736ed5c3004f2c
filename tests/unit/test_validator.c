// SPDX-License-Identifier: GPL-2.0-only
/* The library's interface: selection of rules, verdicts, findings, what happens without memory.  */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "msitrace/event_desc.h"
#include "msitrace/validator.h"

#define DEV 0xffff888000001000ULL
#define MD 0xffff888000002000ULL

#define FEED(v, name, ID, ...)                                                                    \
	msi_validator__feed(v,                                                                    \
			    &(struct msi_ev_##name){ .h = { .type = MSI_EV_##ID,                  \
							    .size = sizeof(struct msi_ev_##name), \
							    .dev = DEV,                           \
							    .tid = 100,                           \
							    .pid = 99,                            \
							    .hook = MSI_EV_##ID,                  \
							    .ts_ns = 1000,                        \
							    .comm = "test" },                     \
						     __VA_ARGS__ }                                \
				     .h)

struct seen {
	unsigned int nr;
	struct finding last;
};

static void on_finding(void *ctx, const struct finding *f)
{
	struct seen *seen = ctx;

	seen->nr++;
	seen->last = *f;
}

static struct msi_validator *make(const char *const *rules, struct seen *seen)
{
	struct msi_validator_opts opts = {
		.sz = sizeof(opts), .rules = rules, .finding = on_finding, .ctx = seen
	};
	struct msi_validator *v = NULL;

	assert_int_equal(msi_validator__new(&opts, &v), 0);
	return v;
}

static void attach_all(struct msi_validator *v)
{
	for (unsigned int type = MSI_EV_DATA_SETUP; type < MSI_EV_MAX; type++) {
		struct msi_ev_attach at = {
			.h = { .type = MSI_EV_ATTACH, .size = sizeof(at), .hook = type },
			.event = type,
			.status = MSI_ATTACH_LIVE,
			.role = "role"
		};

		strcpy(at.func, "msi_some_function");
		assert_int_equal(msi_validator__feed(v, &at.h), 0);
	}
	FEED(v, kernel, KERNEL, .version = KVER(7, 2), .profile = PROFILE_X86);
}

static const struct rule_result *result(const struct msi_validator *v, const char *id)
{
	const struct rule_result *res;
	size_t nr;

	res = msi_validator__results(v, &nr);
	for (size_t i = 0; i < nr; i++)
		if (!strcmp(res[i].rule->id, id))
			return &res[i];
	return NULL;
}

static void rules_are_complete(void **state)
{
	const struct rule *const *rules;
	size_t nr;

	(void)state;
	rules = msi_rules(&nr);
	assert_true(nr >= 12);
	for (size_t i = 0; i < nr; i++) {
		const struct rule *r = rules[i];

		assert_ptr_equal(msi_rule(r->id), r);
		assert_non_null(r->summary);
		assert_non_null(r->doc);
		assert_non_null(r->advice);
		assert_non_null(r->check);
		assert_true(r->wants != 0);
		assert_true(r->needs || r->needs_any[0]);
		for (unsigned int type = 0; type < 64; type++)
			if ((r->wants | r->needs | r->uses | r->needs_any[0] | r->needs_any[1]) >>
				    type &
			    1)
				assert_non_null(event_desc(type));
		if (i)
			assert_true(strcmp(rules[i - 1]->id, r->id) < 0);
	}
	assert_null(msi_rule("nonsense"));
}

static void unknown_rule_is_refused(void **state)
{
	const char *const ids[] = { "lock_iter_unlocked", "nonsense", NULL };
	struct msi_validator_opts opts = { .sz = sizeof(opts), .rules = ids };
	struct msi_validator *v = (void *)&opts;

	(void)state;
	assert_int_equal(msi_validator__new(&opts, &v), -EINVAL);
	assert_ptr_equal(v, &opts);
}

static void without_options(void **state)
{
	struct msi_validator *v;
	size_t nr, all;

	(void)state;
	assert_int_equal(msi_validator__new(NULL, &v), 0);
	msi_rules(&all);
	msi_validator__results(v, &nr);
	assert_int_equal(nr, all);
	msi_validator__finish(v);
	assert_int_equal(msi_validator__verdict(v), VERDICT_INCONCLUSIVE);	/* nothing passed */
	msi_validator__free(v);
	msi_validator__free(NULL);
}

static void selection(void **state)
{
	const char *const ids[] = { "lock_iter_unlocked", NULL };
	struct seen seen = { 0 };
	struct msi_validator *v = make(ids, &seen);
	size_t nr;

	(void)state;
	msi_validator__results(v, &nr);
	assert_int_equal(nr, 1);
	attach_all(v);
	FEED(v, insert, INSERT, .md = MD, .desc = 5);		/* another rule's offence */
	FEED(v, first, FIRST, .md = MD, .owner_current = 1);
	msi_validator__finish(v);
	assert_true(result(v, "lock_iter_unlocked")->selected);
	assert_int_equal(msi_validator__verdict(v), VERDICT_PASS);
	assert_int_equal(seen.nr, 0);
	msi_validator__free(v);
}

static void selected_and_not_available_is_inconclusive(void **state)
{
	const char *const ids[] = { "lock_iter_unlocked", "lock_mutate_unlocked", NULL };
	struct seen seen = { 0 };
	struct msi_validator *v = make(ids, &seen);

	(void)state;
	attach_all(v);
	FEED(v, first, FIRST, .md = MD, .owner_current = 1);
	msi_validator__finish(v);
	assert_int_equal(result(v, "lock_mutate_unlocked")->verdict, VERDICT_NA);
	assert_int_equal(msi_validator__verdict(v), VERDICT_INCONCLUSIVE);
	msi_validator__free(v);
}

static void not_selected_and_not_available_is_no_matter(void **state)
{
	struct seen seen = { 0 };
	struct msi_validator *v = make(NULL, &seen);

	(void)state;
	attach_all(v);
	FEED(v, first, FIRST, .md = MD, .owner_current = 1);
	msi_validator__finish(v);
	assert_int_equal(msi_validator__verdict(v), VERDICT_PASS);
	assert_false(result(v, "lock_iter_unlocked")->selected);
	msi_validator__free(v);
}

static void finding_is_filled(void **state)
{
	struct seen seen = { 0 };
	struct msi_validator *v = make(NULL, &seen);

	(void)state;
	attach_all(v);
	FEED(v, dev_info, DEV_INFO, .md = MD, .name = "0000:00:03.0", .driver = "foo");
	FEED(v, first, FIRST, .md = MD, .desc = 5, .index = 3,
	     .stack = { .nr = 2, .ip = { 11, 22 } });
	assert_int_equal(seen.nr, 1);
	assert_string_equal(seen.last.rule->id, "lock_iter_unlocked");
	assert_true(seen.last.nr == 1);
	assert_string_equal(seen.last.device, "0000:00:03.0");
	assert_string_equal(seen.last.driver, "foo");
	assert_string_equal(seen.last.object, "descriptor index 3");
	assert_string_equal(seen.last.offence.func, "msi_some_function");
	assert_string_equal(seen.last.offence.comm, "test");
	assert_int_equal(seen.last.offence.tid, 100);
	assert_int_equal(seen.last.offence.nr, 2);
	assert_true(seen.last.offence.ip[1] == 22);
	assert_null(strstr(seen.last.message, "0x"));
	msi_validator__finish(v);
	assert_int_equal(msi_validator__verdict(v), VERDICT_FAIL);
	msi_validator__free(v);
}

static void repeats_are_counted(void **state)
{
	struct msi_ev_first other = {
		.h = { .type = MSI_EV_FIRST, .size = sizeof(other), .dev = DEV + 64 },
		.md = MD + 64,
		.stack = { .nr = 1, .ip = { 12 } }
	};
	struct seen seen = { 0 };
	struct msi_validator *v = make(NULL, &seen);

	(void)state;
	attach_all(v);
	for (int i = 0; i < 23; i++)
		FEED(v, first, FIRST, .md = MD, .stack = { .nr = 1, .ip = { 11 } });
	assert_int_equal(seen.nr, 1);
	FEED(v, first, FIRST, .md = MD, .stack = { .nr = 1, .ip = { 12 } });	/* another place */
	assert_int_equal(seen.nr, 2);
	msi_validator__feed(v, &other.h);					/* another device */
	assert_int_equal(seen.nr, 3);
	msi_validator__finish(v);
	assert_int_equal(result(v, "lock_iter_unlocked")->findings, 25);
	msi_validator__free(v);
}

static void hook_that_comes_late(void **state)
{
	struct seen seen = { 0 };
	struct msi_validator *v = make(NULL, &seen);

	(void)state;
	FEED(v, kernel, KERNEL, .version = KVER(7, 2));
	FEED(v, first, FIRST, .md = MD);		/* not attached: nothing can be said */
	assert_int_equal(seen.nr, 0);
	attach_all(v);
	FEED(v, first, FIRST, .md = MD);
	assert_int_equal(seen.nr, 1);
	msi_validator__free(v);
}

static void reason_names_role_and_why(void **state)
{
	struct msi_ev_attach at = { .h = { .type = MSI_EV_ATTACH, .size = sizeof(at) },
				    .event = MSI_EV_NEXT,
				    .status = MSI_ATTACH_ABSENT,
				    .role = "iterator_next",
				    .why = "msi_next_desc: not traceable" };
	struct seen seen = { 0 };
	struct msi_validator *v = make(NULL, &seen);

	(void)state;
	FEED(v, kernel, KERNEL, .version = KVER(7, 2));
	msi_validator__feed(v, &at.h);
	at.event = MSI_EV_FIRST;
	at.status = MSI_ATTACH_DEGRADED;
	at.h.hook = 9;
	msi_validator__feed(v, &at.h);
	msi_validator__finish(v);
	assert_int_equal(result(v, "lock_iter_unlocked")->verdict, VERDICT_NA);
	assert_string_equal(result(v, "lock_iter_unlocked")->reason,
			    "iterator_next is not available: msi_next_desc: not traceable");
	msi_validator__free(v);
}

static void names_of_values(void **state)
{
	(void)state;
	assert_string_equal(severity_name(SEV_CORRUPT), "corrupt");
	assert_string_equal(severity_name(SEV_HYGIENE), "hygiene");
	assert_string_equal(verdict_name(VERDICT_NA), "n/a");
	assert_string_equal(verdict_name(VERDICT_INCONCLUSIVE), "inconclusive");
}

static void unknown_events_are_skipped(void **state)
{
	struct msi_event_hdr e = { .type = 999, .size = sizeof(e) };
	struct seen seen = { 0 };
	struct msi_validator *v = make(NULL, &seen);

	(void)state;
	assert_int_equal(msi_validator__feed(v, &e), 0);
	msi_validator__free(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_complete),
		cmocka_unit_test(unknown_rule_is_refused),
		cmocka_unit_test(without_options),
		cmocka_unit_test(selection),
		cmocka_unit_test(selected_and_not_available_is_inconclusive),
		cmocka_unit_test(not_selected_and_not_available_is_no_matter),
		cmocka_unit_test(finding_is_filled),
		cmocka_unit_test(repeats_are_counted),
		cmocka_unit_test(hook_that_comes_late),
		cmocka_unit_test(reason_names_role_and_why),
		cmocka_unit_test(names_of_values),
		cmocka_unit_test(unknown_events_are_skipped),
	};

	return cmocka_run_group_tests_name("validator", tests, NULL, NULL);
}
