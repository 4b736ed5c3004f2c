// SPDX-License-Identifier: GPL-2.0-only
/* Scenario of store_virtual_touched: vectors beyond the MSI-X table. */
#include "msitrace_test.h"

#define BEYOND 2

mt_act int mt_alloc_vectors_beyond_table(struct pci_dev *pdev, unsigned int nvec)
{
	return pci_alloc_irq_vectors(pdev, nvec, nvec, PCI_IRQ_MSIX | PCI_IRQ_VIRTUAL);
}

/*
 * In the first allocation after probe: the domain of the device is as large as that one was. Kernels
 * that have the bug write behind the table, where QEMU's rocker has nothing.
 */
int mt_store_virtual_touched(struct mt_run *run)
{
	int err, table = pci_msix_vec_count(run->pdev);

	if (table < 0)
		return table;
	err = mt_bind(run->pdev, table + BEYOND, MT_SETUP_VIRTUAL);
	if (err)
		return err;
	mt_note("%d vectors of a table of %d", table + BEYOND, table);
	mt_unbind(mt_device_find(run->pdev));
	return 0;
}
