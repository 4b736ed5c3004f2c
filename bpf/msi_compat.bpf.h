/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every kernel structure that is not in vmlinux.h (v6.1) as a kernel has it: CO-RE flavours, each
 * with the release that changed it, and the few accessors that choose among them.
 */
#ifndef MSI_COMPAT_BPF_H
#define MSI_COMPAT_BPF_H

#include "vmlinux.h"
#include "msitrace/event.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* v6.2, per-device domains */
enum irq_domain_bus_token___v62 {
	DOMAIN_BUS_PCI_DEVICE_MSI___v62 = 0x7ffffff0,
	DOMAIN_BUS_PCI_DEVICE_MSIX___v62,
};

/* v6.2, per-device domains: one store per domain id in place of msi_device_data::__store.  */
struct msi_dev_domain___v62 {
	struct xarray store;
	struct irq_domain *domain;
} __attribute__((preserve_access_index));

struct msi_device_data___v62 {
	struct msi_dev_domain___v62 __domains[1];
} __attribute__((preserve_access_index));

/* v6.2; private to kernel/irq/msi.c */
struct msi_ctrl___v62 {
	unsigned int domid;
	unsigned int first;
	unsigned int last;
	unsigned int nirqs;
} __attribute__((preserve_access_index));

/* v6.2: how many indices a domain has */
struct msi_domain_info___v62 {
	unsigned int hwsize;
} __attribute__((preserve_access_index));

/* v6.2: the domain that those of devices are made on says what it can do.  */
struct msi_parent_ops___v62 {
	u32 supported_flags;
	u32 required_flags;	/* v6.9 */
} __attribute__((preserve_access_index));

struct irq_domain___v62 {
	const struct msi_parent_ops___v62 *msi_parent_ops;
} __attribute__((preserve_access_index));

/* CONFIG_PREEMPT_RT, v5.15: a mutex is an rt_mutex.  */
struct rt_mutex_base___rt {
	void *owner;
} __attribute__((preserve_access_index));

struct mutex___rt {
	struct rt_mutex_base___rt rtmutex;
} __attribute__((preserve_access_index));

/* Without CONFIG_CPUMASK_OFFSTACK a cpumask_var_t is the mask itself.  */
struct irq_common_data___onstack {
	struct cpumask affinity[1];
	struct cpumask effective_affinity[1];
} __attribute__((preserve_access_index));

/* Before v5.17: the PCI part is not a struct of its own, and there is maskbit (MSI only) in place of
 * can_mask.  */
struct msi_desc___v510 {
	struct {
		__u8 is_msix	: 1;
		__u8 multiple	: 3;
		__u8 multi_cap	: 3;
		__u8 maskbit	: 1;
		__u8 is_64	: 1;
		__u8 is_virtual	: 1;
		__u16 entry_nr;
	} msi_attrib;
	__u32 masked;
} __attribute__((preserve_access_index));

/* v6.2 to v6.14: hot per-CPU variables in one struct; before and after, __preempt_count is one of its
 * own (46e8fff6d45f ("x86/preempt: Move preempt count to percpu hot section")).  */
struct pcpu_hot___v62 {
	int preempt_count;
} __attribute__((preserve_access_index));

extern const int __preempt_count __ksym __weak;
extern const struct pcpu_hot___v62 pcpu_hot __ksym __weak;

/* preempt_count of this CPU, the lower half where it has 64 bits.  False: this kernel does not show it.  */
static __always_inline bool read_preempt_count(__u32 *out)
{
	if (&__preempt_count)
		*out = *(const __u32 *)bpf_this_cpu_ptr(&__preempt_count);
	else if (bpf_core_field_exists(struct pcpu_hot___v62, preempt_count))
		*out = ((const struct pcpu_hot___v62 *)bpf_this_cpu_ptr(&pcpu_hot))->preempt_count;
	else
		return false;
	return true;
}

/* After v6.1, "irqdomain: Switch to per-domain locking": a hierarchy has one mutex, in its root; before,
 * the global irq_domain_mutex is for all.  */
struct irq_domain___root {
	struct mutex mutex;
	struct irq_domain___root *root;
} __attribute__((preserve_access_index));

/* Mutex of the domain hierarchy that the device's MSIs are in, 0: none.  */
static __always_inline __u64 domain_mutex(__u64 dev)
{
	struct irq_domain___root *d;

	if (!bpf_core_field_exists(struct irq_domain___root, root))
		return 0;
	d = (void *)BPF_CORE_READ((struct device *)dev, msi.domain);
	d = d ? BPF_CORE_READ(d, root) : NULL;
	return d ? (__u64)d + bpf_core_field_offset(struct irq_domain___root, mutex) : 0;
}

static __always_inline __u64 device_parent(__u64 dev)
{
	return (__u64)BPF_CORE_READ((struct device *)dev, parent);
}

static __always_inline __u64 device_mutex(__u64 dev)
{
	return dev ? dev + bpf_core_field_offset(struct device, mutex) : 0;
}

/* CPUs 0 to 63 of a cpumask; none where there is no mask.  */
static __always_inline __u64 cpus_of(__u64 mask)
{
	__u64 v = 0;

	if (mask)
		bpf_probe_read_kernel(&v, sizeof(v), (void *)mask);
	return v;
}

/* Address of the cpumask that an interrupt is really sent to, 0: this kernel keeps none.  */
static __always_inline __u64 effective_mask(struct irq_common_data *icd)
{
	if (bpf_core_field_exists(struct irq_common_data, effective_affinity))
		return (__u64)BPF_CORE_READ(icd, effective_affinity);
	if (!bpf_core_field_exists(struct irq_common_data___onstack, effective_affinity))
		return 0;
	return (__u64)icd + bpf_core_field_offset(struct irq_common_data___onstack, effective_affinity);
}

/* pde_data() */
static __always_inline __u64 proc_data(__u64 inode)
{
	struct proc_inode *pi = (void *)(inode - bpf_core_field_offset(struct proc_inode, vfs_inode));

	return (__u64)BPF_CORE_READ(pi, pde, data);
}

/* The same of the cpumask that it was told to stay in.  */
static __always_inline __u64 wanted_mask(struct irq_common_data *icd)
{
	if (bpf_core_field_exists(struct irq_common_data___onstack, affinity))
		return (__u64)icd + bpf_core_field_offset(struct irq_common_data___onstack, affinity);
	return (__u64)BPF_CORE_READ(icd, affinity);
}

/* Address of the xarray that holds the descriptors of domain id 0.  MSI_MAX_DEVICE_IRQDOMAINS was 2
 * only while PCI/IMS existed (v6.2 to v6.11); the second store is not looked at.  */
static __always_inline __u64 md_store(__u64 md)
{
	if (bpf_core_field_exists(struct msi_device_data, __store))
		return md + bpf_core_field_offset(struct msi_device_data, __store);
	return md + bpf_core_field_offset(struct msi_device_data___v62, __domains) +
	       bpf_core_field_offset(struct msi_dev_domain___v62, store);
}

/* The irq domain that gives a device its default interrupts, 0: none.  */
static __always_inline __u64 md_domain(__u64 dev, __u64 md)
{
	struct device *d = (void *)dev;
	__u64 domain = 0;

	if (bpf_core_field_exists(struct msi_device_data, __store))
		return (__u64)BPF_CORE_READ(d, msi.domain);
	bpf_probe_read_kernel(&domain, sizeof(domain),
			      (void *)(md + bpf_core_field_offset(struct msi_device_data___v62, __domains) +
				       bpf_core_field_offset(struct msi_dev_domain___v62, domain)));
	return domain;
}

/* v7.0: in place of no_64bit_msi */
struct pci_dev___v70 {
	__u64 msi_addr_mask;
} __attribute__((preserve_access_index));

/* Addresses that the device can write its messages to, as far as the kernel was told; 0: not known.  */
static __always_inline __u64 dev_addr_mask(__u64 dev)
{
	struct pci_dev *pdev = (void *)(dev - bpf_core_field_offset(struct pci_dev, dev));
	struct pci_dev___v70 *v70 = (void *)pdev;

	if (bpf_core_field_exists(v70->msi_addr_mask))
		return BPF_CORE_READ(v70, msi_addr_mask);
	if (!bpf_core_field_exists(pdev->no_64bit_msi))
		return 0;
	return BPF_CORE_READ_BITFIELD_PROBED(pdev, no_64bit_msi) ? 0xffffffff : ~0ULL;
}

#define TOKEN_IS(token, type, name) \
	(bpf_core_enum_value_exists(type, name) && (token) == bpf_core_enum_value(type, name))

/* As msi_check_reservation_mode() asks, before it looks at the first descriptor.  */
static __always_inline bool domain_is_pci(struct irq_domain *domain)
{
	__u32 token = BPF_CORE_READ(domain, bus_token);

	return TOKEN_IS(token, enum irq_domain_bus_token, DOMAIN_BUS_PCI_MSI) ||
	       TOKEN_IS(token, enum irq_domain_bus_token, DOMAIN_BUS_VMD_MSI) ||
	       TOKEN_IS(token, enum irq_domain_bus_token___v62, DOMAIN_BUS_PCI_DEVICE_MSI___v62) ||
	       TOKEN_IS(token, enum irq_domain_bus_token___v62, DOMAIN_BUS_PCI_DEVICE_MSIX___v62);
}

/* As msi_domain_get_hwsize() says, for domain id 0; 0: not known.  */
static __always_inline __u32 md_hwsize(__u64 md)
{
	struct msi_domain_info___v62 *info;
	struct irq_domain *domain;

	if (!md || !bpf_core_field_exists(struct msi_domain_info___v62, hwsize) ||
	    !bpf_core_field_exists(struct msi_device_data___v62, __domains))
		return 0;
	domain = (void *)md_domain(0, md);
	if (!domain)
		return MSI_INDEX_MAX + 1;
	info = BPF_CORE_READ(domain, host_data);
	return info ? BPF_CORE_READ(info, hwsize) : 0;
}

static __always_inline __u64 md_mutex(__u64 md)
{
	if (!bpf_core_field_exists(struct msi_device_data, mutex))	/* before v5.17 */
		return 0;
	return md + bpf_core_field_offset(struct msi_device_data, mutex);
}

static __always_inline bool md_store_empty(__u64 md)
{
	__u64 head = 0;

	bpf_probe_read_kernel(&head, sizeof(head), (void *)(md_store(md) +
			      bpf_core_field_offset(struct xarray, xa_head)));
	return !head;
}

/* The task that holds a mutex, 0: nobody.  The low bits are flags (kernel/locking/mutex.c).  */
static __always_inline __u64 mutex_owner(__u64 mutex)
{
	__u64 owner = 0;

	if (!mutex)
		return 0;
	if (bpf_core_field_exists(struct mutex, owner))
		bpf_probe_read_kernel(&owner, sizeof(owner),
				      (void *)(mutex + bpf_core_field_offset(struct mutex, owner)));
	else if (bpf_core_field_exists(struct mutex___rt, rtmutex))
		bpf_probe_read_kernel(&owner, sizeof(owner),
				      (void *)(mutex + bpf_core_field_offset(struct mutex___rt, rtmutex) +
					       bpf_core_field_offset(struct rt_mutex_base___rt, owner)));
	return owner & ~7ULL;
}

#endif
