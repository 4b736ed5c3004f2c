/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Looks at the counters of the x86 vector allocator: struct irq_matrix, and a struct cpumap per CPU
 * (kernel/irq/matrix.c).  Read without vector_lock; the totals are read twice, and the event says
 * whether they were the same.
 */
#ifndef MATRIX_BPF_H
#define MATRIX_BPF_H

#include "msitrace.bpf.h"

#define MATRIX_ENOSPC	(-28)
#define MATRIX_PAUSE	100000000	/* ns between two looks that failures ask for */

/* Addresses, set by user space: the variables vector_matrix, vector_lock, __per_cpu_offset[] and vector_irq[].  */
__u64 msi_vector_matrix __weak = 0;
__u64 msi_vector_lock __weak = 0;
__u64 msi_per_cpu_offset __weak = 0;
__u64 msi_vector_irq __weak = 0;	/* 0: whose the vectors are is not told */
struct msi_books msi_books __weak = {};
__u64 matrix_looked[HOOK_MAX] __weak = {};	/* when a failure that this hook saw last asked */

#define MATRIX_CPUS	1024		/* that are looked at; the totals are those of all */

__u64 matrix_sum __weak = 0;		/* vectors of the CPUs that were sent */

static __always_inline __u64 per_cpu_offset(__u32 cpu)
{
	__u64 offset = 0;

	bpf_probe_read_kernel(&offset, sizeof(offset), (void *)(msi_per_cpu_offset + 8ULL * cpu));
	return offset;
}

/* Vectors that a CPU counts as taken.  A global function: looked at once by the verifier.  */
__weak int matrix_allocated(__u32 cpu, __u64 maps)
{
	struct cpumap *cm = (void *)(maps + per_cpu_offset(cpu));

	return BPF_CORE_READ(cm, initialized) ? BPF_CORE_READ(cm, allocated) : 0;
}

#define MATRIX_LISTS	16		/* CPUs of a look whose vectors are listed */
#define VECTOR_FIRST	32		/* FIRST_EXTERNAL_VECTOR */
#define VECTOR_MARKS	(-4096LL)	/* VECTOR_SHUTDOWN and VECTOR_RETRIGGERED are above */

__u32 matrix_listed __weak = 0;		/* in this look */

/* Read without vector_lock: an interrupt that moves may be seen twice, or not at all.  */
__weak int matrix_irqs(__u32 cpu, __u64 table, __u32 sample, __u32 hook)
{
	struct msi_ev_matrix_irqs *e;
	__u64 id;
	__u32 i;

	e = EVENT_BEGIN(matrix_irqs, MSI_EV_MATRIX_IRQS, hook, 0);
	if (!e)
		return 0;
	e->sample = sample;
	e->at = cpu;
	e->nr = MSI_CPU_VECTORS;
	for (i = 0; i < MSI_CPU_VECTORS; i++) {
		id = 0;
		bpf_probe_read_kernel(&id, sizeof(id), (void *)(table + 8ULL * (VECTOR_FIRST + i)));
		if (id && id < (__u64)VECTOR_MARKS)
			e->irq[i] = BPF_CORE_READ((struct irq_desc *)id, irq_data.irq);
	}
	event_submit(e);
	return 0;
}

/* Of interest is who holds a CPU that is full, or is to go; in a look that nothing has asked for, one that is half full.  */
static __always_inline bool is_to_list(const struct msi_ev_matrix_cpu *e, __u32 hook)
{
	if (!msi_vector_irq || !e->online || matrix_listed >= MATRIX_LISTS)
		return false;
	if (hook == HOOK_cpu_unplug)
		return e->at == bpf_get_smp_processor_id();
	return !e->available || (!hook && e->allocated >= e->available);
}

/* One of them; 1: it was sent.  A global function: looked at once by the verifier.  */
__weak int matrix_one(__u32 cpu, __u64 maps, __u32 sample, __u32 hook)
{
	struct msi_ev_matrix_cpu *e;
	struct cpumap *cm;
	__u64 offset = per_cpu_offset(cpu);
	bool list;

	cm = (void *)(maps + offset);
	if (!BPF_CORE_READ(cm, initialized))
		return 0;
	e = EVENT_BEGIN(matrix_cpu, MSI_EV_MATRIX_CPU, hook, 0);
	if (!e)
		return 0;
	e->sample = sample;
	e->at = cpu;
	e->available = BPF_CORE_READ(cm, available);
	e->allocated = BPF_CORE_READ(cm, allocated);
	matrix_sum += e->allocated;
	e->managed = BPF_CORE_READ(cm, managed);
	e->managed_allocated = BPF_CORE_READ(cm, managed_allocated);
	e->online = BPF_CORE_READ(cm, online);
	bpf_probe_read_kernel(&e->taken0, 4 * sizeof(e->taken0),
			      (void *)cm + bpf_core_field_offset(struct cpumap, alloc_map));
	list = is_to_list(e, hook);
	event_submit(e);
	if (list) {
		matrix_listed++;
		matrix_irqs(cpu, msi_vector_irq + offset, sample, hook);
	}
	return 1;
}

static __always_inline void matrix_totals(struct irq_matrix *m, struct msi_ev_matrix *e)
{
	e->available = BPF_CORE_READ(m, global_available);
	e->reserved = BPF_CORE_READ(m, global_reserved);
	e->allocated = BPF_CORE_READ(m, total_allocated);
	e->online = BPF_CORE_READ(m, online_maps);
}

__weak int matrix_look(__u32 hook)
{
	struct msi_ev_matrix before = {}, *e;
	struct irq_matrix *m = NULL;
	__u32 i, sample, nr = 0;
	__u64 maps, sum = 0;

	if (!msi_vector_matrix || !msi_per_cpu_offset || !event_wanted(MSI_EV_MATRIX))
		return 0;
	bpf_probe_read_kernel(&m, sizeof(m), (void *)msi_vector_matrix);
	if (!m)
		return 0;
	sample = (__u32)bpf_ktime_get_ns() | 1;
	maps = (__u64)BPF_CORE_READ(m, maps);
	matrix_totals(m, &before);
	matrix_sum = 0;
	matrix_listed = 0;
	for (i = 0; i < MATRIX_CPUS; i++) {
		if (i >= cfg.nr_cpus)
			break;
		nr += matrix_one(i, maps, sample, hook);
	}
	/* once more: a vector that moves from one CPU to another changes none of the totals in the end */
	for (i = 0; i < MATRIX_CPUS; i++) {
		if (i >= cfg.nr_cpus)
			break;
		sum += matrix_allocated(i, maps);
	}
	e = EVENT_BEGIN(matrix, MSI_EV_MATRIX, hook, 0);
	if (!e)
		return 0;
	matrix_totals(m, e);
	e->sample = sample;
	e->cpus = nr;
	e->irqs = msi_books.irqs;
	e->irqs_ns = msi_books.since;
	e->irqs_hold = msi_books.hold;
	e->irqs_reserved = msi_books.reserved;
	e->irqs_moving = msi_books.moving;
	e->irqs_stable = msi_books.quiet && e->reserved == msi_books.all_reserved &&
			 e->allocated == msi_books.all_allocated;
	e->stable = sum == matrix_sum && e->available == before.available && e->reserved == before.reserved &&
		    e->allocated == before.allocated && e->online == before.online;
	event_submit(e);
	return 0;
}

/*
 * A processor that stands still inside of vector_lock, as one of a guest may, has changed the totals and not the
 * interrupt, or the reverse.
 */
__weak int books_totals(void)
{
	struct irq_matrix *m = NULL;
	__u32 locked = 0;

	if (!msi_vector_matrix)
		return 0;
	bpf_probe_read_kernel(&m, sizeof(m), (void *)msi_vector_matrix);
	if (!m)
		return 0;
	if (msi_vector_lock)
		bpf_probe_read_kernel(&locked, sizeof(locked), (void *)msi_vector_lock);
	msi_books.locked |= locked;
	msi_books.all_reserved = BPF_CORE_READ(m, global_reserved);
	msi_books.all_allocated = BPF_CORE_READ(m, total_allocated);
	msi_books.ns = bpf_ktime_get_ns();
	return 0;
}

/* What the counters are when there is no vector left; many failures are one case.  */
static __always_inline void matrix_if_full(int hook, __s32 ret)
{
	__u64 now;

	if (ret != MATRIX_ENOSPC)
		return;
	now = bpf_ktime_get_ns();
	if (matrix_looked[hook] && now - matrix_looked[hook] < MATRIX_PAUSE)
		return;
	matrix_looked[hook] = now;
	matrix_look(hook);
}

#endif
