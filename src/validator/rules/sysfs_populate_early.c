// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  msi_sysfs_populate_desc() of a descriptor whose irq is 0
 * nearest that does not:  the same after irq_set_msi_desc()
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_sysfs *ev = (const struct msi_ev_sysfs *)e;
	struct report r = { .e = e, .what = "made the file of no interrupt" };
	struct finding *f;

	if (!ev->add)
		return;
	rule_judged(rc);
	if (ev->irq)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	if (rc->scene->desc)
		finding_object(f, "file 0, descriptor index %u", rc->scene->desc->index);
	else
		finding_object(f, "file 0");
	finding_message(f,
			"%s makes the file of a descriptor of %s in msi_irqs/ before it has an interrupt: the "
			"file is named 0, and no program finds the interrupt by it",
			word_task(e->comm, e->tid).s, word_device(rc, &r).s);
	finding_inserted(rc, f, rc->scene->desc);
	rule_emit(rc, f);
}

const struct rule rule_sysfs_populate_early = {
	.id = "sysfs_populate_early",
	.severity = SEV_STATE,
	.check = check,
	.summary = "file in msi_irqs/ made before the interrupt is known",
	.doc = "\"each file being named after a corresponding msi irq vector allocated to that device\" "
	       "(Documentation/ABI/testing/sysfs-bus-pci): so it is made when desc->irq is set.",
	.advice = "Make the files at the end of the allocation, after irq_set_msi_desc().",
	.wrong = "msi_sysfs_populate_desc(dev, desc);\n"
		 "irq_set_msi_desc(virq, desc);",
	.right = "irq_set_msi_desc(virq, desc);\n"
		 "msi_sysfs_populate_desc(dev, desc);",
	.alike = "Removing the files of a descriptor whose irq is 0 by now.",
	.wants = EV(SYSFS),
	.uses = EV(INSERT),
	.needs = EV(SYSFS),
	.since = KVER(5, 17),
};
