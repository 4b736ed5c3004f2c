// SPDX-License-Identifier: GPL-2.0-only
/*
 * The iteration machine of one device, for iter_next_invalid and iter_nested.
 *
 * A device has one cursor for all iterations (msi_device_data::__iter_idx): first() sets it, next()
 * moves it.  An iteration that is continued after another first() goes on from a foreign place.
 *
 * From events alone "first() in A, first() in B, next() in A" is both a broken nested loop and the
 * legal "look something up, then loop" whose loop head is in a helper.  So the machine asks for
 * proof that next() continues an earlier iteration (`outer`) and not the running one (`inner`):
 *
 *  - this call site of next(), below the same callers, continued `outer` before, and never `inner`.
 *    With msi_for_each_desc() a loop's next() is always preceded by its own first() in the same
 *    activation, so a later, separate run of that loop restarts `outer` first;
 *  - `inner` loops by itself, in another function, and this is `outer`'s function, below the same
 * callers;
 *  - the cursor stands at the end (so next() is wrong in any case) and `outer` never ended;
 *  - the same steps came again and again without any change to the store: the loop that never ends.
 *
 * Harmless, and so silent: a lookup that found the descriptor at which the outer iteration stood,
 * since the cursor then is where it was; the iteration is taken to be the outer one's, and if its
 * next() is seen after another lookup, that is the first kind of proof.
 *
 * No proof, and so silent: a lookup of another descriptor in the body of a loop that has not called
 * next() yet and that ends soon afterwards.
 *
 * One legal sequence is not told from a broken one: a lookup, then twice a hand-made loop whose
 * first() is in a helper and whose next() is not, the first time left early.  Nothing in the kernel
 * does that: msi_for_each_desc() has both calls in one function.
 *
 * "Same function" means the same callers (hash of the frames above), not the same symbol: compilers
 * move loop bodies to foo.cold or foo.part.0.
 */
#include <string.h>

#include "model.h"

/* Identical rounds before a loop is called endless; fewer if first() is in another function.  */
#define RESTARTS_MAX 32
#define RESTARTS_MAX_HELPER 3

void iter_forget(struct iter *it)
{
	it->state = ITER_UNKNOWN;
	it->exact = false;
	it->nr = 0;
}

/* A section begins or ends here.  */
void iter_reset(struct model *m, struct iter *it, bool exact)
{
	it->state = ITER_IDLE;
	it->exact = exact;
	it->nr = 0;
	it->epoch = m->iter_epoch;
}

static void iter_sync(struct model *m, struct iter *it)
{
	if (it->epoch == m->iter_epoch)
		return;
	iter_forget(it);
	it->epoch = m->iter_epoch;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	a = (a ^ b) * 0x9e3779b97f4a7c15ULL;
	return a ^ a >> 32;
}

/* Of what is above the caller; the hooked function and whatever else is below do not matter.  */
static uint64_t frame_of(const struct msi_stack *st, uint64_t caller)
{
	for (uint32_t i = 0; i < st->nr && i < 8; i++)
		if (st->ip[i] == caller)
			return mix(stack_hash(st->ip + i + 1, st->nr - i - 1), st->nr - i) | 1;
	return 0;
}

static bool same_frame(const struct iteration *it, uint64_t frame, uint64_t fn)
{
	if (it->frame && frame)
		return it->frame == frame;
	return it->fn == fn;
}

/* Did this very call continue it before?  */
static bool continued_from(const struct iteration *it, uint64_t site, uint64_t frame)
{
	for (int i = 0; i < ITER_SITES; i++)
		if (it->next[i].site == site &&
		    (it->next[i].frame == frame || !it->next[i].frame || !frame))
			return true;
	return false;
}

static void remember_site(struct iteration *it, uint64_t site, uint64_t frame)
{
	for (int i = 0; i < ITER_SITES; i++) {
		if (it->next[i].site == site && it->next[i].frame == frame)
			return;
		if (!it->next[i].site) {
			it->next[i].site = site;
			it->next[i].frame = frame;
			return;
		}
	}
}

static void remove_at(struct iter *it, int i)
{
	memmove(&it->it[i], &it->it[i + 1], (it->nr - i - 1) * sizeof(it->it[0]));
	it->nr--;
}

/* The place of an iteration that starts here: on top; its own earlier run is replaced.  */
static struct iteration *push(struct msi_data *md, const struct msi_ev_first *e, uint64_t frame)
{
	struct iteration new = { .site = e->caller, .fn = e->caller_fn, .frame = frame,
				 .cycle = mix(md->changes, e->desc) };
	struct iter *it = &md->iter;

	for (int i = 0; i < it->nr; i++) {
		const struct iteration *old = &it->it[i];

		if (old->site != e->caller || !same_frame(old, frame, e->caller_fn))
			continue;
		if (old->next[0].site && old->cycle == old->last_cycle)
			new.repeats = old->repeats + 1;
		new.last_cycle = old->cycle;
		remove_at(it, i);
		break;
	}
	if (it->nr == ITER_DEPTH)
		remove_at(it, 0);
	it->it[it->nr] = new;
	return &it->it[it->nr++];
}

void iter_first(struct model *m, struct msi_data *md, const struct msi_ev_first *e,
		const struct moment *mo)
{
	struct iter *it = &md->iter;
	struct iteration *run;

	iter_sync(m, it);
	if (!e->owner_current) {	/* the cursor is moved under somebody's feet */
		iter_forget(it);
		return;
	}
	run = push(md, e, frame_of(&e->stack, e->caller));
	run->domid = e->domid;
	run->filter = e->filter;
	run->index = e->index;
	run->yields = e->desc ? 1 : 0;
	run->open = e->desc != 0;
	run->first = *mo;
	it->state = e->desc ? ITER_ACTIVE : ITER_DONE;
}

static struct iteration *outer_before(struct iter *it, const struct msi_ev_next *e, uint64_t frame)
{
	for (int i = it->nr - 2; i >= 0; i--)
		if (it->it[i].open && continued_from(&it->it[i], e->caller, frame))
			return &it->it[i];
	return NULL;
}

/* An open iteration of this function; `fresh`: of which no next() was seen yet.  */
static struct iteration *outer_here(struct iter *it, const struct msi_ev_next *e, uint64_t frame,
				    bool fresh)
{
	for (int i = it->nr - 2; i >= 0; i--) {
		struct iteration *run = &it->it[i];

		if (run->open && (!fresh || !run->next[0].site) &&
		    same_frame(run, frame, e->caller_fn))
			return run;
	}
	return NULL;
}

/* Domain ids do not matter: they share the cursor.  */
static bool cursor_unmoved(const struct iteration *outer, const struct iteration *inner)
{
	return inner->open && outer->index == inner->index;
}

static enum iter_verdict judge_end(struct iter *it, const struct msi_ev_next *e, uint64_t frame,
				   struct iteration **outer)
{
	const struct iteration *run = &it->it[it->nr - 1];

	if (continued_from(run, e->caller, frame))
		return ITER_AFTER_END;
	*outer = outer_before(it, e, frame);
	if (!*outer)
		*outer = outer_here(it, e, frame, true);
	if (*outer)
		return ITER_TAKEN_OVER;
	return it->exact ? ITER_AFTER_END : ITER_NOT_JUDGED;
}

/* The running iteration was started in another function, and this one has an iteration to go on
 * with.  */
static enum iter_verdict judge_helper(struct iter *it, const struct msi_ev_next *e, uint64_t frame,
				      struct iteration **outer)
{
	const struct iteration *run = &it->it[it->nr - 1];
	struct iteration *here = outer_here(it, e, frame, true);

	if (!here || here->filter != e->filter || here->domid != e->domid)
		return ITER_GOOD;
	if (cursor_unmoved(here, run)) {
		*outer = here;
		return ITER_GOOD;
	}
	if (!run->loops && run->repeats < RESTARTS_MAX_HELPER)
		return ITER_GOOD;
	*outer = here;
	return run->loops ? ITER_TAKEN_OVER : ITER_RESTARTS;
}

static enum iter_verdict judge_active(struct iter *it, const struct msi_ev_next *e, uint64_t frame,
				      struct iteration **outer)
{
	struct iteration *run = &it->it[it->nr - 1];

	if (run->repeats >= RESTARTS_MAX) {
		*outer = outer_here(it, e, frame, false);
		if (*outer)
			return ITER_RESTARTS;
	}
	if (continued_from(run, e->caller, frame))
		return ITER_GOOD;
	*outer = outer_before(it, e, frame);
	if (*outer)
		return cursor_unmoved(*outer, run) ? ITER_GOOD : ITER_TAKEN_OVER;
	if (same_frame(run, frame, e->caller_fn))
		return ITER_GOOD;
	return judge_helper(it, e, frame, outer);
}

static enum iter_verdict judge_domain(struct iter *it, const struct msi_ev_next *e, uint64_t frame,
				      struct iteration **outer)
{
	*outer = outer_before(it, e, frame);
	if (!*outer)
		*outer = outer_here(it, e, frame, true);
	if (*outer && (*outer)->domid != e->domid)
		*outer = NULL;
	if (!*outer)
		return ITER_OTHER_DOMAIN;
	return cursor_unmoved(*outer, &it->it[it->nr - 1]) ? ITER_GOOD : ITER_TAKEN_OVER;
}

static enum iter_verdict judge(struct iter *it, const struct msi_ev_next *e, uint64_t frame,
			       struct iteration **outer)
{
	const struct iteration *run = it->nr ? &it->it[it->nr - 1] : NULL;

	if (it->state == ITER_UNKNOWN)
		return ITER_NOT_JUDGED;
	if (it->state == ITER_IDLE || !run)
		return ITER_NO_FIRST;
	if (e->domid != run->domid)
		return judge_domain(it, e, frame, outer);
	return it->state == ITER_DONE ? judge_end(it, e, frame, outer) :
					judge_active(it, e, frame, outer);
}

/* Whose cursor it is from now on.  */
static struct iteration *take_back(struct iter *it, const struct iteration *outer)
{
	struct iteration again = *outer;

	remove_at(it, outer - it->it);
	it->it[it->nr] = again;
	return &it->it[it->nr++];
}

static void advance(struct iteration *run, const struct msi_ev_next *e, uint64_t frame)
{
	remember_site(run, e->caller, frame);
	run->loops |= same_frame(run, frame, e->caller_fn);
	run->cycle = mix(mix(run->cycle, e->caller), e->desc);
	run->open = e->desc != 0;
	if (e->desc) {
		run->yields++;
		run->index = e->index;
	}
}

void iter_next(struct model *m, struct msi_data *md, const struct msi_ev_next *e, struct scene *sc)
{
	struct iter *it = &md->iter;
	struct iteration *run, *outer = NULL;
	uint64_t frame;

	iter_sync(m, it);
	if (!e->owner_current) {
		iter_forget(it);
		return;
	}
	frame = frame_of(&e->stack, e->caller);
	sc->iter = judge(it, e, frame, &outer);
	run = it->nr ? &it->it[it->nr - 1] : NULL;
	if (run && sc->iter > ITER_GOOD)
		sc->inner = *run;
	if (run && sc->iter == ITER_GOOD && !outer && e->desc) {
		sc->iter_goes_on = true;
		sc->iter_before = run->index;
	}
	if (outer) {
		sc->outer = *outer;
		run = take_back(it, outer);
	}
	sc->has_outer = outer != NULL;
	if (run && it->state != ITER_UNKNOWN) {
		advance(run, e, frame);
		it->state = e->desc ? ITER_ACTIVE : ITER_DONE;
	}
}
