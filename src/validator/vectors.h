/* SPDX-License-Identifier: GPL-2.0-only */
/* Who holds the vectors of x86; for the rules that say that there are too few.  */
#ifndef MSITRACE_VALIDATOR_VECTORS_H
#define MSITRACE_VALIDATOR_VECTORS_H

#include "rule_ctx.h"

#define VECTOR_HOLDERS	5	/* that a message names */

struct vector_holder {
	const struct device *dev;
	const struct virq *one;		/* that was never requested, if there is such */
	uint32_t nr, idle;
};

struct vector_text {
	char s[200];
};

/* The devices that hold most, idle interrupts first; top[VECTOR_HOLDERS].  How many.  */
uint32_t vector_holders(const struct model *m, struct vector_holder *top);

/* "; most interrupts: 0000:00:03.0 64 (63 idle), ..." */
struct vector_text vector_holders_text(const struct vector_holder *top, uint32_t nr);

#define VECTORS_ALL	~0ull
#define ENOSPC_RET	(-28)
#define LOOK_NS		1000000000ull	/* a look at the counters goes with failures that close */

/*
 * Who has the vectors of these CPUs (bit N: CPU N), by the last look at them, for a finding about `e`: f->held. Nothing
 * if that look was too long ago, or did not list them.
 */
void vectors_held(struct rule_ctx *rc, struct finding *f, const struct msi_event_hdr *e, uint64_t cpus);

/* Was the last look at the counters made for this event, or shortly before?  */
bool vectors_known(const struct matrix *mx, const struct msi_event_hdr *e);

struct vectors_room {
	char s[56];
};

/* "90 x86 vectors are free on 2 CPUs" */
struct vectors_room vectors_room(const struct matrix *mx);

/* Free vectors of these CPUs that are online, by the last look.  */
uint32_t vectors_free(const struct matrix *mx, uint64_t cpus);

/* Can the look that this event ends be judged?  Says why if it never can.  */
bool vectors_counted(struct rule_ctx *rc, const struct msi_ev_matrix *e);

/* "x86 vectors, CPU 0: 0 free, 201 taken; ..." */
void vectors_object(struct finding *f, const struct matrix *mx);

#endif
