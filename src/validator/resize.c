// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSI-X of a device in the hands of vfio: handlers removed, vectors freed, more vectors enabled.  Any other
 * order of things is no resize, and ends what was followed.
 */
#include <string.h>

#include "model.h"

bool is_vfio_action(const char *name)
{
	return !strncmp(name, MSI_VFIO_ACTION, strlen(MSI_VFIO_ACTION));
}

static bool following(const struct model *m, const struct device *dev, enum resize_phase phase)
{
	return dev && dev->resize.phase == phase && dev->resize.epoch == m->resize_epoch;
}

/* All that there are: from its probe on, or from the baseline.  */
static bool vectors_known(const struct model *m, const struct device *dev)
{
	return dev->vectors_epoch == m->virq_epoch &&
	       (dev->probe_seen || (m->baseline_done && !m->use_epoch));
}

static void begin(struct model *m, struct device *dev)
{
	dev->resize = (struct resize){
		.phase = RESIZE_TAKING, .epoch = m->resize_epoch, .had = dev->nr_virqs,
		.had_known = vectors_known(m, dev),
	};
}

int resize_removed(struct model *m, const struct msi_ev_unrequest *ev)
{
	struct device *dev = model__device(m, ev->h.dev);
	struct resize *rs;

	if (!dev || !is_vfio_action(ev->name))
		return 0;
	if (!following(m, dev, RESIZE_TAKING))
		begin(m, dev);
	rs = &dev->resize;
	rs->removed++;
	if (ev->fired && ev->fired_ns <= RESIZE_RECENT_NS) {
		if (!rs->active++ || ev->fired_ns < rs->fired_ns)
			rs->fired_ns = ev->fired_ns;
	} else if (ev->watched_ns < RESIZE_RECENT_NS) {
		rs->unknown++;
	}
	return moment_set(m, &rs->taken, &ev->h, &ev->stack);
}

void resize_freed(struct model *m, const struct msi_event_hdr *e)
{
	struct device *dev = model__device(m, e->dev);

	if (!following(m, dev, RESIZE_TAKING))
		return;
	dev->resize.phase = RESIZE_OFF;
	dev->resize.off_ns = e->ts_ns;
}

int resize_enabled(struct model *m, const struct msi_ev_pci_enable *ev)
{
	struct device *dev = model__device(m, ev->h.dev);
	struct resize *rs = dev ? &dev->resize : NULL;

	if (!dev || ev->ret)
		return 0;
	dev->vfio_ns = 0;
	if (!following(m, dev, RESIZE_OFF) || ev->cap != MSI_CAP_MSIX || ev->nvec <= rs->had) {
		rs->phase = RESIZE_NONE;
		return 0;
	}
	rs->phase = RESIZE_LARGER;
	rs->got = ev->nvec;
	rs->on_ns = ev->h.ts_ns;
	return moment_set(m, &rs->enabled, &ev->h, NULL);
}

void resize_requested(const struct model *m, const struct msi_event_hdr *e, const char *action)
{
	struct device *dev = model__device(m, e->dev);

	if (!dev || !is_vfio_action(action) || (dev->vfio_ns && dev->vfio_epoch == m->resize_epoch))
		return;
	dev->vfio_ns = e->ts_ns;
	dev->vfio_epoch = m->resize_epoch;
}

bool resize_added(const struct model *m, const struct device *dev, const struct virq *vq)
{
	return dev && vq && dev->vfio_ns && dev->vfio_epoch == m->resize_epoch &&
	       vq->associated.how == MOMENT_SEEN && vq->associated.ts_ns > dev->vfio_ns;
}

const struct resize *resize_done(const struct model *m, const struct device *dev)
{
	return following(m, dev, RESIZE_LARGER) ? &dev->resize : NULL;
}
