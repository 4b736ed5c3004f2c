// SPDX-License-Identifier: GPL-2.0-only
/* Building findings: moments with their stacks, and the words that all rules share.  */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "msitrace/event_desc.h"
#include "validator_internal.h"

/* --- facts about an event ----------------------------------------------------------------- */

#define OWNER(name, e) \
	(struct owner){ ((const struct msi_ev_##name *)(e))->owner_tid, \
			((const struct msi_ev_##name *)(e))->owner_current }

struct owner {
	uint32_t tid, current;
};

static struct owner owner_of(const struct msi_event_hdr *e)
{
	switch (e->type) {
	case MSI_EV_FIRST:
	case MSI_EV_NEXT:
		return OWNER(first, e);
	case MSI_EV_INSERT:
		return OWNER(insert, e);
	case MSI_EV_DESC_FREE:
		return OWNER(desc_free, e);
	case MSI_EV_ALLOC:
	case MSI_EV_FREE:
		return OWNER(alloc, e);
	case MSI_EV_UNLOCK:
		return OWNER(unlock, e);
	default:
		return (struct owner){ 0, 0 };
	}
}

bool event_owner_is_current(const struct msi_event_hdr *e)
{
	return owner_of(e).current;
}

uint32_t event_owner_tid(const struct msi_event_hdr *e)
{
	return owner_of(e).tid;
}

static const char *hook_function(const struct rule_ctx *rc, uint16_t hook)
{
	const struct hook *h = map_get(&rc->v->hooks, hook);

	return h ? h->func : "";
}

const char *event_function(const struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const char *func = hook_function(rc, e->hook);

	return func[0] ? func : event_desc(e->type)->name;
}

const struct store_list *enabled_descs(struct rule_ctx *rc, const struct msi_ev_pci_enable *ev)
{
	const struct store_list *sl = rc->scene->list;

	if (ev->ret || !ev->ndescs)
		return NULL;
	if (sl && sl->complete && !sl->cut)
		return sl;
	rule_inconclusive(rc, "the descriptors of a device are not known when it was enabled");
	return NULL;
}

/* --- words -------------------------------------------------------------------------------- */

struct word word_task(const char *comm, uint32_t tid)
{
	struct word t;

	if (comm && comm[0])
		snprintf(t.s, sizeof(t.s), "%.16s[%u]", comm, tid);
	else
		snprintf(t.s, sizeof(t.s), "task %u", tid);
	return t;
}

struct word word_ns(uint64_t ns)
{
	struct word t;

	if (ns < 10000)
		snprintf(t.s, sizeof(t.s), "%llu ns", (unsigned long long)ns);
	else if (ns < 10000000)
		snprintf(t.s, sizeof(t.s), "%llu us", (unsigned long long)ns / 1000);
	else if (ns < 10000000000ULL)
		snprintf(t.s, sizeof(t.s), "%llu ms", (unsigned long long)ns / 1000000);
	else
		snprintf(t.s, sizeof(t.s), "%llu s", (unsigned long long)ns / 1000000000);
	return t;
}

struct word word_cpus(uint64_t cpus)
{
	struct word t;
	size_t len = snprintf(t.s, sizeof(t.s), cpus & (cpus - 1) ? "CPUs " : cpus ? "CPU " : "no CPU below 64");

	if (cpus)
		str_cpus(t.s + len, sizeof(t.s) - len, cpus);
	return t;
}

static const struct device *report_device(const struct rule_ctx *rc, const struct report *r)
{
	return r->dev ? r->dev : model__device(rc->model, r->e->dev);
}

struct word word_device(const struct rule_ctx *rc, const struct report *r)
{
	const struct device *dev = report_device(rc, r);
	struct word t;

	snprintf(t.s, sizeof(t.s), "%s", dev && dev->name[0] ? dev->name : "a device");
	return t;
}

struct phrase phrase_holder(const struct msi_data *md, const struct msi_event_hdr *e)
{
	uint32_t tid = event_owner_tid(e);
	struct phrase t;

	if (!tid)
		snprintf(t.s, sizeof(t.s), "nobody holds it");
	else if (!md || md->lock != LOCK_STATE_HELD || md->owner_tid != tid)
		snprintf(t.s, sizeof(t.s), "task %u holds it", tid);
	else if (md->locked.how != MOMENT_SEEN || e->ts_ns < md->locked.ts_ns)
		snprintf(t.s, sizeof(t.s), "task %u has held it since before msitrace attached",
			 tid);
	else
		snprintf(t.s, sizeof(t.s), "%s has held it for %s",
			 word_task(md->locked.comm, tid).s,
			 word_ns(e->ts_ns - md->locked.ts_ns).s);
	return t;
}

/* --- moments ------------------------------------------------------------------------------ */

static void moment_of_event(const struct rule_ctx *rc, struct finding_moment *fm, const char *what,
			    const struct msi_event_hdr *e)
{
	const struct msi_stack *st = event_stack(e);

	fm->what = what;
	fm->ts_ns = e->ts_ns;
	fm->pid = e->pid;
	fm->tid = e->tid;
	memcpy(fm->comm, e->comm, sizeof(fm->comm));
	snprintf(fm->func, sizeof(fm->func), "%s", hook_function(rc, e->hook));
	if (!st)
		return;
	fm->nr = st->nr;
	memcpy(fm->ip, st->ip, st->nr * sizeof(fm->ip[0]));
}

static void moment_of_model(const struct rule_ctx *rc, struct finding_moment *fm, const char *what,
			    const struct moment *mo)
{
	const uint64_t *ip;

	fm->what = what;
	fm->before_attach = mo->how == MOMENT_BEFORE;
	if (fm->before_attach)
		return;
	fm->ts_ns = mo->ts_ns;
	fm->pid = mo->pid;
	fm->tid = mo->tid;
	memcpy(fm->comm, mo->comm, sizeof(fm->comm));
	snprintf(fm->func, sizeof(fm->func), "%s", hook_function(rc, mo->hook));
	ip = stackdepot__frames(rc->model->stacks, mo->stack, &fm->nr);
	if (ip)
		memcpy(fm->ip, ip, fm->nr * sizeof(fm->ip[0]));
}

/* --- findings ----------------------------------------------------------------------------- */

/* False: it was seen before, or there are too many.  Without memory everything is new.  */
static bool is_first(struct rule_ctx *rc, const struct report *r, const struct device *dev)
{
	const struct msi_stack *st = event_stack(r->e);
	uint64_t id[4] = { rc->index + 1, dev ? dev->serial : 0,
			   st ? stack_hash(st->ip, st->nr) : 0, r->key };
	uint64_t hash = stack_hash((const __u64 *)id, 4);
	struct map *seen = &rc->v->seen;

	if (map_get(seen, hash))
		return false;
	if (seen->nr >= FINDINGS_MAX)
		return false;
	map_add(seen, hash, rc->v);
	return true;
}

struct finding *rule_report(struct rule_ctx *rc, const struct report *r)
{
	const struct device *dev = report_device(rc, r);
	struct finding *f = &rc->v->finding;

	if (r->note)
		rc->result->notes++;
	else
		rc->result->findings++;
	if (r->known)
		rc->result->known++;
	if (!is_first(rc, r, dev))
		return NULL;
	memset(f, 0, sizeof(*f));
	f->rule = rc->rule;
	f->note = r->note;
	f->nr = r->note ? ++rc->v->nr_notes : ++rc->v->nr_findings;
	f->known = r->known;
	f->known_text = r->known_text;
	f->dev = dev ? dev->ptr : r->e->dev;
	if (dev) {
		memcpy(f->device, dev->name, sizeof(f->device));
		memcpy(f->driver, dev->driver, sizeof(f->driver));
	}
	moment_of_event(rc, &f->offence, r->what, r->e);
	return f;
}

static bool older(const struct finding_moment *a, const struct finding_moment *b)
{
	if (a->before_attach != b->before_attach)
		return a->before_attach;
	return a->ts_ns < b->ts_ns;
}

/* A handful of moments, and nearly in order.  */
static void sort_life(struct finding *f)
{
	for (uint32_t i = 1; i < f->nr_life; i++) {
		struct finding_moment fm = f->life[i];
		uint32_t j = i;

		for (; j && older(&fm, &f->life[j - 1]); j--)
			f->life[j] = f->life[j - 1];
		f->life[j] = fm;
	}
}

void rule_emit(struct rule_ctx *rc, struct finding *f)
{
	sort_life(f);
	if (rc->v->opts.finding)
		rc->v->opts.finding(rc->v->opts.ctx, f);
}

void finding_message(struct finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->message, sizeof(f->message), fmt, ap);
	va_end(ap);
}

void finding_object(struct finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->object, sizeof(f->object), fmt, ap);
	va_end(ap);
}

void finding_setup(struct rule_ctx *rc, struct finding *f, const char *what,
		   const struct moment *mo)
{
	if (mo->how == MOMENT_NONE)
		return;
	f->has_setup = true;
	moment_of_model(rc, &f->setup, what, mo);
}

void finding_more(struct rule_ctx *rc, struct finding *f, const char *what, const struct moment *mo)
{
	if (mo->how == MOMENT_NONE || f->nr_more == FINDING_MORE_MAX)
		return;
	moment_of_model(rc, &f->more[f->nr_more++], what, mo);
}

void finding_life(struct rule_ctx *rc, struct finding *f, const char *what, const struct moment *mo)
{
	if (mo->how == MOMENT_NONE || f->nr_life == FINDING_LIFE_MAX)
		return;
	moment_of_model(rc, &f->life[f->nr_life++], what, mo);
}

void finding_life_virq(struct rule_ctx *rc, struct finding *f, const struct virq *vq)
{
	finding_life(rc, f, "interrupt associated", &vq->associated);
	finding_life(rc, f, "interrupt activated", &vq->activated);
	finding_life(rc, f, "handler requested", &vq->requested);
}

void finding_inserted(struct rule_ctx *rc, struct finding *f, const struct desc *d)
{
	if (!d)
		return;
	finding_setup(rc, f, "descriptor inserted", &d->inserted);
	finding_life_desc(rc, f, d);
}

struct report report_of_write(const struct rule_ctx *rc, const struct msi_ev_msg_write *e,
			      const char *what)
{
	const struct virq *vq = model__virq(rc->model, e->irq);
	const struct desc *d = rc->scene->desc;

	return (struct report){ .e = &e->h, .what = what, .dev = vq ? vq->dev : d ? d->dev : NULL };
}

void finding_of_write(struct rule_ctx *rc, struct finding *f, const struct msi_ev_msg_write *e)
{
	const struct virq *vq = model__virq(rc->model, e->irq);
	const struct desc *d = rc->scene->desc;

	finding_object(f, "descriptor index %u, virq %u", e->index, e->irq);
	if (d && d->written.known) {
		finding_setup(rc, f, "message written before", &d->written.when);
		finding_life(rc, f, "message written before", &d->written.when);
	}
	if (vq)
		finding_life_virq(rc, f, vq);
}

bool message_is_empty(const struct msi_ev_msg_write *e)
{
	return !e->new_lo && !e->new_hi && !e->new_data;
}

void finding_object_virq(struct finding *f, uint32_t irq, const struct virq *vq)
{
	if (vq)
		finding_object(f, "virq %u, descriptor index %u", irq, vq->index);
	else
		finding_object(f, "virq %u", irq);
}

void finding_life_desc(struct rule_ctx *rc, struct finding *f, const struct desc *d)
{
	finding_life(rc, f, "descriptor inserted", &d->inserted);
	finding_life(rc, f, "descriptor freed", &d->freed_at);
}

void rule_inconclusive(struct rule_ctx *rc, const char *fmt, ...)
{
	va_list ap;

	if (rc->inconclusive)
		return;
	rc->inconclusive = true;
	va_start(ap, fmt);
	vsnprintf(rc->result->reason, sizeof(rc->result->reason), fmt, ap);
	va_end(ap);
}

void rule_not_judged(struct rule_ctx *rc, const char *fmt, ...)
{
	va_list ap;

	if (rc->why_not[0])
		return;
	va_start(ap, fmt);
	vsnprintf(rc->why_not, sizeof(rc->why_not), fmt, ap);
	va_end(ap);
}
