/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hash table from a 64-bit key (kernel address, virq, hash) to an object of the caller: uthash, with
 * failed allocations reported instead of exit().
 *
 * Measured with tests/bench/bench_validator against a table with open addressing: 10 against 16 million
 * events per second at 100,000 descriptors, 22 against 29 at 1,000.  The aim is half of that, so the library
 * does.  Jenkins' hash stays: one multiplication made 100,000 slower, its buckets were filled unevenly.
 */
#ifndef MSITRACE_VALIDATOR_TABLE_H
#define MSITRACE_VALIDATOR_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct table_node {
	uint64_t key;
	void *val;
	UT_hash_handle hh;
};

struct table {			/* zeroed: empty */
	struct table_node *head;
	uint32_t nr;
};

static inline struct table_node *table_find(const struct table *t, uint64_t key)
{
	struct table_node *n;

	HASH_FIND(hh, t->head, &key, sizeof(key), n);
	return n;
}

static inline void *table_get(const struct table *t, uint64_t key)
{
	struct table_node *n = table_find(t, key);

	return n ? n->val : NULL;
}

/* The key must not be there yet, val is not NULL.  0 or -ENOMEM.  */
int table_add(struct table *t, uint64_t key, void *val);
void table_del(struct table *t, uint64_t key);
void table_free(struct table *t);		/* not what the values point to */

/* Values in order of insertion: *pos is NULL at first; NULL at the end.  No changes in between.  */
static inline void *table_next(const struct table *t, const struct table_node **pos)
{
	*pos = *pos ? (*pos)->hh.next : t->head;
	return *pos ? (*pos)->val : NULL;
}

#endif
