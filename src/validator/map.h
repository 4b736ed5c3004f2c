/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hash table from a 64-bit key (kernel address, virq, hash) to an object of the caller: uthash,
 * with failed allocations reported instead of exit().
 *
 * Measured with tests/bench/bench_validator against a table with open addressing: 10 against 16
 * million events per second at 100,000 descriptors, 22 against 29 at 1,000.  The aim is half of
 * that, so the library does.  Jenkins' hash stays: one multiplication made 100,000 slower, its
 * buckets were filled unevenly.
 */
#ifndef MSITRACE_VALIDATOR_MAP_H
#define MSITRACE_VALIDATOR_MAP_H

#include <stddef.h>
#include <stdint.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct map_node {
	uint64_t key;
	void *val;
	UT_hash_handle hh;
};

struct map {			/* zeroed: empty */
	struct map_node *head;
	uint32_t nr;
};

static inline struct map_node *map_find(const struct map *t, uint64_t key)
{
	struct map_node *n;

	HASH_FIND(hh, t->head, &key, sizeof(key), n);
	return n;
}

static inline void *map_get(const struct map *t, uint64_t key)
{
	struct map_node *n = map_find(t, key);

	return n ? n->val : NULL;
}

/* The key must not be there yet, val is not NULL.  0 or -ENOMEM.  */
int map_add(struct map *t, uint64_t key, void *val);
void map_del(struct map *t, uint64_t key);
void map_free(struct map *t);		/* not what the values point to */

/* Values in order of insertion: *pos is NULL at first; NULL at the end.  No changes in between.  */
static inline void *map_next(const struct map *t, const struct map_node **pos)
{
	*pos = *pos ? (*pos)->hh.next : t->head;
	return *pos ? (*pos)->val : NULL;
}

#endif
