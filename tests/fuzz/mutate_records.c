// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mutations that keep the framing of records.h: half of the time whole records are moved about, or
 * one byte of one changes; the other half is libFuzzer's own.
 */
#include <string.h>

#include "fuzz.h"
#include "records.h"

#define PREFIX 2	/* fuzz_validator's own bytes */
#define RECORDS_MAX 1024

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned int seed);

struct frames {
	size_t at[RECORDS_MAX + 1];	/* the last one is the end */
	unsigned int nr;
};

static unsigned int next_random(unsigned int *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 8 & 0xffff;
}

static void find_frames(struct frames *f, const uint8_t *data, size_t size)
{
	size_t at = PREFIX;

	f->nr = 0;
	while (at + RECORD_HEADER <= size && f->nr < RECORDS_MAX) {
		size_t next = at + RECORD_HEADER + data[at + 1];

		if (next > size)
			break;
		f->at[f->nr++] = at;
		at = next;
	}
	f->at[f->nr] = at;
}

static size_t length(const struct frames *f, unsigned int i)
{
	return f->at[i + 1] - f->at[i];
}

static size_t drop_record(const struct frames *f, uint8_t *data, size_t size, unsigned int *seed)
{
	unsigned int i = next_random(seed) % f->nr;

	memmove(data + f->at[i], data + f->at[i + 1], size - f->at[i + 1]);
	return size - length(f, i);
}

static size_t insert_at(uint8_t *data, size_t size, size_t room, size_t at, const uint8_t *rec,
			size_t len)
{
	if (size + len > room)
		return size;
	memmove(data + at + len, data + at, size - at);
	memcpy(data + at, rec, len);
	return size + len;
}

static size_t copy_record(const struct frames *f, uint8_t *data, size_t size, size_t room,
			  unsigned int *seed)
{
	uint8_t rec[RECORD_HEADER + UINT8_MAX];
	unsigned int i = next_random(seed) % f->nr;

	memcpy(rec, data + f->at[i], length(f, i));
	return insert_at(data, size, room, f->at[next_random(seed) % (f->nr + 1)], rec, length(f, i));
}

static size_t new_record(const struct frames *f, uint8_t *data, size_t size, size_t room,
			 unsigned int *seed)
{
	uint8_t rec[RECORD_HEADER + 24] = { 1 + next_random(seed) % (MSI_EV_MAX - 1), 24 };

	for (size_t i = RECORD_HEADER; i < sizeof(rec); i++)
		rec[i] = next_random(seed) % 4;
	return insert_at(data, size, room, f->at[next_random(seed) % (f->nr + 1)], rec, sizeof(rec));
}

/* The length stays what it is.  */
static size_t change_byte(const struct frames *f, uint8_t *data, size_t size, unsigned int *seed)
{
	unsigned int i = next_random(seed) % f->nr;
	size_t len = length(f, i), at = next_random(seed) % len;

	if (at == 1)
		at = 0;
	data[f->at[i] + at] = next_random(seed) % (next_random(seed) % 2 ? 8 : 256);
	return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned int seed)
{
	static struct frames f;
	unsigned int how = next_random(&seed) % 10;

	find_frames(&f, data, size);
	if (how < 4 || !f.nr)
		return LLVMFuzzerMutate(data, size, room);
	if (how == 4)
		return drop_record(&f, data, size, &seed);
	if (how == 5)
		return copy_record(&f, data, size, room, &seed);
	if (how == 6)
		return new_record(&f, data, size, room, &seed);
	return change_byte(&f, data, size, &seed);
}
