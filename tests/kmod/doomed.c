// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that end in an oops, in a kthread of their own: it dies with all that it holds, and the guest
 * goes on (oops=continue).
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched/task.h>

#include "msitrace_test.h"

struct doomed {
	void (*act)(struct mt_device *dev);
	struct mt_device *dev;
	bool survived;
};

static int doomed_thread(void *data)
{
	struct doomed *doomed = data;

	doomed->act(doomed->dev);
	doomed->survived = true;
	return 0;
}

/*
 * 0: the kthread died in it. What mutex it held, it owns for ever: the task_struct is kept, so that no other
 * task gets the address.
 */
int mt_run_doomed(struct mt_device *dev, void (*act)(struct mt_device *dev))
{
	static struct doomed doomed;	/* one at a time: the run file has a mutex */
	struct task_struct *task;
	int i;

	doomed = (struct doomed){ .act = act, .dev = dev };
	task = kthread_create(doomed_thread, &doomed, "mt_doomed");
	if (IS_ERR(task))
		return PTR_ERR(task);
	get_task_struct(task);
	wake_up_process(task);
	for (i = 0; i < 2000 && !READ_ONCE(task->exit_state); i++)
		usleep_range(1000, 2000);
	mt_note("kthread mt_doomed/%d %s", task->pid,
		!READ_ONCE(task->exit_state) ? "hangs" : doomed.survived ? "survived" : "died");
	return READ_ONCE(task->exit_state) && !doomed.survived ? 0 : -EIO;
}
