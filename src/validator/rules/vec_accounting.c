// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  a reservation or a vector that is taken, and not given back with its interrupt
 * nearest that does not:  an interrupt that is moved, and holds two vectors until it fires
 *
 * Judged at quiet points only (irqs_stable): two passes over all interrupts agree, nobody had the lock of the
 * counters, and they did not change from before the first pass until the event. What the counters and the interrupts
 * differ by is not 0 (legacy interrupts of x86), but stays the same. Vectors are those that the CPUs count:
 * irq_matrix_free() leaves total_allocated as it is when the CPU is offline.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../rule_ctx.h"
#include "../vectors.h"

struct state {
	bool known;		/* what they differed by: */
	int64_t taken, reserved;
	uint32_t epoch;
	uint64_t touched_ns;	/* somebody may have taken or given back a vector */
};

/* Each CPU that counts, does: there are only so many in a look.  */
static bool is_whole(const struct matrix *mx)
{
	uint32_t online = 0;

	for (uint32_t i = 0; i < mx->nr; i++)
		online += mx->cpus[i].online;
	return mx->known && online == mx->online;
}

static bool is_quiet(const struct rule_ctx *rc, const struct msi_ev_matrix *ev)
{
	const struct matrix *mx = &rc->model->matrix;
	const struct state *st = rc->state;

	return !ev->h.hook && ev->irqs && ev->irqs_stable && is_whole(mx) && mx->stable &&
	       st->touched_ns < ev->irqs_ns;
}

/* "2 vectors more", "1 reservation less" */
static struct word differs(int64_t by, const char *what)
{
	struct word w;

	snprintf(w.s, sizeof(w.s), "%lld %s%s %s", llabs(by), what, llabs(by) == 1 ? "" : "s",
		 by < 0 ? "less" : "more");
	return w;
}

static void report(struct rule_ctx *rc, const struct msi_event_hdr *e, int64_t taken, int64_t reserved)
{
	struct report r = { .e = e, .what = "vectors do not add up" };	/* whose they were is not known */
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	vectors_object(f, &rc->model->matrix);
	finding_message(f,
			"x86 counts %s and %s than its interrupts hold, compared with when msitrace attached",
			differs(taken, "vector").s, differs(reserved, "reservation").s);
	rule_emit(rc, f);
}

static int64_t allocated(const struct matrix *mx)
{
	int64_t n = 0;

	for (uint32_t i = 0; i < mx->nr; i++)
		n += mx->cpus[i].allocated;
	return n;
}

static void looked(struct rule_ctx *rc, const struct msi_ev_matrix *ev)
{
	int64_t taken = allocated(&rc->model->matrix) - ev->irqs_hold;
	int64_t reserved = (int64_t)ev->reserved - ev->irqs_reserved;
	struct state *st = rc->state;

	if (!is_quiet(rc, ev)) {
		if (vectors_counted(rc, ev) && !ev->h.hook)
			rule_not_judged(rc, "interrupts were not quiet when they were looked at");
		return;
	}
	if (!st->known || st->epoch != rc->model->books_epoch) {
		st->known = true;
		st->epoch = rc->model->books_epoch;
		st->taken = taken;
		st->reserved = reserved;
		return;
	}
	rule_judged(rc);
	if (taken != st->taken || reserved != st->reserved)
		report(rc, &ev->h, taken - st->taken, reserved - st->reserved);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	struct state *st = rc->state;

	if (e->type == MSI_EV_MATRIX)
		looked(rc, (const struct msi_ev_matrix *)e);
	else
		st->touched_ns = e->ts_ns;
}

const struct rule rule_vec_accounting = {
	.id = "vec_accounting",
	.severity = SEV_LOST,
	.check = check,
	.state_size = sizeof(struct state),
	.summary = "x86 vectors or reservations that no interrupt holds any more",
	.doc = "An interrupt holds a reservation (apic_chip_data::has_reserved) or a vector of a CPU, and "
	       "while it is being moved, a second one. struct irq_matrix counts both: global_reserved, "
	       "cpumap::allocated of each CPU. a6c11c0a5235 (\"genirq/cpuhotplug, x86/vector: Prevent vector "
	       "leak during CPU offline\") mended a way to lose one. Compared when msitrace starts and ends, "
	       "with what all interrupts of the system hold then.",
	.advice = "`msitrace snapshot` names the vectors that nobody holds. Look for who freed an interrupt "
		  "without the irq domains below it, or wrote to the chip data of the vector domain; and "
		  "whether a CPU went offline while an interrupt still held the vector that it had there.",
	.blind = "Vectors that were lost before msitrace attached; a loss and a surplus that are the same.",
	.wrong = "irq_matrix_reserve(vector_matrix);  /* and nothing else */",
	.right = "irq_domain_alloc_irqs(domain, 1, NUMA_NO_NODE, arg);\n"
		 "irq_domain_free_irqs(virq, 1);",
	.alike = "Interrupts that are being moved: they hold two vectors.\n"
		 "Interrupts whose descriptor was freed, but not they.\n"
		 "CPUs that are offline: what is freed there stays in the totals.",
	.wants = EV(MATRIX) | EV(CPU_HP) | EV(REQUEST) | EV(UNREQUEST) | EV(ACTIVATE) | EV(AFF) |
		 EV(IRQ_FREE) | EV(ASSOC),
	.uses = EV(MATRIX_CPU),
	.needs = EV(SNAP_IRQ) | EV(CPU_HP) | EV(REQUEST) | EV(UNREQUEST) | EV(ACTIVATE) | EV(IRQ_FREE) |
		 EV(ASSOC),
	.needs_lossless = true,
	.since = KVER(5, 10),
	.profiles = PROFILE_X86 | PROFILE_X86_IR,
};
