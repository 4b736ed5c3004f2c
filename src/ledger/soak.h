/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What cycles of the same work leave behind: from one snapshot per cycle, how many there are of each kind, what
 * has grown and not gone back, and whose it is.  No I/O, no clock.
 */
#ifndef MSITRACE_LEDGER_SOAK_H
#define MSITRACE_LEDGER_SOAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/snapshot.h"

/* X(ID, word, doc): what is counted.  ORDER: as it is shown.  */
#define SOAK_KINDS(X) \
X(DEVICES,	"devices",	"devices that have a store of descriptors, or interrupts") \
X(DESCS,	"descriptors",	"descriptors in their stores") \
X(VIRQS,	"virqs",	"interrupts: MSIs, and others that the x86 vector allocator knows") \
X(VECTORS,	"vectors",	"x86 vectors that are held, or taken and held by nobody") \
X(RESERVED,	"reservations",	"reservations of the x86 vector allocator") \
X(HANDLERS,	"handlers",	"of the interrupts: have a handler") \
X(DOMAINS,	"domains",	"irq domains that are registered, with interrupts or without") \
X(FILES,	"files",	"files in the msi_irqs/ directories of devices") \
X(NUMBERS,	"numbers",	"numbers of interrupts of any kind: directories in /sys/kernel/irq")

#define X(ID, word, doc) SOAK_##ID,
enum soak_kind { SOAK_KINDS(X) SOAK_KIND_NR };
#undef X

struct soak_kind_row {
	const char *word, *doc;
};

extern const struct soak_kind_row soak_kinds[SOAK_KIND_NR];	/* ORDER: enum soak_kind */

/* X(ID, word, doc): what growth is.  ORDER: from the best to the worst.  */
#define SOAK_VERDICTS(X) \
X(NONE,		"none",		"nothing has grown, or it went back as far") \
X(ONCE,		"once",		"it grew once, in cycle N, and not again in N more") \
X(UNDECIDED,	"undecided",	"it grew once, in cycle N, and there were not N more") \
X(LEAK,		"leak",		"it grew in at least two cycles, and did not go back as far")

#define X(ID, word, doc) SOAK_##ID,
enum soak_verdict { SOAK_VERDICTS(X) SOAK_VERDICT_NR };
#undef X

struct soak_verdict_row {
	const char *word, *doc;
};

extern const struct soak_verdict_row soak_verdicts[SOAK_VERDICT_NR];	/* ORDER: enum soak_verdict */

struct soak_counts {
	uint32_t nr[SOAK_KIND_NR];
};

/*
 * What an interrupt has in sysfs.  Not /proc/irq: the kernel takes a directory from there even if a handler is left in
 * it, and one that it has is also in /sys/kernel/irq.
 */
struct soak_file {
	enum soak_kind kind;		/* FILES, NUMBERS */
	char whose[MSI_NAME_LEN];	/* of FILES: a device; else its chip */
	uint32_t irq;
};

/* What is looked at after a cycle.  */
struct soak_look {
	const struct snapshot *snap;
	const struct soak_file *files;
	size_t nr_files;
};

/* Whose it is: a device's; or, where there is none, that of a domain and a chip; or nobody's.  */
struct soak_owner {
	const char *device, *driver;	/* "": none */
	const char *domain, *chip;	/* "": none; of a device: not set */
};

/* How one kind has grown, of one owner or of all.  */
struct soak_growth {
	const struct soak_owner *owner;	/* NULL: all */
	enum soak_kind kind;
	enum soak_verdict verdict;
	uint32_t first, last;		/* in the reference, and in the last cycle that counts */
	uint32_t kept;			/* how much of the growth has not gone back */
	uint32_t steps;			/* in how many cycles */
	uint32_t since;			/* the first of them; 0: none */
	double slope;			/* what was kept, per cycle; 0 when it went back as far */
};

/* What there was not in the reference, and is there.  */
struct soak_left {
	const struct soak_owner *owner;
	enum soak_kind kind;		/* VIRQS, DESCS, VECTORS; or DOMAINS, FILES, NUMBERS, without an interrupt */
	enum soak_verdict verdict;	/* of its owner; of DOMAINS, FILES and NUMBERS, or of all of its kind */
	uint32_t since;			/* cycle */
	uint32_t index, irq;		/* SNAP_UNKNOWN: none */
	uint32_t vector, cpu;		/* SNAP_UNKNOWN */
	uint32_t state;			/* SNAP_* */
	bool has_hwirq;
	uint64_t hwirq;
};

struct soak_report {
	enum soak_verdict verdict;
	uint32_t reference;		/* cycle that growth counts from; 0: before the first */
	uint32_t samples;		/* cycles after it that count */
	struct soak_growth *growths;	/* one of each kind for all, then leaks of owners */
	size_t nr_growths;
	struct soak_left *left;		/* of what leaks or is undecided; by owner and cycle */
	size_t nr_left;
};

struct soak;

/* How many there are.  0, or -ENOMEM.  */
int soak_count(const struct soak_look *look, struct soak_counts *out);

/* 0, or -ENOMEM.  cycles: how many there are to be; the first one may legally leave things, if there are three.  */
int soak__new(uint32_t cycles, struct soak **out);

/*
 * The look after a cycle, 0: before the first.  In order; those that are not right (incomplete, torn) are not to be
 * given.  0, or -ENOMEM.
 */
int soak__sample(struct soak *s, uint32_t cycle, const struct soak_look *look);

/* What was found so far, valid until the next call for s.  0, or -ENOMEM.  */
int soak__report(struct soak *s, const struct soak_report **out);
void soak__free(struct soak *s);

#endif
