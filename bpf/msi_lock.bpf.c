// SPDX-License-Identifier: GPL-2.0-only
/*
 * The descriptor mutex: mutex_lock() and mutex_unlock() of the mutexes that are known to be one.
 * (msi_lock_descs() itself is inlined in the core on every kernel.)  All other mutexes of the
 * system pay one hash lookup that misses.
 *
 * These two are kprobes: a kprobe's program runs with preemption off, so nothing is missed.  An
 * fentry program that is preempted makes the kernel skip it for every other task on that CPU
 * (recursion_misses), and on a preemptible kernel these functions are hot enough for it to happen in
 * every run.  A kprobe at the entry is also all that is needed: what a task does after it entered
 * mutex_lock() is done with the mutex held.
 */
#include "msitrace.bpf.h"

/* Whoever the task is: sections are followed for all, and filtered when they are sent.  */
static __always_inline bool lock_wanted(__u64 dev)
{
	return (event_wanted(MSI_EV_LOCK) || cfg.hist) && dev_allowed(dev);
}

static __always_inline struct held_lock *held_slot(struct held *h, __u64 mutex)
{
	__u32 i;

	for (i = 0; i < HELD_MAX; i++)
		if (h->lock[i].mutex == mutex)
			return &h->lock[i];
	return NULL;
}

static __always_inline void hold_add(void *ctx, __u64 mutex, struct mutex_state *ms)
{
	__u64 id = bpf_get_current_pid_tgid(), task = bpf_get_current_task();
	struct held *h = held_by(task);
	struct held_lock *l = NULL;

	if (!h) {
		bpf_map_update_elem(&holders, &task, (void *)&held_zero, BPF_NOEXIST);
		h = held_by(task);
	}
	if (h)
		l = held_slot(h, mutex) ?: held_slot(h, 0);	/* the former: its unlock was missed */
	if (!l) {
		lost_map();
		return;
	}
	h->pid = id >> 32;
	h->tid = id;
	bpf_get_current_comm(h->comm, sizeof(h->comm));
	l->mutex = mutex;
	l->md = ms->md;
	l->dev = ms->dev;
	l->since = bpf_ktime_get_ns();
	l->wait = 0;
	l->pending = event_wanted(MSI_EV_LOCK) && dev_allowed(ms->dev);
	if (l->pending)
		event_stack(ctx, &l->stack);
}

/* When `task` took the mutex, 0: not known; forgets it.  */
static __always_inline __u64 hold_del(__u64 task, __u64 mutex)
{
	struct held *h = held_by(task);
	struct held_lock *l;
	__u64 since = 0;
	__u32 i, left = 0;

	if (!h)
		return 0;
	lock_flush(task);
	l = held_slot(h, mutex);
	if (l) {
		since = l->since;
		l->mutex = 0;
	}
	for (i = 0; i < HELD_MAX; i++)
		left |= !!h->lock[i].mutex;
	if (!left)
		bpf_map_delete_elem(&holders, &task);
	return since;
}

SEC("?kprobe/mutex_lock")
int hook_lock(struct pt_regs *ctx)
{
	__u64 owner, mutex = PT_REGS_PARM1(ctx);
	struct mutex_state *ms = bpf_map_lookup_elem(&mutexes, &mutex);
	struct msi_ev_lock_try *e;

	if (!ms || !lock_wanted(ms->dev))
		return 0;
	if (ms->releasing == bpf_get_current_task())
		ms->releasing = 0;
	owner = mutex_owner(mutex);
	if (owner) {
		if (owner == bpf_get_current_task())	/* it never does anything again */
			lock_flush(owner);
		e = EVENT_BEGIN_STACK(lock_try, MSI_EV_LOCK_TRY, HOOK_lock, ms->dev);
		if (e) {
			e->md = ms->md;
			e->owner_tid = BPF_CORE_READ((struct task_struct *)owner, pid);
			e->owner_current = owner == bpf_get_current_task();
			event_stack(ctx, &e->stack);
			event_submit(e);
		}
	}
	if (owner != bpf_get_current_task())	/* else it will never get it */
		hold_add(ctx, mutex, ms);
	return 0;
}

/* For the time spent waiting, and to show it at once: measurements may be missed, sections may not.  */
SEC("?fexit/mutex_lock")
int hook_lock_got(__u64 *ctx)
{
	__u64 mutex = ctx[0], task = bpf_get_current_task();
	struct mutex_state *ms = bpf_map_lookup_elem(&mutexes, &mutex);
	struct held_lock *l;
	struct held *h;
	__u64 now;

	if (!ms)
		return 0;
	h = held_by(task);
	l = h ? held_slot(h, mutex) : NULL;
	if (!l || !l->since)
		return 0;
	now = bpf_ktime_get_ns();
	hist_add(ms->dev, MSI_OP_LOCK_WAIT, now - l->since);
	l->wait = now - l->since;
	l->since = now;
	lock_flush(task);
	return 0;
}

SEC("?kprobe/mutex_unlock")
int hook_unlock(struct pt_regs *ctx)
{
	__u64 owner, since, ns = 0, mutex = PT_REGS_PARM1(ctx);
	struct mutex_state *ms = bpf_map_lookup_elem(&mutexes, &mutex);
	struct msi_ev_unlock *e;

	if (!ms || !lock_wanted(ms->dev))
		return 0;
	owner = mutex_owner(mutex);
	ms->releasing = owner;
	since = hold_del(owner, mutex);
	if (since)
		ns = bpf_ktime_get_ns() - since;
	hist_add(ms->dev, MSI_OP_LOCK_HOLD, ns);
	e = EVENT_BEGIN_STACK(unlock, MSI_EV_UNLOCK, HOOK_unlock, ms->dev);
	if (!e)
		return 0;
	e->md = ms->md;
	e->hold_ns = ns;
	e->owner_tid = owner ? BPF_CORE_READ((struct task_struct *)owner, pid) : 0;
	e->owner_current = owner == bpf_get_current_task();
	event_stack(ctx, &e->stack);
	event_submit(e);
	return 0;
}
