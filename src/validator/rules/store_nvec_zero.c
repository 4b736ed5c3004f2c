// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  struct msi_desc desc = { .msi_index = 40 }; msi_insert_msi_desc(dev, &desc);
 * nearest that does not:  the same with .nvec_used = 1
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_insert *ev = (const struct msi_ev_insert *)e;
	const struct msi_data *md = rc->scene->md;
	struct report r = { .e = e, .what = "inserted without vectors", .dev = md ? md->dev : NULL };
	struct finding *f;

	if (ev->ret)
		return;
	rule_judged(rc);
	if (ev->nvec_used)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "descriptor index %u", ev->index);
	finding_message(f,
			"%s inserts descriptor %u of %s with nvec_used 0: it will never get an interrupt, "
			"and where arrays are sized by nvec_used, nothing is allocated",
			word_task(e->comm, e->tid).s, ev->index, word_device(rc, &r).s);
	if (md)
		finding_life(rc, f, "MSI device data allocated", &md->setup);
	rule_emit(rc, f);
}

const struct rule rule_store_nvec_zero = {
	.id = "store_nvec_zero",
	.severity = SEV_LOST,
	.check = check,
	.summary = "descriptor inserted that has no vector",
	.doc = "msi_desc::nvec_used is \"The number of vectors used\" (include/linux/msi.h): 1, or with "
	       "multi-MSI more. msi_alloc_desc() takes it from the caller's template without a look.",
	.advice = "Set nvec_used to 1 in the template that is inserted.",
	.wrong = "struct msi_desc desc = { .msi_index = index };\n"
		 "msi_insert_msi_desc(dev, &desc);",
	.right = "struct msi_desc desc = { .msi_index = index, .nvec_used = 1 };\n"
		 "msi_insert_msi_desc(dev, &desc);",
	.alike = "An insertion that fails.",
	.wants = EV(INSERT),
	.needs = EV(INSERT),
	.since = KVER(5, 17),
};
