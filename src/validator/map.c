// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "map.h"

int map_add(struct map *t, uint64_t key, void *val)
{
	struct map_node *n = malloc(sizeof(*n));
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

void map_del(struct map *t, uint64_t key)
{
	struct map_node *n = map_find(t, key);

	if (!n)
		return;
	HASH_DEL(t->head, n);
	free(n);
	t->nr--;
}

void map_free(struct map *t)
{
	struct map_node *n, *next;

	HASH_ITER(hh, t->head, n, next) {
		HASH_DEL(t->head, n);
		free(n);
	}
	t->nr = 0;
}
