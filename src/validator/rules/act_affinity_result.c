// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  a chip whose irq_set_affinity() says OK and writes no message
 * nearest that does not:  the same saying DONE; or -EBUSY
 */
#include <stdio.h>

#include "../rule_ctx.h"

struct state {
	uint32_t epoch;		/* model::msg_epoch: messages may have been written unseen */
};

enum { SET_OK, SET_OK_NOCOPY, SET_OK_DONE };	/* include/linux/irq.h */

static struct phrase flaw(const struct msi_ev_aff *ev)
{
	struct phrase p = { "" };

	if (ev->ret == SET_OK_DONE && ev->writes)
		snprintf(p.s, sizeof(p.s), "said that there is nothing to write (DONE), and wrote %u message%s",
			 ev->writes, ev->writes == 1 ? "" : "s");
	else if (ev->ret != SET_OK_DONE && !ev->writes)
		snprintf(p.s, sizeof(p.s), "succeeded (%d), and wrote no message", ev->ret);
	else if (ev->requested && (ev->effective & ~ev->requested))
		snprintf(p.s, sizeof(p.s), "moved it to CPUs %llx, where %llx were asked for",
			 (unsigned long long)ev->effective, (unsigned long long)ev->requested);
	return p;
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_aff *ev = (const struct msi_ev_aff *)e;
	const struct virq *vq = model__virq(rc->model, ev->irq);
	struct report r = { .e = e, .what = "moved", .dev = vq ? vq->dev : NULL };
	struct state *st = rc->state;
	struct finding *f;
	struct phrase bad;

	if (st->epoch != rc->model->msg_epoch) {
		st->epoch = rc->model->msg_epoch;
		return;
	}
	if (ev->ret < 0 || !(ev->flags & MSI_DESC_PCI) ||
	    ((ev->irqd | ev->now_irqd) & MSI_IRQD_MANAGED_SHUTDOWN))
		return;
	rule_judged(rc);
	bad = flaw(ev);
	if (!bad.s[0])
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object_virq(f, ev->irq, vq);
	finding_message(f, "%s() of virq %u of %s %s: the device may still send to the old CPU",
			event_function(rc, e), ev->irq, word_device(rc, &r).s, bad.s);
	if (vq) {
		finding_setup(rc, f, "handler requested", &vq->requested);
		finding_life_virq(rc, f, vq);
	}
	rule_emit(rc, f);
}

const struct rule rule_act_affinity_result = {
	.id = "act_affinity_result",
	.severity = SEV_LOST,
	.check = check,
	.state_size = sizeof(struct state),
	.summary = "interrupt moved without its message, or to another CPU than asked for",
	.doc = "Where the parent moved the interrupt and did not say IRQ_SET_MASK_OK_DONE, "
	       "msi_domain_set_affinity() composes the new message and writes it; and so does x86's "
	       "msi_set_affinity(). The effective mask is part of the one that was asked for.",
	.advice = "An irq_set_affinity() that changes where the message must go returns IRQ_SET_MASK_OK, "
		  "and irq_write_msi_msg() writes what it is given.",
	.wrong = "static void write_msg(struct irq_data *d, struct msi_msg *msg)\n"
		 "{\n"
		 "    if (!priv->first++)\n"
		 "        pci_msi_domain_write_msg(d, msg);\n"
		 "}",
	.right = "static void write_msg(struct irq_data *d, struct msi_msg *msg)\n"
		 "{\n"
		 "    pci_msi_domain_write_msg(d, msg);\n"
		 "}",
	.alike = "A move that fails, also with -EBUSY: nothing is written.\n"
		 "Interrupt remapping: the message stays, its table entry changes.\n"
		 "Two messages for one move.",
	.blind = "CPUs above 63.",
	.wants = EV(AFF),
	.needs = EV(AFF) | EV(MSG_WRITE),
	.since = KVER(5, 10),
	.profiles = PROFILE_X86,
};
