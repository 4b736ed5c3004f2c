/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Readable traces for tests: one event per line, names instead of addresses.
 *
 *	# comment
 *	attach all -edge ~insert	LIVE all event types, EDGE absent, INSERT degraded
 *	attach event=mask status=0 role=mask why="not in this kernel" hook=7
 *	kernel 7.2 x86
 *	set vec_never_requested.seconds=5
 *	baseline begin
 *	+12.5us insert dev=A desc=d3 index=3 tid=100/modprobe stack=f1,f2
 *	store desc_free list=1 d3/3 d4/4/27/2	descriptor/index[/irq[/nvec[/assoc]]]; becomes begin,
 *entries, end expect fail lock_iter_unlocked 1 expect known act_affinity_dance 1 expect message
 *"without the descriptor mutex"
 *
 * An event line is [+DELAY] NAME [FIELD=VALUE]...; the fields are those of the event table, and
 *dev, tid, pid, comm, cpu, hook and ts of the header.  A name that is used as a value of a pointer
 *is given an address at its first use; FUNC+N in a stack or caller is N bytes into FUNC.
 *
 * Left out, a field is 0, except: dev is that of the last event; md is the device's ("A" has
 *"A.md"); hook is that of the event's attach; tid is 100/test; owner_current is 1 (or what
 *owner_tid says) and owner_tid is tid; caller is the first frame of the stack, caller_fn the start
 *of its function; known is 1, nvec_used is 1, assoc is not known, and the cursor of an unlock is reset.
 */
#ifndef MSITRACE_TESTS_TRACE_TEXT_H
#define MSITRACE_TESTS_TRACE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "msitrace/validator.h"

enum expect_kind { EXPECT_VERDICT, EXPECT_KNOWN, EXPECT_MESSAGE, EXPECT_REASON, EXPECT_LIFE, EXPECT_UNSAID };

struct expectation {
	enum expect_kind kind;
	unsigned int line;
	enum verdict verdict;
	char rule[48];
	uint64_t nr;		/* findings, or known ones */
	char text[128];
};

struct trace_text {
	const char *path;
	struct msi_event_hdr **events;
	size_t nr_events;
	struct expectation *expects;
	size_t nr_expects;
	struct rule_value *values;	/* for the validator: "set RULE.NAME=NUMBER" */
	size_t nr_values;
	char error[256];
};

/* 0, or -errno with error set: "file:line: what".  */
int trace_text__read(struct trace_text *tt, const char *path);
void trace_text__free(struct trace_text *tt);

#endif
