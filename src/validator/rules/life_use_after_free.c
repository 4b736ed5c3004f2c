// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  keep the descriptor, free the vectors, pci_msi_mask_irq() with it; or kfree() it
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

static void object(struct finding *f, const struct desc *d)
{
	if (d->irq)
		finding_object(f, "descriptor index %u, virq %u when it was freed", d->index, d->irq);
	else
		finding_object(f, "descriptor index %u", d->index);
}

static struct word since(const struct desc *d, const struct msi_event_hdr *e)
{
	return word_ns(e->ts_ns > d->freed_at.ts_ns ? e->ts_ns - d->freed_at.ts_ns : 0);
}

static void used(struct rule_ctx *rc, const struct msi_event_hdr *e, const struct desc *d)
{
	struct report r = { .e = e, .what = what_of(e), .dev = d->dev, .key = d->freed_at.stack };
	struct finding *f = rule_report(rc, &r);
	uint64_t between = rc->model->seq - d->freed_seq - 1;

	if (!f)
		return;
	object(f, d);
	finding_message(f,
			"%s uses descriptor %u of %s in %s(), %s after %s freed it, with %llu "
			"event%s in between",
			word_task(e->comm, e->tid).s, d->index, word_device(rc, &r).s,
			event_function(rc, e), since(d, e).s,
			word_task(d->freed_at.comm, d->freed_at.tid).s,
			(unsigned long long)between, between == 1 ? "" : "s");
	finding_setup(rc, f, "descriptor freed", &d->freed_at);
	finding_life_desc(rc, f, d);
	rule_emit(rc, f);
}

/* kfree() of what the store still has; in a free of the core it has left the store before.  */
static void died(struct rule_ctx *rc, const struct msi_event_hdr *e, const struct desc *d)
{
	struct report r = { .e = e, .what = "freed while the store has it", .dev = d->dev };
	struct finding *f;

	if (d->epoch != rc->model->desc_epoch) {
		rule_inconclusive(rc, "whether descriptor %u of %s had left the store was lost",
				  d->index, d->dev && d->dev->name[0] ? d->dev->name : "a device");
		return;
	}
	rule_judged(rc);
	f = rule_report(rc, &r);
	if (!f)
		return;
	object(f, d);
	finding_message(f,
			"%s frees the memory of descriptor %u of %s, and the store of the device still "
			"has it: whoever walks the descriptors reads freed memory, and the core will "
			"free it again",
			word_task(e->comm, e->tid).s, d->index, word_device(rc, &r).s);
	finding_inserted(rc, f, d);
	rule_emit(rc, f);
}

static void freed_again(struct rule_ctx *rc, const struct msi_event_hdr *e, const struct desc *d)
{
	struct report r = { .e = e, .what = "freed a second time", .dev = d->dev,
			    .key = d->freed_at.stack };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	object(f, d);
	finding_message(f,
			"%s frees descriptor %u of %s, whose memory %s has freed %s before: this is a "
			"double free",
			word_task(e->comm, e->tid).s, d->index, word_device(rc, &r).s,
			word_task(d->freed_at.comm, d->freed_at.tid).s, since(d, e).s);
	finding_setup(rc, f, "memory freed", &d->freed_at);
	finding_life_desc(rc, f, d);
	rule_emit(rc, f);
}

/* What the core frees now, all that is in the list.  */
static void check_free(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct store_list *sl = rc->scene->list;

	for (uint32_t i = 0; sl && i < sl->nr; i++) {
		const struct desc *d = map_get(&rc->model->descs, sl->rows[i].desc);

		if (d && d->dead)
			freed_again(rc, e, d);
	}
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	struct desc *d = rc->scene->desc;

	if (e->type == MSI_EV_DESC_FREE) {
		check_free(rc, e);
		return;
	}
	if (e->type == MSI_EV_DESC_DEAD) {
		if (d && !d->freed)
			died(rc, e, d);
		else if (d)
			rule_judged(rc);
		return;
	}
	/* What the core does to a dead one follows from that.  */
	if (!desc_of(e) || (d && d->dead))
		return;
	if (d && d->freed && maybe_reused(rc, d)) {
		rule_inconclusive(rc,
				  "an insertion that was not seen may have reused descriptor %u of "
				  "%s",
				  d->index, d->dev && d->dev->name[0] ? d->dev->name : "a device");
		return;
	}
	rule_judged(rc);
	if (d && d->freed)
		used(rc, e, d);
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
		 "go unseen. Without --kfree, frees that are not the core's own.",
	.wrong = "desc = irq_get_msi_desc(irq);\n"
		 "pci_free_irq_vectors(pdev);\n"
		 "mask(desc);",
	.right = "desc = irq_get_msi_desc(irq);\n"
		 "mask(desc);\n"
		 "pci_free_irq_vectors(pdev);",
	.alike = "The address belongs to a new descriptor meanwhile.\n"
		 "A virq that is dissociated.",
	.wants = EV(ASSOC) | EV(MSG_WRITE) | EV(MASK) | EV(SYSFS) | EV(DESC_FREE) | EV(DESC_DEAD),
	.uses = EV(INSERT) | EV(DESC_FREE) | EV(STORE_BEGIN) | EV(STORE_ENTRY) | EV(STORE_END),
	.needs = EV(INSERT) | EV(DESC_FREE) | EV(ASSOC),
	.needs_any = { EV(MSG_WRITE) | EV(MASK) },
	.needs_lossless = true,
	.since = KVER(5, 17),
};
