/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every stack once: a kernel has few code paths, so that 100,000 descriptors with four moments each
 * cost four small numbers per descriptor and not four times 264 bytes.
 */
#ifndef MSITRACE_VALIDATOR_STACKDEPOT_H
#define MSITRACE_VALIDATOR_STACKDEPOT_H

#include <stdint.h>

#include "msitrace/event.h"

#define STACKDEPOT_MAX 65536	/* stacks; those that come later are forgotten */

struct stackdepot;

struct stackdepot *stackdepot__new(void);	/* NULL: no memory */
void stackdepot__free(struct stackdepot *sd);

/*
 * *id of the stack; 0 for an empty one and for those that the depot has no room for.
 * 0, or -ENOMEM with *id untouched.
 */
int stackdepot__intern(struct stackdepot *sd, const struct msi_stack *st, uint32_t *id);

/* The frames, innermost first; *nr is set.  NULL and 0 for id 0.  */
const uint64_t *stackdepot__frames(const struct stackdepot *sd, uint32_t id, uint32_t *nr);

/* Of frames; 0 when nr is 0.  */
uint64_t stack_hash(const __u64 *ip, uint32_t nr);

#endif
