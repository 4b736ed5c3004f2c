// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  a message at 1:fee00000 for a device with no_64bit_msi
 * nearest that does not:  the same for a device without; or at 0:fee00000
 */
#include "../rule_ctx.h"

/* Address bits that the device can send.  */
static uint64_t device_mask(const struct msi_ev_msg_write *e)
{
	if (e->flags & (MSI_DESC_MSIX | MSI_DESC_64))
		return e->addr_mask;
	return e->addr_mask & 0xffffffff;	/* the capability has no upper half */
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_msg_write *ev = (const struct msi_ev_msg_write *)e;
	struct report r = report_of_write(rc, ev, "sent where the device cannot write");
	const uint64_t addr = (uint64_t)ev->new_hi << 32 | ev->new_lo, mask = device_mask(ev);
	struct finding *f;

	if (!(ev->flags & MSI_DESC_PCI) || !mask || message_is_empty(ev))
		return;
	rule_judged(rc);
	if (!(addr & ~mask))
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_message(f,
			"message of virq %u goes to address %llx, but %s can write only to addresses up to "
			"%llx: it sends to another address, and its interrupts are lost",
			ev->irq, (unsigned long long)addr, word_device(rc, &r).s,
			(unsigned long long)mask);
	finding_of_write(rc, f, ev);
	rule_emit(rc, f);
}

const struct rule rule_msg_above_device_mask = {
	.id = "msg_above_device_mask",
	.severity = SEV_LOST,
	.check = check,
	.summary = "message address above what the device can write to",
	.doc = "Some devices \"can only generate 32-bit MSIs\" (pci_dev::no_64bit_msi, since 7.0 the mask "
	       "pci_dev::msi_addr_mask), and an MSI capability without 64-bit address has no room for "
	       "more. msi_verify_entries() refuses such an address with -EIO, but only while MSI is "
	       "being enabled: the message that comes with the handler is not looked at again.",
	.advice = "Have the irq domain above the device compose addresses below the limit for all its "
		  "interrupts, as the first message already needs it.",
	.wrong = "pdev->no_64bit_msi = 1;\n"
		 "msg->address_hi = 1;		/* irq_compose_msi_msg() */",
	.right = "pdev->no_64bit_msi = 1;\n"
		 "msg->address_hi = 0;",
	.alike = "pci_alloc_irq_vectors() fails with -EIO: the kernel has seen it.\n"
		 "High addresses of a device that can write to them.",
	.blind = "Devices that are limited and do not say so.",
	.wants = EV(MSG_WRITE),
	.needs = EV(MSG_WRITE),
	.since = KVER(5, 10),
};
