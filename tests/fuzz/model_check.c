// SPDX-License-Identifier: GPL-2.0-only
/* Counts agree with lists, keys with objects, and what points up is pointed to.  */
#include "model_check.h"

static uint32_t length(const struct link *head)
{
	uint32_t nr = 0;

	for (const struct link *l = head->next; l != head; l = l->next) {
		if (l->next->prev != l || l->prev->next != l)
			return UINT32_MAX;
		nr++;
	}
	return nr;
}

static const char *check_devices(const struct model *m)
{
	const struct map_node *pos = NULL;
	const struct device *dev;
	uint32_t nr = 0;

	while ((dev = map_next(&m->devices, &pos))) {
		nr++;
		if (dev->ptr != pos->key || dev->gone || !dev->refs)
			return "a device that is not its key's";
		if (dev->nr_virqs != length(&dev->virqs) || dev->nr_virqs > DEVICE_VIRQS_MAX)
			return "a device with another number of virqs";
		if (dev->md && (map_get(&m->mds, dev->md->ptr) != dev->md || dev->md->dev != dev))
			return "a device whose data is another's";
	}
	return nr == m->devices.nr ? NULL : "another number of devices";
}

static const char *check_mds(const struct model *m)
{
	const struct map_node *pos = NULL;
	const struct msi_data *md;
	uint32_t held = 0;

	while ((md = map_next(&m->mds, &pos))) {
		uint32_t anon = length(&md->anon);

		if (md->ptr != pos->key || (md->dev && md->dev->md != md))
			return "device data that is not its device's";
		if (md->nr_anon != anon || md->nr_descs != length(&md->descs) + anon || anon > ANON_MAX)
			return "device data with another number of descriptors";
		if (!md->held.next != (md->lock != LOCK_STATE_HELD))
			return "a mutex that is held and not listed, or listed and not held";
		held += md->lock == LOCK_STATE_HELD;
		if (md->iter.nr > ITER_DEPTH)
			return "too many iterations";
	}
	if (held != m->nr_held || held != length(&m->held) || held > HELD_MAX)
		return "another number of held mutexes";
	return NULL;
}

static const char *check_descs(const struct model *m)
{
	const struct map_node *pos = NULL;
	const struct desc *d;
	uint32_t freed = 0;

	while ((d = map_next(&m->descs, &pos))) {
		freed += d->freed;
		if (d->addr != pos->key)
			return "a descriptor that is not its key's";
		if (d->freed && d->md)
			return "a freed descriptor in a store";
		if (d->md && map_get(&m->mds, d->md->ptr) != d->md)
			return "a descriptor of device data that has gone";
	}
	if (freed != m->nr_tombstones || freed != length(&m->tombstones) || freed > TOMBSTONES_MAX)
		return "another number of freed descriptors";
	return NULL;
}

static const char *check_virqs(const struct model *m)
{
	const struct map_node *pos = NULL;
	const struct virq *vq;
	uint32_t orphans = 0;

	while ((vq = map_next(&m->virqs, &pos))) {
		orphans += !vq->listed;
		if (vq->irq != pos->key)
			return "a virq that is not its key's";
		if (vq->listed && !vq->dev)
			return "a virq on the list of no device";
		if (vq->freed && m->baseline_done)
			return "a freed virq after the baseline";
	}
	return orphans == length(&m->orphans) ? NULL : "another number of virqs without device";
}

const char *model_check(const struct model *m)
{
	const char *bad = check_devices(m);

	bad = bad ? bad : check_mds(m);
	bad = bad ? bad : check_descs(m);
	return bad ? bad : check_virqs(m);
}
