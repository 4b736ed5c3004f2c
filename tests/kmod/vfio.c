// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scenarios of the vfio_ rules: what vfio-pci does to a device when its guest wants more vectors. The
 * handlers have the names that vfio gives its own, which is what they are judged by.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>

#include "msitrace_test.h"

#define BEFORE 2
#define AFTER 4
#define BUSY_MS 1500	/* msitrace counts interrupts from soon after the first request on */
#define STILL_BUSY_MS 20
#define QUIET_MS 100
/* A guest may stand still between the last interrupt and the teardown for so long that it seems quiet. */
#define TRIES 8

static int set_up(struct mt_device *dev, unsigned int nvec)
{
	unsigned int i;
	int err = mt_vectors_alloc(dev, nvec, nvec);

	for (i = 0; !err && i < nvec; i++)
		snprintf(dev->vec[i].name, sizeof(dev->vec[i].name), "vfio-msix[%u](%.7s)", i,
			 pci_name(dev->pdev) + 5);
	return err ? err : mt_vectors_request(dev);
}

static void tear_down(struct mt_device *dev)
{
	mt_vectors_free_irq(dev, 0);
	mt_vectors_free(dev);
}

static int keep_busy(struct mt_device *dev, unsigned int ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(ms);
	int err = 0;

	while (!err && time_before(jiffies, end))
		err = mt_vector_raise(dev, 0);
	return err;
}

static mt_act int mt_resize_by_tearing_down(struct mt_device *dev, unsigned int nvec)
{
	tear_down(dev);
	return set_up(dev, nvec);
}

struct change {
	unsigned int from, to, busy_ms, quiet_ms;
};

static int resize(struct mt_device *dev, const struct change *c)
{
	int err;

	tear_down(dev);
	err = set_up(dev, c->from);
	err = err ? err : keep_busy(dev, c->busy_ms);
	msleep(c->quiet_ms);
	err = err ? err : mt_resize_by_tearing_down(dev, c->to);
	tear_down(dev);
	return err;
}

int mt_vfio_msix_resize_gap(struct mt_run *run)
{
	struct change c = { .from = BEFORE, .to = AFTER, .busy_ms = BUSY_MS };
	int i, err = 0;

	for (i = 0; !err && i < TRIES; i++, c.busy_ms = STILL_BUSY_MS)
		err = resize(run->dev, &c);
	return err;
}

/* Nothing was coming. */
int mt_vfio_msix_resize_gap_quiet(struct mt_run *run)
{
	static const struct change c = {
		.from = BEFORE, .to = AFTER, .busy_ms = BUSY_MS, .quiet_ms = QUIET_MS,
	};

	return resize(run->dev, &c);
}

/* Fewer vectors than before: no guest waits for more. */
int mt_vfio_msix_resize_gap_shrink(struct mt_run *run)
{
	static const struct change c = { .from = AFTER, .to = BEFORE, .busy_ms = BUSY_MS };

	return resize(run->dev, &c);
}
