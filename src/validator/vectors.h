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

/* Can the look that this event ends be judged?  Says why if it never can.  */
bool vectors_counted(struct rule_ctx *rc, const struct msi_ev_matrix *e);

/* "x86 vectors, CPU 0: 0 free, 201 taken; ..." */
void vectors_object(struct finding *f, const struct matrix *mx);

#endif
