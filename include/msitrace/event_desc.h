/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of events and their fields, made from the rows of event.h.  Text, JSON, CTF metadata
 * and documentation are loops over it.
 */
#ifndef MSITRACE_EVENT_DESC_H
#define MSITRACE_EVENT_DESC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "msitrace/event.h"

enum field_kind {
	FIELD_PAD,	/* a named hole: never shown */
	FIELD_DEC,
	FIELD_HEX,
	FIELD_NS,	/* nanoseconds */
	FIELD_BOOL,
	FIELD_RET,	/* signed; negative is an errno */
	FIELD_STR,	/* char array, terminated */
	FIELD_PTR,	/* kernel address of an object: a stable short name unless verbose */
	FIELD_IP,	/* kernel text address: a symbol */
	FIELD_DFLAGS,	/* MSI_DESC_* */
	FIELD_IRQD,	/* MSI_IRQD_* */
	FIELD_CONTEXT,	/* MSI_CTX_* */
	FIELD_PCI_IRQ,	/* MSI_PCI_IRQ_* */
	FIELD_CPUS,	/* bitmap of CPUs 0 to 63 */
	FIELD_LIST,	/* array of __u32, of which the event's field nr says how many there are */
};

struct field_desc {
	const char *name;
	const char *ctype;	/* as in event.h */
	enum field_kind kind;
	uint16_t offset;	/* bytes, from the start of the record */
	uint16_t size;		/* bytes, whole array */
	const char *doc;
};

struct event_desc {
	const char *name;	/* lower case, as in struct msi_ev_NAME */
	const char *id;		/* upper case, as in MSI_EV_ID */
	uint16_t type;
	uint16_t size;		/* bytes, header and stack included */
	uint16_t stack_offset;	/* of struct msi_stack, 0: none */
	uint16_t nr_fields;
	const struct field_desc *fields;
	const char *doc;
};

/* The row of an event type, NULL when there is none.  */
const struct event_desc *event_desc(unsigned int type);

/* The row of an event name in either case, NULL when there is none.  */
const struct event_desc *event_desc_by_name(const char *name);

/* The row of a field, NULL when there is none.  */
const struct field_desc *field_desc(const struct event_desc *ed, const char *name);

/* The value of an integer field, sign-extended for FIELD_RET; 0 for strings and lists.  */
uint64_t field_value(const struct field_desc *fd, const struct msi_event_hdr *e);

/* How many elements a FIELD_LIST of an event has, never more than there is room for.  */
uint32_t field_list_nr(const struct event_desc *ed, const struct field_desc *fd,
		       const struct msi_event_hdr *e);

/* One of them.  */
uint32_t field_list_value(const struct field_desc *fd, const struct msi_event_hdr *e, uint32_t i);

/* The stack of an event, NULL when its type has none.  */
const struct msi_stack *event_stack(const struct msi_event_hdr *e);

/*
 * The one check of an untrusted record of `len` bytes, done once, for live and recorded ones alike:
 * header complete, known type, size not below what the type needs and not above len, strings
 * terminated, no more stack frames or elements of lists than there is room for.  0, or
 * -EMSGSIZE (too short or size field wrong), -ENOENT (unknown type: skip by size), -EBADMSG (contents).
 */
int event_check(const void *rec, size_t len);

#endif
