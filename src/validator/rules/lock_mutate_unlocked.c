// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  insertion or free of a descriptor by a task that does not hold the mutex
 * nearest that does not:  the same below msi_domain_alloc_irq_at(), which holds it
 */
#include <stdio.h>

#include "../rule_ctx.h"

static void say_object(struct finding *f, const struct msi_event_hdr *e)
{
	const struct msi_ev_insert *ins = (const struct msi_ev_insert *)e;
	const struct msi_ev_desc_free *del = (const struct msi_ev_desc_free *)e;

	if (e->type == MSI_EV_INSERT)
		finding_object(f, "descriptor index %u", ins->index);
	else if (del->first == del->last)
		finding_object(f, "descriptor index %u", del->first);
	else
		finding_object(f, "descriptors %u to %u", del->first, del->last);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct scene *sc = rc->scene;
	const struct msi_data *md = sc->md;
	struct report r = { .e = e, .dev = md ? md->dev : NULL,
			    .what = e->type == MSI_EV_INSERT ? "inserted without the mutex" :
							       "freed without the mutex" };
	struct finding *f;

	rule_judged(rc);
	if (event_owner_is_current(e))
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	say_object(f, e);
	finding_message(f, "%s() %s %s without the descriptor mutex of %s, called by %s; %s",
			event_function(rc, e), e->type == MSI_EV_INSERT ? "inserted" : "frees",
			f->object, word_device(rc, &r).s, word_task(e->comm, e->tid).s,
			phrase_holder(md, e).s);
	if (md && event_owner_tid(e) && md->owner_tid == event_owner_tid(e))
		finding_setup(rc, f, "mutex taken by its holder", &md->locked);
	if (sc->desc && e->type != MSI_EV_INSERT)
		finding_life_desc(rc, f, sc->desc);
	if (md)
		finding_life(rc, f, "MSI device data allocated", &md->setup);
	rule_emit(rc, f);
}

const struct rule rule_lock_mutate_unlocked = {
	.id = "lock_mutate_unlocked",
	.severity = SEV_CORRUPT,
	.check = check,
	.summary = "MSI descriptors added or freed without the descriptor mutex",
	.doc = "Adding and freeing descriptors requires dev->msi.data->mutex: "
	       "lockdep_assert_held(&dev->msi.data->mutex) stands at the head of every function "
	       "that does (kernel/irq/msi.c).",
	.advice = "Take the mutex with msi_lock_descs() once, around the insertion and the "
		  "allocation of the interrupts.",
	.wrong = "msi_domain_insert_msi_desc(dev, MSI_DEFAULT_DOMAIN, &desc);",
	.right = "msi_lock_descs(dev);\n"
		 "msi_domain_insert_msi_desc(dev, MSI_DEFAULT_DOMAIN, &desc);\n"
		 "msi_unlock_descs(dev);",
	.alike = "Insertion below msi_domain_alloc_irq_at(), which holds the mutex.",
	.wants = EV(INSERT) | EV(DESC_FREE),
	.needs_any = { EV(INSERT) | EV(DESC_FREE) },
	.since = KVER(5, 17),
};
