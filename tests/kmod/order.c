// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scenarios of the rules about the order of locks. All of it is done by one task, so that nothing ever
 * blocks.
 */
#include <linux/err.h>
#include <linux/irqdomain.h>

#include "msitrace_test.h"

static struct mt_device *other_of(struct mt_run *run)
{
	struct mt_device *other = mt_device_other(run->dev);

	if (!other)
		pr_err(MT_NAME ": needs a second device that is set up\n");
	return other;
}

static mt_act void mt_lock_two_devices(struct mt_device *a, struct mt_device *b)
{
	mt_lock_descs(&a->pdev->dev);
	mt_lock_descs(&b->pdev->dev);
	mt_unlock_descs(&b->pdev->dev);
	mt_unlock_descs(&a->pdev->dev);
}

static mt_act void mt_lock_two_devices_the_other_way_round(struct mt_device *a, struct mt_device *b)
{
	mt_lock_descs(&b->pdev->dev);
	mt_lock_descs(&a->pdev->dev);
	mt_unlock_descs(&a->pdev->dev);
	mt_unlock_descs(&b->pdev->dev);
}

int mt_lock_order_cycle(struct mt_run *run)
{
	struct mt_device *other = other_of(run);

	if (!other)
		return -ENODEV;
	mt_lock_two_devices(other, run->dev);
	mt_lock_two_devices_the_other_way_round(other, run->dev);
	return 0;
}

/* As NTB does: the mutex, then irq_desc::request_mutex. */
static mt_act int mt_good_request_inside_descriptor_lock(struct mt_device *dev)
{
	int err;

	mt_lock_descs(&dev->pdev->dev);
	err = mt_vector_request(dev, dev->nvec - 1);
	mt_unlock_descs(&dev->pdev->dev);
	return err;
}

int mt_good_order(struct mt_run *run)
{
	struct mt_device *other = other_of(run);

	if (!other)
		return -ENODEV;
	mt_lock_two_devices(run->dev, other);
	mt_lock_two_devices(run->dev, other);
	mt_vectors_free_irq(run->dev, run->dev->nvec - 1);
	return mt_good_request_inside_descriptor_lock(run->dev);
}

/* ---- lock_irq_domain_order ---- */

typedef int (*alloc_irqs_t)(struct irq_domain *domain, int base, unsigned int nr, int node, void *arg,
			    bool realloc, const struct irq_affinity_desc *affinity);

static struct device *alloc_takes_mutex_of;

/* Below the mutex of the domain. */
static mt_act void mt_alloc_takes_descriptor_lock(struct device *dev)
{
	mt_lock_descs(dev);
	mt_unlock_descs(dev);
}

static int domain_alloc(struct irq_domain *domain, unsigned int virq, unsigned int nr, void *arg)
{
	if (alloc_takes_mutex_of)
		mt_alloc_takes_descriptor_lock(alloc_takes_mutex_of);
	return -ENOSPC;
}

static void domain_free(struct irq_domain *domain, unsigned int virq, unsigned int nr)
{
}

static const struct irq_domain_ops order_ops = {
	.alloc	= domain_alloc,
	.free	= domain_free,
};

static mt_act int mt_alloc_inside_descriptor_lock(alloc_irqs_t alloc, struct irq_domain *domain,
						  struct device *dev)
{
	int err;

	mt_lock_descs(dev);
	err = alloc(domain, -1, 1, NUMA_NO_NODE, NULL, false, NULL);
	mt_unlock_descs(dev);
	return err;
}

static int both_orders(alloc_irqs_t alloc, struct irq_domain *domain, struct device *dev)
{
	int err = mt_alloc_inside_descriptor_lock(alloc, domain, dev);

	if (err != -ENOSPC)
		return -EIO;
	alloc_takes_mutex_of = dev;
	err = alloc(domain, -1, 1, NUMA_NO_NODE, NULL, false, NULL);
	alloc_takes_mutex_of = NULL;
	return err == -ENOSPC ? 0 : -EIO;
}

int mt_lock_irq_domain_order(struct mt_run *run)
{
	struct irq_domain *msi = dev_get_msi_domain(&run->pdev->dev);
	alloc_irqs_t alloc = mt_symbol("__irq_domain_alloc_irqs");
	struct fwnode_handle *fwnode;
	struct irq_domain *domain;
	int err = -ENOMEM;

	if (!alloc || !msi)
		return -EOPNOTSUPP;
	fwnode = irq_domain_alloc_named_fwnode("MT-ORDER");
	if (!fwnode)
		return err;
	domain = irq_domain_create_hierarchy(mt_parent_domain(msi), 0, 0, fwnode, &order_ops, NULL);
	if (domain) {
		err = both_orders(alloc, domain, &run->pdev->dev);
		irq_domain_remove(domain);
	}
	irq_domain_free_fwnode(fwnode);
	return err;
}

/* ---- lock_order_cycle, --locks=full ---- */

static DEFINE_MUTEX(mt_order_mutex);

static mt_act void mt_lock_variable_inside_descriptor_lock(struct device *dev)
{
	mt_lock_descs(dev);
	mutex_lock(&mt_order_mutex);
	mutex_unlock(&mt_order_mutex);
	mt_unlock_descs(dev);
}

static mt_act void mt_lock_descriptors_inside_variable_lock(struct device *dev)
{
	mutex_lock(&mt_order_mutex);
	mt_lock_descs(dev);
	mt_unlock_descs(dev);
	mutex_unlock(&mt_order_mutex);
}

int mt_lock_order_cycle_variable(struct mt_run *run)
{
	mt_lock_variable_inside_descriptor_lock(&run->pdev->dev);
	mt_lock_descriptors_inside_variable_lock(&run->pdev->dev);
	return 0;
}

/* Below pci_bus_sem. */
static int lock_descs_of(struct pci_dev *pdev, void *wanted)
{
	if (pdev == wanted) {
		mt_lock_descs(&pdev->dev);
		mt_unlock_descs(&pdev->dev);
	}
	return 0;
}

static mt_act void mt_lock_descriptors_of_bus(struct pci_dev *pdev, void *wanted)
{
	pci_walk_bus(pdev->bus, lock_descs_of, wanted);
}

static mt_act void mt_walk_bus_inside_descriptor_lock(struct pci_dev *pdev)
{
	mt_lock_descs(&pdev->dev);
	pci_walk_bus(pdev->bus, lock_descs_of, NULL);
	mt_unlock_descs(&pdev->dev);
}

int mt_lock_order_cycle_bus(struct mt_run *run)
{
	mt_lock_descriptors_of_bus(run->pdev, run->pdev);
	mt_walk_bus_inside_descriptor_lock(run->pdev);
	return 0;
}
