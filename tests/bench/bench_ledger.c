// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a look at a large machine costs: 512 CPUs, 2,000 devices with 50 MSI-X vectors each, once all events and once
 * what snapshot, vectors, plan and soak make of them.
 *
 *	bench_ledger [DEVICES]
 *
 * Compare the rows of one run with each other; the peak of memory is of the whole process.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/util.h"
#include "ledger/plan.h"
#include "ledger/snapshot.h"
#include "ledger/soak.h"
#include "ledger/vectors.h"

#define CPUS 512
#define VECTORS_PER_DEVICE 50
#define FIRST_VECTOR 33
#define VECTORS_PER_CPU 200

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

static void die(const char *what, int err)
{
	fprintf(stderr, "bench_ledger: %s: %s\n", what, strerror(-err));
	exit(1);
}

static void give(struct snapshot *s, struct msi_event_hdr *h, uint16_t type, uint64_t dev)
{
	int err;

	h->type = type;
	h->dev = dev;
	err = snapshot__event(s, h);
	if (err)
		die("an event", err);
}

static void mark(struct snapshot *s, uint32_t phase)
{
	struct msi_ev_baseline e = { .phase = phase };

	give(s, &e.h, MSI_EV_BASELINE, 0);
}

/* Vector number `n` of all goes to CPU n % CPUS.  */
static void cpus(struct snapshot *s, uint32_t vectors, uint32_t sample, uint32_t irqs)
{
	struct msi_ev_matrix m = { .sample = sample, .cpus = CPUS, .stable = 1, .irqs = irqs, .irqs_stable = 1, .online = CPUS };

	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		uint32_t taken = vectors / CPUS + (cpu < vectors % CPUS);
		struct msi_ev_matrix_cpu e = { .sample = sample, .at = cpu, .online = 1, .removable = cpu != 0,
					       .allocated = taken, .available = VECTORS_PER_CPU - taken };
		__u64 *words = &e.taken0;

		for (uint32_t i = 0; i < taken; i++)
			words[(FIRST_VECTOR + i) / 64] |= 1ull << (FIRST_VECTOR + i) % 64;
		give(s, &e.h, MSI_EV_MATRIX_CPU, 0);
	}
	give(s, &m.h, MSI_EV_MATRIX, 0);
}

#define DEV(d) (0xffff888000000000ull + 0x1000ull * (d))
#define DESC(d, i) (0xffff889000000000ull + 0x10000ull * (d) + 0x100ull * (i))

static void device(struct snapshot *s, uint32_t d)
{
	struct msi_ev_dev_info info = { .md = 1 };
	struct msi_ev_store_begin b = { .list = d + 1, .why = MSI_EV_BASELINE };
	struct msi_ev_store_end t = { .list = d + 1, .count = VECTORS_PER_DEVICE };

	snprintf(info.name, sizeof(info.name), "%04x:%02x:%02x.0", d >> 13, d >> 5 & 0xff, d & 31);
	str_copy(info.driver, sizeof(info.driver), "nvme");
	give(s, &info.h, MSI_EV_DEV_INFO, DEV(d));
	give(s, &b.h, MSI_EV_STORE_BEGIN, DEV(d));
	for (uint32_t i = 0; i < VECTORS_PER_DEVICE; i++) {
		struct msi_ev_store_entry e = { .list = d + 1, .desc = DESC(d, i), .index = i, .msi_index = i, .nvec_used = 1,
						.irq = 64 + d * VECTORS_PER_DEVICE + i, .flags = MSI_DESC_PCI | MSI_DESC_MSIX };

		give(s, &e.h, MSI_EV_STORE_ENTRY, DEV(d));
	}
	give(s, &t.h, MSI_EV_STORE_END, DEV(d));
}

static void interrupts(struct snapshot *s, uint32_t d)
{
	for (uint32_t i = 0; i < VECTORS_PER_DEVICE; i++) {
		uint32_t n = d * VECTORS_PER_DEVICE + i;
		struct msi_ev_irq_look e = { .desc = DESC(d, i), .irq = 64 + n, .index = i, .handler = 0xffffffff81000000ull,
			.fired = n % 3, .now_irqd = MSI_IRQD_ACTIVATED | MSI_IRQD_STARTED,
			.now_flags = MSI_DESC_STATE_KNOWN | MSI_DESC_PCI | MSI_DESC_MSIX,
			.now_books = MSI_BOOKS_KNOWN | MSI_BOOKS_VECTOR, .held_at = n % CPUS,
			.held = FIRST_VECTOR + n / CPUS, .hwirq = n };

		snprintf(e.domain, sizeof(e.domain), "PCI-MSIX-%04x:%02x:%02x.0-12", d >> 13, d >> 5 & 0xff, d & 31);
		snprintf(e.actions, sizeof(e.actions), "nvme%uq%u", d, i);
		str_copy(e.chip, sizeof(e.chip), "PCI-MSIX");
		str_copy(e.parent, sizeof(e.parent), "VECTOR");
		give(s, &e.h, MSI_EV_IRQ_LOOK, DEV(d));
	}
}

static void look(struct snapshot *s, uint32_t devices)
{
	uint32_t vectors = devices * VECTORS_PER_DEVICE;

	mark(s, 0);
	for (uint32_t d = 0; d < devices; d++)
		device(s, d);
	cpus(s, vectors, 1, 0);
	for (uint32_t d = 0; d < devices; d++)
		interrupts(s, d);
	cpus(s, vectors, 2, vectors);
	mark(s, 1);
}

static void views(const struct snapshot *s)
{
	uint32_t list[CPUS - 1];
	struct plan_request request = { .nr = 64, .msix = 2048, .possible = CPUS };
	struct plan_offline rows[CPUS - 1];
	struct plan_alloc alloc;
	struct plan_why *why;
	char line[VEC_MAP_CPUS + 1];
	struct vec_holder *h;
	struct vec_place *p;
	size_t nr, i;

	for (i = 0; i < CPUS; i += VEC_MAP_CPUS)
		vec_map(s, i, line);
	if (vec_holders(s, &h, &nr))
		die("holders", -ENOMEM);
	free(h);
	if (vec_of_cpu(s, 7, &p, &nr))
		die("a CPU", -ENOMEM);
	free(p);
	for (i = 0; i < ARRAY_SIZE(list); i++)
		list[i] = i + 1;
	plan_offline(s, list, 8, rows);
	if (plan_why(s, s->vectors[s->nr_vectors - 1].irq, &why, &nr))
		die("why", -ENOENT);
	free(why);
	request.device = s->devices[s->nr_devices - 1].name;
	plan_alloc(s, &request, &alloc);
}

int main(int argc, char **argv)
{
	uint32_t devices = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000;
	struct soak_counts counts;
	struct snapshot *s;
	struct rusage ru;
	double t[5];
	int err;

	err = snapshot__new(&s);
	if (err)
		die("a snapshot", err);
	t[0] = now();
	look(s, devices);
	t[1] = now();
	err = snapshot__finish(s);
	t[2] = now();
	views(s);
	t[3] = now();
	err = err ?: soak_count(&(struct soak_look){ .snap = s }, &counts);
	t[4] = now();
	if (err || !s->complete || !s->quiet || s->nr_odd || s->nr_vectors != devices * VECTORS_PER_DEVICE)
		die("the ledger does not add up", -EINVAL);
	getrusage(RUSAGE_SELF, &ru);
	printf("| vectors of %u CPUs | devices | taking the events | ledger | vectors, plan | soak | peak memory |\n", CPUS);
	printf("|---|---|---|---|---|---|---|\n");
	printf("| %zu | %u | %.0f ms | %.0f ms | %.0f ms | %.0f ms | %ld MiB |\n", s->nr_vectors, devices, t[1] - t[0], t[2] - t[1],
	       t[3] - t[2], t[4] - t[3], ru.ru_maxrss / 1024);
	snapshot__free(s);
	return 0;
}
