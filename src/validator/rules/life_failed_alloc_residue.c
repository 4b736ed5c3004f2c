// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  a domain_alloc_irqs() that fails at the third interrupt and keeps the two
 * nearest that does not:  it frees them, or the core or PCI do in the same lock section
 */
#include "../rule_ctx.h"

struct residue {
	uint32_t irqs, descs;
	const struct virq *vq;	/* the first of them, NULL: none */
	const struct desc *d;
};

static void count_irqs(struct rule_ctx *rc, const struct alloc_call *call, struct device *dev,
		       struct residue *res)
{
	for (struct link *l = dev->virqs.next; l != &dev->virqs; l = l->next) {
		struct virq *vq = link_entry(l, struct virq, node);

		if (vq->seq <= call->seq || vq->associated.tid != call->ev.h.tid)
			continue;
		if (vq->epoch != rc->model->virq_epoch || !rc->model->irq_free_exact) {
			rule_inconclusive(rc, "whether virq %u was freed was lost", vq->irq);
			continue;
		}
		if (!res->irqs++)
			res->vq = vq;
	}
}

/* Those that are older are the caller's, also when they have no interrupt.  */
static void count_descs(const struct alloc_call *call, const struct msi_data *md,
			struct residue *res)
{
	const struct link *lists[] = { &md->descs, &md->anon };

	for (int i = 0; i < 2 && md->nr_descs <= RANGE_WALK_MAX; i++) {
		for (struct link *l = lists[i]->next; l != lists[i]; l = l->next) {
			const struct desc *d = link_entry(l, struct desc, node);

			if (d->seq <= call->seq || d->inserted.tid != call->ev.h.tid)
				continue;
			if (d->inserted.how == MOMENT_SEEN && !res->descs++)
				res->d = d;
		}
	}
}

static void report(struct rule_ctx *rc, const struct alloc_call *call, const struct msi_data *md,
		   const struct residue *res)
{
	struct report r = { .e = &call->ev.h, .what = "failed, and left something behind",
			    .dev = md->dev };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	if (res->vq)
		finding_object(f, "%u interrupt%s, the first is virq %u of index %u", res->irqs,
			       res->irqs == 1 ? "" : "s", res->vq->irq, res->vq->index);
	else
		finding_object(f, "%u descriptor%s, the first has index %u", res->descs,
			       res->descs == 1 ? "" : "s", res->d->index);
	finding_message(f,
			"%s failed to allocate interrupts of %s (%d), but %u interrupt%s and %u "
			"descriptor%s of that call are still there",
			word_task(call->ev.h.comm, call->ev.h.tid).s, word_device(rc, &r).s,
			call->ret, res->irqs, res->irqs == 1 ? "" : "s", res->descs,
			res->descs == 1 ? "" : "s");
	if (res->vq)
		finding_setup(rc, f, "interrupt associated", &res->vq->associated);
	else
		finding_setup(rc, f, "descriptor inserted", &res->d->inserted);
	finding_life(rc, f, "allocation entered", &call->entered);
	if (res->d)
		finding_life(rc, f, "descriptor inserted", &res->d->inserted);
	if (res->vq)
		finding_life_virq(rc, f, res->vq);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct alloc_call *call = rc->scene->call;
	const struct msi_data *md = rc->scene->md;
	struct residue res = { 0 };

	(void)e;
	if (!rc->scene->call_left || !md)
		return;
	rule_judged(rc);
	if (md->dev)
		count_irqs(rc, call, md->dev, &res);
	count_descs(call, md, &res);
	if (res.irqs || res.descs)
		report(rc, call, md, &res);
}

/* A failed call whose lock section goes on.  */
static void finish(struct rule_ctx *rc)
{
	const struct map_node *pos = NULL;
	const struct msi_data *md;

	while ((md = map_next(&rc->model->mds, &pos)))
		if (md->call && md->call->state > CALL_OPEN &&
		    md->call->epoch == rc->model->call_epoch)
			rule_inconclusive(rc, "the run ended before a failed allocation did");
}

const struct rule rule_life_failed_alloc_residue = {
	.id = "life_failed_alloc_residue",
	.severity = SEV_LOST,
	.check = check,
	.finish = finish,
	.summary = "failed allocation left interrupts or descriptors behind",
	.doc = "\"In case of an error everything is undone\", says the series that gave domains a "
	       "domain_alloc_irqs() of their own, and any return but 0 is an error, positive ones "
	       "too. Judged when the lock section of the call ends: the core undoes what it did, "
	       "and PCI frees once more.",
	.advice = "A domain_alloc_irqs() that fails frees what it has allocated, or its "
		  "domain_free_irqs() finds it by desc->irq.",
	.blind = "Interrupts that were not associated with a descriptor yet; "
		 "msi_domain_alloc_irq_at(), which returns a struct and cannot be traced.",
	.wrong = "if (alloc_one(desc) < 0)\n"
		 "    return -ENOSPC; /* those before are kept */",
	.right = "if (alloc_one(desc) < 0) {\n"
		 "    free_all(dev);\n"
		 "    return -ENOSPC;\n"
		 "}",
	.alike = "A failure, also a positive return, after which nothing is left.\n"
		 "Descriptors without interrupt, which PCI inserted and frees a moment later.\n"
		 "Free is called twice, the second time on an empty store.",
	.wants = EV(ALLOC) | EV(ALLOC_END) | EV(UNLOCK) | EV(DATA_RELEASE),
	.uses = EV(FREE) | EV(ASSOC) | EV(IRQ_FREE) | EV(INSERT) | EV(DESC_FREE) |
		EV(STORE_BEGIN) | EV(STORE_ENTRY) | EV(STORE_END),
	.needs = EV(ALLOC) | EV(ALLOC_END) | EV(ASSOC) | EV(IRQ_FREE) | EV(UNLOCK),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
