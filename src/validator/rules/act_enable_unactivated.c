// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  an irq domain for PCI devices without MSI_FLAG_ACTIVATE_EARLY
 * nearest that does not:  reservation mode, whose placeholder is a message
 */
#include "../rule_ctx.h"

struct count {
	uint32_t judged, empty;
	const struct store_row *first;
};

/* Has it an interrupt, and a place for a message in the device?  */
static bool wants_message(const struct store_row *row)
{
	return row->irq && (row->flags & MSI_DESC_PCI) && !(row->flags & MSI_DESC_VIRTUAL);
}

static struct count count_empty(struct rule_ctx *rc, const struct store_list *sl)
{
	struct count c = { 0 };

	for (uint32_t i = 0; i < sl->nr; i++) {
		const struct store_row *row = &sl->rows[i];

		if (!wants_message(row))
			continue;
		c.judged++;
		rule_judged(rc);
		if (row->msg_lo || row->msg_hi)
			continue;
		if (!c.empty++)
			c.first = row;
	}
	return c;
}

static void report(struct rule_ctx *rc, const struct msi_ev_pci_enable *ev, const struct count *c)
{
	const struct virq *vq = model__virq(rc->model, c->first->irq);
	const struct desc *d = map_get(&rc->model->descs, c->first->desc);
	struct report r = { .e = &ev->h, .what = "set up without a message" };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object(f, "%u of %u descriptors, the first is index %u, virq %u", c->empty, c->judged,
		       c->first->index, c->first->irq);
	finding_message(f,
			"MSI%s of %s is about to be enabled, and index %u has no message: its address "
			"is 0, so the device may write to physical address 0 when it raises the "
			"interrupt",
			ev->cap == MSI_CAP_MSIX ? "-X" : "", word_device(rc, &r).s, c->first->index);
	if (vq) {
		finding_setup(rc, f, "interrupt associated", &vq->associated);
		finding_life_virq(rc, f, vq);
	}
	if (d && !d->freed)
		finding_life_desc(rc, f, d);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_pci_enable *ev = (const struct msi_ev_pci_enable *)e;
	const struct store_list *sl = enabled_descs(rc, ev);
	struct count c;

	if (!sl)
		return;
	c = count_empty(rc, sl);
	if (c.empty)
		report(rc, ev, &c);
}

const struct rule rule_act_enable_unactivated = {
	.id = "act_enable_unactivated",
	.severity = SEV_LOST,
	.check = check,
	.summary = "MSI enabled while a vector has no message",
	.doc = "MSI_FLAG_ACTIVATE_EARLY \"is set by the PCI layer as we need to activate the MSI "
	       "entries before the PCI layer enables MSI in the card. Otherwise the card latches a "
	       "random msi message\" (kernel/irq/msi.c). On x86 a message with address 0 is a write "
	       "to memory.",
	.advice = "Set MSI_FLAG_ACTIVATE_EARLY in the irq domain of the device, and see to it that "
		  "activating an interrupt writes its message.",
	.blind = "Vectors that are added while MSI-X is enabled; what the device holds, as against "
		 "the copy of it in the descriptor; Xen, where the hypervisor writes messages.",
	.wrong = "info->flags = MSI_FLAG_USE_DEF_DOM_OPS | MSI_FLAG_USE_DEF_CHIP_OPS |\n"
		 "	       MSI_FLAG_PCI_MSIX;",
	.right = "info->flags = MSI_FLAG_USE_DEF_DOM_OPS | MSI_FLAG_USE_DEF_CHIP_OPS |\n"
		 "	       MSI_FLAG_PCI_MSIX | MSI_FLAG_ACTIVATE_EARLY;",
	.alike = "The placeholder of reservation mode: a message, though of no real vector.\n"
		 "MSI-X enabled with all vectors masked before they are set up.\n"
		 "Zeros after free_irq(): deactivation deletes the message.\n"
		 "Virtual entries: they have no place in the device's table.\n"
		 "Descriptors without an interrupt, when only some could be had.",
	.wants = EV(PCI_ENABLE),
	.uses = EV(STORE_BEGIN) | EV(STORE_ENTRY) | EV(STORE_END),
	.needs = EV(PCI_ENABLE),
	.needs_lossless = true,
	.since = KVER(5, 17),
	.profiles = PROFILE_X86 | PROFILE_X86_IR,
};
