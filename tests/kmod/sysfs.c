// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scenarios of the sysfs_ rules: the directory msi_irqs/ of a device. Nothing is printed, and the
 * core takes it calmly that a file it removes is gone.
 */
#include <linux/device.h>
#include <linux/sysfs.h>

#include "msitrace_test.h"

#define GROUP "msi_irqs"

static mt_act void mt_remove_file_of_interrupt(struct device *dev, unsigned int virq)
{
	char name[16];
	struct attribute attr = { .name = name };

	snprintf(name, sizeof(name), "%u", virq);
	sysfs_remove_file_from_group(&dev->kobj, &attr, GROUP);
}

/* The device stays set up: the directory is judged when the run ends. */
int mt_sysfs_set_mismatch(struct mt_run *run)
{
	mt_remove_file_of_interrupt(&run->pdev->dev, run->dev->vec[0].virq);
	mt_note("%u vectors, no file %u", run->dev->nvec, run->dev->vec[0].virq);
	return 0;
}

static ssize_t nothing_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "msi\n");
}

static DEVICE_ATTR(1000000, 0444, nothing_show, NULL);

static mt_act int mt_add_file_without_interrupt(struct device *dev)
{
	return sysfs_add_file_to_group(&dev->kobj, &dev_attr_1000000.attr, GROUP);
}

typedef int (*populate_t)(struct device *dev, struct msi_desc *desc);
typedef void (*unpopulate_t)(struct device *dev, struct msi_desc *desc);

static mt_act int mt_make_files_again(populate_t populate, struct device *dev, struct msi_desc *desc)
{
	return populate(dev, desc);
}

/* Of what failed nothing is left; the files that were there are given back to the descriptor. */
int mt_sysfs_double_populate(struct mt_run *run)
{
	populate_t populate = mt_symbol("msi_sysfs_populate_desc");
	struct device *dev = &run->pdev->dev;
	struct device_attribute *files;
	struct msi_desc *desc;
	int err;

	if (!populate)
		return -ENOENT;
	mt_lock_descs(dev);
	desc = mt_first_desc(dev, MSI_DESC_ASSOCIATED);
	files = desc->sysfs_attrs;
	err = mt_make_files_again(populate, dev, desc);
	desc->sysfs_attrs = files;
	mt_unlock_descs(dev);
	mt_note("files made again: %d", err);
	return err == -EEXIST ? 0 : -EIO;
}

static mt_act int mt_make_file_of_no_interrupt(populate_t populate, struct device *dev,
					       struct msi_desc *desc)
{
	return populate(dev, desc);
}

/* Of a descriptor that is none of the device's: nobody else ever sees it. */
int mt_sysfs_populate_early(struct mt_run *run)
{
	populate_t populate = mt_symbol("msi_sysfs_populate_desc");
	unpopulate_t unpopulate = mt_symbol("msi_sysfs_remove_desc");
	struct device *dev = &run->pdev->dev;
	struct msi_desc desc = { .dev = dev, .nvec_used = 1 };
	int err;

	if (!populate || !unpopulate)
		return -ENOENT;
	err = mt_make_file_of_no_interrupt(populate, dev, &desc);
	if (!err)
		unpopulate(dev, &desc);
	return err;
}

/* The irq domain has its core make the files of the last descriptor only, and does not remove them. */
static mt_act int mt_alloc_with_files_of_one(struct mt_device *dev, unsigned int nvec)
{
	mt_soft_domain_files_from(nvec);
	return mt_vectors_alloc(dev, nvec, nvec);
}

static mt_act void mt_free_without_removing_files(struct mt_device *dev)
{
	mt_vectors_free(dev);
	mt_soft_domain_files_from(0);
}

int mt_sysfs_missing(struct mt_run *run)
{
	unsigned int nvec = run->dev->nvec;
	int err;

	mt_vectors_free_irq(run->dev, 0);
	mt_vectors_free(run->dev);
	err = mt_alloc_with_files_of_one(run->dev, nvec);
	mt_free_without_removing_files(run->dev);
	return err;
}

static const struct attribute *no_attrs[] = { NULL };
static const struct attribute_group in_the_way = { .name = GROUP, .attrs = (struct attribute **)no_attrs };

static mt_act int mt_set_up_with_directory_in_the_way(struct pci_dev *pdev)
{
	return mt_bind(pdev, 0, 0);
}

int mt_sysfs_group_lifetime(struct mt_run *run)
{
	struct kobject *kobj = &run->pdev->dev.kobj;
	int err = sysfs_create_group(kobj, &in_the_way);

	if (err)
		return err;
	err = mt_set_up_with_directory_in_the_way(run->pdev);
	sysfs_remove_group(kobj, &in_the_way);
	mt_note("set up: %d", err);
	return err == -EEXIST ? 0 : -EIO;
}

/* The file goes with the directory, when the driver is unbound. */
int mt_sysfs_set_mismatch_surplus(struct mt_run *run)
{
	return mt_add_file_without_interrupt(&run->pdev->dev);
}
