// SPDX-License-Identifier: GPL-2.0-only
/* The reader of the rules' traces: what it fills in, and that it refuses what it does not
 * understand.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../rules/trace_text.h"

static int read_text(struct trace_text *tt, const char *text)
{
	char path[] = "/tmp/msitrace-test-XXXXXX";
	int fd = mkstemp(path), err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	err = trace_text__read(tt, path);
	unlink(path);
	return err;
}

static void defaults(void **state)
{
	const struct msi_ev_first *a, *b;
	struct trace_text tt;

	(void)state;
	assert_int_equal(read_text(&tt, "first dev=A desc=d0 index=4 stack=walk,probe\n"
					"+12.5us first owner_tid=7 desc=d0 tid=100/modprobe # "
					"comment\n"),
			 0);
	assert_int_equal(tt.nr_events, 2);
	a = (const struct msi_ev_first *)tt.events[0];
	b = (const struct msi_ev_first *)tt.events[1];
	assert_int_equal(a->h.type, MSI_EV_FIRST);
	assert_int_equal(a->owner_current, 1);
	assert_int_equal(a->owner_tid, a->h.tid);
	assert_true(a->caller == a->stack.ip[0]);
	assert_true(a->caller_fn == (a->caller & ~0xfffULL));
	assert_int_equal(a->stack.nr, 2);
	assert_int_equal(a->index, 4);
	assert_true(a->md && a->md == b->md && a->h.dev == b->h.dev && a->desc == b->desc);
	assert_int_equal(b->owner_current, 0);
	assert_string_equal(b->h.comm, "modprobe");
	assert_true(b->h.ts_ns - a->h.ts_ns == 12500);
	trace_text__free(&tt);
}

static void store_shorthand(void **state)
{
	const struct msi_ev_store_entry *row;
	const struct msi_ev_store_end *end;
	struct trace_text tt;

	(void)state;
	assert_int_equal(read_text(&tt, "store desc_free dev=A list=7 d3/3 d4/4/27/2\n"), 0);
	assert_int_equal(tt.nr_events, 4);
	row = (const struct msi_ev_store_entry *)tt.events[2];
	end = (const struct msi_ev_store_end *)tt.events[3];
	assert_int_equal(row->index, 4);
	assert_int_equal(row->irq, 27);
	assert_int_equal(row->nvec_used, 2);
	assert_int_equal(row->list, 7);
	assert_int_equal(end->count, 2);
	assert_int_equal(end->list, 7);
	trace_text__free(&tt);
}

static void attach_shorthand(void **state)
{
	struct trace_text tt;
	unsigned int absent = 0, degraded = 0;

	(void)state;
	assert_int_equal(read_text(&tt, "attach all -edge ~insert\n"), 0);
	for (size_t i = 0; i < tt.nr_events; i++) {
		const struct msi_ev_attach *at = (const struct msi_ev_attach *)tt.events[i];

		absent += at->status == MSI_ATTACH_ABSENT && at->event == MSI_EV_EDGE;
		degraded += at->status == MSI_ATTACH_DEGRADED && at->event == MSI_EV_INSERT;
	}
	assert_int_equal(absent, 1);
	assert_int_equal(degraded, 1);
	trace_text__free(&tt);
}

static void expectations(void **state)
{
	struct trace_text tt;

	(void)state;
	assert_int_equal(read_text(&tt, "expect n/a iter_nested\nexpect fail iter_nested 23\n"
					"expect message \"two words\"\n"), 0);
	assert_int_equal(tt.nr_expects, 3);
	assert_int_equal(tt.expects[0].verdict, VERDICT_NA);
	assert_int_equal(tt.expects[1].nr, 23);
	assert_string_equal(tt.expects[2].text, "two words");
	trace_text__free(&tt);
}

static void nonsense_is_refused(void **state)
{
	static const char *const bad[] = {
		"nonsense dev=A\n",
		"first nonsense=1\n",
		"first index\n",
		"first index=x\n",
		"alloc_end stack=a\n",
		"expect\n",
		"expect pass\n",
		"expect maybe iter_nested\n",
		"expect pass nonsense\n",
		"attach nonsense\n",
		"kernel\n",
		"kernel x\n",
		"kernel 7.2 arm\n",
		"store\n",
		"store desc_free d3\n",
		"+x first\n",
		"first tid=x\n",
		"first stack=f+x\n",
		"request name=123456789012345678901234567890\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct trace_text tt;

		assert_true(read_text(&tt, bad[i]) < 0);
		assert_non_null(strstr(tt.error, ":1: "));
		trace_text__free(&tt);
	}
}

static void missing_file(void **state)
{
	struct trace_text tt;

	(void)state;
	assert_true(trace_text__read(&tt, "/nonexistent") < 0);
	trace_text__free(&tt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(store_shorthand),
		cmocka_unit_test(attach_shorthand),
		cmocka_unit_test(expectations),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(missing_file),
	};

	return cmocka_run_group_tests_name("trace_text", tests, NULL, NULL);
}
