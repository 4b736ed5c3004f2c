// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  a domain_free_irqs() of its own that leaves the files, in a domain with MSI_FLAG_DEV_SYSFS
 * nearest that does not:  the same with msi_device_destroy_sysfs()
 */
#include "../rule_ctx.h"

static void report(struct rule_ctx *rc, const struct msi_event_hdr *e, const struct store_row *row)
{
	const struct desc *d = map_get(&rc->model->descs, row->desc);
	struct report r = { .e = e, .what = "freed with its files", .dev = d ? d->dev : NULL,
			    .key = row->index };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object(f, "descriptor index %u", row->index);
	finding_message(f,
			"%s frees descriptor %u of %s, whose files are still in msi_irqs/: they name "
			"interrupts that are gone, their memory is lost, and the next allocation of the device "
			"fails if it gets one of the numbers",
			word_task(e->comm, e->tid).s, row->index, word_device(rc, &r).s);
	finding_inserted(rc, f, d);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_desc_free *ev = (const struct msi_ev_desc_free *)e;
	const struct store_list *sl = rc->scene->list;

	for (uint32_t i = 0; sl && i < sl->nr; i++) {
		const struct store_row *row = &sl->rows[i];

		/* What keeps its interrupt is not freed, nor is a range whose ends are reversed.  */
		if (row->domid != ev->domid || (ev->keeps_assoc && row->irq) || !row->nvec ||
		    row->index < ev->first || row->index > ev->last)
			continue;
		rule_judged(rc);
		if (row->flags & MSI_DESC_FILES)
			report(rc, e, row);
	}
}

const struct rule rule_sysfs_stale_attr = {
	.id = "sysfs_stale_attr",
	.severity = SEV_STATE,
	.check = check,
	.summary = "descriptor freed while its files are in msi_irqs/",
	.doc = "MSI_FLAG_DEV_SYSFS: \"Populate sysfs on alloc() and destroy it on free()\" "
	       "(include/linux/msi.h). msi_sysfs_remove_desc() removes and frees what desc->sysfs_attrs "
	       "points to, before the descriptor goes; msi_free_desc() does not look at it.",
	.advice = "An irq domain with domain_free_irqs() of its own calls msi_device_destroy_sysfs().",
	.wrong = "my_free_irqs(domain, dev);\n"
		 "msi_free_msi_descs(dev);",
	.right = "msi_device_destroy_sysfs(dev);\n"
		 "my_free_irqs(domain, dev);\n"
		 "msi_free_msi_descs(dev);",
	.alike = "A file that goes a moment after the number of its interrupt was freed.\n"
		 "Descriptors that the kernel leaks, since they have an interrupt (6.2).",
	.blind = "A file that somebody has made for a descriptor that does not know it.",
	.wants = EV(DESC_FREE),
	.needs = EV(DESC_FREE),
	.uses = EV(STORE_BEGIN) | EV(STORE_ENTRY) | EV(STORE_END),
	.since = KVER(5, 17),
};
