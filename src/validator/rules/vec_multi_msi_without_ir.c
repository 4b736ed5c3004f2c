// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  16 MSIs on x86 without interrupt remapping
 * nearest that does not:  one; or 16 MSI-X; or 16 MSIs with remapping
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_request *ev = (const struct msi_ev_request *)e;
	const struct desc *d = map_get(&rc->model->descs, ev->desc);
	struct report r = { .e = e, .what = "requested", .dev = d ? d->dev : NULL };
	struct finding *f;

	/* A vector is known only where the local APIC composes the message, without remapping.  */
	if (ev->ret || !ev->now_vector || !(ev->now_flags & MSI_DESC_PCI) ||
	    (ev->now_flags & MSI_DESC_MSIX))
		return;
	if (!d || d->freed || !d->inserted.how)	/* how many vectors it has was not seen */
		return;
	rule_judged(rc);
	if (d->nvec <= 1)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "descriptor index %u: %u vectors", d->index, d->nvec);
	finding_message(f,
			"%s has %u MSIs without interrupt remapping: the device adds 0 to %u to one "
			"message, and x86 does not give it that many vectors in a row, so its interrupts "
			"reach others",
			word_device(rc, &r).s, d->nvec, d->nvec - 1);
	finding_inserted(rc, f, d);
	rule_emit(rc, f);
}

const struct rule rule_vec_multi_msi_without_ir = {
	.id = "vec_multi_msi_without_ir",
	.severity = SEV_LOST,
	.check = check,
	.summary = "more than one MSI of a device without interrupt remapping",
	.doc = "\"Currently vector allocator can't guarantee contiguous allocations\" "
	       "(x86_vector_alloc_irqs() in arch/x86/kernel/apic/vector.c), but a device with several "
	       "MSIs has one message and changes its low bits. So MSI_FLAG_MULTI_PCI_MSI is set by the "
	       "domains of interrupt remapping only.",
	.advice = "Do not set MSI_FLAG_MULTI_PCI_MSI in a domain above x86's vector domain; ask for "
		  "MSI-X first.",
	.wrong = "pci_alloc_irq_vectors(pdev, 16, 16, PCI_IRQ_MSI); /* succeeds */",
	.right = "pci_alloc_irq_vectors(pdev, 1, 16, PCI_IRQ_MSIX | PCI_IRQ_MSI);",
	.alike = "Interrupt remapping, Hyper-V, VMD: another one composes the message.\n"
		 "MSI-X, which has a message per vector.",
	.blind = "Vectors that nobody requests.",
	.wants = EV(REQUEST),
	.needs = EV(REQUEST) | EV(INSERT),
	.since = KVER(5, 17),
	.profiles = PROFILE_X86,
};
