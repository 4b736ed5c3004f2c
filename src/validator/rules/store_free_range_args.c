// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  msi_domain_free_msi_descs_range(dev, MSI_DEFAULT_DOMAIN, 5, 2)
 * nearest that does not:  the same with 2, 5
 */
#include <stdio.h>

#include "../rule_ctx.h"

static struct phrase flaw(const struct msi_ev_desc_free *ev)
{
	struct phrase p = { "" };

	if (ev->first > ev->last)
		snprintf(p.s, sizeof(p.s), "the range is reversed");
	else if (ev->hwsize && ev->last >= ev->hwsize)
		snprintf(p.s, sizeof(p.s), "its domain ends at %u", ev->hwsize - 1);
	return p;
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_desc_free *ev = (const struct msi_ev_desc_free *)e;
	const struct msi_data *md = rc->scene->md;
	struct report r = { .e = e, .what = "asked to free a bad range", .dev = md ? md->dev : NULL };
	struct phrase bad = flaw(ev);
	struct finding *f;

	rule_judged(rc);
	if (!bad.s[0])
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "descriptors %u to %u", ev->first, ev->last);
	finding_message(f,
			"%s frees descriptors %u to %u of %s, but %s: nothing is freed, and what should "
			"have been is leaked",
			word_task(e->comm, e->tid).s, ev->first, ev->last, word_device(rc, &r).s, bad.s);
	if (md)
		finding_life(rc, f, "MSI device data allocated", &md->setup);
	rule_emit(rc, f);
}

const struct rule rule_store_free_range_args = {
	.id = "store_free_range_args",
	.severity = SEV_LOST,
	.check = check,
	.summary = "descriptors freed by a range that is none",
	.doc = "Both ends of the range are inclusive. Since 6.2 msi_ctrl_valid() refuses it by "
	       "\"WARN_ON_ONCE(ctrl->first > ctrl->last || ctrl->first >= hwsize || ctrl->last >= "
	       "hwsize)\", once per boot and without a name; before, nothing is said.",
	.advice = "Compute the last index as first + number - 1, and free nothing if the number is 0.",
	.wrong = "msi_domain_free_irqs_range(dev, 0, base, base + n); /* n were allocated */",
	.right = "if (n)\n"
		 "    msi_domain_free_irqs_range(dev, 0, base, base + n - 1);",
	.alike = "A range of one; a range in which nothing is left.\n"
		 "All, up to MSI_MAX_INDEX (before 6.2).",
	.blind = "Ranges that are refused before descriptors are looked at: interrupts are freed first. "
		 "How large the domain is, before 6.2.",
	.wants = EV(DESC_FREE),
	.needs = EV(DESC_FREE),
	.since = KVER(5, 17),
};
