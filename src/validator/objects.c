// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making and ending the model's objects.  A device lives as long as its address, or as long as an
 * object points to it; everything else is owned by its table.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

/* --- moments ------------------------------------------------------------------------------ */

int moment_set(struct model *m, struct moment *mo, const struct msi_event_hdr *e,
	       const struct msi_stack *st)
{
	uint32_t stack = 0;
	int err;

	if (st) {
		err = stackdepot__intern(m->stacks, st, &stack);
		if (err)
			return err;
	}
	mo->ts_ns = e->ts_ns;
	mo->pid = e->pid;
	mo->tid = e->tid;
	memcpy(mo->comm, e->comm, sizeof(mo->comm));
	mo->stack = stack;
	mo->hook = e->hook;
	mo->how = MOMENT_SEEN;
	return 0;
}

void moment_before(struct moment *mo)
{
	*mo = (struct moment){ .how = MOMENT_BEFORE };
}

/* --- devices ------------------------------------------------------------------------------ */

int device_get(struct model *m, uint64_t ptr, struct device **out)
{
	struct device *dev;
	int err;

	*out = NULL;
	if (!ptr)
		return 0;
	dev = map_get(&m->devices, ptr);
	if (!dev) {
		dev = calloc(1, sizeof(*dev));
		if (!dev)
			return -ENOMEM;
		dev->ptr = ptr;
		dev->serial = ++m->next_serial;
		dev->refs = 1;
		link_init(&dev->virqs);
		err = map_add(&m->devices, ptr, dev);
		if (err) {
			free(dev);
			return err;
		}
	}
	*out = dev;
	return 0;
}

static struct device *device_ref(struct device *dev)
{
	if (dev)
		dev->refs++;
	return dev;
}

void device_put(struct device *dev)
{
	if (dev && !--dev->refs)
		free(dev);
}

/* Another device has the address: what the old one left behind keeps pointing to the old one.  */
void device_replace(struct model *m, struct device *dev)
{
	if (dev->md)
		md_drop(m, dev->md);
	map_del(&m->devices, dev->ptr);
	dev->gone = true;
	device_put(dev);
}

/* No event tells that a device is gone; where they come and go, what is idle is forgotten.  */
void devices_forget(struct model *m)
{
	struct map_node *n, *next;

	for (n = m->devices.head; n; n = next) {
		struct device *dev = n->val;

		next = n->hh.next;
		if (dev->refs > 1 || dev->md || dev->probe_seen || !link_empty(&dev->virqs))
			continue;
		map_del(&m->devices, dev->ptr);
		device_put(dev);
	}
	m->devices_room = 2 * m->devices.nr > DEVICES_MAX ? 2 * m->devices.nr : DEVICES_MAX;
}

struct device *model__device(const struct model *m, uint64_t ptr)
{
	return ptr ? map_get(&m->devices, ptr) : NULL;
}

/* --- MSI device data ---------------------------------------------------------------------- */

static int md_new(struct model *m, uint64_t ptr, struct device *dev, struct msi_data **out)
{
	struct msi_data *md = calloc(1, sizeof(*md));
	int err;

	if (!md)
		return -ENOMEM;
	md->ptr = ptr;
	link_init(&md->descs);
	link_init(&md->anon);
	err = map_add(&m->mds, ptr, md);
	if (err) {
		free(md);
		return err;
	}
	if (dev && dev->md)
		md_drop(m, dev->md);
	md->dev = device_ref(dev);
	if (dev)
		dev->md = md;
	*out = md;
	return 0;
}

/* Found or made.  Data of another device at this address, or other data of this device, is gone. */
int md_get(struct model *m, uint64_t ptr, uint64_t devptr, struct msi_data **out)
{
	struct msi_data *md;
	struct device *dev;
	int err;

	*out = NULL;
	if (!ptr)
		return 0;
	md = map_get(&m->mds, ptr);
	if (md && (!devptr || (md->dev && md->dev->ptr == devptr && !md->dev->gone))) {
		*out = md;
		return 0;
	}
	err = device_get(m, devptr, &dev);
	if (err)
		return err;
	if (md && !md->dev && !dev->md) {	/* first event that tells the device */
		md->dev = device_ref(dev);
		dev->md = md;
		*out = md;
		return 0;
	}
	if (md)
		md_drop(m, md);
	return md_new(m, ptr, dev, out);
}

void md_drop(struct model *m, struct msi_data *md)
{
	while (!link_empty(&md->descs))
		desc_drop(m, link_entry(md->descs.next, struct desc, node));
	while (!link_empty(&md->anon))
		desc_drop(m, link_entry(md->anon.next, struct desc, node));
	md_released(m, md, LOCK_STATE_UNKNOWN);
	map_del(&m->mds, md->ptr);
	if (md->dev && md->dev->md == md)
		md->dev->md = NULL;
	device_put(md->dev);
	free(md->call);
	free(md->used);
	free(md);
}

void md_held(struct model *m, struct msi_data *md, uint32_t tid)
{
	md->lock = LOCK_STATE_HELD;
	md->owner_tid = tid;
	md->section_reported = false;
	md->waiting = (struct moment){ 0 };
	md->section_seq = m->seq;
	md->wait_ns = 0;
	if (!md->held.next)
		m->nr_held++;
	link_del(&md->held);
	link_add_tail(&m->held, &md->held);
	if (m->nr_held > HELD_MAX)
		md_released(m, link_entry(m->held.next, struct msi_data, held), LOCK_STATE_UNKNOWN);
}

void md_released(struct model *m, struct msi_data *md, enum lock_state state)
{
	md->lock = state;
	md->owner_tid = 0;
	if (!md->held.next)
		return;
	m->nr_held--;
	link_del(&md->held);
}

/* --- descriptors -------------------------------------------------------------------------- */

bool md_index_used(const struct msi_data *md, uint32_t index)
{
	return index / 64 < md->used_words && (md->used[index / 64] >> (index % 64) & 1);
}

/* Indices that no kernel has are not told apart from those in use.  */
int desc_set_index(struct desc *d, uint32_t index)
{
	struct msi_data *md = d->md;
	uint32_t words = (index / 64 + 16) & ~15u;
	uint64_t *used;

	d->index = index;
	if (!md || index > MSI_INDEX_MAX)
		return 0;
	if (index / 64 >= md->used_words) {
		used = realloc(md->used, words * sizeof(*used));
		if (!used)
			return -ENOMEM;
		memset(used + md->used_words, 0, (words - md->used_words) * sizeof(*used));
		md->used = used;
		md->used_words = words;
	}
	md->used[index / 64] |= 1ULL << (index % 64);
	return 0;
}

static void index_unused(struct msi_data *md, uint32_t index)
{
	if (index / 64 < md->used_words)
		md->used[index / 64] &= ~(1ULL << (index % 64));
}

static void desc_attach(struct desc *d, struct msi_data *md)
{
	d->md = md;
	if (!md)
		return;
	link_add_tail(d->addr ? &md->descs : &md->anon, &d->node);
	md->nr_descs++;
	md->nr_anon += !d->addr;
}

static void desc_detach(struct desc *d)
{
	link_del(&d->node);
	if (d->md) {
		index_unused(d->md, d->index);
		d->md->nr_descs--;
		d->md->nr_anon -= !d->addr;
	}
	d->md = NULL;
}

/* The address of an insertion that had not shown it.  The caller has put it into the map.  */
void desc_claim(struct desc *d, uint64_t addr)
{
	struct msi_data *md = d->md;

	desc_detach(d);
	d->addr = addr;
	desc_attach(d, md);
	desc_set_index(d, d->index);	/* there was room for it */
}

/* What the shadow had at this address, alive or not, is gone.  */
int desc_new(struct model *m, uint64_t addr, struct msi_data *md, struct device *dev,
	     struct desc **out)
{
	struct desc *old = addr ? map_get(&m->descs, addr) : NULL;
	struct desc *d;
	int err;

	if (old)
		desc_drop(m, old);
	if (!addr && md && md->nr_anon >= ANON_MAX)
		desc_drop(m, link_entry(md->anon.next, struct desc, node));
	d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	d->addr = addr;
	if (addr) {
		err = map_add(&m->descs, addr, d);
		if (err) {
			free(d);
			return err;
		}
	}
	d->dev = device_ref(dev);
	d->epoch = m->desc_epoch;
	d->virq_epoch = m->virq_epoch;
	d->seq = m->seq;
	desc_attach(d, md);
	*out = d;
	return 0;
}

struct virq *model__virq_of(const struct model *m, const struct desc *d)
{
	struct virq *vq = d->irq ? model__virq(m, d->irq) : NULL;

	return vq && vq->desc == d->addr && vq->epoch == m->virq_epoch && d->epoch == m->desc_epoch ?
		       vq : NULL;
}

struct desc *model__desc_at(const struct msi_data *md, uint16_t domid, uint32_t first, uint32_t last,
			    const struct desc *not)
{
	const struct link *lists[] = { &md->descs, &md->anon };

	if (md->nr_descs > RANGE_WALK_MAX)
		return NULL;
	for (int i = 0; i < 2; i++) {
		for (struct link *l = lists[i]->next; l != lists[i]; l = l->next) {
			struct desc *d = link_entry(l, struct desc, node);

			if (d != not && d->domid == domid && d->index >= first && d->index <= last)
				return d;
		}
	}
	return NULL;
}

void desc_drop(struct model *m, struct desc *d)
{
	if (d->freed)
		m->nr_tombstones--;
	desc_detach(d);
	if (d->addr)
		map_del(&m->descs, d->addr);
	device_put(d->dev);
	free(d);
}

/* Freed: remembered until its address is used again, or until many others were freed.  */
void desc_bury(struct model *m, struct desc *d)
{
	desc_detach(d);
	if (!d->freed)
		m->nr_tombstones++;
	d->freed = true;
	d->freed_seq = m->seq;
	link_add_tail(&m->tombstones, &d->node);
	if (m->nr_tombstones > TOMBSTONES_MAX)
		desc_drop(m, link_entry(m->tombstones.next, struct desc, node));
}

/* It turned out to be alive: an insertion at this address was not seen.  */
void desc_revive(struct model *m, struct desc *d, struct msi_data *md)
{
	if (!d->freed)
		return;
	link_del(&d->node);
	m->nr_tombstones--;
	d->freed = d->dead = false;
	d->inserted = d->freed_at = (struct moment){ 0 };
	if (md && md->dev != d->dev) {
		device_put(d->dev);
		d->dev = device_ref(md->dev);
	}
	desc_attach(d, md);
}

/* --- virqs -------------------------------------------------------------------------------- */

struct virq *model__virq(const struct model *m, uint32_t irq)
{
	struct virq *vq = map_get(&m->virqs, irq);

	return vq && !vq->freed ? vq : NULL;
}

static void virq_link(struct model *m, struct virq *vq)
{
	struct device *dev = vq->dev;

	if (dev && dev->nr_virqs < DEVICE_VIRQS_MAX) {
		vq->listed = true;
		dev->nr_virqs++;
		link_add_tail(&dev->virqs, &vq->node);
	} else {
		link_add_tail(&m->orphans, &vq->node);
	}
}

static void virq_unlink(struct virq *vq)
{
	link_del(&vq->node);
	if (vq->listed)
		vq->dev->nr_virqs--;
	vq->listed = false;
}

/* It lives on, but nobody is asked for it any more.  */
void virq_disown(struct model *m, struct virq *vq)
{
	virq_unlink(vq);
	link_add_tail(&m->orphans, &vq->node);
}

/* A virq that is new, or that starts a new life.  */
int virq_get(struct model *m, uint32_t irq, struct device *dev, struct virq **out)
{
	struct virq *vq = map_get(&m->virqs, irq);
	int err;

	if (!vq) {
		vq = calloc(1, sizeof(*vq));
		if (!vq)
			return -ENOMEM;
		err = map_add(&m->virqs, irq, vq);
		if (err) {
			free(vq);
			return err;
		}
	} else {
		virq_unlink(vq);
		device_put(vq->dev);
		memset(vq, 0, sizeof(*vq));
	}
	vq->irq = irq;
	vq->epoch = m->virq_epoch;
	vq->use_epoch = m->use_epoch;
	vq->start_epoch = m->start_epoch;
	vq->seq = m->seq;
	vq->dev = device_ref(dev);
	virq_link(m, vq);
	if (dev && dev->vectors != UINT32_MAX)
		dev->vectors++;
	*out = vq;
	return 0;
}

/* Until the baseline is complete a row of it may still speak of what has just been freed.  */
void virq_drop(struct model *m, struct virq *vq)
{
	virq_unlink(vq);
	if (!m->baseline_done) {
		vq->freed = true;
		link_add_tail(&m->orphans, &vq->node);
		return;
	}
	map_del(&m->virqs, vq->irq);
	device_put(vq->dev);
	free(vq);
}

/* The baseline is complete.  */
void virq_forget_freed(struct model *m)
{
	struct link *l, *next;

	for (l = m->orphans.next; l != &m->orphans; l = next) {
		struct virq *vq = link_entry(l, struct virq, node);

		next = l->next;
		if (vq->freed)
			virq_drop(m, vq);
	}
}

/* --- the whole ---------------------------------------------------------------------------- */

int model__init(struct model *m)
{
	memset(m, 0, sizeof(*m));
	link_init(&m->held);
	link_init(&m->tombstones);
	link_init(&m->orphans);
	lock_graph__init(&m->locks);
	m->insert_exact = m->irq_free_exact = true;
	m->stacks = stackdepot__new();
	return m->stacks ? 0 : -ENOMEM;
}

static void desc_destroy(struct desc *d)
{
	desc_detach(d);
	device_put(d->dev);
	free(d);
}

static void md_destroy(struct msi_data *md)
{
	while (!link_empty(&md->anon))
		desc_destroy(link_entry(md->anon.next, struct desc, node));
	link_del(&md->held);
	device_put(md->dev);
	free(md->call);
	free(md->used);
	free(md);
}

static void virq_destroy(struct virq *vq)
{
	virq_unlink(vq);
	device_put(vq->dev);
	free(vq);
}

void model__destroy(struct model *m)
{
	const struct map_node *pos;
	void *p;

	for (pos = NULL; (p = map_next(&m->virqs, &pos));)
		virq_destroy(p);
	for (pos = NULL; (p = map_next(&m->descs, &pos));)
		desc_destroy(p);
	for (pos = NULL; (p = map_next(&m->mds, &pos));)
		md_destroy(p);
	for (pos = NULL; (p = map_next(&m->devices, &pos));)
		device_put(p);
	lock_graph__clear(&m->locks);
	map_free(&m->virqs);
	map_free(&m->descs);
	map_free(&m->mds);
	map_free(&m->devices);
	for (int i = 0; i < LISTS_MAX; i++)
		store_list_drop(&m->lists[i]);
	stackdepot__free(m->stacks);
	free(m->matrix.cpus);
	free(m->matrix.lists);
}
