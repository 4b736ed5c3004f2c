// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  /proc/irq/24/smp_affinity is written, and the interrupt does not fire for longer than the limit
 * nearest that does not:  the same, and it fires; or an affinity that is set at once
 */
#include <stdio.h>

#include "../rule_ctx.h"

enum { PARAM_AFTER_MS };	/* ORDER: params */

struct late {
	const struct msi_event_hdr *e;
	const struct virq *vq;
	uint64_t ns;		/* since it was asked for */
	uint64_t fired;		/* since the interrupt exists */
	bool set;		/* now it is */
};

/* 0: not known; before attaching, that it was is older than the baseline.  */
static uint64_t age_of(const struct rule_ctx *rc, const struct aff_asked *a, const struct msi_event_hdr *e)
{
	uint64_t at = a->when.how == MOMENT_SEEN ? a->when.ts_ns : rc->model->begin_ns;

	return at && e->ts_ns > at ? e->ts_ns - at : 0;
}

static bool is_late(const struct rule_ctx *rc, uint64_t ns)
{
	uint64_t ms = rule_param(rc, PARAM_AFTER_MS);

	return ms < UINT64_MAX / 1000000 && ns > ms * 1000000;
}

/* The interrupt that moves it counts, too.  */
static struct phrase fired_since(const struct late *l)
{
	const struct aff_asked *a = &l->vq->asked;
	uint64_t n = l->fired - a->fired;
	struct phrase p;

	if (a->when.how != MOMENT_SEEN || l->fired < a->fired)
		snprintf(p.s, sizeof(p.s), "whether it has fired since is not known");
	else if (n <= l->set)
		snprintf(p.s, sizeof(p.s), "it %s; x86 moves an interrupt when it fires",
			 l->set ? "had not fired until now" : "has not fired since");
	else
		snprintf(p.s, sizeof(p.s), "it has fired %llu times since", (unsigned long long)n);
	return p;
}

static struct phrase who_and_where(const struct aff_asked *a)
{
	struct phrase p;

	if (a->when.how == MOMENT_SEEN)
		snprintf(p.s, sizeof(p.s), "that %s asked for (CPUs %#llx)",
			 word_task(a->when.comm, a->when.tid).s, (unsigned long long)a->cpus);
	else
		snprintf(p.s, sizeof(p.s), "that was asked for");
	return p;
}

static void report(struct rule_ctx *rc, const struct late *l)
{
	const struct aff_asked *a = &l->vq->asked;
	struct report r = { .e = l->e, .what = l->set ? "affinity set late" : "affinity not set",
			    .dev = l->vq->dev, .key = l->vq->irq };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object_virq(f, l->vq->irq, l->vq);
	finding_message(f, "the affinity of virq %u of %s %s %s %s%s later, the limit is %llu ms; %s",
			l->vq->irq, word_device(rc, &r).s, who_and_where(a).s,
			l->set ? "was set" : "is not set",
			a->when.how == MOMENT_SEEN ? "" : "at least ", word_ns(l->ns).s,
			(unsigned long long)rule_param(rc, PARAM_AFTER_MS), fired_since(l).s);
	finding_setup(rc, f, "affinity asked for", &a->when);
	finding_life(rc, f, "affinity asked for", &a->when);
	finding_life_virq(rc, f, l->vq);
	rule_emit(rc, f);
}

/* Does it wait for its affinity, as far as is known?  */
static bool waits(struct rule_ctx *rc, const struct virq *vq)
{
	if (!vq || !vq->asked.pending)
		return false;
	if (vq->asked.epoch == rc->model->ask_epoch && vq->epoch == rc->model->virq_epoch)
		return true;
	rule_inconclusive(rc, "whether the affinity of an interrupt was set was lost");
	return false;
}

static void asked(struct rule_ctx *rc, const struct msi_ev_aff_ask *ev)
{
	if (!ev->ret && !(ev->irqd & MSI_IRQD_SETAFFINITY_PENDING))
		rule_judged(rc);
}

/* Of what was asked for, the CPUs that are offline are left out (since 5.18).  */
static bool is_elsewhere(uint64_t asked, uint64_t set)
{
	return set & ~asked || !set != !asked;
}

static void set(struct rule_ctx *rc, const struct msi_ev_aff *ev)
{
	struct late l = { .e = &ev->h, .vq = model__virq(rc->model, ev->irq), .fired = ev->fired,
			  .set = true };

	/* It may be moved elsewhere meanwhile, as when its CPU goes: nobody waits any more then.  */
	if (ev->ret < 0 || !waits(rc, l.vq) ||
	    (l.vq->asked.when.how == MOMENT_SEEN && is_elsewhere(l.vq->asked.cpus, ev->requested)))
		return;
	l.ns = age_of(rc, &l.vq->asked, &ev->h);
	if (!is_late(rc, l.ns) && l.vq->asked.when.how != MOMENT_SEEN)
		return;		/* for less than the limit since attaching: not known */
	rule_judged(rc);
	if (is_late(rc, l.ns))
		report(rc, &l);
}

/* The last look at it: what waits for less than the limit is not judged.  */
static void last_look(struct rule_ctx *rc, struct late l, const struct msi_now *now)
{
	if (!(now->flags & MSI_DESC_STATE_KNOWN) || !(now->irqd & MSI_IRQD_SETAFFINITY_PENDING) ||
	    !waits(rc, l.vq))
		return;
	l.ns = age_of(rc, &l.vq->asked, l.e);
	if (!is_late(rc, l.ns))
		return;
	rule_judged(rc);
	report(rc, &l);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_unrequest *unreq = (const struct msi_ev_unrequest *)e;
	const struct msi_ev_irq_look *look = (const struct msi_ev_irq_look *)e;
	struct late l = { .e = e, .vq = rc->scene->virq };

	if (!rule_param(rc, PARAM_AFTER_MS)) {
		rule_not_judged(rc, "no time is set, with --set act_affinity_pending.after_ms=NUMBER");
		return;
	}
	if (!rule_can_see(rc, MSI_EV_AFF_ASK))
		return;
	if (e->type == MSI_EV_AFF_ASK) {
		asked(rc, (const struct msi_ev_aff_ask *)e);
	} else if (e->type == MSI_EV_AFF) {
		set(rc, (const struct msi_ev_aff *)e);
	} else if (e->type == MSI_EV_UNREQUEST) {
		l.fired = unreq->total;
		last_look(rc, l, (const struct msi_now *)&unreq->now_irqd);
	} else if (e->type == MSI_EV_IRQ_LOOK) {
		l.fired = look->fired;
		last_look(rc, l, (const struct msi_now *)&look->now_irqd);
	}
}

const struct rule rule_act_affinity_pending = {
	.id = "act_affinity_pending",
	.severity = SEV_HYGIENE,
	.check = check,
	.summary = "affinity that was asked for and is not set within the time that the user allows",
	.doc = "\"IRQD_SETAFFINITY_PENDING - Affinity setting is pending\" (include/linux/irq.h): where x86 "
	       "does not remap interrupts, irq_set_affinity_locked() only notes what is asked for, and the "
	       "interrupt moves when it fires next. Until then it goes where it went. One that never fires "
	       "never moves, which is legal; one that fires and does not move was a bug (548183ea388c "
	       "\"iommu/vt-d: Wire up irq_ack() to irq_move_irq() for posted MSIs\"). How long is too long, "
	       "the user says: without --set act_affinity_pending.after_ms=NUMBER the rule is n/a.",
	.advice = "If it has not fired, there is nothing to do: it moves with its next interrupt. If it has, see "
		  "whether the irq_ack() of its chip, or of one of its parents, calls irq_move_irq().",
	.blind = "An affinity that is asked for again before it is set: the time begins anew. One that was "
		 "set without msi_set_affinity(), as below interrupt remapping, and not within the time.",
	.wrong = "static void foo_ack(struct irq_data *d) { }\n"
		 "static struct irq_chip foo_chip = {\n"
		 "    .irq_ack = foo_ack,",
	.right = "static struct irq_chip foo_chip = {\n"
		 "    .irq_ack = irq_move_irq,",
	.alike = "An idle interrupt: legal, why it is off by itself. The finding says so.\n"
		 "-EBUSY: the kernel tries again at the next interrupt.\n"
		 "Asked for before it is activated, or below interrupt remapping: set at once.",
	.wants = EV(AFF_ASK) | EV(AFF) | EV(UNREQUEST) | EV(IRQ_LOOK) | EV(END),
	.needs = EV(AFF) | EV(UNREQUEST) | EV(SNAP_IRQ),
	.uses = EV(ASSOC) | EV(IRQ_FREE) | EV(SNAP_IRQ),
	.needs_lossless = true,
	.since = KVER(5, 10),
	.params = {
		[PARAM_AFTER_MS] = { "after_ms", 0, "set later than that is too late; 0: not judged" },
	},
};
