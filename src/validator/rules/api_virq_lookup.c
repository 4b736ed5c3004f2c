// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  pci_irq_vector(pdev, 1) gives the interrupt of descriptor 2, or none although there is one
 * nearest that does not:  pci_irq_vector(pdev, 3) of an MSI with four vectors: the first and 3
 */
#include "../rule_ctx.h"

/* What the store has for the index, as far as the events told.  */
struct expected {
	bool known;
	uint32_t irq;			/* 0: nothing */
	const struct desc *desc;
	const struct virq *virq;	/* of desc */
};

static struct expected expect(const struct model *m, const struct msi_data *md,
			      const struct msi_ev_lookup *ev)
{
	uint32_t at = ev->multi ? 0 : ev->index;
	struct expected x = { .desc = model__desc_at(md, ev->domid, at, at, NULL) };

	x.virq = x.desc ? model__virq_of(m, x.desc) : NULL;
	x.known = x.virq && x.desc->nvec;
	if (x.known && ev->index - at < x.desc->nvec)
		x.irq = x.desc->irq + (ev->index - at);
	return x;
}

/* The descriptor that the interrupt found belongs to, if another one than is known to be asked for.  */
static const struct desc *owner_of(const struct model *m, const struct msi_data *md, uint32_t irq)
{
	const struct virq *vq = irq ? model__virq(m, irq) : NULL;
	const struct desc *d = vq ? map_get(&m->descs, vq->desc) : NULL;

	return d && !d->freed && d->md == md && vq->epoch == m->virq_epoch &&
	       d->epoch == m->desc_epoch ? d : NULL;
}

static void message(struct rule_ctx *rc, struct finding *f, const struct report *r,
		    const struct expected *x, const struct desc *owner)
{
	const struct msi_ev_lookup *ev = (const struct msi_ev_lookup *)r->e;
	struct word dev = word_device(rc, r);
	const char *fn = event_function(rc, r->e);

	if (!ev->irq)
		finding_message(f,
				"%s() found no interrupt at index %u of %s, which has virq %u there: the "
				"driver goes without it", fn, ev->index, dev.s, x->irq);
	else if (x->irq)
		finding_message(f,
				"%s() found virq %u at index %u of %s, which has virq %u there: the handler "
				"of one vector is installed on another",
				fn, ev->irq, ev->index, dev.s, x->irq);
	else if (owner)
		finding_message(f,
				"%s() found virq %u at index %u of %s, but descriptor %u has it: the handler "
				"of one vector is installed on another",
				fn, ev->irq, ev->index, dev.s, owner->index);
	else
		finding_message(f,
				"%s() found virq %u at index %u of %s, which has %u vector%s: a handler is "
				"installed on an interrupt of somebody else",
				fn, ev->irq, ev->index, dev.s, x->desc->nvec,
				x->desc->nvec == 1 ? "" : "s");
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_lookup *ev = (const struct msi_ev_lookup *)e;
	const struct msi_data *md = map_get(&rc->model->mds, ev->md);
	struct report r = { .e = e, .what = "found for another index", .key = ev->index };
	const struct desc *owner;
	const struct virq *vq;
	struct expected x;
	struct finding *f;

	/* Since then somebody else may have changed what it looked at.  */
	if (!md || md->lock != LOCK_STATE_FREE || md->released_tid != e->tid ||
	    md->released_epoch != rc->model->iter_epoch)
		return;
	x = expect(rc->model, md, ev);
	owner = x.known ? NULL : owner_of(rc->model, md, ev->irq);
	if (!x.known && (!owner || ev->multi || owner->domid != ev->domid || owner->index == ev->index))
		return;
	rule_judged(rc);
	if (x.known && x.irq == ev->irq)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	vq = x.known ? x.virq : model__virq(rc->model, ev->irq);
	finding_object(f, "index %u", ev->index);
	message(rc, f, &r, &x, owner);
	finding_setup(rc, f, "interrupt associated", &vq->associated);
	finding_life_virq(rc, f, vq);
	rule_emit(rc, f);
}

const struct rule rule_api_virq_lookup = {
	.id = "api_virq_lookup",
	.severity = SEV_LOST,
	.check = check,
	.summary = "interrupt looked up by index is not the one that the store has",
	.doc = "msi_domain_get_virq() (msi_get_virq() before 6.2, both behind pci_irq_vector()) is to "
	       "\"Lookup the Linux interrupt number for a MSI index on a interrupt domain\": that of the "
	       "descriptor at the index. \"PCI-MSI has only one descriptor for multiple interrupts\": "
	       "there it is the first one and the index, below nvec_used. 0 is \"not found\".",
	.advice = "Do not write to desc->irq, and do not change it between irq_set_msi_desc_off() and the "
		  "free. If nobody does, the lookup of this kernel is broken: report it.",
	.wrong = "swap(desc->irq, other->irq);\n"
		 "request_irq(pci_irq_vector(pdev, 0), rx, 0, \"rx\", priv);",
	.right = "request_irq(pci_irq_vector(pdev, 0), rx, 0, \"rx\", priv);",
	.alike = "Indices that have no descriptor, or one without an interrupt.\n"
		 "MSI with several vectors: one descriptor has them all.",
	.blind = "Lookups while another task takes the mutex right afterwards; of an index whose "
		 "descriptor was not seen to get an interrupt; dev->irq, which pci_irq_vector() gives for "
		 "index 0 when MSI is off.",
	.wants = EV(LOOKUP),
	.uses = EV(LOCK) | EV(UNLOCK) | EV(INSERT) | EV(DESC_FREE) | EV(ASSOC) | EV(IRQ_FREE),
	.needs = EV(LOOKUP) | EV(UNLOCK) | EV(ASSOC),
	.since = KVER(5, 17),
};
