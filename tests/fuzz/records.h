/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Streams of events in few bytes, for the fuzzer.  A stream is a row of records:
 *
 *	TYPE LEN PAYLOAD[LEN]
 *
 * TYPE 0 is raw: two bytes say how long the record is, the others are it.  255 is the ATTACH of
 * every event type.  Everything else is the event type, modulo MSI_EV_MAX; its record is built by
 * the event table, so that it passes event_check() whatever the payload says:
 *
 *	DEV TID HOOK DELAY NR_FRAMES FRAME... FIELD...
 *
 * Each of these is one code: below 0xe0 a small number (of a pointer: one of few objects), below
 * 0xf0 a number of the kind that goes wrong, else the number itself in the next 1 to 8 bytes.
 * Strings are their length and their bytes.  What is missing is 0 and what is too much is ignored,
 * so that a field that is appended to an event changes little for the corpus.
 */
#ifndef MSITRACE_TESTS_RECORDS_H
#define MSITRACE_TESTS_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "msitrace/event.h"

#define RECORD_RAW 0
#define RECORD_ATTACH_ALL 255
#define RECORD_HEADER 2		/* bytes */

union record {			/* as large and as aligned as any event */
	struct msi_event_hdr h;
	uint64_t align[MSI_EVENT_SIZE_MAX / 8];
	unsigned char bytes[MSI_EVENT_SIZE_MAX];
};

struct stream {
	const uint8_t *p, *end;
	uint64_t ts_ns;
	unsigned int attach;	/* event type of the next ATTACH of RECORD_ATTACH_ALL, 0: none */
};

void stream_init(struct stream *s, const uint8_t *data, size_t size);

/* The next record that event_check() has let pass; NULL at the end.  */
const struct msi_event_hdr *stream_next(struct stream *s, union record *buf);

struct stream_writer {
	uint64_t ts_ns;
	uint64_t ptrs[0xe0], texts[0xe0];
	unsigned int nr_ptrs, nr_texts;
};

/* The other way: one record.  Returns the bytes written, 0: no room.  */
size_t stream_write(struct stream_writer *w, const struct msi_event_hdr *e, uint8_t *to,
		    size_t room);

#endif
