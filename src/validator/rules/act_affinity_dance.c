// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  one write {new address, new data} to a started MSI that cannot be masked
 * nearest that does not:  {old address, new data}, then {new address, new data}
 */
#include "../rule_ctx.h"

#define MOVES_MAX 16

struct move {			/* the first half of a two-step update */
	uint64_t desc;
	uint32_t lo, hi, data;	/* what it wrote */
};

struct state {
	struct move moves[MOVES_MAX];
	uint32_t next;
};

static void half_done(struct state *st, const struct msi_ev_msg_write *e)
{
	struct move *mv = NULL;

	for (int i = 0; i < MOVES_MAX; i++)
		if (st->moves[i].desc == e->desc)
			mv = &st->moves[i];
	if (!mv)
		mv = &st->moves[st->next++ % MOVES_MAX];
	*mv = (struct move){ e->desc, e->new_lo, e->new_hi, e->new_data };
}

/* A second half: the whole move was done as the kernel asks for.  */
static bool completes(struct state *st, const struct msi_ev_msg_write *e)
{
	for (int i = 0; i < MOVES_MAX; i++) {
		struct move *mv = &st->moves[i];

		if (mv->desc != e->desc)
			continue;
		mv->desc = 0;
		return mv->lo == e->old_lo && mv->hi == e->old_hi && mv->data == e->old_data;
	}
	return false;
}

/* Can the device send a message while its address and data are being changed?  */
static bool can_fire(const struct msi_ev_msg_write *e)
{
	const uint32_t known = MSI_DESC_STATE_KNOWN | MSI_DESC_PCI;

	if ((e->flags & known) != known || (e->flags & MSI_DESC_MSIX))
		return false;		/* MSI-X: the write helper masks by itself */
	if (!(e->irqd & MSI_IRQD_STARTED) || (e->irqd & MSI_IRQD_MANAGED_SHUTDOWN))
		return false;
	return !(e->flags & MSI_DESC_CAN_MASK) || !(e->mask & 1);
}

/* Deactivation writes zeros: nothing is moved, and the next write starts from nothing.  */
static bool is_cleared(const struct msi_ev_msg_write *e)
{
	return (!e->new_lo && !e->new_hi && !e->new_data) ||
	       (!e->old_lo && !e->old_hi && !e->old_data);
}

static void report(struct rule_ctx *rc, const struct msi_ev_msg_write *e)
{
	const struct virq *vq = model__virq(rc->model, e->irq);
	bool maskable = e->flags & MSI_DESC_CAN_MASK;
	struct report r = { .e = &e->h,
			    .what = "address and data changed in one update",
			    .key = maskable };
	struct finding *f;

	r.dev = vq ? vq->dev : NULL;
	if (!maskable && e->in_aff) {
		r.known = "x86-msi-dance-inverted";
		r.known_text = "b56ebe7c896d (\"x86/apic/msi: Fix misconfigured non-maskable MSI "
			       "quirk\")";
	}
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "descriptor index %u, virq %u", e->index, e->irq);
	finding_message(f,
			"message of virq %u of %s changed from %x:%08x/%x to %x:%08x/%x in one "
			"update while the device %s; it could send %x:%08x/%x, and the interrupt "
			"may be lost",
			e->irq, word_device(rc, &r).s, e->old_hi, e->old_lo, e->old_data, e->new_hi,
			e->new_lo, e->new_data, maskable ? "was not masked" : "cannot be masked",
			e->new_hi, e->new_lo, e->old_data);
	if (vq) {
		finding_setup(rc, f, "handler requested", &vq->requested);
		finding_life_virq(rc, f, vq);
	}
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_msg_write *ev = (const struct msi_ev_msg_write *)e;
	bool address = ev->old_lo != ev->new_lo || ev->old_hi != ev->new_hi;
	bool data = ev->old_data != ev->new_data;
	struct state *st = rc->state;

	if (!can_fire(ev) || is_cleared(ev))
		return;
	if (address && data) {
		rule_judged(rc);
		report(rc, ev);
	} else if (data) {
		half_done(st, ev);
	} else if (address && completes(st, ev)) {
		rule_judged(rc);
	}
}

const struct rule rule_act_affinity_dance = {
	.id = "act_affinity_dance",
	.severity = SEV_LOST,
	.check = check,
	.summary = "message of a live, unmaskable MSI changed address and data in one update",
	.doc = "\"For non-maskable and non-remapped MSI interrupts the migration to a different "
	       "destination CPU and a different vector has to be done careful to handle the "
	       "possible stray interrupt which can be caused by the non-atomic update of the "
	       "address/data pair\" (arch/x86/kernel/apic/msi.c): first the new vector at the old "
	       "CPU, then the new CPU.",
	.advice = "Leave the affinity of this interrupt alone, or use interrupt remapping; a "
		  "kernel whose msi_set_affinity() writes twice is not affected.",
	.blind = "Moves of an interrupt that did not fire since: x86 moves it at its next "
		 "interrupt.",
	.wrong = "__pci_write_msi_msg(desc, &new_cpu_new_vector);",
	.right = "__pci_write_msi_msg(desc, &old_cpu_new_vector);\n"
		 "__pci_write_msi_msg(desc, &new_cpu_new_vector);",
	.alike = "An update of a masked vector, or of MSI-X (the write helper masks).\n"
		 "Only the address or only the data changes; the interrupt is not started.\n"
		 "A move that the kernel refuses with -EBUSY: nothing is written.",
	.wants = EV(MSG_WRITE),
	.needs = EV(MSG_WRITE),
	.since = KVER(5, 10),
	.profiles = PROFILE_X86,
	.state_size = sizeof(struct state),
};
