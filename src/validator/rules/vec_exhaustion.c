// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  request_irq() after drivers have taken every vector of every CPU: -ENOSPC
 * nearest that does not:  -ENOSPC for a narrow affinity mask, and success for a wider one
 */
#include <stdio.h>
#include <string.h>

#include "../rule_ctx.h"
#include "msitrace/hook_ids.h"
#include "../vectors.h"

#define RETRY_NS	100000000ull	/* within it a wider mask is a second try of the same move */
#define PENDING_MAX	8		/* moves that may yet be tried again */

#define CALL_NS		200000000ull	/* from the vector that a driver was not given until its call ends */

/* What the counters were when it failed; a later look says something else.  */
struct evidence {
	struct phrase room;
	char object[sizeof(((struct finding *)0)->object)];
	char held[sizeof(((struct finding *)0)->held)];
};

/* Refused, and may be asked for once more, and be given.  */
struct pending {
	struct evidence seen;
	bool used;
	uint32_t epoch, irq;		/* irq: 0, vectors of a driver */
	uint64_t ts_ns;
	union {
		struct msi_event_hdr h;
		struct msi_ev_aff aff;
		struct msi_ev_aff_write write;
		struct msi_ev_pci_vectors vectors;
	} e;
};

struct state {
	struct pending pending[PENDING_MAX];
	uint32_t next;
	struct set_up {			/* by the PCI core, which found too few vectors */
		uint64_t dev;		/* 0: free */
		uint64_t ts_ns;
		uint32_t tid;
	} set_ups[PENDING_MAX];
	uint32_t next_set_up;
	uint32_t refused;		/* virq whose move was refused last, */
	uint64_t refused_cpus;		/* and where it was to go */
};

static uint64_t age(uint64_t ts, uint64_t now)
{
	return now > ts ? now - ts : 0;	/* records of two CPUs may be out of order */
}

/* At least one CPU has none, so that it was the vectors that ran out, and not something below.  */
static bool is_full(const struct rule_ctx *rc, uint64_t ts)
{
	const struct matrix *mx = &rc->model->matrix;

	if (!mx->known || ts < mx->ts_ns || ts - mx->ts_ns > LOOK_NS)
		return false;
	for (uint32_t i = 0; i < mx->nr; i++)
		if (mx->cpus[i].online && !mx->cpus[i].available)
			return true;
	return false;
}

/* None of these CPUs has one; which of those above 63 were meant, is not known.  */
static bool are_full(const struct rule_ctx *rc, uint64_t ts, uint64_t cpus)
{
	return is_full(rc, ts) && (!cpus || !vectors_free(&rc->model->matrix, cpus));
}

struct failure {
	const struct msi_event_hdr *e;
	uint32_t irq;
	const char *what, *could_not;
};

/* "2 free on CPU 0, 90 on all 2 CPUs" */
static struct phrase how_many(const struct matrix *mx, uint64_t cpus)
{
	struct phrase p;
	int len = 0;

	if (cpus != VECTORS_ALL)
		len = snprintf(p.s, sizeof(p.s), "%u are free on %s, ", vectors_free(mx, cpus), word_cpus(cpus).s);
	snprintf(p.s + len, sizeof(p.s) - len, "%s, %u are reserved", vectors_room(mx).s, mx->reserved);
	return p;
}

static void see(struct rule_ctx *rc, const struct msi_event_hdr *e, uint64_t cpus, struct evidence *seen)
{
	struct finding f = { 0 };

	vectors_object(&f, &rc->model->matrix);
	vectors_held(rc, &f, e, cpus);
	memcpy(seen->object, f.object, sizeof(seen->object));
	memcpy(seen->held, f.held, sizeof(seen->held));
	seen->room = how_many(&rc->model->matrix, cpus);
}

static void show(struct finding *f, const struct evidence *seen)
{
	memcpy(f->object, seen->object, sizeof(seen->object));
	memcpy(f->held, seen->held, sizeof(seen->held));
}

static void report_failure(struct rule_ctx *rc, const struct failure *fl, const struct evidence *seen)
{
	const struct virq *vq = model__virq(rc->model, fl->irq);
	struct report r = { .e = fl->e, .what = fl->what, .dev = vq ? vq->dev : NULL };
	struct vector_holder top[VECTOR_HOLDERS];
	struct finding *f;

	f = rule_report(rc, &r);
	if (!f)
		return;
	show(f, seen);
	finding_message(f, "virq %u of %s %s: it needs one vector, %s%s", fl->irq, word_device(rc, &r).s,
			fl->could_not, seen->room.s, vector_holders_text(top, vector_holders(rc->model, top)).s);
	if (vq && vq->asked.when.how == MOMENT_SEEN) {
		finding_setup(rc, f, "affinity asked for", &vq->asked.when);
		finding_more(rc, f, "interrupt associated", &vq->associated);
	} else if (vq) {
		finding_setup(rc, f, "interrupt associated", &vq->associated);
	}
	if (vq)
		finding_life_virq(rc, f, vq);
	rule_emit(rc, f);
}

static void activate(struct rule_ctx *rc, const struct msi_ev_activate *ev)
{
	struct evidence seen;

	if (ev->reserve || !rc->model->matrix.known)
		return;
	if (ev->ret == ENOSPC_RET && !is_full(rc, ev->h.ts_ns))
		return;
	rule_judged(rc);
	if (ev->ret != ENOSPC_RET)
		return;
	see(rc, &ev->h, VECTORS_ALL, &seen);
	report_failure(rc, &(struct failure){ .e = &ev->h, .irq = ev->irq, .what = "no vector for it",
					      .could_not = "cannot be started" }, &seen);
}

static void report_fewer(struct rule_ctx *rc, const struct msi_ev_pci_vectors *ev, const struct evidence *seen);

/* Changes when what cancels a failure may have been lost.  */
static uint32_t epoch_of(const struct rule_ctx *rc, uint32_t irq)
{
	const struct model *m = rc->model;

	return irq ? m->aff_epoch + m->ask_epoch : m->try_epoch;
}

static void give_up(struct rule_ctx *rc, struct pending *p)
{
	bool written = p->e.h.type == MSI_EV_AFF_WRITE;

	if (p->used && p->irq && p->epoch != epoch_of(rc, p->irq))
		rule_inconclusive(rc, "whether virq %u was moved elsewhere was lost", p->irq);
	else if (p->used && p->epoch != epoch_of(rc, p->irq))
		rule_inconclusive(rc, "whether the driver was given vectors after all was lost");
	else if (p->used && !p->irq)
		report_fewer(rc, &p->e.vectors, &p->seen);
	else if (p->used)
		report_failure(rc, &(struct failure){ .e = &p->e.h, .irq = p->irq,
						      .what = written ? "write of its affinity refused" :
								"no vector for it there",
						      .could_not = "cannot be moved" }, &p->seen);
	p->used = false;
}

/* Failures are judged when it is too late for a second try.  */
static void in_time(struct rule_ctx *rc, uint64_t now)
{
	struct state *st = rc->state;

	for (int i = 0; i < PENDING_MAX; i++)
		if (st->pending[i].used && age(st->pending[i].ts_ns, now) > RETRY_NS)
			give_up(rc, &st->pending[i]);
}

static struct pending *wait_for_retry(struct rule_ctx *rc, const struct msi_event_hdr *e, uint32_t irq, uint64_t cpus)
{
	struct state *st = rc->state;
	struct pending *p = &st->pending[st->next++ % PENDING_MAX];

	rule_judged(rc);
	give_up(rc, p);
	*p = (struct pending){ .used = true, .epoch = epoch_of(rc, irq), .irq = irq, .ts_ns = e->ts_ns };
	see(rc, e, cpus, &p->seen);
	return p;
}

/* It was moved.  */
static void forget_move(struct rule_ctx *rc, uint32_t irq)
{
	struct state *st = rc->state;

	for (int i = 0; i < PENDING_MAX; i++)
		if (st->pending[i].irq == irq)
			st->pending[i].used = false;
}

static void affinity(struct rule_ctx *rc, const struct msi_ev_aff *ev)
{
	if (ev->ret >= 0)
		forget_move(rc, ev->irq);
	if (ev->ret >= 0 && rc->model->matrix.known)
		rule_judged(rc);
	if (ev->ret == ENOSPC_RET && are_full(rc, ev->h.ts_ns, ev->requested))
		wait_for_retry(rc, &ev->h, ev->irq, ev->requested)->e.aff = *ev;
}

static void asked(struct rule_ctx *rc, const struct msi_ev_aff_ask *ev)
{
	struct state *st = rc->state;

	if (!ev->ret)
		forget_move(rc, ev->irq);
	if (ev->ret != ENOSPC_RET)
		return;
	st->refused = ev->irq;
	st->refused_cpus = ev->requested;
}

/* The caller knows at once, and may write another list.  */
static void written(struct rule_ctx *rc, const struct msi_ev_aff_write *ev)
{
	struct state *st = rc->state;
	uint64_t cpus = st->refused == ev->irq && st->refused_cpus ? st->refused_cpus : VECTORS_ALL;

	if (ev->ret != ENOSPC_RET || !are_full(rc, ev->h.ts_ns, cpus == VECTORS_ALL ? 0 : cpus))
		return;
	forget_move(rc, ev->irq);
	wait_for_retry(rc, &ev->h, ev->irq, cpus)->e.write = *ev;
}

/* --- drivers that ask for many ------------------------------------------------------------ */

static struct set_up *set_up_of(struct state *st, const struct msi_event_hdr *e)
{
	for (int i = 0; i < PENDING_MAX; i++)
		if (st->set_ups[i].dev == e->dev && st->set_ups[i].tid == e->tid &&
		    age(st->set_ups[i].ts_ns, e->ts_ns) <= LOOK_NS)
			return &st->set_ups[i];
	return NULL;
}

/* The last look was made because this call was not given one.  */
static bool ran_out(const struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct matrix *mx = &rc->model->matrix;

	return mx->asked && is_full(rc, e->ts_ns) && e->ts_ns - mx->ts_ns <= CALL_NS;
}

/* A positive value: so many there could have been.  */
static void set_up(struct rule_ctx *rc, const struct msi_ev_pci_enable *ev)
{
	struct state *st = rc->state;
	struct set_up *su;

	if (!ev->h.dev || !(ev->ret > 0 || ev->ret == ENOSPC_RET) || !ran_out(rc, &ev->h) ||
	    set_up_of(st, &ev->h))
		return;
	su = &st->set_ups[st->next_set_up++ % PENDING_MAX];
	*su = (struct set_up){ .dev = ev->h.dev, .tid = ev->h.tid, .ts_ns = ev->h.ts_ns };
}

/* He who does with fewer is told, and nothing is wrong.  */
static void report_fewer(struct rule_ctx *rc, const struct msi_ev_pci_vectors *ev, const struct evidence *seen)
{
	struct report r = { .e = &ev->h, .what = ev->ret < 0 ? "no vectors given" : "fewer vectors given",
			    .note = ev->ret > 0 };
	struct finding *f = rule_report(rc, &r);
	struct word got;

	if (!f)
		return;
	snprintf(got.s, sizeof(got.s), ev->ret < 0 ? "was refused (%d)" : "was given %d", ev->ret);
	show(f, seen);
	finding_message(f, "%s asked for %u to %u vectors and %s: %s", word_device(rc, &r).s, ev->min, ev->max,
			got.s, seen->room.s);
	rule_emit(rc, f);
}

/* The same driver was given some after all.  */
static void forget_vectors(struct rule_ctx *rc, uint64_t dev)
{
	struct state *st = rc->state;

	for (int i = 0; i < PENDING_MAX; i++)
		if (st->pending[i].used && !st->pending[i].irq && st->pending[i].e.h.dev == dev)
			st->pending[i].used = false;
}

static void asked_for(struct rule_ctx *rc, const struct msi_ev_pci_vectors *ev)
{
	struct set_up *su = set_up_of(rc->state, &ev->h);
	struct evidence seen;

	if (ev->ret > 0)
		forget_vectors(rc, ev->h.dev);
	if (!su)
		return;
	su->dev = 0;
	if (ev->single_msi)
		return;
	rule_judged(rc);
	if (ev->ret < 0) {
		wait_for_retry(rc, &ev->h, 0, VECTORS_ALL)->e.vectors = *ev;
	} else if ((uint32_t)ev->ret < ev->max) {
		see(rc, &ev->h, VECTORS_ALL, &seen);
		report_fewer(rc, ev, &seen);
	}
}

static void overcommitted(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct matrix *mx = &rc->model->matrix;
	struct vector_holder top[VECTOR_HOLDERS];
	uint32_t nr = vector_holders(rc->model, top);
	struct report r = { .e = e, .what = "more reserved than free", .key = 1,
			    .dev = nr && top[0].idle ? top[0].dev : NULL };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	vectors_object(f, mx);
	vectors_held(rc, f, e, VECTORS_ALL);
	finding_message(f,
			"%u interrupts hold a reservation, and %s: a later request_irq() can fail%s",
			mx->reserved, vectors_room(mx).s, vector_holders_text(top, nr).s);
	if (nr && top[0].idle) {
		finding_setup(rc, f, "interrupt associated", &top[0].one->associated);
		finding_life_virq(rc, f, top[0].one);
	}
	rule_emit(rc, f);
}

/* One more than there are may be in flight: the counters are not changed at one stroke.  */
static void looked(struct rule_ctx *rc, const struct msi_ev_matrix *ev)
{
	const struct matrix *mx = &rc->model->matrix;

	/* in the middle of an allocation that fails, and gives back what it took */
	if (ev->h.hook == HOOK_vector_alloc || ev->h.hook == HOOK_pci_enable || !vectors_counted(rc, ev))
		return;
	rule_judged(rc);
	if (mx->reserved > mx->available + 1ull)
		overcommitted(rc, &ev->h);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	in_time(rc, e->ts_ns);
	if (e->type == MSI_EV_MATRIX)
		looked(rc, (const struct msi_ev_matrix *)e);
	else if (e->type == MSI_EV_ACTIVATE)
		activate(rc, (const struct msi_ev_activate *)e);
	else if (e->type == MSI_EV_AFF)
		affinity(rc, (const struct msi_ev_aff *)e);
	else if (e->type == MSI_EV_AFF_ASK)
		asked(rc, (const struct msi_ev_aff_ask *)e);
	else if (e->type == MSI_EV_AFF_WRITE)
		written(rc, (const struct msi_ev_aff_write *)e);
	else if (e->type == MSI_EV_PCI_ENABLE)
		set_up(rc, (const struct msi_ev_pci_enable *)e);
	else if (e->type == MSI_EV_PCI_VECTORS)
		asked_for(rc, (const struct msi_ev_pci_vectors *)e);
}

static void finish(struct rule_ctx *rc)
{
	struct state *st = rc->state;

	for (int i = 0; i < PENDING_MAX; i++)
		give_up(rc, &st->pending[i]);
}

const struct rule rule_vec_exhaustion = {
	.id = "vec_exhaustion",
	.severity = SEV_LOST,
	.check = check,
	.finish = finish,
	.state_size = sizeof(struct state),
	.summary = "no x86 vector left, or more reserved than there are",
	.doc = "A CPU of x86 has some 200 vectors for all devices. An interrupt that is allocated holds "
	       "a reservation only, and gets its vector from request_irq(), which fails with -ENOSPC "
	       "when no CPU has one. kernel/irq/matrix.c warns once when that becomes possible: "
	       "\"Interrupt reservation exceeds available resources\". Judged by the counters of "
	       "struct irq_matrix, when msitrace starts and ends and when an interrupt cannot be "
	       "started or moved, or a driver is given fewer vectors than it asked for: a note, if it "
	       "takes them.",
	.advice = "Allocate fewer vectors: begin with the devices that the finding names, and see "
		  "vec_never_requested. More CPUs bring more vectors.",
	.blind = "Pools of other architectures, and those of interrupt remapping tables; with remapping, "
		 "moves that fail and were not asked for by a write to /proc/irq. Allocations that fail "
		 "and are not made by pci_alloc_irq_vectors(). Counters that are exceeded by one.",
	.wrong = "pci_alloc_irq_vectors(pdev, 1, 2048, PCI_IRQ_MSIX);\n"
		 "for (i = 0; i < 2048; i++)\n"
		 "    request_irq(pci_irq_vector(pdev, i), ...); /* two CPUs have 400 */",
	.right = "pci_alloc_irq_vectors(pdev, 1, num_online_cpus() + 1, PCI_IRQ_MSIX);",
	.alike = "A driver that asks for many and does with fewer: a note.\n"
		 "-EBUSY while an interrupt is still being moved.\n"
		 "-ENOSPC for a narrow mask, followed by success for a wider one.\n"
		 "-ENOSPC of an interrupt controller, while CPUs have vectors.\n"
		 "Interrupts of s390 and powerpc, which have other pools.",
	.wants = EV(END) | EV(MATRIX) | EV(ACTIVATE) | EV(AFF) | EV(AFF_ASK) | EV(AFF_WRITE) | EV(PCI_ENABLE) | EV(PCI_VECTORS),
	.needs_any = { EV(ACTIVATE) | EV(AFF) },
	.uses = EV(MATRIX_CPU),
	.needs_lossless = true,
	.since = KVER(5, 10),
	.profiles = PROFILE_X86 | PROFILE_X86_IR,
};
