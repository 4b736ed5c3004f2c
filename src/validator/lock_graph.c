// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lock_graph.h"

void lock_graph__init(struct lock_graph *g)
{
	memset(g, 0, sizeof(*g));
	link_init(&g->all);
}

/* --- nodes and edges ---------------------------------------------------------------------- */

static uint64_t edge_key(uint64_t from, uint64_t to)
{
	return (from ^ from >> 29) * 0x9e3779b97f4a7c15ULL + to;
}

static int node_get(struct lock_graph *g, uint64_t key, uint32_t class, struct lock_node **out)
{
	struct lock_node *n = map_get(&g->nodes, key);
	int err;

	if (!n) {
		n = calloc(1, sizeof(*n));
		if (!n)
			return -ENOMEM;
		n->key = key;
		n->class = class;
		link_init(&n->out);
		err = map_add(&g->nodes, key, n);
		if (err) {
			free(n);
			return err;
		}
	}
	n->refs++;
	*out = n;
	return 0;
}

static void node_put(struct lock_graph *g, struct lock_node *n)
{
	if (--n->refs)
		return;
	map_del(&g->nodes, n->key);
	free(n);
}

static void edge_drop(struct lock_graph *g, struct lock_edge *e)
{
	map_del(&g->edges, edge_key(e->from->key, e->to->key));
	link_del(&e->all);
	link_del(&e->out);
	node_put(g, e->from);
	node_put(g, e->to);
	free(e);
	g->nr--;
}

void lock_graph__clear(struct lock_graph *g)
{
	while (!link_empty(&g->all))
		edge_drop(g, link_entry(g->all.next, struct lock_edge, all));
}

/* All edges are looked at: what they are about goes rarely, and there are few.  */
static void drop_where(struct lock_graph *g, bool (*gone)(const struct lock_node *n, uint64_t key),
		       uint64_t key)
{
	struct link *l, *next;

	for (l = g->all.next; l != &g->all; l = next) {
		struct lock_edge *e = link_entry(l, struct lock_edge, all);

		next = l->next;
		if (gone(e->from, key) || gone(e->to, key))
			edge_drop(g, e);
	}
}

static bool is_lock(const struct lock_node *n, uint64_t key)
{
	return n->key == key;
}

void lock_graph__drop(struct lock_graph *g, uint64_t key)
{
	if (map_get(&g->nodes, key))
		drop_where(g, is_lock, key);
}

static bool of_module(const struct lock_node *n, uint64_t key)
{
	(void)key;
	return (n->class == MSI_EDGE_MUTEX || n->class == MSI_EDGE_RWSEM) && strchr(n->name, '[');
}

void lock_graph__module(struct lock_graph *g)
{
	drop_where(g, of_module, 0);
}

static int edge_new(struct lock_graph *g, struct lock_node *from, struct lock_node *to,
		    struct lock_edge **out)
{
	struct lock_edge *e = calloc(1, sizeof(*e));
	int err = e ? map_add(&g->edges, edge_key(from->key, to->key), e) : -ENOMEM;

	if (err) {
		free(e);
		return err;
	}
	e->from = from;
	e->to = to;
	link_add_tail(&g->all, &e->all);
	link_add_tail(&from->out, &e->out);
	g->nr++;
	*out = e;
	return 0;
}

/* --- adding ------------------------------------------------------------------------------- */

static bool has_gate(const uint64_t *gates, uint64_t lock)
{
	for (int i = 0; i < LOCK_GATES; i++)
		if (lock && gates[i] == lock)
			return true;
	return false;
}

/* Keeps those that were held this time, too.  True: there were more.  */
static bool keep_gates(struct lock_edge *e, const uint64_t *now)
{
	bool fewer = false;

	for (int i = 0; i < LOCK_GATES; i++) {
		if (!e->gates[i] || has_gate(now, e->gates[i]))
			continue;
		e->gates[i] = 0;
		fewer = true;
	}
	return fewer;
}

static int edge_make(struct lock_graph *g, const struct msi_ev_edge *e, uint64_t other,
		     struct lock_edge **out)
{
	struct lock_node *desc, *lock;
	int err;

	if (g->nr >= LOCK_EDGES_MAX)
		edge_drop(g, link_entry(g->all.next, struct lock_edge, all));
	err = node_get(g, e->md, MSI_EDGE_MSI_MUTEX, &desc);
	if (err)
		return err;
	err = node_get(g, other, e->class, &lock);
	if (err) {
		node_put(g, desc);
		return err;
	}
	lock->irq = e->irq;
	if (e->name[0])
		memcpy(lock->name, e->name, sizeof(lock->name));
	err = edge_new(g, e->reversed ? lock : desc, e->reversed ? desc : lock, out);
	if (err) {
		node_put(g, lock);
		node_put(g, desc);
	}
	return err;
}

int lock_graph__add(struct lock_graph *g, const struct msi_ev_edge *e, struct lock_edge **out,
		    bool *news)
{
	const uint64_t now[LOCK_GATES] = { e->gate1, e->gate2, e->gate3 };
	uint64_t other = e->lock ? e->lock : e->class;	/* there is one cpu_hotplug_lock */
	uint64_t from = e->reversed ? other : e->md, to = e->reversed ? e->md : other;
	struct lock_edge *le = map_get(&g->edges, edge_key(from, to));
	int err;

	if (le) {
		*news = keep_gates(le, now);
	} else {
		err = edge_make(g, e, other, &le);
		if (err)
			return err;
		memcpy(le->gates, now, sizeof(now));
		*news = true;
	}
	le->tid = e->h.tid;
	le->holder_tid = e->holder_tid;
	*out = le;
	return 0;
}

/* --- cycles ------------------------------------------------------------------------------- */

/* `last` is the end of the queue; returns the new one.  */
static struct lock_node *reach(struct lock_graph *g, struct lock_edge *e, struct lock_node *last)
{
	struct lock_node *n = e->to;

	if (n->mark == g->mark)
		return last;
	n->mark = g->mark;
	n->came = e;
	n->next = NULL;
	last->next = n;
	return n;
}

/* Breadth first, so that the shortest way is found.  False: none.  */
static bool search(struct lock_graph *g, struct lock_node *from, const struct lock_node *to)
{
	struct lock_node *last = from;

	from->mark = ++g->mark;
	from->came = NULL;
	from->next = NULL;
	for (struct lock_node *n = from; n; n = n->next) {
		if (n == to)
			return true;
		for (struct link *l = n->out.next; l != &n->out; l = l->next)
			last = reach(g, link_entry(l, struct lock_edge, out), last);
	}
	return false;
}

static bool has_gate_in_common(const struct lock_cycle *c)
{
	for (int i = 0; i < LOCK_GATES; i++) {
		uint64_t gate = c->edge[0]->gates[i];
		bool common = gate != 0;

		for (uint32_t k = 1; k < c->nr && common; k++)
			common = has_gate(c->edge[k]->gates, gate);
		if (common)
			return true;
	}
	return false;
}

bool lock_graph__cycle(struct lock_graph *g, struct lock_edge *e, struct lock_cycle *out)
{
	struct lock_edge *way[LOCK_CYCLE_MAX];
	uint32_t nr = 0;

	if (!search(g, e->to, e->from))
		return false;
	for (struct lock_node *n = e->from; n->came; n = n->came->from) {
		if (nr == LOCK_CYCLE_MAX - 1)
			return false;
		way[nr++] = n->came;
	}
	out->nr = 0;
	out->edge[out->nr++] = e;
	while (nr)
		out->edge[out->nr++] = way[--nr];
	return !has_gate_in_common(out);
}
