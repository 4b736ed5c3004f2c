// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  lock in module init, unlock in module exit, which is another task
 * nearest that does not:  a section that began before msitrace attached
 *
 * An UNLOCK that had no LOCK is not a finding by itself: mutex_trylock() and its like are not seen.
 * The owner in the mutex decides: a task that releases what it holds is right, however it got it.
 */
#include <stdio.h>

#include "../rule_ctx.h"

static struct phrase when_taken(const struct msi_data *md, uint64_t hold_ns,
				const struct msi_event_hdr *e)
{
	struct phrase t;

	if (!hold_ns && md->locked.how == MOMENT_SEEN && e->ts_ns > md->locked.ts_ns)
		hold_ns = e->ts_ns - md->locked.ts_ns;
	if (hold_ns)
		snprintf(t.s, sizeof(t.s), " took %s ago", word_ns(hold_ns).s);
	else if (md->locked.how == MOMENT_BEFORE)
		snprintf(t.s, sizeof(t.s), " took before msitrace attached");
	else
		snprintf(t.s, sizeof(t.s), " holds");
	return t;
}

/* Who is stuck because of it.  */
static struct phrase waiter(const struct msi_data *md)
{
	struct phrase t = { "" };

	if (md->waiting.how)
		snprintf(t.s, sizeof(t.s), "; %s waits for it",
			 word_task(md->waiting.comm, md->waiting.tid).s);
	return t;
}

static struct finding *report(struct rule_ctx *rc, const struct msi_event_hdr *e,
			      struct msi_data *md, struct report *r)
{
	struct finding *f;

	r->e = e;
	r->dev = md->dev;
	r->key = ((uint64_t)e->type << 32) | md->locked.stack;
	md->section_reported = true;
	f = rule_report(rc, r);
	if (!f)
		return NULL;
	finding_object(f, "descriptor mutex of %s", word_device(rc, r).s);
	finding_setup(rc, f, "mutex taken", &md->locked);
	finding_life(rc, f, "MSI device data allocated", &md->setup);
	finding_life(rc, f, "mutex taken", &md->locked);
	finding_life(rc, f, "another task began to wait for it", &md->waiting);
	return f;
}

static void unlock(struct rule_ctx *rc, const struct msi_ev_unlock *e, struct msi_data *md)
{
	struct report r = { .what = e->owner_tid ? "released by another task" : "released twice" };
	struct finding *f;

	rule_judged(rc);
	if (e->owner_current || md->section_reported)
		return;
	f = report(rc, &e->h, md, &r);
	if (!f)
		return;
	if (e->owner_tid)
		finding_message(f, "%s releases the descriptor mutex of %s, which %s%s%s",
				word_task(e->h.comm, e->h.tid).s, word_device(rc, &r).s,
				word_task(md->owner_tid == e->owner_tid ? md->locked.comm : "",
					  e->owner_tid).s,
				when_taken(md, e->hold_ns, &e->h).s, waiter(md).s);
	else
		finding_message(f, "%s releases the descriptor mutex of %s, which nobody holds",
				word_task(e->h.comm, e->h.tid).s, word_device(rc, &r).s);
	rule_emit(rc, f);
}

static void task_exit(struct rule_ctx *rc, const struct msi_ev_task_exit *e, struct msi_data *md)
{
	struct report r = { .what = "exited holding the mutex" };
	struct finding *f;

	rule_judged(rc);
	if (md->section_reported)
		return;
	f = report(rc, &e->h, md, &r);
	if (!f)
		return;
	finding_message(f,
			"%s exits holding the descriptor mutex of %s, which it%s; nobody else can "
			"take it any more%s",
			word_task(e->h.comm, e->h.tid).s, word_device(rc, &r).s,
			when_taken(md, e->hold_ns, &e->h).s, waiter(md).s);
	rule_emit(rc, f);
}

/* Mutexes that the task took since the probe or remove was entered, and still holds.  */
static void bind_end(struct rule_ctx *rc, const struct msi_ev_bind *e)
{
	const char *which = e->phase == MSI_BIND_PROBE_END ? "probe" : "remove";
	struct report r = { .what = "left the driver holding the mutex" };
	struct link *l;

	for (l = rc->model->held.next; l != &rc->model->held; l = l->next) {
		struct msi_data *md = link_entry(l, struct msi_data, held);
		struct finding *f;

		if (md->owner_tid != e->h.tid || md->section_seq <= rc->scene->bind_seq ||
		    md->locked.how != MOMENT_SEEN)
			continue;
		rule_judged(rc);
		if (md->section_reported)
			continue;
		f = report(rc, &e->h, md, &r);
		if (!f)
			continue;
		finding_message(
			f, "%s of driver %s returned in %s with the descriptor mutex of %s held%s",
			which, e->driver[0] ? e->driver : "(unknown)",
			word_task(e->h.comm, e->h.tid).s, word_device(rc, &r).s, waiter(md).s);
		rule_emit(rc, f);
	}
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_bind *bind = (const struct msi_ev_bind *)e;
	struct msi_data *md = rc->scene->md;

	if (e->type == MSI_EV_UNLOCK && md)
		unlock(rc, (const struct msi_ev_unlock *)e, md);
	else if (e->type == MSI_EV_TASK_EXIT && md)
		task_exit(rc, (const struct msi_ev_task_exit *)e, md);
	else if (e->type == MSI_EV_BIND && rc->scene->bind_seq &&
		 (bind->phase == MSI_BIND_PROBE_END || bind->phase == MSI_BIND_REMOVE_END))
		bind_end(rc, bind);
}

static void finish(struct rule_ctx *rc)
{
	const struct msi_data *md;

	if (link_empty(&rc->model->held))
		return;
	md = link_entry(rc->model->held.next, struct msi_data, held);
	rule_inconclusive(rc, "the stream ends while %s holds the descriptor mutex of %s",
			  word_task(md->locked.comm, md->owner_tid).s,
			  md->dev && md->dev->name[0] ? md->dev->name : "a device");
}

const struct rule rule_lock_unbalanced = {
	.id = "lock_unbalanced",
	.severity = SEV_CORRUPT,
	.check = check,
	.finish = finish,
	.summary = "descriptor mutex not released by the task that took it, where it took it",
	.doc = "The mutex is taken and released as a pair (\"protected with a "
	       "msi_lock_descs()/msi_unlock_descs() pair\", kernel/irq/msi.c), and a mutex must be "
	       "released by its owner, before the task exits or leaves the driver's probe or "
	       "remove.",
	.advice = "Use guard(msi_descs_lock)(dev) or scoped_guard(), so that every way out "
		  "releases it.",
	.blind = "A return to user space with the mutex held is seen only when the task exits, "
		 "leaves probe or remove, or when somebody else releases it.",
	.wrong = "static int probe(...)\n"
		 "{\n"
		 "    msi_lock_descs(dev);\n"
		 "    return 0;\n"
		 "}",
	.right = "static int probe(...)\n"
		 "{\n"
		 "    scoped_guard(msi_descs_lock, dev)\n"
		 "        setup(dev);\n"
		 "    return 0;\n"
		 "}",
	.alike = "A section that began before msitrace attached and ends well.\n"
		 "A kthread that holds the mutex for long.",
	.wants = EV(UNLOCK) | EV(TASK_EXIT) | EV(BIND),
	.uses = EV(LOCK),
	.needs = EV(LOCK) | EV(UNLOCK) | EV(TASK_EXIT),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
