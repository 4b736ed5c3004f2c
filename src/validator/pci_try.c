// SPDX-License-Identifier: GPL-2.0-only
/*
 * pci_alloc_irq_vectors() tries MSI-X, then MSI, and either with fewer vectors than before.  Each try is a
 * PCI_ENABLE; the last one is kept until a PCI_VECTORS says what the driver was told.
 */
#include "model.h"

int pci_tried(struct model *m, const struct msi_ev_pci_enable *ev)
{
	struct device *dev = model__device(m, ev->h.dev);
	const struct store_list *sl = m->scene.list;
	struct pci_try *t = dev ? &dev->tried : NULL;

	if (!t)
		return 0;
	t->known = true;
	t->tid = ev->h.tid;
	t->epoch = m->try_epoch;
	t->cap = ev->cap;
	t->nvec = ev->nvec;
	t->ret = ev->ret;
	t->listed = sl && sl->complete && !sl->cut;
	t->spread = t->plain = 0;
	for (uint32_t i = 0; t->listed && i < sl->nr; i++) {
		if (sl->rows[i].flags & MSI_DESC_AFFINITY)
			t->spread++;
		else
			t->plain++;
	}
	return moment_set(m, &t->when, &ev->h, &ev->stack);
}

/* Who called it called the try: drivers that enable MSI-X themselves leave tries behind.  */
static bool below(const struct model *m, const struct pci_try *t, const struct msi_stack *call)
{
	const uint64_t *ip;
	uint32_t nr;

	ip = stackdepot__frames(m->stacks, t->when.stack, &nr);
	for (uint32_t i = 1; call->nr > 1 && i < nr; i++)
		if (ip[i] == call->ip[1])
			return true;
	return false;
}

const struct pci_try *pci_try_of(const struct model *m, const struct msi_ev_pci_vectors *ev)
{
	const struct device *dev = model__device(m, ev->h.dev);
	const struct pci_try *t = dev ? &dev->tried : NULL;

	if (!t || !t->known || t->tid != ev->h.tid || t->epoch != m->try_epoch || !below(m, t, &ev->stack))
		return NULL;
	return t;
}
