// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  a virq above 65535 as index of a platform device's descriptor: msi_index has 16 bits
 * nearest that does not:  the same below
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
	if (ev->index == ev->msi_index)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "descriptor index %u", ev->index);
	finding_message(f,
			"the descriptor that %s has at index %u of its store says that its index is %u: "
			"who looks it up by that finds nothing, or another one",
			word_device(rc, &r).s, ev->index, ev->msi_index);
	finding_inserted(rc, f, d);
	rule_emit(rc, f);
}

const struct rule rule_store_key_mismatch = {
	.id = "store_key_mismatch",
	.severity = SEV_LOST,
	.check = check,
	.summary = "descriptor stored at another index than it has",
	.doc = "msi_insert_desc() sets \"desc->msi_index = index\" and inserts it at that index, but "
	       "msi_index is a u16: an index above 65535 is cut. Iterators go on from msi_index, and "
	       "the PCI core finds the table entry by it.",
	.advice = "Never change msi_index of a descriptor in the store; use indices of up to 16 bits.",
	.wrong = "desc->msi_index = other;",
	.right = "struct msi_desc desc = { .msi_index = other, .nvec_used = 1 };\n"
		 "msi_insert_msi_desc(dev, &desc);",
	.alike = "Indices that are virqs, as platform device domains use them, below 65536.",
	.blind = "Descriptors in no list: lists are read when descriptors are freed, MSI is enabled, and "
		 "at begin and end.",
	.wants = EV(STORE_ENTRY),
	.needs = EV(DESC_FREE),
	.since = KVER(5, 17),
};
