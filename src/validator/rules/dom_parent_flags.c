// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  init_dev_msi_info() of the parent lets MSI_FLAG_LEVEL_CAPABLE through, which is not one of
 *          its supported_flags
 * nearest that does not:  the device asks for it, and the parent takes it away
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_dom_create *ev = (const struct msi_ev_dom_create *)e;
	uint32_t more = ev->flags & ~ev->supported, less = ev->required & ~ev->flags;
	struct report r = { .e = e, .what = "made with flags that its parent does not have",
			    .key = (uint64_t)more << 32 | less };
	struct finding *f;

	if (ev->domid || !ev->created || !ev->own || !ev->pci || !ev->ops)
		return;
	rule_judged(rc);
	if (!more && !less)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "irq domain of %s, flags 0x%x", word_device(rc, &r).s, ev->flags);
	if (more)
		finding_message(f,
				"the irq domain of %s was made with flags 0x%x, of which its parent does not "
				"support 0x%x: the core makes use of what the hardware below cannot do",
				word_device(rc, &r).s, ev->flags, more);
	else
		finding_message(f,
				"the irq domain of %s was made with flags 0x%x, which lack 0x%x that its "
				"parent requires: the core leaves out what the hardware below needs",
				word_device(rc, &r).s, ev->flags, less);
	rule_emit(rc, f);
}

const struct rule rule_dom_parent_flags = {
	.id = "dom_parent_flags",
	.severity = SEV_STATE,
	.check = check,
	.summary = "irq domain of a device with flags that its parent does not support",
	.doc = "struct msi_parent_ops (include/linux/msi.h) has the \"supported_flags\" and the "
	       "\"required_flags\" of a parent domain; its init_dev_msi_info() is to mask out what is not "
	       "supported and to set what is required: \"info->flags &= pops->supported_flags\", "
	       "\"info->flags |= pops->required_flags\".",
	.advice = "Mend init_dev_msi_info() of the irq chip below, or declare the flag in its "
		  "msi_parent_ops. The bits are enum MSI_FLAG_* of the running kernel.",
	.wrong = "static bool init_dev_msi_info(...)\n"
		 "{\n"
		 "    info->flags |= MSI_FLAG_MULTI_PCI_MSI;",
	.right = "static bool init_dev_msi_info(...)\n"
		 "{\n"
		 "    info->flags &= parent->msi_parent_ops->supported_flags;",
	.alike = "Domains that are not PCI's: some parents leave required flags out there.\n"
		 "Global domains, which have no such parent.",
	.blind = "Domain ids other than the default one; domains made before attaching.",
	.wants = EV(DOM_CREATE),
	.needs = EV(DOM_CREATE),
	.since = KVER(6, 2),
};
