// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks at the vectors of x86: a MATRIX_CPU event per CPU, with a MATRIX_IRQS where it matters whose they are, then
 * their totals in a MATRIX.  One look is kept, the last; it is known when all of its CPUs came.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

/* A look begins.  */
static void begin(struct matrix *mx, uint32_t sample)
{
	if (!mx->known && mx->sample == sample)
		return;
	mx->known = false;
	mx->sample = sample;
	mx->nr = mx->nr_lists = 0;
}

/* Room for one element more.  */
static void *grow(void *array, uint32_t nr, uint32_t *room, size_t size)
{
	uint32_t more = *room ? 2 * *room : 4;
	void *p = array;

	if (nr < *room)
		return array;
	p = realloc(array, more * size);
	if (p)
		*room = more;
	return p;
}

int matrix_cpu(struct model *m, const struct msi_event_hdr *e)
{
	const struct msi_ev_matrix_cpu *ev = (const struct msi_ev_matrix_cpu *)e;
	struct matrix *mx = &m->matrix;
	struct matrix_cpu *cpus;

	begin(mx, ev->sample);
	if (mx->nr == CPUS_MAX)
		return 0;
	cpus = grow(mx->cpus, mx->nr, &mx->room, sizeof(*cpus));
	if (!cpus)
		return -ENOMEM;
	mx->cpus = cpus;
	mx->cpus[mx->nr++] = (struct matrix_cpu){
		.cpu = ev->at, .available = ev->available, .allocated = ev->allocated,
		.managed = ev->managed, .managed_allocated = ev->managed_allocated,
		.online = ev->online, .removable = ev->removable,
	};
	return 0;
}

int matrix_irqs(struct model *m, const struct msi_event_hdr *e)
{
	const struct msi_ev_matrix_irqs *ev = (const struct msi_ev_matrix_irqs *)e;
	struct matrix *mx = &m->matrix;
	struct matrix_list *lists;

	begin(mx, ev->sample);
	if (mx->nr_lists == MATRIX_LISTS_MAX)
		return 0;
	lists = grow(mx->lists, mx->nr_lists, &mx->lists_room, sizeof(*lists));
	if (!lists)
		return -ENOMEM;
	mx->lists = lists;
	lists += mx->nr_lists++;
	lists->cpu = ev->at;
	lists->nr = ev->nr;
	memcpy(lists->irq, ev->irq, sizeof(lists->irq));
	return 0;
}

int matrix_totals(struct model *m, const struct msi_event_hdr *e)
{
	const struct msi_ev_matrix *ev = (const struct msi_ev_matrix *)e;
	struct matrix *mx = &m->matrix;

	mx->known = !mx->known && ev->cpus && mx->sample == ev->sample && mx->nr == ev->cpus;
	mx->stable = ev->stable;
	mx->asked = e->hook;
	mx->ts_ns = e->ts_ns;
	mx->available = ev->available;
	mx->reserved = ev->reserved;
	mx->allocated = ev->allocated;
	mx->online = ev->online;
	return 0;
}
