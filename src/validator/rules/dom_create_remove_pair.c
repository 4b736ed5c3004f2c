// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  msi_create_device_irq_domain() of a device that has an irq domain of its own
 * nearest that does not:  the same after msi_remove_device_irq_domain(), as between MSI and MSI-X
 */
#include "../rule_ctx.h"

static void second(struct rule_ctx *rc, const struct msi_ev_dom_create *ev)
{
	const struct msi_data *md = rc->scene->md;
	struct report r = { .e = &ev->h, .what = "made although there is one" };
	struct finding *f;

	if (ev->domid || !ev->own)	/* made in vain for another reason: not for the domain id seen */
		return;
	rule_judged(rc);
	if (ev->created)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "irq domain of %s", word_device(rc, &r).s);
	finding_message(f,
			"%s makes an irq domain for %s, which has one that was not removed: the kernel "
			"refuses, and the caller goes without interrupts",
			word_task(ev->h.comm, ev->h.tid).s, word_device(rc, &r).s);
	if (md) {
		finding_setup(rc, f, "irq domain made", &md->domain_made);
		finding_life(rc, f, "irq domain made", &md->domain_made);
	}
	rule_emit(rc, f);
}

static void left(struct rule_ctx *rc, const struct msi_ev_bind *ev)
{
	const struct device *dev = rc->scene->dev;
	const struct msi_data *md = dev ? dev->md : NULL;
	struct report r = { .e = &ev->h, .what = "left after the driver", .dev = dev };
	struct finding *f;

	if (ev->phase != MSI_BIND_RELEASED || !md || !md->own_domain ||
	    md->domain_epoch != rc->model->data_epoch)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "irq domain of %s", word_device(rc, &r).s);
	finding_message(f,
			"%s has still the irq domain that was made for its driver, which is gone: the next "
			"driver finds the slot taken and gets no interrupts",
			word_device(rc, &r).s);
	finding_setup(rc, f, "irq domain made", &md->domain_made);
	finding_life(rc, f, "irq domain made", &md->domain_made);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	if (e->type == MSI_EV_DOM_CREATE)
		second(rc, (const struct msi_ev_dom_create *)e);
	else
		left(rc, (const struct msi_ev_bind *)e);
}

const struct rule rule_dom_create_remove_pair = {
	.id = "dom_create_remove_pair",
	.severity = SEV_LOST,
	.check = check,
	.summary = "irq domain of a device made twice, or not removed",
	.doc = "Since 6.2 a device has an irq domain of its own for each domain id. "
	       "msi_create_device_irq_domain() says \"if (WARN_ON_ONCE(msi_get_device_domain(dev, "
	       "domid))) return false\"; the PCI core calls msi_remove_device_irq_domain() before it "
	       "changes between MSI and MSI-X, and msi_device_data_release() does at unbind "
	       "(kernel/irq/msi.c, drivers/pci/msi/irqdomain.c). The warning comes once.",
	.advice = "Call msi_remove_device_irq_domain(), or platform_device_msi_free_irqs_all(), before the "
		  "domain is made again; look for a second user of the device's interrupts.",
	.wrong = "platform_device_msi_init_and_alloc_irqs(dev, 4, write_msg);\n"
		 "platform_device_msi_init_and_alloc_irqs(dev, 8, write_msg);",
	.right = "platform_device_msi_init_and_alloc_irqs(dev, 4, write_msg);\n"
		 "platform_device_msi_free_irqs_all(dev);\n"
		 "platform_device_msi_init_and_alloc_irqs(dev, 8, write_msg);",
	.alike = "A domain that stays while MSI is disabled, until unbind.\n"
		 "Another domain after a change between MSI and MSI-X.\n"
		 "A domain that could not be made for another reason.\n"
		 "No domain of its own: a global one, or none (legacy).",
	.blind = "A domain that somebody forgot by writing to dev->msi.data; domain ids other than the "
		 "default one.",
	.wants = EV(DOM_CREATE) | EV(BIND),
	.uses = EV(DATA_SETUP) | EV(DATA_RELEASE), .needs_lossless = true,
	.needs = EV(DOM_CREATE) | EV(DATA_RELEASE),
	.since = KVER(6, 2),
};
