// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  a driver that allocates vectors in probe and does nothing in remove
 * nearest that does not:  a managed driver, whose vectors are freed from devres just before
 */
#include <stdio.h>

#include "../rule_ctx.h"

/* What is said here is not said again by life_unbind_leak.  */
static void mark_virqs(struct rule_ctx *rc, const struct store_row *row)
{
	for (uint32_t i = 0; row->irq && i < row->nvec && i < 32; i++) {
		struct virq *vq = model__virq(rc->model, row->irq + i);

		if (vq)
			vq->reported = true;
	}
}

static void row_life(struct rule_ctx *rc, struct finding *f, const struct store_row *row)
{
	const struct desc *d = map_get(&rc->model->descs, row->desc);
	const struct virq *vq = row->irq ? model__virq(rc->model, row->irq) : NULL;

	if (d)
		finding_life(rc, f, "descriptor inserted", &d->inserted);
	if (vq)
		finding_life(rc, f, "interrupt associated", &vq->associated);
	if (vq)
		finding_life(rc, f, "handler requested", &vq->requested);
}

static void say_rows(struct finding *f, const struct store_list *sl, uint32_t ndescs)
{
	size_t len = 0, room = sizeof(f->object);
	uint32_t i;

	len = snprintf(f->object, room, "%u descriptor%s", ndescs, ndescs == 1 ? "" : "s");
	for (i = 0; sl && i < sl->nr && len + 32 < room; i++)
		len += snprintf(f->object + len, room - len, "%s %u (virq %u)", i ? "," : ": index",
				sl->rows[i].index, sl->rows[i].irq);
	if (sl && i < sl->nr)
		snprintf(f->object + len, room - len, ", ...");
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_data_release *ev = (const struct msi_ev_data_release *)e;
	const struct store_list *sl = rc->scene->list;
	const struct msi_data *md = rc->scene->md;
	struct report r = { .e = e, .what = "released with descriptors in the store",
			    .dev = md ? md->dev : NULL };
	struct finding *f;

	rule_judged(rc);
	if (!ev->ndescs)
		return;
	for (uint32_t i = 0; sl && i < sl->nr; i++)
		mark_virqs(rc, &sl->rows[i]);
	f = rule_report(rc, &r);
	if (!f)
		return;
	say_rows(f, sl, ev->ndescs);
	finding_message(f,
			"MSI data of %s is released with %u descriptor%s in its store: the driver "
			"has not freed its vectors",
			word_device(rc, &r).s, ev->ndescs, ev->ndescs == 1 ? "" : "s");
	for (uint32_t i = 0; sl && i < sl->nr; i++)
		row_life(rc, f, &sl->rows[i]);
	if (f->nr_life) {
		f->has_setup = true;
		f->setup = f->life[0];
	}
	rule_emit(rc, f);
}

const struct rule rule_life_store_not_empty = {
	.id = "life_store_not_empty",
	.severity = SEV_LOST,
	.check = check,
	.summary = "MSI device data released with descriptors left",
	.doc = "msi_device_data_release() says WARN_ON_ONCE(!xa_empty(&md->store)), once per boot "
	       "and without a name: every descriptor must have been freed when the driver is "
	       "unbound.",
	.advice = "Call pci_free_irq_vectors() in remove, or enable the device with "
		  "pcim_enable_device().",
	.wrong = "static void remove(struct pci_dev *pdev)\n"
		 "{\n"
		 "} /* probe allocated vectors */",
	.right = "static void remove(struct pci_dev *pdev)\n"
		 "{\n"
		 "    pci_free_irq_vectors(pdev);\n"
		 "}",
	.alike = "A device of pcim_enable_device(): devres frees the vectors just before.",
	.wants = EV(DATA_RELEASE),
	.uses = EV(STORE_BEGIN) | EV(STORE_ENTRY) | EV(STORE_END),
	.needs = EV(DATA_RELEASE),
	.since = KVER(5, 17),
};
