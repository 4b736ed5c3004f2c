// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  a device is unbound while another task holds its descriptor mutex
 * nearest that does not:  msi_remove_device_irq_domain() takes it inside the release itself
 */
#include "../rule_ctx.h"

#define SECTIONS 64	/* that are followed at a time */

struct section {
	uint32_t tid;		/* 0: free */
	uint64_t dev, md;
	struct moment locked;
};

struct state {
	struct section open[SECTIONS];
};

static struct section *section_of(struct state *st, uint32_t tid, uint64_t dev)
{
	for (size_t i = 0; i < SECTIONS; i++)
		if (st->open[i].tid == tid && (!tid || st->open[i].dev == dev))
			return &st->open[i];
	return NULL;
}

static void locked(struct rule_ctx *rc, const struct msi_ev_lock *ev)
{
	struct section *s = section_of(rc->state, ev->h.tid, ev->h.dev);

	if (!s)
		s = section_of(rc->state, 0, 0);
	if (s && rc->scene->md && ev->h.tid)
		*s = (struct section){ ev->h.tid, ev->h.dev, ev->md, rc->scene->md->locked };
}

static void released(struct rule_ctx *rc, const struct msi_ev_data_release *ev)
{
	const struct msi_data *md = rc->scene->md;
	struct report r = { .e = &ev->h, .what = "released with the mutex held",
			    .dev = md ? md->dev : NULL };
	bool known = md_held_by(md, ev->holder_tid);
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object(f, "descriptor mutex of %s", word_device(rc, &r).s);
	finding_message(f,
			"MSI data of %s is released by %s while %s holds the descriptor mutex in it, and "
			"will unlock freed memory",
			word_device(rc, &r).s, word_task(ev->h.comm, ev->h.tid).s,
			word_task(known ? md->locked.comm : "", ev->holder_tid).s);
	if (known)
		finding_setup(rc, f, "mutex taken", &md->locked);
	if (md)
		finding_life(rc, f, "MSI device data allocated", &md->setup);
	if (known)
		finding_life(rc, f, "mutex taken", &md->locked);
	rule_emit(rc, f);
}

static void replaced(struct rule_ctx *rc, const struct msi_ev_unlock *ev, const struct section *s)
{
	const struct msi_data *md = rc->scene->md;
	struct report r = { .e = &ev->h, .what = "released another mutex than was taken",
			    .dev = rc->scene->dev };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object(f, "descriptor mutex of %s", word_device(rc, &r).s);
	finding_message(f,
			"%s releases the descriptor mutex of %s, but took the one of other MSI data: the "
			"data of the device was replaced meanwhile, and the first mutex stays locked",
			word_task(ev->h.comm, ev->h.tid).s, word_device(rc, &r).s);
	finding_setup(rc, f, "mutex taken", &s->locked);
	finding_life(rc, f, "mutex taken", &s->locked);
	if (md)
		finding_life(rc, f, "MSI device data allocated", &md->setup);
	rule_emit(rc, f);
}

static void unlocked(struct rule_ctx *rc, const struct msi_ev_unlock *ev)
{
	struct section *s = ev->h.tid ? section_of(rc->state, ev->h.tid, ev->h.dev) : NULL;

	if (!s)
		return;
	rule_judged(rc);
	if (s->md != ev->md && !ev->owner_current)
		replaced(rc, ev, s);
	s->tid = 0;
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_data_release *release = (const struct msi_ev_data_release *)e;
	struct state *st = rc->state;

	if (e->type == MSI_EV_LOCK) {
		locked(rc, (const struct msi_ev_lock *)e);
		return;
	}
	if (e->type == MSI_EV_UNLOCK) {
		unlocked(rc, (const struct msi_ev_unlock *)e);
		return;
	}
	rule_judged(rc);
	if (release->holder_tid)
		released(rc, release);
	for (size_t i = 0; i < SECTIONS; i++)
		if (st->open[i].md == release->md)
			st->open[i].tid = 0;
}

const struct rule rule_lock_data_swapped = {
	.id = "lock_data_swapped",
	.severity = SEV_CORRUPT,
	.check = check,
	.summary = "MSI data released or replaced while its mutex is held",
	.doc = "The descriptor mutex is part of the data that it protects: msi_unlock_descs() unlocks "
	       "dev->msi.data->mutex, whatever the pointer is by then. So the data must stay the same "
	       "while the mutex is held; msi_device_data_release(), which devres calls at unbind, frees "
	       "it (up to 6.1 without a look at the mutex).",
	.advice = "Have everybody who walks the descriptors of a device stop before its driver is "
		  "unbound, or hold device_lock() meanwhile.",
	.wrong = "msi_lock_descs(&pdev->dev); /* in a work item */\n"
		 "device_release_driver(&pdev->dev); /* elsewhere */",
	.right = "cancel_work_sync(&work);\n"
		 "device_release_driver(&pdev->dev);",
	.alike = "The mutex that msi_remove_device_irq_domain() takes within the release.\n"
		 "A section of another device.",
	.state_size = sizeof(struct state),
	.wants = EV(DATA_RELEASE) | EV(LOCK) | EV(UNLOCK),
	.needs = EV(DATA_RELEASE),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
