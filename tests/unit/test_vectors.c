// SPDX-License-Identifier: GPL-2.0-only
/* src/ledger/vectors.c: holders, the vectors of a CPU, the map.  */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/util.h"
#include "ledger/vectors.h"

static struct snap_device nvme = { .name = "0000:00:02.0", .driver = "nvme" };
static struct snap_device net = { .name = "0000:00:03.0", .driver = "e1000e" };

#define NOBODY .cpu = SNAP_UNKNOWN, .vector = SNAP_UNKNOWN, .left = SNAP_UNKNOWN, .left_cpu = SNAP_UNKNOWN
#define MSI(device_, n) .dev = 1, .device = &(device_), .desc = 1 + (n), .irq = 24 + (n), .index = (n), .looked = true, \
	.chip = "PCI-MSI", .actions = ""

static struct snap_vector msis[] = {
	{ MSI(nvme, 0), .cpu = 0, .vector = 34, .left = SNAP_UNKNOWN, .left_cpu = SNAP_UNKNOWN, .handler = 1,
	  .fired = 5, .state = SNAP_ACTIVE | SNAP_STARTED },
	{ MSI(nvme, 1), NOBODY, .books = MSI_BOOKS_KNOWN | MSI_BOOKS_RESERVED, .state = SNAP_RESERVED },
	{ MSI(nvme, 2), .cpu = 1, .vector = 35, .left = 33, .left_cpu = 0, .handler = 1, .fired = 1,
	  .state = SNAP_ACTIVE | SNAP_STARTED | SNAP_MOVING },
	{ MSI(net, 0), .cpu = 1, .vector = 36, .left = SNAP_UNKNOWN, .left_cpu = SNAP_UNKNOWN, .handler = 1,
	  .state = SNAP_ACTIVE | SNAP_STARTED },
	{ .dev = 1, .device = &net, .desc = 9, .irq = SNAP_UNKNOWN, .index = 1, NOBODY, .state = SNAP_NO_IRQ,
	  .chip = "", .actions = "" },
};

static struct snap_vector others[] = {
	{ .irq = 9, .looked = true, .chip = "IO-APIC", .actions = "acpi", .cpu = 0, .vector = 40, .left = SNAP_UNKNOWN,
	  .left_cpu = SNAP_UNKNOWN, .handler = 1, .state = SNAP_STARTED },
	{ .irq = 1, .looked = true, .chip = "IO-APIC", .actions = "i8042", .cpu = 1, .vector = 41, .left = SNAP_UNKNOWN,
	  .left_cpu = SNAP_UNKNOWN, .handler = 1, .state = SNAP_STARTED },
};

#define BIT(n) (1ull << (n))

static struct snap_cpu cpus[] = {
	{ .cpu = 0, .online = true, .available = 95, .allocated = 5, .legacy = 1,
	  .taken = { BIT(33) | BIT(34) | BIT(40) | BIT(48) | BIT(50) } },
	{ .cpu = 1, .online = true, .available = 0, .allocated = 3, .taken = { BIT(35) | BIT(36) | BIT(41) } },
	{ .cpu = 2, .online = false, .available = 100 },
	{ .cpu = 3, .online = true, .available = 1, .allocated = 99 },
};

static struct snap_odd odd[] = { { .cpu = 0, .vector = 50, .taken = true } };

static const struct snapshot snap = {
	.vectors = msis, .nr_vectors = ARRAY_SIZE(msis), .others = others, .nr_others = ARRAY_SIZE(others),
	.cpus = cpus, .nr_cpus = ARRAY_SIZE(cpus), .odd = odd, .nr_odd = ARRAY_SIZE(odd),
	.complete = true, .quiet = true,
};

static void holders_most_first(void **state)
{
	struct vec_holder *h;
	size_t nr;

	(void)state;
	assert_int_equal(vec_holders(&snap, &h, &nr), 0);
	assert_int_equal(nr, 4);
	assert_string_equal(h[0].name, "0000:00:02.0");
	assert_string_equal(h[0].driver, "nvme");
	assert_int_equal(h[0].irqs, 3);
	assert_int_equal(h[0].vectors, 3);	/* one of them is still held where it was moved from */
	assert_int_equal(h[0].reserved, 1);
	assert_int_equal(h[0].requested, 2);
	assert_int_equal(h[0].idle[VEC_UNREQUESTED], 1);
	assert_int_equal(h[0].idle[VEC_SILENT], 0);
	assert_string_equal(h[1].name, "IO-APIC");
	assert_int_equal(h[1].vectors, 2);
	assert_int_equal(h[1].idle[VEC_SILENT], 0);
	assert_string_equal(h[2].name, "0000:00:03.0");
	assert_int_equal(h[2].irqs, 1);		/* a descriptor without interrupt holds nothing */
	assert_int_equal(h[2].idle[VEC_SILENT], 1);
	assert_string_equal(h[3].name, "ISA");
	assert_int_equal(h[3].vectors, 1);
	free(h);
}

/* What each holder has adds up to what is taken, but for what nobody holds.  */
static void holders_add_up(void **state)
{
	uint32_t held = 0, taken = 0;
	struct vec_holder *h;
	size_t nr, i;

	(void)state;
	assert_int_equal(vec_holders(&snap, &h, &nr), 0);
	for (i = 0; i < nr; i++)
		held += h[i].vectors;
	for (i = 0; i < 2; i++)
		taken += cpus[i].allocated;
	assert_int_equal(held + snap.nr_odd, taken);
	free(h);
}

/* The same by CPU; a vector that is still held where the interrupt was is there.  */
static void holders_of_one_cpu(void **state)
{
	struct vec_holder *h;
	size_t nr, i, c;

	(void)state;
	for (c = 0; c < 2; c++) {
		uint32_t held = 0, lost = 0;

		assert_int_equal(vec_holders_of(&snap, cpus[c].cpu, &h, &nr), 0);
		for (i = 0; i < nr; i++)
			held += h[i].vectors;
		for (i = 0; i < snap.nr_odd; i++)
			lost += snap.odd[i].taken && snap.odd[i].cpu == cpus[c].cpu;
		assert_int_equal(held + lost, cpus[c].allocated);
		free(h);
	}
	assert_int_equal(vec_holders_of(&snap, 9, &h, &nr), 0);
	assert_int_equal(nr, 0);
	free(h);
}

static void idle_or_not(void **state)
{
	struct snap_vector v = msis[0];

	(void)state;
	assert_int_equal(vector_idle(&v), VEC_USED);
	v.fired = 0;
	assert_int_equal(vector_idle(&v), VEC_SILENT);
	v.state |= SNAP_MANAGED;
	assert_int_equal(vector_idle(&v), VEC_USED);
	v.state = SNAP_STARTED | SNAP_DISABLED;
	assert_int_equal(vector_idle(&v), VEC_USED);
	v.state = SNAP_STARTED | SNAP_PENDING;
	assert_int_equal(vector_idle(&v), VEC_PENDING);
	v.handler = 0;				/* a chained handler */
	v.fired = 1;
	v.state = SNAP_STARTED;
	assert_int_equal(vector_idle(&v), VEC_USED);
	v.state = SNAP_ACTIVE;
	assert_int_equal(vector_idle(&v), VEC_UNREQUESTED);
	v.looked = false;
	assert_int_equal(vector_idle(&v), VEC_USED);
	assert_int_equal(vector_idle(&msis[4]), VEC_USED);
	assert_int_equal(vector_idle(&others[0]), VEC_USED);
}

/* What vfio keeps, and what a guest may get without the host.  */
static void idle_of_vfio(void **state)
{
	static struct snap_device vfio = { .name = "0000:00:04.0", .driver = "vfio-pci" };
	struct snap_vector v = { MSI(vfio, 0), NOBODY, .state = SNAP_RESERVED | SNAP_KEPT };

	(void)state;
	assert_int_equal(vector_idle(&v), VEC_USED);
	v.state = SNAP_RESERVED;
	assert_int_equal(vector_idle(&v), VEC_UNREQUESTED);
	v.handler = 1;
	v.state = SNAP_STARTED;
	assert_int_equal(vector_idle(&v), VEC_USED);
	v.state = SNAP_STARTED | SNAP_PENDING;
	assert_int_equal(vector_idle(&v), VEC_PENDING);
	v.device = &net;
	v.state = SNAP_STARTED;
	assert_int_equal(vector_idle(&v), VEC_SILENT);
}

static void vectors_of_a_cpu(void **state)
{
	struct vec_place *p;
	size_t nr;

	(void)state;
	assert_int_equal(vec_of_cpu(&snap, 0, &p, &nr), 0);
	assert_int_equal(nr, cpus[0].allocated);
	assert_int_equal(p[0].vector, 33);
	assert_ptr_equal(p[0].holder, &msis[2]);
	assert_true(p[0].old);
	assert_int_equal(p[1].vector, 34);
	assert_false(p[1].old);
	assert_ptr_equal(p[2].holder, &others[0]);
	assert_int_equal(p[3].vector, 48);
	assert_true(p[3].legacy);
	assert_int_equal(p[4].vector, 50);
	assert_null(p[4].holder);
	assert_false(p[4].legacy);
	free(p);
	assert_int_equal(vec_of_cpu(&snap, 4, &p, &nr), -ENOENT);
}

static void map_of_cpus(void **state)
{
	char line[VEC_MAP_CPUS + 1];

	(void)state;
	vec_map(&snap, 0, line);
	assert_string_equal(line, ".#-9");
	vec_map(&snap, 3, line);
	assert_string_equal(line, "9");
}

static enum vec_idle move_in(struct snap_vector before, struct snap_vector now)
{
	struct snapshot a = { .vectors = &before, .nr_vectors = 1 }, b = { .vectors = &now, .nr_vectors = 1 };

	assert_int_equal(vec_mark_stuck(&b, &a), 0);
	return vector_idle(&now);
}

/* msis[2] is being moved.  */
static void moves_that_do_not_end(void **state)
{
	struct snap_vector v = msis[2], other = msis[2], over = msis[2], again = msis[2], fired = msis[2];
	struct snapshot none = {}, s = { .vectors = &v, .nr_vectors = 1 };

	(void)state;
	assert_int_equal(move_in(v, v), VEC_MOVING);
	assert_int_equal(vector_idle(&v), VEC_USED);	/* one look */
	assert_int_equal(vec_mark_stuck(&s, &none), 0);
	assert_int_equal(vector_idle(&v), VEC_USED);
	fired.fired++;
	assert_int_equal(move_in(v, fired), VEC_USED);
	again.left++;
	assert_int_equal(move_in(v, again), VEC_USED);
	other.desc++;
	assert_int_equal(move_in(other, v), VEC_USED);
	over.state &= ~SNAP_MOVING;
	assert_int_equal(move_in(v, over), VEC_USED);
	assert_int_equal(move_in(over, v), VEC_USED);
}

/* A counter of the kernel that went below 0.  */
static void map_of_nonsense(void **state)
{
	struct snap_cpu bad[] = { { .online = true, .allocated = 0xffffffff, .available = 100 },
				  { .online = true, .allocated = 0xffffffff, .available = 1 } };
	struct snapshot s = { .cpus = bad, .nr_cpus = 2 };
	char line[VEC_MAP_CPUS + 1];

	(void)state;
	vec_map(&s, 0, line);
	assert_string_equal(line, "99");
}

static void map_is_cut(void **state)
{
	struct snap_cpu many[VEC_MAP_CPUS + 5] = {};
	struct snapshot s = { .cpus = many, .nr_cpus = ARRAY_SIZE(many) };
	char line[VEC_MAP_CPUS + 1];

	(void)state;
	vec_map(&s, 0, line);
	assert_int_equal(strlen(line), VEC_MAP_CPUS);
	vec_map(&s, VEC_MAP_CPUS, line);
	assert_int_equal(strlen(line), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holders_most_first),
		cmocka_unit_test(holders_add_up),
		cmocka_unit_test(holders_of_one_cpu),
		cmocka_unit_test(idle_or_not), cmocka_unit_test(idle_of_vfio),
		cmocka_unit_test(moves_that_do_not_end),
		cmocka_unit_test(vectors_of_a_cpu),
		cmocka_unit_test(map_of_cpus),
		cmocka_unit_test(map_of_nonsense),
		cmocka_unit_test(map_is_cut),
	};

	return cmocka_run_group_tests_name("vectors", tests, NULL, NULL);
}
