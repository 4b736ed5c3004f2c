// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stackdepot.h"

#define CHUNK_FRAMES 65536	/* of 8 bytes; a stack lies in one chunk */
#define CHUNKS_MAX ((STACKDEPOT_MAX * MSI_STACK_MAX) / CHUNK_FRAMES + 1)
#define SLOTS (STACKDEPOT_MAX * 2)

struct entry {
	uint64_t hash;
	const uint64_t *ip;
	uint32_t nr;
};

struct stackdepot {
	uint32_t *slots;		/* SLOTS ids, by hash; 0: free */
	struct entry *entries;		/* by id; entry 0 is the empty stack */
	uint32_t nr, room;
	uint64_t *chunks[CHUNKS_MAX];
	uint32_t nr_chunks, used;	/* frames of the last chunk */
};

/* Four lanes, since one multiplication per frame after the other would wait 4 cycles for each.  */
uint64_t stack_hash(const __u64 *ip, uint32_t nr)
{
	const uint64_t k = 0x9e3779b97f4a7c15ULL;
	uint64_t a = nr, b = 1, c = 2, d = 3, h;
	uint32_t i;

	if (!nr)
		return 0;
	for (i = 0; i + 4 <= nr; i += 4) {
		a = (a ^ ip[i]) * k;
		b = (b ^ ip[i + 1]) * k;
		c = (c ^ ip[i + 2]) * k;
		d = (d ^ ip[i + 3]) * k;
		a ^= a >> 29;
		b ^= b >> 31;
		c ^= c >> 33;
		d ^= d >> 35;
	}
	for (; i < nr; i++) {
		a = (a ^ ip[i]) * k;
		a ^= a >> 29;
	}
	h = (a ^ (b << 7 | b >> 57) ^ (c << 19 | c >> 45) ^ (d << 37 | d >> 27)) * k;
	h ^= h >> 32;
	return h ? h : 1;
}

struct stackdepot *stackdepot__new(void)
{
	struct stackdepot *sd = calloc(1, sizeof(*sd));

	if (!sd)
		return NULL;
	sd->room = 256;
	sd->nr = 1;
	sd->slots = calloc(SLOTS, sizeof(*sd->slots));
	sd->entries = calloc(sd->room, sizeof(*sd->entries));
	if (!sd->slots || !sd->entries) {
		stackdepot__free(sd);
		return NULL;
	}
	return sd;
}

void stackdepot__free(struct stackdepot *sd)
{
	if (!sd)
		return;
	for (uint32_t i = 0; i < sd->nr_chunks; i++)
		free(sd->chunks[i]);
	free(sd->entries);
	free(sd->slots);
	free(sd);
}

static uint64_t *chunk_room(struct stackdepot *sd, uint32_t frames)
{
	uint64_t *chunk;

	if (!sd->nr_chunks || sd->used + frames > CHUNK_FRAMES) {
		if (sd->nr_chunks == CHUNKS_MAX)
			return NULL;
		chunk = malloc(CHUNK_FRAMES * sizeof(*chunk));
		if (!chunk)
			return NULL;
		sd->chunks[sd->nr_chunks++] = chunk;
		sd->used = 0;
	}
	return sd->chunks[sd->nr_chunks - 1] + sd->used;
}

static int add(struct stackdepot *sd, const struct msi_stack *st, uint64_t hash, uint32_t slot)
{
	struct entry *entries;
	uint64_t *ip;

	if (sd->nr == sd->room) {
		entries = realloc(sd->entries, 2 * sd->room * sizeof(*entries));
		if (!entries)
			return -ENOMEM;
		sd->entries = entries;
		sd->room *= 2;
	}
	ip = chunk_room(sd, st->nr);
	if (!ip)
		return -ENOMEM;
	memcpy(ip, st->ip, st->nr * sizeof(*ip));
	sd->used += st->nr;
	sd->entries[sd->nr] = (struct entry){ .hash = hash, .ip = ip, .nr = st->nr };
	sd->slots[slot] = sd->nr++;
	return 0;
}

int stackdepot__intern(struct stackdepot *sd, const struct msi_stack *st, uint32_t *id)
{
	uint64_t hash = stack_hash(st->ip, st->nr);
	uint32_t slot = hash & (SLOTS - 1);
	int err;

	if (!st->nr) {
		*id = 0;
		return 0;
	}
	for (; sd->slots[slot]; slot = (slot + 1) & (SLOTS - 1)) {
		const struct entry *en = &sd->entries[sd->slots[slot]];

		if (en->hash == hash && en->nr == st->nr &&
		    !memcmp(en->ip, st->ip, st->nr * sizeof(*en->ip))) {
			*id = sd->slots[slot];
			return 0;
		}
	}
	if (sd->nr == STACKDEPOT_MAX) {
		*id = 0;
		return 0;
	}
	err = add(sd, st, hash, slot);
	if (err)
		return err;
	*id = sd->nr - 1;
	return 0;
}

const uint64_t *stackdepot__frames(const struct stackdepot *sd, uint32_t id, uint32_t *nr)
{
	if (!id || id >= sd->nr) {
		*nr = 0;
		return NULL;
	}
	*nr = sd->entries[id].nr;
	return sd->entries[id].ip;
}
