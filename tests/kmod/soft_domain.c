// SPDX-License-Identifier: GPL-2.0-only
/*
 * An irq domain of our own for PCI/MSI-X devices, between the device and the vector (or remapping)
 * domain. It does all that the kernel's does, but can be told to "free" interrupts without freeing
 * them, so that the descriptors go and the interrupts stay, and to write wrong messages.
 *
 * It is one global domain on every kernel, also where each device has its own since 6.2: those are
 * destroyed at unbind, and an interrupt that survives its domain is a time bomb. This one stays
 * until the module goes, and mt_soft_domain_repair() takes the lost interrupts back.
 */
#include <linux/io.h>
#include <linux/irqdomain.h>
#include <linux/slab.h>

#include <asm/irqdomain.h>
#include <asm/msi.h>

#include "msitrace_test.h"

struct attached {
	struct list_head node;
	struct pci_dev *pdev;
	struct irq_domain *before;
};

struct lost_irq {
	struct list_head node;
	unsigned int virq;
};

/* A device that was unbound with MSI-X enabled. */
struct stuck {
	struct list_head node;
	struct pci_dev *pdev;
};

static struct irq_domain *soft_domain;
static irq_hw_number_t generation;
static LIST_HEAD(attached);
static LIST_HEAD(lost_irqs);
static LIST_HEAD(stuck_devices);
static enum mt_lose lose_next_free;
static bool spoil_messages;
static bool send_high;
static bool forget_descs;
static bool allow_reservation;
static bool fail_activation;
static bool spread_descs;
static bool maskable_descs;
static bool unmask_freed;
static bool keep_pci_irq;
static struct irq_domain_ops soft_domain_ops;
static int (*fn_activate)(struct irq_domain *domain, struct irq_data *irqd, bool reserve);

static void (*fn_deactivate)(struct irq_data *irqd);
static void (*fn_free_irqs)(unsigned int virq, unsigned int nr);
static int (*fn_set_msi_desc)(unsigned int base, unsigned int offset, struct msi_desc *desc);
static void (*fn_write_msg)(struct irq_data *irqd, struct msi_msg *msg);
static struct irq_domain *(*fn_create)(struct fwnode_handle *fwnode, struct msi_domain_info *info,
				       struct irq_domain *parent);

static void set_desc(msi_alloc_info_t *arg, struct msi_desc *desc)
{
	arg->desc = desc;
	if (spread_descs && !desc->affinity) {
		desc->affinity = kzalloc(sizeof(*desc->affinity), GFP_KERNEL);	/* freed with the descriptor */
		if (desc->affinity)
			cpumask_copy(&desc->affinity->mask, cpu_online_mask);
	}
	if (maskable_descs)
		desc->pci.msi_attrib.can_mask = 1;
	/*
	 * Unique in the domain, as PCI does it where the domain is global; and per binding, so
	 * that a lost interrupt does not stand in the way of its successor.
	 */
	arg->hwirq = desc->msi_index | pci_dev_id(msi_desc_to_pci_dev(desc)) << 11 |
		     generation << 27;
}

static void deactivate(unsigned int virq)
{
	struct irq_data *irqd = irq_domain_get_irq_data(soft_domain, virq);

	if (irqd && irqd_is_activated(irqd))
		fn_deactivate(irqd);
}

static void remember(unsigned int virq)
{
	struct lost_irq *lost = kmalloc(sizeof(*lost), GFP_KERNEL);

	if (!lost)
		return;		/* then it stays lost */
	lost->virq = virq;
	list_add_tail(&lost->node, &lost_irqs);
}

/* The descriptor is told, the interrupt is not freed: nothing refers to it any more. */
static mt_act void mt_domain_forgets_interrupt(struct msi_desc *desc)
{
	deactivate(desc->irq);
	fn_set_msi_desc(desc->irq, 0, NULL);
	remember(desc->irq);
	desc->irq = 0;
}

/* Nothing at all is done: the descriptor goes and the interrupt still points to it. */
static mt_act void mt_domain_does_not_free(struct msi_desc *desc)
{
	remember(desc->irq);
}

/* Freed as if nobody had ever activated it. */
static mt_act void mt_domain_does_not_deactivate(struct msi_desc *desc)
{
	fn_free_irqs(desc->irq, desc->nvec_used);
	desc->irq = 0;
}

/* What is left to do is to tell the descriptor. */
static void free_interrupts(struct msi_desc *desc)
{
	deactivate(desc->irq);
	fn_free_irqs(desc->irq, desc->nvec_used);
}

static void free_one(struct msi_desc *desc)
{
	free_interrupts(desc);
	desc->irq = 0;
}

static mt_act void mt_domain_unmasks_what_it_frees(struct msi_desc *desc)
{
	pci_msi_unmask_irq(irq_get_irq_data(desc->irq));
}

static void domain_free_irqs(struct irq_domain *domain, struct device *dev)
{
	struct msi_desc *desc;
	unsigned int nr = 0;

	mt_for_each_desc(desc, dev, MSI_DESC_ASSOCIATED) {
		if (unmask_freed)
			mt_domain_unmasks_what_it_frees(desc);
		if (keep_pci_irq)
			to_pci_dev(dev)->irq = desc->irq;
		if (lose_next_free == MT_LOSE_DISSOCIATED || (lose_next_free == MT_LOSE_ONE && !nr++))
			mt_domain_forgets_interrupt(desc);
		else if (lose_next_free == MT_LOSE_ASSOCIATED)
			mt_domain_does_not_free(desc);
		else if (lose_next_free == MT_LOSE_ACTIVATED)
			mt_domain_does_not_deactivate(desc);
		else if (lose_next_free == MT_LOSE_NUMBER)
			free_interrupts(desc);
		else
			free_one(desc);
	}
	lose_next_free = MT_LOSE_NOTHING;
}

/* Zeros are written when an interrupt is shut down, and stay zeros. */
static unsigned int fail_at;	/* of the interrupts to come, counted from 1; 0: none */

static int msi_init(struct irq_domain *domain, struct msi_domain_info *info, unsigned int virq,
		    irq_hw_number_t hwirq, msi_alloc_info_t *arg)
{
	if (fail_at && !--fail_at)
		return -ENOSPC;
	irq_domain_set_hwirq_and_chip(domain, virq, hwirq, info->chip, info->chip_data);
	__irq_set_handler(virq, info->handler, 0, info->handler_name);
	return 0;
}

static unsigned int swallow_at;	/* of the messages to come, counted from 1; 0: none */

static void write_msg(struct irq_data *irqd, struct msi_msg *msg)
{
	struct msi_msg spoilt = *msg;

	if (swallow_at && !--swallow_at)
		return;
	if (spoil_messages && msg->address_lo) {
		spoilt.data ^= 1;
		msg = &spoilt;
	}
	if (send_high && msg->address_lo) {
		spoilt.address_hi = 1;
		msg = &spoilt;
	}
	fn_write_msg(irqd, msg);
	if (forget_descs)
		irqd->common->msi_desc = NULL;
}

static struct irq_chip soft_chip = {
	.name			= "MT-PCI-MSIX",
	.irq_mask		= pci_msi_mask_irq,
	.irq_unmask		= pci_msi_unmask_irq,
	.irq_ack		= irq_chip_ack_parent,
	.irq_retrigger		= irq_chip_retrigger_hierarchy,
	.irq_write_msi_msg	= write_msg,
	.flags			= IRQCHIP_SKIP_SET_WAKE | IRQCHIP_AFFINITY_PRE_STARTUP |
				  IRQCHIP_ONESHOT_SAFE | MT_CHIP_MOVE_DEFERRED,
};

static bool contiguous_late;

/* What PCI asks about has been asked by now. */
static int msi_prepare(struct irq_domain *domain, struct device *dev, int nvec,
		       msi_alloc_info_t *arg)
{
	if (contiguous_late)
		mt_soft_domain_contiguous(true);
	return pci_msi_prepare(domain, dev, nvec, arg);
}

static struct msi_domain_ops soft_ops = {
	.set_desc		= set_desc,
	.msi_prepare		= msi_prepare,
	.msi_init		= msi_init,
	.domain_free_irqs	= domain_free_irqs,
};

/* No MSI_FLAG_DEV_SYSFS: domain_free_irqs() leaves files alone. */
static struct msi_domain_info soft_info = {
	.flags		= MSI_FLAG_USE_DEF_DOM_OPS | MSI_FLAG_USE_DEF_CHIP_OPS | MSI_FLAG_PCI_MSIX |
			  MSI_FLAG_ACTIVATE_EARLY | MSI_FLAG_MUST_REACTIVATE | MT_SOFT_DOMAIN_FLAGS,
	.ops		= &soft_ops,
	.chip		= &soft_chip,
	.handler	= handle_edge_irq,
	.handler_name	= "edge",
};

/*
 * The @nth message from now on is not written, and interrupts are moved as x86 moves those of its own
 * domains; 0: the end of that.
 */
int mt_soft_domain_swallow(unsigned int nth)
{
	static int (*before)(struct irq_data *irqd, const struct cpumask *mask, bool force);
	void *move = mt_symbol("msi_set_affinity");

	swallow_at = nth;
	if (!nth) {
		soft_chip.irq_set_affinity = before;
		return 0;
	}
	if (!move)
		return -EOPNOTSUPP;
	before = soft_chip.irq_set_affinity;
	soft_chip.irq_set_affinity = move;
	return 0;
}

static int refuse_move(struct irq_data *irqd, const struct cpumask *mask, bool force)
{
	return -EBUSY;
}

/* Whether the parent says that @virq, an interrupt of this domain, cannot be moved now. */
void mt_soft_domain_refuse_moves(unsigned int virq, bool refuse)
{
	struct irq_data *parent = irq_domain_get_irq_data(soft_domain, virq)->parent_data;
	static struct irq_chip refusing, *before;

	if (!refuse) {
		parent->chip = before;
		return;
	}
	before = parent->chip;
	refusing = *before;
	refusing.irq_set_affinity = refuse_move;
	parent->chip = &refusing;
}

static unsigned int files_from;	/* of the activations to come, counted from 1; 0: none */

static int activate(struct irq_domain *domain, struct irq_data *irqd, bool reserve)
{
	if (files_from && !--files_from)
		soft_info.flags |= MSI_FLAG_DEV_SYSFS;
	if (allow_reservation)
		irqd_set_can_reserve(irqd);
	if (fail_activation && !reserve)
		return -EIO;
	return fn_activate(domain, irqd, reserve);
}

static int resolve(void)
{
	fn_deactivate = mt_symbol("irq_domain_deactivate_irq");
	fn_free_irqs = mt_symbol("irq_domain_free_irqs");
	fn_set_msi_desc = mt_symbol("irq_set_msi_desc_off");
	fn_write_msg = mt_symbol("pci_msi_domain_write_msg");
	fn_create = mt_symbol("msi_create_irq_domain");
	if (!fn_deactivate || !fn_free_irqs || !fn_set_msi_desc || !fn_write_msg || !fn_create)
		return -EOPNOTSUPP;
	return 0;
}

static int create(struct irq_domain *parent)
{
	struct fwnode_handle *fwnode;
	int err = resolve();

	if (err)
		return err;
	fwnode = irq_domain_alloc_named_fwnode("MT-PCI-MSIX");
	if (!fwnode)
		return -ENOMEM;
	soft_domain = fn_create(fwnode, &soft_info, parent);
	if (!soft_domain) {
		irq_domain_free_fwnode(fwnode);
		return -ENOMEM;
	}
	soft_domain_ops = *soft_domain->ops;
	fn_activate = soft_domain_ops.activate;
	soft_domain_ops.activate = activate;
	soft_domain->ops = &soft_domain_ops;
	/* the MSI core uses reservation mode and PCI's error codes by this token */
	irq_domain_update_bus_token(soft_domain, DOMAIN_BUS_PCI_MSI);
	return 0;
}

int mt_soft_domain_attach(struct pci_dev *pdev)
{
	struct irq_domain *before = dev_get_msi_domain(&pdev->dev);
	struct attached *a;
	int err;

	if (before && before == soft_domain)
		return 0;
	if (!before || !mt_parent_domain(before)) {
		pci_err(pdev, MT_NAME ": no MSI domain to put the software domain on\n");
		return -EOPNOTSUPP;
	}
	if (!soft_domain) {
		err = create(mt_parent_domain(before));
		if (err)
			return err;
	}
	a = kmalloc(sizeof(*a), GFP_KERNEL);
	if (!a)
		return -ENOMEM;
	a->pdev = pci_dev_get(pdev);
	a->before = before;
	list_add(&a->node, &attached);
	dev_set_msi_domain(&pdev->dev, soft_domain);
	generation++;
	return 0;
}

static void detach(struct attached *a)
{
	dev_set_msi_domain(&a->pdev->dev, a->before);
	pci_dev_put(a->pdev);
	list_del(&a->node);
	kfree(a);
}

/* Only while no driver is bound. */
void mt_soft_domain_detach(struct pci_dev *pdev)
{
	struct attached *a, *next;

	list_for_each_entry_safe(a, next, &attached, node)
		if (a->pdev == pdev)
			detach(a);
}

/* What the domain does with the interrupts that it is to free next. */
void mt_soft_domain_lose(enum mt_lose how)
{
	lose_next_free = how;
}

/* Whether interrupts get their message when they are allocated, as PCI needs it. */
void mt_soft_domain_activate_early(bool early)
{
	if (early)
		soft_info.flags |= MSI_FLAG_ACTIVATE_EARLY;
	else
		soft_info.flags &= ~MSI_FLAG_ACTIVATE_EARLY;
}

/* Whether its MSI-X indices may have gaps. */
void mt_soft_domain_contiguous(bool contiguous)
{
	if (contiguous)
		soft_info.flags |= MSI_FLAG_MSIX_CONTIGUOUS;
	else
		soft_info.flags &= ~MSI_FLAG_MSIX_CONTIGUOUS;
}

/* The same, and it says so when PCI has asked already. */
void mt_soft_domain_contiguous_late(bool late)
{
	contiguous_late = late;
	mt_soft_domain_contiguous(false);
}

/* The core makes files in msi_irqs/ from the @nth activation on; 0: it makes none. */
void mt_soft_domain_files_from(unsigned int nth)
{
	files_from = nth;
	soft_info.flags &= ~MSI_FLAG_DEV_SYSFS;
}

/* Whether it says of every interrupt that a vector may be reserved for it. */
void mt_soft_domain_allow_reservation(bool allow)
{
	allow_reservation = allow;
}

/* Whether all descriptors have a mask of CPUs. */
void mt_soft_domain_spread(bool spread)
{
	spread_descs = spread;
}

/* Whether MSIs that cannot be masked become such that can, when they are set up. */
void mt_soft_domain_maskable(bool maskable)
{
	maskable_descs = maskable;
}

/* Whether it unmasks the interrupts that it frees. */
void mt_soft_domain_unmask_freed(bool unmask)
{
	unmask_freed = unmask;
}

/* Whether pci_dev::irq is the MSI while that is freed. */
void mt_soft_domain_keep_pci_irq(bool keep)
{
	keep_pci_irq = keep;
}

static mt_act int mt_domain_moves_and_writes(struct irq_data *irqd, const struct cpumask *mask, bool force)
{
	int ret = irq_chip_set_affinity_parent(irqd, mask, force);
	struct msi_msg msg;

	if (ret < 0)
		return ret;
	get_cached_msi_msg(irqd->irq, &msg);
	write_msg(irqd, &msg);
	return ret;
}

/* Whether it writes the message of an interrupt that is moved, also where the parent has done all. */
int mt_soft_domain_write_moves(unsigned int virq, bool write)
{
	static int (*before)(struct irq_data *irqd, const struct cpumask *mask, bool force);
	const struct irq_data *parent = irq_domain_get_irq_data(soft_domain, virq)->parent_data;

	if (!write) {
		soft_chip.irq_set_affinity = before;
		return 0;
	}
	if (!strstr(parent->chip->name, "-IR"))
		return -EOPNOTSUPP;
	before = soft_chip.irq_set_affinity;
	soft_chip.irq_set_affinity = mt_domain_moves_and_writes;
	return 0;
}

/* Whether it cannot activate interrupts that are requested. */
void mt_soft_domain_fail_activation(bool fail)
{
	fail_activation = fail;
}

/* Whether it writes another vector into the messages than the interrupts have. */
void mt_soft_domain_spoil(bool spoil)
{
	spoil_messages = spoil;
}

/* Whether the messages go to an address above 4 GiB. */
void mt_soft_domain_send_high(bool high)
{
	send_high = high;
}

/* Whether interrupts forget their descriptor as soon as they have a message. */
void mt_soft_domain_forget(bool forget)
{
	forget_descs = forget;
}

/*
 * Whether interrupts get a reserved vector until they are requested, as PCI's do, or a real one when
 * they are allocated.
 */
void mt_soft_domain_reserve(bool reserve)
{
	if (reserve)
		soft_info.flags |= MSI_FLAG_MUST_REACTIVATE;
	else
		soft_info.flags &= ~MSI_FLAG_MUST_REACTIVATE;
}

/* The @nth interrupt that is allocated from now on is not to be had; 0: all are. */
void mt_soft_domain_fail_at(unsigned int nth)
{
	fail_at = nth;
}

/* Whether the core makes the descriptors, as for devices that are not on the PCI bus. */
void mt_soft_domain_simple_descs(bool simple)
{
	if (simple)
		soft_info.flags |= MSI_FLAG_ALLOC_SIMPLE_MSI_DESCS;
	else
		soft_info.flags &= ~MSI_FLAG_ALLOC_SIMPLE_MSI_DESCS;
}

/* The interrupt is out of reach of everybody else. */
void mt_soft_domain_remember(unsigned int virq)
{
	remember(virq);
}

/* @dev is about to be unbound without freeing its vectors: remember what to repair. */
void mt_soft_domain_adopt(struct mt_device *dev)
{
	struct stuck *stuck = kmalloc(sizeof(*stuck), GFP_KERNEL);
	unsigned int i;

	for (i = 0; i < dev->nvec; i++)
		remember(dev->vec[i].virq);
	if (!stuck)
		return;
	stuck->pdev = pci_dev_get(dev->pdev);
	list_add(&stuck->node, &stuck_devices);
}

unsigned int mt_soft_domain_lost(void)
{
	struct lost_irq *lost;
	unsigned int n = 0;

	list_for_each_entry(lost, &lost_irqs, node)
		n++;
	return n;
}

/* What pci_disable_msix() would do; it cannot, since the descriptor store is gone. */
static void disable_msix(struct pci_dev *pdev)
{
	u16 ctrl;

	pci_read_config_word(pdev, pdev->msix_cap + PCI_MSIX_FLAGS, &ctrl);
	ctrl &= ~PCI_MSIX_FLAGS_ENABLE;
	pci_write_config_word(pdev, pdev->msix_cap + PCI_MSIX_FLAGS, ctrl);
	iounmap(pdev->msix_base);
	pdev->msix_base = NULL;
	pdev->msix_enabled = 0;
}

/* Frees what was lost. The descriptors may be gone: do not look at them. */
void mt_soft_domain_repair(void)
{
	struct lost_irq *lost, *next_lost;
	struct stuck *stuck, *next_stuck;

	list_for_each_entry_safe(lost, next_lost, &lost_irqs, node) {
		if (irq_domain_get_irq_data(soft_domain, lost->virq)) {
			fn_set_msi_desc(lost->virq, 0, NULL);
			fn_free_irqs(lost->virq, 1);
		}
		list_del(&lost->node);
		kfree(lost);
	}
	list_for_each_entry_safe(stuck, next_stuck, &stuck_devices, node) {
		disable_msix(stuck->pdev);
		pci_dev_put(stuck->pdev);
		list_del(&stuck->node);
		kfree(stuck);
	}
}

void mt_soft_domain_exit(void)
{
	struct attached *a, *next;
	struct fwnode_handle *fwnode;

	list_for_each_entry_safe(a, next, &attached, node)
		detach(a);
	if (!soft_domain)
		return;
	mt_soft_domain_repair();
	fwnode = soft_domain->fwnode;
	irq_domain_remove(soft_domain);
	irq_domain_free_fwnode(fwnode);
	soft_domain = NULL;
}
