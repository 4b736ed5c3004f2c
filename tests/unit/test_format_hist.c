// SPDX-License-Identifier: GPL-2.0-only
/* Histograms: their arithmetic, as pictures, as Prometheus text (promtool judges it where there is one).  */
#include <inttypes.h>

#include "test_format.h"
#include "stats/hist.h"

static void add(struct msi_hist *h, uint64_t ns)
{
	h->count++;
	h->sum_ns += ns;
	h->max_ns = ns > h->max_ns ? ns : h->max_ns;
	h->slots[msi_hist_slot(ns)]++;
}

static void op_names(void **state)
{
	(void)state;
	assert_string_equal(msi_op_name(MSI_OP_IRQ_ALLOC), "irq_alloc");
	assert_string_equal(msi_op_name(MSI_OP_LOCK_HOLD), "lock_hold");
	assert_string_equal(msi_op_name(MSI_OP_MAX), "unknown");
	assert_int_equal(msi_op_by_name("set_affinity"), MSI_OP_SET_AFFINITY);
	assert_int_equal(msi_op_by_name("x"), MSI_OP_MAX);
	for (unsigned int op = 0; op < MSI_OP_MAX; op++)
		assert_true(strlen(msi_op_doc((enum msi_op)op)) > 5);
}

static void slots(void **state)
{
	(void)state;
	assert_int_equal(msi_hist_slot(0), 0);
	assert_int_equal(msi_hist_slot(1), 0);
	assert_int_equal(msi_hist_slot(2), 1);
	assert_int_equal(msi_hist_slot(1023), 9);
	assert_int_equal(msi_hist_slot(1024), 10);
	assert_int_equal(msi_hist_slot(UINT64_MAX), MSI_HIST_SLOTS - 1);
	for (unsigned int i = 0; i + 1 < MSI_HIST_SLOTS; i++) {
		assert_int_equal(msi_hist_slot(msi_hist_slot_from(i)), i);
		assert_int_equal(msi_hist_slot(msi_hist_slot_to(i) - 1), i);
		assert_true(msi_hist_slot_to(i) == msi_hist_slot_from(i + 1));
	}
}

static void merging(void **state)
{
	struct msi_hist cpus[2] = { { 0 } }, sum;

	(void)state;
	add(&cpus[0], 100);
	add(&cpus[1], 5000);
	add(&cpus[1], 100);
	memset(&sum, 0xff, sizeof(sum));
	msi_hist_merge_cpus(&sum, cpus, 2);
	assert_int_equal(sum.count, 3);
	assert_int_equal(sum.sum_ns, 5200);
	assert_int_equal(sum.max_ns, 5000);
	assert_int_equal(sum.slots[6], 2);
	assert_int_equal(sum.slots[12], 1);
	sum.count = UINT64_MAX;
	msi_hist_merge(&sum, &cpus[0]);
	assert_true(sum.count == UINT64_MAX);
}

static void quantiles(void **state)
{
	struct msi_hist h = { 0 };

	(void)state;
	assert_int_equal(msi_hist_quantile(&h, 500), 0);
	assert_int_equal(msi_hist_mean(&h), 0);
	add(&h, 700);
	assert_int_equal(msi_hist_quantile(&h, 500), 700);	/* not 1024: nothing was longer */
	for (unsigned int i = 0; i < 98; i++)
		add(&h, 600);
	add(&h, 1000000);
	assert_int_equal(msi_hist_quantile(&h, 500), 1024);
	assert_int_equal(msi_hist_quantile(&h, 990), 1024);
	assert_int_equal(msi_hist_quantile(&h, 991), 1000000);
	assert_int_equal(msi_hist_quantile(&h, 1000), 1000000);
	assert_int_equal(msi_hist_quantile(&h, 0), 1024);
	h.slots[20] = UINT64_MAX;
	assert_int_equal(msi_hist_quantile(&h, 500), 1000000);
}

static void sorting(void **state)
{
	struct stats_row rows[] = {
		{ .device = "b", .driver = "x", .op = MSI_OP_ACTIVATE },
		{ .device = "a", .driver = "x", .op = MSI_OP_LOCK_HOLD },
		{ .device = "b", .driver = "x", .op = MSI_OP_ACTIVATE },
		{ .device = "a", .driver = "x", .op = MSI_OP_IRQ_ALLOC },
		{ .device = "b", .driver = "y", .op = MSI_OP_ACTIVATE },
	};
	struct stats st = { .nr = 5, .rows = rows };

	(void)state;
	add(&rows[0].hist, 10);
	add(&rows[2].hist, 20);
	stats_sort(&st);
	assert_int_equal(st.nr, 4);
	assert_string_equal(rows[0].device, "a");
	assert_int_equal(rows[0].op, MSI_OP_IRQ_ALLOC);
	assert_int_equal(rows[2].hist.count, 2);
	assert_string_equal(rows[3].driver, "y");
	st.nr = 0;
	st.rows = NULL;
	stats_sort(&st);
	assert_int_equal(st.nr, 0);
}

static void make_rows(struct stats_row rows[3])
{
	memset(rows, 0, 3 * sizeof(*rows));
	for (unsigned int i = 0; i < 3; i++) {
		str_copy(rows[i].device, sizeof(rows[i].device), i == 2 ? "we\"ird\\\n\xff" : "0000:00:03.0");
		str_copy(rows[i].driver, sizeof(rows[i].driver), "nvme");
		rows[i].op = (enum msi_op)i;
	}
	for (unsigned int i = 0; i < 23; i++)
		add(&rows[0].hist, 600 + 100 * i);
	add(&rows[0].hist, 17);
	add(&rows[0].hist, UINT64_MAX / 4);
}

static void picture(void **state)
{
	struct stats_row rows[3];
	struct stats st = { .nr = 3, .rows = rows };
	struct fixture x;

	(void)state;
	make_rows(rows);
	rows[0].hist.slots[MSI_HIST_SLOTS - 1] = 0;
	rows[0].hist.slots[4] = 0;
	rows[0].hist.count = 23;
	rows[0].hist.max_ns = 2800;
	rows[0].hist.sum_ns = 23 * 1700;
	fixture_begin(&x, "text");
	fixture_rewind(&x);
	assert_int_equal(x.f.ops->stats(&x.f, &st), 0);
	assert_string_equal(fixture_text(&x),
		"0000:00:03.0 (nvme)  irq_alloc: allocation of the interrupts of a device\n"
		"       from .. below            count  distribution\n"
		"     512 ns .. 1.02 us              5 |********************                    |\n"
		"    1.02 us .. 2.05 us             10 |****************************************|\n"
		"    2.05 us .. 4.10 us              8 |********************************        |\n"
		"  23 measured; mean 1.70 us, half within 2.05 us, 99% within 2.80 us, longest 2.80 us\n\n");
	fixture_end(&x);
}

static void nothing_is_drawn_for_nothing(void **state)
{
	struct stats_row row = { .device = "a" };
	struct stats st = { .nr = 1, .rows = &row };
	struct fixture x;

	(void)state;
	fixture_begin(&x, "text");
	fixture_rewind(&x);
	assert_int_equal(x.f.ops->stats(&x.f, &st), 0);
	assert_string_equal(fixture_text(&x), "nothing was measured\n");
	fixture_end(&x);
}

static void full_prometheus(struct fixture *x)
{
	struct rule_result results[] = {
		{ .rule = &fake_rule, .verdict = VERDICT_FAIL, .judged = 5, .findings = 2 },
		{ .rule = &other_rule, .verdict = VERDICT_NA, .reason = "x" },
	};
	struct trace_summary sum = { .verdict = VERDICT_FAIL, .judged = true, .results = results,
				     .nr_results = 2, .findings = 2, .events = 9 };
	struct stats_row rows[3];
	struct stats st = { .nr = 3, .rows = rows, .lost = 4, .skipped = 9 };

	make_rows(rows);
	fixture_begin(x, "prometheus");
	assert_int_equal(x->f.ops->stats(&x->f, &st), 0);
	assert_int_equal(x->f.ops->end(&x->f, &sum), 0);
}

static void prometheus_buckets_are_cumulative(void **state)
{
	static const char bucket[] = "msitrace_duration_seconds_bucket{device=\"0000:00:03.0\",driver=\"nvme\","
				     "op=\"irq_alloc\",le=\"";
	unsigned int nr = 0;
	uint64_t last = 0;
	struct fixture x;

	(void)state;
	full_prometheus(&x);
	for (const char *p = fixture_text(&x); (p = strstr(p, bucket)); nr++) {
		uint64_t value;

		p += strlen(bucket);
		assert_int_equal(sscanf(strchr(p, '}') + 1, "%" SCNu64, &value), 1);
		assert_true(value >= last);
		last = value;
	}
	assert_int_equal(nr, 29);
	assert_int_equal(last, 25);
	assert_non_null(strstr(x.buf, "le=\"0.000000255\"} 1\n"));
	assert_non_null(strstr(x.buf, "le=\"0.000001023\"} 6\n"));
	assert_non_null(strstr(x.buf, "le=\"+Inf\"} 25\n"));
	assert_non_null(strstr(x.buf, "device=\"we\\\"ird\\\\\\n\xef\xbf\xbd\","));
	assert_non_null(strstr(x.buf, "msitrace_findings_total{rule=\"lock_iter_unlocked\",severity=\"corrupt\"} 2\n"));
	assert_non_null(strstr(x.buf, "msitrace_measurements_lost_total 4\n"));
	assert_non_null(strstr(x.buf, "msitrace_measurements_skipped_total 9\n"));
	fixture_end(&x);
}

static void promtool_accepts_it(void **state)
{
	struct fixture x;
	FILE *tool;

	(void)state;
	if (system("command -v promtool >/dev/null 2>&1")) {
		print_message("no promtool\n");
		skip();
	}
	full_prometheus(&x);
	tool = popen("promtool check metrics", "w");
	assert_non_null(tool);
	fputs(fixture_text(&x), tool);
	assert_int_equal(pclose(tool), 0);
	fixture_end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(op_names),
		cmocka_unit_test(slots),
		cmocka_unit_test(merging),
		cmocka_unit_test(quantiles),
		cmocka_unit_test(sorting),
		cmocka_unit_test(picture),
		cmocka_unit_test(nothing_is_drawn_for_nothing),
		cmocka_unit_test(prometheus_buckets_are_cumulative),
		cmocka_unit_test(promtool_accepts_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
