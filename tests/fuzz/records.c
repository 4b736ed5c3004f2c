// SPDX-License-Identifier: GPL-2.0-only
/* Records from bytes and bytes from records; records.h has the language.  */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "msitrace/event_desc.h"
#include "msitrace/rule.h"
#include "records.h"

#define SMALL 0xe0	/* codes below it are their own value */
#define LITERAL 0xf0	/* this and above: bytes follow */
#define PTR_BASE 0xffff888100000000ULL
#define PTR_STEP 0x140
#define TEXT_BASE 0xffffffff81000000ULL
#define TEXT_STEP 0x10
#define DELAY_STEP 1000	/* ns */

static const uint64_t awkward[LITERAL - SMALL] = {
	UINT64_MAX, UINT32_MAX, INT32_MAX, (uint64_t)INT32_MIN, MSI_ASSOC_UNKNOWN, 0x10000, 1ULL << 63,
	0xff, 0x100, 0x1000, 0x4000, (uint64_t)-EINVAL, (uint64_t)-ENOMEM, KVER(6, 1), KVER(7, 2), 0x800,
};

/* --- bytes to records --------------------------------------------------------------------- */

static uint8_t byte(const uint8_t **p, const uint8_t *end)
{
	return *p < end ? *(*p)++ : 0;
}

static uint64_t number(const uint8_t **p, const uint8_t *end, uint64_t base, uint64_t step)
{
	uint8_t code = byte(p, end);
	uint64_t val = 0;

	if (code < SMALL)
		return code ? base + code * step : 0;
	if (code < LITERAL)
		return awkward[code - SMALL];
	for (int i = 0; i <= (code & 7); i++)
		val |= (uint64_t)byte(p, end) << 8 * i;
	return val;
}

static void store(unsigned char *to, size_t size, uint64_t val)
{
	memcpy(to, &val, size < sizeof(val) ? size : sizeof(val));	/* little endian */
}

static void string(const uint8_t **p, const uint8_t *end, unsigned char *to, size_t size)
{
	size_t len = byte(p, end);

	for (size_t i = 0; i < len && *p < end; i++) {
		uint8_t c = byte(p, end);

		if (i + 1 < size)
			to[i] = c;
	}
}

static void list(const uint8_t **p, const uint8_t *end, const struct event_desc *ed,
		 const struct field_desc *fd, union record *buf)
{
	uint32_t nr = field_list_nr(ed, fd, &buf->h);

	store(buf->bytes + field_desc(ed, "nr")->offset, sizeof(nr), nr);
	for (uint32_t i = 0; i < nr; i++)
		store(buf->bytes + fd->offset + i * sizeof(nr), sizeof(nr), number(p, end, 0, 1));
}

static void field(const uint8_t **p, const uint8_t *end, const struct event_desc *ed,
		  const struct field_desc *fd, union record *buf)
{
	unsigned char *to = buf->bytes + fd->offset;

	switch (fd->kind) {
	case FIELD_PAD:
		break;
	case FIELD_STR:
		string(p, end, to, fd->size);
		break;
	case FIELD_LIST:
		list(p, end, ed, fd, buf);
		break;
	case FIELD_PTR:
		store(to, fd->size, number(p, end, PTR_BASE, PTR_STEP));
		break;
	case FIELD_IP:
		store(to, fd->size, number(p, end, TEXT_BASE, TEXT_STEP));
		break;
	default:
		store(to, fd->size, number(p, end, 0, 1));
	}
}

static void header(struct stream *s, const struct event_desc *ed, const uint8_t **p,
		   const uint8_t *end, struct msi_event_hdr *h)
{
	h->type = ed->type;
	h->size = ed->size;
	h->dev = number(p, end, PTR_BASE, PTR_STEP);
	h->tid = h->pid = number(p, end, 0, 1);
	h->hook = number(p, end, 0, 1);
	if (!h->hook && ed->type != MSI_EV_ATTACH)
		h->hook = ed->type;
	s->ts_ns += number(p, end, 0, DELAY_STEP);
	h->ts_ns = s->ts_ns;
	snprintf(h->comm, sizeof(h->comm), "t%u", h->tid);
}

static void frames(const uint8_t **p, const uint8_t *end, const struct event_desc *ed,
		   union record *buf)
{
	uint32_t nr = number(p, end, 0, 1) % (MSI_STACK_MAX + 1);
	struct msi_stack *st = (void *)(buf->bytes + ed->stack_offset);

	if (!ed->stack_offset)
		return;
	st->nr = nr;
	for (uint32_t i = 0; i < nr; i++)
		st->ip[i] = number(p, end, TEXT_BASE, TEXT_STEP);
}

static void build(struct stream *s, const struct event_desc *ed, const uint8_t *p,
		  const uint8_t *end, union record *buf)
{
	header(s, ed, &p, end, &buf->h);
	frames(&p, end, ed, buf);
	for (unsigned int i = 0; i < ed->nr_fields; i++)
		field(&p, end, ed, &ed->fields[i], buf);
}

static void attach_next(struct stream *s, union record *buf)
{
	struct msi_ev_attach *at = (void *)buf;

	*at = (struct msi_ev_attach){
		.h = { .type = MSI_EV_ATTACH, .size = sizeof(*at), .hook = s->attach, .ts_ns = s->ts_ns },
		.event = s->attach,
		.status = MSI_ATTACH_LIVE,
		.role = "role",
		.func = "msi_function",
	};
	do
		s->attach++;
	while (s->attach < MSI_EV_MAX && !event_desc(s->attach));
	if (s->attach >= MSI_EV_MAX)
		s->attach = 0;
}

void stream_init(struct stream *s, const uint8_t *data, size_t size)
{
	*s = (struct stream){ .p = data, .end = data + size, .ts_ns = 1000000000 };
}

static size_t raw(const uint8_t *p, const uint8_t *end, union record *buf)
{
	size_t len = byte(&p, end);

	len = (len | byte(&p, end) << 8) % (sizeof(*buf) + 1);
	memcpy(buf->bytes, p, (size_t)(end - p) < len ? (size_t)(end - p) : len);
	return len;
}

/* One record from the bytes, whatever it is worth.  Its length.  */
static size_t decode(struct stream *s, union record *buf)
{
	uint8_t type = byte(&s->p, s->end), len = byte(&s->p, s->end);
	const uint8_t *p = s->p, *end = s->end - p < len ? s->end : p + len;
	const struct event_desc *ed;

	memset(buf, 0, sizeof(*buf));
	s->p = end;
	if (type == RECORD_RAW)
		return raw(p, end, buf);
	if (type == RECORD_ATTACH_ALL) {
		s->attach = MSI_EV_DATA_SETUP;
		return 0;
	}
	ed = event_desc(type % MSI_EV_MAX);
	if (!ed)
		return 0;
	build(s, ed, p, end, buf);
	return ed->size;
}

/* In memory of just that length, so that nobody reads behind it unnoticed.  */
static bool good(const union record *buf, size_t len)
{
	void *copy = malloc(len);
	int err;

	if (!copy)
		return false;
	memcpy(copy, buf, len);
	err = event_check(copy, len);
	free(copy);
	return !err;
}

const struct msi_event_hdr *stream_next(struct stream *s, union record *buf)
{
	while (s->attach || s->p < s->end) {
		size_t len;

		if (s->attach) {
			attach_next(s, buf);
			return &buf->h;
		}
		len = decode(s, buf);
		if (good(buf, len))
			return &buf->h;
	}
	return NULL;
}

/* --- records to bytes --------------------------------------------------------------------- */

struct out {
	uint8_t *p, *end;
};

static void put(struct out *o, uint8_t b)
{
	if (o->p < o->end)
		*o->p++ = b;
}

static void put_literal(struct out *o, uint64_t val)
{
	int n = 0;

	while (n < 7 && val >> 8 * (n + 1))
		n++;
	put(o, LITERAL + n);
	for (int i = 0; i <= n; i++)
		put(o, val >> 8 * i);
}

static void put_number(struct out *o, uint64_t val)
{
	if (val < SMALL) {
		put(o, val);
		return;
	}
	for (unsigned int i = 0; i < LITERAL - SMALL; i++)
		if (awkward[i] == val) {
			put(o, SMALL + i);
			return;
		}
	put_literal(o, val);
}

/* Objects by number, in the order in which they are first seen.  */
static void put_object(struct out *o, uint64_t *known, unsigned int *nr, uint64_t val)
{
	unsigned int i;

	if (!val || val > -4096ULL) {
		put_number(o, val);
		return;
	}
	for (i = 0; i < *nr && known[i] != val; i++)
		;
	if (i == *nr && i < SMALL - 1)
		known[(*nr)++] = val;
	if (i < SMALL - 1)
		put(o, i + 1);
	else
		put_literal(o, val);
}

static void put_string(struct out *o, const char *s, size_t size)
{
	size_t len = strnlen(s, size);

	put(o, len);
	for (size_t i = 0; i < len; i++)
		put(o, s[i]);
}

static void put_field(struct stream_writer *w, struct out *o, const struct event_desc *ed,
		      const struct field_desc *fd, const struct msi_event_hdr *e)
{
	switch (fd->kind) {
	case FIELD_PAD:
		break;
	case FIELD_STR:
		put_string(o, (const char *)e + fd->offset, fd->size);
		break;
	case FIELD_LIST:
		for (uint32_t i = 0; i < field_list_nr(ed, fd, e); i++)
			put_number(o, field_list_value(fd, e, i));
		break;
	case FIELD_PTR:
		put_object(o, w->ptrs, &w->nr_ptrs, field_value(fd, e));
		break;
	case FIELD_IP:
		put_object(o, w->texts, &w->nr_texts, field_value(fd, e));
		break;
	default:
		put_number(o, field_value(fd, e));
	}
}

static void put_header(struct stream_writer *w, struct out *o, const struct msi_event_hdr *e)
{
	uint64_t delay = e->ts_ns - w->ts_ns;

	w->ts_ns = e->ts_ns;
	put_object(o, w->ptrs, &w->nr_ptrs, e->dev);
	put_number(o, e->tid);
	/* Hooks of traces are numbered by event, those of the others by type.  */
	put_number(o, e->type == MSI_EV_ATTACH ? ((const struct msi_ev_attach *)e)->event : 0);
	if (delay % DELAY_STEP || delay / DELAY_STEP >= SMALL)
		put_literal(o, delay);
	else
		put(o, delay / DELAY_STEP);
}

size_t stream_write(struct stream_writer *w, const struct msi_event_hdr *e, uint8_t *to, size_t room)
{
	const struct event_desc *ed = event_desc(e->type);
	const struct msi_stack *st = event_stack(e);
	struct out o = { .p = to + RECORD_HEADER };

	if (!ed || room < RECORD_HEADER + UINT8_MAX)
		return 0;
	o.end = o.p + UINT8_MAX;
	put_header(w, &o, e);
	put(&o, st ? st->nr : 0);
	for (uint32_t i = 0; st && i < st->nr; i++)
		put_object(&o, w->texts, &w->nr_texts, st->ip[i]);
	for (unsigned int i = 0; i < ed->nr_fields; i++)
		put_field(w, &o, ed, &ed->fields[i], e);
	to[0] = ed->type;
	to[1] = o.p - to - RECORD_HEADER;
	return o.p - to;
}
