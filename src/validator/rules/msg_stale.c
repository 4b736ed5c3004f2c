// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  a started interrupt whose message has the vector of another one
 * nearest that does not:  the same before request_irq(), or after free_irq()
 */
#include <stdio.h>

#include "../rule_ctx.h"

enum stale { GOOD, EMPTY, PLACEHOLDER, WRONG_VECTOR, WRONG_CPU };

/* May the device send the message, and do we know what it should be?  */
static bool is_live(const struct msi_now *now)
{
	/* only the first of a multi-MSI has its message */
	return now_started(now) && now->vector && !now->offset;
}

/*
 * The APIC id that a message goes to, arch/x86/include/asm/msi.h: the low bits are 12 to 19 of the
 * address; what is above 255 stands in bits 5 to 11 (a hypervisor that takes 15 bits), or in the upper
 * half.
 */
static uint32_t apic_id(const struct msi_now *now)
{
	return (now->lo >> 12 & 0xff) | (now->lo >> 5 & 0x7f) << 8 | (now->hi & ~0xffu);
}

static enum stale judge(const struct msi_now *now, const struct virq *vq)
{
	if (!now->lo && !now->hi && !now->data)
		return EMPTY;
	if (vq && vq->reserved && vq->placeholder == now->data)
		return PLACEHOLDER;
	if ((now->data & 0xff) != now->vector)
		return WRONG_VECTOR;
	return apic_id(now) == now->dest ? GOOD : WRONG_CPU;
}

static struct phrase what_is_wrong(enum stale stale, const struct msi_now *now)
{
	struct phrase p = { "is still the placeholder of an unused interrupt" };
	char has[48];

	snprintf(has, sizeof(has), "has vector %#x on APIC id %u", now->vector, now->dest);
	if (stale == EMPTY)
		snprintf(p.s, sizeof(p.s), "is empty, but the interrupt %s", has);
	else if (stale == WRONG_VECTOR)
		snprintf(p.s, sizeof(p.s), "is for vector %#x, but the interrupt %s",
			 now->data & 0xff, has);
	else if (stale == WRONG_CPU)
		snprintf(p.s, sizeof(p.s), "goes to APIC id %u, but the interrupt %s", apic_id(now),
			 has);
	return p;
}

static const char *what_happened(const struct msi_event_hdr *e)
{
	if (e->type == MSI_EV_REQUEST)
		return "started with a stale message";
	return e->type == MSI_EV_AFF ? "moved with a stale message" : "stopped with a stale message";
}

static void report(struct rule_ctx *rc, const struct msi_event_hdr *e, const struct now_of *j,
		   enum stale stale)
{
	const struct virq *vq = model__virq(rc->model, j->irq);
	const struct written *w = model__written(rc->model, map_get(&rc->model->descs, j->desc));
	struct report r = { .e = e, .what = what_happened(e), .key = stale, .dev = vq ? vq->dev : NULL };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object_virq(f, j->irq, vq);
	finding_message(f,
			"message %x:%08x/%x of virq %u of %s %s; what the device sends goes to "
			"somebody else or is lost",
			j->now->hi, j->now->lo, j->now->data, j->irq, word_device(rc, &r).s,
			what_is_wrong(stale, j->now).s);
	if (w) {
		finding_setup(rc, f, "message written last", &w->when);
		finding_life(rc, f, "message written last", &w->when);
	}
	if (vq)
		finding_life_virq(rc, f, vq);
	rule_emit(rc, f);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	struct now_of j = now_of(e);
	enum stale stale;

	if (j.failed || !is_live(j.now))
		return;
	rule_judged(rc);
	stale = judge(j.now, model__virq(rc->model, j.irq));
	if (stale != GOOD)
		report(rc, e, &j, stale);
}

const struct rule rule_msg_stale = {
	.id = "msg_stale",
	.severity = SEV_LOST,
	.check = check,
	.summary = "message of a started interrupt is not for its vector and CPU",
	.doc = "\"The address/data pair is computed in two places\", activation and affinity setting, "
	       "from the vector and the CPU that the interrupt has then. Before a handler is "
	       "requested \"the vector assigned during allocation is just a place holder\", and "
	       "\"needs to be replaced by a real\" one (Thomas Gleixner, on reservation mode of x86).",
	.advice = "Find out who wrote the message: the second stack is the last writer. Only the "
		  "interrupt core may write it.",
	.blind = "Interrupts that are neither requested, freed nor moved while msitrace watches; "
		 "vectors of multi-MSI but the first; what the device holds, as against the copy of it "
		 "in the descriptor.",
	.wrong = "request_irq(irq, handler, 0, \"rx\", priv);\n"
		 "get_cached_msi_msg(other_irq, &msg);\n"
		 "pci_write_msi_msg(irq, &msg);",
	.right = "request_irq(irq, handler, 0, \"rx\", priv);\n"
		 "get_cached_msi_msg(irq, &msg);\n"
		 "pci_write_msi_msg(irq, &msg);",
	.alike = "The placeholder before request_irq(), and zeros after free_irq().\n"
		 "An interrupt that is requested but not started, or managed and shut down.\n"
		 "A move that is requested: x86 does it when the interrupt fires next.\n"
		 "Vectors of multi-MSI but the first: the descriptor has the message of that.\n"
		 "Messages that interrupt remapping or a hypervisor composes.",
	.wants = EV(REQUEST) | EV(UNREQUEST) | EV(AFF),
	.uses = EV(MSG_WRITE) | EV(ASSOC) | EV(ACTIVATE),
	.needs_any = { EV(REQUEST) | EV(UNREQUEST) | EV(AFF) },
	.needs_lossless = true,
	.since = KVER(5, 10),
	.profiles = PROFILE_X86,
};
