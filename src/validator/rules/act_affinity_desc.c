// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  pci_alloc_irq_vectors() without PCI_IRQ_AFFINITY, and descriptors that have a CPU mask
 * nearest that does not:  the same with PCI_IRQ_AFFINITY; or with it, and no descriptor has one
 */
#include "../rule_ctx.h"

static void report(struct rule_ctx *rc, const struct msi_ev_pci_vectors *ev, const struct pci_try *t)
{
	struct report r = { .e = &ev->h, .what = "given vectors whose CPU masks are not as asked for" };
	struct finding *f = rule_report(rc, &r);
	uint32_t nr = t->spread + t->plain;

	if (!f)
		return;
	finding_object(f, "%u descriptor%s of %s", nr, nr == 1 ? "" : "s", word_device(rc, &r).s);
	if (ev->flags & MSI_PCI_IRQ_AFFINITY)
		finding_message(f,
				"%s asks for vectors of %s with PCI_IRQ_AFFINITY; %u of %u descriptors have a "
				"CPU mask, the others have none: their queues are served by any CPU",
				word_task(ev->h.comm, ev->h.tid).s, word_device(rc, &r).s, t->spread, nr);
	else
		finding_message(f,
				"%s asks for vectors of %s without PCI_IRQ_AFFINITY; %u of %u descriptors have "
				"a CPU mask: the kernel may keep user space from moving their interrupts, and "
				"shut them down with their CPUs",
				word_task(ev->h.comm, ev->h.tid).s, word_device(rc, &r).s, t->spread, nr);
	finding_setup(rc, f, "set up", &t->when);
	finding_life(rc, f, "set up", &t->when);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_pci_vectors *ev = (const struct msi_ev_pci_vectors *)e;
	const struct pci_try *t = ev->ret > 0 ? pci_try_of(rc->model, ev) : NULL;
	bool asked = ev->flags & MSI_PCI_IRQ_AFFINITY;

	if (!t || t->ret || !t->listed)
		return;
	rule_judged(rc);
	if (asked ? t->spread && t->plain : t->spread)
		report(rc, ev, t);
}

const struct rule rule_act_affinity_desc = {
	.id = "act_affinity_desc",
	.severity = SEV_STATE,
	.check = check,
	.summary = "descriptors with CPU masks that nobody asked for, or some of them without",
	.doc = "PCI_IRQ_AFFINITY: \"Auto-assign affinity\" (include/linux/pci.h). With it "
	       "irq_create_affinity_masks() makes a mask for each vector, and each descriptor gets one: "
	       "msi_desc::affinity, \"Optional pointer to a cpu affinity mask for this descriptor\" "
	       "(include/linux/msi.h). Without it the pointer is NULL, and the interrupt belongs to user "
	       "space and its irqbalance.",
	.advice = "Leave msi_desc::affinity to the PCI core. A driver that wants vectors for certain CPUs asks "
		  "with PCI_IRQ_AFFINITY; one that wants a hint calls irq_set_affinity_and_hint().",
	.blind = "Drivers that call pci_enable_msix_range(), which have no masks; vectors that are added one "
		 "by one. What the masks are.",
	.wrong = "/* set_desc() of an irq domain */\n"
		 "desc->affinity = kmemdup(mask, sizeof(*mask), GFP_KERNEL);",
	.right = "pci_alloc_irq_vectors(pdev, 1, n, PCI_IRQ_MSIX | PCI_IRQ_AFFINITY);",
	.alike = "PCI_IRQ_AFFINITY, and no descriptor has a mask: no memory, or all set apart.\n"
		 "Vectors set apart (irq_affinity): they have a mask, but are not managed.",
	.wants = EV(PCI_VECTORS),
	.needs = EV(PCI_VECTORS) | EV(PCI_ENABLE),
	.uses = EV(PCI_ENABLE) | EV(STORE_BEGIN) | EV(STORE_ENTRY) | EV(STORE_END),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
