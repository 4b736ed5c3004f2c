// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "vectors.h"

#define CPUS_SHOWN	3

static bool more(const struct vector_holder *a, const struct vector_holder *b)
{
	return a->idle != b->idle ? a->idle > b->idle : a->nr > b->nr;
}

static void count(const struct device *dev, struct vector_holder *h)
{
	*h = (struct vector_holder){ .dev = dev };
	for (struct link *l = dev->virqs.next; l != &dev->virqs; l = l->next) {
		const struct virq *vq = link_entry(l, struct virq, node);

		h->nr++;
		h->idle += !vq->used;
		if (!h->one || (!vq->used && h->one->used))
			h->one = vq;
	}
}

uint32_t vector_holders(const struct model *m, struct vector_holder *top)
{
	const struct map_node *pos = NULL;
	const struct device *dev;
	struct vector_holder h;
	uint32_t nr = 0, i;

	while ((dev = map_next(&m->devices, &pos))) {
		count(dev, &h);
		if (!h.nr)
			continue;
		for (i = nr; i && more(&h, &top[i - 1]); i--)
			if (i < VECTOR_HOLDERS)
				top[i] = top[i - 1];
		if (i == VECTOR_HOLDERS)
			continue;
		top[i] = h;
		nr += nr < VECTOR_HOLDERS;
	}
	return nr;
}

struct vector_text vector_holders_text(const struct vector_holder *top, uint32_t nr)
{
	struct vector_text t = { "" };
	size_t len = 0;

	for (uint32_t i = 0; i < nr && len < sizeof(t.s); i++)
		len += snprintf(t.s + len, sizeof(t.s) - len, "%s%.20s %u (%u idle)",
				i ? ", " : "; most interrupts: ",
				top[i].dev->name[0] ? top[i].dev->name : "a device", top[i].nr,
				top[i].idle);
	return t;
}

/* --- whose they are ----------------------------------------------------------------------- */

#define SAME_NS		10000000ull	/* a look takes that long, at most */

struct share {
	uint32_t devices, msis, others;	/* others: vectors of interrupts that are no MSIs, or of devices left out */
	uint32_t aside;			/* for managed interrupts, and not in use */
	uint32_t lists, cpu;		/* how many, and the CPU of the last */
	const struct device *top[VECTOR_HOLDERS];
	uint32_t nr;
	uint64_t cpus;
};

static bool is_of(uint64_t cpus, uint32_t cpu)
{
	return cpus == VECTORS_ALL || (cpu < 64 && cpus >> cpu & 1);
}

static void share_list(struct model *m, const struct matrix_list *l, struct share *s)
{
	const struct virq *vq;

	s->cpus |= l->cpu < 64 ? 1ull << l->cpu : 0;
	s->cpu = l->cpu;
	s->lists++;
	for (uint32_t i = 0; i < l->nr && i < MSI_CPU_VECTORS; i++) {
		vq = l->irq[i] ? model__virq(m, l->irq[i]) : NULL;
		if (vq && vq->dev) {
			vq->dev->held++;
			s->msis++;
		} else if (l->irq[i]) {
			s->others++;
		}
	}
}

static void share_rank(struct share *s, const struct device *dev)
{
	uint32_t i;

	s->devices++;
	for (i = s->nr; i && dev->held > s->top[i - 1]->held; i--)
		if (i < VECTOR_HOLDERS)
			s->top[i] = s->top[i - 1];
	if (i == VECTOR_HOLDERS)
		return;
	s->top[i] = dev;
	s->nr += s->nr < VECTOR_HOLDERS;
}

static bool is_listed(const struct matrix *mx, uint32_t cpu)
{
	for (uint32_t i = 0; i < mx->nr_lists; i++)
		if (mx->lists[i].cpu == cpu)
			return true;
	return false;
}

static void share_count(struct model *m, uint64_t cpus, struct share *s)
{
	const struct map_node *pos = NULL;
	struct device *dev;

	while ((dev = map_next(&m->devices, &pos)))
		dev->held = 0;
	for (uint32_t i = 0; i < m->matrix.nr_lists; i++)
		if (is_of(cpus, m->matrix.lists[i].cpu))
			share_list(m, &m->matrix.lists[i], s);
	for (uint32_t i = 0; i < m->matrix.nr; i++)
		if (is_listed(&m->matrix, m->matrix.cpus[i].cpu) && is_of(cpus, m->matrix.cpus[i].cpu))
			s->aside += m->matrix.cpus[i].managed - m->matrix.cpus[i].managed_allocated;
	pos = NULL;
	while ((dev = map_next(&m->devices, &pos)))
		if (dev->held)
			share_rank(s, dev);
}

static size_t share_text(const struct share *s, char *buf, size_t size)
{
	uint32_t rest = s->msis;
	size_t len = 0;

	for (uint32_t i = 0; i < s->nr && len < size; i++) {
		rest -= s->top[i]->held;
		len += snprintf(buf + len, size - len, "%s%.20s (%.24s) %u", i ? ", " : "",
				s->top[i]->name[0] ? s->top[i]->name : "a device",
				s->top[i]->driver[0] ? s->top[i]->driver : "no driver", s->top[i]->held);
	}
	if (rest && len < size)
		len += snprintf(buf + len, size - len, ", %u more device%s %u", s->devices - s->nr,
				s->devices - s->nr == 1 ? "" : "s", rest);
	if (s->others && len < size)
		len += snprintf(buf + len, size - len, "%sother interrupts %u", len ? ", " : "", s->others);
	if (s->aside && len < size)
		len += snprintf(buf + len, size - len, "%sset aside for managed interrupts %u", len ? ", " : "", s->aside);
	return len;
}

bool vectors_known(const struct matrix *mx, const struct msi_event_hdr *e)
{
	return mx->known && (e->ts_ns < mx->ts_ns || e->ts_ns - mx->ts_ns <= LOOK_NS);
}

void vectors_held(struct rule_ctx *rc, struct finding *f, const struct msi_event_hdr *e, uint64_t cpus)
{
	const struct matrix *mx = &rc->model->matrix;
	uint64_t age = e->ts_ns > mx->ts_ns ? e->ts_ns - mx->ts_ns : 0;
	struct share s = { 0 };
	size_t len;

	if (!vectors_known(mx, e))
		return;
	share_count(rc->model, cpus, &s);
	if (!s.msis && !s.others && !s.aside)
		return;
	if (s.lists == 1)
		len = snprintf(f->held, sizeof(f->held), "vectors of CPU %u, ", s.cpu);
	else
		len = snprintf(f->held, sizeof(f->held), "vectors of %s, ", word_cpus(s.cpus).s);
	len += age > SAME_NS ? snprintf(f->held + len, sizeof(f->held) - len, "%s before: ", word_ns(age).s) :
			       snprintf(f->held + len, sizeof(f->held) - len, "at that moment: ");
	share_text(&s, f->held + len, sizeof(f->held) - len);
}

struct vectors_room vectors_room(const struct matrix *mx)
{
	struct vectors_room r;

	snprintf(r.s, sizeof(r.s), "%u x86 vectors are free on %u CPU%s", mx->available, mx->online,
		 mx->online == 1 ? "" : "s");
	return r;
}

uint32_t vectors_free(const struct matrix *mx, uint64_t cpus)
{
	uint32_t nr = 0;

	for (uint32_t i = 0; i < mx->nr; i++)
		if (mx->cpus[i].online && is_of(cpus, mx->cpus[i].cpu))
			nr += mx->cpus[i].available;
	return nr;
}

/* --- the counters ------------------------------------------------------------------------- */

bool vectors_counted(struct rule_ctx *rc, const struct msi_ev_matrix *e)
{
	const struct matrix *mx = &rc->model->matrix;

	if (!e->cpus)
		rule_not_judged(rc, "the vector counters of the kernel are hidden (kernel.kptr_restrict)");
	return mx->known && mx->stable;
}

void vectors_object(struct finding *f, const struct matrix *mx)
{
	size_t len = snprintf(f->object, sizeof(f->object), "x86 vectors");
	uint32_t shown = 0;

	for (uint32_t i = 0; i < mx->nr && len < sizeof(f->object); i++) {
		const struct matrix_cpu *c = &mx->cpus[i];

		if (!c->online)
			continue;
		if (shown++ == CPUS_SHOWN) {
			snprintf(f->object + len, sizeof(f->object) - len, "; ...");
			return;
		}
		len += snprintf(f->object + len, sizeof(f->object) - len, "%s CPU %u: %u free, %u taken",
				shown == 1 ? "," : ";", c->cpu, c->available, c->allocated);
	}
}
