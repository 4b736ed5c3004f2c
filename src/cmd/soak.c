// SPDX-License-Identifier: GPL-2.0-only
/*
 * `soak`: runs COMMAND again and again, with a look after each cycle.  src/ledger judges what has grown; whose stack
 * allocated an interrupt is noted while COMMAND runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include <json-c/json.h>

#include "base/err.h"
#include "base/table.h"
#include "base/util.h"
#include "collect/baseline.h"
#include "collect/sysfs_list.h"
#include "format/words.h"
#include "ledger/origin.h"
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
	struct origins *origins;
	const struct origin_stack **stacks;	/* that were asked for; the first is number 1 */
	uint32_t nr_stacks;
	struct soak_file *files;	/* as they were in the last look */
	size_t nr_files, room_files;
	struct sysfs_list names;
	struct json_object *json;	/* the lists so far; NULL: they are printed */
	struct cycle *cycles;	/* the first: before */
	uint32_t nr, asked;	/* cycles that ended, and are wanted */
	uint32_t failed, first_failed;
	uint32_t unseen;
	bool books;		/* x86: who has which vector is known */
	bool stores;		/* descriptors are known */
	bool looked;		/* at least once: then it is known whether */
	bool domains;		/* the list of domains is found */
	bool owners;		/* who allocates interrupts is seen */
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
	{ "DOMAINS", "irq domains that are registered", NUM },
	{ "FILES", "files in the msi_irqs/ of devices", NUM },
	{ "NUMBERS", "numbers of interrupts, of MSIs and others, in /sys/kernel/irq", NUM },
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
	{ "GROWTH", "of its owner, or of all of its kind", 0 },
	{ "SINCE", "cycle since which it is there", TABLE_NUMBER },
	{ "KIND", "what it is, in the words of growth", 0 },
	{ "DEVICE", "device, by its name on its bus", TABLE_DASH },
	{ "DRIVER", "driver that it is, or was last, bound to", TABLE_DASH },
	{ "DOMAIN", "irq domain, or that of an interrupt without device", TABLE_DASH },
	{ "CHIP", "irq chip of an interrupt without device", TABLE_DASH },
	{ "INDEX", "msi_index", NUM },
	{ "HWIRQ", "number in its domain", NUM },
	{ "VIRQ", "number of the interrupt", NUM },
	{ "VECTOR", "x86 vector that it holds", NUM },
	{ "CPU", "CPU of that vector", NUM },
	{ "STATE", "what it is, in words that msitrace(1) explains", TABLE_DASH },
	{ "STACK", "number of the stack that allocated it, in the list that follows", NUM },
};

static const struct table_col stack_cols[] = {	/* ORDER: add_frame() */
	{ "STACK", "its number", TABLE_NUMBER },
	{ "FRAME", "0: the innermost", TABLE_NUMBER },
	{ "FUNCTION", "the function and its module; or the address", 0 },
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

static const struct table_col *get_stack_cols(size_t *nr)
{
	*nr = ARRAY_SIZE(stack_cols);
	return stack_cols;
}

enum list { CYCLES, GROWTHS, LEFT, STACKS };

static const struct listing_view lists[] = {	/* ORDER: enum list */
	{ NULL, "cycles", get_cycle_cols },
	{ NULL, "growth", get_growth_cols },
	{ NULL, "left", get_left_cols },
	{ NULL, "stacks", get_stack_cols },
};

static const char *how_it_ended(char *buf, int status)
{
	if (WIFSIGNALED(status))
		snprintf(buf, CELL_LEN, "signal %d", WTERMSIG(status));
	else
		snprintf(buf, CELL_LEN, "%d", WEXITSTATUS(status));
	return buf;
}

/* Numbers that this kernel does not tell, or this user may not see, are not told.  */
static bool is_told(const struct run *r, enum soak_kind kind)
{
	switch (kind) {
	case SOAK_DESCS:
		return r->stores;
	case SOAK_VECTORS:
	case SOAK_RESERVED:
		return r->books;
	case SOAK_DOMAINS:
		return r->domains;
	default:
		return true;
	}
}

/* What cannot leak, since there is none.  */
static bool is_here(enum soak_kind kind)
{
#ifdef __x86_64__
	(void)kind;
	return true;
#else
	return kind != SOAK_VECTORS && kind != SOAK_RESERVED;
#endif
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
	else if (o->domain[0] && o->chip[0])
		snprintf(buf, CELL_LEN, "domain %s, chip %s", o->domain, o->chip);
	else if (o->domain[0] || o->chip[0])
		snprintf(buf, CELL_LEN, "%s %s", o->domain[0] ? "domain" : "chip", o->domain[0] ? o->domain : o->chip);
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

/* The number of the stack that allocated it, 0: not known.  0, or -ENOMEM.  */
static int number_stack(struct run *r, const struct soak_left *l, uint32_t *number)
{
	const struct origin *o = r->owners && l->kind == SOAK_VIRQS ? origins__get(r->origins, l->irq) : NULL;
	const struct origin_stack **grown;
	uint32_t i;

	*number = 0;
	if (!o || !o->stack->nr)
		return 0;
	for (i = 0; i < r->nr_stacks && r->stacks[i] != o->stack; i++)
		;
	*number = i + 1;
	if (i < r->nr_stacks)
		return 0;
	grown = reallocarray(r->stacks, i + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	r->stacks = grown;
	r->stacks[r->nr_stacks++] = o->stack;
	return 0;
}

static int print_left(struct run *r, const struct soak_report *rep, struct table *t)
{
	char bufs[8][CELL_LEN];
	size_t i;
	int err = 0;

	for (i = 0; !err && i < rep->nr_left; i++) {
		const struct soak_left *l = &rep->left[i];
		uint32_t stack = 0;
		const char *cells[] = {
			soak_verdicts[l->verdict].word, cell_number(bufs[0], CELL_LEN, l->since), soak_kinds[l->kind].word,
			cell_text(l->owner->device), cell_text(l->owner->driver), cell_text(l->owner->domain),
			cell_text(l->owner->chip),
			cell_number32(bufs[1], CELL_LEN, l->index), l->has_hwirq ? cell_number(bufs[2], CELL_LEN, l->hwirq) : NULL,
			cell_number32(bufs[3], CELL_LEN, l->irq), cell_number32(bufs[4], CELL_LEN, l->vector),
			cell_number32(bufs[5], CELL_LEN, l->cpu),
			snap_state_words(l->state, bufs[6], CELL_LEN),
			bufs[7],
		};

		_Static_assert(ARRAY_SIZE(cells) == ARRAY_SIZE(left_cols), "one cell per column");
		err = number_stack(r, l, &stack);
		cells[ARRAY_SIZE(cells) - 1] = stack ? cell_number(bufs[7], CELL_LEN, stack) : NULL;
		err = err ?: table__row(t, cells);
	}
	return err;
}

static int add_frame(const struct run *r, struct table *t, uint32_t stack, uint32_t i, uint64_t ip)
{
	struct format_env env = { .symbol = collect__symbol, .symbol_ctx = r->look.collect };
	char bufs[3][CELL_LEN];
	struct symbol sym;
	const char *cells[] = { cell_number(bufs[0], CELL_LEN, stack), cell_number(bufs[1], CELL_LEN, i), bufs[2] };

	_Static_assert(ARRAY_SIZE(cells) == ARRAY_SIZE(stack_cols), "one cell per column");
	if (frame_symbol(&env, ip, !i, &sym))
		snprintf(bufs[2], CELL_LEN, "0x%llx", (unsigned long long)ip);
	else
		words_symbol(bufs[2], CELL_LEN, &sym, i != 0);
	return table__row(t, cells);
}

/* Those that the list of what is left has asked for.  */
static int print_stacks(const struct run *r, struct table *t)
{
	uint32_t k, i;
	int err = 0;

	for (k = 0; k < r->nr_stacks; k++)
		for (i = 0; !err && i < r->stacks[k]->nr; i++)
			err = add_frame(r, t, k + 1, i, r->stacks[k]->ip[i]);
	return err;
}

static bool is_empty(const struct run *r, const struct soak_report *rep, enum list list)
{
	switch (list) {
	case CYCLES:
		return false;
	case GROWTHS:
		return !rep->nr_growths;
	case LEFT:
		return !rep->nr_left;
	case STACKS:
		break;
	}
	return !r->nr_stacks;
}

/* 0, or an exit code after a message.  Lists that are empty are for programs only.  */
static int print(struct run *r, const struct soak_report *rep, enum list list)
{
	struct table_opts to = { .name = lists[list].name };
	struct table *t = NULL;
	int ret, err = 0;

	if (!r->json && is_empty(r, rep, list))
		return 0;
	ret = listing_new_view(CMD_SOAK, &lists[list], r->o, &to, &t);
	if (ret)
		return ret;
	switch (list) {
	case CYCLES:
		err = print_cycles(r, t);
		break;
	case GROWTHS:
		err = print_growths(r, rep, t);
		break;
	case LEFT:
		err = print_left(r, rep, t);
		break;
	case STACKS:
		err = print_stacks(r, t);
		break;
	}
	if (r->json)
		return listing_join(t, err, r->json);
	if (list != CYCLES)
		putchar('\n');
	return listing_print(t, err);
}

/* In JSON all lists are one document.  */
static int print_all(struct run *r, const struct soak_report *rep)
{
	int ret = 0;

	if (!strcmp(r->o->format, "json"))
		r->json = json_object_new_object();
	for (size_t i = 0; !ret && i < ARRAY_SIZE(lists); i++)
		ret = print(r, rep, i);
	if (!ret && r->json)
		puts(json_object_to_json_string_ext(r->json, JSON_C_TO_STRING_PRETTY));
	json_object_put(r->json);
	r->json = NULL;
	return ret;
}

/* --- looks -------------------------------------------------------------------------------- */

static void pause_ms(long ms)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static int add_file(struct run *r, enum soak_kind kind, const char *whose, uint32_t irq)
{
	size_t room = r->room_files ? 2 * r->room_files : 64;
	struct soak_file *grown, *f;

	if (r->nr_files == r->room_files) {
		grown = reallocarray(r->files, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		r->files = grown;
		r->room_files = room;
	}
	f = &r->files[r->nr_files++];
	*f = (struct soak_file){ .kind = kind, .irq = irq };
	str_copy(f->whose, sizeof(f->whose), whose);
	return 0;
}

/* A device that goes meanwhile has none.  */
static int list_device(void *ctx, int dirfd, const char *device)
{
	char path[NAME_MAX + 16];
	struct run *r = ctx;
	int err = 0;

	snprintf(path, sizeof(path), "%s/msi_irqs", device);
	sysfs_list__reset(&r->names, 0);
	err = sysfs_list__read(&r->names, dirfd, path);
	if (err)
		return err == -ENOENT || err == -ENODEV || err == -ENOTDIR ? 0 : err;
	for (size_t i = 0; !err && i < r->names.nr; i++)
		err = add_file(r, SOAK_FILES, device, r->names.names[i]);
	return err;
}

/* "" where it has none.  */
static void read_chip(uint32_t irq, char *buf, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/kernel/irq/%u/chip_name", irq);
	file_line(path, buf, size);
}

static int list_files(struct run *r)
{
	char chip[MSI_NAME_LEN];
	int err;

	r->nr_files = 0;
	err = baseline_each_device(list_device, r);
	sysfs_list__reset(&r->names, 0);
	err = err ?: sysfs_list__read(&r->names, AT_FDCWD, "/sys/kernel/irq");
	for (size_t i = 0; !err && i < r->names.nr; i++) {
		read_chip(r->names.names[i], chip, sizeof(chip));
		err = add_file(r, SOAK_NUMBERS, chip, r->names.names[i]);
	}
	return err;
}

/* One time; c->counts.  0, or an exit code after a message.  */
static int look_once(struct run *r, struct cycle *c)
{
	struct soak_look sl = { 0 };
	int ret = look__take(&r->look), err;

	if (ret)
		return ret;
	err = list_files(r);
	if (err) {
		pr_err("looking at /sys/kernel/irq: %s\n", errstr(err));
		return MSITRACE_EXIT_CANNOT_RUN;
	}
	if (!r->looked)
		r->domains = r->look.snap->has_domains;
	r->looked = true;
	if (!r->domains)	/* what is not told does not count */
		r->look.snap->nr_domains = 0;
	sl = (struct soak_look){ .snap = r->look.snap, .files = r->files, .nr_files = r->nr_files };
	err = soak_count(&sl, &c->counts);
	if (!err)
		return 0;
	pr_err("%s\n", errstr(err));
	return MSITRACE_EXIT_CANNOT_RUN;
}

/* What is as it was after the cycle before is taken at once; a change, when it is so twice.  As look().  */
static int settle(struct run *r, const struct soak_counts *before, struct cycle *c)
{
	struct soak_counts last = *before;
	int ret, looks;

	for (looks = 0; looks < SETTLE_LOOKS && !session_stopped(); looks++) {
		if (looks)
			pause_ms(SETTLE_MS);
		ret = look_once(r, c);
		if (ret)
			return ret;
		c->seen = look__is_right(&r->look) && (r->look.snap->has_domains || !r->domains) &&
			  !memcmp(&last, &c->counts, sizeof(last));
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
	struct soak_look sl = { .snap = r->look.snap, .files = r->files, .nr_files = r->nr_files };

	if (ret)
		return ret;
	r->unseen += !c->seen && !session_stopped();
	r->books |= r->look.snap->nr_cpus != 0;
	if (!c->seen || !soak__sample(r->soak, cycle, &sl))
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
		err = collect__poll(r->look.collect, WAIT_MS);
		if (err < 0 && err != -EINTR) {
			pr_err("reading events: %s\n", errstr(err));
			kill(pid, SIGTERM);
			waitpid(pid, status, 0);
			return MSITRACE_EXIT_CANNOT_RUN;
		}
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
	const struct hook_state *hooks = collect__hooks(r->look.collect);

	if (!r->stores)
		pr_warn("descriptors that have no interrupt are not known: %s\n", hooks[HOOK_snap_dev].why);
	if (!r->books && is_here(SOAK_VECTORS))
		pr_warn("the vectors of CPUs are not known: no vector_matrix in /proc/kallsyms; try as root, and sysctl kernel.kptr_restrict=1\n");
	if (!r->domains)
		pr_warn("irq domains are not known: no irq_domain_list in /proc/kallsyms, or it changed in each look; try as root, and sysctl kernel.kptr_restrict=1\n");
	if (!r->owners)
		pr_warn("who allocates interrupts is not seen: %s%s\n", hooks[HOOK_assoc_off].why, hooks[HOOK_irq_free].why);
}

/* "vectors, reservations": what may have leaked, unseen.  False: nothing.  */
static bool unseen_kinds(const struct run *r, char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (int k = 0; k < SOAK_KIND_NR; k++)
		if (is_here(k) && !is_told(r, k) && n < size)
			n += snprintf(buf + n, size - n, "%s%s", n ? ", " : "", soak_kinds[k].word);
	return n;
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
	char how[CELL_LEN], kinds[CELL_LEN];

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
	if (unseen_kinds(r, kinds, sizeof(kinds))) {
		pr_warn("nothing else leaks; whether these do could not be seen: %s\n", kinds);
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
	r->owners = hooks[HOOK_assoc_off].status == MSI_ATTACH_LIVE && hooks[HOOK_irq_free].status == MSI_ATTACH_LIVE;
	ret = run_cycles(r);
	if (ret)
		return ret;
	err = soak__report(r->soak, &rep);
	if (err) {
		pr_err("%s\n", errstr(err));
		return MSITRACE_EXIT_CANNOT_RUN;
	}
	say_unknown(r);
	ret = print_all(r, rep);
	if (ret)
		return ret;
	say_verdict(r, rep);
	return verdict(r, rep);
}

static int on_event(void *ctx, const struct msi_event_hdr *e)
{
	const struct run *r = ctx;

	return origins__event(r->origins, e);
}

int cmd_soak(const struct options *o)
{
	struct run r = { .o = o, .look = { .use = USE_OWNER, .events = EV(ASSOC) | EV(IRQ_FREE) | EV(DOMAIN_LOOK),
				     .live = on_event }, .asked = o->cycles ?: CYCLES_DEFAULT };
	int ret = MSITRACE_EXIT_CANNOT_RUN;

	if (!o->argc) {
		pr_err("soak: no COMMAND to run; see msitrace soak --help\n");
		return MSITRACE_EXIT_USAGE;
	}
	session_catch_signals();
	r.look.ctx = &r;
	r.cycles = calloc(1, sizeof(*r.cycles));
	if (!r.cycles || origins__new(&r.origins) || soak__new(r.asked, &r.soak))
		pr_err("%s\n", errstr(-ENOMEM));
	else
		ret = look__open(&r.look, o) ?: soak(&r);
	look__close(&r.look);
	soak__free(r.soak);
	origins__free(r.origins);
	free(r.stacks);
	sysfs_list__free(&r.names);
	free(r.files);
	free(r.cycles);
	return ret;
}
