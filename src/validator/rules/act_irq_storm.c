// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  a device that raises an interrupt more often than the limit that the user has set
 * nearest that does not:  the same without a limit, or as often as the limit says
 */
#include "../rule_ctx.h"

enum { PARAM_PER_SECOND };	/* ORDER: params */

static void report(struct rule_ctx *rc, const struct msi_ev_storm *ev)
{
	const struct virq *vq = model__virq(rc->model, ev->irq);
	struct report r = { .e = &ev->h, .what = "fired too often", .key = ev->irq,
			    .dev = vq ? vq->dev : NULL };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object_virq(f, ev->irq, vq);
	finding_message(f,
			"virq %u of %s (\"%.24s\") fired %u times within %s, the limit is %llu per "
			"second; the device %s",
			ev->irq, word_device(rc, &r).s, ev->name, ev->count, word_ns(ev->window_ns).s,
			(unsigned long long)rule_param(rc, PARAM_PER_SECOND),
			ev->flags & (MSI_DESC_MSIX | MSI_DESC_CAN_MASK) ?
				"can be masked" : "cannot be masked, only its driver can stop it");
	if (vq) {
		finding_setup(rc, f, "handler requested", &vq->requested);
		finding_life_virq(rc, f, vq);
	}
	rule_emit(rc, f);
}

/* The end of an interrupt, or of the run: it was counted until now.  */
static void judged(struct rule_ctx *rc, uint64_t watched_ns)
{
	if (watched_ns)
		rule_judged(rc);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	if (!rule_param(rc, PARAM_PER_SECOND)) {
		rule_not_judged(rc, "no limit is set, with --set act_irq_storm.per_second=NUMBER");
		return;
	}
	if (e->type == MSI_EV_STORM) {
		rule_judged(rc);
		report(rc, (const struct msi_ev_storm *)e);
	} else if (e->type == MSI_EV_UNREQUEST) {
		judged(rc, ((const struct msi_ev_unrequest *)e)->watched_ns);
	} else if (e->type == MSI_EV_IRQ_LOOK) {
		judged(rc, ((const struct msi_ev_irq_look *)e)->watched_ns);
	}
}

const struct rule rule_act_irq_storm = {
	.id = "act_irq_storm",
	.severity = SEV_LOST,
	.check = check,
	.summary = "interrupt that fires more often than the limit that the user set",
	.doc = "A device that raises one interrupt after the other keeps a CPU from all else. Who can "
	       "stop it depends on where it can be masked: in the device, or not at all, since \"IR "
	       "unfortunately does not allow masking\" (Thomas Gleixner, on interrupt remapping). How "
	       "much is too much, the user says: without --set act_irq_storm.per_second=NUMBER nothing "
	       "is counted, and the rule is n/a.",
	.advice = "See whether the handler acknowledges the interrupt in the device; let the driver "
		  "coalesce interrupts, or poll.",
	.blind = "Seconds that begin between two interrupts; interrupts that are posted to a guest.",
	.wrong = "static irqreturn_t handler(int irq, void *data)\n"
		 "{\n"
		 "    return IRQ_HANDLED;  /* the device still has a reason */",
	.right = "static irqreturn_t handler(int irq, void *data)\n"
		 "{\n"
		 "    writel(readl(priv->status), priv->ack);\n"
		 "    return IRQ_HANDLED;",
	.alike = "Drivers that poll under load, as NAPI does: the limit is the user's.",
	.wants = EV(STORM) | EV(UNREQUEST) | EV(IRQ_LOOK) | EV(END),
	.needs = EV(REQUEST) | EV(UNREQUEST),
	.needs_lossless = true,
	.since = KVER(5, 10),
	.params = {
		[PARAM_PER_SECOND] = { "per_second", 0, "so many are too many; 0: not judged" },
	},
};
