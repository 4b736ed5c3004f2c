// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  MSI-X enabled for the entries 0 and 2 in a domain with MSI_FLAG_MSIX_CONTIGUOUS
 * nearest that does not:  the same for 0 and 1; or in a domain without the flag
 */
#include "../rule_ctx.h"

/* The first index of the default domain that is missing; false: none is.  Indices ascend.  */
static bool gap(const struct store_list *sl, uint32_t *missing, uint32_t *next)
{
	uint32_t want = 0;

	for (uint32_t i = 0; i < sl->nr; i++) {
		if (sl->rows[i].domid)
			continue;
		if (sl->rows[i].index != want) {
			*missing = want;
			*next = sl->rows[i].index;
			return true;
		}
		want++;
	}
	return false;
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_pci_enable *ev = (const struct msi_ev_pci_enable *)e;
	const struct store_list *sl = ev->cap == MSI_CAP_MSIX ? enabled_descs(rc, ev) : NULL;
	struct report r = { .e = e, .what = "enabled with a gap" };
	uint32_t missing, next;
	struct finding *f;

	if (!sl)
		return;
	if (!sl->contiguous) {
		rule_not_judged(rc, "no irq domain here wants MSI-X without gaps");
		return;
	}
	rule_judged(rc);
	if (!gap(sl, &missing, &next))
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "MSI-X index %u, which is missing", missing);
	finding_message(f,
			"%s has %u MSI-X vector%s, index %u is not among them and %u is; its irq domain "
			"gives out vectors without gaps only (MSI_FLAG_MSIX_CONTIGUOUS), so from there "
			"on the interrupts are those of other table entries",
			word_device(rc, &r).s, sl->nr, sl->nr == 1 ? "" : "s", missing, next);
	for (uint32_t i = 0; i < sl->nr; i++)
		if (sl->rows[i].index == next)
			finding_inserted(rc, f, map_get(&rc->model->descs, sl->rows[i].desc));
	rule_emit(rc, f);
}

const struct rule rule_store_gap = {
	.id = "store_gap",
	.severity = SEV_STATE,
	.check = check,
	.summary = "gap in the MSI-X indices of a domain that cannot have any",
	.doc = "\"Check for gaps in the entry indices\", says pci_msi_domain_check_cap() of 6.1 "
	       "(drivers/pci/msi/irqdomain.c), and refuses with -ENOTSUPP; later "
	       "pci_msix_validate_entries() does, before anything is allocated. Platforms whose firmware "
	       "is told a number of vectors, not which (pseries), set MSI_FLAG_MSIX_CONTIGUOUS.",
	.advice = "Ask for entries 0 to n - 1, or for all by pci_alloc_irq_vectors(). In an irq domain, "
		  "set the flag before a device uses it.",
	.wrong = "struct msix_entry e[] = { { .entry = 0 }, { .entry = 2 } };\n"
		 "pci_enable_msix_range(pdev, e, 2, 2);",
	.right = "struct msix_entry e[] = { { .entry = 0 }, { .entry = 1 } };\n"
		 "pci_enable_msix_range(pdev, e, 2, 2);",
	.alike = "Gaps in a domain without MSI_FLAG_MSIX_CONTIGUOUS.",
	.blind = "Vectors that are added one by one, by pci_msix_alloc_irq_at().",
	.wants = EV(PCI_ENABLE),
	.needs = EV(PCI_ENABLE),
	.uses = EV(STORE_BEGIN) | EV(STORE_ENTRY) | EV(STORE_END),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
