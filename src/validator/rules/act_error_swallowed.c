// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  an interrupt whose activation fails, and a request_irq() that returns 0
 * nearest that does not:  the same, and request_irq() returns the error
 */
#include "../rule_ctx.h"

#define ERRORS_MAX 16	/* that are remembered until the call around them returns */

/* An activation that failed, inside of a call that has not returned yet.  */
struct error {
	uint64_t dev;		/* 0: free */
	uint32_t irq, tid;
	int32_t ret;
	struct moment when;
};

struct state {
	struct error errors[ERRORS_MAX];
	uint32_t next, epoch;
};

/* An activation that succeeded, or the end of the call, may have been missed.  */
static void forget_after_loss(struct rule_ctx *rc, struct state *st)
{
	const struct model *m = rc->model;
	uint32_t epoch = m->use_epoch + m->call_epoch + m->resize_epoch;

	if (st->epoch == epoch)
		return;
	for (int i = 0; i < ERRORS_MAX; i++)
		if (st->errors[i].dev)
			rule_inconclusive(rc, "what became of the error of virq %u was lost",
					  st->errors[i].irq);
	*st = (struct state){ .epoch = epoch };
}

static struct error *error_of(struct state *st, uint32_t irq, uint32_t tid)
{
	for (int i = 0; i < ERRORS_MAX; i++) {
		struct error *er = &st->errors[i];

		if (er->dev && er->irq == irq && (!tid || er->tid == tid))
			return er;
	}
	return NULL;
}

static void activate(struct rule_ctx *rc, const struct msi_ev_activate *ev)
{
	struct state *st = rc->state;
	struct error *er = error_of(st, ev->irq, ev->h.tid);

	if (!ev->ret) {		/* by whomever: it is activated now */
		while ((er = error_of(st, ev->irq, 0)))
			er->dev = 0;
		return;
	}
	if (!er)
		er = &st->errors[st->next++ % ERRORS_MAX];
	*er = (struct error){ .dev = ev->h.dev, .irq = ev->irq, .tid = ev->h.tid, .ret = ev->ret };
	moment_set(rc->model, &er->when, &ev->h, &ev->stack);	/* without memory, no stack */
}

/* `e` is who succeeded, `what` did it.  */
static void report(struct rule_ctx *rc, const struct msi_event_hdr *e, const char *what,
		   const struct error *er)
{
	const struct virq *vq = model__virq(rc->model, er->irq);
	struct report r = { .e = e, .what = "succeeded after an error" };
	struct finding *f;

	r.dev = model__device(rc->model, er->dev);
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object_virq(f, er->irq, vq);
	finding_message(f,
			"virq %u of %s could not be activated (%d), but %s says that it succeeded: "
			"nobody knows that the interrupt will not arrive",
			er->irq, word_device(rc, &r).s, er->ret, what);
	finding_setup(rc, f, "activation failed", &er->when);
	finding_life(rc, f, "activation failed", &er->when);
	if (vq)
		finding_life_virq(rc, f, vq);
	rule_emit(rc, f);
}

static void request(struct rule_ctx *rc, const struct msi_ev_request *ev)
{
	struct error *er = error_of(rc->state, ev->irq, ev->h.tid);

	if (!ev->ret || er)
		rule_judged(rc);
	if (er && !ev->ret)
		report(rc, &ev->h, "request_irq()", er);
	if (er)
		er->dev = 0;
}

/* The call begins: what failed before was somebody else's.  */
static void forget_of(struct state *st, uint64_t dev, uint32_t tid)
{
	for (int i = 0; i < ERRORS_MAX; i++)
		if (st->errors[i].dev == dev && st->errors[i].tid == tid)
			st->errors[i].dev = 0;
}

/* A positive value is an error, too: so many there could have been.  */
static void alloc_end(struct rule_ctx *rc, const struct msi_ev_alloc_end *ev)
{
	const struct msi_data *md = rc->scene->md;
	const struct alloc_call *call = md ? md->call : NULL;
	struct state *st = rc->state;

	rule_judged(rc);
	for (int i = 0; i < ERRORS_MAX && !ev->ret; i++) {
		const struct error *er = &st->errors[i];

		if (er->dev == ev->h.dev && er->tid == ev->h.tid)
			report(rc, call && call->ev.h.tid == er->tid ? &call->ev.h : &ev->h,
			       "the allocation", er);
	}
	forget_of(st, ev->h.dev, ev->h.tid);
}

static void irq_gone(struct state *st, uint32_t irq)
{
	struct error *er;

	while ((er = error_of(st, irq, 0)))
		er->dev = 0;
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	forget_after_loss(rc, rc->state);
	if (e->type == MSI_EV_ACTIVATE)
		activate(rc, (const struct msi_ev_activate *)e);
	else if (e->type == MSI_EV_REQUEST)
		request(rc, (const struct msi_ev_request *)e);
	else if (e->type == MSI_EV_ALLOC)
		forget_of(rc->state, e->dev, e->tid);
	else if (e->type == MSI_EV_ALLOC_END)
		alloc_end(rc, (const struct msi_ev_alloc_end *)e);
	else
		irq_gone(rc->state, ((const struct msi_ev_unrequest *)e)->irq);
}

const struct rule rule_act_error_swallowed = {
	.id = "act_error_swallowed",
	.severity = SEV_LOST,
	.check = check,
	.state_size = sizeof(struct state),
	.summary = "interrupt that could not be activated, and nobody was told",
	.doc = "Activation may fail: there is no vector left, the interrupt remapping table or the "
	       "hypervisor refuses. msi_init_virq() and request_irq() hand the error to their caller. "
	       "\"Managed interrupts have reserved resources, so this should not happen\" "
	       "(__irq_startup_managed(), kernel/irq/chip.c): there the kernel warns, does not start "
	       "the interrupt, and request_irq() returns 0.",
	.advice = "Find out why the activate callback of the irq domain fails: the second stack shows "
		  "where. A domain_alloc_irqs() of your own returns the error of its interrupts.",
	.blind = "Errors of moves; whether the levels below were undone; errors of interrupts that are "
		 "started by enable_irq() or when a CPU comes online.",
	.wrong = "static int act(struct irq_domain *d, struct irq_data *irqd, bool reserve)\n"
		 "{\n"
		 "    return reserve ? 0 : -EIO;  /* of a managed interrupt */",
	.right = "static int act(struct irq_domain *d, struct irq_data *irqd, bool reserve)\n"
		 "{\n"
		 "    return reserve ? program_entry(irqd) : 0;",
	.alike = "The call fails, or returns how many interrupts there could have been.\n"
		 "A second try that succeeds, in a wider mask or with fewer vectors.\n"
		 "A move that fails with -EBUSY: the one before is not over.",
	.wants = EV(ACTIVATE) | EV(REQUEST) | EV(UNREQUEST) | EV(ALLOC) | EV(ALLOC_END),
	.needs = EV(ACTIVATE),
	.needs_any = { EV(REQUEST) | EV(ALLOC_END) },
	.needs_lossless = true,
	.since = KVER(5, 10),
};
