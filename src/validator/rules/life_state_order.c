// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  free_irq(); free_irq(); of a vector that had one handler
 * nearest that does not:  free_irq(); request_irq(); free_irq();
 */
#include "../rule_ctx.h"

struct step {
	uint32_t irq;
	const char *what, *harm;	/* NULL: nothing is wrong */
	const char *before_name;
	const struct moment *before;
};

/* The handler is the kernel's own answer: irqaction of the interrupt, read when free_irq() was entered.  */
static bool handler_freed(const struct msi_event_hdr *e, const struct virq *vq, struct step *s)
{
	const struct msi_ev_unrequest *ev = (const struct msi_ev_unrequest *)e;

	if (!ev->desc)
		return false;
	s->irq = ev->irq;
	if (ev->handler || ev->name[0])
		return true;
	s->what = "handler freed, but none is installed";
	s->harm = "whoever counts on it has freed one handler twice, or that of another interrupt";
	if (vq) {
		s->before_name = "interrupt associated";
		s->before = &vq->associated;
	}
	return true;
}

static bool activated(const struct msi_event_hdr *e, const struct virq *vq, struct step *s)
{
	const struct msi_ev_activate *ev = (const struct msi_ev_activate *)e;

	if (!vq || !vq->associated.how)
		return false;
	s->irq = ev->irq;
	if (vq->desc == ev->desc)
		return true;
	s->what = "activated for a descriptor that it was not associated with";
	s->harm = "its message goes to another entry of the device, or to another device";
	s->before_name = "interrupt associated";
	s->before = &vq->associated;
	return true;
}

static bool dissociated(const struct msi_event_hdr *e, const struct virq *vq, struct step *s)
{
	const struct msi_ev_assoc *ev = (const struct msi_ev_assoc *)e;

	if (ev->desc || ev->ret || !vq || !vq->action_known)
		return false;
	s->irq = ev->irq;
	if (!vq->handler)
		return true;
	s->what = "dissociated with a handler installed";
	s->harm = "masking and moving it finds no descriptor, and the handler stays";
	s->before_name = "handler requested";
	s->before = &vq->requested;
	return true;
}

static bool look(const struct msi_event_hdr *e, const struct virq *vq, struct step *s)
{
	if (e->type == MSI_EV_UNREQUEST)
		return handler_freed(e, vq, s);
	if (e->type == MSI_EV_ACTIVATE)
		return activated(e, vq, s);
	return dissociated(e, vq, s);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct virq *vq = rc->scene->virq;
	struct report r = { .e = e };
	struct step s = { 0 };
	struct finding *f;

	if (vq && (vq->epoch != rc->model->virq_epoch || vq->use_epoch != rc->model->use_epoch))
		vq = NULL;	/* what it was last may have gone unseen */
	if (e->type == MSI_EV_ASSOC && rc->model->resize_epoch)
		return;		/* the end of some handler may have */
	if (!look(e, vq, &s))
		return;
	rule_judged(rc);
	if (!s.what)
		return;
	r.what = s.what;
	r.dev = vq ? vq->dev : NULL;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object_virq(f, s.irq, vq);
	finding_message(f, "virq %u of %s: %s, by %s; %s", s.irq, word_device(rc, &r).s, s.what,
			word_task(e->comm, e->tid).s, s.harm);
	if (vq) {
		finding_setup(rc, f, s.before_name, s.before);
		finding_life_virq(rc, f, vq);
	}
	rule_emit(rc, f);
}

const struct rule rule_life_state_order = {
	.id = "life_state_order",
	.severity = SEV_STATE,
	.check = check,
	.summary = "vector that skips a step on its way to a handler, or back",
	.doc = "irq_set_msi_desc_off() associates an interrupt with its descriptor, "
	       "irq_domain_activate_irq() gives it a vector and its message, request_irq() a handler; "
	       "and back in the opposite order. __free_irq() says WARN(1, \"Trying to free already-free "
	       "IRQ %d\\n\") where there is no handler (kernel/irq/manage.c); for the others there is no "
	       "assertion.",
	.advice = "Look for an error path that undoes what its caller undoes again, and for an index or "
		  "virq that belongs to another vector.",
	.wrong = "free_irq(virq, priv);\n"
		 "free_irq(virq, priv); /* in remove, once more */",
	.right = "free_irq(virq, priv);\n"
		 "priv->requested = false;",
	.alike = "A handler that is requested and freed over and over.\n"
		 "An interrupt that nobody ever requested, freed while it is only reserved.\n"
		 "Activated twice: when it is allocated, and when it is requested.",
	.blind = "Steps that other rules judge: free with a handler, while activated, or associated. "
		 "Shared handlers, as long as one is left.",
	.wants = EV(UNREQUEST) | EV(ACTIVATE) | EV(ASSOC),
	.uses = EV(REQUEST) | EV(IRQ_FREE) | EV(SNAP_IRQ),
	.needs = EV(UNREQUEST) | EV(ACTIVATE) | EV(ASSOC),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
