// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

static const struct snap_vector *find(const struct snap_vector *v, size_t nr, uint32_t irq)
{
	for (size_t i = 0; i < nr; i++)
		if (v[i].irq == irq && v[i].looked)
			return &v[i];
	return NULL;
}

const struct snap_vector *plan_irq(const struct snapshot *s, uint32_t irq)
{
	return find(s->vectors, s->nr_vectors, irq) ?: find(s->others, s->nr_others, irq);
}

static bool is_online(const struct snapshot *s, uint32_t cpu)
{
	const struct snap_cpu *c = snapshot__cpu(s, cpu);

	return c && c->online;
}

/* matrix_find_best_cpu(): CPUs are sorted by number. Returns how many are online.  */
static uint32_t find_room(const struct snapshot *s, const struct plan_cpus *list, struct plan_affinity *p)
{
	uint32_t online = 0, most = 0;

	for (size_t i = 0; i < s->nr_cpus; i++) {
		const struct snap_cpu *c = &s->cpus[i];

		if (!c->online || !plan_lists(list, c->cpu))
			continue;
		online++;
		p->room += c->available;
		if (c->available <= most)
			continue;
		most = c->available;
		p->to = c->cpu;
	}
	return online;
}

static void answer(struct plan_affinity *p, enum plan_answer a, enum plan_reason r, enum plan_write w)
{
	p->answer = a;
	p->reason = r;
	p->write = w;
	if (a != PLAN_YES || r == PLAN_KEPT)	/* which may depend on the node of its device */
		p->to = SNAP_UNKNOWN;
}

/* It lets go of the vector that it was moved away from before it is moved again.  */
static void count_left(const struct snapshot *s, const struct snap_vector *v, const struct plan_cpus *list,
		       struct plan_affinity *p)
{
	if (v->left == SNAP_UNKNOWN || !is_online(s, v->left_cpu) || !plan_lists(list, v->left_cpu))
		return;
	if (!p->room++)
		p->to = v->left_cpu;
}

/* It has a vector, and that is on none of these CPUs.  */
static void judge_move(const struct snap_vector *v, struct plan_affinity *p)
{
	bool later = v->deferred || v->state & (SNAP_PENDING | SNAP_MOVING);

	if (!p->room && later)
		answer(p, PLAN_NO, PLAN_FULL_LATER, PLAN_WRITE_OK);
	else if (!p->room)
		answer(p, PLAN_NO, PLAN_FULL, PLAN_WRITE_ENOSPC);
	else if (later && v->state & SNAP_DISABLED)
		answer(p, PLAN_YES, PLAN_DISABLED, PLAN_WRITE_OK);
	else if (v->state & SNAP_MOVING)
		answer(p, PLAN_YES, PLAN_BUSY, PLAN_WRITE_OK);
	else if (later)
		answer(p, PLAN_YES, PLAN_NEXT, PLAN_WRITE_OK);
	else
		answer(p, PLAN_YES, PLAN_NOW, PLAN_WRITE_OK);
}

static void judge(const struct snapshot *s, const struct snap_vector *v, const struct plan_cpus *list,
		  struct plan_affinity *p)
{
	uint32_t online;

	*p = (struct plan_affinity){ .now = v->vector != SNAP_UNKNOWN ? v->cpu : SNAP_UNKNOWN, .to = SNAP_UNKNOWN };
	online = find_room(s, list, p);
	if (!v->movable) {
		answer(p, PLAN_NO, v->state & SNAP_MANAGED ? PLAN_MANAGED : PLAN_NO_AFFINITY, PLAN_WRITE_REFUSED);
	} else if (!online) {
		answer(p, PLAN_NO, PLAN_NONE_ONLINE, PLAN_WRITE_EINVAL);
	} else if (v->state & SNAP_CHANGING) {
		answer(p, PLAN_MAYBE, PLAN_CHANGING, PLAN_WRITE_UNKNOWN);
	} else if (!(v->books & MSI_BOOKS_KNOWN)) {
		answer(p, PLAN_MAYBE, PLAN_FOREIGN, PLAN_WRITE_UNKNOWN);
	} else if (v->vector != SNAP_UNKNOWN && is_online(s, v->cpu) && plan_lists(list, v->cpu)) {
		answer(p, PLAN_YES, PLAN_THERE, PLAN_WRITE_OK);
		p->to = v->cpu;
	} else if (!(v->state & SNAP_ACTIVE)) {
		answer(p, p->room ? PLAN_YES : PLAN_NO, p->room ? PLAN_KEPT : PLAN_ELSEWHERE, PLAN_WRITE_OK);
	} else {
		count_left(s, v, list, p);
		judge_move(v, p);
	}
}

int plan_affinity(const struct snapshot *s, uint32_t irq, const struct plan_cpus *list, struct plan_affinity *out)
{
	const struct snap_vector *v = plan_irq(s, irq);

	if (!v)
		return -ENOENT;
	judge(s, v, list, out);
	return 0;
}

static struct plan_why *row_of(struct plan_why *rows, size_t *nr, const struct plan_affinity *p)
{
	size_t i;

	for (i = 0; i < *nr; i++)
		if (rows[i].p.reason == p->reason)	/* which has one answer */
			return &rows[i];
	rows[i].p = *p;
	rows[i].p.room = 0;
	(*nr)++;
	return &rows[i];
}

int plan_why(const struct snapshot *s, uint32_t irq, struct plan_why **out, size_t *nr)
{
	const struct snap_vector *v = plan_irq(s, irq);
	struct plan_why *rows, *row;
	struct plan_affinity p;
	size_t i;

	*nr = 0;
	if (!v)
		return -ENOENT;
	rows = calloc(PLAN_REASON_NR, sizeof(*rows) + s->nr_cpus * sizeof(*rows->cpus));
	if (!rows)
		return -ENOMEM;
	for (i = 0; i < PLAN_REASON_NR; i++)
		rows[i].cpus = (uint32_t *)(rows + PLAN_REASON_NR) + i * s->nr_cpus;
	for (i = 0; i < s->nr_cpus; i++) {
		if (!s->cpus[i].online)
			continue;
		judge(s, v, &(struct plan_cpus){ &s->cpus[i].cpu, 1 }, &p);
		row = row_of(rows, nr, &p);
		if (row->nr)
			row->p.to = SNAP_UNKNOWN;
		row->cpus[row->nr++] = s->cpus[i].cpu;
		row->p.room += p.room;
	}
	*out = rows;
	return 0;
}
