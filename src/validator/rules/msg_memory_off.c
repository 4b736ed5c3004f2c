// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  pci_write_msi_msg() of an MSI-X vector while PCI_COMMAND_MEMORY is clear
 * nearest that does not:  pci_restore_msi_state() meanwhile, which turns memory decoding on
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_msg_write *ev = (const struct msi_ev_msg_write *)e;
	struct report r = report_of_write(rc, ev, "written into memory that is not there");
	struct finding *f;

	if (ev->decodes == MSI_DECODES_UNKNOWN)
		rule_not_judged(rc, "whether devices decode memory is not known: with --config-space");
	if (ev->decodes == MSI_DECODES_UNKNOWN || message_is_empty(ev))
		return;
	rule_judged(rc);
	if (ev->decodes != MSI_DECODES_NO)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_message(f,
			"%s writes message %x:%08x/%x of virq %u into the MSI-X table of %s, which "
			"decodes no memory: the device keeps what it had, and the kernel believes that "
			"it was written",
			word_task(e->comm, e->tid).s, ev->new_hi, ev->new_lo, ev->new_data, ev->irq,
			word_device(rc, &r).s);
	finding_of_write(rc, f, ev);
	rule_emit(rc, f);
}

const struct rule rule_msg_memory_off = {
	.id = "msg_memory_off",
	.severity = SEV_LOST,
	.check = check,
	.summary = "MSI-X message written while the device decodes no memory",
	.doc = "\"The restored device state may not have Memory Space enabled. Since the MSI-X Table "
	       "and PBA are in Memory Space, enable it while restoring them\" "
	       "(__pci_restore_msix_state(); kernels before that wrote into nothing). "
	       "__pci_write_msi_msg() itself asks only whether the device is in D0 and still there.",
	.advice = "Set PCI_COMMAND_MEMORY before interrupts of the device are requested, moved or "
		  "restored, and restore the configuration space before the messages.",
	.wrong = "pci_write_config_word(pdev, PCI_COMMAND, 0);\n"
		 "pci_write_msi_msg(irq, &msg);",
	.right = "pci_write_config_word(pdev, PCI_COMMAND, PCI_COMMAND_MEMORY);\n"
		 "pci_write_msi_msg(irq, &msg);",
	.alike = "In D3, or disconnected: the kernel keeps the message and writes nothing.\n"
		 "pci_restore_msi_state(): it turns decoding on while it writes.\n"
		 "Zeros, when an interrupt is shut down: nothing is missed.\n"
		 "A virtual function, whose memory its physical function enables.",
	.blind = "Everything, without --config-space. Devices whose configuration space is not mapped (no ECAM), or behind VMD and "
		 "Hyper-V; masks, which are written to the table as well.",
	.wants = EV(MSG_WRITE),
	.needs = EV(MSG_WRITE),
	.since = KVER(5, 10),
	.profiles = PROFILE_X86 | PROFILE_X86_IR,
};
