// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  pci_enable_msix_range() with the indices 5, 3, 1
 * nearest that does not:  the same with 1, 3, 5
 */
#include <stdio.h>

#include "../rule_ctx.h"

/* The virq of a descriptor index, the latest one; 0: the model has none.  */
static uint32_t virq_of_index(const struct device *dev, uint32_t index)
{
	const struct virq *found = NULL;

	for (const struct link *l = dev->virqs.next; l != &dev->virqs; l = l->next) {
		const struct virq *vq = link_entry(l, struct virq, node);

		if (vq->index == index && vq->desc && (!found || vq->seq > found->seq))
			found = vq;
	}
	return found ? found->irq : 0;
}

struct pairs {
	uint32_t wrong;		/* how many */
	uint32_t at;		/* position of the first of them */
	uint32_t expected;	/* the virq that belongs there */
};

static void compare(struct rule_ctx *rc, const struct msi_ev_pci_enable_end *ev,
		    const struct device *dev, struct pairs *p)
{
	for (uint32_t i = 0; i < ev->nr && i < MSI_ENTRIES_MAX; i++) {
		uint32_t irq = virq_of_index(dev, ev->entry[i]);

		if (!irq) {
			rule_inconclusive(rc, "which virq index %u of %s has is not known",
					  ev->entry[i], dev->name[0] ? dev->name : "a device");
			continue;
		}
		rule_judged(rc);
		if (irq == ev->vector[i] || p->wrong++)
			continue;
		p->at = i;
		p->expected = irq;
	}
}

/* Whose virq an entry was given.  */
static struct word owner_of(const struct rule_ctx *rc, const struct device *dev, uint32_t irq)
{
	const struct virq *vq = model__virq(rc->model, irq);
	struct word w = { "not one of the device" };

	if (vq && vq->dev == dev)
		snprintf(w.s, sizeof(w.s), "that of index %u", vq->index);
	return w;
}

static void report(struct rule_ctx *rc, const struct msi_ev_pci_enable_end *ev,
		   const struct device *dev, const struct pairs *p)
{
	const struct virq *given = model__virq(rc->model, ev->vector[p->at]);
	const struct virq *right = model__virq(rc->model, p->expected);
	struct report r = { .e = &ev->h, .what = "returned with wrong vectors", .dev = dev };
	struct finding *f;

	if (given && given->dev == dev) {
		r.known = "msix-entries-by-index";
		r.known_text = "since 5.17 descriptors are sorted by index, and "
			       "msix_update_entries() fills the array in their order";
	}
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "%u of %u entries, the first is entries[%u]", p->wrong, ev->nr, p->at);
	finding_message(f,
			"entries[%u] of %s asks for index %u and was given virq %u, which is %s; "
			"index %u has virq %u, so its interrupts reach another handler or none",
			p->at, word_device(rc, &r).s, ev->entry[p->at], ev->vector[p->at],
			owner_of(rc, dev, ev->vector[p->at]).s, ev->entry[p->at], p->expected);
	if (right) {
		finding_setup(rc, f, "interrupt associated", &right->associated);
		finding_life_virq(rc, f, right);
	}
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_pci_enable_end *ev = (const struct msi_ev_pci_enable_end *)e;
	const struct device *dev = model__device(rc->model, e->dev);
	struct pairs p = { 0 };

	if (!dev || ev->ret <= 0)
		return;
	compare(rc, ev, dev, &p);
	if (p.wrong)
		report(rc, ev, dev, &p);
}

const struct rule rule_api_msix_entry_vector = {
	.id = "api_msix_entry_vector",
	.severity = SEV_LOST,
	.check = check,
	.summary = "pci_enable_msix_range() gave an entry the interrupt of another index",
	.doc = "The caller names an index in entries[i].entry (\"Driver uses to specify entry, OS "
	       "writes\", include/linux/pci.h) and gets its interrupt in entries[i].vector (\"Kernel "
	       "uses to write allocated vector\"). msix_update_entries() fills them in the order of "
	       "the descriptors, \"entries->vector = desc->irq; entries++;\", which was the caller's "
	       "until the store was sorted by index (5.17).",
	.advice = "Take the interrupt from pci_irq_vector(pdev, index), or give the entries in "
		  "ascending order.",
	.blind = "Entries after the 32nd of a call.",
	.wrong = "struct msix_entry e[] = { {0, 5}, {0, 3}, {0, 1} };\n"
		 "pci_enable_msix_range(pdev, e, 3, 3);\n"
		 "request_irq(e[0].vector, queue5, 0, \"queue5\", priv);",
	.right = "struct msix_entry e[] = { {0, 1}, {0, 3}, {0, 5} };\n"
		 "pci_enable_msix_range(pdev, e, 3, 3);\n"
		 "request_irq(e[2].vector, queue5, 0, \"queue5\", priv);",
	.alike = "Indices in ascending order, with or without gaps.\n"
		 "No array at all: pci_alloc_irq_vectors().\n"
		 "Fewer vectors than asked for: the rest of the array is not filled.",
	.wants = EV(PCI_ENABLE_END),
	.needs = EV(PCI_ENABLE_END) | EV(ASSOC),
	.uses = EV(ASSOC) | EV(IRQ_FREE),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
