// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  pci_irq_vector() in a timer callback
 * nearest that does not:  the same in a work item, or on a device without MSI
 *
 * LOCK_TRY is sent at the entry of mutex_lock() when somebody holds the mutex or when the context is
 * atomic; so a LOCK without one that says so was a good call.
 */
#include "../rule_ctx.h"

#define IN_INTERRUPT (MSI_CTX_NMI | MSI_CTX_HARDIRQ | MSI_CTX_SOFTIRQ)
#define SLEEPS "; mutex_lock() may sleep there, and then the system hangs or crashes"

struct state {
	bool unknown;		/* some calls could not be judged */
};

static const struct {
	uint32_t bit;
	const char *where;
} contexts[] = {	/* what says most first */
	{ MSI_CTX_NMI, "in an NMI" },
	{ MSI_CTX_HARDIRQ, "in a hard interrupt" },
	{ MSI_CTX_SOFTIRQ, "in a softirq" },
	{ MSI_CTX_IRQS_OFF, "with interrupts disabled" },
	{ MSI_CTX_BH_OFF, "with softirqs disabled" },
	{ MSI_CTX_PREEMPT_OFF, "with preemption disabled, as by a spinlock" },
};

static const char *where(uint32_t context)
{
	for (size_t i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++)
		if (context & contexts[i].bit)
			return contexts[i].where;
	return "";
}

static void offence(struct rule_ctx *rc, const struct msi_ev_lock_try *e)
{
	struct word task = word_task(e->h.comm, e->h.tid);
	const struct msi_data *md = rc->scene->md;
	struct report r = { .e = &e->h, .what = "asked for where nobody may sleep",
			    .dev = md ? md->dev : NULL };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object(f, "descriptor mutex of %s", word_device(rc, &r).s);
	if (e->context & IN_INTERRUPT)
		finding_message(f, "the descriptor mutex of %s is taken %s on top of %s" SLEEPS,
				word_device(rc, &r).s, where(e->context), task.s);
	else
		finding_message(f, "%s takes the descriptor mutex of %s %s" SLEEPS, task.s,
				word_device(rc, &r).s, where(e->context));
	if (e->owner_tid && md_held_by(md, e->owner_tid))
		finding_setup(rc, f, "mutex taken by its holder", &md->locked);
	if (md)
		finding_life(rc, f, "MSI device data allocated", &md->setup);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_lock_try *try = (const struct msi_ev_lock_try *)e;
	const struct msi_ev_lock *lock = (const struct msi_ev_lock *)e;
	struct state *st = rc->state;

	if (e->type == MSI_EV_LOCK) {
		if (lock->context & MSI_CTX_UNKNOWN)
			st->unknown = true;
		else
			rule_judged(rc);
	} else if (try->context & MSI_CTX_ATOMIC) {
		rule_judged(rc);
		offence(rc, try);
	}
}

static void finish(struct rule_ctx *rc)
{
	const struct state *st = rc->state;

	if (st->unknown && !rc->result->judged)
		rule_not_judged(rc, "preempt_count cannot be read here: of what is forbidden, only "
				"disabled interrupts were looked for");
}

const struct rule rule_lock_atomic = {
	.id = "lock_atomic",
	.severity = SEV_CORRUPT,
	.check = check,
	.finish = finish,
	.state_size = sizeof(struct state),
	.summary = "descriptor mutex taken where nobody may sleep",
	.doc = "\"Mutexes may not be used in hardware or software interrupt contexts such as tasklets "
	       "and timers\" (include/linux/mutex_types.h). Since 495c66aca3da (5.17) the lookup in "
	       "pci_irq_vector() takes the descriptor mutex: it \"can't be used in atomic context "
	       "any longer\", as the fixes of r8169 and thunderx say.",
	.advice = "Look the interrupt number up once, when the vectors are set up, and keep it.",
	.blind = "RCU read-side sections, which leave no trace in preempt_count here; and spinlocks "
		 "on kernels without CONFIG_PREEMPT_COUNT.",
	.wrong = "static void watchdog(struct timer_list *t)\n"
		 "{\n"
		 "    disable_irq(pci_irq_vector(priv->pdev, 0));\n"
		 "}",
	.right = "static void watchdog(struct timer_list *t)\n"
		 "{\n"
		 "    disable_irq(priv->irq); /* kept by probe */\n"
		 "}",
	.alike = "pci_irq_vector() on a device without MSI: returns before locking.\n"
		 "Threaded handlers and workqueues: they may sleep.",
	.wants = EV(LOCK_TRY) | EV(LOCK),
	.needs = EV(LOCK),
	.since = KVER(5, 17),
};
