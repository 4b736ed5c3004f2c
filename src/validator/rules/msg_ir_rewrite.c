// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  the message of a remapped interrupt is written when the interrupt is moved, or twice while it is
 *          activated
 * nearest that does not:  the same without remapping; a message that is restored after resume
 */
#include "../rule_ctx.h"

static void report(struct rule_ctx *rc, const struct msi_ev_msg_write *ev, const char *what,
		   const char *when)
{
	struct report r = report_of_write(rc, ev, what);
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_message(f,
			"the message of virq %u of %s is written %s; it is remapped, where it goes is in the "
			"table of the remapping unit, and the message only says which entry", ev->irq,
			word_device(rc, &r).s, when);
	finding_of_write(rc, f, ev);
	rule_emit(rc, f);
}

/* Whether it is remapped is known when its first activation is over.  */
static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_msg_write *ev = (const struct msi_ev_msg_write *)e;
	const struct virq *vq = rc->scene->virq;

	if (!vq || !vq->in.remapped || message_is_empty(ev))
		return;
	if (ev->context == MSI_CONTEXT_AFFINITY) {
		rule_judged(rc);
		report(rc, ev, "written while it is moved", "while it is moved");
	} else if (ev->context == MSI_CONTEXT_ACTIVATION && vq->writes_epoch == rc->model->use_epoch) {
		rule_judged(rc);
		if (vq->writes > 1)
			report(rc, ev, "written again", "a second time while it is activated");
	}
}

const struct rule rule_msg_ir_rewrite = {
	.id = "msg_ir_rewrite",
	.severity = SEV_STATE,
	.check = check,
	.summary = "message of a remapped interrupt written when it is moved",
	.doc = "\"With interrupt remapping the affinity change happens at the IRTE level and not at the device "
	       "level. It's a one time setup for the device\" (Thomas Gleixner, in the discussion of the MSI "
	       "rework). The remapping domain says that all is done (IRQ_SET_MASK_OK_DONE), and "
	       "msi_domain_set_affinity() writes nothing then.",
	.advice = "The irq_set_affinity() of a chip above a remapping domain returns what its parent returns, and "
		  "writes no message if that is IRQ_SET_MASK_OK_DONE.",
	.blind = "The first activation of an interrupt: whether it is remapped is known when that is over.",
	.wrong = "ret = parent->chip->irq_set_affinity(parent, mask, force);\n"
		 "if (ret >= 0)\n"
		 "    my_write_msg(irqd);",
	.right = "ret = parent->chip->irq_set_affinity(parent, mask, force);\n"
		 "if (ret >= 0 && ret != IRQ_SET_MASK_OK_DONE)\n"
		 "    my_write_msg(irqd);",
	.alike = "Interrupts that are not remapped, also on a machine that remaps others.\n"
		 "A message that is restored after resume, or deleted.\n"
		 "One write per activation: when it is allocated, and when it is requested.",
	.wants = EV(MSG_WRITE),
	.needs = EV(ACTIVATE) | EV(MSG_WRITE) | EV(IRQ_FREE),
	.uses = EV(ACTIVATE) | EV(IRQ_FREE) | EV(ASSOC),
	.needs_lossless = true,
	.profiles = PROFILE_X86_IR,
	.since = KVER(5, 10),
};
