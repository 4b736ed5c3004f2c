/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Drives the baseline: reads an attribute of every device that has MSI data, and the actions of every
 * interrupt; BPF hooks on these reads (bpf/snapshot.bpf.c) send what is behind them.
 */
#ifndef MSITRACE_COLLECT_BASELINE_H
#define MSITRACE_COLLECT_BASELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct msi_baseline_counts {
	uint32_t devices, descs, irqs, failed;
};

/* drain() is called between objects, so that the ring buffer does not fill.  0, or what it returned.  */
int baseline_take(struct msi_baseline_counts *bc, int (*drain)(void *ctx), void *ctx);

/* Calls fn for every device that has a directory msi_irqs; 0, or the first non-zero.  */
int baseline_each_device(int (*fn)(void *ctx, int dirfd, const char *device), void *ctx);

/* Reads an attribute of a device, so that the hook on it looks at the device.  */
bool baseline_touch(int dirfd, const char *device);

/* Reads the actions of one interrupt, whichever it is.  */
bool baseline_touch_irq(void);

/*
 * Reads those of all interrupts; drain() as above. When it is called, `actions` (may be NULL) holds what
 * the file said, without the line feed and as far as there is room.
 */
int baseline_touch_irqs(char *actions, size_t size, int (*drain)(void *ctx), void *ctx);

/* Reads an attribute of all devices that have MSI data.  */
int baseline_touch_devices(struct msi_baseline_counts *bc, int (*drain)(void *ctx), void *ctx);

/* Interrupts are remapped: a chip's name begins with "IR-" (x86).  */
bool baseline_has_remapping(void);

/* Is this a guest of Xen, which writes the messages of its guests itself?  */
bool baseline_is_xen(void);

#endif
