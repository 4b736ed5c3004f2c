// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  irqd_set_can_reserve() on an MSI that cannot be masked
 * nearest that does not:  the same on MSI-X
 */
#include "../rule_ctx.h"

enum wrong { RIGHT, UNMASKABLE, LEFT_ACTIVATED };

/* State of an interrupt, from an activation or a list of descriptors.  */
struct state_of {
	uint32_t irq, index, irqd, flags;
	const struct virq *vq;		/* may be NULL */
};

static bool is_known(const struct state_of *s)
{
	const uint32_t known = MSI_DESC_STATE_KNOWN | MSI_DESC_PCI;

	return s->irq && (s->flags & known) == known;
}

static bool is_wrongly_reserved(const struct state_of *s)
{
	return (s->irqd & MSI_IRQD_CAN_RESERVE) && !(s->flags & (MSI_DESC_MSIX | MSI_DESC_CAN_MASK));
}

static void report(struct rule_ctx *rc, const struct msi_event_hdr *e, const struct state_of *s,
		   enum wrong wrong)
{
	struct report r = { .e = e, .key = wrong, .dev = s->vq ? s->vq->dev : NULL };
	struct finding *f;

	r.what = wrong == UNMASKABLE ? "reservation allowed" : "left activated";
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "virq %u, descriptor index %u", s->irq, s->index);
	if (wrong == UNMASKABLE)
		finding_message(f,
				"virq %u of %s may be reserved (IRQD_CAN_RESERVE), but it cannot be "
				"masked: the device can raise it while it has no vector but the "
				"placeholder",
				s->irq, word_device(rc, &r).s);
	else
		finding_message(f,
				"virq %u of %s was activated in reservation mode and is left activated "
				"after it was allocated: request_irq() gives it no vector of its own",
				s->irq, word_device(rc, &r).s);
	if (s->vq) {
		finding_setup(rc, f, "interrupt associated", &s->vq->associated);
		finding_life_virq(rc, f, s->vq);
	}
	rule_emit(rc, f);
}

static void check_activate(struct rule_ctx *rc, const struct msi_ev_activate *ev)
{
	const struct virq *vq = rc->scene->virq;
	struct state_of s = { ev->irq, vq ? vq->index : 0, ev->irqd, ev->flags, vq };

	if (!is_known(&s) || ev->ret)
		return;
	rule_judged(rc);
	if (is_wrongly_reserved(&s))
		report(rc, &ev->h, &s, UNMASKABLE);
}

/* An activation has shown it, and check_activate() has said so.  */
static bool was_said(const struct virq *vq)
{
	return vq && vq->state_known && (vq->irqd & MSI_IRQD_CAN_RESERVE);
}

/* The end of the allocation: whoever is activated then has what it needs, or needs nothing.  */
static void check_enable(struct rule_ctx *rc, const struct msi_ev_pci_enable *ev)
{
	const struct store_list *sl = enabled_descs(rc, ev);

	if (!sl)
		return;
	for (uint32_t i = 0; i < sl->nr; i++) {
		const struct store_row *row = &sl->rows[i];
		struct state_of s = { row->irq, row->index, row->irqd, row->flags,
				      model__virq(rc->model, row->irq) };

		if (!is_known(&s))
			continue;
		rule_judged(rc);
		if (is_wrongly_reserved(&s) && !was_said(s.vq))
			report(rc, &ev->h, &s, UNMASKABLE);
		else if ((s.irqd & MSI_IRQD_ACTIVATED) && s.vq && s.vq->desc == row->desc &&
			 s.vq->reserves)
			report(rc, &ev->h, &s, LEFT_ACTIVATED);
	}
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	if (e->type == MSI_EV_ACTIVATE)
		check_activate(rc, (const struct msi_ev_activate *)e);
	else
		check_enable(rc, (const struct msi_ev_pci_enable *)e);
}

const struct rule rule_act_reserve_mode = {
	.id = "act_reserve_mode",
	.severity = SEV_LOST,
	.check = check,
	.summary = "reservation mode where the interrupt cannot be masked, or left half way",
	.doc = "An interrupt that nobody requested has only the reservation of a vector, and a "
	       "placeholder in its message. \"MSIX supports masking and MSI does so when the can_mask "
	       "attribute is set\" (msi_check_reservation_mode(), kernel/irq/msi.c); for others the "
	       "core clears IRQD_CAN_RESERVE. \"If the interrupt uses reservation mode, clear the "
	       "activated bit so request_irq() will assign the final vector.\"",
	.advice = "Leave IRQD_CAN_RESERVE to the vector domain and the MSI core; an activate callback "
		  "must not change it.",
	.blind = "The activated bit of vectors that are added while MSI-X is enabled; interrupts that "
		 "were neither activated nor allocated while msitrace watches.",
	.wrong = "static int act(struct irq_domain *d, struct irq_data *irqd, bool reserve)\n"
		 "{\n"
		 "	irqd_set_can_reserve(irqd);",
	.right = "static int act(struct irq_domain *d, struct irq_data *irqd, bool reserve)\n"
		 "{",
	.alike = "Managed interrupts: no bit, although the device can mask.\n"
		 "Domains other than x86's vector domain never set the bit.\n"
		 "Activated when it is allocated, where reservation is not allowed.\n"
		 "Activated twice: when it is allocated, and when it is requested.",
	.wants = EV(ACTIVATE) | EV(PCI_ENABLE),
	.uses = EV(ASSOC) | EV(STORE_BEGIN) | EV(STORE_ENTRY) | EV(STORE_END),
	.needs_lossless = true,
	.needs_any = { EV(ACTIVATE) | EV(PCI_ENABLE) },
	.since = KVER(5, 10),
	.profiles = PROFILE_X86 | PROFILE_X86_IR,
};
