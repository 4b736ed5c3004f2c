// SPDX-License-Identifier: GPL-2.0-only
/* `plan`: will the kernel do it, and if not, who has what is in the way.  src/ledger knows its rules.  */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/table.h"
#include "base/util.h"
#include "collect/pci_caps.h"
#include "ledger/plan.h"
#include "ledger/vectors.h"
#include "look.h"

#define CPUS_MAX 1024		/* that a look has; they may have higher numbers */
#define CPU_MAX 8191		/* NR_CPUS is at most one more */
#define VECTORS_MAX 2048	/* of MSI-X */
#define LIST_LEN (5 * CPUS_MAX)	/* "8191," */
#define STATES_LEN 192
#define NUM (TABLE_NUMBER | TABLE_DASH)

/* --- columns ------------------------------------------------------------------------------ */

static const struct table_col offline_cols[] = {	/* ORDER: add_offline() */
	{ "CPU", "number of the CPU", NUM },
	{ "OFFLINE", "can it go offline, as far as x86 vectors go: yes, no or maybe", 0 },
	{ "MOVE", "vectors that it has, and would have to move", NUM },
	{ "ROOM", "vectors that are free on the CPUs that stay, at least", NUM },
	{ "WHY", "why", TABLE_WRAP },
};

static const struct table_col affinity_cols[] = {	/* ORDER: add_affinity() */
	{ "VIRQ", "number of the interrupt", NUM },
	{ "NOW", "CPU that has its vector", NUM },
	{ "CPUS", "CPUs that are asked about", 0 },
	{ "AFFINITY", "would one of them serve it: yes, no or maybe", 0 },
	{ "WRITE", "what a write to its smp_affinity gives: ok, EINVAL, ENOSPC; refused: EIO, EPERM of late", 0 },
	{ "TO", "CPU that the kernel would take of them now", NUM },
	{ "FREE", "vectors that are free on them, and those that it lets go of there", NUM },
	{ "WHY", "why", TABLE_WRAP },
};

static const struct table_col alloc_cols[] = {	/* ORDER: add_alloc() */
	{ "DEVICE", "device, by its name on its bus", 0 },
	{ "VECTORS", "how many are wanted", NUM },
	{ "ALLOC", "can it allocate and request them: yes, no or maybe", 0 },
	{ "GETS", "the most that it could allocate", NUM },
	{ "FREE", "vectors that are free on the CPUs that may have them", NUM },
	{ "WHY", "why", TABLE_WRAP },
};

#define COLS(name, cols) \
const struct table_col *name(size_t *nr) \
{ \
	*nr = ARRAY_SIZE(cols); \
	return cols; \
}
COLS(plan_cols, offline_cols)
static COLS(get_affinity_cols, affinity_cols)
static COLS(get_alloc_cols, alloc_cols)
#undef COLS

/* --- questions ---------------------------------------------------------------------------- */

struct ask {
	struct look look;
	struct table *t;
	uint32_t cpus[CPUS_MAX];
	struct plan_cpus list;		/* of cpus */
	uint32_t irq;
	struct plan_request request;
};

struct question {
	int words;		/* that follow its name */
	const char *usage;
	int (*parse)(struct ask *a, char **words);	/* 0, or an exit code after a message */
	int (*answer)(struct ask *a);	/* fills the table; 0 or a positive exit code by the answer; -errno */
};

static int parse_offline(struct ask *a, char **words);
static int parse_affinity(struct ask *a, char **words);
static int parse_why(struct ask *a, char **words);
static int parse_alloc(struct ask *a, char **words);
static int answer_offline(struct ask *a);
static int answer_affinity(struct ask *a);
static int answer_why(struct ask *a);
static int answer_alloc(struct ask *a);

enum view { AFFINITY, WHY, ALLOC, OFFLINE, VIEW_NR };

const struct listing_view plan_views[] = {	/* ORDER: enum view; the option is the word that asks for it */
	{ "affinity", "affinity", get_affinity_cols },
	{ "why", "why", get_affinity_cols },
	{ "alloc", "alloc", get_alloc_cols },
	{ NULL, "cpus", plan_cols },
};

static const struct question questions[] = {	/* ORDER: enum view */
	{ 2, "plan affinity IRQ CPUS", parse_affinity, answer_affinity },
	{ 1, "plan why IRQ", parse_why, answer_why },
	{ 2, "plan alloc DEVICE N [--affinity CPUS|managed]", parse_alloc, answer_alloc },
	{ 1, "plan offline CPUS", parse_offline, answer_offline },
};

/* --- words -------------------------------------------------------------------------------- */

/* All of a string, decimal, at most max; -EINVAL.  */
static int parse_number(const char *s, unsigned long max, uint32_t *out)
{
	unsigned long n;
	char *end;

	if (*s < '0' || *s > '9')
		return -EINVAL;
	errno = 0;
	n = strtoul(s, &end, 10);
	*out = n;
	return errno || *end || n > max ? -EINVAL : 0;
}

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

static int take_cpus(struct ask *a, const char *what, const char *s)
{
	int nr = parse_cpus(s, a->cpus);

	if (nr < 0) {
		pr_err("%s: '%s' is no list of at most %d CPUs; 1,3 or 4-7 is\n", what, s, CPUS_MAX);
		return MSITRACE_EXIT_USAGE;
	}
	a->list = (struct plan_cpus){ a->cpus, nr };
	return 0;
}

/* The kernel reads no list that has such a CPU.  */
static int check_cpus(const struct ask *a)
{
	unsigned int possible = collect_nr_cpu_ids();

	for (size_t i = 0; i < a->list.nr; i++) {
		if (a->list.cpus[i] < possible)
			continue;
		pr_err("there is no CPU %u, and there cannot be one: the last is %u\n", a->list.cpus[i], possible - 1);
		return MSITRACE_EXIT_CANNOT_RUN;
	}
	return 0;
}

static int take_irq(struct ask *a, const char *what, const char *s)
{
	if (!parse_number(s, INT32_MAX, &a->irq))
		return 0;
	pr_err("%s: '%s' is not the number of an interrupt, as in /proc/interrupts\n", what, s);
	return MSITRACE_EXIT_USAGE;
}

static int parse_offline(struct ask *a, char **words)
{
	return take_cpus(a, "plan offline", words[0]);
}

static int parse_affinity(struct ask *a, char **words)
{
	return take_irq(a, "plan affinity", words[0]) ?: take_cpus(a, "plan affinity", words[1]) ?: check_cpus(a);
}

static int parse_why(struct ask *a, char **words)
{
	return take_irq(a, "plan why", words[0]);
}

static int no_device(const char *device, int err)
{
	if (err == -ENOENT)
		pr_err("plan alloc: no PCI device %s; ls /sys/bus/pci/devices has their names, like 0000:00:05.0\n", device);
	else if (err == -EACCES)
		pr_err("plan alloc: %s: its capabilities are shown to CAP_SYS_ADMIN only; try as root\n", device);
	else if (err == -EIO)
		pr_err("plan alloc: %s: it does not answer, or its list of capabilities has no end\n", device);
	else
		pr_err("plan alloc: %s: %s\n", device, errstr(err));
	return MSITRACE_EXIT_CANNOT_RUN;
}

/* What its configuration space says.  0, or an exit code after a message.  */
static int look_at_device(struct ask *a)
{
	struct plan_request *r = &a->request;
	struct pci_caps caps;
	char dir[256];
	int err = -ENOENT;

	if (!strchr(r->device, '/')) {
		snprintf(dir, sizeof(dir), "/sys/bus/pci/devices/%s", r->device);
		err = pci_caps__read(dir, &caps);
	}
	if (err)
		return no_device(r->device, err);
	r->msix = caps.msix;
	r->msi = caps.msi;
	r->msi_maskable = caps.msi_maskable;
	r->possible = collect_nr_cpu_ids();
	r->list = a->list;
	return 0;
}

static int parse_alloc(struct ask *a, char **words)
{
	struct plan_request *r = &a->request;
	const char *where = a->look.o->affinity;
	int err = 0;

	r->device = words[0];
	if (parse_number(words[1], VECTORS_MAX, &r->nr) || !r->nr) {
		pr_err("plan alloc: '%s' is not a number of vectors; 1 to %d is\n", words[1], VECTORS_MAX);
		return MSITRACE_EXIT_USAGE;
	}
	r->managed = where && !strcmp(where, "managed");
	if (where && !r->managed)
		err = take_cpus(a, "plan alloc: --affinity", where) ?: check_cpus(a);
	return err ?: look_at_device(a);
}

/* "0-3,7", of at most CPUS_MAX numbers.  */
static const char *list_cell(char buf[LIST_LEN], const struct plan_cpus *list)
{
	const uint32_t *cpus = list->cpus;
	size_t i, last, n = 0;

	for (i = 0; i < list->nr; i = last + 1) {
		for (last = i; last + 1 < list->nr && cpus[last + 1] == cpus[last] + 1; last++)
			;
		n += snprintf(buf + n, LIST_LEN - n, last == i ? "%s%u" : "%s%u-%u", i ? "," : "", cpus[i], cpus[last]);
	}
	return buf;
}

/* --- who is in the way -------------------------------------------------------------------- */

#define BLAMED_MAX 3

/* "0000:00:05.0 (nvme) has 64 vectors", but for a device that asks.  cpu: of one; SNAP_UNKNOWN: of all.  */
static void say_holders(const struct snapshot *s, uint32_t cpu, const char *asks)
{
	struct vec_holder *h = NULL;
	char where[32] = "";
	size_t nr = 0, i;
	int said = 0;

	if (vec_holders_of(s, cpu, &h, &nr))
		return;
	if (cpu != SNAP_UNKNOWN)
		snprintf(where, sizeof(where), "CPU %u: ", cpu);
	for (i = 0; i < nr && said < BLAMED_MAX; i++) {
		if (asks && !strcmp(h[i].name, asks))
			continue;
		pr_warn("%s%s%s%s%s has %u vectors, %u of its interrupts are not requested, %u never fired\n", where,
			h[i].name, h[i].driver[0] ? " (" : "", h[i].driver, h[i].driver[0] ? ")" : "", h[i].vectors,
			h[i].idle[VEC_UNREQUESTED], h[i].idle[VEC_SILENT]);
		said++;
	}
	free(h);
}

/* Of the CPUs of a list; NULL: of those that are full.  */
static void say_cpus(const struct snapshot *s, const struct plan_cpus *list, const char *asks)
{
	int said = 0;

	for (size_t i = 0; i < s->nr_cpus && said < BLAMED_MAX; i++) {
		const struct snap_cpu *c = &s->cpus[i];

		if (!c->online || (list ? !plan_lists(list, c->cpu) : c->available))
			continue;
		say_holders(s, c->cpu, asks);
		said++;
	}
}

static int exit_of(enum plan_answer a)
{
	return a == PLAN_NO ? MSITRACE_EXIT_FINDINGS : a == PLAN_MAYBE ? MSITRACE_EXIT_INCONCLUSIVE : MSITRACE_EXIT_CLEAN;
}

/* "no" outdoes "maybe", and that "yes".  */
static int worse(int a, int b)
{
	if (a == MSITRACE_EXIT_FINDINGS || b == MSITRACE_EXIT_FINDINGS)
		return MSITRACE_EXIT_FINDINGS;
	return a ?: b;
}

/* --- offline ------------------------------------------------------------------------------ */

static int add_offline(struct table *t, const struct plan_offline *p)
{
	bool judged = p->reason == PLAN_ROOM || p->reason == PLAN_NO_ROOM || p->reason == PLAN_DEPENDS;
	char cpu[16], move[16], room[16];
	const char *cells[] = { cell_number(cpu, sizeof(cpu), p->cpu), plan_answers[p->answer],
				judged ? cell_number(move, sizeof(move), p->move) : NULL,
				judged ? cell_number(room, sizeof(room), p->room) : NULL, plan_reasons[p->reason] };

	_Static_assert(ARRAY_SIZE(cells) == ARRAY_SIZE(offline_cols), "one cell per column");
	return table__row(t, cells);
}

static void say_offline(const struct snapshot *s, const struct plan_offline *p)
{
	if (p->reason == PLAN_NO_ROOM) {
		pr_warn("CPU %u: %u vectors to move and %u free elsewhere: free %u first\n", p->cpu, p->move, p->room,
			p->move - p->room);
		say_holders(s, SNAP_UNKNOWN, NULL);
	}
	if (p->reserved_short)
		pr_warn("CPU %u: once it is offline, not all of the %u interrupts that hold a reservation can be requested\n",
			p->cpu, s->reserved);
}

static int answer_offline(struct ask *a)
{
	struct plan_offline rows[CPUS_MAX];
	int err, ret = 0;

	plan_offline(a->look.snap, a->list.cpus, a->list.nr, rows);
	for (size_t i = 0; i < a->list.nr; i++) {
		say_offline(a->look.snap, &rows[i]);
		err = add_offline(a->t, &rows[i]);
		if (err)
			return err;
		ret = worse(ret, exit_of(rows[i].answer));
	}
	return ret;
}

/* --- affinity ----------------------------------------------------------------------------- */

static int add_affinity(struct ask *a, const struct plan_cpus *list, const struct plan_affinity *p)
{
	char cpus[LIST_LEN], virq[16], now[16], to[16], room[16];
	const char *cells[] = {
		cell_number(virq, sizeof(virq), a->irq), cell_number32(now, sizeof(now), p->now),
		list_cell(cpus, list), plan_answers[p->answer], plan_writes[p->write],
		cell_number32(to, sizeof(to), p->to),
		p->reason == PLAN_FOREIGN ? NULL : cell_number(room, sizeof(room), p->room), plan_reasons[p->reason],
	};

	_Static_assert(ARRAY_SIZE(cells) == ARRAY_SIZE(affinity_cols), "one cell per column");
	return table__row(a->t, cells);
}

static bool is_full(enum plan_reason r)
{
	return r == PLAN_FULL || r == PLAN_FULL_LATER || r == PLAN_ELSEWHERE;
}

static int no_irq(const struct ask *a)
{
	pr_err("no interrupt %u among those that a look finds: MSIs, and what has an x86 vector; try msitrace snapshot, and /proc/interrupts\n",
	       a->irq);
	return MSITRACE_EXIT_CANNOT_RUN;
}

/* Only what was requested once has files in /proc/irq, __setup_irq() of kernel/irq/manage.c.  */
static void say_no_file(const struct ask *a, enum plan_reason r)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/irq/%u/smp_affinity_list", a->irq);
	if ((r == PLAN_KEPT || r == PLAN_ELSEWHERE) && access(path, F_OK))
		pr_warn("interrupt %u has no file smp_affinity before it is requested for the first time: until then only its driver can set it, and /proc/irq/default_smp_affinity when it is allocated\n",
			a->irq);
}

static int answer_affinity(struct ask *a)
{
	struct plan_affinity p;
	int err;

	if (plan_affinity(a->look.snap, a->irq, &a->list, &p))
		return no_irq(a);
	if (is_full(p.reason))
		say_cpus(a->look.snap, &a->list, NULL);
	say_no_file(a, p.reason);
	err = add_affinity(a, &a->list, &p);
	return err ?: exit_of(p.answer);
}

/* The line of a file below /proc/irq/N; "?" when there is none, or no end of it.  */
static const char *proc_line(uint32_t irq, const char *file, char *buf, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/irq/%u/%s", irq, file);
	if (!file_line(path, buf, size))
		str_copy(buf, size, "?");
	return buf;
}

/* What it is, and where; the file smp_affinity_list has what a pending move is to, if there is one.  */
static void print_irq(const struct snap_vector *v)
{
	char asked[LIST_LEN], effective[LIST_LEN], states[STATES_LEN];

	printf("interrupt %u (%s) of %s%s%s%s\n", v->irq, v->actions[0] ? v->actions : "not requested",
	       v->device ? v->device->name : v->chip, v->device && v->device->driver[0] ? " (" : "",
	       v->device ? v->device->driver : "", v->device && v->device->driver[0] ? ")" : "");
	printf("%s; ", snap_state_words(v->state, states, sizeof(states)) ?: "its state is not known");
	if (v->vector != SNAP_UNKNOWN)
		printf("vector %u on CPU %u; ", v->vector, v->cpu);
	printf("fired %" PRIu64 " times\n", v->fired);
	printf("asked for: CPUs %s, in effect: %s%s\n\n",
	       proc_line(v->irq, "smp_affinity_list", asked, sizeof(asked)),
	       proc_line(v->irq, "effective_affinity_list", effective, sizeof(effective)),
	       v->state & SNAP_PENDING ? "; the move is pending: it is made when it fires next" : "");
}

/* A pending move that has nowhere to go is not tried again.  */
static void say_pending(struct ask *a, const struct snap_vector *v)
{
	char asked[LIST_LEN];
	struct plan_affinity p;
	int nr;

	if (!(v->state & SNAP_PENDING))
		return;
	nr = parse_cpus(proc_line(a->irq, "smp_affinity_list", asked, sizeof(asked)), a->cpus);
	if (nr < 0)
		return;
	a->list = (struct plan_cpus){ a->cpus, nr };
	if (!plan_affinity(a->look.snap, a->irq, &a->list, &p) && p.answer == PLAN_NO)
		pr_warn("as things are, the move to CPUs %s that is pending will not be made: %s\n", asked,
			plan_reasons[p.reason]);
}

static int answer_why(struct ask *a)
{
	const struct snap_vector *v = plan_irq(a->look.snap, a->irq);
	const struct options *o = a->look.o;
	struct plan_why *rows = NULL;
	size_t nr = 0, i;
	int err = v ? plan_why(a->look.snap, a->irq, &rows, &nr) : -ENOENT;
	int ret = 0;

	if (err == -ENOENT)
		return no_irq(a);
	if (!err && !o->raw && !o->noheadings && strcmp(o->format, "json"))
		print_irq(v);
	for (i = 0; !err && i < nr; i++) {
		struct plan_cpus list = { rows[i].cpus, rows[i].nr };

		if (is_full(rows[i].p.reason))
			say_cpus(a->look.snap, &list, NULL);
		err = add_affinity(a, &list, &rows[i].p);
		ret = worse(ret, exit_of(rows[i].p.answer));
	}
	if (!err && nr)
		say_no_file(a, rows[0].p.reason);
	if (!err)
		say_pending(a, v);
	free(rows);
	return err ?: ret;
}

/* --- alloc -------------------------------------------------------------------------------- */

static int add_alloc(struct table *t, const struct plan_request *r, const struct plan_alloc *p)
{
	bool judged = p->reason != PLAN_NO_MSI && p->reason != PLAN_TOO_MANY && p->reason != PLAN_MULTI_MSI &&
		      p->reason != PLAN_FOREIGN;
	char nr[16], gets[16], room[16];
	const char *cells[] = { r->device, cell_number(nr, sizeof(nr), r->nr), plan_answers[p->answer],
				p->gets ? cell_number(gets, sizeof(gets), p->gets) : NULL,
				judged ? cell_number(room, sizeof(room), p->room) : NULL, plan_reasons[p->reason] };

	_Static_assert(ARRAY_SIZE(cells) == ARRAY_SIZE(alloc_cols), "one cell per column");
	return table__row(t, cells);
}

static int answer_alloc(struct ask *a)
{
	const struct plan_request *r = &a->request;
	struct plan_alloc p;
	int err;

	plan_alloc(a->look.snap, r, &p);
	if (p.back)
		pr_info("%s has %u interrupts now; the answer is for when it has given them back\n", r->device, p.back);
	if (p.reason == PLAN_TOO_FEW || p.reason == PLAN_TOO_FEW_NOW)
		say_holders(a->look.snap, SNAP_UNKNOWN, r->device);
	else if (p.reason == PLAN_CPU_FULL)
		say_cpus(a->look.snap, NULL, r->device);
	else if (p.reason == PLAN_BROKEN)
		say_cpus(a->look.snap, &a->list, r->device);
	err = add_alloc(a->t, r, &p);
	return err ?: exit_of(p.answer);
}

/* --- the command -------------------------------------------------------------------------- */

/* What was looked at was not right, and nothing that follows from it is.  */
static int look_verdict(const struct look *l)
{
	int ret = look__verdict(l);

	if (!ret && !l->snap->quiet) {
		pr_warn("vectors changed hands while they were looked at, so the answer is of no one moment; try again\n");
		ret = MSITRACE_EXIT_INCONCLUSIVE;
	}
	return ret;
}

static int answer(struct ask *a, const struct question *q)
{
	int ret = look__take(&a->look);

	if (ret)
		return ret;
	if (!a->look.snap->nr_cpus) {
		pr_err("this kernel does not show the vectors of its CPUs: no vector_matrix (x86 has one) in /proc/kallsyms\n");
		return MSITRACE_EXIT_CANNOT_RUN;
	}
	ret = q->answer(a);
	if (ret == MSITRACE_EXIT_CANNOT_RUN)
		return ret;
	return listing_print(TAKE_PTR(a->t), ret < 0 ? ret : 0) ?: look_verdict(&a->look) ?: ret;
}

static int ask(struct ask *a, enum view view, const struct options *o)
{
	struct table_opts to = { .name = plan_views[view].name };
	int ret = questions[view].parse(a, o->argv + 1);

	ret = ret ?: listing_new_view(CMD_PLAN, &plan_views[view], o, &to, &a->t);
	ret = ret ?: look__open(&a->look, o);
	ret = ret ?: answer(a, &questions[view]);
	look__close(&a->look);
	table__free(a->t);
	return ret;
}

static enum view view_of(const char *word)
{
	enum view v;

	for (v = 0; v < OFFLINE && strcmp(word, plan_views[v].option); v++)
		;
	return v < OFFLINE || !strcmp(word, "offline") ? v : VIEW_NR;
}

int cmd_plan(const struct options *o)
{
	struct ask a = { .look.o = o };
	enum view view = o->argc ? view_of(o->argv[0]) : VIEW_NR;

	if (view == VIEW_NR) {
		pr_err("plan: offline, affinity, why or alloc, as in: msitrace plan offline 1,3\n");
		return MSITRACE_EXIT_USAGE;
	}
	if (o->argc != questions[view].words + 1) {
		pr_err("usage: msitrace %s\n", questions[view].usage);
		return MSITRACE_EXIT_USAGE;
	}
	if (o->affinity && view != ALLOC) {
		pr_err("plan %s: --affinity is for plan alloc\n", o->argv[0]);
		return MSITRACE_EXIT_USAGE;
	}
	return ask(&a, view, o);
}
