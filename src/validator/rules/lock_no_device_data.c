// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  msi_lock_descs() of a device that never had an MSI
 * nearest that does not:  if (pdev->msi_enabled || pdev->msix_enabled) msi_lock_descs(..)
 */
#include "../rule_ctx.h"

static void locked(struct rule_ctx *rc, const struct msi_ev_lock_try *ev)
{
	struct report r = { .e = &ev->h, .what = "asked for a mutex that does not exist" };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object(f, "descriptor mutex of a device without MSI data");
	finding_message(f,
			"%s takes the descriptor mutex of a device that has no MSI data (which device, "
			"mutex_lock() is not told): a NULL pointer dereference",
			word_task(ev->h.comm, ev->h.tid).s);
	rule_emit(rc, f);
}

static void walked(struct rule_ctx *rc, const struct msi_ev_first *ev)
{
	struct report r = { .e = &ev->h, .what = "walked without MSI data", .dev = rc->scene->dev };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object(f, "descriptors of %s", word_device(rc, &r).s);
	finding_message(f,
			"%s() called by %s for %s, which has no MSI data, so no descriptors and no mutex "
			"that could be held: the kernel warns once, and finds nothing",
			event_function(rc, &ev->h), word_task(ev->h.comm, ev->h.tid).s,
			word_device(rc, &r).s);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_lock_try *try = (const struct msi_ev_lock_try *)e;
	const struct msi_ev_first *iter = (const struct msi_ev_first *)e;	/* NEXT is the same */

	rule_judged(rc);
	if (e->type == MSI_EV_LOCK_TRY) {
		if (!try->md)
			locked(rc, try);
	} else if (e->type != MSI_EV_LOCK && !iter->md) {
		walked(rc, iter);
	}
}

const struct rule rule_lock_no_device_data = {
	.id = "lock_no_device_data",
	.severity = SEV_CORRUPT,
	.check = check,
	.summary = "descriptors or their mutex used of a device without MSI data",
	.doc = "dev->msi.data is NULL until the device has its first MSI. msi_lock_descs() does "
	       "mutex_lock(&dev->msi.data->mutex) without a look; msi_first_desc() and msi_next_desc() "
	       "say WARN_ON_ONCE(!md). Real case: 04bbe863241a (\"PCI: hv: Fix a crash in "
	       "hv_pci_restore_msi_msg() during hibernation\").",
	.advice = "Test pdev->msi_enabled or pdev->msix_enabled first, as pci_restore_msi_state() does.",
	.blind = "Which device it was, when the mutex is asked for. Insertions, which crash before they "
		 "return.",
	.wrong = "msi_lock_descs(&pdev->dev);\n"
		 "msi_for_each_desc(desc, &pdev->dev, MSI_DESC_ASSOCIATED)\n"
		 "    use(desc);",
	.right = "if (!pdev->msi_enabled && !pdev->msix_enabled)\n"
		 "    return;\n"
		 "msi_lock_descs(&pdev->dev);",
	.alike = "pci_irq_vector() of a device without MSI, which returns before it locks.",
	.wants = EV(LOCK_TRY) | EV(LOCK) | EV(FIRST) | EV(NEXT),
	.needs_any = { EV(LOCK) | EV(FIRST) },
	.since = KVER(5, 17),
};
