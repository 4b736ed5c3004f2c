// SPDX-License-Identifier: GPL-2.0-only
/*
 * breaks:  two tasks enable the MSI of one device at once, for the first time
 * nearest that does not:  one after the other: the second call finds the data, and returns
 *
 * msi_setup_device_data() looks for the data and only then makes it. Of two tasks that find none, one makes
 * the msi_irqs directory, and the other fails to: before or after the data of the first is in place.
 */
#include <errno.h>

#include "../rule_ctx.h"

#define LOSERS 16		/* that are remembered until the data of the other one is there */

struct loser {
	uint64_t dev;		/* 0: free */
	uint32_t tid;
	uint32_t epoch;		/* model::bind_epoch: an unbind since then was seen */
	char comm[MSI_COMM_LEN];
};

struct state {
	struct loser losers[LOSERS];
	uint32_t next;
};

static void report(struct rule_ctx *rc, const struct msi_ev_data_setup *ev, const char *comm,
		   uint32_t tid, const char *harm)
{
	const struct msi_data *md = map_get(&rc->model->mds, ev->md);
	struct report r = { .e = &ev->h, .what = "set up while another task did",
			    .dev = rc->scene->dev };
	struct finding *f = rule_report(rc, &r);

	if (!f)
		return;
	finding_object(f, "MSI data of %s", word_device(rc, &r).s);
	finding_message(f, "%s sets up the MSI data of %s, which %s does at the same time: %s",
			word_task(ev->h.comm, ev->h.tid).s, word_device(rc, &r).s,
			tid ? word_task(comm, tid).s : "another task", harm);
	if (md && md->setup.how && md->setup.tid != ev->h.tid) {
		finding_setup(rc, f, "set up by the other one", &md->setup);
		finding_life(rc, f, "MSI device data allocated", &md->setup);
	}
	rule_emit(rc, f);
}

static void failed(struct rule_ctx *rc, const struct msi_ev_data_setup *ev)
{
	const struct msi_data *md = map_get(&rc->model->mds, ev->md);
	bool known = md && md->setup.how == MOMENT_SEEN && md->setup.tid != ev->h.tid;
	struct state *st = rc->state;
	struct loser *l;

	if (ev->ret != -EEXIST)
		return;
	if (ev->md) {
		rule_judged(rc);
		report(rc, ev, known ? md->setup.comm : "", known ? md->setup.tid : 0,
		       "this call fails, only because the directory was there already");
		return;
	}
	l = &st->losers[st->next++ % LOSERS];
	*l = (struct loser){ .dev = ev->h.dev, .tid = ev->h.tid,
			     .epoch = rc->model->bind_epoch };
	for (size_t i = 0; i < sizeof(l->comm); i++)
		l->comm[i] = ev->h.comm[i];
}

static void forget(struct state *st, uint64_t dev)
{
	for (size_t i = 0; i < LOSERS; i++)
		if (st->losers[i].dev == dev)
			st->losers[i].dev = 0;
}

static void succeeded(struct rule_ctx *rc, const struct msi_ev_data_setup *ev)
{
	struct state *st = rc->state;

	rule_judged(rc);
	if (ev->replaced && rc->model->desc_epoch) {	/* not 0: something of the kind was lost */
		rule_inconclusive(rc, "whether the data of a device was released was lost");
	} else if (ev->replaced) {
		report(rc, ev, "", 0, "the data that was there is replaced, with all its descriptors");
		forget(st, ev->h.dev);
		return;
	}
	for (size_t i = 0; i < LOSERS; i++) {
		struct loser *l = &st->losers[i];

		if (l->dev != ev->h.dev)
			continue;
		if (l->tid != ev->h.tid && l->epoch == rc->model->bind_epoch)
			report(rc, ev, l->comm, l->tid, "the other call failed");
		l->dev = 0;
	}
}

static void check(struct rule_ctx *rc, const struct msi_event_hdr *e)
{
	const struct msi_ev_data_setup *ev = (const struct msi_ev_data_setup *)e;

	if (e->type != MSI_EV_DATA_SETUP)
		forget(rc->state, e->dev);
	else if (ev->ret)
		failed(rc, ev);
	else
		succeeded(rc, ev);
}

const struct rule rule_life_setup_race = {
	.id = "life_setup_race",
	.severity = SEV_CORRUPT,
	.check = check,
	.state_size = sizeof(struct state),
	.summary = "MSI data of a device set up by two tasks at once",
	.doc = "msi_setup_device_data() \"can be called more than once for @dev. If the MSI device data "
	       "is already allocated the call succeeds\" (kernel/irq/msi.c). Nothing serializes the "
	       "check and the assignment to dev->msi.data: callers have to.",
	.advice = "Enable MSI from probe, or serialize those who enable it with device_lock() or a mutex "
		  "of the driver.",
	.wrong = "/* two threads */\n"
		 "pci_alloc_irq_vectors(pdev, 1, 8, PCI_IRQ_MSIX);",
	.right = "mutex_lock(&priv->setup_lock);\n"
		 "if (!priv->nvec)\n"
		 "    priv->nvec = pci_alloc_irq_vectors(pdev, 1, 8, PCI_IRQ_MSIX);\n"
		 "mutex_unlock(&priv->setup_lock);",
	.alike = "Calls that find the data, and return at once.\n"
		 "A directory that an earlier driver left: nobody sets up the data meanwhile.",
	.blind = "Two tasks that both find no data where no directory is made (no sysfs).",
	.wants = EV(DATA_SETUP) | EV(DATA_RELEASE) | EV(BIND),
	.needs = EV(DATA_SETUP) | EV(DATA_RELEASE),
	.needs_lossless = true,
	.since = KVER(5, 17),
};
