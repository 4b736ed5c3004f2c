// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  devres releases the MSI data of a managed device, then frees its vectors
 * nearest that does not:  the other way round, as pci_setup_msi_context() has arranged it
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_data_release *ev = (const struct msi_ev_data_release *)e;
	const struct msi_data *md = rc->scene->md;
	struct report r = { .e = e, .what = "released before the vectors are freed",
			    .dev = md ? md->dev : NULL };
	struct finding *f;

	if (!ev->managed && !ev->unfreed)
		return;
	rule_judged(rc);
	if (!ev->unfreed)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "MSI data of %s", word_device(rc, &r).s);
	finding_message(f,
			"devres releases the MSI data of %s before it frees the device's managed vectors; "
			"%u descriptor%s left: %s",
			word_device(rc, &r).s, ev->ndescs, ev->ndescs == 1 ? " is" : "s are",
			ev->ndescs ? "freeing them takes a mutex that is gone, and crashes" :
				     "else freeing them would take a mutex that is gone, and crash");
	if (md) {
		finding_setup(rc, f, "MSI device data allocated", &md->setup);
		finding_life(rc, f, "MSI device data allocated", &md->setup);
	}
	rule_emit(rc, f);
}

const struct rule rule_life_devres_order = {
	.id = "life_devres_order",
	.severity = SEV_LOST,
	.check = check,
	.summary = "MSI device data released before the managed vectors",
	.doc = "pci_setup_msi_context() (drivers/pci/msi/msi.c): \"Ordering vs. devres: msi device data "
	       "has to be installed first so that pcim_msi_release() is invoked before it on device "
	       "release.\" devres releases in reverse order; pcim_msi_release() clears "
	       "pci_dev::is_msi_managed and frees the vectors.",
	.advice = "Leave is_msi_managed and pcim_msi_release() to the PCI core: of a device that was enabled "
		  "with pcim_enable_device(), pci_alloc_irq_vectors() registers both in the right order.",
	.wrong = "devm_add_action(dev, free_vectors, pdev);\n"
		 "pdev->is_msi_managed = 1;\n"
		 "pci_alloc_irq_vectors(pdev, 1, 8, PCI_IRQ_MSIX);",
	.right = "pcim_enable_device(pdev);\n"
		 "pci_alloc_irq_vectors(pdev, 1, 8, PCI_IRQ_MSIX);",
	.alike = "A driver that frees its managed vectors itself: devres finds none.\n"
		 "Devices that are not managed: there the driver frees.",
	.blind = "Actions of drivers, which free vectors under another name; devices that are not PCI's.",
	.wants = EV(DATA_RELEASE),
	.needs = EV(DATA_RELEASE),
	.since = KVER(5, 17),
};
