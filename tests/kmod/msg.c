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

/* ---- msg_memory_off ---- */

static mt_act void mt_write_message_with_memory_off(struct pci_dev *pdev, unsigned int virq)
{
	struct msi_msg msg;
	u16 command;

	get_cached_msi_msg(virq, &msg);
	pci_read_config_word(pdev, PCI_COMMAND, &command);
	pci_write_config_word(pdev, PCI_COMMAND, command & ~PCI_COMMAND_MEMORY);
	pci_write_msi_msg(virq, &msg);
	pci_write_config_word(pdev, PCI_COMMAND, command);
}

int mt_msg_memory_off(struct mt_run *run)
{
	mt_write_message_with_memory_off(run->pdev, run->dev->vec[0].virq);
	return 0;
}

/* ---- msg_above_device_mask ---- */

static mt_act int mt_request_with_high_address(struct mt_device *dev)
{
	return mt_vector_request(dev, 0);
}

/* The kernel looks at the addresses while MSI-X is enabled, and not when an interrupt gets another one. */
int mt_msg_above_device_mask(struct mt_run *run)
{
	int err;

	mt_vectors_free_irq(run->dev, 0);
	mt_msi_32bit(run->pdev, true);
	mt_soft_domain_send_high(true);
	err = mt_request_with_high_address(run->dev);
	mt_soft_domain_send_high(false);
	mt_vectors_free_irq(run->dev, 0);
	mt_msi_32bit(run->pdev, false);
	return err;
}

/* ---- msg_multi_alignment, msg_multiple_changed ---- */

/* 128 vectors, which nothing on x86 is aligned to. */
static mt_act void mt_write_message_with_multiple(unsigned int virq, unsigned int multiple)
{
	struct msi_desc *desc = irq_get_msi_desc(virq);
	struct msi_msg msg;

	get_cached_msi_msg(virq, &msg);
	desc->pci.msi_attrib.multiple = multiple;
	pci_write_msi_msg(virq, &msg);
}

int mt_msg_multi_alignment(struct mt_run *run)
{
	mt_write_message_with_multiple(run->dev->vec[0].virq, 7);
	mt_write_message_with_multiple(run->dev->vec[0].virq, 0);
	return 0;
}

/* ---- msg_ir_rewrite ---- */

static mt_act int mt_request_in_domain_that_writes_moves(struct mt_device *dev)
{
	return mt_vector_request(dev, 0);
}

/* Needs interrupt remapping. A request moves the interrupt to its CPUs. */
int mt_msg_ir_rewrite(struct mt_run *run)
{
	unsigned int virq = run->dev->vec[0].virq;
	int err;

	mt_vectors_free_irq(run->dev, 0);
	err = mt_soft_domain_write_moves(virq, true);
	if (err)
		return err;
	err = mt_request_in_domain_that_writes_moves(run->dev);
	mt_soft_domain_write_moves(virq, false);
	return err;
}

/* ---- msg_snooped ---- */

static mt_act void mt_read_message_before_request(unsigned int virq, struct msi_msg *msg)
{
	get_cached_msi_msg(virq, msg);
}

static mt_act int mt_request_after_message_was_read(struct mt_device *dev)
{
	return mt_vector_request(dev, 0);
}

/* What it reads is the placeholder that a vector has until it is requested. */
int mt_msg_snooped(struct mt_run *run)
{
	struct msi_msg before, after;
	int err;

	mt_vectors_free_irq(run->dev, 0);
	mt_vectors_free(run->dev);
	err = mt_vectors_alloc(run->dev, 1, 1);
	if (err)
		return err;
	mt_read_message_before_request(run->dev->vec[0].virq, &before);
	err = mt_request_after_message_was_read(run->dev);
	if (err)
		return err;
	get_cached_msi_msg(run->dev->vec[0].virq, &after);
	mt_note("data %x before, %x after", before.data, after.data);
	return before.data == after.data ? -EAGAIN : 0;
}
