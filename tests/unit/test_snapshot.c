// SPDX-License-Identifier: GPL-2.0-only
/* src/ledger/snapshot.c: events of a look become rows, and the vectors of each CPU add up.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/util.h"
#include "ledger/diff.h"
#include "ledger/snapshot.h"

#define DEV_A 0xffff888100001000ull
#define DEV_B 0xffff888100002000ull
#define DESC(n) (0xffff888200000000ull + 0x100 * (n))

static void give(struct snapshot *s, struct msi_event_hdr *h, unsigned int type, uint64_t dev)
{
	h->type = type;
	h->dev = dev;
	assert_int_equal(snapshot__event(s, h), 0);
}

static void mark(struct snapshot *s, unsigned int phase)
{
	struct msi_ev_baseline e = { .phase = phase };

	give(s, &e.h, MSI_EV_BASELINE, 0);
}

static void device(struct snapshot *s, uint64_t dev, const char *name, const char *driver, bool md)
{
	struct msi_ev_dev_info e = { .md = md };

	str_copy(e.name, sizeof(e.name), name);
	str_copy(e.driver, sizeof(e.driver), driver);
	give(s, &e.h, MSI_EV_DEV_INFO, dev);
}

struct entry {
	uint64_t desc;
	uint32_t index, irq, nvec;
};

static void store_flags(struct snapshot *s, uint64_t dev, unsigned int why, const struct entry *entries, size_t nr,
			uint32_t flags)
{
	struct msi_ev_store_begin b = { .list = 7, .why = why };
	struct msi_ev_store_end t = { .list = 7, .count = nr };

	give(s, &b.h, MSI_EV_STORE_BEGIN, dev);
	for (size_t i = 0; i < nr; i++) {
		struct msi_ev_store_entry e = {
			.list = 7, .desc = entries[i].desc, .index = entries[i].index,
			.irq = entries[i].irq, .nvec_used = entries[i].nvec,
			.flags = MSI_DESC_PCI | MSI_DESC_MSIX | flags,
		};

		give(s, &e.h, MSI_EV_STORE_ENTRY, dev);
	}
	give(s, &t.h, MSI_EV_STORE_END, dev);
}

static void store(struct snapshot *s, uint64_t dev, unsigned int why, const struct entry *entries, size_t nr)
{
	store_flags(s, dev, why, entries, nr, 0);
}

/* An interrupt that holds a vector, 0: a reservation.  */
static struct msi_ev_irq_look irq(uint64_t desc, uint32_t index, uint32_t virq, uint32_t vector, uint32_t cpu)
{
	struct msi_ev_irq_look e = {
		.desc = desc, .index = index, .irq = virq, .held = vector, .held_at = cpu,
		.now_books = MSI_BOOKS_KNOWN | (vector ? MSI_BOOKS_VECTOR : MSI_BOOKS_RESERVED),
		.now_flags = MSI_DESC_STATE_KNOWN | MSI_DESC_PCI | MSI_DESC_MSIX,
		.now_irqd = vector ? MSI_IRQD_ACTIVATED | MSI_IRQD_STARTED : MSI_IRQD_MASKED,
		.handler = vector ? 0xffffffff81000000ull : 0, .fired = virq, .domain = "PCI-MSI",
		.actions = "x",
	};

	return e;
}

static void look(struct snapshot *s, uint64_t dev, struct msi_ev_irq_look e)
{
	give(s, &e.h, MSI_EV_IRQ_LOOK, dev);
}

static void cpu(struct snapshot *s, uint32_t at, uint64_t taken0)
{
	struct msi_ev_matrix_cpu e = { .sample = 3, .at = at, .online = 1, .taken0 = taken0,
				       .allocated = __builtin_popcountll(taken0) };

	give(s, &e.h, MSI_EV_MATRIX_CPU, 0);
}

/* Before the interrupts: what the CPUs have as given so far; and after, when they have the same.  */
static void matrix(struct snapshot *s, uint32_t cpus, uint32_t reserved, bool stable)
{
	struct msi_ev_matrix e = { .sample = 3, .cpus = cpus, .online = cpus, .reserved = reserved, .stable = stable,
				   .irqs_stable = stable };

	give(s, &e.h, MSI_EV_MATRIX, 0);
	e.irqs = 1;
	give(s, &e.h, MSI_EV_MATRIX, 0);
}

#define BIT(n) (1ull << (n))

/* Two devices: one with all there is, one with descriptors only.  */
static void give_usual(struct snapshot *s)
{
	static const struct entry a[] = { { DESC(1), 0, 24, 1 }, { DESC(2), 1, 25, 1 } };
	static const struct entry b[] = { { DESC(3), 0, 0, 1 }, { DESC(4), 1, 0, 1 } };

	mark(s, 0);
	device(s, DEV_B, "0000:00:02.0", "", true);
	store(s, DEV_B, MSI_EV_BASELINE, b, ARRAY_SIZE(b));
	device(s, DEV_A, "0000:00:01.0", "nvme", true);
	store(s, DEV_A, MSI_EV_BASELINE, a, ARRAY_SIZE(a));
	look(s, DEV_A, irq(DESC(2), 1, 25, 0, 0));
	look(s, DEV_A, irq(DESC(1), 0, 24, 33, 1));
	look(s, 0, irq(0, 0, 4, 34, 0));
}

static struct snapshot *usual(void)
{
	struct snapshot *s = NULL;

	assert_int_equal(snapshot__new(&s), 0);
	give_usual(s);
	return s;
}

static void end(struct snapshot *s)
{
	mark(s, 1);
	assert_int_equal(snapshot__finish(s), 0);
}

static void rows(void **state)
{
	struct snapshot *s = usual();
	const struct snap_vector *v;

	(void)state;
	end(s);
	assert_true(s->complete);
	assert_int_equal(s->nr_vectors, 4);
	v = s->vectors;
	assert_string_equal(v[0].device->name, "0000:00:01.0");
	assert_string_equal(v[0].device->driver, "nvme");
	assert_int_equal(v[0].index, 0);
	assert_int_equal(v[0].irq, 24);
	assert_int_equal(v[0].vector, 33);
	assert_int_equal(v[0].cpu, 1);
	assert_int_equal(v[0].state, SNAP_ACTIVE | SNAP_STARTED);
	assert_string_equal(v[0].domain, "PCI-MSI");
	assert_ptr_equal(v[0].domain, v[1].domain);	/* kept once */
	assert_int_equal(v[1].vector, SNAP_UNKNOWN);
	assert_int_equal(v[1].cpu, SNAP_UNKNOWN);
	assert_int_equal(v[1].state, SNAP_ALLOCATED | SNAP_RESERVED | SNAP_MASKED);
	assert_string_equal(v[2].device->name, "0000:00:02.0");
	assert_int_equal(v[2].irq, SNAP_UNKNOWN);
	assert_int_equal(v[2].state, SNAP_NO_IRQ);
	assert_false(v[2].looked);
	assert_false(s->torn);
	snapshot__free(s);
}

static void devices(void **state)
{
	struct snapshot *s = usual();
	const struct snap_device *d;

	(void)state;
	end(s);
	assert_int_equal(s->nr_devices, 2);
	d = s->devices;
	assert_string_equal(d[0].name, "0000:00:01.0");
	assert_true(d[0].has_store && d[0].in_books);
	assert_int_equal(d[0].descs, 2);
	assert_int_equal(d[0].irqs, 2);
	assert_int_equal(d[0].vectors, 1);
	assert_int_equal(d[0].reserved, 1);
	assert_int_equal(d[0].requested, 1);
	assert_int_equal(d[0].fired, 2);
	assert_int_equal(d[1].descs, 2);
	assert_int_equal(d[1].irqs, 0);
	assert_false(d[1].in_books);
	snapshot__free(s);
}

static void adds_up(void **state)
{
	struct snapshot *s = usual();

	(void)state;
	cpu(s, 1, BIT(33));
	cpu(s, 0, BIT(34) | BIT(0x37));		/* that of ISA interrupt 7, which there is not */
	matrix(s, 2, 1, true);
	end(s);
	assert_true(s->quiet);
	assert_int_equal(s->nr_odd, 0);
	assert_int_equal(s->cpus[0].cpu, 0);
	assert_int_equal(s->cpus[0].other, 1);
	assert_int_equal(s->cpus[0].legacy, 1);
	assert_int_equal(s->cpus[0].unexplained, 0);
	assert_int_equal(s->cpus[1].msi, 1);
	assert_int_equal(s->reserved, s->irqs_reserved);
	snapshot__free(s);
}

static void odd_look(struct snapshot *s)
{
	cpu(s, 0, BIT(34) | BIT(35) | BIT(0x34));	/* ISA interrupt 4 is there, and elsewhere */
	cpu(s, 1, BIT(40));
	matrix(s, 2, 2, true);
	end(s);
}

/* What does not is named: taken by nobody, and held without being taken; when it is so twice.  */
static void odd(void **state)
{
	struct snapshot *s = usual();

	(void)state;
	odd_look(s);
	assert_false(s->quiet);
	assert_true(s->again);
	give_usual(s);
	odd_look(s);
	assert_true(s->quiet);
	assert_false(s->again);
	assert_int_equal(s->nr_odd, 4);
	assert_int_equal(s->odd[0].vector, 33);
	assert_int_equal(s->odd[0].cpu, 1);
	assert_false(s->odd[0].taken);
	assert_int_equal(s->odd[1].vector, 35);
	assert_true(s->odd[1].taken);
	assert_int_equal(s->odd[2].vector, 0x34);
	assert_int_equal(s->odd[3].vector, 40);
	assert_int_equal(s->cpus[0].unexplained, 2);
	assert_int_equal(s->cpus[1].unexplained, 1);
	assert_int_equal(s->reserved, 2);
	assert_int_equal(s->irqs_reserved, 1);
	/* The next one finds other things: it is not known.  */
	give_usual(s);
	cpu(s, 0, BIT(34) | BIT(36));
	cpu(s, 1, BIT(33));
	matrix(s, 2, 2, true);
	end(s);
	assert_false(s->quiet);
	assert_true(s->again);
	/* And when all is well, that is known at once.  */
	give_usual(s);
	cpu(s, 0, BIT(34));
	cpu(s, 1, BIT(33));
	matrix(s, 2, 1, true);
	end(s);
	assert_true(s->quiet);
	assert_false(s->again);
	snapshot__free(s);
}

/* A vector of another CPU in place of one: the totals are the same.  */
static void moved_meanwhile(void **state)
{
	struct msi_ev_matrix before = { .sample = 2, .cpus = 2, .online = 2, .stable = 1 };
	struct msi_ev_matrix after = { .sample = 3, .cpus = 2, .online = 2, .stable = 1, .irqs_stable = 1, .irqs = 3, .reserved = 1 };
	struct snapshot *s = usual();
	struct msi_ev_matrix_cpu e = { .sample = 2, .online = 1, .taken0 = BIT(34) | BIT(35) };

	(void)state;
	give(s, &e.h, MSI_EV_MATRIX_CPU, 0);
	e.at = 1;
	e.taken0 = 0;
	give(s, &e.h, MSI_EV_MATRIX_CPU, 0);
	give(s, &before.h, MSI_EV_MATRIX, 0);
	cpu(s, 0, BIT(34));
	cpu(s, 1, BIT(33));
	give(s, &after.h, MSI_EV_MATRIX, 0);
	end(s);
	assert_int_equal(s->nr_odd, 0);
	assert_false(s->quiet);
	snapshot__free(s);
}

/* An interrupt that is moved holds two.  */
static void moving(void **state)
{
	struct msi_ev_irq_look e = irq(DESC(1), 0, 24, 33, 1);
	struct snapshot *s = NULL;

	(void)state;
	assert_int_equal(snapshot__new(&s), 0);
	mark(s, 0);
	device(s, DEV_A, "a", "", true);
	e.left = 36;
	e.left_at = 0;
	look(s, DEV_A, e);
	cpu(s, 0, BIT(36));
	cpu(s, 1, BIT(33));
	matrix(s, 2, 0, true);
	end(s);
	assert_true(s->vectors[0].state & SNAP_MOVING);
	assert_int_equal(s->devices[0].vectors, 2);
	assert_int_equal(s->nr_odd, 0);
	assert_int_equal(s->cpus[0].msi, 1);
	assert_int_equal(s->cpus[1].msi, 1);
	snapshot__free(s);
}

static void not_quiet(void **state)
{
	static const struct { uint32_t cpus; bool stable; } cases[] = { { 2, false }, { 3, true }, { 0, true } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct snapshot *s = usual();

		cpu(s, 0, BIT(34));
		cpu(s, 1, BIT(33));
		matrix(s, cases[i].cpus, 1, cases[i].stable);
		end(s);
		assert_false(s->quiet);
		snapshot__free(s);
	}
}

/* A look that is done again replaces what came before; names stay.  */
static void again(void **state)
{
	static const struct entry a[] = { { DESC(1), 0, 24, 1 } };
	struct snapshot *s = usual();

	(void)state;
	mark(s, 1);
	mark(s, 0);
	store(s, DEV_A, MSI_EV_BASELINE, a, ARRAY_SIZE(a));
	look(s, DEV_A, irq(DESC(1), 0, 24, 33, 1));
	end(s);
	assert_int_equal(s->nr_vectors, 1);
	assert_string_equal(s->vectors[0].device->name, "0000:00:01.0");
	snapshot__free(s);
}

static void loss(void **state)
{
	struct msi_ev_lost e = { .count = 1 };
	struct snapshot *s = usual();

	(void)state;
	give(s, &e.h, MSI_EV_LOST, 0);
	end(s);
	assert_false(s->complete);
	snapshot__free(s);
	s = usual();		/* its end is missing */
	assert_int_equal(snapshot__finish(s), 0);
	assert_false(s->complete);
	snapshot__free(s);
}

/* The state of an interrupt that was not looked at is not known; the other way round its row is whole.  */
static void torn(void **state)
{
	static const struct entry a[] = { { DESC(1), 0, 24, 1 }, { DESC(2), 1, 25, 1 } };

	(void)state;
	for (uint32_t n = 1; n <= 3; n++) {
		struct snapshot *s = NULL;

		assert_int_equal(snapshot__new(&s), 0);
		mark(s, 0);
		device(s, DEV_A, "a", "", true);
		store(s, DEV_A, MSI_EV_BASELINE, a, ARRAY_SIZE(a));
		for (uint32_t i = 0; i < n; i++)
			look(s, DEV_A, irq(DESC(1 + i), i, 24 + i, 33 + i, 0));
		cpu(s, 0, ((1ull << n) - 1) << 33);
		matrix(s, 1, 0, true);
		end(s);
		assert_true(s->complete);
		assert_int_equal(s->torn, n != 2);
		assert_int_equal(s->quiet, n == 2);
		assert_int_equal(s->nr_vectors, n == 3 ? 3 : 2);
		if (n == 1) {
			assert_int_equal(s->vectors[1].irq, 25);
			assert_int_equal(s->vectors[1].state, 0);
			assert_false(s->vectors[1].looked);
		}
		/* Another look: without the second device that the first had.  */
		mark(s, 0);
		store(s, DEV_A, MSI_EV_BASELINE, a, 1);
		look(s, DEV_A, irq(DESC(1), 0, 24, 33, 0));
		end(s);
		assert_false(s->torn);
		assert_int_equal(s->nr_vectors, 1);
		assert_int_equal(s->devices[0].irqs, 1);
		assert_int_equal(s->devices[0].descs, 1);
		assert_int_equal(s->nr_odd, 0);
		snapshot__free(s);
	}
}

/* A device that a second look does not find is in no list.  */
static void device_gone(void **state)
{
	struct snapshot *s = usual();

	(void)state;
	end(s);
	assert_int_equal(s->nr_devices, 2);
	mark(s, 0);
	look(s, DEV_A, irq(DESC(1), 0, 24, 33, 1));
	end(s);
	assert_int_equal(s->nr_devices, 1);
	assert_string_equal(s->devices[0].name, "0000:00:01.0");
	assert_false(s->devices[0].has_store);
	snapshot__free(s);
}

/* One descriptor with four interrupts, of which the third was not seen.  */
static void multi_msi(void **state)
{
	static const struct entry a[] = { { DESC(1), 0, 24, 4 } };
	struct snapshot *s = NULL;

	(void)state;
	assert_int_equal(snapshot__new(&s), 0);
	mark(s, 0);
	device(s, DEV_A, "a", "", true);
	store(s, DEV_A, MSI_EV_BASELINE, a, ARRAY_SIZE(a));
	for (uint32_t i = 0; i < 4; i++) {
		struct msi_ev_irq_look e = irq(DESC(1), 0, 24 + i, 33 + i, 0);

		e.now_offset = i;
		if (i != 2)
			look(s, DEV_A, e);
	}
	end(s);
	assert_int_equal(s->nr_vectors, 4);
	for (uint32_t i = 0; i < 4; i++) {
		assert_int_equal(s->vectors[i].index, i);
		assert_int_equal(s->vectors[i].irq, 24 + i);
		assert_int_equal(s->vectors[i].looked, i != 2);
	}
	snapshot__free(s);
}

/* Without a handler: that of a driver, before 5.17 also (no store), with MSI-X on or off.  */
static void kept_by(const char *driver, bool has_store, uint32_t enabled, bool kept)
{
	static const struct entry a[] = { { DESC(1), 0, 24, 1 }, { DESC(2), 1, 25, 1 } };
	struct snapshot *s = NULL;

	assert_int_equal(snapshot__new(&s), 0);
	mark(s, 0);
	device(s, DEV_A, "a", driver, has_store);
	if (has_store)
		store_flags(s, DEV_A, MSI_EV_BASELINE, a, ARRAY_SIZE(a), enabled);
	look(s, DEV_A, irq(DESC(1), 0, 24, 33, 0));
	look(s, DEV_A, irq(DESC(2), 1, 25, 0, 0));
	end(s);
	assert_int_equal(s->vectors[0].state & SNAP_KEPT, 0);
	assert_int_equal(s->vectors[1].state & SNAP_KEPT, kept ? SNAP_KEPT : 0);
	assert_int_equal(s->vectors[0].of_vfio, kept);	/* in use */
	assert_int_equal(s->devices[0].of_vfio, 2 * kept);
	snapshot__free(s);
}

static void kept(void **state)
{
	(void)state;
	kept_by("vfio-pci", true, MSI_DESC_ENABLED, true);
	kept_by("mlx5_vfio_pci", true, MSI_DESC_ENABLED, true);
	kept_by("vfio-pci", false, 0, true);
	kept_by("vfio-pci", true, 0, false);	/* MSI-X is off: it should have been freed */
	kept_by("nvme", true, MSI_DESC_ENABLED, false);
	kept_by("", true, MSI_DESC_ENABLED, false);
}

/* intel-iommu: the entry of a multi-MSI is the first one's and its place; other parents have none.  */
static void remapped(void **state)
{
	struct msi_ev_irq_look e = irq(DESC(1), 0, 24, 33, 0);
	struct snapshot *s = NULL;

	(void)state;
	assert_int_equal(snapshot__new(&s), 0);
	mark(s, 0);
	device(s, DEV_A, "a", "", true);
	e.parent_hwirq = 21 << 16 | 3;
	str_copy(e.domain, sizeof(e.domain), "IR-PCI-MSI-a-11");
	str_copy(e.parent, sizeof(e.parent), "INTEL-IR-0-12");
	str_copy(e.above, sizeof(e.above), "VECTOR");
	look(s, DEV_A, e);
	e = irq(DESC(2), 1, 25, 34, 0);
	e.parent_hwirq = 21 << 16 | 3;
	str_copy(e.parent, sizeof(e.parent), "AMD-IR-0-12");
	look(s, DEV_A, e);
	end(s);
	assert_int_equal(s->vectors[0].irte, 24);
	assert_string_equal(s->vectors[0].above, "VECTOR");
	assert_string_equal(s->vectors[0].top, "");
	assert_int_equal(s->vectors[1].irte, SNAP_UNKNOWN);
	snapshot__free(s);
}

/* Before 5.17 there is no store, and the index of what is not PCI is not known.  */
static void no_store(void **state)
{
	struct msi_ev_irq_look e = irq(DESC(2), 9, 25, 34, 0);
	struct snapshot *s = NULL;

	(void)state;
	assert_int_equal(snapshot__new(&s), 0);
	mark(s, 0);
	device(s, DEV_A, "a", "", false);
	look(s, DEV_A, irq(DESC(1), 3, 24, 33, 0));
	e.now_flags = MSI_DESC_STATE_KNOWN;
	look(s, DEV_A, e);
	end(s);
	assert_int_equal(s->vectors[0].index, 3);
	assert_int_equal(s->vectors[1].index, SNAP_UNKNOWN);
	assert_false(s->devices[0].has_store);
	snapshot__free(s);
}

/* Lists that belong to something else, and entries behind a cut.  */
static void other_lists(void **state)
{
	static const struct entry a[] = { { DESC(1), 0, 0, 1 } };
	struct msi_ev_store_begin b = { .list = 9, .why = MSI_EV_BASELINE };
	struct msi_ev_store_end t = { .list = 9, .cut = 1 };
	struct snapshot *s = NULL;

	(void)state;
	assert_int_equal(snapshot__new(&s), 0);
	mark(s, 0);
	store(s, DEV_A, MSI_EV_SYSFS_LIST, a, ARRAY_SIZE(a));
	give(s, &b.h, MSI_EV_STORE_BEGIN, DEV_A);
	give(s, &t.h, MSI_EV_STORE_END, DEV_A);
	end(s);
	assert_int_equal(s->nr_vectors, 0);
	assert_false(s->complete);
	snapshot__free(s);
}

/* A device whose name was lost is there.  */
static void nameless(void **state)
{
	struct snapshot *s = NULL;

	(void)state;
	assert_int_equal(snapshot__new(&s), 0);
	mark(s, 0);
	look(s, DEV_A, irq(DESC(1), 0, 24, 33, 0));
	look(s, DEV_B, irq(DESC(2), 0, 25, 34, 0));
	end(s);
	assert_int_equal(s->nr_devices, 2);
	assert_false(s->devices[0].known);
	assert_int_equal(s->nr_vectors, 2);
	snapshot__free(s);
}

/* --- differences -------------------------------------------------------------------------- */

#define ROW(...) { { __VA_ARGS__ } }	/* ORDER: SNAP_FIELDS */

static int note(void *ctx, enum snap_change change, const struct snap_row *old, const struct snap_row *now)
{
	const struct snap_row *row = now ?: old;
	char *to = ctx;

	strcat(to, snap_changes[change].word);
	strcat(to, ":");
	strcat(to, row->field[SNAP_F_index] ?: row->field[SNAP_F_virq]);
	strcat(to, " ");
	return 0;
}

static void changes(void **state)
{
	struct snap_row old[] = {
		ROW("b", "d", "10", "40", "33", "0", "active", "x", "h"),
		ROW("b", "d", "9", "39", "34", "0", "active", "x", "h"),
		ROW("b", "d", "2", "32", NULL, NULL, "reserved", NULL, NULL),
		ROW("b", "d", "3", "33", "35", "0", "active", "x", "h"),
		ROW("b", "d", "4", "34", "36", "0", "active", "x", "h"),
		ROW("b", "d", "5", "35", "37", "0", "active", "x", "h"),
		ROW("c", "d", NULL, "50", NULL, "1", "active", "x", "h"),
	};
	struct snap_row now[] = {
		ROW("b", "e", "2", "32", "40", "1", "active", "y", "g"),
		ROW("b", "d", "3", "33", "35", "1", "active", "x", "h"),
		ROW("b", "d", "4", "34", NULL, NULL, "active", "x", "h"),
		ROW("b", "d", "5", "36", "37", "0", "active", "x", "h"),
		ROW("b", "d", "10", "40", "33", "0", "active", "x", "h"),
		ROW("b", "d", "11", "41", "38", "0", "active", "x", "h"),
		ROW("c", "d", NULL, "50", NULL, "2", "active", "x", "h"),
		ROW("c", "d", NULL, "51", NULL, "1", "active", "x", "h"),
	};
	char got[512] = "";

	(void)state;
	assert_int_equal(snap_diff(old, ARRAY_SIZE(old), now, ARRAY_SIZE(now), note, got), 0);
	assert_string_equal(got, "driver:2 gained:2 state:2 action:2 handler:2 moved:3 lost:4 virq:5 "
				 "removed:9 added:11 moved:50 added:51 ");
}

static void no_changes(void **state)
{
	struct snap_row a[] = { ROW("b", NULL, "0", NULL, NULL, NULL, "no-irq", NULL, NULL) };
	struct snap_row b[] = { a[0] };
	char got[64] = "";

	(void)state;
	assert_int_equal(snap_diff(a, 1, b, 1, note, got), 0);
	assert_int_equal(snap_diff(NULL, 0, NULL, 0, note, got), 0);
	assert_string_equal(got, "");
}

static void domain(struct snapshot *s, uint32_t order, bool last, const char *name)
{
	struct msi_ev_domain_look e = { .domain = 100 + order, .order = order, .last = last, .mapped = 3, .parent = "VECTOR" };

	str_copy(e.name, sizeof(e.name), name);
	give(s, &e.h, MSI_EV_DOMAIN_LOOK, 0);
}

/* All of them, or it is not known which there are; a walk that begins again is another one.  */
static void domains(void **state)
{
	struct snapshot *s = NULL;

	(void)state;
	assert_int_equal(snapshot__new(&s), 0);
	mark(s, 0);
	assert_false(s->has_domains);
	domain(s, 0, false, "VECTOR");
	domain(s, 1, false, "led astray");
	assert_false(s->has_domains);
	domain(s, 0, false, "VECTOR");
	domain(s, 1, true, "PCI-MSI");
	assert_true(s->has_domains);
	assert_int_equal(s->nr_domains, 2);
	assert_string_equal(s->domains[1].name, "PCI-MSI");
	assert_string_equal(s->domains[1].parent, "VECTOR");
	assert_int_equal(s->domains[1].mapped, 3);
	domain(s, 0, false, "VECTOR");
	domain(s, 2, true, "PCI-MSI");		/* one is missing */
	assert_false(s->has_domains);
	mark(s, 0);
	assert_false(s->has_domains);
	assert_int_equal(s->nr_domains, 0);
	snapshot__free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows), cmocka_unit_test(devices), cmocka_unit_test(adds_up),
		cmocka_unit_test(odd), cmocka_unit_test(moved_meanwhile), cmocka_unit_test(moving), cmocka_unit_test(not_quiet),
		cmocka_unit_test(again), cmocka_unit_test(loss), cmocka_unit_test(torn), cmocka_unit_test(device_gone),
		cmocka_unit_test(multi_msi), cmocka_unit_test(kept), cmocka_unit_test(remapped),
		cmocka_unit_test(no_store), cmocka_unit_test(other_lists), cmocka_unit_test(nameless),
		cmocka_unit_test(changes), cmocka_unit_test(no_changes), cmocka_unit_test(domains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
