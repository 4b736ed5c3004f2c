// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  a driver calls pci_write_msi_msg() with a message of its own
 * nearest that does not:  the same with the message that the interrupt has
 */
#include "../rule_ctx.h"

static bool changes(const struct msi_ev_msg_write *e)
{
	return e->old_lo != e->new_lo || e->old_hi != e->new_hi || e->old_data != e->new_data;
}

static void report(struct rule_ctx *rc, const struct msi_ev_msg_write *e)
{
	struct report r = report_of_write(rc, e, "message changed");
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_message(f,
			"%s changes the message of virq %u of %s from %x:%08x/%x to %x:%08x/%x, "
			"although the interrupt is not being activated, moved or restored",
			word_task(e->h.comm, e->h.tid).s, e->irq, word_device(rc, &r).s, e->old_hi,
			e->old_lo, e->old_data, e->new_hi, e->new_lo, e->new_data);
	finding_of_write(rc, f, e);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_msg_write *ev = (const struct msi_ev_msg_write *)e;

	if (!ev->irq || ev->context == MSI_CONTEXT_UNKNOWN || ev->context >= MSI_CONTEXT_MAX)
		return;
	if (rc->scene->desc && rc->scene->desc->freed)	/* what its memory says means nothing */
		return;
	rule_judged(rc);
	if (ev->context == MSI_CONTEXT_ELSEWHERE && changes(ev))
		report(rc, ev);
}

const struct rule rule_msg_bad_context = {
	.id = "msg_bad_context",
	.severity = SEV_LOST,
	.check = check,
	.summary = "message changed outside of activation, affinity setting and restore",
	.doc = "\"The address/data pair is computed in two places: 1) Activation of an interrupt "
	       "2) Affinity setting on an interrupt\", and \"the PCIe interface is not managed by the "
	       "device driver. It's managed by the PCI layer including the content of the MSI-X "
	       "table\" (Thomas Gleixner, on IMS). The core deletes it at deactivation and writes it "
	       "again after resume and reset.",
	.advice = "Do not compose messages: set the affinity of the interrupt, and restore the "
		  "message that it has with pci_restore_msi_state().",
	.blind = "Writes whose stack does not reach to its outermost function, or without symbols; "
		 "messages written to the device past __pci_write_msi_msg().",
	.wrong = "get_cached_msi_msg(irq, &msg);\n"
		 "msg.data = my_vector;\n"
		 "pci_write_msi_msg(irq, &msg);",
	.right = "get_cached_msi_msg(irq, &msg);\n"
		 "pci_write_msi_msg(irq, &msg);	/* the device was reset */",
	.alike = "The same message written again: vfio does it before request_irq().\n"
		 "Zeros, when an interrupt is deactivated or freed.\n"
		 "Messages that a hypervisor's setup writes while MSI is enabled.\n"
		 "A steering tag (TPH): it stands in the vector control word.",
	.wants = EV(MSG_WRITE),
	.needs = EV(MSG_WRITE),
	.since = KVER(5, 10),
};
