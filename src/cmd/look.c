// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "look.h"
#include "session.h"

#define ODD_SAID_MAX 8
#define LOOKS_MAX 4

/* Both ask for it.  */
static bool is_shared(const struct msi_event_hdr *e)
{
	return e->type == MSI_EV_DEV_INFO || e->type == MSI_EV_LOST;
}

/* Hooks that watch make events of the same types, and at the same time.  */
static bool is_of_look(const struct look *l, const struct msi_event_hdr *e)
{
	return l->looking && (!e->hook || e->hook == HOOK_snap_dev || e->hook == HOOK_snap_irq);
}

static int on_event(void *ctx, const struct msi_event_hdr *e)
{
	struct look *l = ctx;
	bool look = !l->live || is_of_look(l, e);
	int err = 0;

	if (look || (l->looking && is_shared(e)))
		err = snapshot__event(l->snap, e);
	if (!err && l->live && (!look || is_shared(e)))
		err = l->live(l->ctx, e);
	return err;
}

int look__open(struct look *l, const struct options *o)
{
	struct collect_opts co = {
		.sz = sizeof(co),
		.use = l->use | USE_LOOK,
		.events = l->events | EV(DEV_INFO) | EV(STORE_BEGIN) | EV(STORE_ENTRY) | EV(STORE_END) |
			  EV(IRQ_LOOK),
		.device = o->device,
		.log = o->verbose > 1 ? stderr : NULL,
		.event = on_event,
		.ctx = l,
	};
	const struct hook_state *irq;
	struct collect_err cerr;
	int err;

	l->o = o;
	if (!o->device)		/* vectors add up when all of their holders are looked at */
		co.events |= EV(MATRIX_CPU) | EV(MATRIX);
	err = snapshot__new(&l->snap);
	if (err) {
		pr_err("%s\n", errstr(err));
		return MSITRACE_EXIT_CANNOT_RUN;
	}
	if (collect__open(&co, &l->collect, &cerr)) {
		session_say_cannot(&cerr);
		return MSITRACE_EXIT_CANNOT_RUN;
	}
	irq = &collect__hooks(l->collect)[HOOK_snap_irq];
	if (irq->status != MSI_ATTACH_LIVE) {
		pr_err("interrupts cannot be looked at: %s\n", irq->why);
		return MSITRACE_EXIT_CANNOT_RUN;
	}
	pr_info("armed %.2f s after start, %u hooks\n", collect__armed_ns(l->collect) / 1e9,
		collect__live(l->collect));
	return 0;
}

bool look__is_right(const struct look *l)
{
	return l->snap->complete && !l->snap->torn;
}

/* Once more while interrupts come, go and move: stores, interrupts and vectors are not read at one moment.  */
static bool is_enough(const struct look *l)
{
	return look__is_right(l) && !l->snap->again && (l->snap->quiet || !l->snap->nr_cpus);
}

int look__take(struct look *l)
{
	int err = 0, tries;

	l->looking = true;
	for (tries = 0; !err && tries < LOOKS_MAX && (!tries || !is_enough(l)); tries++) {
		err = collect__look(l->collect);
		err = err ?: snapshot__finish(l->snap);
	}
	l->looking = false;
	if (!err)
		return 0;
	pr_err("looking at interrupts: %s\n", errstr(err));
	return MSITRACE_EXIT_CANNOT_RUN;
}

int look__again(struct look *l, struct snapshot **before)
{
	struct snapshot *next;
	int err = snapshot__new(&next);

	if (err) {
		pr_err("%s\n", errstr(err));
		return MSITRACE_EXIT_CANNOT_RUN;
	}
	snapshot__free(*before);
	*before = l->snap;
	l->snap = next;
	return look__take(l);
}

void look__say_odd(const struct look *l)
{
	const struct snapshot *s = l->snap;
	size_t i;

	if (!s->nr_cpus || s->torn || !s->complete)	/* then something else is said */
		return;
	if (!s->quiet) {
		pr_warn("vectors changed hands while they were looked at: whether they add up is not known; try again\n");
		return;
	}
	for (i = 0; i < s->nr_odd && i < ODD_SAID_MAX; i++)
		pr_warn(s->odd[i].taken ? "CPU %u: vector %u is taken, and no interrupt holds it\n" :
			"CPU %u: an interrupt holds vector %u, which is not taken, or another interrupt's\n",
			s->odd[i].cpu, s->odd[i].vector);
	if (i < s->nr_odd)
		pr_warn("%zu more vectors like these\n", s->nr_odd - i);
	if (s->reserved != s->irqs_reserved)
		pr_warn("%u reservations are counted, and interrupts hold %u\n", s->reserved,
			s->irqs_reserved);
}

int look__verdict(const struct look *l)
{
	if (look__is_right(l))
		return 0;
	if (!l->snap->complete)
		pr_warn("events were lost, so the list is not complete; try again, or with --device\n");
	else
		pr_warn("interrupts came and went while they were looked at, so the list is of no one moment; try again\n");
	return MSITRACE_EXIT_INCONCLUSIVE;
}

void look__close(struct look *l)
{
	collect__close(l->collect);
	snapshot__free(l->snap);
}

const char *cell_text(const char *s)
{
	return s && s[0] ? s : NULL;
}

const char *cell_number(char *buf, size_t size, uint64_t n)
{
	snprintf(buf, size, "%" PRIu64, n);
	return buf;
}

const char *cell_number32(char *buf, size_t size, uint32_t n)
{
	return n == SNAP_UNKNOWN ? NULL : cell_number(buf, size, n);
}
