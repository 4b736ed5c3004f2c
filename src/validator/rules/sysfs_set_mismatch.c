// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  sysfs_remove_file_from_group(&dev->kobj, &attr, "msi_irqs")
 * nearest that does not:  an empty directory after pci_free_irq_vectors()
 */
#include <stdio.h>
#include <stdlib.h>

#include "../rule_ctx.h"

#define RUNS_MAX 16384		/* of a directory; more come from forged streams only */
#define NVEC_MAX 32		/* of a descriptor: what multi-MSI has at most */
#define SHOWN 6			/* numbers that a message names */

struct run {
	uint32_t first, last;
};

/* The runs of the list that is coming in.  */
struct state {
	uint64_t dev;
	uint32_t list, nr, room;
	struct run *runs;
};

/* Numbers that are on one side only.  */
struct side {
	uint64_t nr;
	uint32_t shown[SHOWN];
};

static void add(struct side *s, uint64_t nr, uint32_t first)
{
	for (uint64_t i = 0; i < nr && s->nr + i < SHOWN; i++)
		s->shown[s->nr + i] = first + (uint32_t)i;
	s->nr += nr;
}

/* False: the list does not go on with this run, or is larger than any.  */
static bool take_run(struct state *st, const struct msi_ev_sysfs_list *ev)
{
	struct run *runs;

	if (!ev->run) {
		st->nr = 0;
		st->dev = ev->h.dev;
		st->list = ev->list;
	}
	if (st->dev != ev->h.dev || st->list != ev->list || st->nr != ev->run)
		return false;
	if (!ev->runs)
		return true;
	if (ev->last < ev->first || st->nr >= RUNS_MAX ||
	    (st->nr && ev->first <= st->runs[st->nr - 1].last))
		return false;
	if (st->nr == st->room) {
		uint32_t room = st->room ? 2 * st->room : 16;

		runs = realloc(st->runs, room * sizeof(*runs));
		if (!runs)
			return false;
		st->runs = runs;
		st->room = room;
	}
	st->runs[st->nr++] = (struct run){ ev->first, ev->last };
	return true;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The interrupts of the default domain of the device, ascending, each once.  */
static uint32_t *interrupts(const struct store_list *sl, uint32_t *nr)
{
	uint32_t i, n = 0, room = 0, *irqs;

	for (i = 0; i < sl->nr; i++)
		room += sl->rows[i].nvec < NVEC_MAX ? sl->rows[i].nvec : NVEC_MAX;
	irqs = calloc(room + 1, sizeof(*irqs));
	if (!irqs)
		return NULL;
	for (i = 0; i < sl->nr; i++)
		for (uint32_t k = 0; sl->rows[i].irq && !sl->rows[i].domid &&
		     k < sl->rows[i].nvec && k < NVEC_MAX; k++)
			irqs[n++] = sl->rows[i].irq + k;
	qsort(irqs, n, sizeof(*irqs), by_value);
	for (i = 0, *nr = 0; i < n; i++)
		if (!*nr || irqs[*nr - 1] != irqs[i])
			irqs[(*nr)++] = irqs[i];
	return irqs;
}

/* Both ascend.  */
static void compare(const struct state *st, const uint32_t *irqs, uint32_t nr, struct side *missing,
		    struct side *surplus)
{
	uint32_t i = 0;

	for (uint32_t r = 0; r < st->nr; r++) {
		const struct run *run = &st->runs[r];
		uint64_t next = run->first;		/* of the run, not yet compared */

		for (; i < nr && irqs[i] < run->first; i++)
			add(missing, 1, irqs[i]);
		for (; i < nr && irqs[i] <= run->last; i++) {
			add(surplus, irqs[i] - next, (uint32_t)next);
			next = (uint64_t)irqs[i] + 1;
		}
		add(surplus, (uint64_t)run->last + 1 - next, (uint32_t)next);
	}
	for (; i < nr; i++)
		add(missing, 1, irqs[i]);
}

static struct phrase numbers(const struct side *s)
{
	struct phrase p = { "" };
	size_t len = 0;

	for (uint32_t i = 0; i < s->nr && i < SHOWN; i++)
		len += snprintf(p.s + len, sizeof(p.s) - len, "%s%u", i ? ", " : "", s->shown[i]);
	if (s->nr > SHOWN)
		snprintf(p.s + len, sizeof(p.s) - len, ", ...");
	return p;
}

static struct phrase what_differs(const struct side *missing, const struct side *surplus)
{
	struct phrase p;

	if (missing->nr && surplus->nr)
		snprintf(p.s, sizeof(p.s), "lacks %llu of them and names %llu that are not its",
			 (unsigned long long)missing->nr, (unsigned long long)surplus->nr);
	else if (missing->nr)
		snprintf(p.s, sizeof(p.s), "lacks %llu of them", (unsigned long long)missing->nr);
	else
		snprintf(p.s, sizeof(p.s), "names %llu more", (unsigned long long)surplus->nr);
	return p;
}

static void report(struct rule_ctx *rc, const struct msi_ev_sysfs_list *ev, uint32_t nr,
		   const struct side *missing, const struct side *surplus)
{
	const struct virq *vq = missing->nr ? model__virq(rc->model, missing->shown[0]) : NULL;
	struct report r = { .e = &ev->h, .what = "msi_irqs/ read", .dev = rc->scene->dev };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object(f, "msi_irqs/%s%.40s%s%.40s", missing->nr ? " without " : "",
		       numbers(missing).s, surplus->nr ? " with " : "", numbers(surplus).s);
	finding_message(f,
			"%s has %u MSI interrupt%s, its msi_irqs/ directory %s; irqbalance and "
			"other tools that read it do not see what there is",
			word_device(rc, &r).s, nr, nr == 1 ? "" : "s",
			what_differs(missing, surplus).s);
	if (vq) {
		finding_setup(rc, f, "interrupt associated", &vq->associated);
		finding_life_virq(rc, f, vq);
	}
	rule_emit(rc, f);
}

static void judge(struct rule_ctx *rc, const struct msi_ev_sysfs_list *ev)
{
	struct side missing = { 0 }, surplus = { 0 };
	uint32_t nr, *irqs = interrupts(rc->scene->list, &nr);

	if (!irqs)
		return;
	rule_judged(rc);
	compare(rc->state, irqs, nr, &missing, &surplus);
	if (missing.nr || surplus.nr)
		report(rc, ev, nr, &missing, &surplus);
	free(irqs);
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_sysfs_list *ev = (const struct msi_ev_sysfs_list *)e;
	const struct store_list *sl = rc->scene->list;

	if (!take_run(rc->state, ev) || ev->run + 1ull < ev->runs)
		return;
	if (!sl || !sl->complete || sl->cut || sl->md != ev->md)
		return;
	if (sl->files == MSI_SYSFS_CORE || (sl->files == MSI_SYSFS_LEGACY && sl->nr))
		judge(rc, ev);
	else if (sl->files == MSI_SYSFS_NONE)
		rule_not_judged(rc, "no irq domain here makes files in msi_irqs/");
}

static void destroy(struct rule_ctx *rc)
{
	struct state *st = rc->state;

	if (st)
		free(st->runs);
}

const struct rule rule_sysfs_set_mismatch = {
	.id = "sysfs_set_mismatch",
	.severity = SEV_STATE,
	.check = check,
	.destroy = destroy,
	.state_size = sizeof(struct state),
	.summary = "msi_irqs/ does not name exactly the interrupts of the device",
	.doc = "Documentation/ABI/testing/sysfs-bus-pci: \"The /sys/devices/.../msi_irqs directory "
	       "contains a variable set of files, with each file being named after a corresponding "
	       "msi irq vector allocated to that device.\" The core makes them when a descriptor "
	       "gets its interrupts and removes them when it loses them, for irq domains with "
	       "MSI_FLAG_DEV_SYSFS. Judged when msitrace starts and when it ends: the directory "
	       "against the descriptors in the store, while nobody holds the descriptor mutex.",
	.advice = "Look for who removes or adds files behind the core's back, or for an irq domain "
		  "with domain_alloc_irqs() of its own: does it call msi_device_populate_sysfs()?",
	.blind = "What was wrong in between and is right at both ends of the run. Domains without "
		 "MSI_FLAG_DEV_SYSFS, and kernels before 5.17, which have no lock to say when to look.",
	.wrong = "ret = my_domain_alloc_irqs(domain, dev, nvec);\n"
		 "return ret; /* no files, although MSI_FLAG_DEV_SYSFS is set */",
	.right = "ret = my_domain_alloc_irqs(domain, dev, nvec);\n"
		 "return ret ?: msi_device_populate_sysfs(dev);",
	.alike = "An empty directory: the group lives as long as the device data.\n"
		 "A file that goes a moment after its interrupt, below the mutex.\n"
		 "Files of legacy setups, all made at the end of it.\n"
		 "\"msi\" in a file of an MSI-X interrupt after disable: names are judged.",
	.wants = EV(SYSFS_LIST),
	.needs = EV(STORE_ENTRY),
	.uses = EV(STORE_BEGIN) | EV(STORE_ENTRY) | EV(STORE_END),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
