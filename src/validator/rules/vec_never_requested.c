// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  pci_alloc_irq_vectors(pdev, 1, 64, PCI_IRQ_MSIX), one request_irq(), and a minute
 * nearest that does not:  the same without request_irq(): the device was not opened yet
 */
#include <stdio.h>
#include <string.h>

#include "../rule_ctx.h"

enum { PARAM_REQUESTED, PARAM_UNUSED, PARAM_PERCENT, PARAM_SECONDS };	/* ORDER: params */

struct count {
	uint32_t nr, used, unused, young, reserves;
	bool vfio, lost;
	const struct virq *one;		/* that was never requested */
};

static uint64_t age_of(const struct rule_ctx *rc, const struct virq *vq, uint64_t now)
{
	uint64_t born = vq->associated.how == MOMENT_SEEN ? vq->associated.ts_ns :
							    rc->model->begin_ns;

	return born && now > born ? now - born : 0;
}

static bool is_old(const struct rule_ctx *rc, const struct virq *vq, uint64_t now)
{
	uint64_t s = rule_param(rc, PARAM_SECONDS);

	return age_of(rc, vq, now) / 1000000000 >= s;
}

/* Could be requested, as far as the device and the core are concerned.  */
static bool can_be_used(const struct virq *vq)
{
	return vq->state_known && !(vq->flags & MSI_DESC_VIRTUAL) &&
	       !(vq->irqd & MSI_IRQD_MANAGED_SHUTDOWN);
}

/* vfio keeps vectors until MSI-X is disabled, "essentially forming a cache".  */
static bool is_vfio(const struct device *dev, const struct virq *vq)
{
	return strstr(dev->driver, MSI_VFIO_DRIVER) || is_vfio_action(vq->name);
}

static void count(const struct rule_ctx *rc, struct device *dev, uint64_t now, struct count *c)
{
	const struct model *m = rc->model;

	/* There may be more of them, or the driver is another.  */
	c->lost = dev->vectors_epoch != m->virq_epoch || dev->info_epoch != m->info_epoch;
	for (struct link *l = dev->virqs.next; l != &dev->virqs; l = l->next) {
		struct virq *vq = link_entry(l, struct virq, node);

		vq->use_judged = true;
		c->nr++;
		c->vfio |= is_vfio(dev, vq);
		c->lost |= vq->epoch != m->virq_epoch || vq->use_epoch != m->use_epoch;
		if (vq->used) {
			c->used++;
		} else if (!can_be_used(vq)) {
			continue;
		} else if (!is_old(rc, vq, now)) {
			c->young++;
		} else {
			c->unused++;
			c->reserves += vq->reserves;
			if (!c->one)
				c->one = vq;
		}
	}
}

static struct phrase costs(const struct count *c)
{
	struct phrase p;

	if (c->reserves == c->unused)
		snprintf(p.s, sizeof(p.s), "each holds a reservation");
	else if (!c->reserves)
		snprintf(p.s, sizeof(p.s), "each holds a vector");
	else
		snprintf(p.s, sizeof(p.s), "%u hold a reservation, %u a vector", c->reserves,
			 c->unused - c->reserves);
	return p;
}

static void report(struct rule_ctx *rc, const struct msi_event_hdr *e, const struct device *dev,
		   const struct count *c)
{
	struct report r = { .e = e, .what = "most vectors never requested", .dev = dev };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object(f, "%u of %u virqs, the first is %u, descriptor index %u", c->unused, c->nr,
		       c->one->irq, c->one->index);
	finding_message(f,
			"driver %s of %s has %u interrupts and requested %u of them; %u were never "
			"requested, for %s now; %s",
			dev->driver[0] ? dev->driver : "(unknown)", word_device(rc, &r).s, c->nr,
			c->used, c->unused, word_ns(age_of(rc, c->one, e->ts_ns)).s, costs(c).s);
	finding_setup(rc, f, "interrupt associated", &c->one->associated);
	finding_life_virq(rc, f, c->one);
	rule_emit(rc, f);
}

static bool is_waste(const struct rule_ctx *rc, const struct count *c)
{
	return c->one && c->unused >= rule_param(rc, PARAM_UNUSED) &&
	       c->unused * 100ull > c->nr * rule_param(rc, PARAM_PERCENT);
}

static void judge(struct rule_ctx *rc, const struct msi_event_hdr *e, struct device *dev)
{
	struct count c = { 0 };

	count(rc, dev, e->ts_ns, &c);
	/* Fewer cannot break it; nobody has opened the device; what vfio keeps is its cache.  */
	if (c.nr <= rule_param(rc, PARAM_UNUSED) || c.used < rule_param(rc, PARAM_REQUESTED) ||
	    c.vfio)
		return;
	if (c.lost) {
		rule_inconclusive(rc, "whether the interrupts of %s were requested was lost",
				  dev->name[0] ? dev->name : "a device");
		return;
	}
	if (c.young && !is_waste(rc, &c)) {
		rule_not_judged(rc, "no interrupts that had %llu s to be requested in",
				(unsigned long long)rule_param(rc, PARAM_SECONDS));
		return;
	}
	rule_judged(rc);
	if (is_waste(rc, &c))
		report(rc, e, dev, &c);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct virq *vq = rc->scene->virq;
	const struct map_node *pos = NULL;
	struct device *dev;

	if (e->type == MSI_EV_END) {
		while ((dev = map_next(&rc->model->devices, &pos)))
			judge(rc, e, dev);
	} else if (vq && vq->dev && vq->listed && !vq->use_judged && is_old(rc, vq, e->ts_ns)) {
		judge(rc, e, vq->dev);
	}
}

const struct rule rule_vec_never_requested = {
	.id = "vec_never_requested",
	.severity = SEV_HYGIENE,
	.check = check,
	.summary = "most vectors of a device in use were never requested",
	.doc = "Reservation mode \"was introduced to prevent vector exhaustion for two cases\"; the first "
	       "is \"Devices allocating tons of MSI-X vectors without using them. That obviously needs "
	       "to be fixed at the device driver level\" (mail on the MSI rework of 5.17). Each costs an "
	       "irq_desc and a reservation, or where there is no reservation mode, a vector. Judged "
	       "when vectors are freed and when the run ends, on devices some of whose interrupts "
	       "were requested.",
	.advice = "Ask for as many vectors as there are queues to serve (max_vecs), or add them when "
		  "they are needed with pci_msix_alloc_irq_at().",
	.blind = "Interrupts that existed before msitrace attached and had a handler earlier only. "
		 "Whether an interrupt that was requested ever fires.",
	.wrong = "pci_alloc_irq_vectors(pdev, 1, 64, PCI_IRQ_MSIX);\n"
		 "request_irq(pci_irq_vector(pdev, 0), isr, 0, \"dev\", priv);",
	.right = "nvec = pci_alloc_irq_vectors(pdev, 1, num_queues, PCI_IRQ_MSIX);\n"
		 "for (i = 0; i < nvec; i++)\n"
		 "    request_irq(pci_irq_vector(pdev, i), isr, 0, \"dev\", priv);",
	.alike = "Allocated in probe, requested at open, and the device is not open.\n"
		 "Requested but disabled (IRQF_NO_AUTOEN), or freed again since.\n"
		 "Managed interrupts of CPUs that are not there; virtual MSI-X entries.\n"
		 "What vfio keeps until MSI-X is disabled; less than a minute.",
	.wants = EV(IRQ_FREE) | EV(END),
	.needs = EV(ASSOC) | EV(REQUEST) | EV(ACTIVATE) | EV(IRQ_FREE),
	.uses = EV(ASSOC) | EV(IRQ_ALLOC) | EV(IRQ_FREE) | EV(REQUEST) | EV(ACTIVATE) | EV(SNAP_IRQ),
	.needs_lossless = true,
	.since = KVER(5, 10),
	.params = {
		[PARAM_REQUESTED] = { "requested", 1, "at least so many have been requested" },
		[PARAM_UNUSED] = { "unused", 8, "at least so many have not" },
		[PARAM_PERCENT] = { "percent", 50, "and they are more than this part of all" },
		[PARAM_SECONDS] = { "seconds", 60, "which they had to be requested in" },
	},
};
