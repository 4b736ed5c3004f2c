/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every difference between kernels that the scenarios meet, in one place: the rest of the module
 * has no LINUX_VERSION_CODE. Compiles for 6.1, 6.12, 7.2 and 7.3; each difference names what made
 * it.
 */
#ifndef MT_COMPAT_H
#define MT_COMPAT_H

#include <linux/dma-mapping.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/msi.h>
#include <linux/pci.h>
#include <linux/sysfs.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 17, 0)
#error "before 5.17 a device has no MSI descriptor mutex and no iterators: nothing to provoke"
#endif

/* v6.16, "genirq/msi: Rename msi_[un]lock_descs()" */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define mt_lock_descs(dev) __msi_lock_descs(dev)
#define mt_unlock_descs(dev) __msi_unlock_descs(dev)
#else
#define mt_lock_descs(dev) msi_lock_descs(dev)
#define mt_unlock_descs(dev) msi_unlock_descs(dev)
#endif

/*
 * v6.2, the three series "genirq, PCI/MSI: Support for per device MSI and PCI/IMS": domain ids in
 * all interfaces of the store, an irq domain per device and MSI type, allocation of single vectors.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define MT_HAS_DOMAIN_IDS 1

#define mt_first_desc(dev, filter) msi_domain_first_desc(dev, MSI_DEFAULT_DOMAIN, filter)
#define mt_next_desc(dev, filter) msi_next_desc(dev, MSI_DEFAULT_DOMAIN, filter)

typedef int (*mt_insert_desc_t)(struct device *dev, unsigned int domid, struct msi_desc *init);
typedef void (*mt_free_descs_t)(struct device *dev, unsigned int domid, unsigned int first,
				unsigned int last);
typedef int (*mt_alloc_locked_t)(struct device *dev, unsigned int domid, int nirqs);
typedef void (*mt_free_locked_t)(struct device *dev, unsigned int domid);

#define MT_INSERT_DESC "msi_domain_insert_msi_desc"
#define MT_FREE_DESCS "msi_domain_free_msi_descs_range"
#define MT_ALLOC_LOCKED "msi_domain_alloc_irqs_all_locked"
#define MT_FREE_LOCKED "msi_domain_free_irqs_all_locked"

static inline int mt_call_insert(mt_insert_desc_t fn, struct device *dev, struct msi_desc *init)
{
	return fn(dev, MSI_DEFAULT_DOMAIN, init);
}

static inline void mt_call_free_descs(mt_free_descs_t fn, struct device *dev, unsigned int first,
				      unsigned int last)
{
	fn(dev, MSI_DEFAULT_DOMAIN, first, last);
}

static inline int mt_call_alloc_locked(mt_alloc_locked_t fn, struct device *dev, int n)
{
	return fn(dev, MSI_DEFAULT_DOMAIN, n);
}

static inline void mt_call_free_locked(mt_free_locked_t fn, struct device *dev)
{
	fn(dev, MSI_DEFAULT_DOMAIN);
}

/* The parent of a device's MSI domain may now be what dev->msi.domain points to. */
static inline struct irq_domain *mt_parent_domain(struct irq_domain *domain)
{
	return irq_domain_is_msi_parent(domain) ? domain : domain->parent;
}

/* The core frees the descriptors of a global PCI/MSI domain only if this is set. */
#define MT_SOFT_DOMAIN_FLAGS MSI_FLAG_FREE_MSI_DESCS

#else /* < 6.2 */
#define MT_HAS_DOMAIN_IDS 0

#define mt_first_desc(dev, filter) msi_first_desc(dev, filter)
#define mt_next_desc(dev, filter) msi_next_desc(dev, filter)

typedef int (*mt_insert_desc_t)(struct device *dev, struct msi_desc *init);
typedef void (*mt_free_descs_t)(struct device *dev, enum msi_desc_filter filter,
				unsigned int first, unsigned int last);
typedef int (*mt_alloc_locked_t)(struct irq_domain *domain, struct device *dev, int nvec);
typedef void (*mt_free_locked_t)(struct irq_domain *domain, struct device *dev);

#define MT_INSERT_DESC "msi_add_msi_desc"
#define MT_FREE_DESCS "msi_free_msi_descs_range"
#define MT_ALLOC_LOCKED "msi_domain_alloc_irqs_descs_locked"
#define MT_FREE_LOCKED "msi_domain_free_irqs_descs_locked"

static inline int mt_call_insert(mt_insert_desc_t fn, struct device *dev, struct msi_desc *init)
{
	return fn(dev, init);
}

static inline void mt_call_free_descs(mt_free_descs_t fn, struct device *dev, unsigned int first,
				      unsigned int last)
{
	fn(dev, MSI_DESC_ALL, first, last);
}

static inline int mt_call_alloc_locked(mt_alloc_locked_t fn, struct device *dev, int n)
{
	return fn(dev_get_msi_domain(dev), dev, n);
}

static inline void mt_call_free_locked(mt_free_locked_t fn, struct device *dev)
{
	fn(dev_get_msi_domain(dev), dev);
}

static inline struct irq_domain *mt_parent_domain(struct irq_domain *domain)
{
	return domain->parent;
}

/* PCI frees its descriptors itself: pci_msi_teardown_msi_irqs(). */
#define MT_SOFT_DOMAIN_FLAGS 0
#endif

/* What is private to kernel/irq/msi.c since v6.2, as it is there. */
#if MT_HAS_DOMAIN_IDS
struct mt_device_data {
	unsigned long		properties;
	struct mutex		mutex;
	struct msi_dev_domain	domains[1];
};

static inline struct xarray *mt_store(struct device *dev)
{
	return &((struct mt_device_data *)dev->msi.data)->domains[MSI_DEFAULT_DOMAIN].store;
}

static inline struct mutex *mt_mutex(struct device *dev)
{
	return &((struct mt_device_data *)dev->msi.data)->mutex;
}
#else
static inline struct xarray *mt_store(struct device *dev)
{
	return &dev->msi.data->__store;
}

static inline struct mutex *mt_mutex(struct device *dev)
{
	return &dev->msi.data->mutex;
}
#endif

/* v7.0, "PCI/MSI: Convert the boolean no_64bit_msi flag to a DMA address mask" */
static inline void mt_msi_32bit(struct pci_dev *pdev, bool only)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
	pdev->msi_addr_mask = only ? DMA_BIT_MASK(32) : DMA_BIT_MASK(64);
#else
	pdev->no_64bit_msi = only;
#endif
}

#define mt_for_each_desc(desc, dev, filter) \
	for ((desc) = mt_first_desc(dev, filter); (desc); (desc) = mt_next_desc(dev, filter))

/*
 * v6.15, a648eb3a3f79 ("genirq: Provide IRQCHIP_MOVE_DEFERRED"): a chip asks for what x86 did to
 * every MSI before, namely to move an interrupt only while it is being handled.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
#define MT_CHIP_MOVE_DEFERRED IRQCHIP_MOVE_DEFERRED
#else
#define MT_CHIP_MOVE_DEFERRED 0
#endif

/* v6.17: what reads a binary attribute may not change it. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
typedef const struct bin_attribute mt_bin_attribute;
#else
typedef struct bin_attribute mt_bin_attribute;
#endif

#endif /* MT_COMPAT_H */
