/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which lock was taken while which other was held: a graph of lock instances, of which each edge has a
 * descriptor mutex at one end.  Bounded; edges of a descriptor mutex go with its device data, those of
 * variables of modules when one is loaded.
 */
#ifndef MSITRACE_VALIDATOR_LOCK_GRAPH_H
#define MSITRACE_VALIDATOR_LOCK_GRAPH_H

#include "link.h"
#include "map.h"
#include "moment.h"
#include "msitrace/event.h"

#define LOCK_EDGES_MAX 4096	/* the oldest goes */
#define LOCK_CYCLE_MAX 6	/* locks in a cycle; longer ones are not looked for */
#define LOCK_GATES 3

struct lock_node {
	uint64_t key;		/* struct msi_device_data * of a descriptor mutex, else the lock */
	uint32_t class;		/* enum msi_edge_class */
	uint32_t irq;
	uint32_t refs;		/* edges */
	uint32_t mark;		/* of a search */
	struct lock_edge *came;	/* in a search: the edge to it, */
	struct lock_node *next;	/* and who is looked at next */
	struct link out;
	char name[MSI_NAME_LEN];
};

struct lock_edge {
	struct link all, out;
	struct lock_node *from, *to;
	uint64_t gates[LOCK_GATES];	/* held each time that it was seen; 0: none */
	uint32_t tid, holder_tid;	/* last time; holder: of `to`, 0: it was free */
	bool reported;		/* with a cycle that it is part of */
	struct moment held, taken;	/* first time */
};

struct lock_graph {
	struct map nodes, edges;	/* edges by hash of both keys */
	struct link all;		/* oldest first */
	uint32_t nr, mark;
};

struct lock_cycle {
	uint32_t nr;
	struct lock_edge *edge[LOCK_CYCLE_MAX];	/* each begins where the one before ends */
};

void lock_graph__init(struct lock_graph *g);
void lock_graph__clear(struct lock_graph *g);

/* The lock is no more.  */
void lock_graph__drop(struct lock_graph *g, uint64_t key);

/* A module was loaded: what variables of modules were at these addresses is not known any more.  */
void lock_graph__module(struct lock_graph *g);

/*
 * Adds what an event saw, or notes that it was seen once more.  *news: there may be a cycle that there
 * was not before.  0 or -ENOMEM.
 */
int lock_graph__add(struct lock_graph *g, const struct msi_ev_edge *e, struct lock_edge **out,
		    bool *news);

/*
 * The shortest way back from the end of an edge to its begin.  False: there is none, or one more lock was
 * held at all of its edges each time, so that it cannot block.
 */
bool lock_graph__cycle(struct lock_graph *g, struct lock_edge *e, struct lock_cycle *out);

#endif
