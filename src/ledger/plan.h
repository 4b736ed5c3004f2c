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
X(FIXED,	"the kernel has no file to take it offline with") \
X(MANAGED,	"it is managed: the kernel has spread it over the CPUs, and lets nobody move it") \
X(NO_AFFINITY,	"its chip cannot move it, or the kernel keeps it where it is") \
X(NONE_ONLINE,	"none of these CPUs is online") \
X(FOREIGN,	"it is not one of the x86 vector allocator: what its own domain does is not known") \
X(CHANGING,	"it was being changed while it was looked at; try again") \
X(KEPT,		"it is not active: the list is kept for when it is requested, and there is room") \
X(ELSEWHERE,	"it is not active: the list is kept, but these CPUs are full; when it is requested it goes elsewhere") \
X(THERE,	"it is on one of these CPUs already, and stays there") \
X(FULL,		"no vector is free on these CPUs") \
X(FULL_LATER,	"no vector is free on these CPUs: the move is tried when it fires next, and then dropped without a word") \
X(BUSY,		"it still holds the vector of its last move: when that is done, and it fires, it is moved") \
X(DISABLED,	"it is moved when it fires, and it is disabled") \
X(NEXT,		"it is moved when it fires next, and not before") \
X(NOW,		"it is moved at once") \
X(ENOUGH,	"there are vectors for all of them") \
X(NO_MSI,	"it has neither MSI-X nor MSI, or they are switched off for it") \
X(TOO_MANY,	"it has not so many") \
X(MULTI_MSI,	"more than one MSI of a device takes interrupt remapping, which is off") \
X(PER_CPU,	"a managed interrupt is for at least one CPU: there are no more than there may be CPUs") \
X(CPU_FULL,	"each CPU has to set one vector aside, and one has none that is free") \
X(CPU_UNKNOWN,	"each CPU has to set one vector aside, and of one that is offline it is not known whether it can") \
X(TOO_FEW,	"fewer vectors are free: the allocation succeeds, and request_irq() fails when they are used up") \
X(TOO_FEW_NOW,	"fewer vectors are free: the allocation fails") \
X(BROKEN,	"fewer vectors are free on these CPUs: the rest goes elsewhere (\"Affinity broken due to vector space exhaustion\")")

#define X(ID, doc) PLAN_##ID,
enum plan_reason { PLAN_REASONS(X) PLAN_REASON_NR };
#undef X

extern const char *const plan_reasons[];	/* ORDER: enum plan_reason */

/* A list of CPUs, as the user wrote it.  */
struct plan_cpus {
	const uint32_t *cpus;
	size_t nr;
};

/* --- offline ------------------------------------------------------------------------------ */

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

/* --- affinity ----------------------------------------------------------------------------- */

/* X(ID, word): what a write to /proc/irq/N/smp_affinity gives.  */
#define PLAN_WRITES(X) X(OK, "ok") X(EINVAL, "EINVAL") X(ENOSPC, "ENOSPC") X(REFUSED, "refused") X(UNKNOWN, "unknown")

#define X(ID, word) PLAN_WRITE_##ID,
enum plan_write { PLAN_WRITES(X) };
#undef X

extern const char *const plan_writes[];		/* ORDER: enum plan_write */

struct plan_affinity {
	enum plan_answer answer;	/* will one of these CPUs serve it */
	enum plan_reason reason;
	enum plan_write write;		/* "ok" does not mean yes: some moves are tried later */
	uint32_t now;			/* CPU that has its vector; SNAP_UNKNOWN: none */
	uint32_t to;			/* CPU that the kernel would take; SNAP_UNKNOWN: none, or not known */
	uint32_t room;			/* vectors that are free on these CPUs, with the one that it lets go of first */
};

/*
 * As if this list were written to smp_affinity_list of the interrupt now. write_irq_affinity() of kernel/irq/proc.c,
 * irq_set_affinity_locked() of manage.c, assign_vector_locked() of arch/x86/kernel/apic/vector.c, and
 * irq_matrix_alloc(), which takes the CPU that has most vectors free, the first of them. -ENOENT: no such interrupt in
 * the snapshot.
 */
int plan_affinity(const struct snapshot *s, uint32_t irq, const struct plan_cpus *list, struct plan_affinity *out);

/* The same for each CPU that is online, alone: CPUs with the same answer are one row.  */
struct plan_why {
	struct plan_affinity p;		/* room: of all; to: only if it is one CPU */
	uint32_t *cpus;
	size_t nr;
};

/* *rows and their cpus are one piece of memory, the caller's to free.  0, -ENOENT or -ENOMEM.  */
int plan_why(const struct snapshot *s, uint32_t irq, struct plan_why **rows, size_t *nr);

/* --- alloc -------------------------------------------------------------------------------- */

struct plan_request {
	const char *device;		/* by its name on its bus */
	uint32_t nr;			/* vectors that are wanted, and all of them are to be requested */
	uint32_t msix, msi;		/* how many its capabilities offer; 0: it has none */
	bool msi_maskable;
	bool managed;			/* PCI_IRQ_AFFINITY, without vectors that are not spread */
	uint32_t possible;		/* CPUs that there may be */
	struct plan_cpus list;		/* where they are to be; nr 0: anywhere */
};

struct plan_alloc {
	enum plan_answer answer;
	enum plan_reason reason;
	uint32_t gets;			/* the most vectors that an allocation could give; 0: it fails */
	uint32_t room;			/* that are free, on the CPUs of the list */
	uint32_t back;			/* interrupts that it has, and gives back first */
};

/*
 * As if a driver asked for that many vectors, no less, and requested all of them, now; what the device has is given
 * back first. pci_alloc_irq_vectors() of drivers/pci/msi, x86_vector_alloc_irqs(), activate_reserved() and
 * assign_irq_vector_any_locked() of arch/x86/kernel/apic/vector.c, irq_matrix_reserve_managed() of
 * kernel/irq/matrix.c.
 */
void plan_alloc(const struct snapshot *s, const struct plan_request *r, struct plan_alloc *out);

/* An interrupt that was looked at, by its number; NULL: there is none.  */
const struct snap_vector *plan_irq(const struct snapshot *s, uint32_t irq);

/* Is a CPU in a list.  */
bool plan_lists(const struct plan_cpus *list, uint32_t cpu);

#endif
