/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a look at the interrupts of a system gives, as rows: vectors, devices, CPUs. Made from events alone
 * (collect__look(), or a stream that was recorded): no I/O, no clock.
 */
#ifndef MSITRACE_LEDGER_SNAPSHOT_H
#define MSITRACE_LEDGER_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "msitrace/event.h"

#define SNAP_UNKNOWN 0xffffffffu	/* of numbers below: not known, or there is none */

/* X(ID, word, doc): what a vector is; several may hold.  ORDER: as they are shown.  */
#define SNAP_STATES(X) \
X(NO_IRQ,	"no-irq",	"a descriptor that no interrupt was allocated for") \
X(ALLOCATED,	"allocated",	"there is an interrupt, and it was not activated") \
X(RESERVED,	"reserved",	"it holds a reservation and no vector: it gets one when it is requested") \
X(KEPT,		"kept",		"vfio has no handler for it, and keeps it until MSI-X is disabled") \
X(ACTIVE,	"active",	"it was activated: the device has a message that leads somewhere") \
X(STARTED,	"started",	"a handler was installed, and it was started") \
X(MASKED,	"masked",	"it is masked") \
X(DISABLED,	"disabled",	"it was disabled by disable_irq(), or never enabled") \
X(MANAGED,	"managed",	"the kernel spreads it over the CPUs, and nobody may move it") \
X(SHUTDOWN,	"shutdown",	"it is managed, and all of its CPUs are offline") \
X(PENDING,	"pending",	"it is to be moved when it fires next") \
X(MOVING,	"moving",	"it was moved, and still holds the vector on the CPU that it was on") \
X(CHANGING,	"changing",	"it was being changed while it was looked at: its row may mix old and new")

#define X(ID, word, doc) SNAP_BIT_##ID,
enum snap_state_bit { SNAP_STATES(X) SNAP_STATE_NR };
#undef X
#define X(ID, word, doc) SNAP_##ID = 1u << SNAP_BIT_##ID,
enum snap_state { SNAP_STATES(X) };
#undef X

struct snap_state_row {
	const char *word, *doc;
};

extern const struct snap_state_row snap_states[SNAP_STATE_NR];	/* ORDER: enum snap_state_bit */

/* "active,started", cut to the buffer; NULL: no state is known.  */
const char *snap_state_words(uint32_t state, char *buf, size_t size);

struct snap_device {
	uint64_t dev;			/* struct device * */
	bool known;			/* its name is */
	bool has_md;			/* it has MSI device data (5.17) */
	bool has_store;			/* its descriptors were listed, all of them */
	char name[MSI_NAME_LEN], driver[MSI_NAME_LEN];
	uint32_t flags;			/* MSI_DESC_* that any of its vectors has */
	bool in_books;			/* its interrupts are in those of the x86 vector allocator */
	uint32_t descs, irqs, vectors, reserved, requested, fired;
	uint32_t of_vfio;		/* of the descriptors: snap_vector::of_vfio */
};

struct snap_vector {
	uint64_t dev;			/* 0: not an MSI, see others */
	const struct snap_device *device;	/* NULL: dev is 0 */
	uint64_t desc;
	uint32_t index;			/* msi_index, with the place in a multi-MSI; SNAP_UNKNOWN */
	uint32_t irq;			/* virq, SNAP_UNKNOWN: none */
	uint32_t flags;			/* MSI_DESC_* */
	uint32_t state;			/* SNAP_*; 0: not known */
	bool in_store;			/* its descriptor was seen there */
	bool looked;			/* false: only its descriptor was seen, what follows is not known */
	bool of_vfio;			/* MSI-X of a device that vfio has, and has enabled: in use, or kept */
	bool movable;			/* user space may set its affinity */
	bool deferred;			/* it is moved when it fires, not when its affinity is set */
	uint32_t books;			/* MSI_BOOKS_* */
	uint32_t vector, cpu;		/* SNAP_UNKNOWN: it holds none, or not on x86 */
	uint32_t left, left_cpu;	/* the vector that it was moved away from; SNAP_UNKNOWN */
	bool stuck;			/* the same in an earlier look, and it has not fired since: vec_mark_stuck() */
	uint32_t offset;		/* in its descriptor */
	uint64_t hwirq, fired;
	uint64_t handler, thread_fn;	/* addresses, 0: none */
	const char *domain, *parent, *above, *top, *chip, *actions;	/* "": none; each domain is on the next */
	uint32_t irte;			/* entry of Intel's interrupt remapping table; SNAP_UNKNOWN */
};

/* A vector that is taken on a CPU, and that nobody holds; or the other way round.  */
struct snap_odd {
	uint32_t cpu, vector;
	bool taken;
};

/* x86.  */
struct snap_cpu {
	uint32_t cpu;
	bool online, removable;		/* removable: the kernel has a file `online` for it */
	uint32_t available, allocated, managed, managed_allocated;	/* by the kernel's counters */
	uint64_t taken[4];		/* vectors that the kernel's bitmap says are taken */
	uint32_t msi, other;		/* of those: held by MSIs, by other interrupts, */
	uint32_t legacy;		/* set aside for ISA interrupts that do not exist */
	uint32_t unexplained;		/* or none of these */
};

/* An irq domain that is registered; its interrupts may be none.  */
struct snap_domain {
	uint64_t domain;		/* struct irq_domain * */
	uint32_t mapped;		/* interrupts that it has */
	const char *name, *parent;	/* "": none */
};

struct snapshot {
	struct snap_device *devices;	/* by name */
	size_t nr_devices;
	struct snap_vector *vectors;	/* of MSIs, by device, index and virq */
	size_t nr_vectors;
	struct snap_vector *others;	/* of the x86 allocator, by virq */
	size_t nr_others;
	struct snap_cpu *cpus;		/* by number; none: not x86, or its counters cannot be found */
	size_t nr_cpus;
	struct snap_odd *odd;		/* what the ledger cannot explain, entry by entry */
	size_t nr_odd;
	struct snap_domain *domains;	/* in the order of the kernel */
	size_t nr_domains;
	bool has_domains;		/* all of them were seen; they were asked for, and their list was found */
	bool complete;			/* the look came to its end, and nothing was lost */
	bool torn;			/* interrupts came or went while it was made */
	bool quiet;			/* no vector changed hands meanwhile, and what is odd was so in the last look, too */
	bool again;			/* another look may tell more */
	uint32_t reserved, irqs_reserved;	/* reservations, by the kernel's counter and by interrupt */
};

/* vfio has it: the handlers are those of a guest, or of another user.  */
bool snap_is_vfio(const struct snap_device *d);

/* By its number; NULL: there is none.  */
struct snap_cpu *snapshot__cpu(const struct snapshot *s, uint32_t cpu);

/* 0, or -ENOMEM.  */
int snapshot__new(struct snapshot **out);

/* Takes an event of the look, which event_check() has let through; others are ignored.  0 or -ENOMEM.  */
int snapshot__event(struct snapshot *s, const struct msi_event_hdr *e);

/* After the last event of a look: sorts, joins, and adds up.  Another look may follow.  0 or -ENOMEM.  */
int snapshot__finish(struct snapshot *s);
void snapshot__free(struct snapshot *s);

#endif
