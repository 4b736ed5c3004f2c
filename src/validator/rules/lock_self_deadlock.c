// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  msi_lock_descs(dev); pci_irq_vector(pdev, 0);
 * nearest that does not:  the same two the other way round; or the mutex of another device
 *
 * The hook is at the entry of mutex_lock() and reads the owner there: it is final, the task never
 * comes back to tell more.
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_lock_try *ev = (const struct msi_ev_lock_try *)e;
	const struct msi_data *md = rc->scene->md;
	struct report r = { .e = e, .what = "asked for the mutex that it holds",
			    .dev = md ? md->dev : NULL };
	bool known = md_held_by(md, e->tid);
	struct finding *f;

	rule_judged(rc);
	if (e->type != MSI_EV_LOCK_TRY || !ev->owner_current)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "descriptor mutex of %s", word_device(rc, &r).s);
	finding_message(f, "%s takes the descriptor mutex of %s, which it holds already: it will "
			"never continue, and nobody else can take the mutex any more",
			word_task(e->comm, e->tid).s, word_device(rc, &r).s);
	if (known)
		finding_setup(rc, f, "mutex taken", &md->locked);
	if (md)
		finding_life(rc, f, "MSI device data allocated", &md->setup);
	if (known)
		finding_life(rc, f, "mutex taken", &md->locked);
	rule_emit(rc, f);
}

const struct rule rule_lock_self_deadlock = {
	.id = "lock_self_deadlock",
	.severity = SEV_CORRUPT,
	.check = check,
	.summary = "descriptor mutex taken by the task that holds it",
	.doc = "Of a mutex, \"recursive locking is not allowed\" (mutex_lock() in "
	       "kernel/locking/mutex.c); and pci_irq_vector(), like everything that allocates, "
	       "frees or looks up MSIs, takes the descriptor mutex (kernel/irq/msi.c).",
	.advice = "Look the interrupt number up before taking the mutex, or use desc->irq of the "
		  "descriptor at hand; call the *_locked variants inside a section.",
	.blind = "Tasks that wait for each other; mutex_lock_interruptible() and its like, which "
		 "the core does not use.",
	.wrong = "msi_lock_descs(dev);\n"
		 "irq = pci_irq_vector(pdev, 0);\n"
		 "msi_unlock_descs(dev);",
	.right = "irq = pci_irq_vector(pdev, 0);\n"
		 "msi_lock_descs(dev);\n"
		 "msi_unlock_descs(dev);",
	.alike = "pci_irq_vector() on a device without MSI: returns before locking.\n"
		 "The mutex of another device inside the section.\n"
		 "Waiting for somebody else who holds it.",
	.wants = EV(LOCK_TRY) | EV(LOCK),
	.needs = EV(LOCK),
	.since = KVER(5, 17),
};
