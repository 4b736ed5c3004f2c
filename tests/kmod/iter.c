// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scenarios of the iter_ rules. The cursor of the iterators is one hidden field per device: next()
 * without a running iteration, or after another one has moved the cursor, gives no error, only a
 * wrong answer.
 */
#include "msitrace_test.h"

/* ---- iter_next_invalid ---- */

static mt_act struct msi_desc *mt_next_without_first(struct device *dev)
{
	return mt_next_desc(dev, MSI_DESC_ALL);
}

static mt_act struct msi_desc *mt_next_after_end(struct device *dev)
{
	return mt_next_desc(dev, MSI_DESC_ALL);
}

static const char *shown(const struct msi_desc *desc)
{
	return desc ? "a descriptor" : "NULL";
}

int mt_iter_next_invalid_idle(struct mt_run *run)
{
	struct device *dev = &run->pdev->dev;
	struct msi_desc *desc;

	mt_lock_descs(dev);
	desc = mt_next_without_first(dev);
	mt_unlock_descs(dev);
	mt_note("next() without first() returned %s", shown(desc));
	return 0;
}

int mt_iter_next_invalid_done(struct mt_run *run)
{
	struct device *dev = &run->pdev->dev;
	struct msi_desc *desc;

	mt_lock_descs(dev);
	mt_for_each_desc(desc, dev, MSI_DESC_ALL)
		;
	desc = mt_next_after_end(dev);
	mt_unlock_descs(dev);
	mt_note("next() after the end returned %s", shown(desc));
	return 0;
}

int mt_iter_next_invalid(struct mt_run *run)
{
	int err = mt_iter_next_invalid_idle(run);

	return err ? err : mt_iter_next_invalid_done(run);
}

/* ---- iter_nested ---- */

static mt_act void mt_inner_loop_to_the_end(struct device *dev)
{
	struct msi_desc *desc;

	mt_for_each_desc(desc, dev, MSI_DESC_ALL)
		;
}

static mt_act unsigned int mt_outer_loop_cut_short(struct device *dev)
{
	struct msi_desc *desc;
	unsigned int n = 0;

	mt_for_each_desc(desc, dev, MSI_DESC_ALL) {
		n++;
		mt_inner_loop_to_the_end(dev);
	}
	return n;
}

int mt_iter_nested(struct mt_run *run)
{
	struct device *dev = &run->pdev->dev;
	unsigned int n;

	mt_lock_descs(dev);
	n = mt_outer_loop_cut_short(dev);
	mt_unlock_descs(dev);
	mt_note("outer loop saw %u of %u descriptors", n, run->dev->nvec);
	return n == 1 ? 0 : -EIO;
}

static mt_act void mt_inner_loop_left_at_first(struct device *dev)
{
	struct msi_desc *desc;

	mt_for_each_desc(desc, dev, MSI_DESC_ALL)
		break;
}

/* Would never end: it stops as soon as it got one descriptor twice, far below iter_unbounded. */
static mt_act unsigned int mt_outer_loop_restarts(struct device *dev, unsigned int *twice)
{
	struct msi_desc *desc;
	unsigned int n = 0, last = UINT_MAX;

	mt_for_each_desc(desc, dev, MSI_DESC_ALL) {
		if (desc->msi_index == last || n == 4)
			break;
		n++;
		last = desc->msi_index;
		mt_inner_loop_left_at_first(dev);
	}
	*twice = desc ? desc->msi_index : UINT_MAX;
	return n;
}

int mt_iter_nested_restart(struct mt_run *run)
{
	struct device *dev = &run->pdev->dev;
	unsigned int n, twice;

	mt_lock_descs(dev);
	n = mt_outer_loop_restarts(dev, &twice);
	mt_unlock_descs(dev);
	mt_note("outer loop got descriptor %u again after %u steps", twice, n);
	return twice == 1 && n == 2 ? 0 : -EIO;
}

/* ---- iter_order, iter_wrong_yield ---- */

#define SPOILT 3

static mt_act unsigned int mt_walk_over_spoilt_descriptors(struct device *dev)
{
	struct msi_desc *desc;
	unsigned int n = 0;

	mt_for_each_desc(desc, dev, MSI_DESC_ALL)
		n++;
	return n;
}

/* The second descriptor is made one of another device, the third gets the index of the first. */
int mt_iter_wrong_yield(struct mt_run *run)
{
	struct msi_desc *desc, *descs[SPOILT] = {};
	struct device *dev = &run->pdev->dev;
	unsigned int i = 0, n, index;

	mt_lock_descs(dev);
	mt_for_each_desc(desc, dev, MSI_DESC_ALL) {
		if (i < SPOILT)
			descs[i++] = desc;
	}
	if (i < SPOILT) {
		mt_unlock_descs(dev);
		return -ENODATA;
	}
	index = descs[2]->msi_index;
	descs[1]->dev = dev->parent;
	descs[2]->msi_index = descs[0]->msi_index;
	n = mt_walk_over_spoilt_descriptors(dev);
	descs[1]->dev = dev;
	descs[2]->msi_index = index;
	mt_unlock_descs(dev);
	mt_note("walked %u of %u descriptors", n, run->dev->nvec);
	return n == run->dev->nvec ? 0 : -EIO;
}

/* ---- iter_cursor_left ---- */

static mt_act void mt_unlock_with_cursor_set(struct device *dev)
{
	mutex_unlock(mt_mutex(dev));
}

int mt_iter_cursor_left(struct mt_run *run)
{
	struct device *dev = &run->pdev->dev;
	struct msi_desc *desc;

	mt_lock_descs(dev);
	desc = mt_first_desc(dev, MSI_DESC_ALL);
	mt_unlock_with_cursor_set(dev);
	return desc ? 0 : -ENODATA;
}

/* ---- iter_bad_filter ---- */

#define NO_FILTER ((enum msi_desc_filter)7)

static mt_act struct msi_desc *mt_first_with_no_filter(struct device *dev)
{
	return mt_first_desc(dev, NO_FILTER);
}

int mt_iter_bad_filter(struct mt_run *run)
{
	struct device *dev = &run->pdev->dev;
	struct msi_desc *desc;

	mt_lock_descs(dev);
	desc = mt_first_with_no_filter(dev);
	mt_unlock_descs(dev);
	mt_note("first() with filter %u returned %s", NO_FILTER, shown(desc));
	return desc ? -EIO : 0;
}
