/* SPDX-License-Identifier: GPL-2.0-only */
/* Where an interrupt goes, by x86's books, and the message that its device was given.  */
#ifndef MSI_TARGET_BPF_H
#define MSI_TARGET_BPF_H

#include "msitrace.bpf.h"

#define LEVELS_MAX 4	/* of an irq domain hierarchy */

__u64 msi_cpu_online_mask __weak = 0;	/* its address, set by user space */

/* It goes elsewhere than to the CPUs that it was told to stay on, some of which are online: they were full.  */
static __always_inline bool aff_is_broken(struct irq_common_data *icd)
{
	__u64 wanted = cpus_of(wanted_mask(icd)), effective = cpus_of(effective_mask(icd));

	return effective && !(effective & wanted) && wanted & cpus_of(msi_cpu_online_mask);
}

static __always_inline bool cpu_is_online(__u32 cpu)
{
	return cpu > 63 || cpus_of(msi_cpu_online_mask) >> cpu & 1;
}

static __always_inline bool is_apic(const char *chip)
{
	return chip[0] == 'A' && chip[1] == 'P' && chip[2] == 'I' && chip[3] == 'C' && !chip[4];
}

/*
 * The vector and APIC id of an interrupt: chip data of the domain that composes its message, struct
 * apic_chip_data of arch/x86/kernel/apic/vector.c, whose first member is a struct irq_cfg.  Left at 0
 * when another one composes it: interrupt remapping, Hyper-V, VMD.
 */
static __always_inline void x86_vector(struct irq_data *d, __u32 *vector, __u32 *dest)
{
	struct irq_chip *chip = NULL;
	struct irq_cfg *cfg_;
	char name[8] = {};
	int i;

	*vector = *dest = 0;
	if (!bpf_core_type_exists(struct irq_cfg))
		return;
	for (i = 0; i < LEVELS_MAX; i++) {
		chip = BPF_CORE_READ(d, chip);
		if (!chip || BPF_CORE_READ(chip, irq_compose_msi_msg))
			break;
		d = BPF_CORE_READ(d, parent_data);
		if (!d)
			return;
	}
	if (!chip)
		return;
	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(chip, name));
	cfg_ = (void *)BPF_CORE_READ(d, chip_data);
	if (!cfg_ || !is_apic(name))
		return;
	*vector = BPF_CORE_READ(cfg_, vector);
	*dest = BPF_CORE_READ(cfg_, dest_apicid);
}

/* Before v5.17 what comes from the arguments of a hook is a pointer, which a global function does not take.  */
static __always_inline __u64 as_number(__u64 pointer)
{
	__u64 number = 0;

	bpf_probe_read_kernel(&number, sizeof(number), &pointer);
	return number;
}

/*
 * What x86's vector allocator knows of an interrupt, 0: it is not one of its: chip data of the last domain,
 * which is that of the local APIC also below interrupt remapping.
 */
static __always_inline struct apic_chip_data *apic_data(struct irq_data *d)
{
	struct irq_data *parent;
	char name[8] = {};
	int i;

	if (!bpf_core_type_exists(struct apic_chip_data))
		return NULL;
	for (i = 0; i < LEVELS_MAX; i++) {
		parent = BPF_CORE_READ(d, parent_data);
		if (!parent)
			break;
		d = parent;
	}
	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(d, chip, name));
	return is_apic(name) ? (void *)BPF_CORE_READ(d, chip_data) : NULL;
}

/* What it has in its books.  A global function: looked at once by the verifier.  */
__weak int apic_books(__u64 irqd)
{
	struct apic_chip_data *apic = apic_data((void *)irqd);
	__u32 books = MSI_BOOKS_KNOWN;

	if (!apic)
		return 0;
	if (BPF_CORE_READ(apic, vector))
		books |= MSI_BOOKS_VECTOR;
	if (BPF_CORE_READ(apic, prev_vector))
		books |= MSI_BOOKS_MOVING;
	if (BPF_CORE_READ_BITFIELD_PROBED(apic, has_reserved))
		books |= MSI_BOOKS_RESERVED;
	return books;
}

static __always_inline void target_read(struct irq_data *d, __u64 desc, struct msi_now *now)
{
	struct msi_desc *md = (void *)desc;

	x86_vector(d, &now->vector, &now->dest);
	now->lo = BPF_CORE_READ(md, msg.address_lo);
	now->hi = BPF_CORE_READ(md, msg.address_hi);
	now->data = BPF_CORE_READ(md, msg.data);
	now->irqd = irqd_state(d);
	now->offset = BPF_CORE_READ(d, irq) - BPF_CORE_READ(md, irq);
	now->books = apic_books(as_number((__u64)d));
	now->mask = desc_mask(desc);
}

/* With the lock of the irq_desc held: nobody changes it meanwhile.  */
static __noinline __unused_ok int target_locked(struct irq_data *d, __u64 desc, struct msi_now *now)
{
	if (!d || !desc || !now)
		return 0;
	target_read(d, desc, now);
	now->flags = desc_flags(desc) | MSI_DESC_STATE_KNOWN;
	return 0;
}

/*
 * Without the lock: somebody may be in the middle of moving the interrupt, with the new vector in the
 * books and the old one in the message.  It is read twice, and the lock was free in between: what was
 * half done at the first look is not the same at the second.
 */
static __noinline __unused_ok int target_unlocked(__u64 irq_desc, __u64 desc, struct msi_now *now)
{
	struct irq_desc *id = (void *)irq_desc;
	struct msi_now again = {};
	struct irq_data *d;
	int locked;

	if (!id || !desc || !now)
		return 0;
	d = (void *)(irq_desc + bpf_core_field_offset(struct irq_desc, irq_data));
	target_read(d, desc, now);
	locked = BPF_CORE_READ(id, lock.raw_lock.val.counter);
	target_read(d, desc, &again);
	now->flags = desc_flags(desc);
	if (!locked && now->vector == again.vector && now->dest == again.dest &&
	    now->lo == again.lo && now->hi == again.hi && now->data == again.data &&
	    now->irqd == again.irqd && now->books == again.books && now->mask == again.mask)
		now->flags |= MSI_DESC_STATE_KNOWN;
	return 0;
}

#endif
