// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  a domain_free_irqs() that frees the interrupts and leaves their numbers in desc->irq
 * nearest that does not:  irq_domain_free_irqs(desc->irq, desc->nvec_used); desc->irq = 0;
 */
#include "../rule_ctx.h"

/* Its interrupt was freed by the free call of this lock section, and by nobody else.  */
static bool freed_by_call(const struct rule_ctx *rc, const struct msi_data *md, const struct desc *d)
{
	return d && !d->freed && md->free_seq && md->free_epoch == rc->model->call_epoch &&
	       d->irq_freed_seq > md->free_seq;
}

static void left(struct rule_ctx *rc, const struct msi_ev_desc_free *ev, const struct store_row *row,
		 const struct desc *d)
{
	struct report r = { .e = &ev->h, .what = "interrupt freed, its number left", .dev = d->dev };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object(f, "descriptor index %u, virq %u", row->index, row->irq);
	finding_message(f,
			"virq %u of %s was freed, but descriptor %u still has its number: %s",
			row->irq, word_device(rc, &r).s, row->index,
			ev->keeps_assoc ?
				"the kernel takes the descriptor for one in use, and leaks it" :
				"until the descriptor is gone, it is that of an interrupt that may belong to "
				"another device");
	finding_inserted(rc, f, d);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_desc_free *ev = (const struct msi_ev_desc_free *)e;
	const struct store_list *sl = rc->scene->list;
	const struct msi_data *md = rc->scene->md;

	for (uint32_t i = 0; sl && md && i < sl->nr; i++) {
		const struct store_row *row = &sl->rows[i];
		const struct desc *d = map_get(&rc->model->descs, row->desc);

		if (row->index < ev->first || row->index > ev->last || !freed_by_call(rc, md, d))
			continue;
		rule_judged(rc);
		/* One that points back is alive: life_free_associated.  */
		if (row->irq && (!row->assoc || row->assoc == MSI_ASSOC_UNKNOWN))
			left(rc, ev, row, d);
	}
}

const struct rule rule_life_irq_left_after_free = {
	.id = "life_irq_left_after_free",
	.severity = SEV_STATE,
	.check = check,
	.summary = "descriptor that keeps the number of an interrupt that was freed",
	.doc = "__msi_domain_free_irqs() frees the interrupts of each descriptor and says \"desc->irq = 0\" "
	       "(kernel/irq/msi.c). A number that is not 0 means that the descriptor is associated: "
	       "MSI_DESC_ASSOCIATED finds it, a lookup gives it, and from 6.2 on msi_domain_free_descs() "
	       "does not free it.",
	.advice = "Clear desc->irq in your domain_free_irqs(), right after irq_domain_free_irqs().",
	.wrong = "msi_for_each_desc(desc, dev, MSI_DESC_ASSOCIATED)\n"
		 "    irq_domain_free_irqs(desc->irq, desc->nvec_used);",
	.right = "msi_for_each_desc(desc, dev, MSI_DESC_ASSOCIATED) {\n"
		 "    irq_domain_free_irqs(desc->irq, desc->nvec_used);\n"
		 "    desc->irq = 0;\n"
		 "}",
	.alike = "Irq domains of platform devices before 6.2, which keep it by design.\n"
		 "Legacy code, which frees descriptors without a call that frees interrupts.\n"
		 "An interrupt that was not freed: life_free_associated.",
	.blind = "Descriptors that stay in the store after the free; frees of a failed allocation.",
	.wants = EV(DESC_FREE),
	.uses = EV(FREE) | EV(IRQ_FREE) | EV(ASSOC) | EV(UNLOCK) | EV(STORE_BEGIN) | EV(STORE_ENTRY) |
		EV(STORE_END),
	.needs = EV(DESC_FREE) | EV(FREE) | EV(IRQ_FREE) | EV(ASSOC),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
