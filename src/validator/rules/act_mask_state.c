// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  pci_msi_mask_irq() of a started interrupt, past the interrupt core
 * nearest that does not:  disable_irq()
 */
#include "../rule_ctx.h"

#define MASKS_MAX 32

struct mask {			/* who masked or unmasked an interrupt last */
	uint32_t irq;
	struct moment when;
};

struct state {
	struct mask masks[MASKS_MAX];
	uint32_t next;
};

struct judged {
	const struct msi_now *now;
	uint32_t irq;
	const char *what;
};

static struct mask *mask_of(struct state *st, uint32_t irq)
{
	for (int i = 0; i < MASKS_MAX; i++)
		if (st->masks[i].irq == irq)
			return &st->masks[i];
	return NULL;
}

static void note(struct rule_ctx *rc, const struct msi_ev_mask *e)
{
	struct state *st = rc->state;
	struct mask *mk = mask_of(st, e->irq);

	if (!mk)
		mk = &st->masks[st->next++ % MASKS_MAX];
	*mk = (struct mask){ .irq = e->irq };
	if (moment_set(rc->model, &mk->when, &e->h, &e->stack))
		*mk = (struct mask){ 0 };	/* then the finding does not say who it was */
}

/* Can it be masked, has it been started, and do the two belong together?  */
static bool is_known(const struct msi_now *now)
{
	const uint32_t known = MSI_DESC_STATE_KNOWN | MSI_DESC_PCI | MSI_DESC_CAN_MASK;
	const uint32_t running = MSI_IRQD_ACTIVATED | MSI_IRQD_STARTED;

	if ((now->flags & known) != known || (now->flags & MSI_DESC_VIRTUAL))
		return false;
	return (now->irqd & running) == running && !(now->irqd & MSI_IRQD_MANAGED_SHUTDOWN);
}

static bool device_masked(const struct msi_now *now)
{
	return now->mask >> (now->flags & MSI_DESC_MSIX ? 0 : now->offset & 31) & 1;
}

static void report(struct rule_ctx *rc, const struct msi_event_hdr *e, const struct judged *j)
{
	const struct virq *vq = model__virq(rc->model, j->irq);
	struct report r = { .e = e, .what = j->what, .dev = vq ? vq->dev : NULL };
	const struct mask *mk = mask_of(rc->state, j->irq);
	struct finding *f = rule_report(rc, &r);
	bool masked = device_masked(j->now);

	if (!f)
		return;
	finding_object_virq(f, j->irq, vq);
	finding_message(f, "virq %u of %s is %s in the device, but the interrupt core has it as %s: %s",
			j->irq, word_device(rc, &r).s, masked ? "masked" : "unmasked",
			masked ? "unmasked" : "masked",
			masked ? "nobody unmasks it, and its interrupts do not arrive"
			       : "it fires where nobody expects it");
	if (mk) {
		finding_setup(rc, f, "masked or unmasked last", &mk->when);
		finding_life(rc, f, "masked or unmasked last", &mk->when);
	}
	if (vq)
		finding_life_virq(rc, f, vq);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_request *req = (const struct msi_ev_request *)e;
	const struct msi_ev_unrequest *unreq = (const struct msi_ev_unrequest *)e;
	struct judged j = { (const struct msi_now *)&unreq->now_irqd, unreq->irq,
			    "stopped, masked otherwise than the core knows" };

	if (e->type == MSI_EV_MASK) {
		note(rc, (const struct msi_ev_mask *)e);
		return;
	}
	if (e->type == MSI_EV_REQUEST)
		j = (struct judged){ (const struct msi_now *)&req->now_irqd, req->irq,
				     "started, masked otherwise than the core knows" };
	if ((e->type == MSI_EV_REQUEST && req->ret) || !is_known(j.now))
		return;
	rule_judged(rc);
	if (device_masked(j.now) != !!(j.now->irqd & MSI_IRQD_MASKED))
		report(rc, e, &j);
}

const struct rule rule_act_mask_state = {
	.id = "act_mask_state",
	.severity = SEV_STATE,
	.check = check,
	.summary = "interrupt masked in the device and not in the core, or the reverse",
	.doc = "IRQD_IRQ_MASKED is what the interrupt core knows of the mask bit; unmask_irq() does "
	       "nothing if it is clear. What the device was told is in msi_desc::pci (msi_mask, "
	       "msix_ctrl). \"pci_msi_mask_irq - Generic IRQ chip callback to mask PCI/MSI "
	       "interrupts\": it is the chip's, and only the core, which holds the lock of the "
	       "interrupt and keeps the bit, may call it.",
	.advice = "Use disable_irq() and enable_irq().",
	.wrong = "pci_msi_mask_irq(irq_get_irq_data(irq));",
	.right = "disable_irq(irq);",
	.alike = "disable_irq(): the mask bit is set only when it fires (lazy).\n"
		 "An interrupt that is being moved: it is masked while its message is written.\n"
		 "Interrupts without mask bits, virtual ones, and those that were not started.\n"
		 "A managed interrupt that is shut down with its CPU.\n"
		 "A steering tag (TPH): it stands in other bits of msix_ctrl.",
	.blind = "Between request_irq() and free_irq(): both are where it looks. What is in the device, "
		 "as against the copy in the descriptor.",
	.wants = EV(REQUEST) | EV(UNREQUEST) | EV(MASK),
	.needs_any = { EV(REQUEST) | EV(UNREQUEST) },
	.state_size = sizeof(struct state),
	.since = KVER(5, 17),
};
