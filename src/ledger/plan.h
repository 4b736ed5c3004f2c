/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Will the kernel do it?  The rules of the x86 vector allocator, applied to a snapshot: pure code.
 */
#ifndef MSITRACE_LEDGER_PLAN_H
#define MSITRACE_LEDGER_PLAN_H

#include "snapshot.h"

/* X(ID, word) */
#define PLAN_ANSWERS(X) X(YES, "yes") X(NO, "no") X(MAYBE, "maybe")

#define X(ID, word) PLAN_##ID,
enum plan_answer { PLAN_ANSWERS(X) };
#undef X

extern const char *const plan_answers[];	/* ORDER: enum plan_answer */

/* X(ID, doc): why.  */
#define PLAN_REASONS(X) \
X(ROOM,		"the other CPUs have room for what it has") \
X(NO_ROOM,	"the other CPUs have less room than it has vectors to move") \
X(DEPENDS,	"it depends on how much the CPUs before it leave behind") \
X(NO_CPU,	"there is no such CPU") \
X(OFFLINE,	"it is offline") \
X(LAST,		"it would be the last one online") \
X(FIXED,	"the kernel has no file to take it offline with")

#define X(ID, doc) PLAN_##ID,
enum plan_reason { PLAN_REASONS(X) };
#undef X

extern const char *const plan_reasons[];	/* ORDER: enum plan_reason */

struct plan_offline {
	uint32_t cpu;
	enum plan_answer answer;
	enum plan_reason reason;
	uint32_t move;			/* vectors that it has, and would have to move */
	uint32_t room;			/* at least so many are free on the CPUs that stay */
	bool reserved_short;		/* more interrupts hold a reservation than room is left */
};

/*
 * As if these CPUs were taken offline, one after the other, now: a row each. After a "no" the following are judged as if
 * that one had stayed. lapic_can_unplug_cpu() of arch/x86/kernel/apic/vector.c compares irq_matrix_allocated(), which is
 * without managed interrupts, with irq_matrix_available() of the others.
 */
void plan_offline(const struct snapshot *s, const uint32_t *cpus, size_t nr, struct plan_offline *rows);

#endif
