// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  a probe that allocates vectors and returns an error without freeing them
 * nearest that does not:  a managed driver, whose vectors devres frees after remove
 */
#include "../rule_ctx.h"

/* Does the vector belong to the driver that goes?  */
static bool of_this_driver(const struct device *dev, const struct virq *vq)
{
	return !dev->probe_seen || vq->seq > dev->probe_seq;
}

static uint32_t count_left(struct rule_ctx *rc, struct device *dev, struct virq **one)
{
	uint32_t nr = 0;

	for (struct link *l = dev->virqs.next; l != &dev->virqs; l = l->next) {
		struct virq *vq = link_entry(l, struct virq, node);

		if (vq->reported || !of_this_driver(dev, vq))
			continue;
		if (vq->epoch != rc->model->virq_epoch) {	/* its end may have been lost */
			rule_inconclusive(rc, "whether virq %u of %s was freed was lost", vq->irq,
					  dev->name[0] ? dev->name : "a device");
			continue;
		}
		if (!nr++)
			*one = vq;
	}
	return nr;
}

static void report(struct rule_ctx *rc, const struct msi_event_hdr *e, struct device *dev,
		   uint32_t nr, struct virq *vq)
{
	struct report r = { .e = e, .what = "driver gone, vectors left", .dev = dev,
			    .key = vq->associated.stack };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	if (nr == 1)
		finding_object_virq(f, vq->irq, vq);
	else
		finding_object(f, "%u virqs, the first is %u, descriptor index %u", nr, vq->irq,
			       vq->index);
	finding_message(f,
			"driver %s of %s is %s, but %u interrupt%s that it allocated %s never "
			"freed",
			dev->driver[0] ? dev->driver : "(unknown)", word_device(rc, &r).s,
			dev->remove_seen  ? "unbound" :
			dev->probe_failed ? "gone after a failed probe" :
					    "gone",
			nr,
			nr == 1 ? "" : "s", nr == 1 ? "was" : "were");
	finding_setup(rc, f, "interrupt associated", &vq->associated);
	if (dev->probe_seen)
		finding_life(rc, f, "driver probed", &dev->probed);
	finding_life_virq(rc, f, vq);
	finding_life(rc, f, "driver removed", &dev->removed);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_bind *ev = (const struct msi_ev_bind *)e;
	struct device *dev = rc->scene->dev;
	struct virq *vq = NULL;
	uint32_t nr;

	if (ev->phase != MSI_BIND_RELEASED || !dev || (!dev->vectors && link_empty(&dev->virqs)))
		return;
	/* Bound before we attached, and what it had then is not known.  */
	if (!dev->probe_seen && !rc->model->baseline_done)
		return;
	if (rc->model->bind_epoch != dev->bind_epoch) {
		rule_inconclusive(rc, "when the driver of %s was bound was lost",
				  dev->name[0] ? dev->name : "a device");
		return;
	}
	rule_judged(rc);
	nr = count_left(rc, dev, &vq);
	if (!nr)
		return;
	if (!rc->model->irq_free_exact) {
		rule_inconclusive(rc, "whether virq %u of %s was freed is not seen on this kernel",
				  vq->irq, dev->name[0] ? dev->name : "a device");
		return;
	}
	report(rc, e, dev, nr, vq);
}

const struct rule rule_life_unbind_leak = {
	.id = "life_unbind_leak",
	.severity = SEV_LOST,
	.check = check,
	.summary = "vectors left behind by a driver that was unbound or failed to probe",
	.doc = "A driver that allocated interrupts gives them back: in remove, in the error path "
	       "of its probe, or from devres. Judged when devres_release_all() has returned.",
	.advice = "Call pci_free_irq_vectors() in remove and in the error path of probe, or enable "
		  "the device with pcim_enable_device().",
	.blind = "Vectors that life_store_not_empty has reported are not repeated.",
	.wrong = "static int probe(struct pci_dev *pdev, const struct pci_device_id *id)\n"
		 "{\n"
		 "    pci_alloc_irq_vectors(pdev, 1, 8, PCI_IRQ_ALL_TYPES);\n"
		 "    return -EIO;\n"
		 "}",
	.right = "static int probe(struct pci_dev *pdev, const struct pci_device_id *id)\n"
		 "{\n"
		 "    pci_alloc_irq_vectors(pdev, 1, 8, PCI_IRQ_ALL_TYPES);\n"
		 "    pci_free_irq_vectors(pdev);\n"
		 "    return -EIO;\n"
		 "}",
	.alike = "Vectors that devres frees after remove(): judged when devres is done.",
	.wants = EV(BIND),
	.uses = EV(ASSOC) | EV(IRQ_ALLOC) | EV(IRQ_FREE) | EV(SNAP_IRQ),
	.needs = EV(ASSOC) | EV(IRQ_FREE) | EV(BIND),
	.needs_lossless = true,
	.since = KVER(5, 10),
};
