// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  a domain_alloc_irqs() of its own that makes no files, in a domain with MSI_FLAG_DEV_SYSFS
 * nearest that does not:  the same with msi_device_populate_sysfs(); or without the flag
 */
#include "../rule_ctx.h"

static const struct store_row *without_files(const struct store_list *sl, uint32_t *nr)
{
	const struct store_row *first = NULL;

	*nr = 0;
	for (uint32_t i = 0; i < sl->nr; i++) {
		const struct store_row *row = &sl->rows[i];

		if (row->domid || !row->irq || (row->flags & MSI_DESC_FILES))
			continue;
		if (!first)
			first = row;
		++*nr;
	}
	return first;
}

static void report(struct rule_ctx *rc, const struct msi_event_hdr *e, const struct store_list *sl,
		   const struct store_row *row, uint32_t nr)
{
	const struct virq *vq = model__virq(rc->model, row->irq);
	struct report r = { .e = e, .what = "enabled without files" };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object_virq(f, row->irq, vq);
	finding_message(f,
			"%u of %u descriptors of %s have an interrupt and no file in msi_irqs/, descriptor "
			"%u (virq %u) the first of them, although their irq domain has "
			"MSI_FLAG_DEV_SYSFS; irqbalance and other tools do not see these interrupts",
			nr, sl->nr, word_device(rc, &r).s, row->index, row->irq);
	if (vq) {
		finding_setup(rc, f, "interrupt associated", &vq->associated);
		finding_life_virq(rc, f, vq);
	}
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_pci_enable *ev = (const struct msi_ev_pci_enable *)e;
	const struct store_list *sl = enabled_descs(rc, ev);
	const struct store_row *row;
	uint32_t nr;

	if (!sl)
		return;
	if (sl->files != MSI_SYSFS_CORE && sl->files != MSI_SYSFS_LEGACY) {
		rule_not_judged(rc, "no irq domain here makes files in msi_irqs/");
		return;
	}
	rule_judged(rc);
	row = without_files(sl, &nr);
	if (row)
		report(rc, e, sl, row, nr);
}

const struct rule rule_sysfs_missing = {
	.id = "sysfs_missing",
	.severity = SEV_STATE,
	.check = check,
	.summary = "MSI enabled and no files in msi_irqs/ for its interrupts",
	.doc = "MSI_FLAG_DEV_SYSFS: \"Populate sysfs on alloc() and destroy it on free()\" "
	       "(include/linux/msi.h). The core does so in its own allocation only; 335b4223466d is Xen, which "
	       "has another one, having had no files since bf5e758f02fc.",
	.advice = "An irq domain with domain_alloc_irqs() of its own calls msi_device_populate_sysfs().",
	.wrong = "ret = my_domain_alloc_irqs(domain, dev, nvec);\n"
		 "return ret; /* no files, although MSI_FLAG_DEV_SYSFS is set */",
	.right = "ret = my_domain_alloc_irqs(domain, dev, nvec);\n"
		 "return ret ?: msi_device_populate_sysfs(dev);",
	.alike = "A domain without MSI_FLAG_DEV_SYSFS.\n"
		 "A descriptor that has no interrupt.\n"
		 "Files of legacy setups, all made at the end of it.",
	.blind = "Devices that are not on the PCI bus, and vectors that are added one by one; "
		 "sysfs_set_mismatch looks at the directory itself, at the end.",
	.wants = EV(PCI_ENABLE),
	.needs = EV(PCI_ENABLE),
	.uses = EV(STORE_BEGIN) | EV(STORE_ENTRY) | EV(STORE_END),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
