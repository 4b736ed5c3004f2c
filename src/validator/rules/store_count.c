// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  xa_erase(&dev->msi.data->__store, 3) by whoever is not the core
 * nearest that does not:  msi_free_msi_descs_range(dev, 3, 3)
 */
#include "../rule_ctx.h"

/* What the store holds at this moment, [first, last] of one domain id.  */
struct look {
	const struct msi_data *md;
	const struct store_list *sl;	/* NULL: nothing is there */
	uint32_t domid, first, last;
	uint32_t filter;		/* enum msi_desc_filter of the list; 0: it has all */
};

static bool inside(const struct look *l, uint32_t domid, uint32_t index)
{
	return domid == l->domid && index >= l->first && index <= l->last;
}

/* False: what the list would say is not known.  */
static bool look_at(const struct rule_ctx *rc, const struct msi_event_hdr *e, struct look *l)
{
	const struct msi_ev_desc_free *df = (const struct msi_ev_desc_free *)e;
	const struct msi_ev_data_release *dr = (const struct msi_ev_data_release *)e;
	const struct msi_ev_pci_enable *pe = (const struct msi_ev_pci_enable *)e;
	const struct store_list *sl = rc->scene->list;
	uint32_t ndescs;

	*l = (struct look){ .md = rc->scene->md, .sl = sl, .last = MSI_INDEX_ANY };
	if (e->type == MSI_EV_DESC_FREE) {
		ndescs = df->ndescs;
		l->domid = df->domid;
		l->first = df->first;
		l->last = df->last;
		l->filter = df->filter;
		if (!df->owner_current)
			return false;
	} else if (e->type == MSI_EV_DATA_RELEASE) {
		ndescs = dr->ndescs;
	} else {
		ndescs = pe->ndescs;
		l->md = sl && !pe->ret ? map_get(&rc->model->mds, sl->md) : NULL;
	}
	if (!l->md || !md_is_whole(rc->model, l->md))
		return false;
	return sl ? sl->complete && !sl->cut && sl->md == l->md->ptr : !ndescs;
}

static bool is_row(const struct look *l, const struct desc *d)
{
	for (uint32_t i = 0; l->sl && i < l->sl->nr; i++)
		if (d->addr ? l->sl->rows[i].desc == d->addr :
			      l->sl->rows[i].index == d->index && l->sl->rows[i].domid == d->domid)
			return true;
	return false;
}

/* A descriptor that is in the store, and that nobody has put there.  */
static const struct store_row *surplus(const struct rule_ctx *rc, const struct look *l)
{
	for (uint32_t i = 0; l->sl && i < l->sl->nr; i++) {
		const struct store_row *row = &l->sl->rows[i];
		const struct desc *d = map_get(&rc->model->descs, row->desc);

		if (!inside(l, row->domid, row->index) || (d && !d->freed && d->md == l->md))
			continue;
		if (!model__desc_at(l->md, row->domid, row->index, row->index, NULL))
			return row;
	}
	return NULL;
}

/* Of those that were put there and not freed, the first that is not there; counts them.  */
static const struct desc *first_of(const struct look *l, bool missing, uint32_t *nr)
{
	const struct link *lists[] = { &l->md->descs, &l->md->anon };

	*nr = 0;
	for (int i = 0; i < 2; i++) {
		for (struct link *n = lists[i]->next; n != lists[i]; n = n->next) {
			const struct desc *d = link_entry(n, struct desc, node);

			if (!inside(l, d->domid, d->index))
				continue;
			++*nr;
			if (missing && !is_row(l, d))
				return d;
		}
	}
	return NULL;
}

/* Only called when all that is there is known: so many, so none is missing.  */
static const struct desc *missing(const struct look *l)
{
	uint32_t nr;

	if (l->filter)
		return NULL;
	first_of(l, false, &nr);
	return nr == (l->sl ? l->sl->nr : 0) ? NULL : first_of(l, true, &nr);
}

static void report(struct rule_ctx *rc, const struct msi_event_hdr *e, const struct look *l,
		   const struct store_row *row, const struct desc *d)
{
	uint32_t index = row ? row->index : d->index;
	struct report r = { .e = e, .what = row ? "found in the store" : "not found in the store",
			    .dev = l->md->dev, .key = index };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object(f, "descriptor index %u", index);
	if (row)
		finding_message(f,
				"descriptor %u is in the store of %s, and it was not inserted by any of "
				"the core's functions: nobody has looked for its index, device and domain",
				index, word_device(rc, &r).s);
	else
		finding_message(f,
				"descriptor %u of %s was inserted, and it is gone from the store although "
				"nobody freed it: its memory is lost, and so is its interrupt",
				index, word_device(rc, &r).s);
	if (d)
		finding_inserted(rc, f, d);
	finding_life(rc, f, "MSI device data allocated", &l->md->setup);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct store_row *row;
	const struct desc *d;
	struct look l;

	if (!look_at(rc, e, &l))
		return;
	rule_judged(rc);
	row = surplus(rc, &l);
	d = row ? NULL : missing(&l);
	if (row || d)
		report(rc, e, &l, row, d);
}

const struct rule rule_store_count = {
	.id = "store_count",
	.severity = SEV_STATE,
	.check = check,
	.summary = "store with other descriptors than were inserted and not freed",
	.doc = "What is in the store of a device came there by msi_insert_desc() (up to 6.1 msi_add_msi_desc() "
	       "and msi_add_simple_msi_descs()) and goes by msi_domain_free_descs() "
	       "(msi_free_msi_descs_range()), nothing else: the xarray belongs to kernel/irq/msi.c, which "
	       "later than 6.1 does not even show struct msi_device_data.",
	.advice = "Use msi_domain_insert_msi_desc() and msi_domain_free_msi_descs_range(). If nobody "
		  "touches the store, msitrace has not understood this kernel: please report it.",
	.wrong = "xa_erase(&dev->msi.data->__store, 3);",
	.right = "msi_lock_descs(dev);\n"
		 "msi_free_msi_descs_range(dev, 3, 3);\n"
		 "msi_unlock_descs(dev);",
	.alike = "Indices without descriptor; a domain with more indices than are used.\n"
		 "Descriptors that existed before msitrace attached.\n"
		 "Freeing again what was freed after a failed allocation.",
	.blind = "Devices whose store was being changed when msitrace attached, and those with "
		 "more than 4096 descriptors. Looks are taken when descriptors are freed, when MSI is "
		 "enabled, and when the device data goes.",
	.wants = EV(PCI_ENABLE) | EV(DESC_FREE) | EV(DATA_RELEASE),
	.needs = EV(INSERT) | EV(DESC_FREE) | EV(DATA_SETUP),
	.uses = EV(INSERT) | EV(DESC_FREE) | EV(DATA_SETUP) | EV(DATA_RELEASE) | EV(STORE_BEGIN) |
		EV(STORE_ENTRY) | EV(STORE_END) | EV(LOCK) | EV(UNLOCK),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
