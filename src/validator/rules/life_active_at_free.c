// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  an irq domain that calls irq_domain_free_irqs() for an activated interrupt
 * nearest that does not:  irq_domain_deactivate_irq() first
 */
#include <stdio.h>

#include "../rule_ctx.h"

/* What the device was last told to send; of multi-MSI the first virq has the message.  */
static struct phrase last_message(const struct rule_ctx *rc, const struct virq *vq)
{
	const struct desc *d = vq ? map_get(&rc->model->descs, vq->desc) : NULL;
	const struct virq *first = d && d->irq ? model__virq(rc->model, d->irq) : vq;
	struct phrase p = { "" };

	if (!first || !first->msg.known || first->desc != vq->desc)
		return p;
	snprintf(p.s, sizeof(p.s), " (%x:%08x/%x)", first->msg.hi, first->msg.lo,
		 first->msg.data | (vq->irq - first->irq));
	return p;
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_irq_free *ev = (const struct msi_ev_irq_free *)e;
	const struct virq *vq = rc->scene->virq;
	struct report r = { .e = e, .what = "freed while it is activated" };
	struct finding *f;

	if (!ev->known || (!ev->desc && !(vq && vq->desc)))	/* not known, or not an MSI */
		return;
	rule_judged(rc);
	if (!(ev->irqd & MSI_IRQD_ACTIVATED))
		return;
	r.dev = vq ? vq->dev : NULL;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object_virq(f, ev->irq, vq);
	finding_message(f,
			"%s frees virq %u of %s while it is activated: the device may still write "
			"its message%s, and the vector can be given to somebody else",
			word_task(e->comm, e->tid).s, ev->irq, word_device(rc, &r).s,
			last_message(rc, vq).s);
	if (vq) {
		finding_setup(rc, f, "interrupt activated", &vq->activated);
		finding_life_virq(rc, f, vq);
	}
	rule_emit(rc, f);
}

const struct rule rule_life_active_at_free = {
	.id = "life_active_at_free",
	.severity = SEV_LOST,
	.check = check,
	.summary = "interrupt freed while it is activated",
	.doc = "\"Make sure all interrupts are deactivated\", says msi_domain_free_irqs(), and calls "
	       "irq_domain_deactivate_irq() before irq_domain_free_irqs(): deactivation takes the "
	       "message from the device, and the vector from the CPU.",
	.advice = "An irq domain with a domain_free_irqs() of its own deactivates each interrupt "
		  "before it frees it, as the core does.",
	.blind = "Interrupts whose irq_desc msitrace did not see activated.",
	.wrong = "static void domain_free_irqs(struct irq_domain *d, struct device *dev)\n"
		 "{\n"
		 "    msi_for_each_desc(desc, dev, MSI_DESC_ASSOCIATED)\n"
		 "        irq_domain_free_irqs(desc->irq, desc->nvec_used);\n"
		 "}",
	.right = "static void domain_free_irqs(struct irq_domain *d, struct device *dev)\n"
		 "{\n"
		 "    msi_for_each_desc(desc, dev, MSI_DESC_ASSOCIATED) {\n"
		 "        struct irq_data *irqd = irq_domain_get_irq_data(d, desc->irq);\n"
		 "        if (irqd_is_activated(irqd))\n"
		 "            irq_domain_deactivate_irq(irqd);\n"
		 "        irq_domain_free_irqs(desc->irq, desc->nvec_used);\n"
		 "    }\n"
		 "}",
	.alike = "A vector that was only reserved and never requested: not activated.\n"
		 "A vector after free_irq(), and a managed one that was shut down.",
	.wants = EV(IRQ_FREE),
	.uses = EV(MSG_WRITE),
	.needs = EV(IRQ_FREE),
	.since = KVER(5, 10),
};
