// SPDX-License-Identifier: GPL-2.0-only
/*
 * STORE lists: a store is sent as one event per descriptor between a begin and an end, and lists of
 * several CPUs interleave.  A list that is cut or has a hole is kept and known to be incomplete.
 */
#include <errno.h>
#include <stdlib.h>

#include "model.h"

struct store_list *store_list_find(struct model *m, uint32_t id, uint16_t why)
{
	for (int i = 0; i < LISTS_MAX; i++) {
		struct store_list *sl = &m->lists[i];

		if (sl->used && sl->id == id && sl->why == why)
			return sl;
	}
	return NULL;
}

void store_list_drop(struct store_list *sl)
{
	free(sl->rows);
	*sl = (struct store_list){ 0 };
}

/* A free place, or that of the oldest list: its event never came.  */
static struct store_list *place(struct model *m)
{
	struct store_list *oldest = &m->lists[0];

	for (int i = 0; i < LISTS_MAX; i++) {
		if (!m->lists[i].used)
			return &m->lists[i];
		if (m->lists[i].seq < oldest->seq)
			oldest = &m->lists[i];
	}
	store_list_drop(oldest);
	return oldest;
}

int store_list_begin(struct model *m, const struct msi_ev_store_begin *e)
{
	struct store_list *sl = store_list_find(m, e->list, e->why);

	/* One list may hold the stores of several domain ids, each with its own begin and end.  */
	if (sl && sl->complete && sl->md == e->md) {
		sl->complete = false;
		sl->domid = e->domid;
		return 0;
	}
	if (sl)
		store_list_drop(sl);
	else
		sl = place(m);
	*sl = (struct store_list){ .used = true, .id = e->list, .why = e->why, .domid = e->domid,
				   .md = e->md, .files = e->files,
				   .contiguous = e->contiguous, .ts_ns = e->h.ts_ns,
				   .seq = m->seq };
	return 0;
}

/* Entries do not say why: the id tells.  */
static struct store_list *list_of_entry(struct model *m, uint32_t id, uint64_t md)
{
	struct store_list *newest = NULL;

	for (int i = 0; i < LISTS_MAX; i++) {
		struct store_list *sl = &m->lists[i];

		if (sl->used && !sl->complete && sl->id == id && sl->md == md &&
		    (!newest || sl->seq > newest->seq))
			newest = sl;
	}
	return newest;
}

int store_list_entry(struct model *m, const struct msi_ev_store_entry *e)
{
	struct store_list *sl = list_of_entry(m, e->list, e->md);
	struct store_row *rows;

	if (!sl)
		return 0;
	if (sl->nr == LIST_ENTRIES_MAX) {
		sl->cut = true;
		return 0;
	}
	if (sl->nr == sl->room) {
		uint32_t room = sl->room ? 2 * sl->room : 16;

		rows = realloc(sl->rows, room * sizeof(*rows));
		if (!rows)
			return -ENOMEM;
		sl->rows = rows;
		sl->room = room;
	}
	sl->rows[sl->nr++] = (struct store_row){ .desc = e->desc, .index = e->index, .irq = e->irq,
						 .nvec = e->nvec_used, .flags = e->flags,
						 .irqd = e->irqd, .assoc = e->assoc,
						 .msg_lo = e->msg_lo, .msg_hi = e->msg_hi,
						 .mask = e->mask, .default_irq = e->default_irq,
						 .pci_irq = e->pci_irq,
						 .domid = sl->domid };
	return 0;
}

void store_list_end(struct model *m, const struct msi_ev_store_end *e)
{
	struct store_list *sl = list_of_entry(m, e->list, e->md);
	uint32_t nr = 0;

	if (!sl)
		return;
	for (uint32_t i = 0; i < sl->nr; i++)
		nr += sl->rows[i].domid == sl->domid;
	sl->complete = true;
	if (e->cut || nr != e->count)
		sl->cut = true;
}
