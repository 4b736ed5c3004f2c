// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  msi_domain_alloc_irqs_all_locked() by a task that does not hold the mutex
 * nearest that does not:  msi_domain_alloc_irqs_range(), which takes it
 */
#include <string.h>

#include "../rule_ctx.h"

/* A function that needs the mutex, and what to call instead.  */
static const char *const unlocked_variants[][2] = {
	{ "msi_domain_alloc_irqs_range_locked",	"msi_domain_alloc_irqs_range()" },
	{ "msi_domain_free_irqs_range_locked",	"msi_domain_free_irqs_range()" },
	{ "msi_domain_free_irqs_all_locked",	"msi_domain_free_irqs_all()" },
	{ "msi_domain_alloc_irqs_descs_locked",	"msi_domain_alloc_irqs()" },
	{ "msi_domain_free_irqs_descs_locked",	"msi_domain_free_irqs()" },
};

static const char *instead_of(const char *func)
{
	for (size_t i = 0; i < sizeof(unlocked_variants) / sizeof(unlocked_variants[0]); i++)
		if (!strcmp(func, unlocked_variants[i][0]))
			return unlocked_variants[i][1];
	return NULL;
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_alloc *ev = (const struct msi_ev_alloc *)
		e; /* FREE has the same fields */
	const struct msi_data *md = rc->scene->md;
	struct report r = { .e = e,
			    .what = "entered without the mutex",
			    .dev = md ? md->dev : NULL };
	const char *func = event_function(rc, e), *instead = instead_of(func);
	struct finding *f;

	if (ev->locking != MSI_CALL_NEEDS_LOCK)
		return;
	rule_judged(rc);
	if (event_owner_is_current(e))
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "interrupts of domain id %u", ev->domid);
	finding_message(f, "%s() called by %s without the descriptor mutex of %s; %s; %s%s", func,
			word_task(e->comm, e->tid).s, word_device(rc, &r).s, phrase_holder(md, e).s,
			instead ? "call " : "take the mutex around it", instead ? instead : "");
	if (md && event_owner_tid(e) && md->owner_tid == event_owner_tid(e))
		finding_setup(rc, f, "mutex taken by its holder", &md->locked);
	rule_emit(rc, f);
}

const struct rule rule_lock_entry_unlocked = {
	.id = "lock_entry_unlocked",
	.severity = SEV_CORRUPT,
	.check = check,
	.summary = "*_locked allocation or free entered without the descriptor mutex",
	.doc = "The *_locked and *_descs_locked functions \"must be invoked from within a "
	       "msi_lock_descs() / msi_unlock_descs() pair\" (kernel/irq/msi.c).",
	.advice = "Call the variant without _locked, or take the mutex with msi_lock_descs() "
		  "first.",
	.wrong = "msi_domain_alloc_irqs_all_locked(dev, MSI_DEFAULT_DOMAIN, 8);",
	.right = "msi_lock_descs(dev);\n"
		 "msi_domain_alloc_irqs_all_locked(dev, MSI_DEFAULT_DOMAIN, 8);\n"
		 "msi_unlock_descs(dev);",
	.alike = "The functions without _locked in their names: they take the mutex.",
	.wants = EV(ALLOC) | EV(FREE),
	.needs_any = { EV(ALLOC) | EV(FREE) },
	.since = KVER(5, 17),
};
