// SPDX-License-Identifier: GPL-2.0-only
/* What each event does to the model: one row and at most two functions per event type.  */
#include <errno.h>
#include <string.h>

#include "model.h"

#define EVENT(name, ev, e) const struct msi_ev_##name *ev = (const struct msi_ev_##name *)(e)

/* --- devices and their data --------------------------------------------------------------- */

static int dev_info(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(dev_info, ev, e);
	struct device *dev = model__device(m, e->dev);
	struct msi_data *md;
	int err;

	if (dev && dev->name[0] && ev->name[0] && strcmp(dev->name, ev->name))
		device_replace(m, dev);
	err = device_get(m, e->dev, &dev);
	if (err || !dev)
		return err;
	memcpy(dev->name, ev->name, sizeof(dev->name));
	dev->info_epoch = m->info_epoch;
	/* What is judged when the driver has gone still wants its name.  */
	if (ev->driver[0] || !(dev->probe_seen || dev->remove_seen))
		memcpy(dev->driver, ev->driver, sizeof(dev->driver));
	return md_get(m, ev->md, e->dev, &md);
}

static void md_set_whole(struct msi_data *md, uint32_t epoch)
{
	md->whole = true;
	md->whole_epoch = epoch;
}

static int data_setup(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(data_setup, ev, e);
	struct msi_data *md;
	bool existed;
	int err;

	if (ev->ret)
		return 0;
	md = map_get(&m->mds, ev->md);
	existed = md && md->dev && md->dev->ptr == e->dev;
	err = md_get(m, ev->md, e->dev, &md);
	if (err || !md)
		return err;
	m->scene.md = md;
	if (!md->setup.how)
		md_set_whole(md, m->desc_epoch);
	if (existed)		/* called again, or announced by a DEV_INFO */
		return md->setup.how ? 0 : moment_set(m, &md->setup, e, &ev->stack);
	md_released(m, md, LOCK_STATE_FREE);
	iter_reset(m, &md->iter, true);
	return moment_set(m, &md->setup, e, &ev->stack);
}

static int dom_create(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(dom_create, ev, e);

	return md_get(m, ev->md, e->dev, &m->scene.md);
}

/* The rules want to see the one before.  */
static void dom_create_after(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(dom_create, ev, e);
	struct msi_data *md = m->scene.md;

	if (!md || !ev->created || !ev->own)
		return;
	md->own_domain = true;
	md->domain_epoch = m->data_epoch;
	m->nomem = moment_set(m, &md->domain_made, e, &ev->stack);
}

static int data_release(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(data_release, ev, e);

	m->scene.md = map_get(&m->mds, ev->md);
	call_ends(m, m->scene.md, true);
	m->scene.list = store_list_find(m, ev->list, MSI_EV_DATA_RELEASE);
	return 0;
}

/* What is still in the store is not freed with it, but nobody can reach it any more.  */
static void data_release_after(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(data_release, ev, e);
	struct store_list *sl = store_list_find(m, ev->list, MSI_EV_DATA_RELEASE);

	lock_graph__drop(&m->locks, ev->md);
	if (m->scene.md)
		md_drop(m, m->scene.md);
	if (sl)
		store_list_drop(sl);
}

static int baseline(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(baseline, ev, e);

	if (!ev->phase) {
		if (!m->baseline_begun)
			m->begin_ns = e->ts_ns;
		m->baseline_begun = true;
		m->baseline_epoch = m->virq_epoch;
		m->baseline_use_epoch = m->use_epoch;
		m->baseline_start_epoch = m->start_epoch;
		m->baseline_desc_epoch = m->desc_epoch;
	} else if (!m->baseline_done) {
		m->baseline_done = true;
		virq_forget_freed(m);
	}
	return 0;
}

/* --- store lists -------------------------------------------------------------------------- */

static int baseline_store(struct model *m, const struct msi_ev_store_begin *ev)
{
	struct msi_data *md;
	int err = md_get(m, ev->md, ev->h.dev, &md);

	if (err || !md)
		return err;
	if (!md->setup.how)
		moment_before(&md->setup);
	if (md->lock_history || md->lock != LOCK_STATE_UNKNOWN)
		return 0;
	if (!ev->owner_tid) {
		md->lock = LOCK_STATE_FREE;
		return 0;
	}
	md_held(m, md, ev->owner_tid);
	moment_before(&md->locked);
	return 0;
}

static int store_begin(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(store_begin, ev, e);
	const struct msi_data *md;
	struct store_list *sl;
	int err;

	if (ev->why != MSI_EV_BASELINE)
		return store_list_begin(m, ev);
	err = baseline_store(m, ev);
	if (!err)
		err = store_list_begin(m, ev);
	md = map_get(&m->mds, ev->md);
	sl = store_list_find(m, ev->list, MSI_EV_BASELINE);
	if (!err && md && sl)
		sl->settled = md->lock == LOCK_STATE_FREE && !m->iter_epoch;
	return err;
}

static int store_entry(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(store_entry, ev, e);

	return store_list_entry(m, ev);
}

/* A row of the baseline makes a descriptor, unless a live event has told more about it.  */
static int baseline_desc(struct model *m, const struct store_list *sl, struct msi_data *md,
			 const struct store_row *row)
{
	struct desc *d = map_get(&m->descs, row->desc);
	int err;

	if (!row->desc)
		return 0;
	if (d && d->freed) {
		if (d->freed_at.ts_ns >= sl->ts_ns)
			return 0;
		desc_revive(m, d, md);
	} else if (d) {
		return 0;
	} else {
		err = desc_new(m, row->desc, md, md->dev, &d);
		if (err)
			return err;
	}
	moment_before(&d->inserted);
	d->epoch = m->baseline_desc_epoch;	/* what was lost since may be its end */
	d->seq = 0;
	err = desc_set_index(d, row->index);
	if (err)
		return err;
	d->irq = row->irq;
	d->nvec = row->nvec;
	d->domid = row->domid;
	return 0;
}

static int store_end(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(store_end, ev, e);
	struct store_list *sl;
	struct msi_data *md;
	int err = 0;

	store_list_end(m, ev);
	sl = store_list_find(m, ev->list, MSI_EV_BASELINE);
	if (!sl || sl->md != ev->md || !sl->complete)
		return 0;
	md = map_get(&m->mds, sl->md);
	for (uint32_t i = 0; md && i < sl->nr && !err; i++)
		err = baseline_desc(m, sl, md, &sl->rows[i]);
	if (md && !md->whole && sl->settled && !sl->cut && !err)
		md_set_whole(md, m->baseline_desc_epoch);
	store_list_drop(sl);
	return err;
}

/* --- mutex and iterators ------------------------------------------------------------------ */

static int lock_try(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(lock_try, ev, e);
	struct msi_data *md;
	int err = md_get(m, ev->md, e->dev, &md);

	m->scene.md = md;
	if (err || !md || md->lock != LOCK_STATE_HELD || md->owner_tid == e->tid)
		return err;
	return moment_set(m, &md->waiting, e, &ev->stack);
}

static int lock(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(lock, ev, e);
	struct msi_data *md;
	int err = md_get(m, ev->md, e->dev, &md);

	if (err || !md)
		return err;
	m->scene.md = md;
	md_held(m, md, e->tid);
	md->wait_ns = ev->wait_ns;
	md->lock_history = true;
	iter_reset(m, &md->iter, true);
	return moment_set(m, &md->locked, e, &ev->stack);
}

static int unlock(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(unlock, ev, e);
	int err = md_get(m, ev->md, e->dev, &m->scene.md);

	call_ends(m, m->scene.md, true);
	return err;
}

static void unlock_after(struct model *m, const struct msi_event_hdr *e)
{
	struct msi_data *md = m->scene.md;

	if (!md)
		return;
	call_left(m, md);
	md_released(m, md, LOCK_STATE_FREE);
	md->free_seq = 0;
	md->released_tid = e->tid;
	md->released_epoch = m->iter_epoch;
	md->lock_history = true;
	iter_reset(m, &md->iter, true);
}

/* Something in the store is alive, whatever an unseen insertion made us believe.  */
static void seen_alive(struct model *m, struct msi_data *md, uint64_t addr, uint32_t index)
{
	struct desc *d;

	if (!addr || !m->nr_tombstones || (m->insert_exact && !m->anon_seq))
		return;
	d = map_get(&m->descs, addr);
	if (!d || !d->freed)
		return;
	desc_revive(m, d, md);
	desc_set_index(d, index);	/* without memory one duplicate less is seen */
}

static int first(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(first, ev, e);
	struct moment mo = { 0 };
	int err = md_get(m, ev->md, e->dev, &m->scene.md);

	if (err || !m->scene.md)
		return err;
	err = moment_set(m, &mo, e, &ev->stack);
	if (err)
		return err;
	seen_alive(m, m->scene.md, ev->desc, ev->index);
	iter_first(m, m->scene.md, ev, &mo);
	return 0;
}

static int next(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(next, ev, e);
	int err = md_get(m, ev->md, e->dev, &m->scene.md);

	if (err || !m->scene.md)
		return err;
	seen_alive(m, m->scene.md, ev->desc, ev->index);
	iter_next(m, m->scene.md, ev, &m->scene);
	return 0;
}

/* --- descriptors -------------------------------------------------------------------------- */

static int insert(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(insert, ev, e);
	struct msi_data *md;
	struct desc *d;
	int err = md_get(m, ev->md, e->dev, &md);

	m->scene.md = md;
	if (err || ev->ret)
		return err;
	if (!ev->desc) {
		m->anon_seq = m->seq;
		if (!md)
			return 0;
	}
	m->scene.index_used = md && (md_index_used(md, ev->index) || ev->index > MSI_INDEX_MAX);
	err = desc_new(m, ev->desc, md, md ? md->dev : model__device(m, e->dev), &d);
	if (!err)
		err = desc_set_index(d, ev->index);
	if (err)
		return err;
	if (md)
		md->changes++;
	d->domid = ev->domid;
	d->nvec = ev->nvec_used;
	m->scene.desc = d;
	return moment_set(m, &d->inserted, e, &ev->stack);
}

static int desc_dead(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(desc_dead, ev, e);

	m->scene.desc = map_get(&m->descs, ev->desc);
	return 0;
}

/* After it left the store this is what is to happen.  */
static void desc_dead_after(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(desc_dead, ev, e);
	struct desc *d = m->scene.desc;

	if (!d || d->freed)
		return;
	d->dead = true;
	d->freed_seq = m->seq;
	if (moment_set(m, &d->freed_at, e, &ev->stack))
		m->nomem = true;
}

static int desc_free(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(desc_free, ev, e);
	int err = md_get(m, ev->md, e->dev, &m->scene.md);

	m->scene.list = store_list_find(m, ev->list, MSI_EV_DESC_FREE);
	call_inside(m, m->scene.md, e);
	return err;
}

/* enum msi_desc_filter, include/linux/msi.h */
static bool filter_takes(uint32_t filter, uint32_t irq)
{
	return !filter || (filter == 1 && !irq) || (filter == 2 && irq);
}

static void drop_anon(struct model *m, struct msi_data *md, const struct store_row *row)
{
	struct link *l, *n;

	for (l = md->anon.next; l != &md->anon; l = n) {
		struct desc *d = link_entry(l, struct desc, node);

		n = l->next;
		if (d->index == row->index && d->domid == row->domid)
			desc_drop(m, d);
	}
}

static void bury_row(struct model *m, const struct msi_ev_desc_free *ev,
		     const struct store_row *row)
{
	struct msi_data *md = m->scene.md;
	struct desc *d = map_get(&m->descs, row->desc);

	if (!row->desc || !filter_takes(ev->filter, row->irq))
		return;
	if (md)
		drop_anon(m, md, row);
	if (ev->keeps_assoc && row->irq) {	/* leaked by the kernel: still memory of its own */
		if (d)
			desc_drop(m, d);
		return;
	}
	if (!d && desc_new(m, row->desc, md, md ? md->dev : NULL, &d)) {
		m->nomem = true;
		return;
	}
	d->index = row->index;
	d->domid = row->domid;
	d->irq = row->irq;
	d->dead = false;
	if (moment_set(m, &d->freed_at, &ev->h, &ev->stack)) {
		m->nomem = true;
		desc_drop(m, d);
		return;
	}
	desc_bury(m, d);
}

/* The list did not come, or not whole: which descriptors have gone is not known.  */
static void forget_range(struct model *m, const struct msi_ev_desc_free *ev)
{
	struct msi_data *md = m->scene.md;
	bool all = md->nr_descs > RANGE_WALK_MAX;
	struct link *l, *n;

	for (l = md->descs.next; l != &md->descs; l = n) {
		struct desc *d = link_entry(l, struct desc, node);

		n = l->next;
		if (all || (d->domid == ev->domid && d->index >= ev->first && d->index <= ev->last))
			desc_drop(m, d);
	}
}

static void desc_free_after(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(desc_free, ev, e);
	struct store_list *sl = store_list_find(m, ev->list, MSI_EV_DESC_FREE);

	if (m->scene.md)
		m->scene.md->changes++;
	for (uint32_t i = 0; sl && i < sl->nr; i++)
		if (sl->rows[i].index >= ev->first && sl->rows[i].index <= ev->last &&
		    sl->rows[i].domid == ev->domid)
			bury_row(m, ev, &sl->rows[i]);
	if (m->scene.md && ev->ndescs && (!sl || !sl->complete || sl->cut))
		forget_range(m, ev);
	if (sl)
		store_list_drop(sl);
	call_desc_freed(m, m->scene.md, ev);
}

/* MASK, MSG_WRITE and SYSFS speak of a descriptor by address.  */
static int mask(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(mask, ev, e);
	struct virq *vq = ev->masked ? NULL : model__virq(m, ev->irq);

	m->scene.desc = map_get(&m->descs, ev->desc);
	if (vq)
		vq->unmasked_ns = e->ts_ns;
	return 0;
}

static int msg_write(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(msg_write, ev, e);
	struct virq *vq = model__virq(m, ev->irq);

	m->scene.desc = map_get(&m->descs, ev->desc);
	if (!vq || vq->desc != ev->desc)
		return 0;
	m->scene.virq = vq;
	if (ev->context == MSI_CONTEXT_ACTIVATION)
		vq->writes++;
	vq->msg.known = true;
	vq->msg.lo = ev->new_lo;
	vq->msg.hi = ev->new_hi;
	vq->msg.data = ev->new_data;
	return 0;
}

static void msg_write_after(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(msg_write, ev, e);
	struct desc *d = m->scene.desc;

	if (!d || d->freed)
		return;
	m->nomem = moment_set(m, &d->written.when, e, &ev->stack);
	if (m->nomem)
		return;
	d->written.known = true;
	d->written.epoch = m->msg_epoch;
	d->written.lo = ev->new_lo;
	d->written.hi = ev->new_hi;
	d->written.data = ev->new_data;
	d->written.multiple = ev->multiple;
	d->written.nvec = ev->nvec_used;
}

static int sysfs(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(sysfs, ev, e);

	m->scene.desc = map_get(&m->descs, ev->desc);
	return 0;
}

static int sysfs_list(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(sysfs_list, ev, e);

	m->scene.dev = model__device(m, e->dev);
	m->scene.md = map_get(&m->mds, ev->md);
	m->scene.list = store_list_find(m, ev->list, MSI_EV_SYSFS_LIST);
	return 0;
}

static void sysfs_list_after(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(sysfs_list, ev, e);
	struct store_list *sl = store_list_find(m, ev->list, MSI_EV_SYSFS_LIST);

	if (sl && ev->run + 1 >= ev->runs)
		store_list_drop(sl);
}

/* --- virqs -------------------------------------------------------------------------------- */

/* The insertion that did not show its address.  What was at it is gone, also when this fails.  */
static bool claim_anon(struct model *m, struct msi_data *md, uint64_t addr, uint32_t index,
		       struct desc **out)
{
	struct link *l;

	for (l = md->anon.next; l != &md->anon; l = l->next) {
		struct desc *d = link_entry(l, struct desc, node);
		struct desc *old;

		if (d->index != index)
			continue;
		old = map_get(&m->descs, addr);
		if (old)
			desc_drop(m, old);
		*out = NULL;
		if (map_add(&m->descs, addr, d))
			return false;
		desc_claim(d, addr);
		*out = d;
		return true;
	}
	return false;
}

/* The descriptor of an association: known, inserted without address, freed, or never heard of.  */
static int assoc_desc(struct model *m, const struct msi_ev_assoc *ev, struct device *dev)
{
	struct msi_data *md = dev ? dev->md : NULL;
	struct desc *d = map_get(&m->descs, ev->desc);
	int err;

	if ((!d || d->freed) && md && claim_anon(m, md, ev->desc, ev->index, &d))
		goto found;
	if (d && d->freed && !m->insert_exact)
		desc_revive(m, d, md);
	if (!d) {
		err = desc_new(m, ev->desc, md, dev, &d);
		if (err)
			return err;
		err = desc_set_index(d, ev->index);
		if (err)
			return err;
	}
found:
	m->scene.desc = d;
	if (d->freed)
		return 0;
	d->irq = ev->irq - ev->offset;
	d->irq_freed_seq = 0;
	if (!ev->offset)
		d->written = (struct written){ 0 };
	if (d->md)
		d->md->changes++;
	return 0;
}

static int assoc(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(assoc, ev, e);
	struct virq *vq = model__virq(m, ev->irq);
	struct device *dev;
	int err;

	if (ev->ret)
		return 0;
	if (!ev->desc) {
		if (vq)
			vq->desc = 0;
		m->scene.virq = vq;
		return 0;
	}
	err = device_get(m, e->dev, &dev);
	if (!err)
		err = assoc_desc(m, ev, dev);
	if (!err)
		err = virq_get(m, ev->irq, dev ? dev : m->scene.desc->dev, &vq);
	if (err)
		return err;
	vq->desc = ev->desc;
	vq->index = ev->index;
	m->scene.virq = vq;
	return moment_set(m, &vq->associated, e, &ev->stack);
}

/* Numbers that are given out again were freed, seen or not.  */
static int irq_alloc(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(irq_alloc, ev, e);
	uint32_t nr = ev->nr < IRQ_ALLOC_MAX ? ev->nr : IRQ_ALLOC_MAX;

	if (!ev->irq || ev->ret < 0)
		return 0;
	for (uint32_t i = 0; i < nr; i++) {
		struct virq *vq = model__virq(m, ev->irq + i);

		if (vq)
			virq_drop(m, vq);
	}
	return 0;
}

static int irq_free(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(irq_free, ev, e);
	struct virq *vq = model__virq(m, ev->irq);
	struct device *dev = NULL;
	struct desc *d;
	int err = 0;

	if (!vq && !m->baseline_done) {		/* remember that it is gone: a row may still come */
		err = device_get(m, e->dev, &dev);
		if (!err)
			err = virq_get(m, ev->irq, dev, &vq);
	}
	m->scene.virq = vq;
	if (vq && vq->dev)
		call_inside(m, vq->dev->md, e);
	d = map_get(&m->descs, vq ? vq->desc : ev->desc);
	if (d && !d->freed)
		d->irq_freed_seq = m->seq;
	resize_freed(m, e);
	return err;
}

static void irq_free_after(struct model *m, const struct msi_event_hdr *e)
{
	(void)e;
	if (m->scene.virq)
		virq_drop(m, m->scene.virq);
}

/* Until somebody wants it, an interrupt in reservation mode or a managed one has no vector of its own,
 * and its message a placeholder: what was written since the association is that.  */
static void learn_placeholder(struct model *m, struct virq *vq, const struct msi_ev_activate *ev)
{
	const struct written *w = model__written(m, map_get(&m->descs, ev->desc));

	if (!ev->reserve || !(ev->irqd & (MSI_IRQD_CAN_RESERVE | MSI_IRQD_MANAGED)))
		return;
	if (!w || !w->lo)
		return;
	vq->reserved = true;
	vq->placeholder = w->data;
}

static int activate(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(activate, ev, e);
	struct virq *vq = model__virq(m, ev->irq);

	m->scene.virq = vq;
	if (!vq)
		return 0;
	vq->state_known = true;
	vq->irqd = ev->irqd;
	vq->flags = ev->flags;
	/* Once when it is allocated; a second time when it gets a handler, a chained one too.  */
	vq->used |= vq->activated.how == MOMENT_SEEN;
	vq->reserves = ev->reserve;
	if (ev->ret)
		return 0;
	learn_placeholder(m, vq, ev);
	return moment_set(m, &vq->activated, e, &ev->stack);
}

static void activate_after(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(activate, ev, e);
	struct virq *vq = m->scene.virq;

	if (!vq)
		return;
	vq->in = (struct hierarchy){ ev->domain, ev->root, ev->depth, ev->remapped };
	vq->writes = 0;
	vq->writes_epoch = m->use_epoch;
}

static int request(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(request, ev, e);
	struct virq *vq = model__virq(m, ev->irq);

	m->scene.virq = vq;
	if (vq)
		vq->used = true;
	if (!vq || ev->ret)
		return 0;
	vq->action_known = true;
	vq->handler = ev->handler;
	memcpy(vq->name, ev->name, sizeof(vq->name));
	return moment_set(m, &vq->requested, e, &ev->stack);
}

static void request_after(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(request, ev, e);
	struct device *dev = model__device(m, e->dev);

	if (!dev || ev->ret)
		return;
	dev->resize.phase = RESIZE_NONE;
	resize_requested(m, e, ev->name);
}

static int unrequest(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(unrequest, ev, e);
	struct virq *vq = model__virq(m, ev->irq);

	m->scene.virq = vq;
	return resize_removed(m, ev);
}

static void unrequest_after(struct model *m, const struct msi_event_hdr *e)
{
	struct virq *vq = m->scene.virq;

	(void)e;
	if (!vq)
		return;
	vq->used = true;
	vq->action_known = true;
	vq->handler = 0;
	vq->name[0] = '\0';
	vq->requested = (struct moment){ 0 };
	vq->asked.pending = false;
}

static int aff_ask(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(aff_ask, ev, e);
	struct virq *vq = model__virq(m, ev->irq);

	m->scene.virq = vq;
	if (!vq || ev->ret)
		return 0;
	vq->asked.pending = ev->irqd & MSI_IRQD_SETAFFINITY_PENDING;
	vq->asked.epoch = m->ask_epoch;
	vq->asked.cpus = ev->requested;
	vq->asked.fired = ev->fired;
	return moment_set(m, &vq->asked.when, e, &ev->stack);
}

/* -EBUSY: the kernel tries again at the next interrupt.  */
static void aff_after(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(aff, ev, e);
	struct virq *vq = model__virq(m, ev->irq);

	if (vq && ev->ret != -EBUSY)
		vq->asked.pending = false;
}

static int snap_irq(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(snap_irq, ev, e);
	struct virq *vq = map_get(&m->virqs, ev->irq);
	struct device *dev;
	int err;

	if (vq && vq->freed)		/* a live fact beats a row */
		return 0;
	if (!vq) {
		err = device_get(m, e->dev, &dev);
		if (!err)
			err = virq_get(m, ev->irq, dev, &vq);
		if (err)
			return err;
		vq->seq = 0;
		vq->epoch = m->baseline_epoch;		/* what was lost since may be its end, */
		vq->use_epoch = m->baseline_use_epoch;	/* or its use, */
		vq->start_epoch = m->baseline_start_epoch; /* or its start */
		vq->desc = ev->desc;
		vq->index = ev->index;
		moment_before(&vq->associated);
	}
	if (vq->epoch < m->baseline_epoch)
		vq->epoch = m->baseline_epoch;
	if (vq->use_epoch < m->baseline_use_epoch)
		vq->use_epoch = m->baseline_use_epoch;
	if (vq->start_epoch < m->baseline_start_epoch)
		vq->start_epoch = m->baseline_start_epoch;
	if (!vq->state_known && (ev->flags & MSI_DESC_STATE_KNOWN)) {
		vq->state_known = true;
		vq->irqd = ev->irqd;
		vq->flags = ev->flags;
		vq->reserves = (ev->irqd & (MSI_IRQD_CAN_RESERVE | MSI_IRQD_ACTIVATED)) ==
			       MSI_IRQD_CAN_RESERVE;
	}
	if ((ev->irqd & MSI_IRQD_SETAFFINITY_PENDING) && !vq->asked.when.how) {
		vq->asked.pending = true;
		vq->asked.epoch = m->ask_epoch;
		moment_before(&vq->asked.when);
	}
	/* Started without an action: it has a chained handler.  */
	vq->used |= ev->handler || (ev->irqd & MSI_IRQD_STARTED);
	if (!vq->action_known) {
		vq->handler = ev->handler;
		memcpy(vq->name, ev->name, sizeof(vq->name));
		if (ev->handler) {
			moment_before(&vq->requested);
			resize_requested(m, e, ev->name);
		}
	}
	return 0;
}

static int irq_look(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(irq_look, ev, e);

	m->scene.virq = model__virq(m, ev->irq);
	m->scene.desc = map_get(&m->descs, ev->desc);
	return 0;
}

/* --- drivers and tasks -------------------------------------------------------------------- */

static void bind_enter(struct model *m, const struct msi_event_hdr *e, uint32_t phase)
{
	struct bind_call *slot = &m->binds[0];

	for (int i = 0; i < BINDS_MAX; i++) {
		struct bind_call *bc = &m->binds[i];

		if (!bc->used) {
			slot = bc;
			break;
		}
		if (bc->seq < slot->seq)
			slot = bc;
	}
	*slot = (struct bind_call){ .used = true, .tid = e->tid, .phase = phase, .dev = e->dev,
				    .seq = m->seq };
}

static uint64_t bind_leave(struct model *m, const struct msi_event_hdr *e, uint32_t phase)
{
	for (int i = 0; i < BINDS_MAX; i++) {
		struct bind_call *bc = &m->binds[i];

		if (!bc->used || bc->tid != e->tid || bc->phase != phase || bc->dev != e->dev)
			continue;
		bc->used = false;
		return bc->seq;
	}
	return 0;
}

static int bind(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(bind, ev, e);
	struct device *dev;
	int err = device_get(m, e->dev, &dev);

	if (err || !dev)
		return err;
	m->scene.dev = dev;
	dev->resize.phase = RESIZE_NONE;
	dev->vfio_ns = 0;
	if (ev->driver[0]) {
		memcpy(dev->driver, ev->driver, sizeof(dev->driver));
		dev->info_epoch = m->info_epoch;
	}
	switch (ev->phase) {
	case MSI_BIND_PROBE:
		bind_enter(m, e, MSI_BIND_PROBE);
		dev->probe_seen = true;
		dev->remove_seen = dev->probe_failed = false;
		dev->probe_seq = m->seq;
		dev->bind_epoch = m->bind_epoch;
		dev->vectors_epoch = m->virq_epoch;
		dev->vectors = 0;
		dev->removed = (struct moment){ 0 };
		return moment_set(m, &dev->probed, e, &ev->stack);
	case MSI_BIND_REMOVE:
		bind_enter(m, e, MSI_BIND_REMOVE);
		dev->remove_seen = true;
		return moment_set(m, &dev->removed, e, &ev->stack);
	case MSI_BIND_PROBE_END:
		m->scene.bind_seq = bind_leave(m, e, MSI_BIND_PROBE);
		dev->probe_failed = ev->ret != 0;
		return 0;
	case MSI_BIND_REMOVE_END:
		m->scene.bind_seq = bind_leave(m, e, MSI_BIND_REMOVE);
		return 0;
	default:
		return 0;
	}
}

static void bind_after(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(bind, ev, e);
	struct device *dev = m->scene.dev;

	if (!dev || ev->phase != MSI_BIND_RELEASED)
		return;
	dev->probe_seen = dev->probe_failed = dev->remove_seen = false;
	dev->vectors = 0;
	/* What is left was judged now; whoever is bound next is not asked for it.  */
	while (!link_empty(&dev->virqs))
		virq_disown(m, link_entry(dev->virqs.next, struct virq, node));
}

static int task_exit(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(task_exit, ev, e);

	return md_get(m, ev->md, e->dev, &m->scene.md);
}

static int edge(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(edge, ev, e);
	struct lock_edge *le;
	int err = md_get(m, ev->md, e->dev, &m->scene.md);

	if (err || !m->scene.md)
		return err;
	err = lock_graph__add(&m->locks, ev, &le, &m->scene.edge_news);
	if (err)
		return err;
	m->scene.edge = le;
	if (le->taken.how)
		return 0;
	if (!ev->reversed && m->scene.md->owner_tid == e->tid)
		le->held = m->scene.md->locked;
	return moment_set(m, &le->taken, e, &ev->stack);
}

static int module_loaded(struct model *m, const struct msi_event_hdr *e)
{
	(void)e;
	lock_graph__module(&m->locks);
	return 0;
}

static int pci_enable(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(pci_enable, ev, e);

	m->scene.list = store_list_find(m, ev->list, MSI_EV_PCI_ENABLE);
	return pci_tried(m, ev) ?: resize_enabled(m, ev);
}

static void pci_enable_after(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(pci_enable, ev, e);
	struct store_list *sl = store_list_find(m, ev->list, MSI_EV_PCI_ENABLE);

	if (sl)
		store_list_drop(sl);
}

static void pci_vectors_after(struct model *m, const struct msi_event_hdr *e)
{
	struct device *dev = model__device(m, e->dev);

	if (dev)
		dev->tried.known = false;
}

/* ALLOC, FREE */
static int call(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(alloc, ev, e);
	int err = md_get(m, ev->md, e->dev, &m->scene.md);

	if (m->scene.md && m->scene.md->call && m->scene.md->call->ev.h.tid == e->tid)
		call_ends(m, m->scene.md, e->type == MSI_EV_ALLOC && ev->bracket);
	if (m->scene.md && e->type == MSI_EV_FREE) {
		m->scene.md->free_seq = m->seq;
		m->scene.md->free_epoch = m->call_epoch;
	}
	return err;
}

static void alloc_after(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(alloc, ev, e);

	/* Without memory one call less is judged.  */
	call_entered(m, m->scene.md, ev);
}

static int alloc_end(struct model *m, const struct msi_event_hdr *e)
{
	EVENT(alloc_end, ev, e);
	int err = md_get(m, ev->md, e->dev, &m->scene.md);

	call_returned(m, m->scene.md, ev);
	return err;
}

/* --- dispatch ----------------------------------------------------------------------------- */

static const struct handler {
	int (*before)(struct model *m, const struct msi_event_hdr *e);
	void (*after)(struct model *m, const struct msi_event_hdr *e);
} handlers[MSI_EV_MAX] = {
	[MSI_EV_BASELINE]	= { baseline, NULL },
	[MSI_EV_DEV_INFO]	= { dev_info, NULL },
	[MSI_EV_DATA_SETUP]	= { data_setup, NULL },
	[MSI_EV_DATA_RELEASE]	= { data_release, data_release_after },
	[MSI_EV_DOM_CREATE]	= { dom_create, dom_create_after },
	[MSI_EV_STORE_BEGIN]	= { store_begin, NULL },
	[MSI_EV_STORE_ENTRY]	= { store_entry, NULL },
	[MSI_EV_STORE_END]	= { store_end, NULL },
	[MSI_EV_LOCK_TRY]	= { lock_try, NULL },
	[MSI_EV_LOCK]		= { lock, NULL },
	[MSI_EV_UNLOCK]		= { unlock, unlock_after },
	[MSI_EV_FIRST]		= { first, NULL },
	[MSI_EV_NEXT]		= { next, NULL },
	[MSI_EV_INSERT]		= { insert, NULL },
	[MSI_EV_DESC_FREE]	= { desc_free, desc_free_after },
	[MSI_EV_DESC_DEAD]	= { desc_dead, desc_dead_after },
	[MSI_EV_ALLOC]		= { call, alloc_after },
	[MSI_EV_ALLOC_END]	= { alloc_end, NULL },
	[MSI_EV_FREE]		= { call, NULL },
	[MSI_EV_ASSOC]		= { assoc, NULL },
	[MSI_EV_IRQ_ALLOC]	= { irq_alloc, NULL },
	[MSI_EV_IRQ_FREE]	= { irq_free, irq_free_after },
	[MSI_EV_ACTIVATE]	= { activate, activate_after },
	[MSI_EV_MSG_WRITE]	= { msg_write, msg_write_after },
	[MSI_EV_MASK]		= { mask, NULL },
	[MSI_EV_REQUEST]	= { request, request_after },
	[MSI_EV_UNREQUEST]	= { unrequest, unrequest_after },
	[MSI_EV_AFF]		= { NULL, aff_after },
	[MSI_EV_AFF_ASK]	= { aff_ask, NULL },
	[MSI_EV_PCI_ENABLE]	= { pci_enable, pci_enable_after },
	[MSI_EV_PCI_VECTORS]	= { NULL, pci_vectors_after },
	[MSI_EV_BIND]		= { bind, bind_after },
	[MSI_EV_TASK_EXIT]	= { task_exit, NULL },
	[MSI_EV_EDGE]		= { edge, NULL },
	[MSI_EV_MODULE]		= { module_loaded, NULL },
	[MSI_EV_SYSFS]		= { sysfs, NULL },
	[MSI_EV_SNAP_IRQ]	= { snap_irq, NULL },
	[MSI_EV_MATRIX_CPU]	= { matrix_cpu, NULL },
	[MSI_EV_MATRIX_IRQS]	= { matrix_irqs, NULL },
	[MSI_EV_MATRIX]		= { matrix_totals, NULL },
	[MSI_EV_IRQ_LOOK]	= { irq_look, NULL },
	[MSI_EV_SYSFS_LIST]	= { sysfs_list, sysfs_list_after },
};

static void scene_clear(struct scene *sc)
{
	sc->dev = NULL;
	sc->md = NULL;
	sc->desc = NULL;
	sc->virq = NULL;
	sc->list = NULL;
	sc->edge = NULL;
	sc->edge_news = false;
	sc->iter = ITER_NOT_JUDGED;
	sc->has_outer = sc->index_used = sc->iter_goes_on = false;
	sc->call = NULL;
	sc->call_inside = sc->call_failed = sc->call_left = false;
	sc->bind_seq = 0;
}

int model__before(struct model *m, const struct msi_event_hdr *e)
{
	m->seq++;
	scene_clear(&m->scene);
	if (m->devices.nr >= m->devices_room)
		devices_forget(m);
	return handlers[e->type].before ? handlers[e->type].before(m, e) : 0;
}

int model__after(struct model *m, const struct msi_event_hdr *e)
{
	m->nomem = false;
	if (handlers[e->type].after)
		handlers[e->type].after(m, e);
	return m->nomem ? -ENOMEM : 0;
}

/* --- loss --------------------------------------------------------------------------------- */

static void forget_sections(struct model *m)
{
	while (!link_empty(&m->held))
		md_released(m, link_entry(m->held.next, struct msi_data, held), LOCK_STATE_UNKNOWN);
	m->iter_epoch++;
}

static void forget_tombstones(struct model *m)
{
	while (!link_empty(&m->tombstones))
		desc_drop(m, link_entry(m->tombstones.next, struct desc, node));
}

void model__lost(struct model *m, event_mask_t types)
{
	const event_mask_t data = EV(DATA_SETUP) | EV(DATA_RELEASE) | EV(DOM_CREATE);
	const event_mask_t store = EV(STORE_BEGIN) | EV(STORE_ENTRY) | EV(STORE_END);

	if (types & (EV(INSERT) | EV(DESC_FREE) | data | store))
		m->desc_epoch++;
	if (types & (EV(ALLOC) | EV(ALLOC_END) | EV(FREE) | EV(UNLOCK) | EV(INSERT) | EV(ASSOC) |
		     EV(IRQ_FREE) | EV(DESC_FREE) | data | store))
		m->call_epoch++;
	if (types & (EV(LOCK) | EV(UNLOCK) | EV(FIRST) | EV(NEXT) | data))
		forget_sections(m);
	if (types & data) {	/* whose locks these are is not known any more */
		lock_graph__clear(&m->locks);
		m->data_epoch++;
	}
	if (types & EV(MODULE))
		lock_graph__module(&m->locks);
	if (types & (EV(INSERT) | EV(ASSOC) | store))
		forget_tombstones(m);
	if (types & (EV(ASSOC) | EV(IRQ_ALLOC) | EV(IRQ_FREE)))
		m->virq_epoch++;
	if (types & (EV(REQUEST) | EV(ACTIVATE) | EV(SNAP_IRQ)))
		m->use_epoch++;
	if (types & (EV(REQUEST) | EV(UNREQUEST) | EV(MASK) | EV(SNAP_IRQ)))
		m->start_epoch++;
	if (types & (EV(MSG_WRITE) | EV(ASSOC)))
		m->msg_epoch++;
	if (types & (EV(DEV_INFO) | EV(BIND)))
		m->info_epoch++;
	if (types & EV(AFF))
		m->aff_epoch++;
	if (types & (EV(AFF) | EV(AFF_ASK) | EV(UNREQUEST) | EV(SNAP_IRQ)))
		m->ask_epoch++;
	if (types & (EV(CPU_HP) | EV(REQUEST) | EV(UNREQUEST) | EV(ACTIVATE) | EV(AFF) | EV(IRQ_FREE) | EV(ASSOC)))
		m->books_epoch++;
	if (types & (EV(REQUEST) | EV(UNREQUEST) | EV(IRQ_FREE) | EV(PCI_ENABLE) |
		     EV(PCI_ENABLE_END) | EV(BIND)))
		m->resize_epoch++;
	if (types & (EV(PCI_ENABLE) | EV(PCI_VECTORS)))
		m->try_epoch++;
	if (types & EV(BIND)) {
		m->bind_epoch++;
		memset(m->binds, 0, sizeof(m->binds));
	}
	if (types & (EV(DESC_FREE) | EV(DATA_RELEASE) | store))
		for (int i = 0; i < LISTS_MAX; i++)
			store_list_drop(&m->lists[i]);
}
