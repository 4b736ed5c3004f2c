// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  pci_alloc_irq_vectors() of a device in whose directory there is a msi_irqs/ already
 * nearest that does not:  the second pci_alloc_irq_vectors() of a driver, which finds the device data
 */
#include "../rule_ctx.h"

#define GROUP_EXISTS (-17)	/* EEXIST */

/* The task is probing the device, whose lock keeps others from setting it up as well.  */
static bool in_probe(const struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	for (int i = 0; i < BINDS_MAX; i++) {
		const struct bind_call *bc = &rc->model->binds[i];

		if (bc->used && bc->phase == MSI_BIND_PROBE && bc->tid == e->tid && bc->dev == e->dev)
			return true;
	}
	return false;
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_data_setup *ev = (const struct msi_ev_data_setup *)e;
	struct report r = { .e = e, .what = "found msi_irqs/ in the way" };
	const struct device *dev = model__device(rc->model, e->dev);
	struct finding *f;

	if ((ev->ret && (ev->ret != GROUP_EXISTS || ev->md)) || !in_probe(rc, e))
		return;
	rule_judged(rc);
	if (!ev->ret)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "directory msi_irqs/");
	finding_message(f,
			"%s sets up MSI data of %s, which has none, but has a msi_irqs/ directory: the name is "
			"taken, so this fails, and the driver gets no vectors (-EEXIST)",
			word_task(e->comm, e->tid).s, word_device(rc, &r).s);
	if (dev)
		finding_life(rc, f, "probe began", &dev->probed);
	rule_emit(rc, f);
}

const struct rule rule_sysfs_group_lifetime = {
	.id = "sysfs_group_lifetime",
	.severity = SEV_HYGIENE,
	.check = check,
	.summary = "msi_irqs/ is there before the MSI data of the device is",
	.doc = "msi_setup_device_data() makes the msi_irqs group and the device data together, by "
	       "devm_device_add_group() and devres_add(), and both go when the driver is unbound "
	       "(kernel/irq/msi.c): bind, unbind and bind again works. A directory that stays, or that somebody "
	       "else has made, makes the next driver fail.",
	.advice = "Look for who made the directory: see \"sysfs: cannot create duplicate filename\" in "
		  "the kernel log, and sysfs_stale_attr.",
	.wrong = "sysfs_create_group(&pdev->dev.kobj, &my_msi_irqs_group);\n"
		 "pci_alloc_irq_vectors(pdev, 1, 8, PCI_IRQ_MSIX); /* -EEXIST */",
	.right = "pci_alloc_irq_vectors(pdev, 1, 8, PCI_IRQ_MSIX);",
	.alike = "An empty msi_irqs/ while a driver is bound.\n"
		 "A second setup, which finds the data; one that fails for want of memory.\n"
		 "Two tasks that set the device up at once: life_setup_race.",
	.blind = "Setups outside of the probe of a PCI device, which may have lost such a race. A directory "
		 "that stays behind as long as nobody sets the device up again.",
	.wants = EV(DATA_SETUP),
	.needs = EV(DATA_SETUP) | EV(BIND),
	.uses = EV(BIND),
	.since = KVER(5, 17),
};
