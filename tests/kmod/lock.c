// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scenarios of the lock_ rules: what may only be done with the descriptor mutex held is done
 * without it, and the mutex is taken and released by the wrong tasks and in the wrong order.
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/sched/task.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#include "msitrace_test.h"

/* ---- lock_iter_unlocked ---- */

/* As fsl-mc did to see whether a device has descriptors: e8604b1447b4 */
static mt_act struct msi_desc *mt_first_without_lock(struct device *dev)
{
	return mt_first_desc(dev, MSI_DESC_ALL);
}

static mt_act unsigned int mt_walk_without_lock(struct device *dev)
{
	struct msi_desc *desc;
	unsigned int n = 0;

	mt_for_each_desc(desc, dev, MSI_DESC_ALL)
		n++;
	return n;
}

static mt_act struct msi_desc *
mt_first_with_lock_of_other_device(struct device *dev, struct device *other)
{
	struct msi_desc *desc;

	mt_lock_descs(other);
	desc = mt_first_desc(dev, MSI_DESC_ALL);
	mt_unlock_descs(other);
	return desc;
}

int mt_lock_iter_unlocked(struct mt_run *run)
{
	struct msi_desc *desc = mt_first_without_lock(&run->pdev->dev);

	mt_note("first() returned %s", desc ? "a descriptor" : "NULL");
	return desc ? 0 : -ENOENT;
}

int mt_lock_iter_unlocked_walk(struct mt_run *run)
{
	unsigned int n = mt_walk_without_lock(&run->pdev->dev);

	mt_note("walked %u of %u descriptors", n, run->dev->nvec);
	return 0;
}

int mt_lock_iter_unlocked_other(struct mt_run *run)
{
	struct mt_device *other = mt_device_other(run->dev);
	struct msi_desc *desc;

	if (!other) {
		pr_err(MT_NAME ": needs a second device that is set up\n");
		return -ENODEV;
	}
	desc = mt_first_with_lock_of_other_device(&run->pdev->dev, &other->pdev->dev);
	mt_note("held the mutex of %s, first() returned %s", pci_name(other->pdev),
		desc ? "a descriptor" : "NULL");
	return desc ? 0 : -ENOENT;
}

/* ---- lock_mutate_unlocked ---- */

static mt_act int mt_insert_without_lock(mt_insert_desc_t insert, struct device *dev,
					 struct msi_desc *init)
{
	return mt_call_insert(insert, dev, init);
}

static mt_act void mt_free_descs_without_lock(mt_free_descs_t free_descs, struct device *dev,
					      unsigned int index)
{
	mt_call_free_descs(free_descs, dev, index, index);
}

/*
 * A descriptor for an entry of the table, made like the existing ones so that the PCI
 * layer could deal with it, but never masked.
 */
void mt_prepare_desc(struct mt_device *dev, unsigned int index, struct msi_desc *init)
{
	struct msi_desc *first;

	memset(init, 0, sizeof(*init));
	mt_lock_descs(&dev->pdev->dev);
	first = mt_first_desc(&dev->pdev->dev, MSI_DESC_ALL);
	if (first)
		init->pci = first->pci;
	mt_unlock_descs(&dev->pdev->dev);
	init->nvec_used = 1;
	init->msi_index = index;
	init->pci.msi_attrib.can_mask = 0;
}

enum { UNLOCKED_INSERT = 1, UNLOCKED_FREE = 2 };

static int mutate(struct mt_run *run, int unlocked)
{
	mt_insert_desc_t insert = mt_symbol(MT_INSERT_DESC);
	mt_free_descs_t free_descs = mt_symbol(MT_FREE_DESCS);
	struct device *dev = &run->pdev->dev;
	struct msi_desc init;
	unsigned int n;
	int err;

	if (!insert || !free_descs)
		return -EOPNOTSUPP;
	mt_prepare_desc(run->dev, run->dev->nvec, &init);	/* the first unused entry */

	if (unlocked & UNLOCKED_INSERT) {
		err = mt_insert_without_lock(insert, dev, &init);
	} else {
		mt_lock_descs(dev);
		err = mt_call_insert(insert, dev, &init);
		mt_unlock_descs(dev);
	}
	if (err)
		return err;

	if (unlocked & UNLOCKED_FREE) {
		mt_free_descs_without_lock(free_descs, dev, init.msi_index);
	} else {
		mt_lock_descs(dev);
		mt_call_free_descs(free_descs, dev, init.msi_index, init.msi_index);
		mt_unlock_descs(dev);
	}
	n = mt_count_descs(dev);
	mt_note("index %u: insert %s, free %s; %u descriptors left of %u", init.msi_index,
		unlocked & UNLOCKED_INSERT ? "unlocked" : "locked",
		unlocked & UNLOCKED_FREE ? "unlocked" : "locked", n, run->dev->nvec);
	return n == run->dev->nvec ? 0 : -EIO;
}

int mt_lock_mutate_unlocked(struct mt_run *run)
{
	return mutate(run, UNLOCKED_INSERT | UNLOCKED_FREE);
}

int mt_lock_mutate_unlocked_insert(struct mt_run *run)
{
	return mutate(run, UNLOCKED_INSERT);
}

int mt_lock_mutate_unlocked_free(struct mt_run *run)
{
	return mutate(run, UNLOCKED_FREE);
}

/* ---- lock_entry_unlocked ---- */

static mt_act int mt_alloc_locked_without_lock(mt_alloc_locked_t alloc, struct device *dev)
{
	return mt_call_alloc_locked(alloc, dev, 1);
}

static mt_act void mt_free_locked_without_lock(mt_free_locked_t free, struct device *dev)
{
	mt_call_free_locked(free, dev);
}

/* Every descriptor has its interrupt: there is nothing to allocate. */
int mt_lock_entry_unlocked_alloc(struct mt_run *run)
{
	mt_alloc_locked_t alloc = mt_symbol(MT_ALLOC_LOCKED);
	int ret;

	if (!alloc)
		return -EOPNOTSUPP;
	ret = mt_alloc_locked_without_lock(alloc, &run->pdev->dev);
	mt_note(MT_ALLOC_LOCKED "() returned %d", ret);
	return ret;
}

/* On an empty store, so that nothing is freed. */
int mt_lock_entry_unlocked_free(struct mt_run *run)
{
	mt_free_locked_t free = mt_symbol(MT_FREE_LOCKED);
	unsigned int nvec = run->dev->nvec;

	if (!free)
		return -EOPNOTSUPP;
	mt_vectors_free_irq(run->dev, 0);
	mt_vectors_free(run->dev);
	mt_free_locked_without_lock(free, &run->pdev->dev);
	mt_note(MT_FREE_LOCKED "() on an empty store; %u vectors were freed before", nvec);
	return 0;
}

/*
 * The half that breaks no other rule: allocation uses an iterator before 6.2 (PCI's check of the
 * capabilities), freeing frees descriptors, too, since 6.2.
 */
int mt_lock_entry_unlocked(struct mt_run *run)
{
	return MT_HAS_DOMAIN_IDS ? mt_lock_entry_unlocked_alloc(run) :
				   mt_lock_entry_unlocked_free(run);
}

/* ---- lock_unbalanced ---- */

struct locker {
	struct mt_device *dev;
	struct completion locked, go;
	bool keeps_lock;
};

static mt_act void mt_lock_and_do_not_unlock(struct mt_device *dev)
{
	mt_lock_descs(&dev->pdev->dev);
}

static mt_act void mt_unlock_from_another_task(struct mt_device *dev)
{
	mt_unlock_descs(&dev->pdev->dev);
}

static mt_act void mt_unlock_without_lock(struct mt_device *dev)
{
	mt_unlock_descs(&dev->pdev->dev);
}

/*
 * The caller took the mutex and will not be there when it is released. Who waits for a mutex looks
 * at its owner: keep the task_struct.
 */
void mt_lock_set_stray(struct mt_device *dev)
{
	get_task_struct(current);
	dev->stray_owner = current;
}

/* Repairs: with the module or the device gone nobody could release the mutex. */
void mt_lock_release_stray(struct mt_device *dev)
{
	if (!dev->stray_owner)
		return;
	mt_unlock_from_another_task(dev);
	put_task_struct(dev->stray_owner);
	dev->stray_owner = NULL;
}

static int locker_thread(void *data)
{
	struct locker *locker = data;

	mt_lock_and_do_not_unlock(locker->dev);
	if (locker->keeps_lock)
		mt_lock_set_stray(locker->dev);
	complete(&locker->locked);
	wait_for_completion_interruptible(&locker->go);
	return 0;
}

/* A kthread takes the mutex. It exits with it, or this task releases it while the kthread lives. */
static int run_locker(struct mt_device *dev, bool keeps_lock)
{
	struct locker locker = { .dev = dev, .keeps_lock = keeps_lock };
	struct task_struct *task;

	init_completion(&locker.locked);
	init_completion(&locker.go);
	task = kthread_create(locker_thread, &locker, "mt_locker");
	if (IS_ERR(task))
		return PTR_ERR(task);
	get_task_struct(task);
	wake_up_process(task);
	wait_for_completion(&locker.locked);
	if (!keeps_lock)
		mt_unlock_from_another_task(dev);
	complete(&locker.go);
	kthread_stop(task);	/* only waits for its end, it returns by itself */
	put_task_struct(task);
	return 0;
}

int mt_lock_unbalanced(struct mt_run *run)
{
	int err = run_locker(run->dev, false);

	if (!err)
		mt_note("taken by kthread mt_locker, released by %s", current->comm);
	return err;
}

int mt_lock_unbalanced_begin(struct mt_run *run)
{
	mt_lock_and_do_not_unlock(run->dev);
	mt_lock_set_stray(run->dev);
	mt_note("%s/%d returns to user space with the mutex held", current->comm, current->pid);
	return 0;
}

int mt_lock_unbalanced_exit(struct mt_run *run)
{
	int err = run_locker(run->dev, true);

	if (!err)
		mt_note("kthread mt_locker exited with the mutex held");
	return err;
}

int mt_lock_unbalanced_probe(struct mt_run *run)
{
	int err = mt_bind(run->pdev, 0, MT_PROBE_KEEPS_LOCK);

	if (!err)
		mt_note("probe returned with the mutex held");
	return err;
}

int mt_lock_unbalanced_end(struct mt_run *run)
{
	if (!run->dev->stray_owner) {
		pr_err(MT_NAME ": nobody has left the mutex locked: .begin, .exit or .probe first\n");
		return -EINVAL;
	}
	mt_note("released by %s/%d, was taken by %s/%d", current->comm, current->pid,
		run->dev->stray_owner->comm, run->dev->stray_owner->pid);
	mt_lock_release_stray(run->dev);
	return 0;
}

/* Harmless without CONFIG_DEBUG_MUTEXES: the mutex stays unlocked. */
int mt_lock_unbalanced_twice(struct mt_run *run)
{
	mt_unlock_without_lock(run->dev);
	return 0;
}

/* ---- lock_cpu_hotplug_order ---- */

static mt_act void mt_hotplug_lock_inside_descriptor_lock(struct device *dev)
{
	mt_lock_descs(dev);
	cpus_read_lock();
	cpus_read_unlock();
	mt_unlock_descs(dev);
}

int mt_lock_cpu_hotplug_order(struct mt_run *run)
{
	mt_hotplug_lock_inside_descriptor_lock(&run->pdev->dev);
	return 0;
}

/* ---- lock_section_split ---- */

static mt_act int mt_insert_in_a_section_of_its_own(mt_insert_desc_t insert, struct device *dev,
						    struct msi_desc *init)
{
	int err;

	mt_lock_descs(dev);
	err = mt_call_insert(insert, dev, init);
	mt_unlock_descs(dev);
	return err;
}

static mt_act int mt_alloc_in_another_section(mt_alloc_locked_t alloc, struct device *dev)
{
	int err;

	mt_lock_descs(dev);
	err = mt_call_alloc_locked(alloc, dev, 1);
	mt_unlock_descs(dev);
	return err;
}

int mt_lock_section_split(struct mt_run *run)
{
	mt_alloc_locked_t alloc = mt_symbol(MT_ALLOC_LOCKED);
	mt_insert_desc_t insert = mt_symbol(MT_INSERT_DESC);
	struct device *dev = &run->pdev->dev;
	struct msi_desc init;
	int err;

	if (!alloc || !insert)
		return -EOPNOTSUPP;
	mt_vectors_free_irq(run->dev, 0);
	mt_prepare_desc(run->dev, run->dev->nvec, &init);
	err = mt_insert_in_a_section_of_its_own(insert, dev, &init);
	if (!err)
		err = mt_alloc_in_another_section(alloc, dev);
	mt_vectors_free(run->dev);
	return err;
}

/* ---- lock_data_swapped ---- */

static struct {
	struct task_struct *task;
	struct completion locked, go;
} waiter;

/*
 * Since 6.2 the release of the data takes the mutex, to remove the device's irq domain: let it. Before, the
 * data goes with the mutex locked, and there is nothing left to unlock.
 */
static mt_act void mt_lock_and_wait(struct device *dev)
{
	mt_lock_descs(dev);
	complete(&waiter.locked);
	if (MT_HAS_DOMAIN_IDS) {
		msleep(100);
		mt_unlock_descs(dev);
	}
	wait_for_completion(&waiter.go);
}

static int waiter_thread(void *data)
{
	mt_lock_and_wait(data);
	return 0;
}

static mt_act void mt_unbind_under_lock(struct mt_device *dev)
{
	mt_unbind(dev);
}

/* Lets the kthread end: when nobody looks, since as far as it knows, it has the mutex. */
void mt_lock_end_waiter(void)
{
	if (!waiter.task)
		return;
	complete(&waiter.go);
	kthread_stop(waiter.task);
	put_task_struct(waiter.task);
	waiter.task = NULL;
}

int mt_lock_data_swapped(struct mt_run *run)
{
	struct task_struct *task;

	mt_lock_end_waiter();
	mt_vectors_free_irq(run->dev, 0);
	mt_vectors_free(run->dev);
	init_completion(&waiter.locked);
	init_completion(&waiter.go);
	task = kthread_create(waiter_thread, &run->pdev->dev, "mt_waiter");
	if (IS_ERR(task))
		return PTR_ERR(task);
	get_task_struct(task);
	waiter.task = task;
	wake_up_process(task);
	wait_for_completion(&waiter.locked);
	mt_unbind_under_lock(run->dev);
	run->dev = NULL;
	mt_note("unbound while kthread mt_waiter/%d held the mutex", task->pid);
	return 0;
}

/* ---- lock_no_device_data ---- */

static mt_act bool mt_walk_without_device_data(struct device *dev)
{
	return mt_first_desc(dev, MSI_DESC_ALL) || mt_next_desc(dev, MSI_DESC_ALL);
}

static mt_act void mt_lock_without_device_data(struct mt_device *dev)
{
	mt_lock_descs(&dev->pdev->dev);
}

/* Bound, but without vectors. */
static int bind_without_data(struct mt_run *run)
{
	int err = mt_bind(run->pdev, 0, MT_SETUP_NO_VECTORS);

	if (err)
		return err;
	run->dev = mt_device_find(run->pdev);
	return run->pdev->dev.msi.data ? -EIO : 0;
}

int mt_lock_no_device_data(struct mt_run *run)
{
	int err = bind_without_data(run);

	if (!err && mt_walk_without_device_data(&run->pdev->dev))
		err = -EIO;
	if (run->dev)
		mt_unbind(run->dev);
	return err;
}

/* mutex_lock() of an address near NULL: the kthread dies, and holds nothing. */
int mt_lock_no_device_data_lock(struct mt_run *run)
{
	int err = bind_without_data(run);

	if (!err)
		err = mt_run_doomed(run->dev, mt_lock_without_device_data);
	if (run->dev)
		mt_unbind(run->dev);
	return err;
}

/* ---- lock_self_deadlock ---- */

/*
 * Never returns, unless somebody else releases the mutex: then the lookup gets it, and gives it back
 * for both.
 */
static mt_act int mt_lookup_inside_descriptor_lock(struct pci_dev *pdev)
{
	mt_lock_descs(&pdev->dev);
	return pci_irq_vector(pdev, 0);
}

static int deadlock_thread(void *data)
{
	struct mt_device *dev = data;

	mt_lookup_inside_descriptor_lock(dev->pdev);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

/* It sleeps where nothing but the mutex can wake it. */
static bool is_stuck(struct task_struct *task)
{
	int i;

	for (i = 0; i < 1000; i++) {
		if (READ_ONCE(task->__state) & TASK_UNINTERRUPTIBLE)
			return true;
		usleep_range(1000, 2000);
	}
	return false;
}

int mt_lock_self_deadlock(struct mt_run *run)
{
	struct task_struct *task = kthread_create(deadlock_thread, run->dev, "mt_deadlock");

	if (IS_ERR(task))
		return PTR_ERR(task);
	get_task_struct(task);
	run->dev->deadlocked = task;
	wake_up_process(task);
	if (!is_stuck(task)) {
		mt_note("kthread mt_deadlock did not block");
		return -EIO;
	}
	mt_note("kthread mt_deadlock/%d waits for the mutex that it holds", task->pid);
	return 0;
}

/* Without CONFIG_DEBUG_MUTEXES anybody can release a mutex, and the next waiter gets it. */
void mt_lock_release_deadlocked(struct mt_device *dev)
{
	if (!dev->deadlocked)
		return;
	mt_unlock_from_another_task(dev);
	kthread_stop(dev->deadlocked);
	put_task_struct(dev->deadlocked);
	dev->deadlocked = NULL;
}

int mt_lock_self_deadlock_end(struct mt_run *run)
{
	if (!run->dev->deadlocked) {
		pr_err(MT_NAME ": nobody waits for himself: lock_self_deadlock first\n");
		return -EINVAL;
	}
	mt_lock_release_deadlocked(run->dev);
	mt_note("kthread mt_deadlock went on");
	return 0;
}

/* ---- lock_atomic ---- */

/* One at a time: the run file has a mutex. */
static struct {
	struct pci_dev *pdev;
	struct completion done;
	int virq;
} atomic_lookup;

static mt_act void mt_lookup_in_timer(struct timer_list *timer)
{
	atomic_lookup.virq = pci_irq_vector(atomic_lookup.pdev, 0);
	complete(&atomic_lookup.done);
}

static mt_act void mt_lookup_in_hardirq(struct irq_work *work)
{
	atomic_lookup.virq = pci_irq_vector(atomic_lookup.pdev, 0);
}

static mt_act int mt_lookup_with_spinlock(struct pci_dev *pdev)
{
	static DEFINE_SPINLOCK(lock);
	int virq;

	spin_lock(&lock);
	virq = pci_irq_vector(pdev, 0);
	spin_unlock(&lock);
	return virq;
}

static mt_act int mt_lookup_with_interrupts_off(struct pci_dev *pdev)
{
	unsigned long flags;
	int virq;

	local_irq_save(flags);
	virq = pci_irq_vector(pdev, 0);
	local_irq_restore(flags);
	return virq;
}

static int atomic_result(struct mt_run *run, int virq)
{
	mt_note("pci_irq_vector() returned %d", virq);
	return virq == run->dev->vec[0].virq ? 0 : -EIO;
}

static DEFINE_TIMER(atomic_timer, mt_lookup_in_timer);

int mt_lock_atomic(struct mt_run *run)
{
	atomic_lookup.pdev = run->pdev;
	init_completion(&atomic_lookup.done);
	mod_timer(&atomic_timer, jiffies + 1);
	wait_for_completion(&atomic_lookup.done);
	timer_delete_sync(&atomic_timer);
	return atomic_result(run, atomic_lookup.virq);
}

int mt_lock_atomic_hardirq(struct mt_run *run)
{
	struct irq_work work = IRQ_WORK_INIT_HARD(mt_lookup_in_hardirq);

	atomic_lookup.pdev = run->pdev;
	irq_work_queue(&work);
	irq_work_sync(&work);
	return atomic_result(run, atomic_lookup.virq);
}

int mt_lock_atomic_spinlock(struct mt_run *run)
{
	return atomic_result(run, mt_lookup_with_spinlock(run->pdev));
}

int mt_lock_atomic_irqs_off(struct mt_run *run)
{
	return atomic_result(run, mt_lookup_with_interrupts_off(run->pdev));
}

/* ---- lock_hold_time ---- */

#define HOLD_MS 1200	/* longer than the limit that is set */

struct mt_holder {
	struct device *dev;
	struct completion locked;
};

static mt_act void mt_hold_for_long(struct mt_holder *holder)
{
	mt_lock_descs(holder->dev);
	complete(&holder->locked);
	msleep(HOLD_MS);
	mt_unlock_descs(holder->dev);
}

static mt_act void mt_wait_for_long(struct device *dev)
{
	mt_lock_descs(dev);
	mt_unlock_descs(dev);
}

static int holder_thread(void *data)
{
	mt_hold_for_long(data);
	return 0;
}

/* One task holds the mutex, another one waits: which of the two is reported, the limits say. */
int mt_lock_hold_time(struct mt_run *run)
{
	struct mt_holder holder = { .dev = &run->pdev->dev };
	struct task_struct *task;

	init_completion(&holder.locked);
	task = kthread_create(holder_thread, &holder, "mt_holder");
	if (IS_ERR(task))
		return PTR_ERR(task);
	get_task_struct(task);
	wake_up_process(task);
	wait_for_completion(&holder.locked);
	mt_wait_for_long(holder.dev);
	kthread_stop(task);
	put_task_struct(task);
	return 0;
}
