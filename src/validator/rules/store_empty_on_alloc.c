// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  msi_domain_free_irqs_all(); msi_domain_alloc_irqs_all_locked(); of a PCI device
 * nearest that does not:  the same, a descriptor being inserted in between
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_alloc *ev = (const struct msi_ev_alloc *)e;
	const struct msi_data *md = rc->scene->md;
	struct report r = { .e = e, .what = "allocated without a descriptor",
			    .dev = md ? md->dev : NULL };
	struct finding *f;

	/* Of the functions that call one another, the one that does it.  */
	if (ev->bracket == MSI_BRACKET_NONE || !ev->finds_descs)
		return;
	rule_judged(rc);
	if (!ev->empty)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "descriptors of domain id %u", ev->domid);
	finding_message(f,
			"%s allocates interrupts of %s, which has no descriptor: there is nothing to "
			"allocate for, and where vectors are reserved the kernel reads the first "
			"descriptor, which is NULL, and crashes",
			word_task(e->comm, e->tid).s, word_device(rc, &r).s);
	if (md)
		finding_life(rc, f, "MSI device data allocated", &md->setup);
	rule_emit(rc, f);
}

const struct rule rule_store_empty_on_alloc = {
	.id = "store_empty_on_alloc",
	.severity = SEV_CORRUPT,
	.check = check,
	.summary = "interrupts of a PCI device allocated without a descriptor",
	.doc = "The descriptors of a PCI device are inserted before its interrupts are allocated. "
	       "\"Checking the first MSI descriptor is sufficient\", says msi_check_reservation_mode() "
	       "(kernel/irq/msi.c), and reads desc->pci.msi_attrib without asking whether there is one; "
	       "so does pci_msi_domain_check_cap() up to 6.1.",
	.advice = "Use pci_alloc_irq_vectors() or pci_msix_alloc_irq_at(); who calls the MSI core "
		  "inserts the descriptors first, in the same section.",
	.wrong = "msi_lock_descs(dev);\n"
		 "msi_domain_alloc_irqs_all_locked(dev, MSI_DEFAULT_DOMAIN, 1);\n"
		 "msi_unlock_descs(dev);",
	.right = "msi_lock_descs(dev);\n"
		 "msi_insert_msi_desc(dev, &desc);\n"
		 "msi_domain_alloc_irqs_all_locked(dev, MSI_DEFAULT_DOMAIN, 1);\n"
		 "msi_unlock_descs(dev);",
	.alike = "Domains for which the core makes the descriptors.\n"
		 "Devices that are not on the PCI bus.",
	.blind = "Allocation of a single index, msi_domain_alloc_irq_at(), which inserts its descriptor "
		 "itself.",
	.wants = EV(ALLOC),
	.needs = EV(ALLOC),
	.since = KVER(5, 17),
};
