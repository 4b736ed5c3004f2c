// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  request_irq(); pci_free_irq_vectors();
 * nearest that does not:  request_irq(); free_irq(); pci_free_irq_vectors();
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_irq_free *ev = (const struct msi_ev_irq_free *)e;
	const struct virq *vq = rc->scene->virq;
	struct report r = { .e = e, .what = "freed with a handler installed" };
	struct finding *f;

	if (!ev->known || (!ev->desc && !(vq && vq->desc)))	/* not known, or not an MSI */
		return;
	rule_judged(rc);
	if (!ev->handler)
		return;
	r.dev = vq ? vq->dev : NULL;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "virq %u (\"%.24s\")", ev->irq, ev->name);
	finding_message(f,
			"%s frees virq %u of %s while handler \"%.24s\" is installed; the handler "
			"is leaked and another device may get the number",
			word_task(e->comm, e->tid).s, ev->irq, word_device(rc, &r).s, ev->name);
	if (vq) {
		finding_setup(rc, f, "handler requested", &vq->requested);
		finding_life_virq(rc, f, vq);
	}
	rule_emit(rc, f);
}

const struct rule rule_life_free_with_action = {
	.id = "life_free_with_action", .severity = SEV_CORRUPT, .check = check,
	.summary = "interrupt freed while a handler is installed",
	.doc = "free_irq() comes before the vectors are freed. Before 5.17 the kernel said "
	       "BUG_ON(irq_has_action(entry->irq + i)); nothing replaced it.",
	.advice = "Call free_irq() for every requested vector before pci_free_irq_vectors().",
	.blind = "Interrupts whose irq_desc msitrace did not see activated.",
	.wrong = "request_irq(pci_irq_vector(pdev, 0), rx, 0, \"rx\", priv);\n"
		 "pci_free_irq_vectors(pdev);",
	.right = "request_irq(pci_irq_vector(pdev, 0), rx, 0, \"rx\", priv);\n"
		 "free_irq(pci_irq_vector(pdev, 0), priv);\n"
		 "pci_free_irq_vectors(pdev);",
	.alike = "Interrupts that are not MSI.",
	.wants = EV(IRQ_FREE), .needs = EV(IRQ_FREE), .since = KVER(5, 10),
};
