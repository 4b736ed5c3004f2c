// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  the irq domain says that 2 of 8 vectors can be had, the driver is told that it has 8
 * nearest that does not:  it is asked again for 2, and the driver is told that it has 2
 */
#include "../rule_ctx.h"

#define CALLS 32	/* that enable MSI-X at the same time */

/* What pci_msi_setup_msi_irqs() has said, below a call that enables MSI-X.  */
struct asked {
	uint64_t dev;		/* 0: free */
	uint32_t tid, epoch;	/* model::resize_epoch */
	uint32_t nvec;		/* the last that was asked for */
	int32_t ret;		/* and the answer */
	uint32_t fewer;		/* the last that was positive, 0: none */
	struct moment when;	/* of that one */
};

struct state {
	struct asked calls[CALLS];
	uint32_t next;
};

static struct asked *find(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	struct state *st = rc->state;

	for (int i = 0; i < CALLS; i++) {
		struct asked *a = &st->calls[i];

		if (a->dev == e->dev && a->tid == e->tid && a->epoch == rc->model->resize_epoch)
			return a;
	}
	return NULL;
}

static void answered(struct rule_ctx *rc, const struct msi_ev_pci_enable *ev)
{
	struct asked *a = find(rc, &ev->h);
	struct state *st = rc->state;

	if (ev->cap != MSI_CAP_MSIX || !ev->h.dev)
		return;
	if (!a) {
		a = &st->calls[st->next++ % CALLS];
		*a = (struct asked){ .dev = ev->h.dev, .tid = ev->h.tid,
				     .epoch = rc->model->resize_epoch };
	}
	a->nvec = ev->nvec;
	a->ret = ev->ret;
	if (ev->ret <= 0)
		return;
	a->fewer = ev->ret;
	if (moment_set(rc->model, &a->when, &ev->h, &ev->stack))
		a->when = (struct moment){ 0 };
}

static void returned(struct rule_ctx *rc, const struct msi_ev_pci_enable_end *ev)
{
	struct report r = { .e = &ev->h, .what = "told that it has more vectors than there are" };
	struct asked *a = find(rc, &ev->h), last;
	struct finding *f;

	if (!a)
		return;
	last = *a;
	a->dev = 0;
	if (!last.fewer)
		return;
	rule_judged(rc);
	if (ev->ret <= 0 || (!last.ret && (uint32_t)ev->ret <= last.nvec))
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "%d vectors of %s", ev->ret, word_device(rc, &r).s);
	finding_message(f,
			"%s is told that it has %d vectors of %s, but only %u could be had: the others have "
			"no interrupt", word_task(ev->h.comm, ev->h.tid).s, ev->ret,
			word_device(rc, &r).s, last.fewer);
	finding_setup(rc, f, "answered with fewer", &last.when);
	finding_life(rc, f, "answered with fewer", &last.when);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	if (e->type == MSI_EV_PCI_ENABLE)
		answered(rc, (const struct msi_ev_pci_enable *)e);
	else
		returned(rc, (const struct msi_ev_pci_enable_end *)e);
}

const struct rule rule_api_positive_return = {
	.id = "api_positive_return",
	.severity = SEV_STATE,
	.check = check,
	.state_size = sizeof(struct state),
	.summary = "driver told that it has more MSI-X vectors than could be had",
	.doc = "A positive return of the allocation is no success: \"If there was a successful allocation "
	       "let the caller know\" (msi_handle_pci_fail(), kernel/irq/msi.c), namely how many there "
	       "could have been. __pci_enable_msix_range() tries again with that number, or gives up "
	       "with -ENOSPC.",
	.advice = "Test the result of what you call for being 0, not for being negative: a positive "
		  "number means that nothing was allocated.",
	.wrong = "ret = setup_irqs(pdev, nvec);\n"
		 "return ret < 0 ? ret : nvec;",
	.right = "while ((ret = setup_irqs(pdev, nvec)) >= minvec)\n"
		 "    nvec = ret;\n"
		 "return ret ? (ret < 0 ? ret : -ENOSPC) : nvec;",
	.alike = "Fewer vectors than were asked for, after another try.\n"
		 "-ENOSPC, when what could be had was below the minimum.",
	.blind = "MSI, whose enabling is not seen to return; what a driver does with the number.",
	.wants = EV(PCI_ENABLE) | EV(PCI_ENABLE_END),
	.needs = EV(PCI_ENABLE) | EV(PCI_ENABLE_END),
	.since = KVER(5, 10),
};
