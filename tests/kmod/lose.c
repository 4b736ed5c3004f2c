// SPDX-License-Identifier: GPL-2.0-only
/* What no rule is about, and a driver may leave behind: irq domains without interrupts, numbers without a domain. */
#include <linux/irq.h>
#include <linux/irqdomain.h>

#include "msitrace_test.h"

#define LOST_MAX 16

static struct irq_domain *domains[LOST_MAX];
static int numbers[LOST_MAX];
static unsigned int nr_domains, nr_numbers;

static mt_act int mt_lose_domain(void)
{
	static const struct irq_domain_ops ops;
	struct fwnode_handle *fwnode;

	if (nr_domains == LOST_MAX)
		return -ENOSPC;
	fwnode = irq_domain_alloc_named_id_fwnode("MT-LOST", nr_domains);
	if (!fwnode)
		return -ENOMEM;
	domains[nr_domains] = irq_domain_create_hierarchy(NULL, 0, 1, fwnode, &ops, NULL);
	if (!domains[nr_domains]) {
		irq_domain_free_fwnode(fwnode);
		return -ENOMEM;
	}
	nr_domains++;
	return 0;
}

static mt_act int mt_lose_number(void)
{
	int irq;

	if (nr_numbers == LOST_MAX)
		return -ENOSPC;
	irq = irq_alloc_desc(NUMA_NO_NODE);
	if (irq < 0)
		return irq;
	numbers[nr_numbers++] = irq;
	return 0;
}

int mt_lose(const char *what)
{
	if (!strcmp(what, "domain"))
		return mt_lose_domain();
	return strcmp(what, "number") ? -EINVAL : mt_lose_number();
}

void mt_lose_repair(void)
{
	struct fwnode_handle *fwnode;

	while (nr_domains) {
		fwnode = domains[--nr_domains]->fwnode;
		irq_domain_remove(domains[nr_domains]);
		irq_domain_free_fwnode(fwnode);
	}
	while (nr_numbers)
		irq_free_desc(numbers[--nr_numbers]);
}
