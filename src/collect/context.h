/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the core is doing, by the functions in a stack: a driver that writes a message by itself has
 * none of them above it.
 */
#ifndef MSITRACE_COLLECT_CONTEXT_H
#define MSITRACE_COLLECT_CONTEXT_H

#include "collect/syms.h"
#include "msitrace/event.h"

/* Functions that tell a context, with it as the tag, to be looked up by syms__new().  */
#define CONTEXT_FUNCS 32

void context_wanted(struct syms_wanted wanted[CONTEXT_FUNCS]);

/*
 * Enum msi_context of a stack, the innermost.  UNKNOWN when it has none and may have had one: `whole`
 * says that no frames were left out, and the last one must be where tasks or interrupts begin.
 */
unsigned int context_of(const struct syms *s, const struct msi_stack *st, bool whole);

#endif
