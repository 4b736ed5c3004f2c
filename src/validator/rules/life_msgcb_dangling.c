// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  ntbm_msi_request_irq() of a device whose vectors are freed before NTB's devres runs
 * nearest that does not:  the same, and NTB clears desc->write_msi_msg first
 */
#include "../rule_ctx.h"

static void report(struct rule_ctx *rc, const struct msi_event_hdr *e, const struct store_row *row)
{
	const struct desc *d = map_get(&rc->model->descs, row->desc);
	const struct msi_data *md = rc->scene->md;
	struct report r = { .e = e, .what = "freed with its callback set",
			    .dev = md ? md->dev : NULL, .key = row->index };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object(f, "descriptor index %u", row->index);
	finding_message(f,
			"%s frees descriptor %u of %s while its write_msi_msg callback is set: who set it "
			"keeps the descriptor, and will write to freed memory to clear it",
			word_task(e->comm, e->tid).s, row->index, word_device(rc, &r).s);
	finding_inserted(rc, f, d);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_desc_free *ev = (const struct msi_ev_desc_free *)e;
	const struct store_list *sl = rc->scene->list;

	for (uint32_t i = 0; sl && i < sl->nr; i++) {
		if (ev->keeps_assoc && sl->rows[i].irq)	/* leaked, not freed */
			continue;
		rule_judged(rc);
		if (sl->rows[i].flags & MSI_DESC_CALLBACK)
			report(rc, e, &sl->rows[i]);
	}
}

const struct rule rule_life_msgcb_dangling = {
	.id = "life_msgcb_dangling",
	.severity = SEV_CORRUPT,
	.check = check,
	.summary = "descriptor freed while somebody listens to its messages",
	.doc = "msi_desc::write_msi_msg is a \"callback that may be called when the MSI message "
	       "address or data changes\" (include/linux/msi.h). Who sets it, as NTB does "
	       "(drivers/ntb/msi.c), keeps the descriptor until it clears the callback; nothing but the "
	       "order of the releases makes that come first.",
	.advice = "Clear write_msi_msg, with the descriptor mutex held, before the vectors of the device "
		  "are freed.",
	.wrong = "desc->write_msi_msg = moved;\n"
		 "pci_free_irq_vectors(pdev);",
	.right = "desc->write_msi_msg = moved;\n"
		 "desc->write_msi_msg = NULL;\n"
		 "pci_free_irq_vectors(pdev);",
	.alike = "A callback that was set and cleared.\n"
		 "A descriptor that is leaked, since its interrupt lives: it is not freed.",
	.wants = EV(DESC_FREE),
	.uses = EV(STORE_BEGIN) | EV(STORE_ENTRY) | EV(STORE_END),
	.needs = EV(DESC_FREE),
	.since = KVER(5, 17),
};
