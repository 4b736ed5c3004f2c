// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  msi_lock_descs(); cpus_read_lock();
 * nearest that does not:  cpus_read_lock(); msi_lock_descs();
 */
#include "../rule_ctx.h"

static void edge(struct rule_ctx *rc, const struct msi_ev_edge *e, const struct msi_data *md)
{
	struct report r = { .e = &e->h, .what = "cpu_hotplug_lock taken", .dev = md->dev,
			    .key = md->locked.stack };
	struct finding *f;

	/* After loss the hook may know of a section that ended: only what we saw begin counts.  */
	if (!md_held_by(md, e->h.tid) && rc->model->iter_epoch)
		return;
	rule_judged(rc);
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object(f, "descriptor mutex of %s, then cpu_hotplug_lock", word_device(rc, &r).s);
	finding_message(f,
			"%s takes cpu_hotplug_lock while it holds the descriptor mutex of %s: "
			"potential deadlock with callers that hold cpu_hotplug_lock and allocate "
			"interrupts",
			word_task(e->h.comm, e->h.tid).s, word_device(rc, &r).s);
	if (md_held_by(md, e->h.tid))
		finding_setup(rc, f, "mutex taken", &md->locked);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_edge *ev = (const struct msi_ev_edge *)e;
	const struct msi_data *md = rc->scene->md;

	if (!md)
		return;
	if (e->type == MSI_EV_UNLOCK) { /* a whole section in which it could have happened */
		if (md_held_by(md, e->tid) && md->locked.how == MOMENT_SEEN)
			rule_judged(rc);
	} else if (ev->class == MSI_EDGE_CPU_HOTPLUG) {
		edge(rc, ev, md);
	}
}

const struct rule rule_lock_cpu_hotplug_order = {
	.id = "lock_cpu_hotplug_order",
	.severity = SEV_CORRUPT,
	.check = check,
	.summary = "cpu_hotplug_lock taken while a descriptor mutex is held",
	.doc = "PCI/MSI keeps irq_create_affinity_masks() \"out of the descriptor lock section to "
	       "avoid reverse lock ordering vs. CPU hotplug lock as some callers of the PCI/MSI "
	       "allocation interfaces already hold it\": the hotplug lock comes first.",
	.advice = "Move the call that needs the CPU hotplug lock out of the msi_lock_descs() "
		  "section, or take cpus_read_lock() before it.",
	.blind = "Only the order is seen, never that two tasks did block each other.",
	.wrong = "msi_lock_descs(dev);\n"
		 "cpus_read_lock();",
	.right = "cpus_read_lock();\n"
		 "msi_lock_descs(dev);",
	.alike = "cpu_hotplug_lock first, then the mutex.\n"
		 "CPU hotplug callbacks that allocate vectors.",
	.wants = EV(EDGE) | EV(UNLOCK),
	.uses = EV(LOCK),
	.needs = EV(EDGE) | EV(LOCK) | EV(UNLOCK),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
