// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  the irq domain fails with -EIO, pci_alloc_irq_vectors() returns -ENOSPC
 * nearest that does not:  it returns -EIO; or MSI, which it tries then, fails with another error
 */
#include <errno.h>

#include "../rule_ctx.h"

/* What the driver is told after the last try, if that was all; 0: another try may have come after it.  */
static int32_t due(const struct msi_ev_pci_vectors *ev, const struct pci_try *t)
{
	/* MSI may fail before it comes to a try, and then nothing is known about its error.  */
	if (t->cap == MSI_CAP_MSIX && (ev->flags & MSI_PCI_IRQ_MSI))
		return 0;
	return t->ret > 0 ? -ENOSPC : t->ret;
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_pci_vectors *ev = (const struct msi_ev_pci_vectors *)e;
	struct report r = { .e = e, .what = "told of another error" };
	const struct pci_try *t = ev->ret < 0 ? pci_try_of(rc->model, ev) : NULL;
	int32_t want = t ? due(ev, t) : 0;
	struct finding *f;

	if (!want)
		return;
	rule_judged(rc);
	if (ev->ret == want)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "error %d", want);
	finding_message(f, "setting up %u vector%s of %s failed with %d, %s is told %d: the reason is lost",
			t->nvec, t->nvec == 1 ? "" : "s", word_device(rc, &r).s, want,
			word_task(e->comm, e->tid).s, ev->ret);
	finding_setup(rc, f, "failed", &t->when);
	finding_life(rc, f, "failed", &t->when);
	rule_emit(rc, f);
}

const struct rule rule_api_error_lost = {
	.id = "api_error_lost",
	.severity = SEV_HYGIENE,
	.check = check,
	.summary = "driver told of another error than the one that its vectors failed with",
	.doc = "pci_alloc_irq_vectors() returns \"-ENOSPC if less than @min_vecs interrupt vectors are "
	       "available, other errnos otherwise\" (drivers/pci/msi/api.c). The MSI rework was first posted "
	       "with a version that made -ENOSPC of every error; drivers take that for \"try with fewer\".",
	.advice = "Pass on what the step that failed has returned.",
	.blind = "Errors before the irq domain is asked; that of MSI-X, where MSI is tried after it.",
	.wrong = "ret = setup_irqs(pdev, nvec);\n"
		 "return ret < 0 ? -ENOSPC : nvec;",
	.right = "ret = setup_irqs(pdev, nvec);\n"
		 "return ret < 0 ? ret : nvec;",
	.alike = "A positive number, how many there could have been: -ENOSPC.\n"
		 "The error of MSI after MSI-X had failed with another.\n"
		 "The interrupt of the pin in place of an error.",
	.wants = EV(PCI_VECTORS),
	.needs = EV(PCI_VECTORS) | EV(PCI_ENABLE),
	.uses = EV(PCI_ENABLE),
	.needs_lossless = true,
	.since = KVER(5, 17),	/* before, MSI-X made a number of some errors: of the vectors that were had */
};
