// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  pci_msix_alloc_irq_at() at an index that is in use
 * nearest that does not:  the same at MSI_ANY_INDEX, or after the index was freed
 */
#include <errno.h>
#include <stdio.h>

#include "../rule_ctx.h"

/* "which sh[12] inserted 3 ms before" */
static struct phrase in_use(const struct desc *d, const struct msi_event_hdr *e)
{
	struct phrase p;

	if (!d || d->inserted.how == MOMENT_NONE)
		snprintf(p.s, sizeof(p.s), "which is in use");
	else if (d->inserted.how == MOMENT_BEFORE)
		snprintf(p.s, sizeof(p.s), "which has been in use since before msitrace attached");
	else
		snprintf(p.s, sizeof(p.s), "which %s inserted %s before",
			 word_task(d->inserted.comm, d->inserted.tid).s,
			 word_ns(e->ts_ns > d->inserted.ts_ns ? e->ts_ns - d->inserted.ts_ns : 0).s);
	return p;
}

static void report(struct rule_ctx *rc, const struct msi_ev_insert *ev, const struct desc *holder)
{
	uint32_t index = holder ? holder->index : ev->index;
	struct report r = { .e = &ev->h, .what = "inserted at an index in use", .key = !ev->ret };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	if (holder && holder->irq)
		finding_object(f, "descriptor index %u, virq %u", index, holder->irq);
	else
		finding_object(f, "descriptor index %u", index);
	finding_message(f, "%s inserts descriptor %u of %s, %s; %s",
			word_task(ev->h.comm, ev->h.tid).s, index, word_device(rc, &r).s,
			in_use(holder, &ev->h).s,
			ev->ret ? "the kernel refuses"
				: "the kernel takes it, and one of the two is lost");
	finding_inserted(rc, f, holder);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_insert *ev = (const struct msi_ev_insert *)e;
	const struct msi_data *md = rc->scene->md;
	uint32_t last = ev->index + (ev->ret && ev->nr ? ev->nr - 1 : 0);
	const struct desc *holder = NULL;

	if (ev->index == MSI_INDEX_ANY || (ev->ret && ev->ret != -EBUSY))
		return;
	rule_judged(rc);
	if (md && (ev->ret || rc->scene->index_used))
		holder = model__desc_at(md, ev->domid, ev->index, last, rc->scene->desc);
	if (ev->ret)
		report(rc, ev, holder);
	else if (holder && holder->epoch == rc->model->desc_epoch)	/* else it may be gone */
		report(rc, ev, holder);
}

const struct rule rule_store_duplicate_index = {
	.id = "store_duplicate_index",
	.severity = SEV_STATE,
	.check = check,
	.summary = "descriptor inserted at an index that is in use",
	.doc = "\"The only requirement is that the MSI index is unique\", says the series that made "
	       "the store an xarray: per device and domain. xa_insert() refuses the second one with "
	       "-EBUSY, and from 6.2 on the range that it was part of is undone, see "
	       "store_rollback_harm.",
	.advice = "Free the index first, or ask for MSI_ANY_INDEX.",
	.wrong = "a = pci_msix_alloc_irq_at(pdev, 3, NULL);\n"
		 "b = pci_msix_alloc_irq_at(pdev, 3, NULL); /* b.index is -EBUSY */",
	.right = "a = pci_msix_alloc_irq_at(pdev, 3, NULL);\n"
		 "b = pci_msix_alloc_irq_at(pdev, MSI_ANY_INDEX, NULL);",
	.alike = "MSI_ANY_INDEX, also when no index is left.\n"
		 "An index that was freed before.\n"
		 "The same index of another device.",
	.wants = EV(INSERT),
	.uses = EV(DESC_FREE) | EV(DATA_RELEASE) | EV(STORE_BEGIN) | EV(STORE_ENTRY) |
		EV(STORE_END),
	.needs = EV(INSERT) | EV(DESC_FREE),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
