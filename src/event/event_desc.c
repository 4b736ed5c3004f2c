// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of events and fields, made from the X-macro rows of event.h, and access through it.
 * Nothing here is written by hand: a new row in event.h is a new row here.
 */
#include <string.h>
#include <strings.h>

#include "msitrace/event_desc.h"

#define F(ctype_, name_, kind_, doc_) \
	{ .name = #name_, .ctype = #ctype_, .kind = FIELD_##kind_, \
	  .offset = offsetof(record, name_), .size = sizeof(((record *)0)->name_), .doc = doc_ },
#define A(ctype_, name_, n_, kind_, doc_) F(ctype_, name_, kind_, doc_)
#define STACK_0(name_) 0
#define STACK_1(name_) offsetof(struct msi_ev_##name_, stack)

/* The rows of a field list do not name their struct: each gets a scope where it is `record`.  */
#define ROWS(ID_, name_, value_, stack_, doc_) \
static const struct event_desc *row_##name_(void) \
{ \
	typedef struct msi_ev_##name_ record; \
	static const struct field_desc fields[] = { MSI_FIELDS_##name_(F, A) }; \
	static const struct event_desc row = { \
		.name = #name_, .id = #ID_, .type = MSI_EV_##ID_, .size = sizeof(record), \
		.stack_offset = STACK_##stack_(name_), \
		.nr_fields = sizeof(fields) / sizeof(fields[0]), .fields = fields, .doc = doc_, \
	}; \
	return &row; \
}
MSI_EVENTS(ROWS)

#define ROW(ID_, name_, value_, stack_, doc_) [MSI_EV_##ID_] = row_##name_,
static const struct event_desc *(*const rows[MSI_EV_MAX])(void) = { MSI_EVENTS(ROW) };

const struct event_desc *event_desc(unsigned int type)
{
	return type < MSI_EV_MAX && rows[type] ? rows[type]() : NULL;
}

const struct event_desc *event_desc_by_name(const char *name)
{
	for (unsigned int type = 0; type < MSI_EV_MAX; type++) {
		const struct event_desc *ed = event_desc(type);

		if (ed && !strcasecmp(ed->name, name))
			return ed;
	}
	return NULL;
}

const struct field_desc *field_desc(const struct event_desc *ed, const char *name)
{
	for (unsigned int i = 0; i < ed->nr_fields; i++)
		if (!strcmp(ed->fields[i].name, name))
			return &ed->fields[i];
	return NULL;
}

uint64_t field_value(const struct field_desc *fd, const struct msi_event_hdr *e)
{
	const char *p = (const char *)e + fd->offset;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	if (fd->kind == FIELD_STR || fd->kind == FIELD_LIST)
		return 0;
	switch (fd->size) {
	case 1:
		return (uint8_t)*p;
	case 2:
		memcpy(&u16, p, sizeof(u16));
		return u16;
	case 4:
		memcpy(&u32, p, sizeof(u32));
		return fd->kind == FIELD_RET ? (uint64_t)(int64_t)(int32_t)u32 : u32;
	case 8:
		memcpy(&u64, p, sizeof(u64));
		return u64;
	default:
		return 0;
	}
}

uint32_t field_list_nr(const struct event_desc *ed, const struct field_desc *fd,
		       const struct msi_event_hdr *e)
{
	const struct field_desc *count = field_desc(ed, "nr");
	uint64_t nr = count ? field_value(count, e) : 0, room = fd->size / sizeof(uint32_t);

	return nr < room ? nr : room;
}

uint32_t field_list_value(const struct field_desc *fd, const struct msi_event_hdr *e, uint32_t i)
{
	uint32_t value;

	memcpy(&value, (const char *)e + fd->offset + i * sizeof(value), sizeof(value));
	return value;
}

const struct msi_stack *event_stack(const struct msi_event_hdr *e)
{
	const struct event_desc *ed = event_desc(e->type);

	if (!ed || !ed->stack_offset)
		return NULL;
	return (const struct msi_stack *)((const char *)e + ed->stack_offset);
}
