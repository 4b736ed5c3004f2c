// SPDX-License-Identifier: GPL-2.0-only
/*
 * What healthy drivers do, and the legal look-alikes of the scenarios: no rule may report any of
 * this.
 */
#include <linux/cpu.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "msitrace_test.h"

#define MAX_RAISED 4

static int raise_some(struct mt_device *dev)
{
	unsigned int i;
	int err;

	for (i = 0; i < dev->nvec && i < MAX_RAISED; i++) {
		err = mt_vector_raise(dev, i);
		if (err == -EOPNOTSUPP)
			return 0;
		if (err) {
			pci_err(dev->pdev, MT_NAME ": vector %u was raised and did not arrive\n",
				i);
			return err;
		}
	}
	return 0;
}

static mt_act void mt_good_leave_loop_then_walk_again(struct device *dev)
{
	struct msi_desc *desc;

	mt_lock_descs(dev);
	mt_for_each_desc(desc, dev, MSI_DESC_ALL)
		break;
	mt_for_each_desc(desc, dev, MSI_DESC_ASSOCIATED)
		;
	mt_unlock_descs(dev);
}

/* first() as a mere lookup, then a loop, then first() in a loop that is not continued. */
static mt_act void mt_good_first_again(struct device *dev)
{
	struct msi_desc *desc;

	mt_lock_descs(dev);
	desc = mt_first_desc(dev, MSI_DESC_ALL);
	mt_for_each_desc(desc, dev, MSI_DESC_ALL) {
		if (desc->msi_index == 1) {
			desc = mt_first_desc(dev, MSI_DESC_NOTASSOCIATED);
			break;
		}
	}
	mt_unlock_descs(dev);
}

static mt_act unsigned int mt_good_hotplug_lock_first(struct device *dev)
{
	unsigned int n;

	cpus_read_lock();
	n = mt_count_descs(dev);
	cpus_read_unlock();
	return n;
}

/* Of a device without MSI: returns before it takes the mutex. */
static mt_act int mt_good_lookup_without_msi(struct pci_dev *pdev)
{
	static DEFINE_SPINLOCK(lock);
	struct pci_dev *bridge = pci_get_slot(pdev->bus, PCI_DEVFN(0, 0));
	int virq;

	if (!bridge)
		return 0;
	spin_lock(&lock);
	virq = pci_irq_vector(bridge, 1);
	spin_unlock(&lock);
	pci_dev_put(bridge);
	return virq == -EINVAL ? 0 : -EIO;
}

struct lookup_work {
	struct work_struct work;
	struct pci_dev *pdev;
	int virq;
};

static mt_act void mt_good_lookup_in_work(struct work_struct *work)
{
	struct lookup_work *lookup = container_of(work, struct lookup_work, work);

	lookup->virq = pci_irq_vector(lookup->pdev, 0);
}

static int look_up(struct mt_device *dev)
{
	struct lookup_work lookup = { .pdev = dev->pdev };
	int err = mt_good_lookup_without_msi(dev->pdev);

	if (err)
		return err;
	INIT_WORK_ONSTACK(&lookup.work, mt_good_lookup_in_work);
	schedule_work(&lookup.work);
	flush_work(&lookup.work);
	destroy_work_on_stack(&lookup.work);
	return lookup.virq == dev->vec[0].virq ? 0 : -EIO;
}

/* Single vectors at the next free index, the second time at an index that was just given back. */
static int dynamic_vectors(struct mt_device *dev)
{
#if MT_HAS_DOMAIN_IDS
	struct msi_map map;
	int i;

	if (!dev->pdev->msix_enabled || !pci_msix_can_alloc_dyn(dev->pdev) ||
	    dev->nvec >= pci_msix_vec_count(dev->pdev))
		return 0;
	for (i = 0; i < 2; i++) {
		map = pci_msix_alloc_irq_at(dev->pdev, MSI_ANY_INDEX, NULL);
		if (map.index < 0)
			return map.index;
		pci_msix_free_irq(dev->pdev, map);
	}
#endif
	return 0;
}

static mt_act void mt_good_free_twice(struct mt_device *dev)
{
	mt_vectors_free_irq(dev, 0);
	mt_vectors_free(dev);
	mt_vectors_free(dev);
}

/* As vfio does it, in case somebody has reset the device. */
static mt_act void mt_good_write_same_message(unsigned int virq)
{
	struct msi_msg msg;

	get_cached_msi_msg(virq, &msg);
	pci_write_msi_msg(virq, &msg);
}

/* As after a reset that left memory decoding off: the kernel turns it on while it writes. */
static mt_act void mt_good_restore_with_memory_off(struct pci_dev *pdev)
{
	u16 command;

	pci_read_config_word(pdev, PCI_COMMAND, &command);
	pci_write_config_word(pdev, PCI_COMMAND, command & ~PCI_COMMAND_MEMORY);
	pci_restore_msi_state(pdev);
	pci_write_config_word(pdev, PCI_COMMAND, command);
}

/* An array of entries with gaps, in the order of the indices. */
static mt_act int mt_good_msix_entries(struct pci_dev *pdev)
{
	struct msix_entry entries[] = { { .entry = 1 }, { .entry = 3 }, { .entry = 5 } };
	int ret;

	if (!pdev->msix_cap || pci_msix_vec_count(pdev) < 6)
		return 0;
	ret = pci_enable_msix_range(pdev, entries, 1, ARRAY_SIZE(entries));
	if (ret < 0)
		return ret;
	pci_disable_msix(pdev);
	return 0;
}

static int again(struct mt_device *dev, unsigned int nvec)
{
	int err = mt_vectors_alloc(dev, nvec, nvec);

	return err ? err : mt_vectors_request(dev);
}

int mt_good(struct mt_run *run)
{
	struct device *dev = &run->pdev->dev;
	unsigned int nvec = run->dev->nvec;
	int err;

	err = raise_some(run->dev);
	if (err)
		return err;
	if (mt_count_descs(dev) != mt_good_hotplug_lock_first(dev))
		return -EIO;
	mt_good_leave_loop_then_walk_again(dev);
	mt_good_write_same_message(run->dev->vec[0].virq);
	mt_good_restore_with_memory_off(run->pdev);
	mt_good_first_again(dev);
	err = look_up(run->dev);
	if (!err)
		err = dynamic_vectors(run->dev);
	if (err)
		return err;
	mt_good_free_twice(run->dev);
	err = mt_good_msix_entries(run->pdev);
	if (!err)
		err = again(run->dev, nvec);
	if (!err)
		err = raise_some(run->dev);
	mt_note("%u vectors%s", nvec, run->dev->model ? ", interrupts arrive" : "");
	return err;
}

/* Vectors that nobody requests: only reserved, and in the software domain activated as well. */
int mt_good_unrequested(struct mt_run *run)
{
	unsigned int nvec = run->dev->nvec;
	int err;

	mt_good_free_twice(run->dev);
	err = mt_vectors_alloc(run->dev, nvec, nvec);
	if (err)
		return err;
	mt_vectors_free(run->dev);
	mt_soft_domain_reserve(false);
	err = mt_vectors_alloc(run->dev, nvec, nvec);
	mt_soft_domain_reserve(true);
	if (!err)
		mt_vectors_free(run->dev);
	return err;
}

/* The third vector is not to be had: none when it must be all, else two. Nothing may be left. */
int mt_good_failed(struct mt_run *run)
{
	struct mt_device *dev = run->dev;
	unsigned int nvec = dev->nvec;
	int err;

	mt_good_free_twice(dev);
	mt_soft_domain_fail_at(3);
	err = mt_vectors_alloc(dev, nvec, nvec);
	if (!err)
		return -EIO;
	mt_soft_domain_fail_at(3);
	err = mt_vectors_alloc(dev, 1, nvec);
	mt_soft_domain_fail_at(0);
	if (err)
		return err;
	mt_note("%u vectors of %u", dev->nvec, nvec);
	if (dev->nvec != 2)
		err = -EIO;
	mt_vectors_free(dev);
	return err ? err : again(dev, nvec);
}

/* devres frees the vectors, after remove(). */
int mt_good_managed(struct mt_run *run)
{
	int err = mt_good(run);

	if (err)
		return err;
	mt_unbind(run->dev);
	run->dev = NULL;
	return 0;
}

/* As msi_domain_populate_irqs() and PCI do before they allocate; nobody allocates. */
int mt_good_insert(struct mt_run *run)
{
	mt_insert_desc_t insert = mt_symbol(MT_INSERT_DESC);
	struct device *dev = &run->pdev->dev;
	struct msi_desc init;
	int err;

	if (!insert)
		return -EOPNOTSUPP;
	mt_prepare_desc(run->dev, run->dev->nvec, &init);
	mt_lock_descs(dev);
	err = mt_call_insert(insert, dev, &init);
	mt_unlock_descs(dev);
	mt_note("index %u: %d", init.msi_index, err);
	return err;
}
