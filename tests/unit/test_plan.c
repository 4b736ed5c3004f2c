// SPDX-License-Identifier: GPL-2.0-only
/* src/ledger/plan.c: whether CPUs can go offline.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/util.h"
#include "ledger/plan.h"

#define CPU(n, taken_, free_) { .cpu = (n), .online = true, .removable = (n) != 0, .allocated = (taken_), .available = (free_) }

static struct plan_offline one(struct snapshot *s, uint32_t cpu)
{
	struct plan_offline p;

	plan_offline(s, &cpu, 1, &p);
	return p;
}

static void room_or_none(void **state)
{
	struct snap_cpu cpus[] = { CPU(0, 100, 100), CPU(1, 100, 100) };
	struct snapshot s = { .cpus = cpus, .nr_cpus = 2 };
	struct plan_offline p;

	(void)state;
	p = one(&s, 1);
	assert_int_equal(p.answer, PLAN_YES);	/* just enough */
	assert_int_equal(p.move, 100);
	assert_int_equal(p.room, 100);
	cpus[0].available = 99;
	p = one(&s, 1);
	assert_int_equal(p.answer, PLAN_NO);
	assert_int_equal(p.reason, PLAN_NO_ROOM);
	cpus[1].managed_allocated = 1;		/* a managed interrupt is shut down */
	assert_int_equal(one(&s, 1).answer, PLAN_YES);
}

static void reservations(void **state)
{
	struct snap_cpu cpus[] = { CPU(0, 100, 100), CPU(1, 10, 190) };
	struct snapshot s = { .cpus = cpus, .nr_cpus = 2, .reserved = 90 };

	(void)state;
	assert_false(one(&s, 1).reserved_short);
	s.reserved = 91;
	assert_int_equal(one(&s, 1).answer, PLAN_YES);	/* the kernel only warns */
	assert_true(one(&s, 1).reserved_short);
}

static void not_about_room(void **state)
{
	struct snap_cpu cpus[] = { CPU(0, 0, 200), CPU(1, 0, 200), CPU(2, 0, 200) };
	struct snapshot s = { .cpus = cpus, .nr_cpus = 3 };

	(void)state;
	assert_int_equal(one(&s, 0).reason, PLAN_FIXED);
	assert_int_equal(one(&s, 7).reason, PLAN_NO_CPU);
	cpus[2].online = false;
	assert_int_equal(one(&s, 2).reason, PLAN_OFFLINE);
	cpus[0].online = false;
	assert_int_equal(one(&s, 1).reason, PLAN_LAST);
}

static void one_after_the_other(void **state)
{
	struct snap_cpu cpus[] = { CPU(0, 100, 100), CPU(1, 60, 140), CPU(2, 60, 140) };
	struct snap_vector moves[60];
	struct snapshot s = { .cpus = cpus, .nr_cpus = 3, .vectors = moves };
	const uint32_t list[] = { 1, 2, 1 };
	struct plan_offline p[3];

	(void)state;
	/* 60 + 60 vectors to a CPU that has 100 free; it is not known whether those of CPU 1 must move */
	plan_offline(&s, list, 2, p);
	assert_int_equal(p[0].answer, PLAN_YES);
	assert_int_equal(p[1].answer, PLAN_MAYBE);
	assert_int_equal(p[1].reason, PLAN_DEPENDS);
	assert_int_equal(p[1].room, 40);
	/* all of them must */
	for (size_t i = 0; i < ARRAY_SIZE(moves); i++)
		moves[i] = (struct snap_vector){ .cpu = 1, .vector = 40 + i, .state = SNAP_STARTED };
	s.nr_vectors = ARRAY_SIZE(moves);
	plan_offline(&s, list, 3, p);
	assert_int_equal(p[1].answer, PLAN_NO);
	assert_int_equal(p[2].reason, PLAN_OFFLINE);
	/* managed ones need not */
	for (size_t i = 0; i < ARRAY_SIZE(moves); i++)
		moves[i].state |= SNAP_MANAGED;
	plan_offline(&s, list, 2, p);
	assert_int_equal(p[1].answer, PLAN_MAYBE);
	cpus[0].available = 120;
	plan_offline(&s, list, 2, p);
	assert_int_equal(p[1].answer, PLAN_YES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(room_or_none),
		cmocka_unit_test(reservations),
		cmocka_unit_test(not_about_room),
		cmocka_unit_test(one_after_the_other),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
