// SPDX-License-Identifier: GPL-2.0-only
/* `plan`: will the kernel do it, and if not, who has what is in the way.  src/ledger knows its rules.  */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/table.h"
#include "base/util.h"
#include "ledger/plan.h"
#include "ledger/vectors.h"
#include "look.h"

#define CPUS_MAX 64
#define CPU_MAX 8191		/* NR_CPUS is at most one more */
#define NUM (TABLE_NUMBER | TABLE_DASH)

static const struct table_col cols[] = {	/* ORDER: add_row() */
	{ "CPU", "number of the CPU", NUM },
	{ "OFFLINE", "can it go offline, as far as x86 vectors go: yes, no or maybe", 0 },
	{ "MOVE", "vectors that it has, and would have to move", NUM },
	{ "ROOM", "vectors that are free on the CPUs that stay, at least", NUM },
	{ "WHY", "why", TABLE_WRAP },
};

const struct table_col *plan_cols(size_t *nr)
{
	*nr = ARRAY_SIZE(cols);
	return cols;
}

/* --- the words ---------------------------------------------------------------------------- */

/* "1,3", "4-7": how many, or -EINVAL.  */
static int parse_cpus(const char *s, uint32_t *cpus)
{
	int n = 0;

	while (*s) {
		unsigned long first, last;
		char *end;

		if (*s < '0' || *s > '9')
			return -EINVAL;
		first = last = strtoul(s, &end, 10);
		if (*end == '-') {
			if (end[1] < '0' || end[1] > '9')
				return -EINVAL;
			last = strtoul(end + 1, &end, 10);
		}
		if ((*end && *end != ',') || (*end == ',' && !end[1]) || last < first || last > CPU_MAX)
			return -EINVAL;
		for (; first <= last && n < CPUS_MAX; first++)
			cpus[n++] = first;
		if (first <= last)
			return -EINVAL;
		s = *end ? end + 1 : end;
	}
	return n ?: -EINVAL;
}

/* --- the answer --------------------------------------------------------------------------- */

static int add_row(struct table *t, const struct plan_offline *p)
{
	bool judged = p->reason == PLAN_ROOM || p->reason == PLAN_NO_ROOM || p->reason == PLAN_DEPENDS;
	char cpu[16], move[16], room[16];
	const char *cells[] = { cpu, plan_answers[p->answer], judged ? move : NULL, judged ? room : NULL,
				plan_reasons[p->reason] };

	_Static_assert(ARRAY_SIZE(cells) == ARRAY_SIZE(cols), "one cell per column");
	snprintf(cpu, sizeof(cpu), "%u", p->cpu);
	snprintf(move, sizeof(move), "%u", p->move);
	snprintf(room, sizeof(room), "%u", p->room);
	return table__row(t, cells);
}

#define BLAMED_MAX 3

/* Who has most of a CPU: "0000:00:05.0 (nvme) has 64 of them".  */
static void say_who(const struct snapshot *s, const struct plan_offline *p)
{
	struct vec_holder *h = NULL;
	size_t nr = 0, i;

	pr_warn("CPU %u: %u vectors to move and %u free elsewhere: free %u first\n", p->cpu, p->move, p->room,
		p->move - p->room);
	if (vec_holders(s, &h, &nr))
		return;
	for (i = 0; i < nr && i < BLAMED_MAX; i++)
		pr_warn("%s%s%s%s has %u vectors, %u of its interrupts are not requested, %u never fired\n", h[i].name,
			h[i].driver[0] ? " (" : "", h[i].driver, h[i].driver[0] ? ")" : "", h[i].vectors,
			h[i].idle[VEC_UNREQUESTED], h[i].idle[VEC_SILENT]);
	free(h);
}

static void say_more(const struct snapshot *s, const struct plan_offline *p)
{
	if (p->reason == PLAN_NO_ROOM)
		say_who(s, p);
	if (p->reserved_short)
		pr_warn("CPU %u: once it is offline, not all of the %u interrupts that hold a reservation can be requested\n",
			p->cpu, s->reserved);
}

/* 0: it will; FINDINGS: it will not; INCONCLUSIVE, also if the look was not right.  */
static int verdict(const struct look *l, const struct plan_offline *rows, size_t nr)
{
	int ret = look__verdict(l);

	if (!ret && !l->snap->quiet) {
		pr_warn("vectors changed hands while they were looked at, so the answer is of no one moment; try again\n");
		ret = MSITRACE_EXIT_INCONCLUSIVE;
	}
	if (ret)
		return ret;
	for (size_t i = 0; i < nr; i++) {
		if (rows[i].answer == PLAN_NO)
			return MSITRACE_EXIT_FINDINGS;
		if (rows[i].answer == PLAN_MAYBE)
			ret = MSITRACE_EXIT_INCONCLUSIVE;
	}
	return ret;
}

static int answer(struct look *l, struct table **t, const uint32_t *cpus, size_t nr)
{
	struct plan_offline rows[CPUS_MAX];
	size_t i;
	int err = look__take(l);

	if (err)
		return err;
	if (!l->snap->nr_cpus) {
		pr_err("this kernel does not show the vectors of its CPUs: no vector_matrix (x86 has one) in /proc/kallsyms\n");
		return MSITRACE_EXIT_CANNOT_RUN;
	}
	plan_offline(l->snap, cpus, nr, rows);
	for (i = 0; !err && i < nr; i++) {
		say_more(l->snap, &rows[i]);
		err = add_row(*t, &rows[i]);
	}
	return listing_print(TAKE_PTR(*t), err) ?: verdict(l, rows, nr);
}

int cmd_plan(const struct options *o)
{
	struct table_opts to = { .name = "cpus" };
	struct table *t = NULL;
	uint32_t cpus[CPUS_MAX];
	struct look l = {};
	int ret, nr = 0;

	if (o->argc != 2 || strcmp(o->argv[0], "offline")) {
		pr_err("plan: options, then offline, and one list of CPUs, as in: msitrace plan --json offline 1,3\n");
		return MSITRACE_EXIT_USAGE;
	}
	nr = parse_cpus(o->argv[1], cpus);
	if (nr < 0) {
		pr_err("plan offline: '%s' is no list of at most %d CPUs; 1,3 or 4-7 is\n", o->argv[1], CPUS_MAX);
		return MSITRACE_EXIT_USAGE;
	}
	ret = listing_new(CMD_PLAN, o, &to, &t);
	ret = ret ?: look__open(&l, o);
	ret = ret ?: answer(&l, &t, cpus, nr);
	look__close(&l);
	table__free(t);
	return ret;
}
