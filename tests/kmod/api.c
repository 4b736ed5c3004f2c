// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scenarios of the api_ rules: what the interfaces promise their callers.
 */
#include <linux/kprobes.h>

#include "msitrace_test.h"

/* ---- api_error_lost ---- */

static int lose_error(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	if ((int)regs_return_value(regs) < 0)
		regs_set_return_value(regs, -EIO);
	return 0;
}

static mt_act int mt_ask_for_vectors_and_get_another_error(struct mt_device *dev, unsigned int nvec)
{
	return mt_vectors_alloc(dev, nvec, nvec);
}

/* The PCI core that loses the error of the irq domain, -ENOSPC, is played by a kretprobe. */
int mt_api_error_lost(struct mt_run *run)
{
	struct kretprobe rp = { .handler = lose_error, .kp.symbol_name = "__pci_enable_msix_range" };
	unsigned int nvec = run->dev->nvec;
	int err, told;

	mt_vectors_free_irq(run->dev, 0);
	mt_vectors_free(run->dev);
	err = register_kretprobe(&rp);
	if (err)
		return err;
	mt_soft_domain_fail_at(1);
	told = mt_ask_for_vectors_and_get_another_error(run->dev, nvec);
	mt_soft_domain_fail_at(0);
	unregister_kretprobe(&rp);
	mt_note("the driver is told %d", told);
	if (told != -EIO)
		return -EAGAIN;
	err = mt_vectors_alloc(run->dev, nvec, nvec);
	return err ? err : mt_vectors_request(run->dev);
}

/* ---- api_msix_entry_vector ---- */

static mt_act int mt_enable_entries_out_of_order(struct pci_dev *pdev, struct msix_entry *entries)
{
	return pci_enable_msix_range(pdev, entries, 3, 3);
}

/* The first and the last one get each other's interrupt; without handlers that is harmless. */
int mt_api_msix_entry_vector(struct mt_run *run)
{
	struct msix_entry entries[] = { { .entry = 5 }, { .entry = 3 }, { .entry = 1 } };
	struct pci_dev *pdev = run->pdev;
	unsigned int i, wrong = 0;
	int ret;

	mt_vectors_free_irq(run->dev, 0);
	mt_vectors_free(run->dev);
	ret = mt_enable_entries_out_of_order(pdev, entries);
	if (ret < 0)
		return ret;
	for (i = 0; i < ARRAY_SIZE(entries); i++)
		wrong += entries[i].vector != pci_irq_vector(pdev, entries[i].entry);
	pci_disable_msix(pdev);
	mt_note("%u of %d entries have the interrupt of another", wrong, ret);
	return wrong ? 0 : -EIO;
}

/* ---- api_virq_lookup ---- */

static void swap_interrupts(struct device *dev)
{
	struct msi_desc *first, *second;

	mt_lock_descs(dev);
	first = mt_first_desc(dev, MSI_DESC_ASSOCIATED);
	second = first ? mt_next_desc(dev, MSI_DESC_ASSOCIATED) : NULL;
	if (second)
		swap(first->irq, second->irq);
	mt_unlock_descs(dev);
}

static mt_act int mt_look_up_swapped_interrupt(struct pci_dev *pdev)
{
	return pci_irq_vector(pdev, 0);
}

int mt_api_virq_lookup(struct mt_run *run)
{
	struct device *dev = &run->pdev->dev;
	int virq;

	swap_interrupts(dev);
	virq = mt_look_up_swapped_interrupt(run->pdev);
	swap_interrupts(dev);
	return virq == run->dev->vec[1].virq ? 0 : -EIO;
}

/* ---- api_dyn_unsupported ---- */

static mt_act int mt_add_vector_to_those_in_use(mt_insert_desc_t insert, struct device *dev,
						struct msi_desc *init)
{
	return mt_call_insert(insert, dev, init);
}

int mt_api_dyn_unsupported(struct mt_run *run)
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
	err = mt_add_vector_to_those_in_use(insert, dev, &init);
	if (!err)
		mt_call_free_descs(free_descs, dev, init.msi_index, init.msi_index);
	mt_unlock_descs(dev);
	return err;
}
