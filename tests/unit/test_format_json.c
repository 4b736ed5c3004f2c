// SPDX-License-Identifier: GPL-2.0-only
/* The JSON format, read back by json-c's parser, and by jq where there is one.  */
#include <json-c/json.h>
#include <sys/wait.h>

#include "test_format.h"

/* The last line that was written.  */
static struct json_object *last_line(struct fixture *x)
{
	char *text = strdup(fixture_text(x)), *line;
	struct json_object *o;

	assert_true(strlen(text) > 1 && text[strlen(text) - 1] == '\n');
	text[strlen(text) - 1] = '\0';
	line = strrchr(text, '\n');
	o = json_tokener_parse(line ? line + 1 : text);
	assert_non_null(o);
	free(text);
	return o;
}

static struct json_object *get(struct json_object *o, const char *path)
{
	struct json_object *value = NULL;

	assert_int_equal(json_pointer_get(o, path, &value), 0);
	return value;
}

static void expect_str(struct json_object *o, const char *path, const char *want)
{
	assert_string_equal(json_object_get_string(get(o, path)), want);
}

static void expect_int(struct json_object *o, const char *path, int64_t want)
{
	assert_true(json_object_get_type(get(o, path)) == json_type_int);
	assert_true(json_object_get_int64(get(o, path)) == want);
}

static void begin_says_what_runs(void **state)
{
	struct json_object *o;
	struct fixture x;

	(void)state;
	fixture_begin(&x, "json");
	o = last_line(&x);
	expect_str(o, "/type", "trace");
	expect_str(o, "/command", "check");
	expect_str(o, "/kernel", "6.1.0-1-amd64");
	expect_str(o, "/argv/0", "modprobe");
	json_object_put(o);
	fixture_end(&x);
}

static void event_has_every_field(void **state)
{
	struct msi_ev_insert ev = EVENT(INSERT, insert, .md = MD_A, .desc = DESC_A, .index = 3,
					.nvec_used = 1, .ret = -ENOSPC, .flags = MSI_DESC_MSIX | 1u << 31,
					.stack = { .nr = 2, .ip = { TEXT + 0x5, TEXT + 0x1042 } });
	struct json_object *o;
	struct fixture x;

	(void)state;
	fixture_begin(&x, "json");
	feed_device(&x);
	assert_int_equal(feed(&x, &ev), 0);
	o = last_line(&x);
	expect_str(o, "/type", "event");
	expect_str(o, "/event", "insert");
	expect_int(o, "/ts_ns", 100000000000);
	expect_int(o, "/cpu", 1);
	expect_str(o, "/device", "0000:00:03.0");
	expect_str(o, "/driver", "nvme");
	expect_str(o, "/comm", "modprobe");
	expect_str(o, "/fields/md", "md#1");
	expect_str(o, "/fields/desc", "desc#1");
	expect_str(o, "/fields/domid", "default");
	expect_int(o, "/fields/index", 3);
	expect_int(o, "/fields/ret", -ENOSPC);
	expect_str(o, "/fields/error", "ENOSPC");
	expect_str(o, "/fields/flags/0", "msix");
	expect_str(o, "/fields/flags/1", "0x80000000");
	assert_false(json_object_get_boolean(get(o, "/fields/owner_current")));
	expect_str(o, "/stack/1/symbol", "scenario_iter_unlocked");
	expect_int(o, "/stack/1/offset", 0x42);
	expect_str(o, "/stack/1/module", "msitrace_test");
	assert_null(get(o, "/stack/0/module"));
	json_object_put(o);
	fixture_end(&x);
}

static void addresses_only_when_verbose(void **state)
{
	struct msi_ev_insert ev = EVENT(INSERT, insert, .desc = DESC_A,
					.stack = { .nr = 1, .ip = { TEXT + 0x5 } });
	struct json_object *o;
	struct fixture x;

	(void)state;
	fixture_begin(&x, "json");
	feed(&x, &ev);
	assert_null(strstr(fixture_text(&x), "ffff"));
	x.env.verbose = true;
	feed(&x, &ev);
	o = last_line(&x);
	expect_str(o, "/fields/desc", "0xffff888003000000");
	expect_str(o, "/dev", "0xffff888001000000");
	expect_str(o, "/stack/0/ip", "0xffffffff81000005");
	json_object_put(o);
	fixture_end(&x);
}

static void strings_survive(void **state)
{
	struct msi_ev_task_exit ev = EVENT(TASK_EXIT, task_exit, .md = MD_A);
	struct json_object *o;
	struct fixture x;

	(void)state;
	memset(ev.h.comm, 0, sizeof(ev.h.comm));
	memcpy(ev.h.comm, "\033\"\\\n\x7f\xff\xc3\xa9\xc2\x9b", 10);
	fixture_begin(&x, "json");
	feed(&x, &ev);
	for (const char *p = fixture_text(&x); *p; p++)
		assert_true((unsigned char)*p >= ' ' || *p == '\n');
	o = last_line(&x);
	expect_str(o, "/comm", "\033\"\\\n\xef\xbf\xbd\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd");
	json_object_put(o);
	fixture_end(&x);
}

static void every_event_is_one_object(void **state)
{
	struct fixture x;

	(void)state;
	fixture_begin(&x, "json");
	for (unsigned int fill = 0; fill < 256; fill += 85) {
		for (unsigned int type = 0; type < 80; type++) {
			_Alignas(8) unsigned char rec[MSI_EVENT_SIZE_MAX];
			struct msi_event_hdr *h = (void *)rec;
			struct json_object *o;

			memset(rec, (int)fill, sizeof(rec));
			h->type = (uint16_t)type;
			x.env.verbose = type % 2;
			assert_int_equal(feed(&x, rec), 0);
			o = last_line(&x);
			if (event_desc(type))
				expect_str(o, "/event", event_desc(type)->name);
			json_object_put(o);
		}
	}
	fixture_end(&x);
}

static void finding_has_all_parts(void **state)
{
	struct finding fd = make_finding();
	struct json_object *o;
	struct fixture x;

	(void)state;
	fixture_begin(&x, "json");
	assert_int_equal(x.f.ops->finding(&x.f, &fd), 0);
	o = last_line(&x);
	expect_str(o, "/type", "finding");
	expect_int(o, "/nr", 1);
	expect_str(o, "/rule", "lock_iter_unlocked");
	expect_str(o, "/severity", "corrupt");
	assert_null(get(o, "/known"));
	expect_str(o, "/device", "0000:00:03.0");
	expect_str(o, "/offence/what", "walked without the mutex");
	expect_str(o, "/offence/stack/0/symbol", "msi_domain_first_desc");
	expect_str(o, "/setup/what", "mutex released");
	assert_true(json_object_get_boolean(get(o, "/life/0/before_attach")));
	expect_int(o, "/life/2/ts_ns", 12333378901);
	expect_str(o, "/next", fake_rule.advice);
	json_object_put(o);
	fd.note = true;
	strcpy(fd.held, "vectors of CPU 0: nobody");
	assert_int_equal(x.f.ops->finding(&x.f, &fd), 0);
	o = last_line(&x);
	expect_str(o, "/type", "note");
	expect_str(o, "/held_by", fd.held);
	assert_false(json_object_object_get_ex(o, "next", NULL));
	json_object_put(o);
	fd.note = false;
	fd.known = "x86-msi-dance-inverted";
	fd.has_setup = false;
	fd.nr_life = UINT32_MAX;
	fd.offence.nr = UINT32_MAX;
	assert_int_equal(x.f.ops->finding(&x.f, &fd), 0);
	o = last_line(&x);
	expect_str(o, "/known", "x86-msi-dance-inverted");
	assert_null(get(o, "/setup"));
	json_object_put(o);
	fixture_end(&x);
}

static void frames_have_lines(void **state)
{
	struct msi_ev_insert ev = EVENT(INSERT, insert, .desc = DESC_A,
					.stack = { .nr = 2, .ip = { TEXT + 0x5, TEXT + 0x1042 } });
	struct finding fd = make_finding();
	struct json_object *o, *none;
	struct fixture x;

	(void)state;
	fixture_begin(&x, "json");
	x.env.source = fake_source;
	assert_int_equal(x.f.ops->finding(&x.f, &fd), 0);
	o = last_line(&x);
	expect_str(o, "/offence/stack/0/symbol", "msi_domain_first_desc");
	expect_str(o, "/offence/stack/0/file", "kernel/irq/msi.c");
	expect_int(o, "/offence/stack/0/line", 363);
	assert_true(json_pointer_get(o, "/offence/stack/0/inlined", &none));
	expect_str(o, "/offence/stack/1/symbol", "msi_first");
	expect_str(o, "/offence/stack/1/file", "include/linux/msi.h");
	expect_int(o, "/offence/stack/1/line", 345);
	expect_str(o, "/offence/stack/1/module", "msitrace_test");
	assert_true(json_object_get_boolean(get(o, "/offence/stack/1/inlined")));
	expect_str(o, "/offence/stack/3/symbol", "of_unknown_place");
	assert_true(json_pointer_get(o, "/offence/stack/3/file", &none));
	expect_str(o, "/offence/stack/4/symbol", "scenario_iter_unlocked");
	expect_int(o, "/offence/stack/4/offset", 0x42);
	expect_int(o, "/offence/stack/4/line", 1234);
	assert_true(json_pointer_get(o, "/offence/stack/5/file", &none));
	expect_str(o, "/culprit", "scenario_iter_unlocked");
	json_object_put(o);

	fd.offence.ip[0] = TEXT + 0x342;
	assert_int_equal(x.f.ops->finding(&x.f, &fd), 0);
	o = last_line(&x);
	expect_int(o, "/offence/stack/0/line", 400);
	json_object_put(o);

	assert_int_equal(feed(&x, &ev), 0);
	o = last_line(&x);
	assert_true(json_pointer_get(o, "/stack/0/file", &none));
	json_object_put(o);
	x.env.event_lines = true;
	assert_int_equal(feed(&x, &ev), 0);
	o = last_line(&x);
	expect_int(o, "/stack/0/line", 363);
	json_object_put(o);
	fixture_end(&x);
}

static void histogram_and_count(void **state)
{
	struct stats_row row = { .device = "0000:00:03.0", .driver = "nvme", .op = MSI_OP_ACTIVATE,
				 .hist = { .count = 3, .sum_ns = 3300, .max_ns = 2000 } };
	struct stats st = { .nr = 1, .rows = &row, .lost = 2, .skipped = 3 };
	struct json_object *o;
	struct fixture x;

	(void)state;
	row.hist.slots[9] = 2;
	row.hist.slots[MSI_HIST_SLOTS - 1] = 1;
	fixture_begin(&x, "json");
	assert_int_equal(x.f.ops->stats(&x.f, &st), 0);
	o = last_line(&x);
	expect_str(o, "/type", "histograms");
	expect_int(o, "/count", 1);
	expect_int(o, "/lost", 2);
	expect_int(o, "/skipped", 3);
	json_object_put(o);
	fixture_rewind(&x);
	st.nr = 1;
	assert_int_equal(x.f.ops->stats(&x.f, &st), 0);
	*strchr(x.buf, '\n') = '\0';
	o = json_tokener_parse(x.buf);
	expect_str(o, "/op", "activate");
	expect_int(o, "/slots/0/from_ns", 512);
	expect_int(o, "/slots/0/below_ns", 1024);
	expect_int(o, "/slots/0/count", 2);
	assert_null(get(o, "/slots/1/below_ns"));
	json_object_put(o);
	fixture_end(&x);
}

static void results_then_summary(void **state)
{
	struct rule_result r = { .rule = &fake_rule, .verdict = VERDICT_NA, .reason = "no hook" };
	struct trace_summary sum = { .verdict = VERDICT_INCONCLUSIVE, .judged = true, .results = &r,
				     .nr_results = 1, .events = 5, .has_command = true,
				     .command_status = 3 << 8 };
	struct json_object *o;
	struct fixture x;

	(void)state;
	fixture_begin(&x, "json");
	assert_int_equal(x.f.ops->end(&x.f, &sum), 0);
	o = last_line(&x);
	expect_str(o, "/type", "summary");
	expect_str(o, "/verdict", "inconclusive");
	expect_int(o, "/command/exited", 3);
	assert_null(get(o, "/command/signal"));
	json_object_put(o);
	assert_non_null(strstr(fixture_text(&x), "\"rule\":\"lock_iter_unlocked\",\"verdict\":\"n/a\""));
	fixture_end(&x);
}

static void jq_reads_it(void **state)
{
	struct msi_ev_insert ev = EVENT(INSERT, insert, .md = MD_A, .desc = DESC_A, .index = 3);
	struct finding fd = make_finding();
	struct fixture x;
	FILE *jq;

	(void)state;
	if (system("command -v jq >/dev/null 2>&1")) {
		print_message("no jq\n");
		skip();
	}
	fixture_begin(&x, "json");
	memcpy(ev.h.comm, "\xff\033x", 3);
	feed(&x, &ev);
	x.f.ops->finding(&x.f, &fd);
	jq = popen("jq -es 'length == 3 and .[1].fields.index == 3 and .[2].rule == \"lock_iter_unlocked\"' "
		   ">/dev/null", "w");
	assert_non_null(jq);
	fputs(fixture_text(&x), jq);
	assert_int_equal(pclose(jq), 0);
	fixture_end(&x);
}

static void lists_are_arrays(void **state)
{
	struct msi_ev_pci_enable_end ev = EVENT(PCI_ENABLE_END, pci_enable_end, .ret = 2, .nr = 2,
						.entry = { 5, 3, 9 }, .vector = { 24, 25, 9 });
	struct json_object *o;
	struct fixture x;

	(void)state;
	fixture_begin(&x, "json");
	feed_device(&x);
	assert_int_equal(feed(&x, &ev), 0);
	o = last_line(&x);
	expect_int(o, "/fields/entry/1", 3);
	expect_int(o, "/fields/vector/0", 24);
	assert_int_equal(json_object_array_length(get(o, "/fields/vector")), 2);
	json_object_put(o);
	fixture_end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begin_says_what_runs),
		cmocka_unit_test(event_has_every_field),
		cmocka_unit_test(lists_are_arrays),
		cmocka_unit_test(addresses_only_when_verbose),
		cmocka_unit_test(strings_survive),
		cmocka_unit_test(every_event_is_one_object),
		cmocka_unit_test(finding_has_all_parts),
		cmocka_unit_test(frames_have_lines),
		cmocka_unit_test(histogram_and_count),
		cmocka_unit_test(results_then_summary),
		cmocka_unit_test(jq_reads_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
