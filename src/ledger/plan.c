// SPDX-License-Identifier: GPL-2.0-only
#include "plan.h"

const char *const plan_answers[] = {
#define X(ID, word) word,
	PLAN_ANSWERS(X)
#undef X
};

const char *const plan_reasons[] = {
#define X(ID, doc) doc,
	PLAN_REASONS(X)
#undef X
};

const char *const plan_writes[] = {
#define X(ID, word) word,
	PLAN_WRITES(X)
#undef X
};

bool plan_lists(const struct plan_cpus *list, uint32_t cpu)
{
	for (size_t i = 0; i < list->nr; i++)
		if (list->cpus[i] == cpu)
			return true;
	return false;
}

/* --- offline ------------------------------------------------------------------------------ */

/*
 * The system after some of the CPUs went. What they had is on the others then, but for what nobody needs any more. Where
 * it went does not matter: a vector more on a CPU is one more to move, and one that is less free there.
 */
struct after {
	const struct snapshot *s;
	uint32_t online;
	uint32_t least, most;	/* vectors that are free on the CPUs that are left */
};

static struct after now(const struct snapshot *s)
{
	struct after a = { .s = s };

	for (size_t i = 0; i < s->nr_cpus; i++) {
		a.online += s->cpus[i].online;
		a.least += s->cpus[i].online ? s->cpus[i].available : 0;
	}
	a.most = a.least;
	return a;
}

static bool is_gone(const struct plan_offline *rows, size_t nr, uint32_t cpu)
{
	for (size_t i = 0; i < nr; i++)
		if (rows[i].cpu == cpu && rows[i].answer != PLAN_NO)
			return true;
	return false;
}

static uint32_t less(uint32_t a, uint32_t b)
{
	return a > b ? a - b : 0;
}

static void judge_room(const struct after *a, const struct snap_cpu *c, struct plan_offline *p)
{
	p->move = less(c->allocated, c->managed_allocated);
	p->room = less(a->least, c->available);
	if (less(a->most, c->available) < p->move) {
		p->answer = PLAN_NO;
		p->reason = PLAN_NO_ROOM;
	} else if (p->room < p->move) {
		p->answer = PLAN_MAYBE;
		p->reason = PLAN_DEPENDS;
	}
}

static void judge(const struct after *a, struct plan_offline *p, bool gone)
{
	const struct snap_cpu *c = snapshot__cpu(a->s, p->cpu);

	p->answer = PLAN_NO;
	if (!c) {
		p->reason = PLAN_NO_CPU;
	} else if (!c->online || gone) {
		p->reason = PLAN_OFFLINE;
	} else if (!c->removable) {
		p->reason = PLAN_FIXED;
	} else if (a->online < 2) {
		p->reason = PLAN_LAST;
	} else {
		p->answer = PLAN_YES;
		p->reason = PLAN_ROOM;
		judge_room(a, c, p);
	}
}

/* Interrupts that cannot do without a vector: they get another one, for sure.  */
static uint32_t active(const struct snap_vector *v, size_t nr, uint32_t cpu)
{
	uint32_t n = 0;

	for (size_t i = 0; i < nr; i++)
		n += v[i].cpu == cpu && v[i].vector != SNAP_UNKNOWN && (v[i].state & SNAP_STARTED) &&
		     !(v[i].state & SNAP_MANAGED);
	return n;
}

static void take_offline(struct after *a, const struct plan_offline *p)
{
	const struct snap_cpu *c = snapshot__cpu(a->s, p->cpu);
	uint32_t sure = active(a->s->vectors, a->s->nr_vectors, p->cpu) +
			active(a->s->others, a->s->nr_others, p->cpu);

	a->online--;
	a->least = less(a->least, c->available + p->move);
	a->most = less(a->most, c->available + (sure < p->move ? sure : p->move));
}

void plan_offline(const struct snapshot *s, const uint32_t *cpus, size_t nr, struct plan_offline *rows)
{
	struct after a = now(s);

	for (size_t i = 0; i < nr; i++) {
		struct plan_offline *p = &rows[i];

		*p = (struct plan_offline){ .cpu = cpus[i] };
		judge(&a, p, is_gone(rows, i, cpus[i]));
		if (p->answer == PLAN_NO)
			continue;
		take_offline(&a, p);
		p->reserved_short = a.least < s->reserved;
	}
}
