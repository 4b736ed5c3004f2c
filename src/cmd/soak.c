// SPDX-License-Identifier: GPL-2.0-only
/* `soak`: runs COMMAND again and again, with a look after each cycle.  src/ledger judges what has grown.  */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/err.h"
#include "base/table.h"
#include "base/util.h"
#include "ledger/soak.h"
#include "look.h"
#include "session.h"

#define CELL_LEN 160
#define CYCLES_DEFAULT 10
#define SETTLE_MS 100		/* between looks while drivers work in the background */
#define SETTLE_LOOKS 30
#define WAIT_MS 5

struct cycle {
	int status;		/* as waitpid() gives it */
	bool seen;		/* the look after it was right */
	struct soak_counts counts;
};

struct run {
	const struct options *o;
	struct look look;
	struct soak *soak;
	struct cycle *cycles;	/* the first: before */
	uint32_t nr, asked;	/* cycles that ended, and are wanted */
	uint32_t failed, first_failed;
	uint32_t unseen;
	bool books;		/* x86: who has which vector is known */
	bool stores;		/* descriptors are known */
};

/* --- lists -------------------------------------------------------------------------------- */

#define NUM (TABLE_NUMBER | TABLE_DASH)

static const struct table_col cycle_cols[] = {	/* ORDER: print_cycles() */
	{ "CYCLE", "number of the cycle; 0: before the first", TABLE_NUMBER },
	{ "COMMAND", "exit status of COMMAND, or its signal", TABLE_DASH },
	{ "DEVICES", "devices that have a store of descriptors, or interrupts", NUM },
	{ "DESCS", "descriptors in their stores", NUM },
	{ "VIRQS", "interrupts", NUM },
	{ "VECTORS", "x86 vectors that are taken", NUM },
	{ "RESERVED", "reservations of x86 vectors", NUM },
	{ "REQUESTED", "interrupts that have a handler", NUM },
};

static const struct table_col growth_cols[] = {	/* ORDER: print_growths() */
	{ "GROWTH", "none, once, undecided or leak", 0 },
	{ "WHOSE", "all, a device, the domain and chip of interrupts without device, or nobody", 0 },
	{ "KIND", "what has grown", 0 },
	{ "FIRST", "how many there were in the cycle that growth counts from", TABLE_NUMBER },
	{ "LAST", "how many there are", TABLE_NUMBER },
	{ "SLOPE", "what did not go back, per cycle", TABLE_NUMBER },
	{ "TIMES", "cycles in which it grew", TABLE_NUMBER },
	{ "SINCE", "the first of them", NUM },
};

static const struct table_col left_cols[] = {	/* ORDER: print_left() */
	{ "GROWTH", "of its owner", 0 },
	{ "SINCE", "cycle since which it is there", TABLE_NUMBER },
	{ "DEVICE", "device, by its name on its bus", TABLE_DASH },
	{ "DRIVER", "driver that it is, or was last, bound to", TABLE_DASH },
	{ "DOMAIN", "irq domain of an interrupt without device", TABLE_DASH },
	{ "CHIP", "irq chip of an interrupt without device", TABLE_DASH },
	{ "INDEX", "msi_index", NUM },
	{ "HWIRQ", "number in its domain", NUM },
	{ "VIRQ", "number of the interrupt", NUM },
	{ "VECTOR", "x86 vector that it holds", NUM },
	{ "CPU", "CPU of that vector", NUM },
	{ "STATE", "what it is, in words that msitrace(1) explains", TABLE_DASH },
};

static const struct table_col *get_cycle_cols(size_t *nr)
{
	*nr = ARRAY_SIZE(cycle_cols);
	return cycle_cols;
}

static const struct table_col *get_growth_cols(size_t *nr)
{
	*nr = ARRAY_SIZE(growth_cols);
	return growth_cols;
}

static const struct table_col *get_left_cols(size_t *nr)
{
	*nr = ARRAY_SIZE(left_cols);
	return left_cols;
}

enum list { CYCLES, GROWTHS, LEFT };

static const struct listing_view lists[] = {	/* ORDER: enum list */
	{ NULL, "cycles", get_cycle_cols },
	{ NULL, "growth", get_growth_cols },
	{ NULL, "left", get_left_cols },
};

static const char *how_it_ended(char *buf, int status)
{
	if (WIFSIGNALED(status))
		snprintf(buf, CELL_LEN, "signal %d", WTERMSIG(status));
	else
		snprintf(buf, CELL_LEN, "%d", WEXITSTATUS(status));
	return buf;
}

/* Numbers that this kernel does not tell.  */
static bool is_told(const struct run *r, enum soak_kind kind)
{
	if (kind == SOAK_DESCS)
		return r->stores;
	return r->books || (kind != SOAK_VECTORS && kind != SOAK_RESERVED);
}

static int print_cycles(const struct run *r, struct table *t)
{
	char bufs[ARRAY_SIZE(cycle_cols)][CELL_LEN];
	const char *cells[ARRAY_SIZE(cycle_cols)];
	uint32_t i;
	int k, err = 0;

	_Static_assert(ARRAY_SIZE(cycle_cols) == 2 + SOAK_KIND_NR, "one column per kind");
	for (i = 0; !err && i <= r->nr; i++) {
		const struct cycle *c = &r->cycles[i];

		cells[0] = cell_number(bufs[0], CELL_LEN, i);
		cells[1] = i ? how_it_ended(bufs[1], c->status) : NULL;
		for (k = 0; k < SOAK_KIND_NR; k++)
			cells[2 + k] = c->seen && is_told(r, k) ? cell_number(bufs[2 + k], CELL_LEN, c->counts.nr[k]) : NULL;
		err = table__row(t, cells);
	}
	return err;
}

static const char *whose(const struct soak_owner *o, char *buf)
{
	if (!o)
		return "all";
	if (o->device[0])
		snprintf(buf, CELL_LEN, "%s%s%s%s", o->device, o->driver[0] ? " (" : "", o->driver,
			 o->driver[0] ? ")" : "");
	else if (o->domain[0] || o->chip[0])
		snprintf(buf, CELL_LEN, "domain %s, chip %s", o->domain, o->chip);
	else
		return "nobody";
	return buf;
}

static int print_growths(const struct run *r, const struct soak_report *rep, struct table *t)
{
	char bufs[6][CELL_LEN];
	size_t i;
	int err = 0;

	for (i = 0; !err && i < rep->nr_growths; i++) {
		const struct soak_growth *g = &rep->growths[i];
		const char *cells[] = {
			soak_verdicts[g->verdict].word, whose(g->owner, bufs[0]), soak_kinds[g->kind].word,
			cell_number(bufs[1], CELL_LEN, g->first), cell_number(bufs[2], CELL_LEN, g->last), bufs[3],
			cell_number(bufs[4], CELL_LEN, g->verdict == SOAK_NONE ? 0 : g->steps),
			g->verdict == SOAK_NONE ? NULL : cell_number(bufs[5], CELL_LEN, g->since),
		};

		_Static_assert(ARRAY_SIZE(cells) == ARRAY_SIZE(growth_cols), "one cell per column");
		snprintf(bufs[3], CELL_LEN, "%.2f", g->slope);
		if (is_told(r, g->kind))
			err = table__row(t, cells);
	}
	return err;
}

static const char *state(uint32_t st, char *buf)
{
	size_t n = 0;

	buf[0] = '\0';
	for (int i = 0; i < SNAP_STATE_NR; i++)
		if (st & (1u << i) && n < CELL_LEN)
			n += snprintf(buf + n, CELL_LEN - n, "%s%s", n ? "," : "", snap_states[i].word);
	return cell_text(buf);
}

static int print_left(const struct soak_report *rep, struct table *t)
{
	char bufs[7][CELL_LEN];
	size_t i;
	int err = 0;

	for (i = 0; !err && i < rep->nr_left; i++) {
		const struct soak_left *l = &rep->left[i];
		const char *cells[] = {
			soak_verdicts[l->verdict].word, cell_number(bufs[0], CELL_LEN, l->since), cell_text(l->owner->device),
			cell_text(l->owner->driver), cell_text(l->owner->domain), cell_text(l->owner->chip),
			cell_number32(bufs[1], CELL_LEN, l->index), l->has_hwirq ? cell_number(bufs[2], CELL_LEN, l->hwirq) : NULL,
			cell_number32(bufs[3], CELL_LEN, l->irq), cell_number32(bufs[4], CELL_LEN, l->vector),
			cell_number32(bufs[5], CELL_LEN, l->cpu),
			state(l->state, bufs[6]),
		};

		_Static_assert(ARRAY_SIZE(cells) == ARRAY_SIZE(left_cols), "one cell per column");
		err = table__row(t, cells);
	}
	return err;
}

/* 0, or an exit code after a message.  Lists that are empty are for programs only.  */
static int print(const struct run *r, const struct soak_report *rep, enum list list)
{
	bool json = !strcmp(r->o->format, "json");
	struct table_opts to = { .name = lists[list].name };
	struct table *t = NULL;
	int ret, err;

	if (!json && ((list == GROWTHS && !rep->nr_growths) || (list == LEFT && !rep->nr_left)))
		return 0;
	ret = listing_new_view(CMD_SOAK, &lists[list], r->o, &to, &t);
	if (ret)
		return ret;
	if (list == CYCLES)
		err = print_cycles(r, t);
	else
		err = list == GROWTHS ? print_growths(r, rep, t) : print_left(rep, t);
	if (!json && list != CYCLES)
		putchar('\n');
	return listing_print(t, err);
}

/* --- looks -------------------------------------------------------------------------------- */

static void pause_ms(long ms)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

/* What is as it was after the cycle before is taken at once; a change, when it is so twice.  As look().  */
static int settle(struct run *r, const struct soak_counts *before, struct cycle *c)
{
	struct soak_counts last = *before;
	int ret, looks;

	for (looks = 0; looks < SETTLE_LOOKS && !session_stopped(); looks++) {
		if (looks)
			pause_ms(SETTLE_MS);
		ret = look__take(&r->look);
		if (ret)
			return ret;
		soak_count(r->look.snap, &c->counts);
		c->seen = look__is_right(&r->look) && !memcmp(&last, &c->counts, sizeof(last));
		if (c->seen)
			break;
		last = c->counts;
	}
	return 0;
}

/* The look after a cycle.  0, or an exit code after a message.  */
static int look(struct run *r, uint32_t cycle)
{
	struct cycle *c = &r->cycles[cycle];
	int ret = settle(r, cycle ? &r->cycles[cycle - 1].counts : &c->counts, c);

	if (ret)
		return ret;
	r->unseen += !c->seen;
	r->books |= r->look.snap->nr_cpus != 0;
	if (!c->seen || !soak__sample(r->soak, cycle, r->look.snap))
		return 0;
	pr_err("%s\n", errstr(-ENOMEM));
	return MSITRACE_EXIT_CANNOT_RUN;
}

/* --- COMMAND ------------------------------------------------------------------------------ */

/* 0, or an exit code after a message.  A signal is passed on, and COMMAND ends first.  */
static int run_command(const struct run *r, int *status)
{
	bool told = false;
	pid_t pid = 0;
	int err = file_flush(stdout);	/* nothing for the child to write again */

	err = err ?: session_start_command(r->o->argv, &pid);
	if (err) {
		pr_err("cannot run %s: %s\n", r->o->argv[0], errstr(err));
		return MSITRACE_EXIT_CANNOT_RUN;
	}
	while (waitpid(pid, status, WNOHANG) != pid) {
		if (session_stopped() && !told)
			told = !kill(pid, session_stopped());
		pause_ms(WAIT_MS);
	}
	return 0;
}

static int run_cycles(struct run *r)
{
	struct cycle *grown;
	char how[CELL_LEN];
	uint32_t n;
	int ret = look(r, 0);

	for (n = 1; !ret && n <= r->asked && !session_stopped(); n++) {
		grown = reallocarray(r->cycles, n + 1, sizeof(*grown));
		if (!grown) {
			pr_err("%s\n", errstr(-ENOMEM));
			return MSITRACE_EXIT_CANNOT_RUN;
		}
		r->cycles = grown;
		memset(&grown[n], 0, sizeof(*grown));
		ret = run_command(r, &grown[n].status);
		if (ret || session_stopped())	/* half a cycle is none */
			break;
		ret = look(r, n);
		r->nr = n;
		if (grown[n].status && !r->failed++)
			r->first_failed = n;
		pr_info("cycle %u of %u: %s ended with %s\n", n, r->asked, r->o->argv[0],
			how_it_ended(how, grown[n].status));
	}
	return ret;
}

/* --- the command -------------------------------------------------------------------------- */

static void say_unknown(const struct run *r)
{
	const struct hook_state *dev = &collect__hooks(r->look.collect)[HOOK_snap_dev];

	if (!r->stores)
		pr_warn("descriptors that have no interrupt are not known: %s\n", dev->why);
	if (!r->books)
		pr_warn("interrupts that belong to no device, and the vectors of CPUs, are not known: no vector_matrix (x86 has one) in /proc/kallsyms; try as root\n");
}

static void say_verdict(const struct run *r, const struct soak_report *rep)
{
	if (!strcmp(r->o->format, "json"))
		return;
	printf("\n%u cycle%s, growth since cycle %u: %s: %s\n", r->nr, r->nr == 1 ? "" : "s", rep->reference,
	       soak_verdicts[rep->verdict].word, rep->samples ? soak_verdicts[rep->verdict].doc :
	       "there are not two looks that can be compared");
}

static int verdict(const struct run *r, const struct soak_report *rep)
{
	char how[CELL_LEN];

	if (r->failed)
		pr_warn("%s failed in %u of %u cycles, first in cycle %u: %s\n", r->o->argv[0], r->failed, r->nr,
			r->first_failed, how_it_ended(how, r->cycles[r->first_failed].status));
	if (r->nr < r->asked)
		pr_warn("stopped by a signal after %u of %u cycles\n", r->nr, r->asked);
	if (r->unseen)
		pr_warn("after %u cycles interrupts came and went in each look, or events were lost: they do not count\n",
			r->unseen);
	if (rep->verdict == SOAK_LEAK)
		return MSITRACE_EXIT_FINDINGS;
	if (rep->verdict == SOAK_UNDECIDED)
		pr_warn("whether something leaks is not decided; try more --cycles, such as %u\n", 2 * r->asked);
	if (rep->verdict == SOAK_UNDECIDED || r->nr < r->asked || r->unseen)
		return MSITRACE_EXIT_INCONCLUSIVE;
	if (r->books && !r->look.snap->quiet) {
		pr_warn("vectors changed hands in the last look: whether some are held by nobody is not known; try again\n");
		return MSITRACE_EXIT_INCONCLUSIVE;
	}
	return r->failed ? MSITRACE_EXIT_COMMAND : MSITRACE_EXIT_CLEAN;
}

static int soak(struct run *r)
{
	const struct hook_state *hooks = collect__hooks(r->look.collect);
	const struct soak_report *rep = NULL;
	int ret, err;

	r->stores = hooks[HOOK_snap_dev].status == MSI_ATTACH_LIVE;
	ret = run_cycles(r);
	if (ret)
		return ret;
	err = soak__report(r->soak, &rep);
	if (err) {
		pr_err("%s\n", errstr(err));
		return MSITRACE_EXIT_CANNOT_RUN;
	}
	say_unknown(r);
	ret = print(r, rep, CYCLES);
	ret = ret ?: print(r, rep, GROWTHS);
	ret = ret ?: print(r, rep, LEFT);
	if (ret)
		return ret;
	say_verdict(r, rep);
	return verdict(r, rep);
}

int cmd_soak(const struct options *o)
{
	struct run r = { .o = o, .asked = o->cycles ?: CYCLES_DEFAULT };
	int ret = MSITRACE_EXIT_CANNOT_RUN;

	if (!o->argc) {
		pr_err("soak: no COMMAND to run; see msitrace soak --help\n");
		return MSITRACE_EXIT_USAGE;
	}
	session_catch_signals();
	r.cycles = calloc(1, sizeof(*r.cycles));
	if (!r.cycles || soak__new(r.asked, &r.soak))
		pr_err("%s\n", errstr(-ENOMEM));
	else
		ret = look__open(&r.look, o) ?: soak(&r);
	look__close(&r.look);
	soak__free(r.soak);
	free(r.cycles);
	return ret;
}
