/* SPDX-License-Identifier: GPL-2.0-only */
/* Doubly linked lists whose links sit in their objects.  */
#ifndef MSITRACE_VALIDATOR_LINK_H
#define MSITRACE_VALIDATOR_LINK_H

#include <stdbool.h>
#include <stddef.h>

struct link {
	struct link *prev, *next;
};

#define link_entry(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))

static inline void link_init(struct link *head)
{
	head->prev = head->next = head;
}

static inline bool link_empty(const struct link *head)
{
	return head->next == head;
}

/* A link that is on no list points nowhere, so that unlinking it is harmless.  */
static inline void link_del(struct link *l)
{
	if (!l->next)
		return;
	l->prev->next = l->next;
	l->next->prev = l->prev;
	l->prev = l->next = NULL;
}

static inline void link_add_tail(struct link *head, struct link *l)
{
	l->prev = head->prev;
	l->next = head;
	head->prev->next = l;
	head->prev = l;
}

#endif
