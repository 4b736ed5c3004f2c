/* SPDX-License-Identifier: GPL-2.0-only */
/* Who has the x86 vectors of a snapshot, and who does not use them: sums and lists, made from its rows alone.  */
#ifndef MSITRACE_LEDGER_VECTORS_H
#define MSITRACE_LEDGER_VECTORS_H

#include "snapshot.h"

/* X(ID, word, doc): why a vector is of no use.  */
#define VEC_IDLES(X) \
X(UNREQUESTED,	"unrequested",	"nobody has asked for it with request_irq()") \
X(SILENT,	"silent",	"it is requested and started, and never fired; that of an error or a hotplug event may be right") \
X(PENDING,	"pending",	"it is to go to other CPUs, and waits for its next interrupt") \
X(MOVING,	"moving",	"it was moved, and has not fired since: the CPU that it was on keeps a vector for it")

#define X(ID, word, doc) VEC_##ID,
enum vec_idle { VEC_USED, VEC_IDLES(X) VEC_IDLE_NR };
#undef X

struct vec_idle_row {
	const char *word, *doc;
};

extern const struct vec_idle_row vec_idles[VEC_IDLE_NR];	/* ORDER: enum vec_idle; [VEC_USED] is empty */

/*
 * Marks what is being moved and was so in an earlier look, with no interrupt in between: snap_vector::stuck. In one look alone it
 * may be a move that is about to be over.  0 or -ENOMEM.
 */
int vec_mark_stuck(struct snapshot *now, const struct snapshot *before);

/*
 * Of MSIs that have an interrupt.  Managed ones are never silent: queues of CPUs that are idle are.  Nor are those of
 * vfio: a posted interrupt does not come to the host's handler.
 */
enum vec_idle vector_idle(const struct snap_vector *v);

/* A device; or all interrupts of one chip that are no MSI; or what was set aside for ISA at boot.  */
struct vec_holder {
	const char *name, *driver;	/* of the snapshot; driver is "" where there is none */
	uint32_t flags;			/* MSI_DESC_* */
	uint32_t irqs, vectors, reserved, requested, fired;
	uint32_t idle[VEC_IDLE_NR];	/* of its interrupts; none of others than MSIs */
};

/* By what they hold, most first.  *out is the caller's to free, and points into the snapshot.  0 or -ENOMEM.  */
int vec_holders(const struct snapshot *s, struct vec_holder **out, size_t *nr);

/* The same of what is on one CPU; SNAP_UNKNOWN: all.  */
int vec_holders_of(const struct snapshot *s, uint32_t cpu, struct vec_holder **out, size_t *nr);

/* A vector of a CPU that is taken.  */
struct vec_place {
	uint32_t vector;
	const struct snap_vector *holder;	/* NULL: nobody, or what was set aside */
	bool old;			/* the holder was moved away, and has not let go of it */
	bool legacy;			/* set aside for an ISA interrupt */
};

/* All of them, by number.  *out is the caller's to free.  0; -ENOENT: no such CPU; -ENOMEM.  */
int vec_of_cpu(const struct snapshot *s, uint32_t cpu, struct vec_place **out, size_t *nr);

#define VEC_MAP_CPUS 64		/* of a line of the map */

/*
 * A character per CPU from `first` on (index, not number), at most VEC_MAP_CPUS: "-" offline, "." less than a tenth of its
 * vectors are taken, "1" to "9" as many tenths, "#" none is free.
 */
void vec_map(const struct snapshot *s, size_t first, char line[VEC_MAP_CPUS + 1]);

#endif
