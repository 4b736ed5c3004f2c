// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  msi_sysfs_populate_desc() of a descriptor that has its files
 * nearest that does not:  the same after msi_sysfs_remove_desc()
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_sysfs *ev = (const struct msi_ev_sysfs *)e;
	struct report r = { .e = e, .what = "made files that are there" };
	const struct virq *vq = model__virq(rc->model, ev->irq);
	struct finding *f;

	if (!ev->add)
		return;
	rule_judged(rc);
	if (!ev->had)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object_virq(f, ev->irq, vq);
	finding_message(f,
			"%s makes the files of virq %u of %s in msi_irqs/, which were made before: the name is "
			"taken, so this fails, an allocation with it, and the first files are not removed "
			"any more",
			word_task(e->comm, e->tid).s, ev->irq, word_device(rc, &r).s);
	if (vq) {
		finding_setup(rc, f, "interrupt associated", &vq->associated);
		finding_life_virq(rc, f, vq);
	}
	rule_emit(rc, f);
}

const struct rule rule_sysfs_double_populate = {
	.id = "sysfs_double_populate",
	.severity = SEV_LOST,
	.check = check,
	.summary = "files in msi_irqs/ made a second time",
	.doc = "The files of a descriptor are made once, for all of its interrupts. 74a5257a0c17 is the core "
	       "making them once for each interrupt: the second of a multi-MSI descriptor met names that "
	       "were there, and \"sysfs: cannot create duplicate filename\" made the allocation fail.",
	.advice = "Let the core make them (MSI_FLAG_DEV_SYSFS), or call msi_device_populate_sysfs(), which "
		  "leaves out what has them.",
	.wrong = "for (i = 0; i < desc->nvec_used; i++)\n"
		 "    msi_sysfs_populate_desc(dev, desc);",
	.right = "msi_sysfs_populate_desc(dev, desc);",
	.alike = "Files that were removed in between; another descriptor of the device.",
	.wants = EV(SYSFS),
	.uses = EV(ASSOC),
	.needs = EV(SYSFS),
	.since = KVER(5, 17),
};
