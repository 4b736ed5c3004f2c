// SPDX-License-Identifier: GPL-2.0-only
/* src/ledger/plan*.c: whether CPUs can go offline, interrupts elsewhere, devices have more.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
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

/* --- affinity ----------------------------------------------------------------------------- */

/* Three CPUs, the last one offline; interrupts 24 (of a device) on CPU 0, and 9 (of none) on CPU 1.  */
struct move {
	struct snap_cpu cpus[3];
	struct snap_device device;
	struct snap_vector msi, other;
	struct snapshot s;
};

static void setup_move(struct move *m)
{
	*m = (struct move){
		.cpus = { CPU(0, 100, 100), CPU(1, 100, 90), CPU(2, 0, 200) },
		.device = { .name = "0000:00:01.0" },
		.msi = { .dev = 1, .desc = 1, .irq = 24, .looked = true, .movable = true, .books = MSI_BOOKS_KNOWN,
			 .state = SNAP_ACTIVE | SNAP_STARTED, .vector = 40, .cpu = 0, .left = SNAP_UNKNOWN,
			 .left_cpu = SNAP_UNKNOWN },
		.s = { .nr_cpus = 3, .nr_vectors = 1, .nr_others = 1 },
	};
	m->cpus[2].online = false;
	m->msi.device = &m->device;
	m->other = m->msi;
	m->other.irq = 9;
	m->other.cpu = 1;
	m->s.cpus = m->cpus;
	m->s.vectors = &m->msi;
	m->s.others = &m->other;
}

static const uint32_t cpu_0[] = { 0 }, cpu_1[] = { 1 }, cpu_2[] = { 2 }, cpus_0_1[] = { 0, 1 }, cpus_1_2[] = { 1, 2 };

#define LIST(array) (&(struct plan_cpus){ array, ARRAY_SIZE(array) })

static struct plan_affinity move_to(struct move *m, const struct plan_cpus *list)
{
	struct plan_affinity p;

	assert_int_equal(plan_affinity(&m->s, 24, list, &p), 0);
	return p;
}

static void expect_move(struct move *m, const struct plan_cpus *list, enum plan_answer answer,
			enum plan_reason reason, enum plan_write write)
{
	struct plan_affinity p = move_to(m, list);

	assert_int_equal(p.answer, answer);
	assert_string_equal(plan_reasons[p.reason], plan_reasons[reason]);
	assert_string_equal(plan_writes[p.write], plan_writes[write]);
}

static void moves(void **state)
{
	struct plan_affinity p;
	struct move m;

	(void)state;
	setup_move(&m);
	p = move_to(&m, LIST(cpu_1));
	assert_int_equal(p.reason, PLAN_NOW);
	assert_int_equal(p.now, 0);
	assert_int_equal(p.to, 1);
	assert_int_equal(p.room, 90);
	m.msi.deferred = true;
	expect_move(&m, LIST(cpu_1), PLAN_YES, PLAN_NEXT, PLAN_WRITE_OK);
	m.msi.state |= SNAP_DISABLED;
	expect_move(&m, LIST(cpu_1), PLAN_YES, PLAN_DISABLED, PLAN_WRITE_OK);
	m.msi.deferred = false;			/* then it is moved all the same */
	expect_move(&m, LIST(cpu_1), PLAN_YES, PLAN_NOW, PLAN_WRITE_OK);
	m.msi.state = SNAP_ACTIVE | SNAP_MOVING;
	expect_move(&m, LIST(cpu_1), PLAN_YES, PLAN_BUSY, PLAN_WRITE_OK);
	m.msi.state = SNAP_ACTIVE | SNAP_PENDING;	/* a second one waits with the first */
	expect_move(&m, LIST(cpu_1), PLAN_YES, PLAN_NEXT, PLAN_WRITE_OK);
	assert_int_equal(plan_affinity(&m.s, 9, LIST(cpu_0), &p), 0);
	assert_int_equal(p.reason, PLAN_NOW);
	assert_int_equal(plan_affinity(&m.s, 25, LIST(cpu_0), &p), -ENOENT);
}

static void stays(void **state)
{
	struct move m;

	(void)state;
	setup_move(&m);
	m.cpus[0].available = 0;		/* none is needed */
	expect_move(&m, LIST(cpu_0), PLAN_YES, PLAN_THERE, PLAN_WRITE_OK);
	expect_move(&m, LIST(cpus_0_1), PLAN_YES, PLAN_THERE, PLAN_WRITE_OK);
	assert_int_equal(move_to(&m, LIST(cpus_0_1)).to, 0);
	m.msi.cpu = 2;				/* but not on a CPU that is gone */
	expect_move(&m, LIST(cpu_2), PLAN_NO, PLAN_NONE_ONLINE, PLAN_WRITE_EINVAL);
	expect_move(&m, LIST(cpus_1_2), PLAN_YES, PLAN_NOW, PLAN_WRITE_OK);
}

static void takes_the_emptiest(void **state)
{
	static const uint32_t both[] = { 0, 1, 2 };
	struct move m;

	(void)state;
	setup_move(&m);
	m.msi.vector = SNAP_UNKNOWN;
	assert_int_equal(move_to(&m, LIST(both)).to, 0);
	m.cpus[1].available = 100;		/* of equals the first */
	assert_int_equal(move_to(&m, LIST(both)).to, 0);
	m.cpus[1].available = 101;
	assert_int_equal(move_to(&m, LIST(both)).to, 1);
	assert_int_equal(move_to(&m, LIST(both)).room, 201);	/* CPU 2 is offline */
}

static void no_room_to_move(void **state)
{
	struct move m;

	(void)state;
	setup_move(&m);
	m.cpus[1].available = 0;
	expect_move(&m, LIST(cpu_1), PLAN_NO, PLAN_FULL, PLAN_WRITE_ENOSPC);
	assert_int_equal(move_to(&m, LIST(cpu_1)).to, SNAP_UNKNOWN);
	m.msi.deferred = true;
	expect_move(&m, LIST(cpu_1), PLAN_NO, PLAN_FULL_LATER, PLAN_WRITE_OK);
	m.msi.deferred = false;
	m.msi.state |= SNAP_MOVING;		/* -EBUSY comes before -ENOSPC, and user space sees neither */
	expect_move(&m, LIST(cpu_1), PLAN_NO, PLAN_FULL_LATER, PLAN_WRITE_OK);
}

static void back_to_a_full_cpu(void **state)
{
	struct move m;

	(void)state;
	setup_move(&m);
	m.cpus[1].available = 0;
	m.msi.state |= SNAP_MOVING;
	m.msi.left = 41;
	m.msi.left_cpu = 1;			/* it lets go of that one first */
	expect_move(&m, LIST(cpu_1), PLAN_YES, PLAN_BUSY, PLAN_WRITE_OK);
	assert_int_equal(move_to(&m, LIST(cpu_1)).to, 1);
	assert_int_equal(move_to(&m, LIST(cpu_1)).room, 1);
	m.cpus[2].online = true;
	assert_int_equal(move_to(&m, LIST(cpus_1_2)).to, 2);
	m.msi.left_cpu = 2;
	m.cpus[2].available = 0;
	expect_move(&m, LIST(cpu_1), PLAN_NO, PLAN_FULL_LATER, PLAN_WRITE_OK);
}

static void not_to_be_moved(void **state)
{
	struct move m;

	(void)state;
	setup_move(&m);
	m.msi.movable = false;
	expect_move(&m, LIST(cpu_1), PLAN_NO, PLAN_NO_AFFINITY, PLAN_WRITE_REFUSED);
	assert_int_equal(move_to(&m, LIST(cpu_1)).to, SNAP_UNKNOWN);
	expect_move(&m, LIST(cpu_0), PLAN_NO, PLAN_NO_AFFINITY, PLAN_WRITE_REFUSED);	/* nor to where it is */
	m.msi.state |= SNAP_MANAGED;
	expect_move(&m, LIST(cpu_1), PLAN_NO, PLAN_MANAGED, PLAN_WRITE_REFUSED);
}

static void before_it_is_active(void **state)
{
	struct move m;

	(void)state;
	setup_move(&m);
	m.msi.state = SNAP_ALLOCATED | SNAP_RESERVED;
	m.msi.vector = SNAP_UNKNOWN;
	m.msi.deferred = true;
	expect_move(&m, LIST(cpu_0), PLAN_YES, PLAN_KEPT, PLAN_WRITE_OK);
	m.cpus[0].available = 0;
	expect_move(&m, LIST(cpu_0), PLAN_NO, PLAN_ELSEWHERE, PLAN_WRITE_OK);
}

static void cannot_be_judged(void **state)
{
	struct move m;

	(void)state;
	setup_move(&m);
	m.msi.state |= SNAP_CHANGING;
	expect_move(&m, LIST(cpu_1), PLAN_MAYBE, PLAN_CHANGING, PLAN_WRITE_UNKNOWN);
	m.msi.state &= ~SNAP_CHANGING;
	m.msi.books = 0;
	expect_move(&m, LIST(cpu_1), PLAN_MAYBE, PLAN_FOREIGN, PLAN_WRITE_UNKNOWN);
}

static void why_by_answer(void **state)
{
	struct snap_cpu cpus[] = { CPU(0, 200, 0), CPU(1, 100, 90), CPU(2, 200, 0), CPU(3, 100, 80), CPU(4, 0, 200) };
	struct plan_why *rows;
	struct move m;
	size_t nr;

	(void)state;
	setup_move(&m);
	cpus[4].online = false;
	m.s.cpus = cpus;
	m.s.nr_cpus = ARRAY_SIZE(cpus);
	assert_int_equal(plan_why(&m.s, 24, &rows, &nr), 0);
	assert_int_equal(nr, 3);
	assert_int_equal(rows[0].p.reason, PLAN_THERE);
	assert_int_equal(rows[0].nr, 1);
	assert_int_equal(rows[1].p.reason, PLAN_NOW);
	assert_int_equal(rows[1].nr, 2);
	assert_int_equal(rows[1].cpus[0], 1);
	assert_int_equal(rows[1].cpus[1], 3);
	assert_int_equal(rows[1].p.room, 170);
	assert_int_equal(rows[2].p.reason, PLAN_FULL);
	assert_int_equal(rows[2].cpus[0], 2);
	free(rows);
	assert_int_equal(plan_why(&m.s, 25, &rows, &nr), -ENOENT);
}

/* --- alloc -------------------------------------------------------------------------------- */

static struct plan_alloc wish(struct move *m, const struct plan_request *r)
{
	struct plan_alloc p;

	plan_alloc(&m->s, r, &p);
	return p;
}

static void expect_wish(struct move *m, const struct plan_request *r, enum plan_answer answer,
			enum plan_reason reason, uint32_t gets)
{
	struct plan_alloc p = wish(m, r);

	assert_int_equal(p.answer, answer);
	assert_string_equal(plan_reasons[p.reason], plan_reasons[reason]);
	assert_int_equal(p.gets, gets);
}

static void as_many_as_are_free(void **state)
{
	struct plan_request r = { .device = "0000:00:02.0", .nr = 190, .msix = 200 };
	struct move m;

	(void)state;
	setup_move(&m);
	expect_wish(&m, &r, PLAN_YES, PLAN_ENOUGH, 190);
	assert_int_equal(wish(&m, &r).room, 190);
	r.nr = 191;
	expect_wish(&m, &r, PLAN_NO, PLAN_TOO_FEW, 191);	/* it is allocated, and not requested */
	r.device = "0000:00:01.0";				/* which gives one back */
	expect_wish(&m, &r, PLAN_YES, PLAN_ENOUGH, 191);
	assert_int_equal(wish(&m, &r).back, 1);
	r.nr = 201;
	expect_wish(&m, &r, PLAN_NO, PLAN_TOO_MANY, 200);
	r.msix = 0;
	expect_wish(&m, &r, PLAN_NO, PLAN_NO_MSI, 0);
}

static void of_another_domain(void **state)
{
	struct plan_request r = { .device = "0000:00:01.0", .nr = 8, .msix = 8 };
	struct move m;

	(void)state;
	setup_move(&m);
	m.msi.books = 0;
	expect_wish(&m, &r, PLAN_MAYBE, PLAN_FOREIGN, 0);
	r.device = "0000:00:02.0";
	expect_wish(&m, &r, PLAN_YES, PLAN_ENOUGH, 8);
	r.device = "10000:00:02.0";		/* behind VMD */
	expect_wish(&m, &r, PLAN_MAYBE, PLAN_FOREIGN, 0);
	r.nr = 9;
	expect_wish(&m, &r, PLAN_NO, PLAN_TOO_MANY, 8);
}

static void on_some_cpus(void **state)
{
	struct plan_request r = { .device = "0000:00:02.0", .nr = 90, .msix = 200, .list = { cpu_1, 1 } };
	struct move m;

	(void)state;
	setup_move(&m);
	expect_wish(&m, &r, PLAN_YES, PLAN_ENOUGH, 90);
	assert_int_equal(wish(&m, &r).room, 90);
	r.nr = 91;
	expect_wish(&m, &r, PLAN_NO, PLAN_BROKEN, 91);
	r.nr = 191;
	expect_wish(&m, &r, PLAN_NO, PLAN_TOO_FEW, 191);
}

static void msi(void **state)
{
	struct plan_request r = { .device = "0000:00:02.0", .nr = 1, .msi = 4 };
	struct move m;

	(void)state;
	setup_move(&m);
	expect_wish(&m, &r, PLAN_YES, PLAN_ENOUGH, 1);
	r.nr = 2;
	expect_wish(&m, &r, PLAN_NO, PLAN_MULTI_MSI, 1);
	m.other.chip = "IR-IO-APIC";
	expect_wish(&m, &r, PLAN_YES, PLAN_ENOUGH, 2);
	m.cpus[0].available = 1;
	m.cpus[1].available = 0;
	expect_wish(&m, &r, PLAN_NO, PLAN_TOO_FEW_NOW, 1);	/* no reservation without a mask bit */
	r.msi_maskable = true;
	expect_wish(&m, &r, PLAN_NO, PLAN_TOO_FEW, 2);
}

static void managed(void **state)
{
	struct plan_request r = { .device = "0000:00:02.0", .nr = 3, .msix = 200, .managed = true, .possible = 3 };
	struct move m;

	(void)state;
	setup_move(&m);
	expect_wish(&m, &r, PLAN_YES, PLAN_ENOUGH, 3);
	r.nr = 4;
	expect_wish(&m, &r, PLAN_NO, PLAN_PER_CPU, 3);
	r.nr = 1;
	m.cpus[1].available = 0;		/* one of them is enough */
	expect_wish(&m, &r, PLAN_NO, PLAN_CPU_FULL, 0);
	m.cpus[1].available = 1;
	expect_wish(&m, &r, PLAN_YES, PLAN_ENOUGH, 1);
	m.cpus[2].managed = 200;		/* offline: its counter does not say */
	expect_wish(&m, &r, PLAN_MAYBE, PLAN_CPU_UNKNOWN, 0);
	m.cpus[2].managed = 0;
	m.cpus[1].available = 0;		/* the device gives back what it has there */
	m.msi.state |= SNAP_MANAGED;
	r.device = "0000:00:01.0";
	expect_wish(&m, &r, PLAN_YES, PLAN_ENOUGH, 1);
	assert_int_equal(wish(&m, &r).room, 102);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(room_or_none),
		cmocka_unit_test(reservations),
		cmocka_unit_test(not_about_room),
		cmocka_unit_test(one_after_the_other),
		cmocka_unit_test(moves),
		cmocka_unit_test(stays),
		cmocka_unit_test(takes_the_emptiest),
		cmocka_unit_test(no_room_to_move),
		cmocka_unit_test(back_to_a_full_cpu),
		cmocka_unit_test(not_to_be_moved),
		cmocka_unit_test(before_it_is_active),
		cmocka_unit_test(cannot_be_judged),
		cmocka_unit_test(why_by_answer),
		cmocka_unit_test(as_many_as_are_free),
		cmocka_unit_test(of_another_domain),
		cmocka_unit_test(on_some_cpus),
		cmocka_unit_test(msi),
		cmocka_unit_test(managed),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
