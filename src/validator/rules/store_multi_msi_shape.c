// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  an MSI with 3 vectors and multiple = 1, that is, 2 messages
 * nearest that does not:  3 vectors and multiple = 2; or one vector and multiple = 0
 */
#include <stdio.h>

#include "../rule_ctx.h"

static uint32_t log2_up(uint32_t n)
{
	uint32_t r = 0;

	while (r < 31 && 1u << r < n)
		r++;
	return r;
}

/* What is wrong with it, empty: nothing.  */
static struct phrase wrong(const struct msi_ev_store_entry *ev)
{
	struct phrase p = { "" };
	uint32_t want = log2_up(ev->nvec_used);

	if (ev->flags & MSI_DESC_MSIX) {
		if (ev->nvec_used > 1)
			snprintf(p.s, sizeof(p.s), "is one of MSI-X, each of which has one vector");
	} else if (ev->index) {
		snprintf(p.s, sizeof(p.s), "is one of MSI, of which a device has one, at index 0");
	} else if (ev->multiple != want) {
		snprintf(p.s, sizeof(p.s), "is given 2^%u messages, not the 2^%u that hold so many",
			 ev->multiple, want);
	} else if (ev->multiple > ev->multi_cap) {
		snprintf(p.s, sizeof(p.s), "is given 2^%u messages, of a device that has 2^%u",
			 ev->multiple, ev->multi_cap);
	}
	return p;
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_store_entry *ev = (const struct msi_ev_store_entry *)e;
	const struct desc *d = map_get(&rc->model->descs, ev->desc);
	struct report r = { .e = e, .what = "found in the store", .dev = d ? d->dev : NULL,
			    .key = ev->index };
	struct phrase p;
	struct finding *f;

	/* What is not that of a device, or not where it belongs, other rules speak of.  */
	if (!(ev->flags & MSI_DESC_PCI) || (ev->flags & MSI_DESC_FOREIGN) || !ev->nvec_used ||
	    ev->index != ev->msi_index)
		return;
	rule_judged(rc);
	p = wrong(ev);
	if (!p.s[0])
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "descriptor index %u: %u vector%s", ev->index, ev->nvec_used,
		       ev->nvec_used == 1 ? "" : "s");
	finding_message(f,
			"descriptor %u of %s has %u vector%s and %s: the device signals others than those that "
			"drivers request",
			ev->index, word_device(rc, &r).s, ev->nvec_used, ev->nvec_used == 1 ? "" : "s",
			p.s);
	finding_inserted(rc, f, d);
	rule_emit(rc, f);
}

const struct rule rule_store_multi_msi_shape = {
	.id = "store_multi_msi_shape",
	.severity = SEV_STATE,
	.check = check,
	.summary = "MSI or MSI-X descriptor with another number of vectors than its kind has",
	.doc = "All MSIs of a device are one descriptor at index 0: it has nvec_used vectors, and "
	       "\"multiple = ilog2(__roundup_pow_of_two(nvec))\" (msi_setup_msi_desc() in "
	       "drivers/pci/msi/msi.c) is what the device is told in its capability, up to multi_cap. "
	       "Each MSI-X vector is a descriptor of its own. The core counts on it: "
	       "pci_msi_domain_calc_hwirq(), pci_irq_vector(), msi_multi_mask().",
	.advice = "Leave descriptors to pci_alloc_irq_vectors(); an irq domain that can give fewer vectors "
		  "returns how many.",
	.wrong = "desc->nvec_used = 3;\n"
		 "desc->pci.msi_attrib.multiple = 1;",
	.right = "desc->nvec_used = 3;\n"
		 "desc->pci.msi_attrib.multiple = 2;",
	.alike = "3 vectors of 4 messages; a device capable of more than it was given.\n"
		 "Descriptors of devices that are not on the PCI bus.",
	.blind = "Descriptors in no list: lists are read when descriptors are freed, MSI is enabled, and "
		 "at begin and end. What the register of the device says.",
	.wants = EV(STORE_ENTRY),
	.needs = EV(DESC_FREE),
	.since = KVER(5, 17),
};
