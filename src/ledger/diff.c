// SPDX-License-Identifier: GPL-2.0-only
/* Two sorted lists, side by side.  */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "ledger/diff.h"

const struct snap_change_row snap_changes[SNAP_CHANGE_NR] = {
#define X(ID, word_, doc_, field_) { .word = word_, .doc = doc_, .field = SNAP_F_##field_ },
	SNAP_CHANGES(X)
#undef X
};

/* NULL is before all.  */
static int compare(const char *a, const char *b)
{
	if (!a || !b)
		return !!a - !!b;
	return strcmp(a, b);
}

/* Numbers without leading zeros: a longer one is larger.  */
static int compare_numbers(const char *a, const char *b)
{
	size_t na = a ? strlen(a) : 0, nb = b ? strlen(b) : 0;

	return (na > nb) - (na < nb) ?: compare(a, b);
}

static int compare_rows(const struct snap_row *a, const struct snap_row *b)
{
	int d = compare(a->field[SNAP_F_device], b->field[SNAP_F_device]) ?:
		compare_numbers(a->field[SNAP_F_index], b->field[SNAP_F_index]);

	if (d || a->field[SNAP_F_index])
		return d;
	return compare_numbers(a->field[SNAP_F_virq], b->field[SNAP_F_virq]);
}

/* One index may be there twice, of two domain ids.  */
static int by_place(const void *pa, const void *pb)
{
	const struct snap_row *a = pa, *b = pb;

	return compare_rows(a, b) ?: compare_numbers(a->field[SNAP_F_virq], b->field[SNAP_F_virq]);
}

static bool differs(const struct snap_row *old, const struct snap_row *now, enum snap_field field)
{
	return compare(old->field[field], now->field[field]) != 0;
}

static bool has_changed(enum snap_change change, const struct snap_row *old, const struct snap_row *now)
{
	enum snap_field field = snap_changes[change].field;
	bool had, has;

	if (change == SNAP_CHANGE_ADDED || change == SNAP_CHANGE_REMOVED)
		return false;
	if (field != SNAP_F_vector)
		return differs(old, now, field);
	had = old->field[SNAP_F_vector];
	has = now->field[SNAP_F_vector];
	if (change == SNAP_CHANGE_GAINED)
		return !had && has;
	if (change == SNAP_CHANGE_LOST)
		return had && !has;
	/* Without vectors, as off x86, the CPU says it.  */
	return had == has && (differs(old, now, SNAP_F_vector) || differs(old, now, SNAP_F_cpu));
}

int snap_diff(struct snap_row *old, size_t nr_old, struct snap_row *now, size_t nr_now,
	      int (*fn)(void *ctx, enum snap_change change, const struct snap_row *old,
			const struct snap_row *now), void *ctx)
{
	size_t i = 0, k = 0;
	unsigned int change;
	int d, ret = 0;

	if (nr_old)
		qsort(old, nr_old, sizeof(*old), by_place);
	if (nr_now)
		qsort(now, nr_now, sizeof(*now), by_place);
	while (!ret && (i < nr_old || k < nr_now)) {
		d = i == nr_old ? 1 : k == nr_now ? -1 : compare_rows(&old[i], &now[k]);
		if (d < 0)
			ret = fn(ctx, SNAP_CHANGE_REMOVED, &old[i], NULL);
		else if (d > 0)
			ret = fn(ctx, SNAP_CHANGE_ADDED, NULL, &now[k]);
		for (change = 0; !d && !ret && change < SNAP_CHANGE_NR; change++)
			if (has_changed(change, &old[i], &now[k]))
				ret = fn(ctx, change, &old[i], &now[k]);
		i += d <= 0;
		k += d >= 0;
	}
	return ret;
}
