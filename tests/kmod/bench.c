// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long operations take that msitrace hooks. Not a scenario: nothing is wrong. Run it without and
 * with msitrace, in a guest whose clock counts instructions (vm-run --icount), and compare.
 */
#include <linux/interrupt.h>
#include <linux/ktime.h>
#include <linux/mutex.h>

#include "msitrace_test.h"

static DEFINE_MUTEX(other);

static void time_it(const char *what, void (*op)(struct mt_device *dev), struct mt_device *dev,
		    unsigned int n)
{
	u64 start, ns;
	unsigned int i;

	op(dev);		/* caches, static keys */
	start = ktime_get_ns();
	for (i = 0; i < n; i++)
		op(dev);
	ns = ktime_get_ns() - start;
	mt_note("%s %llu", what, div_u64(ns, n));
}

static void op_other_mutex(struct mt_device *dev)
{
	mutex_lock(&other);
	mutex_unlock(&other);
}

static void op_desc_mutex(struct mt_device *dev)
{
	mt_lock_descs(&dev->pdev->dev);
	mt_unlock_descs(&dev->pdev->dev);
}

static void op_walk(struct mt_device *dev)
{
	mt_count_descs(&dev->pdev->dev);	/* takes the mutex */
}

static void op_mask(struct mt_device *dev)
{
	struct irq_data *d = irq_get_irq_data(dev->vec[0].virq);

	pci_msi_mask_irq(d);
	pci_msi_unmask_irq(d);
}

static void op_request(struct mt_device *dev)
{
	mt_vectors_free_irq(dev, 0);
	mt_vectors_request(dev);
}

static void op_alloc(struct mt_device *dev)
{
	unsigned int n = dev->nvec;

	mt_vectors_free_irq(dev, 0);
	mt_vectors_free(dev);
	mt_vectors_alloc(dev, n, n);
	mt_vectors_request(dev);
}

int mt_bench(struct mt_run *run)
{
	struct mt_device *dev = run->dev;

	time_it("other_mutex", op_other_mutex, dev, 20000);
	time_it("descriptor_mutex", op_desc_mutex, dev, 200);
	time_it("walk_of_8", op_walk, dev, 100);
	time_it("mask_unmask", op_mask, dev, 200);
	time_it("request_free_8", op_request, dev, 20);
	time_it("alloc_request_free_8", op_alloc, dev, 20);
	return 0;
}
