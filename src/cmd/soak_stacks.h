/* SPDX-License-Identifier: GPL-2.0-only */
/* Who allocated an interrupt, as far as it was seen: the stack of the last time that its number was given to a descriptor.  */
#ifndef MSITRACE_CMD_SOAK_STACKS_H
#define MSITRACE_CMD_SOAK_STACKS_H

#include <stdint.h>

#include "msitrace/event.h"

struct soak_stacks;

struct soak_stacks *soak_stacks__new(void);	/* NULL: no memory */
void soak_stacks__free(struct soak_stacks *ss);

/* Takes ASSOC and IRQ_FREE events; others are ignored.  0 or -ENOMEM.  */
int soak_stacks__event(struct soak_stacks *ss, const struct msi_event_hdr *e);

/*
 * The number that the stack of an interrupt is printed under, given when it is first asked for: 1, 2, ...  0: it was not
 * seen.
 */
uint32_t soak_stacks__number(struct soak_stacks *ss, uint32_t irq);

/* Frames of a number, innermost first; NULL and 0: nobody asked for that many.  */
const uint64_t *soak_stacks__frames(const struct soak_stacks *ss, uint32_t number, uint32_t *nr);

#endif
