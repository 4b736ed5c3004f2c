/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Drives the baseline: reads an attribute of every device that has MSI data, and the actions of every
 * interrupt; BPF hooks on these reads (bpf/snapshot.bpf.c) send what is behind them.
 */
#ifndef MSITRACE_COLLECT_BASELINE_H
#define MSITRACE_COLLECT_BASELINE_H

#include <stdbool.h>
#include <stdint.h>

struct msi_baseline_counts {
	uint32_t devices, descs, irqs, failed;
};

/* drain() is called between objects, so that the ring buffer does not fill.  0, or what it returned.  */
int baseline_take(struct msi_baseline_counts *bc, int (*drain)(void *ctx), void *ctx);

/* Interrupts are remapped: a chip's name begins with "IR-" (x86).  */
bool baseline_has_remapping(void);

#endif
