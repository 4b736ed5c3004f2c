/* SPDX-License-Identifier: GPL-2.0-only */
/* Histograms of durations, per device and operation; powers of two.  */
#ifndef MSITRACE_STATS_H
#define MSITRACE_STATS_H

#include "msitrace/event.h"

/* X(ID, name, value, doc): the operations that are measured.  ORDER: by value, append only.  */
#define MSI_OPS(X) \
X(IRQ_ALLOC,	irq_alloc,	0, "allocation of the interrupts of a device") \
X(IRQ_FREE,	irq_free,	1, "free of interrupts in their domains") \
X(ACTIVATE,	activate,	2, "activation of an interrupt") \
X(SET_AFFINITY,	set_affinity,	3, "affinity change in the chip") \
X(LOCK_WAIT,	lock_wait,	4, "waiting for the descriptor mutex") \
X(LOCK_HOLD,	lock_hold,	5, "holding the descriptor mutex")

#define MSI_X_OP(ID, name, value, doc) MSI_OP_##ID = (value),
enum msi_op { MSI_OPS(MSI_X_OP) MSI_OP_MAX = 6 };
#undef MSI_X_OP

#define MSI_HIST_SLOTS 36	/* slot i: [2^i, 2^(i+1)) ns, slot 0 from 0; the last one is open: 34 s */

/* Value of the BPF map; counters are added atomically.  */
struct msi_hist {
	__u64 count;
	__u64 sum_ns;
	__u64 max_ns;
	__u64 slots[MSI_HIST_SLOTS];
};

#ifndef __VMLINUX_H__	/* not for BPF programs */
#include <stddef.h>
#include <stdint.h>

struct stats_row {
	char device[MSI_NAME_LEN];
	char driver[MSI_NAME_LEN];
	enum msi_op op;
	struct msi_hist hist;
};

struct stats {
	size_t nr;
	struct stats_row *rows;		/* by device, then op */
	uint64_t lost;			/* measurements that found no room */
	uint64_t skipped;		/* programs skipped by the kernel: at most as many more are missing */
};

const char *msi_op_name(enum msi_op op);
const char *msi_op_doc(enum msi_op op);
#endif

#endif
