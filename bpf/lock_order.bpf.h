/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which locks are taken while a descriptor mutex is held, and which are held when one is taken.  The
 * latter needs no hook: a mutex says who holds it, and only few can be wanted.  An rw_semaphore says so
 * of writers; who reads is followed for pci_bus_sem.
 *
 * An edge is sent once for each set of other locks that were held, the gates, and each time anew when
 * the device data is another one or when the task has to wait.
 */
#ifndef LOCK_ORDER_BPF_H
#define LOCK_ORDER_BPF_H

#include "msitrace.bpf.h"

struct edge {
	__u64 md, dev;		/* of the descriptor mutex */
	__u64 lock;		/* as in EDGE */
	__u64 dev2;		/* of the other lock, 0: none */
	__u64 holder;		/* task */
	__u64 born;		/* of both */
	__u64 gate[3];
	__u32 class;
	__u32 reversed;
	__u32 irq;
	__u32 hook;
};

struct edge_key {
	__u64 from, to;
	__u64 rest;		/* hash of what else makes it another one */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct edge_key);
	__type(value, __u32);
} edges __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);		/* task_struct * */
	__type(value, __u32);
} bus_readers __weak SEC(".maps");

#define RWSEM_OWNER ~7ULL	/* kernel/locking/rwsem.c: rw_semaphore::owner without its flags */
#define RWSEM_READER_OWNED 1

/* Who writes, 0: nobody.  */
static __always_inline __u64 sem_writer(__u64 sem)
{
	__u64 owner;

	if (!bpf_core_field_exists(struct rw_semaphore, owner))
		return 0;
	owner = BPF_CORE_READ((struct rw_semaphore *)sem, owner.counter);
	return owner & RWSEM_READER_OWNED ? 0 : owner & RWSEM_OWNER;
}

/* Does this task hold it?  */
static __always_inline bool watched_held(__u64 lock)
{
	__u64 task = bpf_get_current_task();

	if (!lock)
		return false;
	if (!(lock & MSI_WATCHED_SEM))
		return mutex_owner(lock) == task;
	if (lock == msi_watched[MSI_WATCHED_BUS_SEM] && bpf_map_lookup_elem(&bus_readers, &task))
		return true;
	return sem_writer(lock & ~MSI_WATCHED_SEM) == task;
}

/* From now on; the one that has been for longest goes.  */
static __always_inline void watch(__u64 lock)
{
	__u32 i;

	if (lock < MSI_IMAGE_START)
		return;
#pragma unroll
	for (i = 0; i < MSI_WATCHED_MAX; i++)
		if (msi_watched[i] == lock)
			return;
	i = msi_nr_watched++ % (MSI_WATCHED_MAX - 1);	/* of two at a time, one may have to come again */
	msi_watched[1 + i] = lock;
}

static __always_inline void gate_push(struct edge *g, __u64 lock)
{
	g->gate[2] = g->gate[1];
	g->gate[1] = g->gate[0];
	g->gate[0] = lock;
}

static __always_inline void gate_add(struct edge *g, __u64 lock, __u64 mutex)
{
	if (mutex && lock != g->lock && lock != g->md && mutex_owner(mutex) == bpf_get_current_task())
		gate_push(g, lock);
}

static __always_inline void gates_watched(struct edge *g)
{
	__u32 i;

#pragma unroll
	for (i = 0; i < MSI_WATCHED_MAX; i++)
		if ((msi_watched[i] & ~MSI_WATCHED_SEM) != g->lock && watched_held(msi_watched[i]))
			gate_push(g, msi_watched[i] & ~MSI_WATCHED_SEM);
}

/* Those that are more likely to be common to several edges come last, since the last three are kept.  */
static __always_inline void gates(struct edge *g, struct held *h)
{
	__u64 parent = device_parent(g->dev), mutex;
	__u32 i;

	mutex = device_mutex(g->dev);
	gate_add(g, mutex, mutex);
	if (g->dev2) {
		mutex = device_mutex(g->dev2);
		gate_add(g, mutex, mutex);
	}
	mutex = device_mutex(parent);
	gate_add(g, mutex, mutex);
	mutex = domain_mutex(g->dev);
	gate_add(g, mutex, mutex);
	gate_add(g, msi_domain_mutex, msi_domain_mutex);
	if (cfg.locks >= MSI_LOCKS_FULL)
		gates_watched(g);
	if (!h)
		return;
#pragma unroll
	for (i = 0; i < HELD_MAX; i++)
		gate_add(g, h->lock[i].md, h->lock[i].mutex);
}

static __always_inline void edge_name(struct edge *g, char *name)
{
	struct device *d = (void *)g->dev2;

	if (g->class == MSI_EDGE_DEVICE && d)
		bpf_probe_read_kernel_str(name, MSI_NAME_LEN, BPF_CORE_READ(d, kobj.name));
}

/*
 * Sends an edge, once.  Not static: so the verifier looks at it once, and not once for each of its callers,
 * which was a third of the time that loading everything took.
 */
__weak int edge_send(struct pt_regs *ctx, struct edge *g)
{
	__u64 task = bpf_get_current_task();
	struct edge_key k = {};
	struct msi_ev_edge *e;
	__u32 one = 1;

	if (!g)
		return 0;
	gates(g, msi_nr_holders ? held_by(task) : NULL);
	k.from = g->reversed ? g->lock : g->md;
	k.to = g->reversed ? g->md : g->lock;
	k.rest = g->born ^ msi_modules_loaded << 8 ^ g->gate[0] ^ g->gate[1] << 16 ^ g->gate[2] << 32 ^ !!g->holder;
	if (!dev_allowed(g->dev) || bpf_map_lookup_elem(&edges, &k))
		return 0;
	lock_flush(task);
	e = EVENT_BEGIN_STACK(edge, MSI_EV_EDGE, g->hook, g->dev);
	if (!e)
		return 0;
	e->md = g->md;
	e->lock = g->lock;
	e->class = g->class;
	e->reversed = g->reversed;
	e->gate1 = g->gate[0];
	e->gate2 = g->gate[1];
	e->gate3 = g->gate[2];
	e->irq = g->irq;
	e->holder_tid = task_tid(g->holder);
	edge_name(g, e->name);
	event_stack(ctx, &e->stack);
	event_submit(e);
	bpf_map_update_elem(&edges, &k, &one, BPF_ANY);
	return 0;
}

/* Is it the request_mutex of an interrupt that is known to be an MSI?  Its virq, 0: no.  */
static __always_inline __u32 request_mutex_of(__u64 mutex)
{
	__u64 id = mutex - bpf_core_field_offset(struct irq_desc, request_mutex), *known;
	__u32 irq = BPF_CORE_READ((struct irq_desc *)id, irq_data.irq);

	known = bpf_map_lookup_elem(&irqs, &irq);
	return known && *known == id ? irq : 0;
}

static __always_inline void classify(struct edge *g, __u64 mutex)
{
	__u64 parent = device_parent(g->dev);

	if (mutex == msi_domain_mutex || mutex == domain_mutex(g->dev)) {
		g->class = MSI_EDGE_DOMAIN;
	} else if (cfg.locks < MSI_LOCKS_FULL) {
		return;
	} else if (mutex == device_mutex(g->dev)) {
		g->class = MSI_EDGE_DEVICE;
		g->dev2 = g->dev;
	} else if (mutex == device_mutex(parent)) {
		g->class = MSI_EDGE_DEVICE;
		g->dev2 = parent;
	} else {
		g->irq = request_mutex_of(mutex);
		g->class = g->irq ? MSI_EDGE_REQUEST : MSI_EDGE_MUTEX;
	}
}

static __always_inline __u64 born(struct held_lock *l)
{
	struct mutex_state *ms = bpf_map_lookup_elem(&mutexes, &l->mutex);

	return ms ? ms->born : 0;
}

/* A task that holds the descriptor mutex `l` takes a mutex that is none.  */
static __always_inline void edge_to_mutex(struct pt_regs *ctx, struct held_lock *l, __u64 mutex,
					  __u64 owner)
{
	struct edge g = { .md = l->md, .dev = l->dev, .lock = mutex, .holder = owner, .hook = HOOK_lock };

	classify(&g, mutex);
	if (!g.class)
		return;
	if (g.class == MSI_EDGE_MUTEX)
		watch(mutex);
	g.born = born(l);
	edge_send(ctx, &g);
}

/* The same for an rw_semaphore.  */
static __always_inline void edge_to_sem(struct pt_regs *ctx, struct held_lock *l, __u64 sem, __u32 hook)
{
	struct edge g = { .md = l->md, .dev = l->dev, .lock = sem, .class = MSI_EDGE_RWSEM,
			  .holder = sem_writer(sem), .hook = hook };

	watch(sem | MSI_WATCHED_SEM);
	g.born = born(l);
	edge_send(ctx, &g);
}

/* `mutex` is held when a descriptor mutex is taken.  */
static __always_inline void edge_from(struct pt_regs *ctx, struct mutex_state *ms, __u64 owner,
				      __u64 mutex, __u32 class, __u64 dev2)
{
	struct edge g = { .md = ms->md, .dev = ms->dev, .lock = mutex, .dev2 = dev2, .class = class,
			  .reversed = 1, .holder = owner, .born = ms->born, .hook = HOOK_lock };

	if (!mutex || mutex_owner(mutex) != bpf_get_current_task())
		return;
	edge_send(ctx, &g);
}

/* Of all that are watched.  */
__weak int edges_from_watched(struct pt_regs *ctx, struct edge *g)
{
	__u32 i;

	if (!g)
		return 0;
#pragma unroll	/* v6.1 accepts no loop around a call here */
	for (i = 0; i < MSI_WATCHED_MAX; i++) {
		if (!watched_held(msi_watched[i]))
			continue;
		g->lock = msi_watched[i] & ~MSI_WATCHED_SEM;
		g->class = msi_watched[i] & MSI_WATCHED_SEM ? MSI_EDGE_RWSEM : MSI_EDGE_MUTEX;
		edge_send(ctx, g);
		__builtin_memset(g->gate, 0, sizeof(g->gate));
	}
	return 0;
}

static __always_inline void edge_between(struct pt_regs *ctx, struct held_lock *l,
					 struct mutex_state *ms, __u64 owner)
{
	struct edge g = { .md = l->md, .dev = l->dev, .lock = ms->md, .dev2 = ms->dev,
			  .class = MSI_EDGE_MSI_MUTEX, .holder = owner, .hook = HOOK_lock };

	if (l->md == ms->md)
		return;
	g.born = ms->born ^ born(l) << 1;
	edge_send(ctx, &g);
}

/* A descriptor mutex is asked for: what does the task hold?  */
static __always_inline void edges_to_desc_mutex(struct pt_regs *ctx, struct mutex_state *ms,
						__u64 owner)
{
	__u64 parent = device_parent(ms->dev);
	__u64 task = bpf_get_current_task();
	struct held *h = msi_nr_holders ? held_by(task) : NULL;
	__u32 i;

	edge_from(ctx, ms, owner, msi_domain_mutex, MSI_EDGE_DOMAIN, 0);
	edge_from(ctx, ms, owner, domain_mutex(ms->dev), MSI_EDGE_DOMAIN, 0);
	if (cfg.locks >= MSI_LOCKS_FULL) {
		edge_from(ctx, ms, owner, device_mutex(ms->dev), MSI_EDGE_DEVICE, ms->dev);
		edge_from(ctx, ms, owner, device_mutex(parent), MSI_EDGE_DEVICE, parent);
		edges_from_watched(ctx, &(struct edge){ .md = ms->md, .dev = ms->dev, .reversed = 1,
							.holder = owner, .born = ms->born,
							.hook = HOOK_lock });
	}
	if (!h)
		return;
#pragma unroll	/* v6.1 accepts no loop around a call here */
	for (i = 0; i < HELD_MAX; i++)
		if (really_holds(&h->lock[i], task))
			edge_between(ctx, &h->lock[i], ms, owner);
}

#endif
