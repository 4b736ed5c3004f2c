// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  request_irq() of an interrupt that is to stay on CPU 0, which has no vector left: it goes to CPU 1
 * nearest that does not:  its CPU goes offline, and it had no other: a note
 */
#include <stdio.h>
#include <string.h>

#include "../rule_ctx.h"
#include "../vectors.h"

/* The move that a CPU on its way out tried first, and that was refused.  */
struct state {
	uint32_t irq, cpu;
	uint64_t cpus, ts_ns;
};

#define MIGRATE_NS	1000000000ull	/* migrate_one_irq() tries the other CPUs at once */

struct moved {
	const struct msi_event_hdr *e;
	uint32_t irq;
	uint64_t wanted, effective, online;
	const char *when;
	bool note;
};

static void report(struct rule_ctx *rc, const struct moved *mv)
{
	const struct virq *vq = model__virq(rc->model, mv->irq);
	const struct matrix *mx = &rc->model->matrix;
	struct report r = { .e = mv->e, .what = "affinity broken", .dev = vq ? vq->dev : NULL, .key = mv->note,
			    .note = mv->note };
	struct finding *f = rule_report(rc, &r);
	struct phrase why, room = { "" };

	if (!f)
		return;
	if (vectors_known(mx, mv->e))
		snprintf(room.s, sizeof(room.s), "; %s", vectors_room(mx).s);
	if (mv->note)
		snprintf(why.s, sizeof(why.s), "none of its CPUs is online any more");
	else
		snprintf(why.s, sizeof(why.s), "it needs one vector, and none was free for it on %s",
			 word_cpus(mv->wanted & mv->online).s);
	finding_object_virq(f, mv->irq, vq);
	if (!mv->note)
		vectors_held(rc, f, mv->e, mv->wanted);
	finding_message(f, "virq %u of %s was to stay on %s, and goes to %s since %s: %s%s", mv->irq,
			word_device(rc, &r).s, word_cpus(mv->wanted).s, word_cpus(mv->effective).s, mv->when, why.s,
			room.s);
	if (vq) {
		if (vq->asked.when.how == MOMENT_SEEN)
			finding_setup(rc, f, "affinity asked for", &vq->asked.when);
		finding_life_virq(rc, f, vq);
	}
	rule_emit(rc, f);
}

/* The one that goes is marked offline first, and moves its interrupts itself: fixup_irqs().  */
static bool cpu_goes(const struct msi_ev_aff *ev)
{
	return ev->online && ev->h.cpu < 64 && !(ev->online >> ev->h.cpu & 1);
}

static bool was_refused(const struct state *st, const struct msi_ev_aff *ev)
{
	return st->irq == ev->irq && st->cpu == ev->h.cpu && ev->h.ts_ns >= st->ts_ns &&
	       ev->h.ts_ns - st->ts_ns <= MIGRATE_NS;
}

/*
 * migrate_one_irq() asks for what is still online of the CPUs that it was to stay on, or of those that it was to be
 * moved to and is not yet: only when that was refused, it is sent anywhere.
 */
static void moved(struct rule_ctx *rc, const struct msi_ev_aff *ev)
{
	const struct virq *vq = model__virq(rc->model, ev->irq);
	struct state *st = rc->state;
	struct moved mv = { .e = &ev->h, .irq = ev->irq, .wanted = ev->wanted, .effective = ev->effective,
			    .online = ev->online, .when = "its CPU went offline" };

	if (!cpu_goes(ev) || ev->irqd & MSI_IRQD_MANAGED)
		return;
	if (ev->ret == ENOSPC_RET) {
		*st = (struct state){ ev->irq, ev->h.cpu, ev->requested, ev->h.ts_ns };
		return;
	}
	if (ev->ret < 0 || !ev->wanted || !ev->effective)
		return;
	rule_judged(rc);
	mv.note = !was_refused(st, ev);
	if (!mv.note && st->cpus & ~ev->wanted)
		mv.wanted = st->cpus;
	st->irq = 0;
	if (ev->effective & mv.wanted)
		return;
	/* whether another move was to be made first is known if it was asked for while we watched */
	if (!mv.note || (!(ev->wanted & ev->online) && vq && !vq->asked.pending))
		report(rc, &mv);
}

/* As activate_reserved() sees it: "Affinity broken due to vector space exhaustion".  */
static void activated(struct rule_ctx *rc, const struct msi_ev_activate *ev)
{
	struct moved mv = { .e = &ev->h, .irq = ev->irq, .wanted = ev->wanted, .effective = ev->effective,
			    .online = ev->online, .when = "it was started", .note = ev->online && !(ev->wanted & ev->online) };

	if (ev->ret || ev->reserve || !ev->wanted || !ev->effective || ev->irqd & MSI_IRQD_MANAGED)
		return;
	if (!ev->online) {
		rule_not_judged(rc, "which CPUs are online is hidden (kernel.kptr_restrict)");
		return;
	}
	rule_judged(rc);
	if (!(ev->effective & ev->wanted))
		report(rc, &mv);
}

static const char *why_refused(const struct msi_ev_aff_write *ev)
{
	switch (ev->ret) {
	case ENOSPC_RET:
		return "no CPU of those has a vector for it";
	case -16:
		return "the move before is not over yet: write again when it has fired";
	case -22:
		return "none of those CPUs is online, or what was written is no list of CPUs";
	case -1:
	case -5:
		return ev->irqd & MSI_IRQD_MANAGED ? "it is managed: the kernel alone chooses its CPUs" :
						     "its chip cannot move it, or its driver forbids it";
	default:
		return "the kernel could not read it, or its chip refuses";
	}
}

/* Whoever wrote has been told; here is why.  */
static void refused(struct rule_ctx *rc, const struct msi_ev_aff_write *ev)
{
	const struct virq *vq = model__virq(rc->model, ev->irq);
	struct report r = { .e = &ev->h, .what = "write of its affinity refused", .dev = vq ? vq->dev : NULL,
			    .key = (uint64_t)(uint32_t)ev->ret << 32 | ev->irq, .note = true };
	struct finding *f = rule_report(rc, &r);

	rule_judged(rc);
	if (!f)
		return;
	finding_object_virq(f, ev->irq, vq);
	if (ev->ret == ENOSPC_RET)
		vectors_held(rc, f, &ev->h, VECTORS_ALL);
	finding_message(f, "%s wrote \"%.*s\" to /proc/irq/%u/smp_affinity%s of %s, and was refused (%d): %s; it stays on %s",
			word_task(ev->h.comm, ev->h.tid).s, (int)strcspn(ev->text, "\n"), ev->text, ev->irq,
			ev->list ? "_list" : "", word_device(rc, &r).s, ev->ret, why_refused(ev),
			word_cpus(ev->wanted).s);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	if (e->type == MSI_EV_AFF)
		moved(rc, (const struct msi_ev_aff *)e);
	else if (e->type == MSI_EV_ACTIVATE)
		activated(rc, (const struct msi_ev_activate *)e);
	else if (e->type == MSI_EV_AFF_WRITE)
		refused(rc, (const struct msi_ev_aff_write *)e);
}

const struct rule rule_act_affinity_broken = {
	.id = "act_affinity_broken",
	.severity = SEV_STATE,
	.check = check,
	.state_size = sizeof(struct state),
	.summary = "interrupt that goes elsewhere than to the CPUs that it was told to stay on",
	.doc = "smp_affinity says where an interrupt may go. Where no CPU of it has a vector left, it goes "
	       "elsewhere, so that it works at all: \"Affinity broken due to vector space exhaustion\" "
	       "(activate_reserved(), arch/x86/kernel/apic/vector.c), and migrate_one_irq() "
	       "(kernel/irq/cpuhotplug.c) when its CPU goes offline. CPUs that were to be left alone have "
	       "it then, and smp_affinity still names the others. Whose CPUs are all offline is moved as "
	       "well, which is legal, as are writes that are refused: these are notes.",
	.advice = "Free vectors of the CPUs that it is to stay on, see who holds them, then write its "
		  "smp_affinity again: nothing moves it back by itself.",
	.blind = "CPUs above 63. Moves when a CPU goes offline, below interrupt remapping. Writes to "
		 "/proc/irq of interrupts that are no MSIs.",
	.wrong = "irq_set_affinity(irq, cpumask_of(0));\n"
		 "request_irq(irq, ...);  /* CPU 0 has no vector left: it goes to CPU 1 */",
	.right = "irq_set_affinity(irq, cpu_online_mask);\n"
		 "request_irq(irq, ...);",
	.alike = "Managed interrupts: they are shut down with their CPUs, or set aside for.\n"
		 "An interrupt whose CPUs are all offline: a note.\n"
		 "A write that is refused, and says so: a note.\n"
		 "A mask with several CPUs, of which one is full: the others serve.",
	.wants = EV(AFF) | EV(ACTIVATE) | EV(AFF_WRITE),
	.needs = EV(ACTIVATE),
	.needs_any = { EV(AFF) },
	.uses = EV(MATRIX) | EV(MATRIX_CPU),
	.since = KVER(5, 10),
	.profiles = PROFILE_X86 | PROFILE_X86_IR,
};
