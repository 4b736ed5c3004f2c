/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocations that fail on purpose, and how many there are.  Programs that use it are linked with
 * ALLOC_WRAP of tests.mk.  Only what is allocated while armed fails; everything is counted.
 */
#ifndef MSITRACE_TESTS_ALLOC_H
#define MSITRACE_TESTS_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

void alloc_fail_every(unsigned int n);	/* armed allocations: each n-th, 0: none; begins to count anew */
void alloc_fail_once(unsigned int n);	/* only the n-th of those that follow */
void alloc_arm(void);
void alloc_disarm(void);
bool alloc_failed(void);		/* any, since one of the first two was called */
unsigned int alloc_seen(void);		/* how many were armed since then */

long alloc_live(void);			/* blocks */
long alloc_bytes(void);			/* of them */

#endif
