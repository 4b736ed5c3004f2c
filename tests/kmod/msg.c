// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scenarios of the msg_ rules: messages that are not what the interrupt core made of the interrupt.
 * The vectors concerned are not raised meanwhile.
 */
#include "msitrace_test.h"

/* ---- msg_bad_context ---- */

static mt_act void mt_driver_changes_message(unsigned int virq)
{
	struct msi_msg msg;

	get_cached_msi_msg(virq, &msg);
	msg.data ^= 1;
	pci_write_msi_msg(virq, &msg);
}

/* It changes it and back, so that nothing is stale when free_irq() comes. */
int mt_msg_bad_context(struct mt_run *run)
{
	mt_driver_changes_message(run->dev->vec[0].virq);
	mt_driver_changes_message(run->dev->vec[0].virq);
	return 0;
}

/* ---- msg_stale ---- */

static mt_act int mt_request_with_spoilt_message(struct mt_device *dev)
{
	return mt_vector_request(dev, 0);
}

static mt_act void mt_free_irq_with_spoilt_message(struct mt_device *dev)
{
	mt_vectors_free_irq(dev, 0);
}

/* The irq domain writes another vector than it was given, each time. */
int mt_msg_stale(struct mt_run *run)
{
	int err;

	mt_vectors_free_irq(run->dev, 0);
	mt_soft_domain_spoil(true);
	err = mt_request_with_spoilt_message(run->dev);
	mt_soft_domain_spoil(false);
	if (!err)
		mt_free_irq_with_spoilt_message(run->dev);
	return err;
}

/* A driver writes the message of another vector; free_irq() clears it. */
static mt_act void mt_write_message_of_another_vector(unsigned int virq)
{
	struct msi_msg msg;

	get_cached_msi_msg(virq, &msg);
	msg.data ^= 1;
	pci_write_msi_msg(virq, &msg);
}

int mt_msg_stale_driver(struct mt_run *run)
{
	mt_write_message_of_another_vector(run->dev->vec[0].virq);
	mt_free_irq_with_spoilt_message(run->dev);
	return 0;
}
