// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  four messages, the first of which has data 0x22
 * nearest that does not:  the same with data 0x24
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_msg_write *ev = (const struct msi_ev_msg_write *)e;
	struct report r = report_of_write(rc, ev, "data whose low bits are the device's");
	const uint32_t low = (1u << (ev->multiple & 7)) - 1;
	struct finding *f;

	if ((ev->flags & (MSI_DESC_PCI | MSI_DESC_MSIX)) != MSI_DESC_PCI || !low ||
	    message_is_empty(ev))
		return;
	rule_judged(rc);
	if (!(ev->new_data & low))
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_message(f,
			"%s may send %u messages and puts their number into the low bits of the data, but "
			"data %x of virq %u is not a multiple of that: messages arrive as others",
			word_device(rc, &r).s, low + 1, ev->new_data, ev->irq);
	finding_of_write(rc, f, ev);
	rule_emit(rc, f);
}

const struct rule rule_msg_multi_alignment = {
	.id = "msg_multi_alignment",
	.severity = SEV_LOST,
	.check = check,
	.summary = "data of a multi-message MSI that leaves no room for their number",
	.doc = "A device that may send more than one MSI has one address and one data; it \"is permitted "
	       "to modify the low order bits of Message Data to generate its system software allocated "
	       "vectors\" (PCI, Multiple Message Enable). So these are zero, and the vectors contiguous.",
	.advice = "Allocate the vectors of such a device contiguous and aligned to their number, or refuse "
		  "more than one.",
	.wrong = "multiple = 2;	/* four messages */\n"
		 "msg->data = 0x22;",
	.right = "multiple = 2;\n"
		 "msg->data = 0x24;",
	.alike = "One message: all its bits are its own.\n"
		 "Remapped ones, whose data is the number of the message, from 0.\n"
		 "MSI-X: each vector has a message.",
	.blind = "Whether the vectors behind the first one are the next ones.",
	.wants = EV(MSG_WRITE),
	.needs = EV(MSG_WRITE),
	.since = KVER(5, 10),
};
