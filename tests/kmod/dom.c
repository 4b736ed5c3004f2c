// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scenarios of the dom_ rules. Those about the irq domain that a device has of its own since 6.2 do nothing
 * before.
 */
#include <linux/irq.h>
#include <linux/irqdomain.h>

#include "msitrace_test.h"

/* ---- dom_hierarchy_changed ---- */

static mt_act int mt_request_in_another_domain(struct mt_device *dev)
{
	return mt_vector_request(dev, 0);
}

/* A domain that does what the right one does, and is another. */
int mt_dom_hierarchy_changed(struct mt_run *run)
{
	struct irq_data *irqd = irq_get_irq_data(run->dev->vec[0].virq);
	struct irq_domain *right = irqd->domain, other = *right;
	int err;

	mt_vectors_free_irq(run->dev, 0);
	irqd->domain = &other;
	err = mt_request_in_another_domain(run->dev);
	mt_vectors_free_irq(run->dev, 0);
	irqd->domain = right;
	return err;
}

#if MT_HAS_DOMAIN_IDS
typedef bool (*create_t)(struct device *dev, unsigned int domid,
			 const struct msi_domain_template *template, unsigned int hwsize,
			 void *domain_data, void *chip_data);

/* ---- dom_create_remove_pair ---- */

static mt_act bool mt_make_second_domain(create_t create, struct device *dev)
{
	static const struct msi_domain_template template = { .chip.name = "MT-SECOND" };

	return create(dev, MSI_DEFAULT_DOMAIN, &template, 1, NULL, NULL);
}

int mt_dom_create_remove_pair(struct mt_run *run)
{
	create_t create = mt_symbol("msi_create_device_irq_domain");

	if (!create)
		return -EOPNOTSUPP;
	return mt_make_second_domain(create, &run->pdev->dev) ? -EIO : 0;
}

/* ---- dom_parent_flags ---- */

static const struct msi_parent_ops *real_ops;
static struct device *generous_to;

static bool init_dev_msi_info(struct device *dev, struct irq_domain *domain,
			      struct irq_domain *real_parent, struct msi_domain_info *info)
{
	if (!real_ops->init_dev_msi_info(dev, domain, real_parent, info))
		return false;
	if (dev == generous_to)
		info->flags |= MSI_FLAG_LEVEL_CAPABLE;
	return true;
}

static mt_act int mt_make_domain_with_more_flags(struct pci_dev *pdev)
{
	return mt_bind(pdev, 0, 0);
}

/* The domain is made with the first vectors, and stays until unbind. */
int mt_dom_parent_flags(struct mt_run *run)
{
	struct irq_domain *parent = dev_get_msi_domain(&run->pdev->dev);
	struct msi_parent_ops ops;
	int err;

	if (!parent || !irq_domain_is_msi_parent(parent))
		return -EOPNOTSUPP;
	real_ops = parent->msi_parent_ops;
	ops = *real_ops;
	ops.init_dev_msi_info = init_dev_msi_info;
	generous_to = &run->pdev->dev;
	parent->msi_parent_ops = &ops;
	err = mt_make_domain_with_more_flags(run->pdev);
	parent->msi_parent_ops = real_ops;
	if (err)
		return err;
	mt_unbind(mt_device_find(run->pdev));
	return 0;
}
#else
int mt_dom_create_remove_pair(struct mt_run *run)
{
	return 0;
}

int mt_dom_parent_flags(struct mt_run *run)
{
	return 0;
}
#endif
