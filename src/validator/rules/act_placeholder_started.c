// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  irqd_set_activated() before request_irq(), which then asks for no vector
 * nearest that does not:  the same without request_irq(); or request_irq() without it
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct now_of j = now_of(e);
	const struct virq *vq = model__virq(rc->model, j.irq);
	struct report r = { .e = e, .what = "started without a vector", .dev = vq ? vq->dev : NULL };
	struct finding *f;

	if (j.failed || !now_started(j.now) || !(j.now->books & MSI_BOOKS_KNOWN))
		return;
	rule_judged(rc);
	if ((j.now->books & MSI_BOOKS_VECTOR) || !(j.now->books & MSI_BOOKS_RESERVED))
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object_virq(f, j.irq, vq);
	finding_message(f,
			"virq %u of %s is started, but x86 has only a reservation for it, and the "
			"placeholder vector %#x: its handler is never called",
			j.irq, word_device(rc, &r).s, j.now->vector);
	if (vq) {
		finding_setup(rc, f, "interrupt activated", &vq->activated);
		finding_life_virq(rc, f, vq);
	}
	rule_emit(rc, f);
}

const struct rule rule_act_placeholder_started = {
	.id = "act_placeholder_started",
	.severity = SEV_LOST,
	.check = check,
	.summary = "started interrupt that has no vector but the placeholder",
	.doc = "\"The vector assigned during allocation is just a place holder\"; when the interrupt is "
	       "requested, it \"needs to be replaced by a real\" one (Thomas Gleixner, on reservation "
	       "mode of x86). irq_domain_activate_irq() does it, unless the interrupt is marked as "
	       "activated: so the core clears that mark after it was allocated.",
	.advice = "Leave IRQD_ACTIVATED to the interrupt core: find out who set it between the "
		  "allocation and request_irq().",
	.blind = "Interrupts that start and stop between two looks: these are request_irq(), free_irq(), "
		 "moves, and the end of the run.",
	.wrong = "irqd_set_activated(irq_get_irq_data(irq));\n"
		 "request_irq(irq, handler, 0, \"rx\", priv);",
	.right = "request_irq(irq, handler, 0, \"rx\", priv);",
	.alike = "Marked as activated, and moved when it was started: that gave it a vector.\n"
		 "The placeholder of an interrupt that nobody requested, or that is freed.\n"
		 "Requested with IRQF_NO_AUTOEN: activated, and started later.\n"
		 "Managed interrupts whose CPUs are offline: they are shut down.",
	.wants = EV(REQUEST) | EV(UNREQUEST) | EV(AFF) | EV(IRQ_LOOK),
	.needs_any = { EV(REQUEST) | EV(UNREQUEST) | EV(AFF) },
	.since = KVER(5, 10),
	.profiles = PROFILE_X86 | PROFILE_X86_IR,
};
