// SPDX-License-Identifier: GPL-2.0-only
/* `vectors`: how full the CPUs are, who has their vectors, and who does not use his.  src/ledger counts.  */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/table.h"
#include "base/util.h"
#include "ledger/vectors.h"
#include "look.h"
#include "session.h"
#include "watch.h"

#define CELL_LEN 192
#define STACK_LEN 2048
#define MOVE_SECONDS 0.25	/* what moves for so long does not end by itself */
#define NUM (TABLE_NUMBER | TABLE_DASH)

/* --- columns ------------------------------------------------------------------------------ */

static const struct table_col holder_cols[] = {	/* ORDER: add_holder() */
	{ "HOLDER", "device, or chip of interrupts that are no MSIs; ISA: set aside at boot", TABLE_DASH },
	{ "DRIVER", "driver that it is bound to", TABLE_DASH },
	{ "IRQS", "interrupts that were allocated", NUM },
	{ "VECTORS", "vectors that they hold", NUM },
	{ "RESERVED", "of the interrupts: hold a reservation, and no vector", NUM },
	{ "REQUESTED", "of the interrupts: have a handler", NUM },
	{ "FIRED", "of the interrupts: have ever fired", NUM },
	{ "UNREQUESTED", "of its MSIs: nobody has asked for them", NUM },
	{ "SILENT", "of its MSIs: requested, and never fired", NUM },
	{ "PENDING", "of its MSIs: wait to be moved", NUM },
	{ "MOVING", "of its MSIs: were moved, and hold two vectors since they have not fired", NUM },
};

static const struct table_col place_cols[] = {	/* ORDER: add_place() */
	{ "VECTOR", "number of the vector", NUM },
	{ "HOLDER", "device, or chip of an interrupt that is no MSI; ISA: set aside at boot; nobody", 0 },
	{ "DRIVER", "driver that it is bound to", TABLE_DASH },
	{ "INDEX", "msi_index: which of the device's vectors", NUM },
	{ "VIRQ", "number of the interrupt", NUM },
	{ "STATE", "what it is, in words that msitrace(1) explains; old: it was moved away", TABLE_DASH },
	{ "ACTION", "names of the actions, as in /proc/interrupts", TABLE_DASH },
};

static const struct table_col idle_cols[] = {	/* ORDER: add_idle() */
	{ "DEVICE", "device, by its name on its bus", TABLE_DASH },
	{ "DRIVER", "driver that it is bound to", TABLE_DASH },
	{ "INDEX", "msi_index: which of the device's vectors", NUM },
	{ "VIRQ", "number of the interrupt", NUM },
	{ "VECTOR", "x86 vector that it holds", NUM },
	{ "CPU", "CPU of that vector", NUM },
	{ "WHY", "why it is of no use, in words that msitrace(1) explains", 0 },
	{ "STATE", "what it is, in words that msitrace(1) explains", TABLE_DASH },
	{ "ACTION", "names of the actions", TABLE_DASH },
	{ "ALLOCATEDBY", "function that allocated it, if --watch has seen that", TABLE_DASH },
	{ "STACK", "all functions that it was called by", TABLE_DASH | TABLE_HIDDEN },
};

#define COLS(name, cols) \
const struct table_col *name(size_t *nr) \
{ \
	*nr = ARRAY_SIZE(cols); \
	return cols; \
}
COLS(vectors_cols, holder_cols)
static COLS(cpu_cols, place_cols)
static COLS(unused_cols, idle_cols)
#undef COLS

enum view { OF_CPU, IDLE, HOLDERS };

const struct listing_view vectors_views[] = {	/* ORDER: enum view */
	{ "--cpu", "vectors", cpu_cols },
	{ "--idle", "idle", unused_cols },
	{ NULL, "holders", vectors_cols },
};

static enum view view_of(const struct options *o)
{
	return o->cpu ? OF_CPU : o->idle ? IDLE : HOLDERS;
}

/* --- rows --------------------------------------------------------------------------------- */

static int add_holder(struct table *t, const struct vec_holder *h, bool books)
{
	char buf[9][24];
	const char *cells[] = {
		cell_text(h->name), cell_text(h->driver), cell_number32(buf[0], 24, h->irqs),
		books ? cell_number32(buf[1], 24, h->vectors) : NULL,
		books ? cell_number32(buf[2], 24, h->reserved) : NULL,
		cell_number32(buf[3], 24, h->requested), cell_number32(buf[4], 24, h->fired),
		cell_number32(buf[5], 24, h->idle[VEC_UNREQUESTED]), cell_number32(buf[6], 24, h->idle[VEC_SILENT]),
		cell_number32(buf[7], 24, h->idle[VEC_PENDING]), cell_number32(buf[8], 24, h->idle[VEC_MOVING]),
	};

	_Static_assert(ARRAY_SIZE(cells) == ARRAY_SIZE(holder_cols), "one cell per column");
	return table__row(t, cells);
}

static int fill_holders(const struct snapshot *s, struct table *t)
{
	struct vec_holder *h = NULL;
	size_t nr = 0;
	int err = vec_holders(s, &h, &nr);

	for (size_t i = 0; !err && i < nr; i++)
		err = add_holder(t, &h[i], s->nr_cpus);
	free(h);
	return err;
}

static int add_place(struct table *t, const struct vec_place *p)
{
	const struct snap_vector *v = p->holder;
	char buf[3][24], state[CELL_LEN];
	const char *cells[] = {
		cell_number32(buf[0], 24, p->vector),
		!v ? p->legacy ? "ISA" : "nobody" : cell_text(v->device ? v->device->name : v->chip),
		v && v->device ? cell_text(v->device->driver) : NULL,
		v ? cell_number32(buf[1], 24, v->index) : NULL,
		v ? cell_number32(buf[2], 24, v->irq) : NULL,
		v ? p->old ? "old" : snap_state_words(v->state, state, sizeof(state)) : NULL,
		v ? cell_text(v->actions) : NULL,
	};

	_Static_assert(ARRAY_SIZE(cells) == ARRAY_SIZE(place_cols), "one cell per column");
	return table__row(t, cells);
}

static int fill_cpu(const struct snapshot *s, struct table *t, uint32_t cpu)
{
	struct vec_place *places = NULL;
	size_t nr = 0;
	int err = vec_of_cpu(s, cpu, &places, &nr);

	for (size_t i = 0; !err && i < nr; i++)
		err = add_place(t, &places[i]);
	free(places);
	return err;
}

static int add_idle(struct table *t, const struct snap_vector *v, enum vec_idle why, const struct watch *w)
{
	char buf[4][24], state[CELL_LEN], stack[STACK_LEN];
	const char *cells[] = {
		cell_text(v->device->name), cell_text(v->device->driver), cell_number32(buf[0], 24, v->index),
		cell_number32(buf[1], 24, v->irq), cell_number32(buf[2], 24, v->vector), cell_number32(buf[3], 24, v->cpu),
		vec_idles[why].word, snap_state_words(v->state, state, sizeof(state)), cell_text(v->actions),
		w ? watch__culprit(w, v->irq) : NULL, w ? watch__stack(w, v->irq, stack, sizeof(stack)) : NULL,
	};

	_Static_assert(ARRAY_SIZE(cells) == ARRAY_SIZE(idle_cols), "one cell per column");
	return table__row(t, cells);
}

static int fill_idle(const struct snapshot *s, struct table *t, const struct watch *w)
{
	int err = 0;

	for (size_t i = 0; !err && i < s->nr_vectors; i++) {
		enum vec_idle why = vector_idle(&s->vectors[i]);

		if (why != VEC_USED)
			err = add_idle(t, &s->vectors[i], why, w);
	}
	return err;
}

/* --- what stands above the list ----------------------------------------------------------- */

/* Each look, below --device as well: the map is of all that there is.  */
static void print_map(const struct snapshot *s)
{
	uint32_t online = 0, taken = 0, available = 0;
	char line[VEC_MAP_CPUS + 1];
	size_t i;

	for (i = 0; i < s->nr_cpus; i++) {
		if (!s->cpus[i].online)
			continue;
		online++;
		taken += s->cpus[i].allocated;
		available += s->cpus[i].available;
	}
	printf("%u of %zu CPUs online, %u vectors taken, %u free; %u reserved, which take one when they are requested\n\n",
	       online, s->nr_cpus, taken, available, s->reserved);
	for (i = 0; i < s->nr_cpus; i += VEC_MAP_CPUS) {
		vec_map(s, i, line);
		printf("CPU %-4u %s\n", s->cpus[i].cpu, line);
	}
	printf("\none character a CPU: . below a tenth taken, 1 to 9 tenths, # none free, - offline\n\n");
	if (s->reserved > available)
		pr_warn("%u reservations and %u free vectors: not all that are reserved can be requested\n",
			s->reserved, available);
}

/* --- the command -------------------------------------------------------------------------- */

/* A list, and what is kept for the next one.  */
struct view_of_vectors {
	struct look look;
	struct snapshot *before;
	struct watch *watch;		/* NULL: one list */
};

static int fill(const struct view_of_vectors *vv, struct table *t)
{
	const struct look *l = &vv->look;

	switch (view_of(l->o)) {
	case OF_CPU:
		return fill_cpu(l->snap, t, strtoul(l->o->cpu, NULL, 10));
	case IDLE:
		return fill_idle(l->snap, t, vv->watch);
	case HOLDERS:
		break;
	}
	return fill_holders(l->snap, t);
}

static bool any_moves(const struct snapshot *s)
{
	for (size_t i = 0; i < s->nr_vectors; i++)
		if (s->vectors[i].state & SNAP_MOVING)
			return true;
	return false;
}

/* Once more if something is being moved: is it still, with no interrupt in between?  */
static int look_at(struct view_of_vectors *vv)
{
	bool first = !vv->before;
	int err = first ? look__take(&vv->look) : look__again(&vv->look, &vv->before);

	if (!err && first && view_of(vv->look.o) != OF_CPU && any_moves(vv->look.snap)) {
		usleep(MOVE_SECONDS * 1e6);
		err = look__again(&vv->look, &vv->before);
	}
	if (err || !vv->before || !vec_mark_stuck(vv->look.snap, vv->before))
		return err;
	pr_err("%s\n", errstr(-ENOMEM));
	return MSITRACE_EXIT_CANNOT_RUN;
}

/* On a terminal each view begins at its top, elsewhere below the one before.  */
static void print_head(const struct options *o, bool first)
{
	time_t t = time(NULL);
	struct tm tm;
	char when[16];

	if (o->raw || o->noheadings || !strcmp(o->format, "json"))
		return;
	if (isatty(STDOUT_FILENO))
		fputs("\033[H\033[2J", stdout);
	else if (!first)
		putchar('\n');
	if (localtime_r(&t, &tm) && strftime(when, sizeof(when), "%H:%M:%S", &tm))
		printf("%s, every %g s\n\n", when, o->watch);
}

static int list(struct view_of_vectors *vv, struct table **t)
{
	struct look *l = &vv->look;
	const struct options *o = l->o;
	bool first = !l->snap->nr_vectors && !vv->before;
	int err = look_at(vv);

	if (err)
		return err;
	if (!l->snap->nr_cpus && !o->idle) {
		pr_err("this kernel does not show the vectors of its CPUs: no vector_matrix (x86 has one) in /proc/kallsyms; try snapshot\n");
		return MSITRACE_EXIT_CANNOT_RUN;
	}
	if (vv->watch)
		print_head(o, first);
	look__say_odd(l);
	err = fill(vv, *t);
	if (err == -ENOENT) {
		pr_err("no CPU %s; the kernel has vectors for %zu CPUs\n", o->cpu, l->snap->nr_cpus);
		return MSITRACE_EXIT_CANNOT_RUN;
	}
	if (!err && view_of(o) == HOLDERS && !o->raw && !o->noheadings && strcmp(o->format, "json"))
		print_map(l->snap);
	err = listing_print(TAKE_PTR(*t), err);
	return err ?: look__verdict(l);
}

static int new_table(const struct options *o, struct table_opts *to, struct table **t)
{
	const struct listing_view *view = &vectors_views[view_of(o)];
	struct options with = *o;

	if (o->watch && o->idle && !o->output && !strcmp(o->format, "json"))
		with.output = "+STACK";
	to->name = view->name;
	return listing_new_view(CMD_VECTORS, view, &with, to, t);
}

/* The last list decides, and whether all that failed was seen; none at all cannot be.  */
static int repeat(struct view_of_vectors *vv, struct table_opts *to, struct table **t)
{
	const struct options *o = vv->look.o;
	double end = o->duration ? session_now() + o->duration : 0, left;
	int ret, err = watch__start(vv->watch);

	while (!err) {
		ret = list(vv, t);
		err = ret == MSITRACE_EXIT_INCONCLUSIVE ? 0 : ret;
		err = err ?: watch__show(vv->watch);
		left = end ? end - session_now() : o->watch;
		if (err || session_stopped() || left <= 0)
			break;
		err = watch__wait(vv->watch, left < o->watch ? left : o->watch);
		if (err || !session_stopped()) {
			err = err ?: new_table(o, to, t);
			continue;
		}
		err = watch__show(vv->watch);	/* of what the signal cut short */
		break;
	}
	if (err)
		return err;
	return vv->watch->missed ? MSITRACE_EXIT_INCONCLUSIVE : ret;
}

int cmd_vectors(const struct options *o)
{
	struct view_of_vectors vv = { .look.o = o };
	struct table_opts to = {};
	struct table *t = NULL;
	struct watch watch = {};
	int ret;

	ret = new_table(o, &to, &t);
	if (o->watch) {
		vv.watch = &watch;
		ret = ret ?: watch__prepare(&watch, &vv.look);
	}
	ret = ret ?: look__open(&vv.look, o);
	ret = ret ?: o->watch ? repeat(&vv, &to, &t) : list(&vv, &t);
	look__close(&vv.look);
	snapshot__free(vv.before);
	watch__close(&watch);
	table__free(t);
	return ret;
}
