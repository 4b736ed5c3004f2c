// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "table.h"

int table_add(struct table *t, uint64_t key, void *val)
{
	struct table_node *n = malloc(sizeof(*n));
	bool failed = false;

	if (!n)
		return -ENOMEM;
	n->key = key;
	n->val = val;
#undef uthash_nonfatal_oom
#define uthash_nonfatal_oom(elt) (failed = true)
	HASH_ADD(hh, t->head, key, sizeof(n->key), n);
	if (failed) {
		free(n);
		return -ENOMEM;
	}
	t->nr++;
	return 0;
}

void table_del(struct table *t, uint64_t key)
{
	struct table_node *n = table_find(t, key);

	if (!n)
		return;
	HASH_DEL(t->head, n);
	free(n);
	t->nr--;
}

void table_free(struct table *t)
{
	struct table_node *n, *next;

	HASH_ITER(hh, t->head, n, next) {
		HASH_DEL(t->head, n);
		free(n);
	}
	t->nr = 0;
}
