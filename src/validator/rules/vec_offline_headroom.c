// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  300 vectors in use on two CPUs: none of them can take what the other one has
 * nearest that does not:  the same number of managed interrupts, which are shut down instead
 */
#include <stdio.h>

#include "../rule_ctx.h"
#include "../vectors.h"

enum { PARAM_PREDICT };	/* ORDER: params */

/* As lapic_can_unplug_cpu() has it: irq_matrix_allocated() and irq_matrix_available().  */
static uint32_t to_move(const struct matrix_cpu *c)
{
	return c->allocated > c->managed_allocated ? c->allocated - c->managed_allocated : 0;
}

static uint32_t elsewhere(const struct matrix *mx, const struct matrix_cpu *c)
{
	return mx->available > c->available ? mx->available - c->available : 0;
}

static const struct matrix_cpu *cpu_of(const struct matrix *mx, uint32_t cpu)
{
	for (uint32_t i = 0; i < mx->nr; i++)
		if (mx->cpus[i].cpu == cpu)
			return &mx->cpus[i];
	return NULL;
}

/* " (sh[101] asked for it)": the kernel's own stopper thread is who finds out.  */
static struct phrase asked_by(const struct msi_event_hdr *e)
{
	const struct msi_ev_cpu_hp *ev = (const struct msi_ev_cpu_hp *)e;
	struct phrase p = { "" };

	if (e->type == MSI_EV_CPU_HP && ev->by_tid)
		snprintf(p.s, sizeof(p.s), " (%s asked for it)", word_task(ev->by_comm, ev->by_tid).s);
	return p;
}

static void report(struct rule_ctx *rc, const struct msi_event_hdr *e, const struct matrix_cpu *c,
		   bool refused)
{
	const struct matrix *mx = &rc->model->matrix;
	struct vector_holder top[VECTOR_HOLDERS];
	uint32_t nr = vector_holders(rc->model, top), move = to_move(c), room = elsewhere(mx, c);
	struct report r = { .e = e, .key = c->cpu + 1,
			    .what = refused ? "refused to go offline" : "vectors counted",
			    .dev = nr ? top[0].dev : NULL };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	vectors_object(f, mx);
	vectors_held(rc, f, e, c->cpu < 64 ? 1ull << c->cpu : refused ? VECTORS_ALL : 0);
	finding_message(f, "CPU %u %s%s: %u x86 vectors to move, %u free elsewhere%s; free %u of these%s",
			c->cpu, refused ? "was refused to go offline" : "cannot go offline", asked_by(e).s, move, room,
			refused ? "" : " (predicted)", move > room ? move - room : 0,
			vector_holders_text(top, nr).s);
	if (nr)
		finding_setup(rc, f, "interrupt associated", &top[0].one->associated);
	rule_emit(rc, f);
}

/* One may be in flight: the counters are not changed at one stroke.  */
static void looked(struct rule_ctx *rc, const struct msi_ev_matrix *ev)
{
	const struct matrix *mx = &rc->model->matrix;

	if (ev->h.hook || !rule_param(rc, PARAM_PREDICT) || !vectors_counted(rc, ev))
		return;
	if (mx->online < 2)
		rule_not_judged(rc, "there is one CPU only");
	for (uint32_t i = 0; i < mx->nr && mx->online > 1; i++) {
		const struct matrix_cpu *c = &mx->cpus[i];

		if (!c->online || !c->removable)
			continue;
		rule_judged(rc);
		if (to_move(c) > elsewhere(mx, c) + 1ull)
			report(rc, &ev->h, c, false);
	}
}

/* Refused, and by how many vectors is not known.  */
static void report_refusal(struct rule_ctx *rc, const struct msi_ev_cpu_hp *ev)
{
	struct report r = { .e = &ev->h, .key = ev->at + 1ull, .what = "refused to go offline" };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object(f, "x86 vectors of CPU %u", ev->at);
	finding_message(f, "CPU %u was refused to go offline%s: its x86 vectors have nowhere to go",
			ev->at, asked_by(&ev->h).s);
	rule_emit(rc, f);
}

/* What the kernel itself has found.  */
static void asked(struct rule_ctx *rc, const struct msi_ev_cpu_hp *ev)
{
	const struct matrix *mx = &rc->model->matrix;
	const struct matrix_cpu *c = NULL;

	rule_judged(rc);
	if (ev->ret != ENOSPC_RET)
		return;
	if (mx->known && ev->h.ts_ns >= mx->ts_ns && ev->h.ts_ns - mx->ts_ns < LOOK_NS)
		c = cpu_of(mx, ev->at);
	if (c)
		report(rc, &ev->h, c, true);
	else
		report_refusal(rc, ev);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	if (e->type == MSI_EV_MATRIX)
		looked(rc, (const struct msi_ev_matrix *)e);
	else
		asked(rc, (const struct msi_ev_cpu_hp *)e);
}

const struct rule rule_vec_offline_headroom = {
	.id = "vec_offline_headroom",
	.severity = SEV_LOST,
	.check = check,
	.summary = "a CPU that cannot go offline, for its interrupts have nowhere to go",
	.doc = "\"All vectors targeting the outgoing CPU need to be migrated to a new target CPU, which "
	       "can result in exhaustion of the vector space\" (mail on the MSI rework of 5.17). "
	       "lapic_can_unplug_cpu() refuses then: \"CPU %u has %u vectors, %u available. Cannot "
	       "disable CPU\", and suspend fails with it. Judged by the same formula, before anybody "
	       "tries, when msitrace starts and ends; and when somebody does.",
	.advice = "Free vectors of the devices that the finding names (fewer queues), or let their driver "
		  "use managed interrupts (PCI_IRQ_AFFINITY), which are shut down with their CPU.",
	.blind = "What is wrong in between, while nobody takes a CPU offline. One vector too few. "
		 "Reservations: they only make the kernel warn.",
	.wrong = "pci_alloc_irq_vectors(pdev, 1, 256, PCI_IRQ_MSIX); /* two CPUs */",
	.right = "pci_alloc_irq_vectors(pdev, 1, 256, PCI_IRQ_MSIX | PCI_IRQ_AFFINITY);",
	.alike = "Managed interrupts: they are shut down, not moved.\n"
		 "The only CPU, and CPUs that have no file `online`.\n"
		 "More reserved than free elsewhere: the kernel warns and goes on.",
	.wants = EV(MATRIX) | EV(CPU_HP),
	.needs = EV(CPU_HP),
	.uses = EV(MATRIX_CPU),
	.needs_lossless = true,
	.since = KVER(5, 10),
	.profiles = PROFILE_X86 | PROFILE_X86_IR,
	.params = {
		[PARAM_PREDICT] = { "predict", 1, "judge before anybody tries, too; 0: no" },
	},
};
