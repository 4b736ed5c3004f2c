// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scenarios of the store_ rules: indices that are taken, or that do not exist.
 */
#include "msitrace_test.h"

/* ---- store_duplicate_index ---- */

#if MT_HAS_DOMAIN_IDS
static mt_act int mt_insert_at_index_in_use(struct mt_device *dev)
{
	return pci_msix_alloc_irq_at(dev->pdev, dev->nvec - 1, NULL).index;
}
#else
static mt_act int mt_insert_at_index_in_use(struct mt_device *dev)
{
	mt_insert_desc_t insert = mt_symbol(MT_INSERT_DESC);
	struct msi_desc init;
	int err;

	if (!insert)
		return -EOPNOTSUPP;
	mt_prepare_desc(dev, dev->nvec - 1, &init);
	mt_lock_descs(&dev->pdev->dev);
	err = mt_call_insert(insert, &dev->pdev->dev, &init);
	mt_unlock_descs(&dev->pdev->dev);
	return err;
}
#endif

int mt_store_duplicate_index(struct mt_run *run)
{
	int err = mt_insert_at_index_in_use(run->dev);

	mt_note("index %u again: %d", run->dev->nvec - 1, err);
	return err == -EBUSY ? 0 : err == -EOPNOTSUPP ? err : -EIO;
}

/* ---- store_index_bounds ---- */

#if MT_HAS_DOMAIN_IDS
typedef int (*alloc_range_t)(struct device *dev, unsigned int domid, unsigned int first,
			     unsigned int last);

static mt_act int mt_insert_beyond_domain(struct mt_device *dev)
{
	return pci_msix_alloc_irq_at(dev->pdev, 1000, NULL).index == -ERANGE ? 0 : -EIO;
}

static mt_act int mt_alloc_reversed_range(alloc_range_t alloc, struct device *dev)
{
	return alloc(dev, MSI_DEFAULT_DOMAIN, 5, 2) == -EINVAL ? 0 : -EIO;
}

static mt_act int mt_alloc_range_beyond_domain(alloc_range_t alloc, struct device *dev)
{
	return alloc(dev, MSI_DEFAULT_DOMAIN, 0, 100) == -EINVAL ? 0 : -EIO;
}

static int out_of_bounds(struct mt_device *dev)
{
	alloc_range_t alloc = mt_symbol("msi_domain_alloc_irqs_range");
	int err;

	if (!alloc)
		return -EOPNOTSUPP;
	err = mt_insert_beyond_domain(dev);
	if (!err)
		err = mt_alloc_reversed_range(alloc, &dev->pdev->dev);
	if (!err)
		err = mt_alloc_range_beyond_domain(alloc, &dev->pdev->dev);
	return err;
}
#else
#define BEYOND 70000

static mt_act int mt_insert_beyond_domain(struct device *dev)
{
	int (*add)(struct device *dev, unsigned int index, unsigned int n) =
		mt_symbol("msi_add_simple_msi_descs");

	return add ? add(dev, BEYOND, 1) : -EOPNOTSUPP;
}

/* Nobody refuses: take it out again before PCI meets it. */
static int out_of_bounds(struct mt_device *dev)
{
	mt_free_descs_t free_descs = mt_symbol(MT_FREE_DESCS);
	int err;

	if (!free_descs)
		return -EOPNOTSUPP;
	mt_lock_descs(&dev->pdev->dev);
	err = mt_insert_beyond_domain(&dev->pdev->dev);
	if (!err)
		mt_call_free_descs(free_descs, &dev->pdev->dev, BEYOND, BEYOND);
	mt_unlock_descs(&dev->pdev->dev);
	return err;
}
#endif

int mt_store_index_bounds(struct mt_run *run)
{
	unsigned int n;
	int err;

	err = out_of_bounds(run->dev);
	n = mt_count_descs(&run->pdev->dev);
	mt_note("%u descriptors, %u before", n, run->dev->nvec);
	return err ? err : n == run->dev->nvec ? 0 : -EIO;
}
