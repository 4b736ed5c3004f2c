// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "vectors.h"

#define VECTORS_MAX 256

const struct vec_idle_row vec_idles[VEC_IDLE_NR] = {
	[VEC_USED] = { "", "" },
#define X(ID, word, doc) { word, doc },
	VEC_IDLES(X)
#undef X
};

enum vec_idle vector_idle(const struct snap_vector *v)
{
	if (!v->desc || v->irq == SNAP_UNKNOWN || !v->looked)
		return VEC_USED;
	if (v->state & SNAP_KEPT)
		return VEC_USED;
	if (!v->handler && !(v->state & SNAP_STARTED))	/* a chained handler has no action */
		return VEC_UNREQUESTED;
	if (v->state & SNAP_PENDING)
		return VEC_PENDING;
	if (v->stuck)
		return VEC_MOVING;
	if (v->fired || !(v->state & SNAP_STARTED) || v->state & (SNAP_MANAGED | SNAP_DISABLED))
		return VEC_USED;
	return snap_is_vfio(v->device) ? VEC_USED : VEC_SILENT;
}

static bool is_same_move(const struct snap_vector *a, const struct snap_vector *b)
{
	return a->irq == b->irq && a->desc == b->desc && (b->state & SNAP_MOVING) && a->left == b->left &&
	       a->left_cpu == b->left_cpu && a->fired == b->fired;
}

static int by_irq(const void *pa, const void *pb)
{
	const struct snap_vector *a = *(const struct snap_vector *const *)pa, *b = *(const struct snap_vector *const *)pb;

	return (a->irq > b->irq) - (a->irq < b->irq);
}

/* Those that are being moved, by virq.  */
static size_t moving_of(const struct snapshot *s, const struct snap_vector **moving)
{
	size_t n = 0;

	for (size_t i = 0; i < s->nr_vectors; i++)
		if (s->vectors[i].state & SNAP_MOVING)
			moving[n++] = &s->vectors[i];
	if (n)
		qsort(moving, n, sizeof(*moving), by_irq);
	return n;
}

int vec_mark_stuck(struct snapshot *now, const struct snapshot *before)
{
	const struct snap_vector **moving = calloc(before->nr_vectors + 1, sizeof(*moving)), **was;
	size_t n;

	if (!moving)
		return -ENOMEM;
	n = moving_of(before, moving);
	for (size_t i = 0; i < now->nr_vectors; i++) {
		struct snap_vector *v = &now->vectors[i];
		const struct snap_vector *key = v;

		v->stuck = false;
		if (!(v->state & SNAP_MOVING) || v->left == SNAP_UNKNOWN)
			continue;
		was = bsearch(&key, moving, n, sizeof(*moving), by_irq);
		v->stuck = was && is_same_move(v, *was);
	}
	free(moving);
	return 0;
}

/* --- holders ------------------------------------------------------------------------------ */

/* Holders are counted of one CPU, or of all: SNAP_UNKNOWN.  */
static bool counts(uint32_t vector, uint32_t at, uint32_t cpu)
{
	return vector != SNAP_UNKNOWN && (cpu == SNAP_UNKNOWN || at == cpu);
}

static bool is_there(const struct snap_vector *v, uint32_t cpu)
{
	return cpu == SNAP_UNKNOWN || counts(v->vector, v->cpu, cpu) || counts(v->left, v->left_cpu, cpu);
}

static void count(struct vec_holder *h, const struct snap_vector *v, uint32_t cpu)
{
	h->flags |= v->flags;
	h->irqs += v->irq != SNAP_UNKNOWN;
	h->vectors += counts(v->vector, v->cpu, cpu) + counts(v->left, v->left_cpu, cpu);
	h->reserved += !!(v->books & MSI_BOOKS_RESERVED);
	h->requested += v->handler != 0;
	h->fired += v->fired != 0;
	h->idle[vector_idle(v)]++;
}

static int most_first(const void *pa, const void *pb)
{
	const struct vec_holder *a = pa, *b = pb;
	uint64_t x = (uint64_t)a->vectors + a->reserved, y = (uint64_t)b->vectors + b->reserved;

	if (x != y)
		return x < y ? 1 : -1;
	if (a->irqs != b->irqs)
		return a->irqs < b->irqs ? 1 : -1;
	return strcmp(a->name, b->name);
}

/* Vectors are sorted by their device, which stands for its rows.  */
static size_t holders_of_msis(const struct snapshot *s, uint32_t cpu, struct vec_holder *h)
{
	const struct snap_device *last = NULL;
	size_t nr = 0;

	for (size_t i = 0; i < s->nr_vectors; i++) {
		const struct snap_vector *v = &s->vectors[i];

		if (v->irq == SNAP_UNKNOWN || !is_there(v, cpu))
			continue;
		if (v->device != last)
			h[nr++] = (struct vec_holder){ .name = v->device->name, .driver = v->device->driver };
		last = v->device;
		count(&h[nr - 1], v, cpu);
	}
	return nr;
}

/* Those of the I/O APIC, say, are one holder.  */
static size_t holders_by_chip(const struct snapshot *s, uint32_t cpu, struct vec_holder *h)
{
	size_t nr = 0, k;

	for (size_t i = 0; i < s->nr_others; i++) {
		const struct snap_vector *v = &s->others[i];

		if (!is_there(v, cpu))
			continue;
		for (k = 0; k < nr && strcmp(h[k].name, v->chip); k++)
			;
		if (k == nr)
			h[nr++] = (struct vec_holder){ .name = v->chip, .driver = "" };
		count(&h[k], v, cpu);
	}
	return nr;
}

static uint32_t legacy_vectors(const struct snapshot *s, uint32_t cpu)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s->nr_cpus; i++)
		if (cpu == SNAP_UNKNOWN || s->cpus[i].cpu == cpu)
			n += s->cpus[i].legacy;
	return n;
}

int vec_holders_of(const struct snapshot *s, uint32_t cpu, struct vec_holder **out, size_t *nr)
{
	struct vec_holder *h = calloc(s->nr_vectors + s->nr_others + 1, sizeof(*h));
	uint32_t legacy = legacy_vectors(s, cpu);
	size_t n;

	if (!h)
		return -ENOMEM;
	n = holders_of_msis(s, cpu, h);
	n += holders_by_chip(s, cpu, h + n);
	if (legacy)
		h[n++] = (struct vec_holder){ .name = "ISA", .driver = "", .vectors = legacy };
	qsort(h, n, sizeof(*h), most_first);
	*out = h;
	*nr = n;
	return 0;
}

int vec_holders(const struct snapshot *s, struct vec_holder **out, size_t *nr)
{
	return vec_holders_of(s, SNAP_UNKNOWN, out, nr);
}

/* --- a CPU -------------------------------------------------------------------------------- */

static void note(struct vec_place *places, const struct snap_vector *v, size_t nr, uint32_t cpu)
{
	for (size_t i = 0; i < nr; i++) {
		if (v[i].cpu == cpu && v[i].vector < VECTORS_MAX)
			places[v[i].vector].holder = &v[i];
		if (v[i].left_cpu == cpu && v[i].left < VECTORS_MAX) {
			places[v[i].left].holder = &v[i];
			places[v[i].left].old = true;
		}
	}
}

static bool is_odd(const struct snapshot *s, uint32_t cpu, uint32_t vector)
{
	for (size_t i = 0; i < s->nr_odd; i++)
		if (s->odd[i].cpu == cpu && s->odd[i].vector == vector)
			return true;
	return false;
}

int vec_of_cpu(const struct snapshot *s, uint32_t cpu, struct vec_place **out, size_t *nr)
{
	const struct snap_cpu *c = snapshot__cpu(s, cpu);
	struct vec_place *places;
	uint32_t vector;
	size_t n = 0;

	if (!c)
		return -ENOENT;
	places = calloc(VECTORS_MAX, sizeof(*places));
	if (!places)
		return -ENOMEM;
	note(places, s->vectors, s->nr_vectors, cpu);
	note(places, s->others, s->nr_others, cpu);
	for (vector = 0; vector < VECTORS_MAX; vector++) {
		struct vec_place p = places[vector];

		if (!p.holder && !(c->taken[vector / 64] >> vector % 64 & 1))
			continue;
		p.vector = vector;
		p.legacy = !p.holder && !is_odd(s, cpu, vector);
		places[n++] = p;
	}
	*out = places;
	*nr = n;
	return 0;
}

/* --- the map ------------------------------------------------------------------------------ */

static char load(const struct snap_cpu *c)
{
	uint64_t all = (uint64_t)c->allocated + c->available;

	if (!c->online)
		return '-';
	if (!c->available)
		return '#';
	return ".123456789"[(uint64_t)c->allocated * 10 / all];
}

void vec_map(const struct snapshot *s, size_t first, char line[VEC_MAP_CPUS + 1])
{
	size_t i;

	for (i = 0; i < VEC_MAP_CPUS && first + i < s->nr_cpus; i++)
		line[i] = load(&s->cpus[first + i]);
	line[i] = '\0';
}
