// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  request_irq(), and a device that raises nothing for as long as the user has said
 * nearest that does not:  the same with IRQF_NO_AUTOEN; or one interrupt
 */
#include "../rule_ctx.h"

enum { PARAM_SECONDS };	/* ORDER: params */

/* Would its handler be called, and does nothing but its device decide when?  */
static bool may_fire(const struct msi_ev_irq_look *ev)
{
	const struct msi_now *now = (const struct msi_now *)&ev->now_irqd;

	if (!ev->handler || !now_started(now) || is_vfio_action(ev->name))
		return false;
	return !(now->irqd & (MSI_IRQD_DISABLED | MSI_IRQD_MANAGED));
}

/* Since when it could; 0: not known.  What existed before attaching counts from then on.  */
static uint64_t started_at(const struct rule_ctx *rc, const struct virq *vq)
{
	uint64_t at = 0;

	if (vq->requested.how == MOMENT_SEEN)
		at = vq->requested.ts_ns;
	else if (vq->requested.how == MOMENT_BEFORE)
		at = rc->model->begin_ns;
	return at && vq->unmasked_ns > at ? vq->unmasked_ns : at;
}

static void report(struct rule_ctx *rc, const struct msi_ev_irq_look *ev, const struct virq *vq,
		   uint64_t ns)
{
	struct report r = { .e = &ev->h, .what = "has never fired", .key = ev->irq, .dev = vq->dev };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object_virq(f, ev->irq, vq);
	finding_message(f,
			"virq %u of %s (\"%.24s\") has a handler and is started, %s%s now, but has "
			"never fired",
			ev->irq, word_device(rc, &r).s, ev->name,
			vq->requested.how == MOMENT_BEFORE ? "for at least " : "for ", word_ns(ns).s);
	finding_setup(rc, f, "handler requested", &vq->requested);
	finding_life_virq(rc, f, vq);
	rule_emit(rc, f);
}

static void look(struct rule_ctx *rc, const struct msi_ev_irq_look *ev)
{
	const struct model *m = rc->model;
	const struct virq *vq = rc->scene->virq;
	uint64_t at;

	if (!vq || !may_fire(ev))
		return;
	if (ev->fired) {
		rule_judged(rc);
		return;
	}
	if (vq->epoch != m->virq_epoch || vq->start_epoch != m->start_epoch) {
		rule_inconclusive(rc, "since when an interrupt is started was lost");
		return;
	}
	at = started_at(rc, vq);
	if (!at || ev->h.ts_ns < at || (ev->h.ts_ns - at) / 1000000000 < rule_param(rc, PARAM_SECONDS)) {
		rule_not_judged(rc, "no interrupt was started for %llu s",
				(unsigned long long)rule_param(rc, PARAM_SECONDS));
		return;
	}
	rule_judged(rc);
	report(rc, ev, vq, ev->h.ts_ns - at);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	if (!rule_param(rc, PARAM_SECONDS))
		rule_not_judged(rc, "no time is set, with --set vec_never_fired.seconds=NUMBER");
	else if (e->type == MSI_EV_IRQ_LOOK)
		look(rc, (const struct msi_ev_irq_look *)e);
}

const struct rule rule_vec_never_fired = {
	.id = "vec_never_fired",
	.severity = SEV_HYGIENE,
	.check = check,
	.summary = "started interrupt that has never fired",
	.doc = "A vector that never fires is one wasted, or its messages do not arrive. Drivers that want "
	       "to know try it: \"No interrupt was generated using MSI. Switching to INTx mode. Please "
	       "report this failure to the PCI maintainer\" (tg3). Whether an interrupt should have fired "
	       "by now only its driver knows, so that without --set vec_never_fired.seconds=NUMBER the "
	       "rule is n/a. With it, interrupts that are started for at least so long are judged when "
	       "the run ends.",
	.advice = "See whether the device is told to raise it, and which of its events use this vector; if "
		  "none does, do not allocate it.",
	.blind = "Interrupts that are gone when the run ends, or that fired for an earlier handler only. "
		 "Those that were disabled in between and not masked: the time counts.",
	.wrong = "request_irq(pci_irq_vector(pdev, 1), isr, 0, \"dev\", priv);\n"
		 "/* the device is not told to use vector 1 */",
	.right = "request_irq(pci_irq_vector(pdev, 1), isr, 0, \"dev\", priv);\n"
		 "writel(1, priv->vector_of_queue);",
	.alike = "Vectors for errors, hotplug and the like: they make it off by itself.\n"
		 "Requested but disabled (IRQF_NO_AUTOEN), or enabled a moment ago.\n"
		 "Managed interrupts: their CPUs may have had nothing to do.\n"
		 "Those of vfio: a posted interrupt does not come to the host's handler.",
	.wants = EV(IRQ_LOOK) | EV(END),
	.needs = EV(REQUEST) | EV(UNREQUEST) | EV(MASK) | EV(SNAP_IRQ),
	.uses = EV(ASSOC) | EV(IRQ_FREE) | EV(REQUEST) | EV(UNREQUEST) | EV(MASK) | EV(SNAP_IRQ),
	.needs_lossless = true,
	.since = KVER(5, 10),
	.params = {
		[PARAM_SECONDS] = { "seconds", 0, "started for so long, and never fired; 0: not judged" },
	},
};
