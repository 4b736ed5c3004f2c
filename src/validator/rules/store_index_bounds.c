// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  pci_msix_alloc_irq_at() at index 1000 of a table of 64
 * nearest that does not:  the same at index 63, or at MSI_ANY_INDEX
 */
#include "../rule_ctx.h"

/* One beyond the last index.  */
static uint32_t limit(uint32_t hwsize)
{
	return hwsize ? hwsize : MSI_INDEX_MAX + 1;
}

static void finish_report(struct rule_ctx *rc, struct finding *f, const struct msi_data *md)
{
	if (md)
		finding_setup(rc, f, "MSI data set up", &md->setup);
	rule_emit(rc, f);
}

static void check_insert(struct rule_ctx *rc, const struct msi_ev_insert *ev)
{
	struct report r = { .e = &ev->h, .what = "inserted beyond the domain", .key = !ev->ret };
	uint32_t last = ev->index + (ev->ret && ev->nr ? ev->nr - 1 : 0);
	struct finding *f;

	if (ev->index == MSI_INDEX_ANY)
		return;
	rule_judged(rc);
	if (last >= ev->index && last < limit(ev->hwsize))
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "descriptor index %u", last);
	finding_message(f, "%s inserts descriptor %u of %s, whose domain has indices 0 to %u; %s",
			word_task(ev->h.comm, ev->h.tid).s, last, word_device(rc, &r).s,
			limit(ev->hwsize) - 1,
			ev->ret ? "the kernel refuses"
				: "the kernel takes it, and nothing can find it by its index");
	finish_report(rc, f, rc->scene->md);
}

/* Whether the call then fails is not waited for: msi_ctrl_valid() refuses all of these.  */
static void check_alloc(struct rule_ctx *rc, const struct msi_ev_alloc *ev)
{
	uint32_t end = limit(ev->hwsize);
	bool reversed = ev->first > ev->last;
	struct report r = { .e = &ev->h, .key = reversed,
			    .what = reversed ? "allocated a reversed range"
					     : "allocated beyond the domain" };
	struct finding *f;

	if (ev->bracket != MSI_BRACKET_UNDONE_AFTER)	/* the others do not name a range */
		return;
	rule_judged(rc);
	if (!reversed && ev->last < end)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "indices %u to %u", ev->first, ev->last);
	finding_message(f, "%s allocates indices %u to %u of %s, %s%u",
			word_task(ev->h.comm, ev->h.tid).s, ev->first, ev->last,
			word_device(rc, &r).s,
			reversed ? "a reversed range, in a domain of " : "whose domain ends at ",
			reversed ? end : end - 1);
	finish_report(rc, f, rc->scene->md);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	if (e->type == MSI_EV_INSERT)
		check_insert(rc, (const struct msi_ev_insert *)e);
	else
		check_alloc(rc, (const struct msi_ev_alloc *)e);
}

const struct rule rule_store_index_bounds = {
	.id = "store_index_bounds",
	.severity = SEV_STATE,
	.check = check,
	.summary = "MSI index or range outside of its domain",
	.doc = "msi_insert_desc() returns -ERANGE for index >= hwsize, the number of entries that "
	       "the domain of the device has. msi_ctrl_valid() says WARN_ON_ONCE(first > last || "
	       "first >= hwsize || last >= hwsize), once per boot. Before 6.2 there is MSI_MAX_INDEX, "
	       "65535, and nobody looks.",
	.advice = "Ask pci_msix_vec_count() how many entries there are, or for MSI_ANY_INDEX.",
	.blind = "Before 6.2 the size of the table: only indices beyond 65535 are seen.",
	.wrong = "map = pci_msix_alloc_irq_at(pdev, pci_msix_vec_count(pdev), NULL);\n"
		 "/* map.index is -ERANGE */",
	.right = "map = pci_msix_alloc_irq_at(pdev, pci_msix_vec_count(pdev) - 1, NULL);",
	.alike = "MSI_ANY_INDEX: all ones, but not an index.\n"
		 "An MSI domain with more indices than the one that is used.",
	.wants = EV(INSERT) | EV(ALLOC),
	.needs_any = { EV(INSERT) | EV(ALLOC) },
	.since = KVER(5, 17),
};
