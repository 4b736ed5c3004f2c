// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scenarios of the store_ rules: indices that are taken, or that do not exist.
 */
#include "msitrace_test.h"

#if MT_HAS_DOMAIN_IDS
typedef int (*alloc_range_t)(struct device *dev, unsigned int domid, unsigned int first,
			     unsigned int last);
#endif

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

/* ---- store_rollback_harm ---- */

static mt_act int mt_alloc_one_more_in_vain(mt_alloc_locked_t alloc, struct device *dev)
{
	return mt_call_alloc_locked(alloc, dev, 1);
}

/* One descriptor more, for which there is no interrupt: the core takes back those of all. */
int mt_store_rollback_harm(struct mt_run *run)
{
	mt_alloc_locked_t alloc = mt_symbol(MT_ALLOC_LOCKED);
	mt_insert_desc_t insert = mt_symbol(MT_INSERT_DESC);
	unsigned int virq = run->dev->vec[0].virq;
	struct device *dev = &run->pdev->dev;
	struct msi_desc init;
	int err;

	if (!alloc || !insert)
		return -EOPNOTSUPP;
	mt_vectors_free_irq(run->dev, 0);
	mt_prepare_desc(run->dev, run->dev->nvec, &init);
	mt_soft_domain_fail_at(1);
	mt_lock_descs(dev);
	err = mt_call_insert(insert, dev, &init);
	if (!err)
		err = mt_alloc_one_more_in_vain(alloc, dev);
	mt_unlock_descs(dev);
	mt_soft_domain_fail_at(0);
	mt_note("one more: %d, interrupt %u is %s", err, virq,
		irq_get_irq_data(virq) ? "still there" : "gone");
	err = err && !irq_get_irq_data(virq) ? 0 : -EIO;
	mt_vectors_free(run->dev);
	return err;
}

#define OVERLAP 4

#if MT_HAS_DOMAIN_IDS
static mt_act int mt_alloc_range_in_use(struct device *dev)
{
	alloc_range_t alloc = mt_symbol("msi_domain_alloc_irqs_range");

	return alloc ? alloc(dev, MSI_DEFAULT_DOMAIN, 0, OVERLAP - 1) : -EOPNOTSUPP;
}
#else
static mt_act int mt_alloc_range_in_use(struct device *dev)
{
	mt_alloc_locked_t alloc = mt_symbol(MT_ALLOC_LOCKED);
	int err;

	if (!alloc)
		return -EOPNOTSUPP;
	mt_lock_descs(dev);
	err = mt_call_alloc_locked(alloc, dev, OVERLAP);
	mt_unlock_descs(dev);
	return err;
}
#endif

/*
 * The core is to make descriptors at indices in use. Up to 6.1 it only says no; later it drops those
 * that are there, and their interrupts are out of reach.
 */
int mt_store_rollback_harm_range(struct mt_run *run)
{
	struct device *dev = &run->pdev->dev;
	unsigned int i, n;
	int err;

	mt_vectors_free_irq(run->dev, 0);
	mt_soft_domain_simple_descs(true);
	err = mt_alloc_range_in_use(dev);
	mt_soft_domain_simple_descs(false);
	n = mt_count_descs(dev);
	mt_note("indices 0 to %u again: %d, %u descriptors of %u left", OVERLAP - 1, err, n,
		run->dev->nvec);
	for (i = 0; i < run->dev->nvec - n; i++)
		mt_soft_domain_remember(run->dev->vec[i].virq);
	mt_vectors_free(run->dev);
	mt_soft_domain_repair();
	return err == -EBUSY ? 0 : err == -EOPNOTSUPP ? err : -EIO;
}

/* ---- store_nvec_zero, store_free_range_args ---- */

static mt_act int mt_insert_without_vectors(mt_insert_desc_t insert, struct device *dev,
					    struct msi_desc *init)
{
	init->nvec_used = 0;
	return mt_call_insert(insert, dev, init);
}

static mt_act void mt_free_reversed_range(mt_free_descs_t free_descs, struct device *dev)
{
	mt_call_free_descs(free_descs, dev, 5, 2);
}

int mt_store_nvec_zero(struct mt_run *run)
{
	mt_insert_desc_t insert = mt_symbol(MT_INSERT_DESC);
	mt_free_descs_t free_descs = mt_symbol(MT_FREE_DESCS);
	struct device *dev = &run->pdev->dev;
	struct msi_desc init;
	unsigned int n;
	int err;

	if (!insert || !free_descs)
		return -EOPNOTSUPP;
	mt_prepare_desc(run->dev, run->dev->nvec, &init);
	mt_lock_descs(dev);
	err = mt_insert_without_vectors(insert, dev, &init);
	if (!err)
		mt_call_free_descs(free_descs, dev, init.msi_index, init.msi_index);
	mt_free_reversed_range(free_descs, dev);
	mt_unlock_descs(dev);
	n = mt_count_descs(dev);
	mt_note("%u descriptors, %u before", n, run->dev->nvec);
	return err ? err : n == run->dev->nvec ? 0 : -EIO;
}

/* ---- store_wrong_device, store_key_mismatch ---- */

static mt_act int mt_insert_spoilt_descriptor(mt_insert_desc_t insert, struct device *dev,
					      struct msi_desc *init)
{
	struct msi_desc *desc;
	int err = mt_call_insert(insert, dev, init);

	mt_for_each_desc(desc, dev, MSI_DESC_ALL) {
		if (desc->msi_index != init->msi_index)
			continue;
		desc->dev = dev->parent;
		desc->msi_index++;
		break;
	}
	return err;
}

int mt_store_wrong_device(struct mt_run *run)
{
	mt_insert_desc_t insert = mt_symbol(MT_INSERT_DESC);
	mt_free_descs_t free_descs = mt_symbol(MT_FREE_DESCS);
	struct device *dev = &run->pdev->dev;
	struct msi_desc init;
	int err;

	if (!insert || !free_descs)
		return -EOPNOTSUPP;
	mt_prepare_desc(run->dev, run->dev->nvec, &init);
	mt_lock_descs(dev);
	err = mt_insert_spoilt_descriptor(insert, dev, &init);
	mt_call_free_descs(free_descs, dev, init.msi_index, init.msi_index);
	mt_unlock_descs(dev);
	return err;
}

/* ---- store_count ---- */

static mt_act struct msi_desc *mt_take_out_of_store(struct device *dev, unsigned int index)
{
	return xa_erase(mt_store(dev), index);
}

/* A descriptor that the core has inserted is gone when the core is to free it, and then there again. */
int mt_store_count(struct mt_run *run)
{
	mt_insert_desc_t insert = mt_symbol(MT_INSERT_DESC);
	mt_free_descs_t free_descs = mt_symbol(MT_FREE_DESCS);
	struct device *dev = &run->pdev->dev;
	struct msi_desc init, *desc = NULL;
	int err;

	if (!insert || !free_descs)
		return -EOPNOTSUPP;
	mt_prepare_desc(run->dev, run->dev->nvec, &init);
	mt_lock_descs(dev);
	err = mt_call_insert(insert, dev, &init);
	if (!err)
		desc = mt_take_out_of_store(dev, init.msi_index);
	mt_call_free_descs(free_descs, dev, init.msi_index, init.msi_index);
	if (desc)
		err = xa_err(xa_store(mt_store(dev), init.msi_index, desc, GFP_KERNEL));
	mt_call_free_descs(free_descs, dev, init.msi_index, init.msi_index);
	mt_unlock_descs(dev);
	return err ? err : desc ? 0 : -EIO;
}

/* ---- store_gap ---- */

static int enable_entries(struct pci_dev *pdev, unsigned int second)
{
	struct msix_entry entries[] = { { .entry = 0 }, { .entry = second } };
	int ret = pci_enable_msix_range(pdev, entries, 2, 2);

	if (ret < 0)
		return ret;
	pci_disable_msix(pdev);
	return 0;
}

static mt_act int mt_enable_entries_with_a_gap(struct pci_dev *pdev)
{
	return enable_entries(pdev, 2);
}

/* Without gap in a domain that wants none, with one in a domain that says so too late to be asked. */
int mt_store_gap(struct mt_run *run)
{
	int err;

	mt_vectors_free_irq(run->dev, 0);
	mt_vectors_free(run->dev);
	mt_soft_domain_contiguous(true);
	err = enable_entries(run->pdev, 1);
	mt_soft_domain_contiguous_late(true);
	if (!err)
		err = mt_enable_entries_with_a_gap(run->pdev);
	mt_soft_domain_contiguous_late(false);
	return err;
}

/* ---- store_multi_msi_shape ---- */

/* What the device is told is not changed by it: MSI is off when the core comes to it. */
static mt_act void mt_free_vector_of_four_messages(struct mt_device *dev)
{
	mt_vectors_free(dev);
}

int mt_store_multi_msi_shape(struct mt_run *run)
{
	struct device *dev = &run->pdev->dev;
	struct msi_desc *desc;

	mt_vectors_free_irq(run->dev, 0);
	mt_lock_descs(dev);
	desc = mt_first_desc(dev, MSI_DESC_ALL);
	if (desc)
		desc->pci.msi_attrib.multiple = 2;
	mt_unlock_descs(dev);
	mt_free_vector_of_four_messages(run->dev);
	return desc ? 0 : -ENODATA;
}

/* ---- store_empty_on_alloc ---- */

static mt_act int mt_alloc_without_descriptors(mt_alloc_locked_t alloc, struct device *dev)
{
	return mt_call_alloc_locked(alloc, dev, 1);
}

/* Without reservation mode, for which the kernel would look at the first descriptor, and crash. */
int mt_store_empty_on_alloc(struct mt_run *run)
{
	mt_alloc_locked_t alloc = mt_symbol(MT_ALLOC_LOCKED);
	struct device *dev = &run->pdev->dev;
	int err;

	if (!alloc)
		return -EOPNOTSUPP;
	mt_vectors_free_irq(run->dev, 0);
	mt_vectors_free(run->dev);
	mt_soft_domain_reserve(false);
	mt_lock_descs(dev);
	err = mt_alloc_without_descriptors(alloc, dev);
	mt_unlock_descs(dev);
	mt_soft_domain_reserve(true);
	mt_note("an interrupt without descriptor: %d", err);
	return err;
}

/* ---- store_empty_while_enabled ---- */

static mt_act void mt_free_interrupts_below_pci(mt_free_locked_t free, struct device *dev)
{
	mt_free_descs_t free_descs = mt_symbol(MT_FREE_DESCS);

	mt_lock_descs(dev);
	mt_call_free_locked(free, dev);
	if (!MT_HAS_DOMAIN_IDS && free_descs)	/* later the call does it */
		mt_call_free_descs(free_descs, dev, 0, 0);
	mt_unlock_descs(dev);
}

/* Empties the store of a device with MSI; @init is what was in it. */
static int empty_store(struct mt_run *run, struct msi_desc *init)
{
	mt_free_locked_t free = mt_symbol(MT_FREE_LOCKED);

	if (!free)
		return -EOPNOTSUPP;
	mt_vectors_free_irq(run->dev, 0);
	mt_prepare_desc(run->dev, 0, init);
	mt_free_interrupts_below_pci(free, &run->pdev->dev);
	return 0;
}

/* Puts the descriptor back, for pci_disable_msi() to find. */
int mt_store_empty_while_enabled(struct mt_run *run)
{
	mt_insert_desc_t insert = mt_symbol(MT_INSERT_DESC);
	struct device *dev = &run->pdev->dev;
	struct msi_desc init;
	int err;

	if (!insert)
		return -EOPNOTSUPP;
	err = empty_store(run, &init);
	if (err)
		return err;
	mt_note("%u descriptors, MSI is %s", mt_count_descs(dev),
		run->pdev->msi_enabled ? "enabled" : "disabled");
	mt_lock_descs(dev);
	err = mt_call_insert(insert, dev, &init);
	mt_unlock_descs(dev);
	mt_vectors_free(run->dev);
	return err;
}

static mt_act void mt_disable_msi_without_descriptor(struct mt_device *dev)
{
	pci_disable_msi(dev->pdev);
}

/* The kthread dies with the mutex held: the device is lost. */
int mt_store_empty_while_enabled_disable(struct mt_run *run)
{
	struct msi_desc init;
	int err = empty_store(run, &init);

	return err ? err : mt_run_doomed(run->dev, mt_disable_msi_without_descriptor);
}
