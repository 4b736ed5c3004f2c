// SPDX-License-Identifier: GPL-2.0-only
/*
 * A section that is held open by a kthread, from one command to another: the tracer may be started
 * in the middle of it.
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "msitrace_test.h"

struct mt_hold {
	struct device *dev;
	struct task_struct *task;
	struct completion locked, go;
	bool iterating;		/* first() was called before the wait, next() will be after it */
	bool take_hotplug_lock;
	unsigned int seen;	/* descriptors */
};

/* first() has been called; may be in another life of the tracer. */
static mt_act void mt_hold_finish_iteration(struct mt_hold *hold)
{
	while (mt_next_desc(hold->dev, MSI_DESC_ALL))
		hold->seen++;
}

static mt_act void mt_hold_walk(struct mt_hold *hold)
{
	struct msi_desc *desc;

	mt_for_each_desc(desc, hold->dev, MSI_DESC_ALL)
		hold->seen++;
}

static mt_act void mt_hold_takes_hotplug_lock(void)
{
	cpus_read_lock();
	cpus_read_unlock();
}

static int hold_thread(void *data)
{
	struct mt_hold *hold = data;

	mt_lock_descs(hold->dev);
	if (hold->iterating && mt_first_desc(hold->dev, MSI_DESC_ALL))
		hold->seen++;
	complete(&hold->locked);
	wait_for_completion_interruptible(&hold->go);
	if (hold->take_hotplug_lock)
		mt_hold_takes_hotplug_lock();
	if (hold->iterating)
		mt_hold_finish_iteration(hold);
	else
		mt_hold_walk(hold);
	mt_unlock_descs(hold->dev);
	return 0;
}

static int begin(struct mt_run *run, bool iterating)
{
	struct mt_hold *hold = kzalloc(sizeof(*hold), GFP_KERNEL);

	if (!hold)
		return -ENOMEM;
	hold->dev = &run->pdev->dev;
	hold->iterating = iterating;
	init_completion(&hold->locked);
	init_completion(&hold->go);
	hold->task = kthread_create(hold_thread, hold, "mt_hold");
	if (IS_ERR(hold->task)) {
		int err = PTR_ERR(hold->task);

		kfree(hold);
		return err;
	}
	get_task_struct(hold->task);
	wake_up_process(hold->task);
	wait_for_completion(&hold->locked);
	run->dev->hold = hold;
	mt_note("kthread mt_hold/%d holds the mutex", hold->task->pid);
	return 0;
}

int mt_hold_begin(struct mt_run *run)
{
	return begin(run, false);
}

int mt_hold_begin_iter(struct mt_run *run)
{
	return begin(run, true);
}

void mt_hold_stop(struct mt_device *dev)
{
	struct mt_hold *hold = dev->hold;

	if (!hold)
		return;
	complete(&hold->go);
	kthread_stop(hold->task);
	put_task_struct(hold->task);
	mt_note("kthread mt_hold saw %u of %u descriptors", hold->seen, dev->nvec);
	kfree(hold);
	dev->hold = NULL;
}

static int end(struct mt_run *run, bool take_hotplug_lock)
{
	if (!run->dev->hold) {
		pr_err(MT_NAME ": nobody holds the mutex: hold.begin or hold.begin_iter first\n");
		return -EINVAL;
	}
	run->dev->hold->take_hotplug_lock = take_hotplug_lock;
	mt_hold_stop(run->dev);
	return 0;
}

int mt_hold_end(struct mt_run *run)
{
	return end(run, false);
}

int mt_hold_end_bad(struct mt_run *run)
{
	return end(run, true);
}
