// SPDX-License-Identifier: GPL-2.0-only
/* The KTAP format, read by a small parser that is as strict as the kernel's document.  */
#include <unistd.h>

#include "test_format.h"

struct ktap_seen {
	unsigned int plan, points, ok, not_ok, skips, diagnostics;
	unsigned int diagnostics_before[16];	/* of each point */
	char last_directive[256];
};

static void parse_point(struct ktap_seen *seen, const char *line)
{
	const char *hash = strchr(line, '#');
	bool ok = !strncmp(line, "ok ", 3);
	unsigned int nr;
	char name[64];

	assert_true(ok || !strncmp(line, "not ok ", 7));
	assert_int_equal(sscanf(line + (ok ? 3 : 7), "%u %63s", &nr, name), 2);
	assert_int_equal(nr, seen->points + 1);
	seen->diagnostics_before[seen->points++] = seen->diagnostics;
	seen->diagnostics = 0;
	seen->ok += ok;
	seen->not_ok += !ok;
	str_copy(seen->last_directive, sizeof(seen->last_directive), hash ? hash : "");
	if (hash)
		assert_null(strchr(hash + 1, '#'));
	seen->skips += hash && !strncmp(hash, "# SKIP ", 7);
}

static struct ktap_seen parse(const char *text)
{
	struct ktap_seen seen = { 0 };
	char *copy = strdup(text), *save, *line = strtok_r(copy, "\n", &save);

	assert_string_equal(line, "KTAP version 1");
	while ((line = strtok_r(NULL, "\n", &save))) {
		for (const char *p = line; *p; p++)
			assert_true(*p >= ' ' && *p <= '~');
		if (line[0] == '#')
			seen.diagnostics++;
		else if (!strncmp(line, "1..", 3)) {
			assert_int_equal(seen.points, 0);
			seen.plan = (unsigned int)atoi(line + 3);
			seen.diagnostics = 0;
		} else
			parse_point(&seen, line);
	}
	assert_int_equal(seen.plan, seen.points);
	free(copy);
	return seen;
}

static void points_of_all_verdicts(void **state)
{
	struct rule_result results[] = {
		{ .rule = &fake_rule, .verdict = VERDICT_FAIL, .judged = 5, .findings = 2 },
		{ .rule = &other_rule, .verdict = VERDICT_FAIL, .judged = 5, .findings = 1, .known = 1 },
		{ .rule = &third_rule, .verdict = VERDICT_NA, .reason = "no hook # at\nall" },
		{ .rule = &third_rule, .verdict = VERDICT_INCONCLUSIVE, .reason = "12 events lost" },
		{ .rule = &third_rule, .verdict = VERDICT_PASS },
	};
	struct trace_summary sum = { .verdict = VERDICT_FAIL, .judged = true, .results = results,
				     .nr_results = 5, .findings = 3, .has_command = true };
	struct finding fd = make_finding();
	struct ktap_seen seen;
	struct fixture x;

	(void)state;
	fixture_begin(&x, "ktap");
	assert_null(x.f.ops->event);
	fd.rule = &other_rule;
	fd.known = "x86-msi-dance-inverted";
	assert_int_equal(x.f.ops->finding(&x.f, &fd), 0);
	fd.rule = &fake_rule;
	fd.known = NULL;
	memcpy(fd.message + 10, "\nok 1 fake", 10);
	memcpy(fd.offence.comm, "\nok 1", 6);
	assert_int_equal(x.f.ops->finding(&x.f, &fd), 0);
	assert_int_equal(x.f.ops->end(&x.f, &sum), 0);
	seen = parse(fixture_text(&x));
	assert_int_equal(seen.points, 5);
	assert_int_equal(seen.ok, 2);
	assert_int_equal(seen.skips, 1);
	assert_true(seen.diagnostics_before[0] > 10);
	assert_true(seen.diagnostics_before[1] > 10);
	assert_int_equal(seen.diagnostics_before[2], 0);
	assert_non_null(strstr(x.buf, "\nnot ok 1 lock_iter_unlocked\n"));
	assert_non_null(strstr(x.buf, "\nnot ok 2 act_affinity_dance # known x86-msi-dance-inverted\n"));
	assert_non_null(strstr(x.buf, "\nok 3 life_unbind_leak # SKIP no hook = at\\nall\n"));
	assert_non_null(strstr(x.buf, "\nnot ok 4 life_unbind_leak # inconclusive: 12 events lost\n"));
	assert_non_null(strstr(x.buf, "\n# Totals: pass:1 fail:2 xfail:0 xpass:0 skip:1 error:1\n"));
	fixture_end(&x);
}

static void frames_have_lines(void **state)
{
	struct rule_result r = { .rule = &fake_rule, .verdict = VERDICT_FAIL, .findings = 1 };
	struct trace_summary sum = { .judged = true, .results = &r, .nr_results = 1 };
	struct finding fd = make_finding();
	struct fixture x;

	(void)state;
	fixture_begin(&x, "ktap");
	x.env.source = fake_source;
	x.f.ops->finding(&x.f, &fd);
	x.f.ops->end(&x.f, &sum);
	parse(fixture_text(&x));
	assert_non_null(strstr(x.buf, "#     msi_domain_first_desc+0x5 kernel/irq/msi.c:363\n"
				      "#     msi_first (inlined) include/linux/msi.h:345\n"));
	assert_non_null(strstr(x.buf, "#     of_unknown_place (inlined)\n"
				      "#   > scenario_iter_unlocked+0x42 [msitrace_test] /home/"));
	fixture_end(&x);
}

static void partly_known_is_not_known(void **state)
{
	struct rule_result r = { .rule = &other_rule, .verdict = VERDICT_FAIL, .findings = 2, .known = 1 };
	struct trace_summary sum = { .judged = true, .results = &r, .nr_results = 1 };
	struct finding fd = make_finding();
	struct fixture x;

	(void)state;
	fixture_begin(&x, "ktap");
	fd.rule = &other_rule;
	fd.known = "x86-msi-dance-inverted";
	x.f.ops->finding(&x.f, &fd);
	x.f.ops->end(&x.f, &sum);
	assert_non_null(strstr(fixture_text(&x), "\nnot ok 1 act_affinity_dance\n"));
	fixture_end(&x);
}

static void findings_are_bounded(void **state)
{
	struct rule_result r = { .rule = &fake_rule, .verdict = VERDICT_FAIL, .findings = 1500 };
	struct trace_summary sum = { .judged = true, .results = &r, .nr_results = 1 };
	struct finding fd = make_finding();
	struct fixture x;

	(void)state;
	fixture_begin(&x, "ktap");
	for (unsigned int i = 0; i < 1500; i++)
		assert_int_equal(x.f.ops->finding(&x.f, &fd), 0);
	assert_int_equal(x.f.ops->end(&x.f, &sum), 0);
	parse(fixture_text(&x));
	assert_non_null(strstr(x.buf, "# 500 more findings are not shown\n"));
	fixture_end(&x);
}

/* Somebody else's parser; it takes the version line for a remark.  */
static void prove_accepts_it(void **state)
{
	struct rule_result results[] = {
		{ .rule = &fake_rule, .verdict = VERDICT_PASS, .judged = 5 },
		{ .rule = &third_rule, .verdict = VERDICT_NA, .reason = "no hook" },
	};
	struct trace_summary sum = { .judged = true, .results = results, .nr_results = 2 };
	char path[] = "/tmp/msitrace-ktap-XXXXXX", cmd[128];
	int fd = mkstemp(path);
	struct fixture x;

	(void)state;
	assert_true(fd >= 0);
	if (system("command -v prove >/dev/null 2>&1")) {
		print_message("no prove\n");
		close(fd);
		unlink(path);
		skip();
	}
	fixture_begin(&x, "ktap");
	x.f.ops->end(&x.f, &sum);
	assert_true(write(fd, fixture_text(&x), strlen(x.buf)) > 0);
	close(fd);
	snprintf(cmd, sizeof(cmd), "prove --exec cat %s >/dev/null 2>&1", path);
	assert_int_equal(system(cmd), 0);
	unlink(path);
	fixture_end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(points_of_all_verdicts),
		cmocka_unit_test(frames_have_lines),
		cmocka_unit_test(partly_known_is_not_known),
		cmocka_unit_test(findings_are_bounded),
		cmocka_unit_test(prove_accepts_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
