// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  a PCI/MSI-X domain without MSI_FLAG_MUST_REACTIVATE, and nobody requests the vectors
 * nearest that does not:  the same of an MSI that cannot be masked; or with the flag
 */
#include "../rule_ctx.h"

/* May it hold just a reservation, as far as the device and the core are concerned?  */
static bool can_wait(const struct msi_ev_irq_look *ev)
{
	const uint32_t known = MSI_DESC_STATE_KNOWN | MSI_DESC_PCI;

	if ((ev->now_flags & known) != known || !(ev->now_books & MSI_BOOKS_KNOWN))
		return false;
	if (!(ev->now_flags & (MSI_DESC_MSIX | MSI_DESC_CAN_MASK)))
		return false;
	return !(ev->now_flags & MSI_DESC_AFFINITY) && !(ev->now_irqd & MSI_IRQD_MANAGED);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_irq_look *ev = (const struct msi_ev_irq_look *)e;
	const struct virq *vq = rc->scene->virq;
	struct report r = { .e = e, .what = "holds a vector, and nobody wants it" };
	struct finding *f;

	if (ev->handler || (ev->now_irqd & MSI_IRQD_STARTED) || !can_wait(ev))
		return;
	rule_judged(rc);
	if (!(ev->now_books & MSI_BOOKS_VECTOR))
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object_virq(f, ev->irq, vq);
	finding_message(f,
			"virq %u of %s has no handler and can be masked, but holds a vector of a CPU "
			"instead of a reservation",
			ev->irq, word_device(rc, &r).s);
	if (vq) {
		finding_setup(rc, f, "interrupt activated", &vq->activated);
		finding_life_virq(rc, f, vq);
	}
	rule_emit(rc, f);
}

const struct rule rule_vec_idle_real_vector = {
	.id = "vec_idle_real_vector",
	.severity = SEV_HYGIENE,
	.check = check,
	.summary = "x86 vector held by an interrupt that nobody requested",
	.doc = "A CPU of x86 has some 200 vectors. Until it is requested, an interrupt that can be masked "
	       "needs none: \"the vector assigned during allocation is just a place holder\", and "
	       "free_irq() gives the vector back (Thomas Gleixner, on reservation mode). The core does so "
	       "for domains with MSI_FLAG_MUST_REACTIVATE, as those of PCI have. Judged when the run "
	       "ends.",
	.advice = "Set MSI_FLAG_MUST_REACTIVATE in the msi_domain_info of your PCI/MSI domain; do not set "
		  "MSI_FLAG_NO_MASK where the device can mask.",
	.blind = "Interrupts that are gone when the run ends.",
	.wrong = "info->flags = MSI_FLAG_PCI_MSIX | MSI_FLAG_ACTIVATE_EARLY;",
	.right = "info->flags = MSI_FLAG_PCI_MSIX | MSI_FLAG_ACTIVATE_EARLY |\n"
		 "              MSI_FLAG_MUST_REACTIVATE;",
	.alike = "An MSI that cannot be masked always has its vector.\n"
		 "Managed interrupts, and those that were allocated for certain CPUs.\n"
		 "Requested with IRQF_NO_AUTOEN, and not enabled yet.\n"
		 "A reservation, also that of an interrupt that vfio keeps.",
	.wants = EV(IRQ_LOOK),
	.needs = EV(SNAP_IRQ),
	.since = KVER(5, 10),
	.profiles = PROFILE_X86 | PROFILE_X86_IR,
};
