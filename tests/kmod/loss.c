// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that a tracer must miss: a function is called from an interrupt while the same function,
 * and with it the tracer's program, is running on that CPU. The kernel skips a program that is
 * running already.
 */
#include <linux/completion.h>
#include <linux/irq.h>
#include <linux/smp.h>
#include <linux/workqueue.h>

#include "msitrace_test.h"

#define NR_INTERRUPTS 3000

struct nest {
	struct work_struct work;
	struct completion done;
	struct irq_data *irqd;
	int cpu;
};

static mt_act void mt_mask_from_interrupt(void *irqd)
{
	pci_msi_mask_irq(irqd);		/* of an MSI that cannot be masked: reads only */
}

static void interrupt_it(struct work_struct *work)
{
	struct nest *n = container_of(work, struct nest, work);
	int i;

	for (i = 0; i < NR_INTERRUPTS; i++) {
		smp_call_function_single(n->cpu, mt_mask_from_interrupt, n->irqd, 1);
		cond_resched();
	}
	complete(&n->done);
}

int mt_loss_nested(struct mt_run *run)
{
	struct nest n = { .irqd = irq_get_irq_data(run->dev->vec[0].virq) };
	unsigned long calls = 0;
	int other;

	if (num_online_cpus() < 2) {
		pr_err(MT_NAME ": needs two CPUs\n");
		return -EINVAL;
	}
	init_completion(&n.done);
	INIT_WORK_ONSTACK(&n.work, interrupt_it);
	migrate_disable();
	n.cpu = raw_smp_processor_id();
	for_each_online_cpu(other)
		if (other != n.cpu)
			break;
	schedule_work_on(other, &n.work);
	for (; !try_wait_for_completion(&n.done); calls++) {
		pci_msi_mask_irq(n.irqd);
		if (!(calls % 64))
			cond_resched();
	}
	migrate_enable();
	flush_work(&n.work);
	destroy_work_on_stack(&n.work);
	mt_note("%lu calls, interrupted by %u others", calls, NR_INTERRUPTS);
	return 0;
}
