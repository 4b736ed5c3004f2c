/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a rule file includes.  A rule is a pure function of events: no I/O, no clock, no globals.
 * See RULE FILES in CONTRIBUTING.md.
 */
#ifndef MSITRACE_RULE_H
#define MSITRACE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "msitrace/event.h"

enum severity {
	SEV_CORRUPT,	/* memory corruption, use after free, deadlock, crash */
	SEV_LOST,	/* leaked vector or descriptor, lost or misrouted interrupt */
	SEV_STATE,	/* kernel structures disagree; nothing lost yet */
	SEV_HYGIENE,	/* wasteful, fragile, against the documented use */
};

typedef uint64_t event_mask_t;
#define EV(id) (1ULL << MSI_EV_##id)
_Static_assert(MSI_EV_MAX <= 64, "event_mask_t is too narrow");

#define KVER(major, minor) (((uint32_t)(major) << 16) | ((uint32_t)(minor) << 8))

enum rule_profile {		/* bits of msi_ev_kernel.profile: what platform this is */
	PROFILE_X86	= 1 << 0,	/* x86 vector domain */
	PROFILE_X86_IR	= 1 << 1,	/* with interrupt remapping */
};

struct rule_ctx;

#define RULE_PARAMS_MAX 4

/* A number that the user may set: --set RULE.NAME=VALUE.  */
struct rule_param {
	const char *name;		/* NULL: no more */
	uint64_t value;			/* unless he does */
	const char *doc;
};

struct rule {
	const char *id;			/* = file name = test directory = metric label = man page anchor */
	enum severity severity;
	const char *summary;		/* one line */
	const char *doc;		/* what the kernel requires, and where it says so */
	const char *advice;		/* what to do about a finding: one or two sentences */
	const char *blind;		/* what the rule cannot see; NULL: nothing known */
	const char *wrong, *right;	/* C, a few lines each: the smallest code that breaks it, and the
					   nearest that does not */
	const char *alike;		/* what looks like it and is legal: one line each; NULL: none */
	event_mask_t wants;		/* dispatched to it */
	event_mask_t needs;		/* cannot judge without: absent -> n/a, never a silent pass */
	event_mask_t needs_any[2];	/* one of each non-empty set is enough */
	bool needs_lossless;		/* loss of a wanted event makes the cases under judgement inconclusive */
	uint32_t since, until;		/* KVER, 0 = open; until is exclusive */
	uint32_t profiles;		/* 0: all; else one of these bits must hold */
	size_t state_size;		/* bytes of the rule's own state, given to it zeroed */
	void (*check)(struct rule_ctx *rc, const struct msi_event_hdr *e);
	void (*finish)(struct rule_ctx *rc);	/* end of trace; may be NULL */
	void (*destroy)(struct rule_ctx *rc);	/* frees what hangs off the state; may be NULL */
	event_mask_t uses;		/* not dispatched to it, but what it consults is made from them:
					   their loss counts like that of a wanted event */
	struct rule_param params[RULE_PARAMS_MAX];	/* read with rule_param() */
};

#endif
