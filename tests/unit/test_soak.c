// SPDX-License-Identifier: GPL-2.0-only
/* src/ledger/soak.c: what grows over cycles and does not go back is a leak, and nothing else is.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/util.h"
#include "ledger/soak.h"

#define ROWS 512

/* A snapshot as it is put together by hand.  */
struct made {
	struct snapshot s;
	struct snap_device devices[4];
	struct snap_vector vectors[ROWS], others[ROWS];
	struct snap_cpu cpu;
	struct snap_odd odd[ROWS];
	struct snap_domain domains[ROWS];
	struct soak_file files[ROWS];
	size_t nr_files;
};

static struct made *made(void)
{
	struct made *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	m->s.devices = m->devices;
	m->s.vectors = m->vectors;
	m->s.others = m->others;
	m->s.cpus = &m->cpu;
	m->s.odd = m->odd;
	m->s.domains = m->domains;
	m->s.nr_cpus = 1;
	m->s.complete = m->s.quiet = true;
	return m;
}

static struct snap_device *device(struct made *m, const char *name, const char *driver)
{
	struct snap_device *d = &m->devices[m->s.nr_devices++];

	memset(d, 0, sizeof(*d));
	str_copy(d->name, sizeof(d->name), name);
	str_copy(d->driver, sizeof(d->driver), driver);
	return d;
}

static void vector(struct made *m, struct snap_device *d, uint32_t index, uint32_t irq)
{
	m->vectors[m->s.nr_vectors++] = (struct snap_vector){
		.device = d, .index = index, .irq = irq, .looked = true, .hwirq = index, .vector = 33, .cpu = 1,
		.left = SNAP_UNKNOWN, .state = SNAP_ACTIVE | SNAP_STARTED, .handler = 1, .domain = "PCI-MSI",
		.chip = "PCI-MSI",
	};
	d->descs++;
}

/* An interrupt that no descriptor has.  */
static void other(struct made *m, uint64_t hwirq, uint32_t irq)
{
	m->others[m->s.nr_others++] = (struct snap_vector){
		.index = SNAP_UNKNOWN, .irq = irq, .looked = true, .hwirq = hwirq, .vector = SNAP_UNKNOWN,
		.cpu = SNAP_UNKNOWN, .left = SNAP_UNKNOWN, .books = MSI_BOOKS_KNOWN | MSI_BOOKS_RESERVED,
		.state = SNAP_ALLOCATED | SNAP_RESERVED, .domain = "soft", .chip = "soft-chip",
	};
}

static struct soak *soak(uint32_t cycles)
{
	struct soak *s = NULL;

	assert_int_equal(soak__new(cycles, &s), 0);
	return s;
}

static void sample(struct soak *s, uint32_t cycle, struct made *m)
{
	struct soak_look look = { .snap = &m->s, .files = m->files, .nr_files = m->nr_files };

	assert_int_equal(soak__sample(s, cycle, &look), 0);
	free(m);
}

static const struct soak_report *report(struct soak *s)
{
	const struct soak_report *r = NULL;

	assert_int_equal(soak__report(s, &r), 0);
	return r;
}

/* Interrupts without device, as many as given after each cycle, the first before: what is said.  */
static enum soak_verdict verdict_of(const uint32_t *nr, size_t n)
{
	struct soak *s = soak(n - 1);
	enum soak_verdict v;

	for (size_t i = 0; i < n; i++) {
		struct made *m = made();

		for (uint32_t k = 0; k < nr[i]; k++)
			other(m, k, 50 + k);
		sample(s, i, m);
	}
	v = report(s)->verdict;
	soak__free(s);
	return v;
}

#define VERDICT(...) verdict_of((const uint32_t[]){ __VA_ARGS__ }, \
				sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

static void numbers(void **state)
{
	(void)state;
	assert_int_equal(VERDICT(4, 4, 4, 4, 4), SOAK_NONE);
	assert_int_equal(VERDICT(4, 9, 9, 9, 9), SOAK_NONE);		/* the first one may */
	assert_int_equal(VERDICT(4, 5, 6, 7, 8), SOAK_LEAK);
	assert_int_equal(VERDICT(4, 4, 5, 5, 6), SOAK_LEAK);
	assert_int_equal(VERDICT(9, 8, 7, 6, 5), SOAK_NONE);
	assert_int_equal(VERDICT(4, 4, 6, 4, 4), SOAK_NONE);		/* it went back */
	assert_int_equal(VERDICT(4, 4, 5, 5, 5), SOAK_ONCE);
	assert_int_equal(VERDICT(4, 4, 5, 5), SOAK_UNDECIDED);
	assert_int_equal(VERDICT(4, 4, 4, 4, 5), SOAK_UNDECIDED);
	assert_int_equal(VERDICT(4, 4, 6, 4, 5, 6), SOAK_NONE);		/* up and down, and up at the end */
	assert_int_equal(VERDICT(4, 4, 6, 5, 6, 8, 7, 9, 8, 10), SOAK_LEAK);	/* up and down, and ever higher */
}

static void few_cycles(void **state)
{
	(void)state;
	assert_int_equal(VERDICT(4), SOAK_UNDECIDED);
	assert_int_equal(VERDICT(4, 4), SOAK_NONE);
	assert_int_equal(VERDICT(4, 5), SOAK_UNDECIDED);
	assert_int_equal(VERDICT(4, 5, 6), SOAK_LEAK);
	assert_int_equal(VERDICT(4, 5, 5), SOAK_ONCE);
	assert_int_equal(VERDICT(4, 4, 5), SOAK_UNDECIDED);
	assert_int_equal(VERDICT(4, 4, 4, 4), SOAK_NONE);
}

/* One in every tenth cycle, of 50; and the slope.  */
static void every_tenth(void **state)
{
	struct soak *s = soak(50);
	const struct soak_report *r;
	const struct soak_growth *g;

	(void)state;
	for (uint32_t i = 0; i <= 50; i++) {
		struct made *m = made();
		struct snap_device *d = device(m, "0000:00:01.0", "nvme");

		for (uint32_t k = 0; k < 3; k++)
			vector(m, d, k, 30 + k + i % 2);		/* numbers that move are none */
		for (uint32_t k = 0; k < i / 10; k++)
			other(m, 7, 50 + k);				/* all at one place */
		sample(s, i, m);
	}
	r = report(s);
	assert_int_equal(r->verdict, SOAK_LEAK);
	assert_int_equal(r->reference, 1);
	assert_int_equal(r->samples, 49);
	g = &r->growths[SOAK_VIRQS];
	assert_null(g->owner);
	assert_int_equal(g->first, 3);
	assert_int_equal(g->last, 8);
	assert_int_equal(g->steps, 5);
	assert_int_equal(g->since, 10);
	assert_true(g->slope > 0.102 && g->slope < 0.103);
	assert_int_equal(r->growths[SOAK_VECTORS].verdict, SOAK_NONE);
	assert_int_equal(r->growths[SOAK_RESERVED].verdict, SOAK_LEAK);
	assert_int_equal(r->nr_left, 5);
	for (uint32_t k = 0; k < 5; k++) {
		assert_int_equal(r->left[k].since, 10 * (k + 1));
		assert_int_equal(r->left[k].irq, 50 + k);
		assert_int_equal(r->left[k].hwirq, 7);
		assert_string_equal(r->left[k].owner->device, "");
		assert_string_equal(r->left[k].owner->domain, "soft");
		assert_string_equal(r->left[k].owner->chip, "soft-chip");
	}
	assert_int_equal(r->nr_growths, SOAK_KIND_NR + 2);	/* virqs and reservations of that domain */
	soak__free(s);
}

/* 200 cycles, in which numbers move, drivers come and go, and devices take turns.  */
static void healthy(void **state)
{
	struct soak *s = soak(200);
	const struct soak_report *r;

	(void)state;
	for (uint32_t i = 0; i <= 200; i++) {
		struct made *m = made();
		struct snap_device *a = device(m, i % 3 ? "a" : "b", i % 5 ? "nvme" : "");
		struct snap_device *c = device(m, "c", "e1000e");

		for (uint32_t k = 0; k < 4; k++)
			vector(m, a, k, 30 + i + k);
		vector(m, c, SNAP_UNKNOWN, 500 + i);
		vector(m, c, SNAP_UNKNOWN, 900 - i);
		other(m, 4, 4);
		sample(s, i, m);
	}
	r = report(s);
	assert_int_equal(r->verdict, SOAK_NONE);
	assert_int_equal(r->nr_left, 0);
	assert_int_equal(r->nr_growths, SOAK_KIND_NR);
	for (size_t i = 0; i < r->nr_growths; i++)
		assert_true(r->growths[i].slope == 0);
	soak__free(s);
}

/* A device that keeps one more descriptor each time, while another one goes.  */
static void of_a_device(void **state)
{
	struct soak *s = soak(6);
	const struct soak_report *r;

	(void)state;
	for (uint32_t i = 0; i <= 6; i++) {
		struct made *m = made();
		struct snap_device *a = device(m, "a", i < 6 ? "test" : ""), *b = device(m, "b", "gone");

		for (uint32_t k = 0; k < 2 + i; k++)
			vector(m, a, k, k ? 30 + k : 90 + i);	/* that of index 0 moves, and is none */
		for (uint32_t k = 0; i < 4 && k < 20; k++)
			vector(m, b, k, 60 + k);
		sample(s, i, m);
	}
	r = report(s);
	assert_int_equal(r->growths[SOAK_DESCS].verdict, SOAK_NONE);	/* of all */
	assert_int_equal(r->verdict, SOAK_LEAK);
	assert_int_equal(r->nr_left, 5);
	assert_string_equal(r->left[0].owner->device, "a");
	assert_string_equal(r->left[0].owner->driver, "test");		/* the last that it had */
	assert_int_equal(r->left[0].index, 3);
	assert_int_equal(r->left[0].since, 2);
	assert_int_equal(r->left[0].state, SNAP_ACTIVE | SNAP_STARTED);
	assert_int_equal(r->left[4].index, 7);
	assert_int_equal(r->left[4].since, 6);
	soak__free(s);
}

/* Each leak under another name: all of them grow.  */
static void new_names(void **state)
{
	static const char *const names[] = { "a.0", "a.1", "a.2", "a.3" };
	struct soak *s = soak(4);
	const struct soak_report *r;

	(void)state;
	for (uint32_t i = 0; i <= 4; i++) {
		struct made *m = made();

		for (uint32_t k = 0; k < i; k++)
			vector(m, device(m, names[k], "a"), 0, 30 + k);
		sample(s, i, m);
	}
	r = report(s);
	assert_int_equal(r->verdict, SOAK_LEAK);
	assert_int_equal(r->growths[SOAK_DEVICES].verdict, SOAK_LEAK);
	assert_int_equal(r->nr_left, 3);
	assert_string_equal(r->left[0].owner->device, "a.1");
	assert_int_equal(r->left[0].since, 2);
	soak__free(s);
}

/* Vectors and reservations that no interrupt holds; not known in the third sample, where nothing is quiet.  */
static void of_nobody(void **state)
{
	struct soak *s = soak(5);
	const struct soak_report *r;

	(void)state;
	for (uint32_t i = 0; i <= 5; i++) {
		struct made *m = made();

		m->s.quiet = i != 3;
		for (uint32_t k = 0; k < i && m->s.quiet; k++)
			m->odd[m->s.nr_odd++] = (struct snap_odd){ .cpu = 1, .vector = 40 + k, .taken = true };
		m->s.reserved = i;
		sample(s, i, m);
	}
	r = report(s);
	assert_int_equal(r->verdict, SOAK_LEAK);
	assert_int_equal(r->growths[SOAK_VECTORS].last, 5);
	assert_int_equal(r->growths[SOAK_RESERVED].last, 5);
	assert_int_equal(r->growths[SOAK_VIRQS].verdict, SOAK_NONE);
	assert_int_equal(r->nr_left, 4);
	assert_string_equal(r->left[0].owner->device, "");
	assert_string_equal(r->left[0].owner->domain, "");
	assert_int_equal(r->left[0].vector, 41);
	assert_int_equal(r->left[0].cpu, 1);
	assert_int_equal(r->left[0].since, 2);
	assert_int_equal(r->left[3].since, 5);
	soak__free(s);
}

/* Cycles that do not count are not given: it grew in one, and is there in the next.  */
static void gaps(void **state)
{
	struct soak *s = soak(6);
	const struct soak_report *r;

	(void)state;
	for (uint32_t i = 2; i <= 6; i += 2) {
		struct made *m = made();

		for (uint32_t k = 0; k < i; k++)
			other(m, 1, 50 + k);
		sample(s, i, m);
	}
	r = report(s);
	assert_int_equal(r->reference, 2);
	assert_int_equal(r->samples, 2);
	assert_int_equal(r->verdict, SOAK_LEAK);
	assert_int_equal(r->nr_left, 4);
	soak__free(s);
}

static void domain(struct made *m, const char *name, uint64_t address)
{
	m->domains[m->s.nr_domains++] = (struct snap_domain){ .domain = address, .name = name, .parent = "" };
}

static void file(struct made *m, enum soak_kind kind, const char *whose, uint32_t irq)
{
	struct soak_file *f = &m->files[m->nr_files++];

	f->kind = kind;
	f->irq = irq;
	str_copy(f->whose, sizeof(f->whose), whose);
}

/* Domains that are empty, one in every second cycle; beside them one that is made once, and one that is made anew.  */
static void domains(void **state)
{
	static const char *const names[] = { "lost-0", "lost-1", "lost-2" };
	struct soak *s = soak(6);
	const struct soak_report *r;
	char again[7][16];

	(void)state;
	for (uint32_t i = 0; i <= 6; i++) {
		struct made *m = made();

		domain(m, "vectors", 1);
		snprintf(again[i], sizeof(again[i]), "unknown-%u", i);	/* that is how the kernel names those without name */
		domain(m, again[i], 100 + i);
		if (i >= 2)
			other(m, 9, 60);		/* once, in its own */
		for (uint32_t k = 0; k < i / 2; k++)
			domain(m, names[k], 10 + k);
		sample(s, i, m);
	}
	r = report(s);
	assert_int_equal(r->verdict, SOAK_LEAK);
	assert_int_equal(r->growths[SOAK_DOMAINS].verdict, SOAK_LEAK);
	assert_int_equal(r->growths[SOAK_VIRQS].verdict, SOAK_ONCE);
	assert_int_equal(r->nr_left, 4);
	for (uint32_t k = 0; k < 3; k++) {
		assert_string_equal(r->left[k].owner->domain, names[k]);
		assert_int_equal(r->left[k].kind, SOAK_DOMAINS);
		assert_int_equal(r->left[k].verdict, SOAK_LEAK);
		assert_int_equal(r->left[k].since, 2 * (k + 1));
	}
	assert_int_equal(r->left[3].kind, SOAK_VIRQS);
	assert_int_equal(r->left[3].verdict, SOAK_ONCE);
	soak__free(s);
}

/* What was made once is not listed beside what leaks.  */
static void domain_once(void **state)
{
	struct soak *s = soak(6);
	const struct soak_report *r;

	(void)state;
	for (uint32_t i = 0; i <= 6; i++) {
		struct made *m = made();

		if (i >= 2)
			domain(m, "made-once", 1);
		for (uint32_t k = 0; k < i; k++)
			other(m, 7, 50 + k);
		sample(s, i, m);
	}
	r = report(s);
	assert_int_equal(r->growths[SOAK_DOMAINS].verdict, SOAK_ONCE);
	assert_int_equal(r->nr_left, 5);
	for (size_t i = 0; i < r->nr_left; i++)
		assert_int_equal(r->left[i].kind, SOAK_VIRQS);
	soak__free(s);
}

/* Files of interrupts that are there say nothing new; those that are left alone are named, by device or chip.  */
static void files(void **state)
{
	struct soak *s = soak(5);
	const struct soak_report *r;

	(void)state;
	for (uint32_t i = 0; i <= 5; i++) {
		struct made *m = made();
		struct snap_device *d = device(m, "0000:00:01.0", "nvme");

		vector(m, d, 0, 30 + i);
		file(m, SOAK_FILES, d->name, 30 + i);
		file(m, SOAK_NUMBERS, "PCI-MSIX", 30 + i);
		for (uint32_t k = 0; k < i; k++) {
			file(m, SOAK_FILES, d->name, 70 + k);
			file(m, SOAK_NUMBERS, "none", 80 + k);
		}
		sample(s, i, m);
	}
	r = report(s);
	assert_int_equal(r->growths[SOAK_FILES].verdict, SOAK_LEAK);
	assert_int_equal(r->growths[SOAK_FILES].last, 6);
	assert_int_equal(r->growths[SOAK_NUMBERS].last, 6);
	assert_int_equal(r->growths[SOAK_VIRQS].verdict, SOAK_NONE);
	assert_int_equal(r->nr_left, 8);
	assert_int_equal(r->left[0].kind, SOAK_NUMBERS);
	assert_string_equal(r->left[0].owner->chip, "none");
	assert_int_equal(r->left[0].irq, 81);
	assert_int_equal(r->left[4].kind, SOAK_FILES);
	assert_string_equal(r->left[4].owner->device, "0000:00:01.0");
	assert_int_equal(r->left[4].irq, 71);
	soak__free(s);
}

/* Where the counters of CPUs are hidden, what interrupts hold does not count: the table has a dash there.  */
static void no_books(void **state)
{
	struct soak *s = soak(5);
	const struct soak_report *r;

	(void)state;
	for (uint32_t i = 0; i <= 5; i++) {
		struct made *m = made();

		m->s.nr_cpus = 0;
		other(m, 1, 50);
		m->others[0].vector = i > 2 ? 40 : SNAP_UNKNOWN;
		m->others[0].books = i > 3 ? MSI_BOOKS_KNOWN : MSI_BOOKS_KNOWN | MSI_BOOKS_RESERVED;
		sample(s, i, m);
	}
	r = report(s);
	assert_int_equal(r->verdict, SOAK_NONE);
	assert_int_equal(r->growths[SOAK_VECTORS].last, 0);
	assert_int_equal(r->growths[SOAK_RESERVED].last, 0);
	soak__free(s);
}

/* A guest uses another vector in each cycle, and vfio keeps the ones before, or it uses more of them.  */
static void vfio_has(bool of_vfio, bool keeps, enum soak_verdict verdict)
{
	const struct soak_report *r;
	struct soak *s = soak(6);

	for (uint32_t i = 0; i <= 6; i++) {
		struct made *m = made();
		struct snap_device *d = device(m, "a", "vfio-pci");

		for (uint32_t k = 0; k <= (keeps ? i : 7); k++) {
			vector(m, d, k, 30 + k);
			file(m, SOAK_FILES, d->name, 30 + k);
			file(m, SOAK_NUMBERS, "PCI-MSIX", 30 + k);
			m->vectors[k].of_vfio = of_vfio;
			d->of_vfio += of_vfio;
			if (keeps ? k < i : k > i)
				m->vectors[k].handler = 0;
		}
		sample(s, i, m);
	}
	r = report(s);
	assert_int_equal(r->verdict, verdict);
	assert_int_equal(r->nr_left != 0, keeps && verdict == SOAK_LEAK);
	soak__free(s);
}

static void cache_of_vfio(void **state)
{
	(void)state;
	vfio_has(true, true, SOAK_NONE);
	vfio_has(true, false, SOAK_NONE);
	vfio_has(false, true, SOAK_LEAK);
	vfio_has(false, false, SOAK_LEAK);	/* of handlers */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers), cmocka_unit_test(few_cycles), cmocka_unit_test(every_tenth),
		cmocka_unit_test(healthy), cmocka_unit_test(of_a_device), cmocka_unit_test(new_names),
		cmocka_unit_test(of_nobody), cmocka_unit_test(gaps),
		cmocka_unit_test(domains), cmocka_unit_test(domain_once), cmocka_unit_test(files),
		cmocka_unit_test(no_books), cmocka_unit_test(cache_of_vfio),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
