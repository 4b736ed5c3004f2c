/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hook table: which BPF program fills which role, on which kernel functions it can be attached,
 * and where their arguments are.  Resolved against the BTF of a kernel, the running one or a file.
 */
#ifndef MSITRACE_COLLECT_HOOKS_H
#define MSITRACE_COLLECT_HOOKS_H

#include <stdbool.h>

#include "msitrace/hook_ids.h"
#include "msitrace/rule.h"

struct btf;

enum hook_kind { HOOK_KIND_FENTRY, HOOK_KIND_FEXIT, HOOK_KIND_TP, HOOK_KIND_KPROBE };

/* What a hook is attached for.  */
#define USE_JUDGE	(1u << 0)	/* rules may need it */
#define USE_SHOW	(1u << 1)	/* only to be shown */
#define USE_HIST	(1u << 2)	/* durations */
#define USE_BASE	(1u << 3)	/* whatever is watched: devices, mutexes and the baseline come from it */
#define USE_LOOK	(1u << 4)	/* a look at what exists, without watching anything */
/* For rules that judge by a limit, which costs something: only if the user sets it.  */
#define USE_RATE	(1u << 5)	/* how often handlers are called */
#define USE_WAIT	(1u << 6)	/* for how long a mutex is waited for */
#define USE_OWNER	(1u << 7)	/* who allocates interrupts */
#define USE_ASKED	(USE_RATE | USE_WAIT)

#define HOOK_EXTRA	(1u << 0)	/* its absence costs nothing where another hook fills the role */
#define HOOK_NEEDS_MD	(1u << 1)	/* means nothing without struct msi_device_data, v5.17 */

#define HOOK_ENTRY	(1u << 2)	/* only notes something for the hook of the next row */
#define HOOK_LATER	(1u << 3)	/* too costly for all: attached when something is there for it, or asked for */
#define HOOK_FULL	(1u << 4)	/* for --locks=full only */

#define HOOK_TARGETS 2

struct hook_row {
	const char *prog;	/* BPF program */
	const char *role;	/* several hooks may share one: alternatives, or parts */
	enum hook_kind kind;
	unsigned int use;
	unsigned int flags;	/* HOOK_* below */
	const char *targets[HOOK_TARGETS];	/* kernel functions, the first that exists is taken */
	/*
	 * Arguments by meaning: "*T" pointer to struct T, "%E" enum E, "@name" by name; a leading "?"
	 * where some kernels do not have it, "!" where a function without it is another one of the
	 * same name.  NULL: none of this meaning.
	 */
	const char *args[HOOK_ARGS];
};

struct hook_state {
	enum msi_attach_status status;
	const char *func;		/* target, NULL: none found */
	char why[96];
	unsigned int btf_id;		/* of the target, 0: tracepoint or none */
	struct msi_hook_args args;
};

/* Values that are looked up by the enumerator's name, since their enums are anonymous.  */
struct hook_consts {
	unsigned int irqd_activated, irqd_started, irqd_masked, irqd_disabled;
	unsigned int irqd_managed, irqd_managed_shutdown, irqd_can_reserve, irqd_pending;
	unsigned int irqd_move_pcntxt, irqd_per_cpu, irqd_no_balancing, irqchip_move_deferred;
	unsigned int msi_flag_dev_sysfs, msi_flag_simple_descs, msi_flag_dyn, msi_flag_contiguous;
	unsigned int msi_flag_multi, domain_flag_msi, domain_flag_msi_parent, domain_flag_msi_device;
	bool has_md;		/* struct msi_device_data exists */
	bool preempt_wide;	/* __preempt_count has 64 bits */
};

extern const struct hook_row hook_rows[HOOK_MAX];

/* Event type of a hook; 0: it only measures.  */
unsigned int hook_event(enum msi_hook id);

/* What rules can be judged by: the type of a hook whose event is not 0.  */
#define hook_event_mask(id) (hook_event(id) ? 1ULL << hook_event(id) : 0)

/*
 * Finds the target of every hook in the types of a kernel: status LIVE where there is one (attaching
 * may still fail), ABSENT with a reason where there is none.  0 or -errno.
 */
int hooks_resolve(const struct btf *btf, struct hook_state *states, struct hook_consts *consts);

/*
 * A role as a whole: the best of its hooks.  *state is one that explains it, *funcs_out (may be NULL)
 * receives "f1, f2" of those that are live.
 */
enum msi_attach_status hook_role_status(const char *role, const struct hook_state *states,
					const struct hook_state **state, char *funcs, size_t size);

#endif
