// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  VFIO_DEVICE_SET_IRQS of 2 MSI-X vectors, then of 4, while the device raises the first two
 * nearest that does not:  the same while it raises none
 */
#include "../rule_ctx.h"

static void report(struct rule_ctx *rc, const struct msi_event_hdr *e, const struct device *dev,
		   const struct resize *rs)
{
	struct report r = { .e = e, .what = "requested after MSI-X was torn down to get more vectors",
			    .dev = dev };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object(f, "%u vectors before, %u after", rs->had, rs->got);
	finding_message(f,
			"MSI-X of %s was off for %s to go from %u to %u vectors while the device was in "
			"use: %u of %u handlers were called in the last %s, one of them %s before it was "
			"removed; what the device raised in between is lost",
			word_device(rc, &r).s,
			word_ns(rs->on_ns > rs->off_ns ? rs->on_ns - rs->off_ns : 0).s, rs->had, rs->got,
			rs->active, rs->removed, word_ns(RESIZE_RECENT_NS).s, word_ns(rs->fired_ns).s);
	finding_setup(rc, f, "handler removed", &rs->taken);
	finding_life(rc, f, "handler removed", &rs->taken);
	finding_life(rc, f, "MSI-X enabled again", &rs->enabled);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_request *ev = (const struct msi_ev_request *)e;
	const struct device *dev = model__device(rc->model, e->dev);
	const struct resize *rs = resize_done(rc->model, dev);

	if (ev->ret || !is_vfio_action(ev->name))
		return;
	if (!rs) {
		if (resize_added(rc->model, dev, rc->scene->virq))
			rule_judged(rc);
		return;
	}
	if (!rs->had_known || (!rs->active && rs->unknown)) {
		rule_inconclusive(rc, "%s of %s is not known",
				  rs->had_known ? "whether interrupts were coming" :
						  "how many vectors there were before",
				  dev->name[0] ? dev->name : "a device");
		return;
	}
	rule_judged(rc);
	if (rs->active)
		report(rc, e, dev, rs);
}

const struct rule rule_vfio_msix_resize_gap = {
	.id = "vfio_msix_resize_gap",
	.severity = SEV_LOST,
	.check = check,
	.summary = "MSI-X of a device in use was torn down to give vfio more vectors",
	.doc = "When a guest unmasks another vector, \"the current awkward way in VFIO\" is to \"free all "
	       "previous vectors\" and to enable MSI-X anew with more, and what the device raises "
	       "meanwhile is lost; curing \"the VFIO issue of tearing down MSI-X\" was the main point of "
	       "the rework of 5.17 (mails on it). Judged for handlers that vfio names; a driver that "
	       "stopped its device first loses nothing.",
	.advice = "Use a host kernel whose vfio-pci adds vectors one by one (VFIO_IRQ_INFO_NORESIZE is not "
		  "set, v6.5) and a VMM that makes use of it, or let the VMM enable all vectors at once.",
	.blind = "Whether an interrupt was lost; interrupts that a guest gets without the host "
		 "(posted); those that came before there was a handler of vfio for 10 ms.",
	.wrong = "set_irqs(device, VFIO_PCI_MSIX_IRQ_INDEX, 0, 2, fds);\n"
		 "/* the device raises interrupts */\n"
		 "set_irqs(device, VFIO_PCI_MSIX_IRQ_INDEX, 0, 0, NULL);\n"
		 "set_irqs(device, VFIO_PCI_MSIX_IRQ_INDEX, 0, 4, fds);",
	.right = "set_irqs(device, VFIO_PCI_MSIX_IRQ_INDEX, 0, 2, fds);\n"
		 "set_irqs(device, VFIO_PCI_MSIX_IRQ_INDEX, 2, 2, fds + 2);",
	.alike = "The driver was unbound in between; the device raised nothing.\n"
		 "Fewer vectors than before, or as many.\n"
		 "pci_msix_alloc_irq_at(): MSI-X stays on. Reset and resume.\n"
		 "Handlers that are removed and put back; drivers other than vfio.",
	.wants = EV(REQUEST),
	.uses = EV(ASSOC) | EV(IRQ_ALLOC) | EV(SNAP_IRQ) | EV(BIND) | EV(UNREQUEST) | EV(IRQ_FREE) |
		EV(PCI_ENABLE),
	.needs = EV(REQUEST) | EV(UNREQUEST) | EV(IRQ_FREE) | EV(PCI_ENABLE) | EV(BIND),
	.needs_lossless = true,
	.since = KVER(5, 10),
};
