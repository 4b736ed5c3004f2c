/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads the command register of a PCI device: in the configuration space that x86 keeps mapped, as
 * pci_mmcfg_read() does (arch/x86/pci/mmconfig_64.c).  Devices that are not in it are not known: behind
 * VMD, of Hyper-V, and all of them where the kernel knows of no such space.
 */
#ifndef PCI_CONFIG_BPF_H
#define PCI_CONFIG_BPF_H

#include "msitrace.bpf.h"

#define MMCFG_REGIONS	8	/* that are looked at */
#define CONFIG_COMMAND	4	/* include/uapi/linux/pci_regs.h: PCI_COMMAND, PCI_COMMAND_MEMORY */
#define COMMAND_MEMORY	2

/* Address of the variable pci_mmcfg_list, set by user space.  */
__u64 msi_mmcfg_list __weak = 0;

/* Where the configuration space of a device is mapped, 0: nowhere.  */
static __always_inline __u64 config_space(struct pci_dev *pdev)
{
	struct pci_sysdata *sys = (void *)BPF_CORE_READ(pdev, bus, sysdata);
	__u32 domain = sys ? BPF_CORE_READ(sys, domain) : 0;
	__u32 bus = BPF_CORE_READ(pdev, bus, number);
	struct pci_mmcfg_region *r;
	__u64 virt;
	int i;

	r = (void *)BPF_CORE_READ((struct list_head *)msi_mmcfg_list, next);
	for (i = 0; i < MMCFG_REGIONS; i++) {
		if (!r || (__u64)r == msi_mmcfg_list)
			return 0;
		if (BPF_CORE_READ(r, segment) == domain && BPF_CORE_READ(r, start_bus) <= bus &&
		    BPF_CORE_READ(r, end_bus) >= bus) {
			virt = (__u64)BPF_CORE_READ(r, virt);
			return virt ? virt + (bus << 20 | (BPF_CORE_READ(pdev, devfn) & 0xff) << 12) : 0;
		}
		r = (void *)BPF_CORE_READ(r, list.next);
	}
	return 0;
}

/* For a device that is known to be there, when something is about to be written into its memory.  */
static __noinline __unused_ok __u32 dev_decodes(__u64 dev)
{
	struct pci_dev *pdev = dev_pdev(dev);
	__u16 command = 0;
	__u64 space;

	if (!msi_mmcfg_list || !dev || !bpf_core_type_exists(struct pci_mmcfg_region) ||
	    !bpf_core_type_exists(struct pci_sysdata))
		return MSI_DECODES_UNKNOWN;
	/* where the kernel itself does not write; a virtual function has no such bit */
	if (BPF_CORE_READ(pdev, current_state) || pdev_lost(pdev) ||
	    BPF_CORE_READ_BITFIELD_PROBED(pdev, is_virtfn))
		return MSI_DECODES_UNKNOWN;
	space = config_space(pdev);
	if (!space || bpf_probe_read_kernel(&command, sizeof(command), (void *)(space + CONFIG_COMMAND)) ||
	    command == 0xffff)	/* nobody answers */
		return MSI_DECODES_UNKNOWN;
	return command & COMMAND_MEMORY ? MSI_DECODES_YES : MSI_DECODES_NO;
}

#endif
