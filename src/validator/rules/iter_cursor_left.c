// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  msi_lock_descs(); msi_first_desc(); mutex_unlock(&dev->msi.data->mutex);
 * nearest that does not:  the same with msi_unlock_descs()
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_unlock *ev = (const struct msi_ev_unlock *)e;
	const struct msi_data *md = rc->scene->md;
	struct report r = { .e = e, .what = "released with the cursor set" };
	struct finding *f;

	if (!ev->owner_current)
		return;
	rule_judged(rc);
	if (ev->cursor >= MSI_INDEX_MAX)
		return;
	r.dev = md ? md->dev : NULL;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "cursor of the iterators");
	finding_message(f,
			"%s releases the descriptor mutex of %s while the cursor of the iterators stands at "
			"index %u: a msi_next_desc() that nobody started goes on from there, in place of being "
			"refused",
			word_task(e->comm, e->tid).s, word_device(rc, &r).s, ev->cursor);
	if (md && md->lock == LOCK_STATE_HELD)
		finding_setup(rc, f, "mutex taken", &md->locked);
	rule_emit(rc, f);
}

const struct rule rule_iter_cursor_left = {
	.id = "iter_cursor_left",
	.severity = SEV_HYGIENE,
	.check = check,
	.summary = "descriptor mutex released without resetting the cursor of the iterators",
	.doc = "msi_unlock_descs(): \"Invalidate the index which was cached by the iterator\" "
	       "(kernel/irq/msi.c), before it releases the mutex, so that msi_next_desc() refuses what no "
	       "msi_first_desc() of the same section began.",
	.advice = "Release the mutex by msi_unlock_descs() only.",
	.wrong = "msi_lock_descs(dev);\n"
		 "desc = msi_first_desc(dev, MSI_DESC_ALL);\n"
		 "mutex_unlock(&dev->msi.data->mutex);",
	.right = "msi_lock_descs(dev);\n"
		 "desc = msi_first_desc(dev, MSI_DESC_ALL);\n"
		 "msi_unlock_descs(dev);",
	.alike = "A loop that was left early; msi_unlock_descs() resets the cursor.",
	.blind = "What a walk without the mutex does to the cursor between two sections, see "
		 "lock_iter_unlocked.",
	.wants = EV(UNLOCK),
	.needs = EV(UNLOCK),
	.uses = EV(LOCK),
	.since = KVER(5, 17),
};
