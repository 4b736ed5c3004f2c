// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "plan.h"

#define MSI_MAX 32		/* of a device without MSI-X: 5 bits of its capability */

/* What there is once the device has given back what it has.  */
struct free_now {
	uint32_t all, listed;	/* vectors of CPUs that are online; of those of the list */
	uint32_t back;
	bool managed;		/* the device has such */
	bool foreign;		/* the interrupts that it has are not of the x86 vector allocator */
	bool cpu_full, known;	/* a CPU has no room for one more managed interrupt; it is known whether */
};

/* The vectors of a device, which are together.  */
struct own {
	const struct snap_vector *v;
	size_t nr;
};

static struct own own_of(const struct snapshot *s, const char *device)
{
	struct own o = {};
	size_t i;

	for (i = 0; i < s->nr_vectors && strcmp(s->vectors[i].device->name, device); i++)
		;
	o.v = &s->vectors[i];
	for (; i < s->nr_vectors && !strcmp(s->vectors[i].device->name, device); i++)
		o.nr++;
	return o;
}

static uint32_t given_back(const struct own *o, uint32_t cpu)
{
	uint32_t n = 0;

	for (size_t i = 0; i < o->nr; i++) {
		if (o->v[i].state & SNAP_MANAGED)
			continue;
		n += o->v[i].vector != SNAP_UNKNOWN && o->v[i].cpu == cpu;
		n += o->v[i].left != SNAP_UNKNOWN && o->v[i].left_cpu == cpu;
	}
	return n;
}

static void count_back(const struct own *o, struct free_now *f)
{
	for (size_t i = 0; i < o->nr; i++) {
		f->back += o->v[i].irq != SNAP_UNKNOWN;
		f->managed |= !!(o->v[i].state & SNAP_MANAGED);
		f->foreign |= o->v[i].looked && !(o->v[i].books & MSI_BOOKS_KNOWN);
	}
}

/*
 * A managed interrupt holds a vector on each of its CPUs, and its device one on each CPU that there may be.  What is
 * free on a CPU that was online and is not, its counter does not say.
 */
static struct free_now free_now(const struct snapshot *s, const struct plan_request *r)
{
	struct own own = own_of(s, r->device);
	struct free_now f = { .known = true };

	count_back(&own, &f);
	for (size_t i = 0; i < s->nr_cpus; i++) {
		const struct snap_cpu *c = &s->cpus[i];
		uint32_t n = c->available + given_back(&own, c->cpu) + f.managed;

		if (!c->online) {
			f.known &= c->available + f.managed > c->managed;
			continue;
		}
		f.all += n;
		f.cpu_full |= !n;
		if (plan_lists(&r->list, c->cpu))
			f.listed += n;
	}
	return f;
}

/* PCI domains of more than 16 bits are Intel's VMD, whose devices share the interrupts that it has itself.  */
static bool is_foreign(const struct plan_request *r, const struct free_now *f)
{
	return f->foreign || strspn(r->device, "0123456789abcdef") > 4;
}

/* The chips of remapped interrupts are named so, and those of the I/O APIC are always there.  */
static bool is_remapped(const struct snapshot *s)
{
	size_t i;

	for (i = 0; i < s->nr_vectors; i++)
		if (s->vectors[i].chip && !strncmp(s->vectors[i].chip, "IR-", 3))
			return true;
	for (i = 0; i < s->nr_others; i++)
		if (s->others[i].chip && !strncmp(s->others[i].chip, "IR-", 3))
			return true;
	return false;
}

static void answer(struct plan_alloc *a, enum plan_answer answer, enum plan_reason reason, uint32_t gets)
{
	a->answer = answer;
	a->reason = reason;
	a->gets = gets;
}

static void judge_managed(const struct plan_request *r, const struct free_now *f, struct plan_alloc *a)
{
	if (f->cpu_full)
		answer(a, PLAN_NO, PLAN_CPU_FULL, 0);
	else if (!f->known)
		answer(a, PLAN_MAYBE, PLAN_CPU_UNKNOWN, 0);
	else if (r->nr > r->possible)
		answer(a, PLAN_NO, PLAN_PER_CPU, r->possible);
	else
		answer(a, PLAN_YES, PLAN_ENOUGH, r->nr);
}

/* reserve: what is allocated holds a reservation, and no vector before it is requested.  */
static void judge_room(const struct plan_request *r, const struct free_now *f, bool reserve, struct plan_alloc *a)
{
	if (r->nr > f->all && reserve)
		answer(a, PLAN_NO, PLAN_TOO_FEW, r->nr);
	else if (r->nr > f->all)
		answer(a, PLAN_NO, PLAN_TOO_FEW_NOW, f->all);
	else if (r->list.nr && r->nr > f->listed)
		answer(a, PLAN_NO, PLAN_BROKEN, r->nr);
	else
		answer(a, PLAN_YES, PLAN_ENOUGH, r->nr);
}

void plan_alloc(const struct snapshot *s, const struct plan_request *r, struct plan_alloc *out)
{
	uint32_t msi = r->msi < MSI_MAX ? r->msi : MSI_MAX;
	struct free_now f = free_now(s, r);
	uint32_t most = r->msix > msi ? r->msix : msi;

	*out = (struct plan_alloc){ .back = f.back, .room = r->list.nr ? f.listed : f.all };
	if (!most)
		answer(out, PLAN_NO, PLAN_NO_MSI, 0);
	else if (r->nr <= most && is_foreign(r, &f))
		answer(out, PLAN_MAYBE, PLAN_FOREIGN, 0);
	else if (r->nr > most)
		answer(out, PLAN_NO, PLAN_TOO_MANY, most);
	else if (r->nr > r->msix && r->nr > 1 && !is_remapped(s))
		answer(out, PLAN_NO, PLAN_MULTI_MSI, r->msix ?: 1);
	else if (r->managed)
		judge_managed(r, &f, out);
	else
		judge_room(r, &f, r->nr <= r->msix || r->msi_maskable, out);
}
