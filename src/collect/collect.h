/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only place that knows libbpf: opens, loads and attaches the BPF programs, takes the baseline,
 * delivers events, counts losses.  Prints nothing; what went wrong comes back as text.
 */
#ifndef MSITRACE_COLLECT_H
#define MSITRACE_COLLECT_H

#include <stddef.h>
#include <sys/types.h>

#include "collect/debuginfo.h"
#include "collect/hooks.h"
#include "msitrace/format.h"
#include "msitrace/stats.h"

struct collect;

struct collect_err {
	char what[256];		/* what failed, on what, why */
	char hint[256];		/* what to try, "" when there is nothing */
};

struct collect_opts {
	size_t sz;			/* sizeof(struct collect_opts) */
	unsigned int use;		/* USE_*: what to attach */
	unsigned int locks;		/* enum msi_locks */
	event_mask_t events;		/* event types to send, of those that the hooks make */
	const char *device;		/* dev_name() or driver, NULL: all */
	pid_t pid;			/* 0: all */
	const char *comm;		/* NULL: all */
	FILE *log;			/* what libbpf and the verifier say goes there, NULL: nowhere */
	bool config_space;		/* read the command register of devices */
	const struct debuginfo_opts *debuginfo;	/* NULL: no source lines are wanted */
	uint32_t storm_limit;		/* interrupts per second that are told of, 0: none; costs each of them */
	size_t buffer_size;		/* bytes of the ring buffer, power of two, 0: default */
	/* Every event, checked; stops the poll with its value when not 0.  */
	int (*event)(void *ctx, const struct msi_event_hdr *e);
	void *ctx;
};

/*
 * Loads and attaches.  When it returns, everything is armed, and ATTACH and KERNEL events have been
 * delivered.  -EPERM, -ENOENT (no BTF), -EOPNOTSUPP (nothing can be attached), -ENODEV (no such
 * device), -EINVAL, -ENOMEM; *err says more.
 */
int collect__open(const struct collect_opts *opts, struct collect **out, struct collect_err *err);

/* How long open took until everything was attached, and how many hooks are.  */
uint64_t collect__armed_ns(const struct collect *c);
unsigned int collect__live(const struct collect *c);

/* Looks at what exists already.  To be called once, after open.  */
int collect__baseline(struct collect *c);

/*
 * Looks at all that there is: descriptors, interrupts, vectors of CPUs (of those the event types that were
 * asked for), between the two BASELINE events. When something was lost, or vectors changed hands
 * meanwhile, it is done again, a few times: what came before another begin is void.
 */
int collect__look(struct collect *c);

/* Delivers what is there, waits at most timeout_ms for the first.  Number of events, or -errno
 * (-EINTR by a signal), or what the callback returned.  */
int collect__poll(struct collect *c, int timeout_ms);

/* Ends the run: nothing more is sent; what is in the buffer, and the losses, are delivered.  */
int collect__stop(struct collect *c);

/* Detaches and frees everything.  NULL is fine.  */
void collect__close(struct collect *c);

/* Symbol of a kernel address; fits format_env::symbol with c as context.  */
int collect__symbol(void *c, uint64_t ip, struct symbol *out);

/* Source lines of an address; fits format_env::source with c as context.  */
int collect__source(void *c, uint64_t ip, struct symbol *sym);

/* 0, or why there are no symbols: -EPERM, addresses are hidden; other -errno.  */
int collect__symbols_error(const struct collect *c);

/* How every hook ended up.  */
const struct hook_state *collect__hooks(const struct collect *c);

/* Histograms so far; rows are the caller's (free(st->rows)).  */
int collect__stats(struct collect *c, struct stats *st);

/* Events lost so far, by enum msi_lost_source.  */
const uint64_t *collect__lost(const struct collect *c);

/*
 * What the types of a kernel say about each hook, states[HOOK_MAX]: `file` is an ELF with .BTF, or raw
 * BTF, NULL: the running kernel's.  -errno; *err says more.
 */
int collect_from_types(const char *file, struct hook_state *states, struct collect_err *err);

/* One above the highest number that a CPU may have, online or not.  */
unsigned int collect_nr_cpu_ids(void);

/* Version of libbpf.  */
const char *collect_library_version(void);

#endif
