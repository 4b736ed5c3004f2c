// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  msi_lock_descs(dev); msleep(20); msi_unlock_descs(dev); where 10 ms are the limit
 * nearest that does not:  the same of a task that only waited for the mutex for so long
 *
 * mutex_lock() is seen when it is entered, and when it returns only by a hook that may be skipped.  If
 * it was, the time from entry to release is all that is known: neither wait nor hold was longer.
 */
#include <stdio.h>

#include "../rule_ctx.h"

enum { PARAM_HOLD_US, PARAM_WAIT_US };	/* ORDER: params */

#define NOT_MEASURED "how long a task waited for a mutex, and held it, was not measured"

static uint64_t limit_ns(const struct rule_ctx *rc, unsigned int nr)
{
	uint64_t us = rule_param(rc, nr);

	return us < UINT64_MAX / 1000 ? us * 1000 : UINT64_MAX;
}

/* Who asked for it last while it was held.  */
static struct phrase waiter(const struct msi_data *md, const struct msi_event_hdr *e)
{
	const struct moment *mo = &md->waiting;
	struct phrase p = { "" };

	if (mo->how == MOMENT_SEEN && e->ts_ns > mo->ts_ns)
		snprintf(p.s, sizeof(p.s), "; %s waits for it, for %s now",
			 word_task(mo->comm, mo->tid).s, word_ns(e->ts_ns - mo->ts_ns).s);
	return p;
}

static void report_hold(struct rule_ctx *rc, const struct msi_ev_unlock *ev, uint64_t ns, bool before)
{
	const struct msi_data *md = rc->scene->md;
	struct report r = { .e = &ev->h, .what = "held the mutex for too long", .dev = md->dev };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object(f, "descriptor mutex of %s", word_device(rc, &r).s);
	finding_message(f, "%s held the descriptor mutex of %s for %s%s, the limit is %llu us%s",
			word_task(before ? "" : md->locked.comm, ev->owner_tid).s,
			word_device(rc, &r).s, before ? "at least " : "", word_ns(ns).s,
			(unsigned long long)rule_param(rc, PARAM_HOLD_US), waiter(md, &ev->h).s);
	finding_setup(rc, f, "mutex taken", &md->locked);
	finding_life(rc, f, "mutex taken", &md->locked);
	finding_life(rc, f, "mutex asked for by another task", &md->waiting);
	rule_emit(rc, f);
}

static void report_wait(struct rule_ctx *rc, const struct msi_ev_lock *ev)
{
	const struct msi_data *md = rc->scene->md;
	struct report r = { .e = &ev->h, .what = "waited for the mutex for too long",
			    .dev = md ? md->dev : NULL };
	struct finding *f = rule_report(rc, &r);
	char last[48] = "";

	if (!f)
		return;
	if (md && md->released_tid && md->released_epoch == rc->model->iter_epoch)
		snprintf(last, sizeof(last), "; task %u has released it last", md->released_tid);
	finding_object(f, "descriptor mutex of %s", word_device(rc, &r).s);
	finding_message(f, "%s waited for the descriptor mutex of %s for %s, the limit is %llu us%s",
			word_task(ev->h.comm, ev->h.tid).s, word_device(rc, &r).s,
			word_ns(ev->wait_ns).s, (unsigned long long)rule_param(rc, PARAM_WAIT_US), last);
	rule_emit(rc, f);
}

static void taken(struct rule_ctx *rc, const struct msi_ev_lock *ev)
{
	if (!rule_param(rc, PARAM_WAIT_US) || !ev->wait_ns)
		return;
	rule_judged(rc);
	if (ev->wait_ns > limit_ns(rc, PARAM_WAIT_US))
		report_wait(rc, ev);
}

/* Nobody has seen it return from mutex_lock(): it took no longer than `ns`.  */
static void at_most(struct rule_ctx *rc, unsigned int param, uint64_t ns)
{
	if (!rule_param(rc, param))
		return;
	if (ns <= limit_ns(rc, param))
		rule_judged(rc);
	else
		rule_inconclusive(rc, NOT_MEASURED);
}

/* It has the mutex since before attaching: at least since then.  */
static void released_late(struct rule_ctx *rc, const struct msi_ev_unlock *ev)
{
	uint64_t begin = rc->model->begin_ns;

	if (!begin || ev->h.ts_ns < begin || !rule_param(rc, PARAM_HOLD_US) ||
	    ev->h.ts_ns - begin <= limit_ns(rc, PARAM_HOLD_US))
		return;
	rule_judged(rc);
	report_hold(rc, ev, ev->h.ts_ns - begin, true);
}

static void released(struct rule_ctx *rc, const struct msi_ev_unlock *ev)
{
	const struct msi_data *md = rc->scene->md;
	bool known = md_held_by(md, ev->owner_tid);

	if (known && md->locked.how == MOMENT_BEFORE) {
		released_late(rc, ev);
	} else if (ev->hold_ns && known && md->wait_ns) {
		if (!rule_param(rc, PARAM_HOLD_US))
			return;
		rule_judged(rc);
		if (ev->hold_ns > limit_ns(rc, PARAM_HOLD_US))
			report_hold(rc, ev, ev->hold_ns, false);
	} else if (ev->hold_ns) {
		at_most(rc, PARAM_HOLD_US, ev->hold_ns);
		at_most(rc, PARAM_WAIT_US, ev->hold_ns);
	}
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	if (!rule_param(rc, PARAM_HOLD_US) && !rule_param(rc, PARAM_WAIT_US))
		rule_not_judged(rc, "no time is set, with --set lock_hold_time.hold_us=NUMBER or "
				    "wait_us=NUMBER");
	else if (e->type == MSI_EV_LOCK)
		taken(rc, (const struct msi_ev_lock *)e);
	else if (e->type == MSI_EV_UNLOCK)
		released(rc, (const struct msi_ev_unlock *)e);
}

const struct rule rule_lock_hold_time = {
	.id = "lock_hold_time",
	.severity = SEV_HYGIENE,
	.check = check,
	.summary = "descriptor mutex held, or waited for, longer than the user allows",
	.doc = "\"msi_lock_descs - Lock the MSI descriptor storage of a device\" (kernel/irq/msi.c): one "
	       "mutex for all that is done with the interrupts of a device, looking one up as well. It "
	       "is held while interrupts are allocated, which waits for memory, and may for a "
	       "hypervisor: how long is too long, the user says, and without --set "
	       "lock_hold_time.hold_us=NUMBER or wait_us=NUMBER the rule is n/a.",
	.advice = "Do what may sleep before the mutex is taken, or after it was released.",
	.blind = "Mutexes that are still held when the run ends. A preempted task holds it meanwhile.",
	.wrong = "msi_lock_descs(dev);\n"
		 "msleep(20);\n"
		 "msi_unlock_descs(dev);",
	.right = "msleep(20);\n"
		 "msi_lock_descs(dev);\n"
		 "msi_unlock_descs(dev);",
	.alike = "Waiting for the mutex: who waits holds nothing.\n"
		 "Many descriptors, memory that is short, calls of a hypervisor: long by\n"
		 "nature, so that the limit is the user's.",
	.wants = EV(LOCK) | EV(UNLOCK) | EV(END),
	.needs = EV(LOCK) | EV(UNLOCK),
	.uses = EV(LOCK) | EV(UNLOCK) | EV(DATA_SETUP) | EV(DATA_RELEASE),
	.needs_lossless = true,
	.since = KVER(5, 17),
	.params = {
		[PARAM_HOLD_US] = { "hold_us", 0, "held for longer is too long; 0: not judged" },
		[PARAM_WAIT_US] = { "wait_us", 0, "waited for longer is too long; 0: not judged" },
	},
};
