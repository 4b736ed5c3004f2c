// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scenarios of the act_ rules: how interrupts are activated. The software domain does it wrong.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/interrupt.h>

#include "msitrace_test.h"

/* ---- act_enable_unactivated ---- */

static mt_act int mt_enable_without_messages(struct mt_device *dev, unsigned int nvec)
{
	return mt_vectors_alloc(dev, nvec, nvec);
}

/* The device is not asked to interrupt until request_irq() has made up for it. */
int mt_act_enable_unactivated(struct mt_run *run)
{
	unsigned int nvec = run->dev->nvec;
	int err;

	mt_vectors_free_irq(run->dev, 0);
	mt_vectors_free(run->dev);
	mt_soft_domain_activate_early(false);
	err = mt_enable_without_messages(run->dev, nvec);
	mt_soft_domain_activate_early(true);
	return err ? err : mt_vectors_request(run->dev);
}

/* ---- act_reserve_mode ---- */

static mt_act int mt_allocate_with_reservation_allowed(struct mt_device *dev)
{
	return mt_vectors_alloc(dev, 1, 1);
}

/* One MSI that cannot be masked; with MSI-X the same is right. */
int mt_act_reserve_mode(struct mt_run *run)
{
	int err;

	mt_vectors_free_irq(run->dev, 0);
	mt_vectors_free(run->dev);
	mt_soft_domain_allow_reservation(true);
	err = mt_allocate_with_reservation_allowed(run->dev);
	mt_soft_domain_allow_reservation(false);
	return err ? err : mt_vectors_request(run->dev);
}

/* ---- act_affinity_desc ---- */

static mt_act int mt_allocate_with_masks_of_the_domain(struct mt_device *dev, unsigned int nvec)
{
	return mt_vectors_alloc(dev, nvec, nvec);
}

int mt_act_affinity_desc(struct mt_run *run)
{
	unsigned int nvec = run->dev->nvec;
	int err;

	mt_vectors_free_irq(run->dev, 0);
	mt_vectors_free(run->dev);
	mt_soft_domain_spread(true);
	err = mt_allocate_with_masks_of_the_domain(run->dev, nvec);
	mt_soft_domain_spread(false);
	return err ? err : mt_vectors_request(run->dev);
}

/* ---- act_default_irq ---- */

static mt_act void mt_free_while_somebody_writes_pci_irq(struct mt_device *dev)
{
	mt_vectors_free(dev);
}

int mt_act_default_irq(struct mt_run *run)
{
	struct pci_dev *pdev = run->pdev;
	unsigned int irq;
	int err;

	mt_vectors_free_irq(run->dev, 0);
	mt_vectors_free(run->dev);
	irq = pdev->irq;
	err = mt_vectors_alloc(run->dev, 1, 1);
	if (err)
		return err;
	mt_soft_domain_keep_pci_irq(true);
	mt_free_while_somebody_writes_pci_irq(run->dev);
	mt_soft_domain_keep_pci_irq(false);
	pdev->irq = irq;
	err = mt_vectors_alloc(run->dev, 1, 1);
	return err ? err : mt_vectors_request(run->dev);
}

/* ---- act_initial_mask ---- */

static mt_act void mt_free_with_domain_that_unmasks(struct mt_device *dev)
{
	mt_vectors_free(dev);
}

int mt_act_initial_mask(struct mt_run *run)
{
	unsigned int nvec = run->dev->nvec;
	int err;

	mt_vectors_free_irq(run->dev, 0);
	mt_soft_domain_unmask_freed(true);
	mt_free_with_domain_that_unmasks(run->dev);
	mt_soft_domain_unmask_freed(false);
	err = mt_vectors_alloc(run->dev, nvec, nvec);
	return err ? err : mt_vectors_request(run->dev);
}

static mt_act int mt_allocate_what_becomes_maskable(struct mt_device *dev)
{
	return mt_vectors_alloc(dev, 1, 1);
}

/* PCI has not masked the MSI, since the device has no mask bits; then the domain says that it has. */
int mt_act_initial_mask_enable(struct mt_run *run)
{
	int err;

	mt_vectors_free_irq(run->dev, 0);
	mt_vectors_free(run->dev);
	mt_soft_domain_maskable(true);
	err = mt_allocate_what_becomes_maskable(run->dev);
	mt_soft_domain_maskable(false);
	return err ? err : mt_vectors_request(run->dev);
}

/* ---- act_affinity_result ---- */

static mt_act int mt_request_with_swallowed_message(struct mt_device *dev)
{
	return mt_vector_request(dev, 0);
}

/* A request activates the interrupt, which writes a message, and moves it to its CPUs, which should. */
int mt_act_affinity_result(struct mt_run *run)
{
	int err;

	mt_vectors_free_irq(run->dev, 0);
	err = mt_soft_domain_swallow(2);
	if (err)
		return err;
	err = mt_request_with_swallowed_message(run->dev);
	mt_soft_domain_swallow(0);
	if (err)
		return err;
	err = mt_vector_raise(run->dev, 0);
	mt_note("the interrupt %s", err ? "does not arrive" : "arrives all the same");
	return 0;
}

/* ---- act_error_swallowed ---- */

static mt_act int mt_request_what_cannot_be_activated(struct mt_device *dev)
{
	return mt_vector_request(dev, 0);
}

/* Of a managed interrupt the kernel does not expect that: it warns, and says that all is well. */
int mt_act_error_swallowed(struct mt_run *run)
{
	int err;

	mt_vectors_free_irq(run->dev, 0);
	mt_soft_domain_fail_activation(true);
	err = mt_request_what_cannot_be_activated(run->dev);
	mt_soft_domain_fail_activation(false);
	mt_note("request_irq() returned %d", err);
	return err;
}

/* ---- act_placeholder_started ---- */

static mt_act int mt_request_what_is_marked_activated(struct mt_device *dev)
{
	return mt_vector_request(dev, 0);
}

/*
 * The interrupt has the placeholder since free_irq(), and request_irq() finds nothing to do. Then it moves
 * the interrupt to its CPUs, which would give it a vector.
 */
int mt_act_placeholder_started(struct mt_run *run)
{
	unsigned int virq = run->dev->vec[0].virq;
	int err;

	mt_vectors_free_irq(run->dev, 0);
	irqd_set_activated(irq_get_irq_data(virq));
	mt_soft_domain_refuse_moves(virq, true);
	err = mt_request_what_is_marked_activated(run->dev);
	mt_soft_domain_refuse_moves(virq, false);
	return err;
}

/* ---- act_dead_cpu ---- */

static bool cpu_removed;

static mt_act int mt_request_on_cpu_that_goes(struct mt_device *dev)
{
	return mt_vector_request(dev, 0);
}

/* The interrupt is requested for CPU 1, which goes while the interrupt cannot be moved. */
int mt_act_dead_cpu(struct mt_run *run)
{
	unsigned int virq = run->dev->vec[0].virq;
	int err;

	mt_vectors_free_irq(run->dev, 0);
	err = irq_set_affinity(virq, cpumask_of(1));
	if (!err)
		err = mt_request_on_cpu_that_goes(run->dev);
	if (err)
		return err;
	mt_soft_domain_refuse_moves(virq, true);
	err = remove_cpu(1);
	mt_soft_domain_refuse_moves(virq, false);
	cpu_removed = !err;
	return err;
}

/* Takes back the CPU that mt_act_dead_cpu() has removed. */
void mt_act_repair(void)
{
	if (cpu_removed)
		add_cpu(1);
	cpu_removed = false;
}

/* ---- act_irq_storm ---- */

#define STORM 200

static mt_act int mt_request_what_fires(struct mt_device *dev)
{
	return mt_vector_request(dev, 0);
}

/* Many more in a row than the limit, so that it does not matter when a second begins. */
int mt_act_irq_storm(struct mt_run *run)
{
	int i, err;

	mt_vectors_free_irq(run->dev, 0);
	err = mt_request_what_fires(run->dev);
	for (i = 0; !err && i < STORM; i++)
		err = mt_vector_raise(run->dev, 0);
	return err;
}

/* ---- act_mask_state ---- */

static mt_act void mt_mask_behind_the_core(unsigned int virq)
{
	pci_msi_mask_irq(irq_get_irq_data(virq));
}

static mt_act void mt_free_irq_of_masked_vector(struct mt_device *dev)
{
	mt_vectors_free_irq(dev, 0);
}

int mt_act_mask_state(struct mt_run *run)
{
	mt_mask_behind_the_core(run->dev->vec[0].virq);
	mt_free_irq_of_masked_vector(run->dev);
	return 0;
}

/* ---- act_affinity_pending ---- */

static mt_act int mt_ask_for_other_cpu(unsigned int virq)
{
	return irq_set_affinity(virq, cpumask_of(1));
}

/* It does not fire for longer than the limit that is set, then it does. */
int mt_act_affinity_pending(struct mt_run *run)
{
	int err = mt_ask_for_other_cpu(run->dev->vec[0].virq);

	msleep(300);
	return err ? err : mt_vector_raise(run->dev, 0);
}

/* Nor later: the device stays set up. */
int mt_act_affinity_pending_idle(struct mt_run *run)
{
	int err = mt_ask_for_other_cpu(run->dev->vec[0].virq);

	msleep(300);
	return err;
}

/* It fires at once, and moves. */
int mt_act_affinity_pending_moved(struct mt_run *run)
{
	int err = mt_ask_for_other_cpu(run->dev->vec[0].virq);

	return err ? err : mt_vector_raise(run->dev, 0);
}
