// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many events per second the validator takes, with D live descriptors.
 *
 *	bench_validator [EVENTS]
 *
 * The stream is made on the fly and never held: every descriptor in turn is freed and made again,
 *with all that belongs to it (lock, walk, insert, associate, activate, request, mask, message,
 *release).  The cost of making it is measured alone and subtracted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "msitrace/validator.h"

#define VECTORS_PER_DEVICE 64
#define STACKS 64
#define FRAMES 14		/* of a typical probe or interrupt path */

typedef int (*sink_fn)(void *ctx, const struct msi_event_hdr *e);

struct gen {
	sink_fn sink;
	void *ctx;
	uint64_t nr, ts_ns;
	uint32_t descs;
	struct msi_stack stacks[STACKS];
	/* One record of each type, reused: a ring buffer would hand out memory that is as warm.  */
	struct msi_ev_lock lock;
	struct msi_ev_unlock unlock;
	struct msi_ev_first first;
	struct msi_ev_next next;
	struct msi_ev_insert insert;
	struct msi_ev_desc_free desc_free;
	struct msi_ev_store_begin store_begin;
	struct msi_ev_store_entry store_entry;
	struct msi_ev_store_end store_end;
	struct msi_ev_assoc assoc;
	struct msi_ev_activate activate;
	struct msi_ev_deactivate deactivate;
	struct msi_ev_request request;
	struct msi_ev_unrequest unrequest;
	struct msi_ev_mask mask;
	struct msi_ev_msg_write msg_write;
	struct msi_ev_irq_free irq_free;
};

#define HDR(g, r, t) hdr_init(&(g)->r.h, MSI_EV_##t, sizeof((g)->r))

static void hdr_init(struct msi_event_hdr *h, uint16_t type, uint16_t size)
{
	h->type = type;
	h->size = size;
	h->hook = type;
	h->pid = h->tid = 100;
	strcpy(h->comm, "bench");
}

static void gen_init(struct gen *g, uint32_t descs, sink_fn sink, void *ctx)
{
	memset(g, 0, sizeof(*g));
	g->sink = sink;
	g->ctx = ctx;
	g->descs = descs;
	for (int i = 0; i < STACKS; i++) {
		g->stacks[i].nr = FRAMES;
		for (int j = 0; j < FRAMES; j++)
			g->stacks[i].ip[j] = 0xffffffff81000000ULL + i * 0x1000 + j * 0x40;
	}
	HDR(g, lock, LOCK);
	HDR(g, unlock, UNLOCK);
	HDR(g, first, FIRST);
	HDR(g, next, NEXT);
	HDR(g, insert, INSERT);
	HDR(g, desc_free, DESC_FREE);
	HDR(g, store_begin, STORE_BEGIN);
	HDR(g, store_entry, STORE_ENTRY);
	HDR(g, store_end, STORE_END);
	HDR(g, assoc, ASSOC);
	HDR(g, activate, ACTIVATE);
	HDR(g, deactivate, DEACTIVATE);
	HDR(g, request, REQUEST);
	HDR(g, unrequest, UNREQUEST);
	HDR(g, mask, MASK);
	HDR(g, msg_write, MSG_WRITE);
	HDR(g, irq_free, IRQ_FREE);
	g->lock.stack = g->unlock.stack = g->stacks[0];
	g->insert.stack = g->desc_free.stack = g->stacks[1];
	g->assoc.stack = g->activate.stack = g->deactivate.stack = g->stacks[2];
	g->mask.stack = g->msg_write.stack = g->stacks[3];
	g->unlock.owner_current = g->first.owner_current = g->next.owner_current = 1;
	g->unlock.cursor = MSI_INDEX_MAX;
	g->insert.owner_current = g->desc_free.owner_current = 1;
	g->insert.nvec_used = g->store_entry.nvec_used = 1;
	g->store_begin.why = MSI_EV_DESC_FREE;
	g->store_end.count = g->desc_free.ndescs = 1;
	g->irq_free.known = 1;
	g->msg_write.flags = MSI_DESC_PCI | MSI_DESC_STATE_KNOWN | MSI_DESC_MSIX;
	strcpy(g->request.name, "bench-rx");
	strcpy(g->unrequest.name, "bench-rx");
}

#define SEND(g, r) send_event(g, &(g)->r.h, dev)

static void send_event(struct gen *g, struct msi_event_hdr *h, uint64_t dev)
{
	h->dev = dev;
	h->ts_ns = g->ts_ns += 250;
	g->nr++;
	g->sink(g->ctx, h);
}

static void send_attach(struct gen *g)
{
	struct msi_ev_attach at;
	struct msi_ev_kernel k;
	struct msi_ev_baseline b;
	const uint64_t dev = 0;

	for (int type = MSI_EV_DATA_SETUP; type < MSI_EV_MAX; type++) {
		memset(&at, 0, sizeof(at));
		hdr_init(&at.h, MSI_EV_ATTACH, sizeof(at));
		at.h.hook = at.event = type;
		at.status = MSI_ATTACH_LIVE;
		send_event(g, &at.h, dev);
	}
	memset(&k, 0, sizeof(k));
	hdr_init(&k.h, MSI_EV_KERNEL, sizeof(k));
	k.version = KVER(7, 2);
	k.profile = PROFILE_X86;
	send_event(g, &k.h, dev);
	memset(&b, 0, sizeof(b));
	hdr_init(&b.h, MSI_EV_BASELINE, sizeof(b));
	send_event(g, &b.h, dev);
	b.phase = 1;
	send_event(g, &b.h, dev);
}

static void walk(struct gen *g, uint64_t dev, uint64_t md, uint32_t site)
{
	struct msi_stack *st = &g->stacks[8 + site % 32];

	g->first.md = g->next.md = md;
	g->first.stack.nr = g->next.stack.nr = FRAMES;
	memcpy(g->first.stack.ip, st->ip, FRAMES * 8);
	memcpy(g->next.stack.ip, st->ip, FRAMES * 8);
	g->next.stack.ip[0] += 0x20;
	g->first.caller = g->first.stack.ip[0];
	g->next.caller = g->next.stack.ip[0];
	g->first.caller_fn = g->next.caller_fn = g->first.stack.ip[0] & ~0xfffULL;
	g->first.desc = md + 1;
	g->next.desc = md + 2;
	g->next.index = 1;
	SEND(g, first);
	SEND(g, next);
	g->next.desc = 0;
	SEND(g, next);
}

static void free_one(struct gen *g, uint64_t dev, uint64_t md, uint64_t desc, uint32_t index,
		     uint32_t irq)
{
	g->unrequest.desc = g->deactivate.desc = g->irq_free.desc = g->store_entry.desc = desc;
	g->unrequest.irq = g->deactivate.irq = g->irq_free.irq = irq;
	g->store_begin.md = g->store_entry.md = g->store_end.md = g->desc_free.md = md;
	g->store_begin.list = g->store_entry.list = g->store_end.list = g->desc_free.list = irq;
	g->store_entry.index = g->store_entry.msi_index = g->desc_free.first = g->desc_free.last = index;
	SEND(g, unrequest);
	SEND(g, deactivate);
	SEND(g, irq_free);
	SEND(g, store_begin);
	SEND(g, store_entry);
	SEND(g, store_end);
	SEND(g, desc_free);
}

static void make_one(struct gen *g, uint64_t dev, uint64_t md, uint64_t desc, uint32_t index,
		     uint32_t irq)
{
	g->insert.md = md;
	g->insert.desc = g->assoc.desc = g->activate.desc = g->request.desc = desc;
	g->mask.desc = g->msg_write.desc = desc;
	g->insert.index = g->assoc.index = g->msg_write.index = index;
	g->assoc.irq = g->activate.irq = g->request.irq = g->mask.irq = g->msg_write.irq = irq;
	SEND(g, insert);
	SEND(g, assoc);
	SEND(g, activate);
	SEND(g, msg_write);
	SEND(g, request);
	SEND(g, mask);
	SEND(g, mask);
	SEND(g, msg_write);
}

/* One turn of one descriptor: 20 to 27 events.  */
static void turn(struct gen *g, uint64_t step)
{
	uint32_t slot = step * 7919 % g->descs;		/* not in order of address */
	uint32_t index = slot % VECTORS_PER_DEVICE;
	uint64_t dev = 0xffff888000100000ULL + (uint64_t)(slot / VECTORS_PER_DEVICE) * 0x1000;
	uint64_t md = dev + 0x800, desc = 0xffff888200000000ULL + (uint64_t)slot * 192;

	g->lock.md = g->unlock.md = md;
	SEND(g, lock);
	walk(g, dev, md, slot);
	if (step >= g->descs)
		free_one(g, dev, md, desc, index, 32 + slot);
	make_one(g, dev, md, desc, index, 32 + slot);
	SEND(g, unlock);
}

static uint64_t generate(struct gen *g, uint64_t events)
{
	send_attach(g);
	for (uint64_t step = 0; g->nr < events || step < g->descs; step++)
		turn(g, step);
	return g->nr;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec * 1e-9;
}

static int nowhere(void *ctx, const struct msi_event_hdr *e)
{
	*(volatile uint64_t *)ctx += e->ts_ns;
	return 0;
}

static int feed(void *ctx, const struct msi_event_hdr *e)
{
	return msi_validator__feed(ctx, e);
}

static long rss_kib(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return ru.ru_maxrss;
}

static int bench(uint32_t descs, uint64_t events)
{
	static struct gen g;
	struct msi_validator_opts opts = { .sz = sizeof(opts) };
	const struct rule_result *res;
	struct msi_validator *v;
	uint64_t sum = 0, n, judged = 0, findings = 0;
	double t0, t1, t2;
	size_t nr;

	gen_init(&g, descs, nowhere, &sum);
	t0 = now();
	generate(&g, events);
	t1 = now();
	if (msi_validator__new(&opts, &v))
		return 1;
	gen_init(&g, descs, feed, v);
	n = generate(&g, events);
	t2 = now();
	msi_validator__finish(v);
	res = msi_validator__results(v, &nr);
	for (size_t i = 0; i < nr; i++) {
		judged += res[i].judged;
		findings += res[i].findings;
	}
	printf("D=%-7u %6.2f M events/s  (%.1f ns per event; generator %.1f ns)  peak RSS %ld MiB  "
	       "judged %llu findings %llu\n",
	       descs, n / ((t2 - t1) - (t1 - t0)) / 1e6, ((t2 - t1) - (t1 - t0)) / n * 1e9,
	       (t1 - t0) / n * 1e9, rss_kib() / 1024, (unsigned long long)judged,
	       (unsigned long long)findings);
	msi_validator__free(v);
	return findings != 0;
}

int main(int argc, char **argv)
{
	uint64_t events = argc > 1 ? strtoull(argv[1], NULL, 0) : 20000000;

	return bench(1000, events) | bench(100000, events);
}
