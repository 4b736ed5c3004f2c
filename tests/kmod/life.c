// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scenarios of the life_ rules: vectors and descriptors that go too early, too late or not at all.
 */
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/kprobes.h>
#include <linux/preempt.h>
#include <linux/slab.h>

#include "msitrace_test.h"

/* ---- life_active_at_free ---- */

static mt_act void mt_free_activated_vectors(struct mt_device *dev)
{
	mt_vectors_free(dev);
}

/* Vectors that are activated when they are allocated, and that nobody requests. */
int mt_life_active_at_free(struct mt_run *run)
{
	unsigned int nvec = run->dev->nvec;
	int err;

	mt_vectors_free_irq(run->dev, 0);
	mt_vectors_free(run->dev);
	mt_soft_domain_reserve(false);
	err = mt_vectors_alloc(run->dev, nvec, nvec);
	mt_soft_domain_reserve(true);
	if (err)
		return err;
	if (!irqd_is_activated(irq_get_irq_data(run->dev->vec[0].virq)))
		err = -EIO;
	mt_soft_domain_lose(MT_LOSE_ACTIVATED);
	mt_free_activated_vectors(run->dev);
	mt_note("freed %u vectors that were activated", nvec);
	return err;
}

/* ---- life_msgcb_dangling ---- */

static void message_written(struct msi_desc *desc, void *data)
{
	++*(unsigned int *)data;
}

static mt_act void mt_free_vectors_with_listener(struct mt_device *dev)
{
	mt_vectors_free(dev);
}

/* As NTB listens to the messages of its descriptors; it forgets to stop. */
int mt_life_msgcb_dangling(struct mt_run *run)
{
	static unsigned int messages;
	struct msi_desc *desc;

	mt_lock_descs(&run->pdev->dev);
	desc = mt_first_desc(&run->pdev->dev, MSI_DESC_ALL);
	if (desc) {
		desc->write_msi_msg_data = &messages;
		desc->write_msi_msg = message_written;
	}
	mt_unlock_descs(&run->pdev->dev);
	if (!desc)
		return -EIO;
	mt_vectors_free_irq(run->dev, 0);
	mt_free_vectors_with_listener(run->dev);
	mt_note("%u messages were heard of", messages);
	return 0;
}

/* ---- life_setup_race ---- */

static struct {
	struct device *dev;
	struct task_struct *task;
	struct msi_device_data *data;
} race;

/* Called after the check that there is no data: now another task has set it up. */
static int other_task_was_faster(struct kprobe *kp, struct pt_regs *regs)
{
	if (current == race.task)
		race.dev->msi.data = race.data;
	return 0;
}

static mt_act int mt_set_up_data_in_parallel(int (*setup)(struct device *dev), struct device *dev)
{
	return setup(dev);
}

int mt_life_setup_race(struct mt_run *run)
{
	int (*setup)(struct device *dev) = mt_symbol("msi_setup_device_data");
	struct kprobe kp = {
		.symbol_name = "devm_device_add_group",
		.pre_handler = other_task_was_faster,
	};
	struct device *dev = &run->pdev->dev;
	int err;

	if (!setup)
		return -EOPNOTSUPP;
	mt_vectors_free_irq(run->dev, 0);
	mt_vectors_free(run->dev);
	race.dev = dev;
	race.task = current;
	race.data = dev->msi.data;
	err = register_kprobe(&kp);
	if (err)
		return err;
	dev->msi.data = NULL;
	err = mt_set_up_data_in_parallel(setup, dev);
	dev->msi.data = race.data;
	unregister_kprobe(&kp);
	mt_note("msi_setup_device_data(): %d", err);
	return err == -EEXIST ? 0 : -EIO;
}

/* ---- life_failed_alloc_residue ---- */

static mt_act int mt_alloc_fails_and_keeps_two(struct mt_device *dev, unsigned int nvec)
{
	return mt_vectors_alloc(dev, nvec, nvec);
}

/* The third vector is not to be had, and the domain forgets the two that it is to free. */
int mt_life_failed_alloc_residue(struct mt_run *run)
{
	unsigned int nvec = run->dev->nvec, lost;
	int err;

	mt_vectors_free_irq(run->dev, 0);
	mt_vectors_free(run->dev);
	mt_soft_domain_fail_at(3);
	mt_soft_domain_lose(MT_LOSE_DISSOCIATED);
	err = mt_alloc_fails_and_keeps_two(run->dev, nvec);
	mt_soft_domain_fail_at(0);
	mt_soft_domain_lose(MT_LOSE_NOTHING);
	lost = mt_soft_domain_lost();
	mt_soft_domain_repair();	/* before unbind, else it is life_unbind_leak as well */
	mt_note("allocation of %u vectors: %d, %u live on", nvec, err, lost);
	return err && lost == 2 ? 0 : -EIO;
}

/* ---- life_free_with_action ---- */

static mt_act void mt_free_vectors_with_handler(struct mt_device *dev)
{
	mt_vectors_free(dev);
}

/*
 * One handler stays. Its irqaction is lost for good: the interrupt is gone, and free_irq() on the
 * number would hit whoever gets it next.
 */
int mt_life_free_with_action(struct mt_run *run)
{
	unsigned int virq = run->dev->vec[0].virq, nvec = run->dev->nvec;

	mt_vectors_free_irq(run->dev, 1);
	mt_free_vectors_with_handler(run->dev);
	mt_note("freed %u vectors, interrupt %u with its handler", nvec, virq);
	return 0;
}

/* ---- life_free_associated ---- */

static mt_act void mt_free_descs_with_live_interrupts(struct mt_device *dev)
{
	mt_vectors_free(dev);
}

int mt_life_free_associated(struct mt_run *run)
{
	unsigned int nvec = run->dev->nvec;

	mt_vectors_free_irq(run->dev, 0);
	mt_soft_domain_lose(MT_LOSE_ASSOCIATED);
	mt_free_descs_with_live_interrupts(run->dev);
	mt_note("freed %u vectors, %u interrupts still refer to their descriptors", nvec,
		mt_soft_domain_lost());
	mt_soft_domain_repair();	/* before unbind, else it is life_unbind_leak as well */
	return 0;
}

/* ---- life_store_not_empty ---- */

static mt_act void mt_unbind_without_freeing_vectors(struct mt_device *dev)
{
	dev->leave_vectors = true;
	mt_unbind(dev);
}

int mt_life_store_not_empty(struct mt_run *run)
{
	unsigned int nvec = run->dev->nvec, virq = run->dev->vec[0].virq;

	if (run->dev->setup & MT_SETUP_SOFT)
		mt_soft_domain_adopt(run->dev);
	mt_unbind_without_freeing_vectors(run->dev);
	run->dev = NULL;
	mt_note("unbound with %u vectors allocated", nvec);
	return irq_get_irq_data(virq) ? 0 : -EIO;	/* devres frees those of 'pcim' */
}

/* The probe is mt_probe_fails_with_vectors() in device.c. */
int mt_life_store_not_empty_probe(struct mt_run *run)
{
	int err = mt_bind(run->pdev, 0, MT_SETUP_SOFT | MT_PROBE_FAILS);

	return err == -EIO ? 0 : err ? err : -EINVAL;
}

/* ---- life_unbind_leak ---- */

static mt_act void mt_unbind_with_lost_interrupts(struct mt_device *dev)
{
	mt_unbind(dev);
}

/* remove() frees everything, but the irq domain loses the interrupts: the store is empty. */
static int unbind_and_lose(struct mt_run *run, enum mt_lose how)
{
	mt_vectors_free_irq(run->dev, 0);
	mt_soft_domain_lose(how);
	mt_unbind_with_lost_interrupts(run->dev);
	run->dev = NULL;
	mt_note("unbound, %u interrupts live on in all", mt_soft_domain_lost());
	return mt_soft_domain_lost() ? 0 : -EIO;
}

int mt_life_unbind_leak(struct mt_run *run)
{
	return unbind_and_lose(run, MT_LOSE_DISSOCIATED);
}

int mt_life_unbind_leak_one(struct mt_run *run)
{
	return unbind_and_lose(run, MT_LOSE_ONE);
}

/* The probe is mt_probe_frees_vectors_and_fails() in device.c. */
int mt_life_unbind_leak_probe(struct mt_run *run)
{
	int err;

	mt_soft_domain_lose(MT_LOSE_DISSOCIATED);
	err = mt_bind(run->pdev, 0, MT_SETUP_SOFT | MT_PROBE_FREES_FAILS);
	mt_soft_domain_lose(MT_LOSE_NOTHING);
	if (err != -EIO)
		return err ? err : -EINVAL;
	mt_note("probe failed, %u interrupts live on in all", mt_soft_domain_lost());
	return mt_soft_domain_lost() ? 0 : -EIO;
}

/* ---- life_use_after_free ---- */

static mt_act void mt_mask_through_stale_descriptor(struct irq_data *irqd)
{
	pci_msi_mask_irq(irqd);
}

/*
 * As an interrupt chip would that kept the pointer. The mask function of an MSI that cannot be
 * masked only reads the descriptor, so nothing is damaged as long as the memory has not been given
 * to somebody else; look before, and stay on this CPU, whose next allocations would get it.
 */
static int mask_stale(struct msi_desc *stale, struct device *dev)
{
	struct irq_common_data common = { .msi_desc = stale };
	struct irq_data irqd = { .common = &common };
	int err = 0;

	preempt_disable();
	if (READ_ONCE(stale->dev) != dev || stale->pci.msi_attrib.is_msix ||
	    stale->pci.msi_attrib.can_mask) {
		err = -EAGAIN;
	} else {
		irqd.irq = stale->irq;
		mt_mask_through_stale_descriptor(&irqd);
	}
	preempt_enable();
	return err;
}

int mt_life_use_after_free(struct mt_run *run)
{
	struct device *dev = &run->pdev->dev;
	struct msi_desc *desc;
	int err;

	mt_vectors_free_irq(run->dev, 0);
	mt_lock_descs(dev);
	desc = mt_first_desc(dev, MSI_DESC_ALL);
	mt_unlock_descs(dev);
	mt_vectors_free(run->dev);
	err = mask_stale(desc, dev);
	mt_note("freed descriptor %s", err ? "was reused at once, not touched" : "masked");
	return err;
}

/* ---- life_use_after_free.kfree ---- */

static mt_act void mt_free_descriptor_of_the_store(struct msi_desc *desc)
{
	kfree(desc);
}

#define GRAB_MAX 65536

/* Everything free of that size until it is the memory wanted; the rest is given back. */
static bool take_back(struct msi_desc *wanted)
{
	void **all = NULL, **next, *got;
	unsigned int i;

	for (i = 0; i < GRAB_MAX; i++) {
		got = kmalloc(sizeof(*wanted), GFP_ATOMIC);
		if (!got || got == wanted)
			break;
		*(void ***)got = all;
		all = got;
	}
	for (; all; all = next) {
		next = *all;
		kfree(all);
	}
	return i < GRAB_MAX && got == wanted;
}

/*
 * A driver that frees a descriptor behind the back of the core, which will free it again. Nothing is
 * damaged as long as nobody else gets the memory before we take it back and put into it what was there. It
 * was allocated on this processor, so it does not go back to what another one allocates from.
 */
static int free_and_take_back(struct msi_desc *desc)
{
	struct msi_desc copy = *desc;
	unsigned long flags;
	int err = 0;

	local_irq_save(flags);
	mt_free_descriptor_of_the_store(desc);
	if (take_back(desc))
		*desc = copy;
	else
		err = -EIO;	/* the store points to free memory: the guest is lost */
	local_irq_restore(flags);
	return err;
}

static int allocate_and_free_one(struct mt_device *dev)
{
	struct device *d = &dev->pdev->dev;
	int err = mt_vectors_alloc(dev, 1, 1);

	if (err)
		return err;
	mt_lock_descs(d);
	err = free_and_take_back(mt_first_desc(d, MSI_DESC_ALL));
	mt_unlock_descs(d);
	mt_note("descriptor freed%s taken back", err ? " and not" : " and");
	return err ? err : mt_vectors_request(dev);
}

int mt_life_use_after_free_kfree(struct mt_run *run)
{
	cpumask_var_t before;
	int err;

	if (!alloc_cpumask_var(&before, GFP_KERNEL))
		return -ENOMEM;
	mt_vectors_free_irq(run->dev, 0);
	mt_vectors_free(run->dev);
	cpumask_copy(before, current->cpus_ptr);
	set_cpus_allowed_ptr(current, cpumask_of(raw_smp_processor_id()));
	err = allocate_and_free_one(run->dev);
	set_cpus_allowed_ptr(current, before);
	free_cpumask_var(before);
	return err;
}

/* ---- life_backpointer ---- */

static mt_act int mt_allocate_interrupts_that_forget_their_descriptor(struct mt_device *dev)
{
	return mt_vectors_alloc(dev, 1, MT_DEFAULT_VECTORS);
}

static void remember(struct device *dev)
{
	struct msi_desc *desc;

	mt_lock_descs(dev);
	mt_for_each_desc(desc, dev, MSI_DESC_ASSOCIATED)
		irq_get_irq_data(desc->irq)->common->msi_desc = desc;
	mt_unlock_descs(dev);
}

int mt_life_backpointer(struct mt_run *run)
{
	int err;

	mt_vectors_free_irq(run->dev, 0);
	mt_vectors_free(run->dev);
	mt_soft_domain_forget(true);
	err = mt_allocate_interrupts_that_forget_their_descriptor(run->dev);
	mt_soft_domain_forget(false);
	if (!err)
		remember(&run->pdev->dev);
	return err;
}

/* ---- life_devres_order ---- */

/* pcim_msi_release() of the PCI core */
static void release_vectors(void *data)
{
	struct pci_dev *pdev = data;

	pdev->is_msi_managed = 0;
	pci_free_irq_vectors(pdev);
}

static mt_act void mt_unbind_with_data_on_top(struct mt_device *dev)
{
	mt_unbind(dev);
}

/* There are no vectors any more when the data goes: else the kernel would not survive it. */
int mt_life_devres_order(struct mt_run *run)
{
	struct mt_device *dev;
	int err = mt_bind(run->pdev, 0, MT_SETUP_MANAGED | MT_SETUP_NO_VECTORS);

	if (err)
		return err;
	dev = mt_device_find(run->pdev);
	err = devm_add_action(&run->pdev->dev, release_vectors, run->pdev);
	if (err)
		goto unbind;
	run->pdev->is_msi_managed = 1;
	err = mt_vectors_alloc(dev, 1, MT_DEFAULT_VECTORS);
	if (!err)
		mt_vectors_free(dev);
unbind:
	mt_unbind_with_data_on_top(dev);
	return err;
}

/* ---- life_irq_left_after_free ---- */

static mt_act void mt_free_vectors_and_keep_numbers(struct mt_device *dev)
{
	mt_vectors_free(dev);
}

int mt_life_irq_left_after_free(struct mt_run *run)
{
	mt_vectors_free_irq(run->dev, 0);
	mt_soft_domain_lose(MT_LOSE_NUMBER);
	mt_free_vectors_and_keep_numbers(run->dev);
	return 0;
}

/* ---- life_state_order ---- */

static mt_act void mt_free_handler_again(struct mt_vector *vec)
{
	free_irq(vec->virq, vec);
}

int mt_life_state_order(struct mt_run *run)
{
	mt_vectors_free_irq(run->dev, 0);
	mt_free_handler_again(&run->dev->vec[0]);
	return 0;
}
