// SPDX-License-Identifier: GPL-2.0-only
/* Scenarios of the vec_ rules: vectors that nobody uses. */
#include <linux/delay.h>

#include "msitrace_test.h"

static mt_act int mt_allocate_all_vectors(struct mt_device *dev)
{
	return mt_vectors_alloc(dev, 16, 64);
}

/* All vectors that there are, handlers on some. The device stays set up. */
static int use_some(struct mt_run *run, unsigned int nr)
{
	int err;

	mt_vectors_free_irq(run->dev, 0);
	mt_vectors_free(run->dev);
	err = mt_allocate_all_vectors(run->dev);
	if (!err)
		err = mt_vectors_request_some(run->dev, nr);
	mt_note("%u vectors, %u requested", run->dev->nvec, nr);
	return err;
}

int mt_vec_never_requested(struct mt_run *run)
{
	return use_some(run, 1);
}

/* As a driver does that requests its interrupts when the device is opened, and nobody has yet. */
int mt_vec_never_requested_not_open(struct mt_run *run)
{
	return use_some(run, 0);
}

/* ---- vec_accounting ---- */

static void *matrix_with_one_more;

static mt_act int mt_reserve_for_nobody(void)
{
	void (*reserve)(void *matrix) = mt_symbol("irq_matrix_reserve");
	void **matrix = mt_symbol("vector_matrix");

	if (!reserve || !matrix)
		return -EOPNOTSUPP;
	reserve(*matrix);
	matrix_with_one_more = *matrix;
	return 0;
}

/* A reservation that belongs to no interrupt, until the teardown. */
int mt_vec_accounting(struct mt_run *run)
{
	return mt_reserve_for_nobody();
}

/* Gives back what mt_vec_accounting() has taken. */
void mt_vec_repair(void)
{
	void (*remove)(void *matrix) = mt_symbol("irq_matrix_remove_reserved");

	if (matrix_with_one_more && remove)
		remove(matrix_with_one_more);
	matrix_with_one_more = NULL;
}

/* ---- vec_idle_real_vector ---- */

static mt_act int mt_allocate_without_reservation(struct mt_device *dev, unsigned int nvec)
{
	return mt_vectors_alloc(dev, nvec, nvec);
}

/* Nobody requests them; the device stays set up. */
int mt_vec_idle_real_vector(struct mt_run *run)
{
	unsigned int nvec = run->dev->nvec;
	int err;

	mt_vectors_free_irq(run->dev, 0);
	mt_vectors_free(run->dev);
	mt_soft_domain_reserve(false);
	err = mt_allocate_without_reservation(run->dev, nvec);
	mt_soft_domain_reserve(true);
	return err;
}

/* ---- vec_never_fired ---- */

static mt_act int mt_request_what_never_fires(struct mt_device *dev, unsigned int index)
{
	return mt_vector_request(dev, index);
}

/* All others do; the device stays set up, for longer than the time that is asked for. */
int mt_vec_never_fired(struct mt_run *run)
{
	unsigned int i, last = run->dev->nvec - 1;
	int err;

	mt_vectors_free_irq(run->dev, last);
	err = mt_request_what_never_fires(run->dev, last);
	for (i = 0; !err && i < last; i++)
		err = mt_vector_raise(run->dev, i);
	msleep(1200);
	return err;
}
