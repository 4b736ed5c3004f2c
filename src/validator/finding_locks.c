// SPDX-License-Identifier: GPL-2.0-only
/* What findings about the order of locks have in common.  */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rule_ctx.h"

struct phrase lock_name(const struct rule_ctx *rc, const struct lock_node *n)
{
	const struct msi_data *md;
	struct phrase t;

	switch (n->class) {
	case MSI_EDGE_CPU_HOTPLUG:
		snprintf(t.s, sizeof(t.s), "cpu_hotplug_lock");
		break;
	case MSI_EDGE_MSI_MUTEX:
		md = map_get(&rc->model->mds, n->key);
		snprintf(t.s, sizeof(t.s), "mutex of %s",
			 md && md->dev && md->dev->name[0] ? md->dev->name : "a device");
		break;
	case MSI_EDGE_DOMAIN:
		snprintf(t.s, sizeof(t.s), "irq_domain mutex");
		break;
	case MSI_EDGE_DEVICE:
		snprintf(t.s, sizeof(t.s), "device lock of %.32s", n->name[0] ? n->name : "a device");
		break;
	case MSI_EDGE_REQUEST:
		snprintf(t.s, sizeof(t.s), "request_mutex of irq %u", n->irq);
		break;
	case MSI_EDGE_RWSEM:
		snprintf(t.s, sizeof(t.s), "%s", n->name[0] ? n->name : "an rw_semaphore");
		break;
	default:
		snprintf(t.s, sizeof(t.s), "%s", n->name[0] ? n->name : "a mutex");
	}
	return t;
}

bool lock_cycle_new(const struct rule_ctx *rc, struct lock_cycle *c)
{
	struct lock_edge *e = rc->scene->edge;

	return rc->scene->edge_news && !e->reported && lock_graph__cycle(&rc->model->locks, e, c);
}

bool lock_cycle_blocked(const struct lock_cycle *c)
{
	for (uint32_t i = 0; i < c->nr; i++)
		if (c->edge[i]->holder_tid && c->edge[i]->holder_tid == c->edge[(i + 1) % c->nr]->tid)
			return true;
	return false;
}

__attribute__((format(printf, 2, 3)))
static const char *words(struct finding *f, const char *fmt, ...)
{
	char *s = f->words[f->nr_words];
	va_list ap;

	if (f->nr_words == FINDING_WORDS_MAX)
		return "";
	f->nr_words++;
	va_start(ap, fmt);
	vsnprintf(s, sizeof(f->words[0]), fmt, ap);
	va_end(ap);
	return s;
}

static void cycle_object(struct rule_ctx *rc, struct finding *f, const struct lock_cycle *c)
{
	size_t len = 0, room = sizeof(f->object);

	for (uint32_t i = 0; i <= c->nr && len < room; i++)
		len += snprintf(f->object + len, room - len, "%s%s", i ? ", " : "",
				lock_name(rc, c->edge[i % c->nr]->from).s);
}

static void cycle_life(struct rule_ctx *rc, struct finding *f, const struct lock_cycle *c)
{
	for (uint32_t i = 0; i < c->nr && i < 3; i++) {
		const struct lock_edge *e = c->edge[i];

		if (e->held.how)
			finding_life(rc, f, words(f, "%s taken", lock_name(rc, e->from).s),
				     &e->held);
		finding_life(rc, f, words(f, "then %s", lock_name(rc, e->to).s), &e->taken);
	}
}

/* The closing edge is the offence; the others follow in the order of the cycle.  */
void finding_cycle(struct rule_ctx *rc, struct finding *f, const struct lock_cycle *c)
{
	for (uint32_t i = 0; i < c->nr; i++) {
		struct lock_edge *e = c->edge[i];
		const char *what = words(f, "%s, then %s", lock_name(rc, e->from).s,
					 lock_name(rc, e->to).s);

		e->reported = true;
		if (!i)
			f->offence.what = what;
		else if (i == 1)
			finding_setup(rc, f, what, &e->taken);
		else
			finding_more(rc, f, what, &e->taken);
	}
	cycle_object(rc, f, c);
	cycle_life(rc, f, c);
}
