// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/util.h"
#include "context.h"

#define ROOT MSI_CONTEXT_MAX	/* no context: the outermost function of a whole stack */

/* More than one of each chain, since any of them may be inlined somewhere.  */
static const struct {
	unsigned int context;
	const char *func;
} funcs[] = {
	{ MSI_CONTEXT_ACTIVATION, "irq_domain_activate_irq" },
	{ MSI_CONTEXT_ACTIVATION, "__irq_domain_activate_irq" },
	{ MSI_CONTEXT_ACTIVATION, "msi_domain_activate" },
	{ MSI_CONTEXT_DEACTIVATION, "irq_domain_deactivate_irq" },
	{ MSI_CONTEXT_DEACTIVATION, "__irq_domain_deactivate_irq" },
	{ MSI_CONTEXT_DEACTIVATION, "msi_domain_deactivate" },
	{ MSI_CONTEXT_AFFINITY, "irq_do_set_affinity" },
	{ MSI_CONTEXT_AFFINITY, "msi_set_affinity" },
	{ MSI_CONTEXT_AFFINITY, "msi_domain_set_affinity" },
	{ MSI_CONTEXT_RESTORE, "pci_restore_msi_state" },
	{ MSI_CONTEXT_RESTORE, "__pci_restore_msi_state" },
	{ MSI_CONTEXT_RESTORE, "__pci_restore_msix_state" },
	{ MSI_CONTEXT_RESTORE, "arch_restore_msi_irqs" },
	{ MSI_CONTEXT_PCI_CORE, "pci_msi_setup_msi_irqs" },
	{ MSI_CONTEXT_PCI_CORE, "pci_msi_teardown_msi_irqs" },
	{ MSI_CONTEXT_PCI_CORE, "__pci_enable_msi_range" },
	{ MSI_CONTEXT_PCI_CORE, "__pci_enable_msix_range" },
	{ MSI_CONTEXT_PCI_CORE, "pci_msix_alloc_irq_at" },
	{ MSI_CONTEXT_PCI_CORE, "pci_msix_free_irq" },
	{ MSI_CONTEXT_PCI_CORE, "pci_msi_shutdown" },
	{ MSI_CONTEXT_PCI_CORE, "pci_msix_shutdown" },
	{ MSI_CONTEXT_PCI_CORE, "pci_disable_msi" },
	{ MSI_CONTEXT_PCI_CORE, "pci_disable_msix" },
	{ MSI_CONTEXT_PCI_CORE, "pci_free_irq_vectors" },
	{ ROOT, "entry_SYSCALL_64_after_hwframe" },
	{ ROOT, "entry_SYSCALL_64" },
	{ ROOT, "ret_from_fork" },
	{ ROOT, "ret_from_fork_asm" },	/* v6.6 */
	{ ROOT, "secondary_startup_64_no_verify" },
	{ ROOT, "secondary_startup_64" },
};

_Static_assert(ARRAY_SIZE(funcs) <= CONTEXT_FUNCS, "CONTEXT_FUNCS is too small");

void context_wanted(struct syms_wanted wanted[CONTEXT_FUNCS])
{
	size_t i;

	memset(wanted, 0, CONTEXT_FUNCS * sizeof(*wanted));
	for (i = 0; i < ARRAY_SIZE(funcs); i++) {
		wanted[i].name = funcs[i].func;
		wanted[i].tag = funcs[i].context;
	}
}

unsigned int context_of(const struct syms *s, const struct msi_stack *st, bool whole)
{
	unsigned int i, tag;
	uint64_t last;

	/* the innermost frame is the function that writes */
	for (i = 1; i < st->nr; i++) {
		tag = syms__tag(s, syms__function(s, st->ip[i]));
		if (tag && tag != ROOT)
			return tag;
	}
	if (!st->nr || !whole)
		return MSI_CONTEXT_UNKNOWN;
	last = syms__function(s, st->ip[st->nr - 1]);
	if (syms__tag(s, last) != ROOT && !syms__is_interrupt_entry(s, last))
		return MSI_CONTEXT_UNKNOWN;
	return MSI_CONTEXT_ELSEWHERE;
}
