// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  keep the descriptor, free the vectors, pci_msi_mask_irq() with it
 * nearest that does not:  the address was given to a new descriptor in between
 */
#include "../rule_ctx.h"

static uint64_t desc_of(const struct msi_event_hdr *e)
{
	switch (e->type) {
	case MSI_EV_ASSOC:
		return ((const struct msi_ev_assoc *)e)->desc;
	case MSI_EV_MSG_WRITE:
		return ((const struct msi_ev_msg_write *)e)->desc;
	case MSI_EV_MASK:
		return ((const struct msi_ev_mask *)e)->desc;
	default:
		return ((const struct msi_ev_sysfs *)e)->desc;
	}
}

static const char *what_of(const struct msi_event_hdr *e)
{
	switch (e->type) {
	case MSI_EV_ASSOC:
		return "associated after it was freed";
	case MSI_EV_MSG_WRITE:
		return "message written after it was freed";
	case MSI_EV_MASK:
		return "masked or unmasked after it was freed";
	default:
		return "shown in sysfs after it was freed";
	}
}

/* An insertion whose address nobody saw may have reused the memory.  */
static bool maybe_reused(const struct rule_ctx *rc, const struct desc *d)
{
	return !rc->model->insert_exact || rc->model->anon_seq > d->freed_seq;
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	struct desc *d = rc->scene->desc;
	struct report r = { .e = e };
	struct finding *f;
	uint64_t between;

	if (!desc_of(e))
		return;
	if (d && d->freed && maybe_reused(rc, d)) {
		rule_inconclusive(rc,
				  "an insertion that was not seen may have reused descriptor %u of "
				  "%s",
				  d->index, d->dev && d->dev->name[0] ? d->dev->name : "a device");
		return;
	}
	rule_judged(rc);
	if (!d || !d->freed)
		return;
	between = rc->model->seq - d->freed_seq - 1;
	r.what = what_of(e);
	r.dev = d->dev;
	r.key = d->freed_at.stack;
	f = rule_report(rc, &r);
	if (!f)
		return;
	if (d->irq)
		finding_object(f, "descriptor index %u, virq %u when it was freed", d->index,
			       d->irq);
	else
		finding_object(f, "descriptor index %u", d->index);
	finding_message(f,
			"%s uses descriptor %u of %s in %s(), %s after %s freed it, with %llu "
			"event%s in between",
			word_task(e->comm, e->tid).s, d->index, word_device(rc, &r).s,
			event_function(rc, e),
			word_ns(e->ts_ns > d->freed_at.ts_ns ? e->ts_ns - d->freed_at.ts_ns : 0).s,
			word_task(d->freed_at.comm, d->freed_at.tid).s,
			(unsigned long long)between, between == 1 ? "" : "s");
	finding_setup(rc, f, "descriptor freed", &d->freed_at);
	finding_life_desc(rc, f, d);
	rule_emit(rc, f);
}

const struct rule rule_life_use_after_free = {
	.id = "life_use_after_free",
	.severity = SEV_CORRUPT,
	.check = check,
	.summary = "freed MSI descriptor handed to the core again",
	.doc = "Keeping a descriptor across a free \"is considered abuse\": what the pointer "
	       "points to belongs to somebody else. CVE-2024-41096 was the PCI core doing it.",
	.advice = "Look the descriptor up when it is needed, and not at all after the vectors were "
		  "freed.",
	.blind = "Descriptors freed more than 4096 frees ago; everything, where an insertion may "
		 "go unseen.",
	.wrong = "desc = irq_get_msi_desc(irq);\n"
		 "pci_free_irq_vectors(pdev);\n"
		 "mask(desc);",
	.right = "desc = irq_get_msi_desc(irq);\n"
		 "mask(desc);\n"
		 "pci_free_irq_vectors(pdev);",
	.alike = "The address belongs to a new descriptor meanwhile.\n"
		 "A virq that is dissociated.",
	.wants = EV(ASSOC) | EV(MSG_WRITE) | EV(MASK) | EV(SYSFS),
	.uses = EV(INSERT) | EV(DESC_FREE) | EV(STORE_BEGIN) | EV(STORE_ENTRY) | EV(STORE_END),
	.needs = EV(INSERT) | EV(DESC_FREE) | EV(ASSOC),
	.needs_any = { EV(MSG_WRITE) | EV(MASK) },
	.needs_lossless = true,
	.since = KVER(5, 17),
};
