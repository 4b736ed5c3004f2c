// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks at the vectors of x86: a MATRIX_CPU event per CPU, then their totals in a MATRIX.  One look is
 * kept, the last; it is known when all of its CPUs came.
 */
#include <errno.h>
#include <stdlib.h>

#include "model.h"

int matrix_cpu(struct model *m, const struct msi_event_hdr *e)
{
	const struct msi_ev_matrix_cpu *ev = (const struct msi_ev_matrix_cpu *)e;
	struct matrix *mx = &m->matrix;
	struct matrix_cpu *cpus;

	if (mx->known || mx->sample != ev->sample) {
		mx->known = false;
		mx->sample = ev->sample;
		mx->nr = 0;
	}
	if (mx->nr == CPUS_MAX)
		return 0;
	if (mx->nr == mx->room) {
		uint32_t room = mx->room ? 2 * mx->room : 16;

		cpus = realloc(mx->cpus, room * sizeof(*cpus));
		if (!cpus)
			return -ENOMEM;
		mx->cpus = cpus;
		mx->room = room;
	}
	mx->cpus[mx->nr++] = (struct matrix_cpu){
		.cpu = ev->at, .available = ev->available, .allocated = ev->allocated,
		.managed = ev->managed, .managed_allocated = ev->managed_allocated,
		.online = ev->online, .removable = ev->removable,
	};
	return 0;
}

int matrix_totals(struct model *m, const struct msi_event_hdr *e)
{
	const struct msi_ev_matrix *ev = (const struct msi_ev_matrix *)e;
	struct matrix *mx = &m->matrix;

	mx->known = !mx->known && ev->cpus && mx->sample == ev->sample && mx->nr == ev->cpus;
	mx->stable = ev->stable;
	mx->ts_ns = e->ts_ns;
	mx->available = ev->available;
	mx->reserved = ev->reserved;
	mx->allocated = ev->allocated;
	mx->online = ev->online;
	return 0;
}
