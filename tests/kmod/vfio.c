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
#define QUIET_MS 100

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

static int keep_busy(struct mt_device *dev)
{
	unsigned long end = jiffies + msecs_to_jiffies(BUSY_MS);
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

static int resize(struct mt_device *dev, unsigned int from, unsigned int to, unsigned int quiet_ms)
{
	int err;

	tear_down(dev);
	err = set_up(dev, from);
	err = err ? err : keep_busy(dev);
	msleep(quiet_ms);
	err = err ? err : mt_resize_by_tearing_down(dev, to);
	tear_down(dev);
	return err;
}

int mt_vfio_msix_resize_gap(struct mt_run *run)
{
	return resize(run->dev, BEFORE, AFTER, 0);
}

/* Nothing was coming. */
int mt_vfio_msix_resize_gap_quiet(struct mt_run *run)
{
	return resize(run->dev, BEFORE, AFTER, QUIET_MS);
}

/* Fewer vectors than before: no guest waits for more. */
int mt_vfio_msix_resize_gap_shrink(struct mt_run *run)
{
	return resize(run->dev, AFTER, BEFORE, 0);
}
