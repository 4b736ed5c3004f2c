// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  desc->dev = &other->dev; of a descriptor in the store
 * nearest that does not:  a DMA alias, which changes the requester id and nothing else
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_store_entry *ev = (const struct msi_ev_store_entry *)e;
	const struct desc *d = map_get(&rc->model->descs, ev->desc);
	struct report r = { .e = e, .what = "found in the store", .dev = d ? d->dev : NULL,
			    .key = ev->index };
	struct finding *f;

	rule_judged(rc);
	if (!(ev->flags & MSI_DESC_FOREIGN))
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "descriptor index %u", ev->index);
	finding_message(f,
			"descriptor %u in the store of %s points to another device: its messages and masks "
			"are written with the registers of one and the power state and lock of the other",
			ev->index, word_device(rc, &r).s);
	finding_inserted(rc, f, d);
	rule_emit(rc, f);
}

const struct rule rule_store_wrong_device = {
	.id = "store_wrong_device",
	.severity = SEV_CORRUPT,
	.check = check,
	.summary = "descriptor that points to another device than the one that has it",
	.doc = "msi_alloc_desc() sets desc->dev to the device in whose store it is inserted. The PCI "
	       "core takes all from there: to_pci_dev(desc->dev)->msi_lock, current_state, msi_cap.",
	.advice = "Never write to desc->dev.",
	.wrong = "desc->dev = &alias->dev;",
	.right = "pci_add_dma_alias(pdev, devfn, 1); /* the requester id is another matter */",
	.alike = "DMA aliases.",
	.blind = "Descriptors in no list: lists are read when descriptors are freed, MSI is enabled, and "
		 "at begin and end.",
	.wants = EV(STORE_ENTRY),
	.needs = EV(DESC_FREE),
	.since = KVER(5, 17),
};
