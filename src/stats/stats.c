// SPDX-License-Identifier: GPL-2.0-only
/* Histograms of durations: names, merging, order, quantiles.  Measures and prints nothing.  */
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "stats/hist.h"

static const struct {
	const char *name, *doc;
} ops[] = {
#define MSI_X_OP_ROW(ID, name, value, doc) [MSI_OP_##ID] = { #name, doc },
	MSI_OPS(MSI_X_OP_ROW)
#undef MSI_X_OP_ROW
};
_Static_assert(ARRAY_SIZE(ops) == MSI_OP_MAX, "MSI_OP_MAX is not one more than the last operation");

const char *msi_op_name(enum msi_op op)
{
	return (unsigned int)op < MSI_OP_MAX ? ops[op].name : "unknown";
}

const char *msi_op_doc(enum msi_op op)
{
	return (unsigned int)op < MSI_OP_MAX ? ops[op].doc : "";
}

enum msi_op msi_op_by_name(const char *name)
{
	for (unsigned int op = 0; op < MSI_OP_MAX; op++)
		if (!strcmp(ops[op].name, name))
			return (enum msi_op)op;
	return MSI_OP_MAX;
}

static void add_sat(__u64 *into, __u64 add)
{
	if (__builtin_add_overflow(*into, add, into))
		*into = UINT64_MAX;
}

void msi_hist_merge(struct msi_hist *into, const struct msi_hist *add)
{
	add_sat(&into->count, add->count);
	add_sat(&into->sum_ns, add->sum_ns);
	if (add->max_ns > into->max_ns)
		into->max_ns = add->max_ns;
	for (unsigned int i = 0; i < MSI_HIST_SLOTS; i++)
		add_sat(&into->slots[i], add->slots[i]);
}

void msi_hist_merge_cpus(struct msi_hist *out, const struct msi_hist *values, size_t nr_cpus)
{
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < nr_cpus; i++)
		msi_hist_merge(out, &values[i]);
}

unsigned int msi_hist_slot(uint64_t ns)
{
	unsigned int slot = ns < 2 ? 0 : 63 - (unsigned int)__builtin_clzll(ns);

	return slot < MSI_HIST_SLOTS ? slot : MSI_HIST_SLOTS - 1;
}

uint64_t msi_hist_slot_from(unsigned int slot)
{
	return slot ? 1ULL << slot : 0;
}

uint64_t msi_hist_slot_to(unsigned int slot)
{
	return slot + 1 < MSI_HIST_SLOTS ? 1ULL << (slot + 1) : UINT64_MAX;
}

bool msi_hist_range(const struct msi_hist *h, unsigned int *first, unsigned int *last)
{
	bool any = false;

	for (unsigned int i = 0; i < MSI_HIST_SLOTS; i++) {
		if (!h->slots[i])
			continue;
		if (!any)
			*first = i;
		*last = i;
		any = true;
	}
	return any;
}

/*
 * Counted by the slots, not by h->count: a CPU may be between the two when its value is read.
 */
uint64_t msi_hist_quantile(const struct msi_hist *h, unsigned int permille)
{
	__u64 total = 0, below = 0, rank;

	for (unsigned int i = 0; i < MSI_HIST_SLOTS; i++)
		add_sat(&total, h->slots[i]);
	/* The smallest rank that has `permille` of all at or below it; no product can overflow.  */
	rank = total / 1000 * permille + (total % 1000 * permille + 999) / 1000;
	for (unsigned int i = 0; total && i < MSI_HIST_SLOTS; i++) {
		uint64_t bound = msi_hist_slot_to(i);

		add_sat(&below, h->slots[i]);
		if (below >= rank && below)
			return h->max_ns && h->max_ns < bound ? h->max_ns : bound;
	}
	return 0;
}

uint64_t msi_hist_mean(const struct msi_hist *h)
{
	return h->count ? h->sum_ns / h->count : 0;
}

static int row_cmp(const void *pa, const void *pb)
{
	const struct stats_row *a = pa, *b = pb;
	int cmp = strncmp(a->device, b->device, sizeof(a->device));

	if (!cmp)
		cmp = (a->op > b->op) - (a->op < b->op);
	return cmp ? cmp : strncmp(a->driver, b->driver, sizeof(a->driver));
}

void stats_sort(struct stats *st)
{
	size_t kept = 0;

	if (st->nr)
		qsort(st->rows, st->nr, sizeof(st->rows[0]), row_cmp);
	for (size_t i = 0; i < st->nr; i++) {
		if (kept && !row_cmp(&st->rows[kept - 1], &st->rows[i]))
			msi_hist_merge(&st->rows[kept - 1].hist, &st->rows[i].hist);
		else if (kept++ != i)
			st->rows[kept - 1] = st->rows[i];
	}
	st->nr = kept;
}
