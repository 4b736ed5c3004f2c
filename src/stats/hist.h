/* SPDX-License-Identifier: GPL-2.0-only */
/* Arithmetic on the histograms of msitrace/stats.h.  */
#ifndef MSITRACE_STATS_HIST_H
#define MSITRACE_STATS_HIST_H

#include <stdbool.h>

#include "msitrace/stats.h"

/* Adds one (of a CPU, of a device that came back) to another.  Sums stop at the largest value.  */
void msi_hist_merge(struct msi_hist *into, const struct msi_hist *add);

/* Merges the nr_cpus values that a per-CPU map lookup gives; *out is overwritten.  */
void msi_hist_merge_cpus(struct msi_hist *out, const struct msi_hist *values, size_t nr_cpus);

/* The slot that a duration belongs to, as the BPF side chooses it.  */
unsigned int msi_hist_slot(uint64_t ns);

/* Bounds of a slot in ns; `to` is exclusive, UINT64_MAX for the last slot, which is open.  */
uint64_t msi_hist_slot_from(unsigned int slot);
uint64_t msi_hist_slot_to(unsigned int slot);

/* First and last slot that is not empty.  False: all are.  */
bool msi_hist_range(const struct msi_hist *h, unsigned int *first, unsigned int *last);

/*
 * Upper bound of a quantile in ns: the end of the slot that holds it, or the largest value measured
 * if that is less.  permille: 500 is the median.  0 for an empty histogram.
 */
uint64_t msi_hist_quantile(const struct msi_hist *h, unsigned int permille);
uint64_t msi_hist_mean(const struct msi_hist *h);

/* Sorts by device, then operation; rows of the same device, driver and operation become one.  */
void stats_sort(struct stats *st);

/* MSI_OP_MAX when there is none of that name.  */
enum msi_op msi_op_by_name(const char *name);

#endif
