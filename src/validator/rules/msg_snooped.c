// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  get_cached_msi_msg(irq, &msg); request_irq(irq, ..); and the device sends what msg says
 * nearest that does not:  request_irq(irq, ..); get_cached_msi_msg(irq, &msg); and it never moves
 */
#include <string.h>

#include "../rule_ctx.h"

#define READS_MAX 128

struct read {
	uint32_t irq;		/* 0: free */
	uint32_t tid;
	struct moment when;
};

struct state {
	uint32_t msg_epoch, virq_epoch;	/* of the model; otherwise messages or interrupts went unseen */
	uint32_t next, nr;
	struct read reads[READS_MAX];
};

static struct read *read_of(struct state *st, uint32_t irq)
{
	for (int i = 0; i < READS_MAX; i++)
		if (st->reads[i].irq == irq)
			return &st->reads[i];
	return NULL;
}

static void drop(struct state *st, struct read *rd)
{
	rd->irq = 0;
	st->nr--;
}

static struct read *live_read(struct state *st, uint32_t irq)
{
	return irq && st->nr ? read_of(st, irq) : NULL;
}

static void forget(struct state *st, uint32_t irq)
{
	struct read *rd = live_read(st, irq);

	if (rd)
		drop(st, rd);
}

static void note(struct rule_ctx *rc, const struct msi_ev_msg_read *e)
{
	struct state *st = rc->state;
	struct read *rd;

	if (!e->irq)
		return;
	forget(st, e->irq);
	rd = read_of(st, 0);
	if (!rd) {
		rule_inconclusive(rc, "more than %d messages were read", READS_MAX);
		rd = &st->reads[st->next++ % READS_MAX];
		drop(st, rd);
	}
	*rd = (struct read){ .irq = e->irq, .tid = e->h.tid };
	st->nr++;
	if (moment_set(rc->model, &rd->when, &e->h, &e->stack))
		drop(st, rd);	/* then it accuses nobody */
}

static void report(struct rule_ctx *rc, const struct msi_ev_msg_write *e, const struct read *rd)
{
	struct report r = report_of_write(rc, e, "changed under somebody who has read it");
	const struct virq *vq = model__virq(rc->model, e->irq);
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object_virq(f, e->irq, vq);
	finding_message(f,
			"the message of virq %u of %s becomes %x:%08x/%x, but %s has read it when it was "
			"%x:%08x/%x: what sends by that copy reaches nobody, or somebody else",
			e->irq, word_device(rc, &r).s, e->new_hi, e->new_lo, e->new_data,
			word_task(rd->when.comm, rd->when.tid).s, e->old_hi, e->old_lo, e->old_data);
	finding_setup(rc, f, "message read", &rd->when);
	finding_life(rc, f, "message read", &rd->when);
	if (vq)
		finding_life_virq(rc, f, vq);
	rule_emit(rc, f);
}

static void written(struct rule_ctx *rc, const struct msi_ev_msg_write *e)
{
	bool same = e->old_lo == e->new_lo && e->old_hi == e->new_hi && e->old_data == e->new_data;
	struct state *st = rc->state;
	struct read *rd = live_read(st, e->irq);
	bool own;

	if (!rd)
		return;
	rule_judged(rc);
	/* who reads it to write it (back), as vfio does it, does not keep it */
	own = e->context == MSI_CONTEXT_ELSEWHERE && e->h.tid == rd->tid;
	if (!same && !own && !message_is_empty(e))
		report(rc, e, rd);
	if (!same || own)
		drop(st, rd);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_irq_free *gone = (const struct msi_ev_irq_free *)e;
	const struct msi_ev_assoc *assoc = (const struct msi_ev_assoc *)e;
	struct state *st = rc->state;

	if (st->msg_epoch != rc->model->msg_epoch || st->virq_epoch != rc->model->virq_epoch) {
		memset(st, 0, sizeof(*st));
		st->msg_epoch = rc->model->msg_epoch;
		st->virq_epoch = rc->model->virq_epoch;
	}
	if (e->type == MSI_EV_MSG_READ)
		note(rc, (const struct msi_ev_msg_read *)e);
	else if (e->type == MSI_EV_MSG_WRITE)
		written(rc, (const struct msi_ev_msg_write *)e);
	else
		forget(st, e->type == MSI_EV_IRQ_FREE ? gone->irq : assoc->irq);
}

const struct rule rule_msg_snooped = {
	.id = "msg_snooped",
	.severity = SEV_LOST,
	.check = check,
	.summary = "message that a driver has read changed afterwards",
	.doc = "A message is what the interrupt core makes of an interrupt at the moment: the vector of "
	       "before request_irq() \"is just a place holder\", and each move has another one, without "
	       "interrupt remapping. A driver that gives its device a copy (ath11k does, dw-edma does "
	       "with get_cached_msi_msg()) is not told.",
	.advice = "Read it after request_irq(), and again whenever it changes (msi_desc::write_msi_msg); "
		  "or forbid moves with IRQF_NOBALANCING.",
	.wrong = "get_cached_msi_msg(irq, &msg);\n"
		 "request_irq(irq, handler, 0, \"dma\", priv);\n"
		 "write_to_device(&msg);",
	.right = "request_irq(irq, handler, IRQF_NOBALANCING, \"dma\", priv);\n"
		 "get_cached_msi_msg(irq, &msg);\n"
		 "write_to_device(&msg);",
	.alike = "vfio reads the message and writes it back at once.\n"
		 "The same message, written again.\n"
		 "Zeros, when the interrupt is shut down: the copy is of no use then.",
	.blind = "Drivers that look into msi_desc::msg, or into their own MSI capability, by "
		 "themselves.",
	.wants = EV(MSG_READ) | EV(MSG_WRITE) | EV(IRQ_FREE) | EV(ASSOC),
	.needs = EV(MSG_READ) | EV(MSG_WRITE),
	.needs_lossless = true,
	.state_size = sizeof(struct state),
	.since = KVER(5, 10),
};
