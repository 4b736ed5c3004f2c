// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  a chip whose irq_set_affinity() fails while the CPU of the interrupt goes offline
 * nearest that does not:  the same, and the interrupt is moved; or it is managed, and shut down
 */
#include "../rule_ctx.h"

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_irq_look *ev = (const struct msi_ev_irq_look *)e;
	const struct virq *vq = rc->scene->virq;
	struct report r = { .e = e, .what = "left on a CPU that is offline", .key = ev->irq };
	struct finding *f;

	if (!now_started((const struct msi_now *)&ev->now_irqd) || !ev->effective || !ev->online)
		return;
	rule_judged(rc);
	if (ev->effective & ev->online)
		return;
	f = rule_report(rc, &r);
	if (!f)
		return;
	finding_object_virq(f, ev->irq, vq);
	finding_message(f,
			"virq %u of %s (\"%.24s\") is started and sent to CPUs %llx, none of which is "
			"online (%llx): its handler is not called any more",
			ev->irq, word_device(rc, &r).s, ev->name, (unsigned long long)ev->effective,
			(unsigned long long)ev->online);
	if (vq) {
		finding_setup(rc, f, "handler requested", &vq->requested);
		finding_life_virq(rc, f, vq);
	}
	rule_emit(rc, f);
}

const struct rule rule_act_dead_cpu = {
	.id = "act_dead_cpu",
	.severity = SEV_LOST,
	.check = check,
	.summary = "started interrupt that is sent to a CPU that is offline",
	.doc = "When a CPU goes offline, \"All vectors targeting the outgoing CPU need to be migrated to "
	       "a\" CPU that stays (Thomas Gleixner, on CPU hotplug of x86). Where the chip refuses, "
	       "migrate_one_irq() only says \"set affinity failed\", and the interrupt stays where "
	       "nobody takes it. Judged when the run ends, by the effective mask.",
	.advice = "See what irq_set_affinity() of the chip returned, in the kernel log. Move the "
		  "interrupt by hand (smp_affinity), or take the CPU online again.",
	.blind = "CPUs above 63; CPUs that are online again when the run ends.",
	.wrong = "static int move(struct irq_data *d, const struct cpumask *m, bool force)\n"
		 "{\n"
		 "    return -EBUSY;",
	.right = "static int move(struct irq_data *d, const struct cpumask *m, bool force)\n"
		 "{\n"
		 "    return irq_chip_set_affinity_parent(d, m, force);",
	.alike = "Managed interrupts whose CPUs are all offline: they are shut down.\n"
		 "Interrupts that nobody requested, or that were freed.\n"
		 "A mask that names offline CPUs: what counts is where it goes.",
	.wants = EV(IRQ_LOOK),
	.needs = EV(SNAP_IRQ),
	.since = KVER(5, 10),
};
