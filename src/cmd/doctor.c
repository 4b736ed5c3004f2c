// SPDX-License-Identifier: GPL-2.0-only
/* `doctor`: role by role, what can be watched on a kernel, and what its absence costs.  */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/table.h"
#include "base/util.h"
#include "cmd.h"
#include "collect/collect.h"
#include "msitrace/validator.h"

static const struct table_col cols[] = {
	{ "ROLE", "what is watched", 0 },
	{ "STATE", "live, degraded, absent", 0 },
	{ "FUNCTIONS", "kernel functions that serve for it", TABLE_WRAP },
	{ "COSTS", "why it is not live, and rules that cannot be judged without it", TABLE_WRAP },
};

const struct table_col *doctor_cols(size_t *nr)
{
	*nr = ARRAY_SIZE(cols);
	return cols;
}

static const char *state_name(enum msi_attach_status st)
{
	switch (st) {
	case MSI_ATTACH_LIVE: return "live";
	case MSI_ATTACH_DEGRADED: return "degraded";
	case MSI_ATTACH_OFF: return "off";
	default: return "absent";
	}
}

/* Event types that some hook of the role makes, and those that live hooks of other roles make.  */
static event_mask_t role_events(const char *role)
{
	event_mask_t ev = 0;
	int i;

	for (i = 1; i < HOOK_MAX; i++)
		if (!strcmp(hook_rows[i].role, role))
			ev |= hook_event_mask(i);
	return ev;
}

static event_mask_t live_events(const struct hook_state *states)
{
	event_mask_t ev = 0;
	int i;

	for (i = 1; i < HOOK_MAX; i++)
		if (states[i].status == MSI_ATTACH_LIVE)
			ev |= hook_event_mask(i);
	return ev;
}

static bool judgeable(const struct rule *r, event_mask_t ev)
{
	size_t i;

	if (r->needs & ~ev)
		return false;
	for (i = 0; i < 2; i++)
		if (r->needs_any[i] && !(r->needs_any[i] & ev))
			return false;
	return true;
}

/* Rules that the live hooks cannot serve, and could with this role.  */
static void role_costs(const char *role, const struct hook_state *states, const char *why, char *buf,
		       size_t size)
{
	event_mask_t mine = role_events(role), live = live_events(states);
	const struct rule *const *rules;
	size_t i, nr, n;
	bool any = false;

	n = snprintf(buf, size, "%s", why);
	rules = msi_rules(&nr);
	for (i = 0; i < nr && n < size; i++) {
		event_mask_t used = rules[i]->needs | rules[i]->needs_any[0] | rules[i]->needs_any[1];

		if (judgeable(rules[i], live) || !(used & mine & ~live))
			continue;
		n += snprintf(buf + n, size - n, "%s%s", any ? ", " : n ? "; n/a: " : "n/a: ", rules[i]->id);
		any = true;
	}
}

static int print(const struct options *o, const struct hook_state *states)
{
	struct table_opts to = { .name = "roles" };
	struct table *t;
	int i, k, err;

	err = listing_new(CMD_DOCTOR, o, &to, &t);
	if (err)
		return err;
	for (i = 1; !err && i < HOOK_MAX; i++) {
		char funcs[512], costs[512] = "";
		const struct hook_state *st;
		enum msi_attach_status status;
		const char *cells[] = { hook_rows[i].role, NULL, funcs, costs };

		for (k = 1; k < i; k++)
			if (!strcmp(hook_rows[k].role, hook_rows[i].role))
				break;
		if (k < i)	/* said already */
			continue;
		status = hook_role_status(hook_rows[i].role, states, &st, funcs, sizeof(funcs));
		cells[1] = state_name(status);
		if (status != MSI_ATTACH_LIVE)
			role_costs(hook_rows[i].role, states, st->why, costs, sizeof(costs));
		err = table__row(t, cells);
	}
	return listing_print(t, err);
}

static int ignore(void *ctx, const struct msi_event_hdr *e)
{
	(void)ctx;
	(void)e;
	return 0;
}

/* From the types alone: what exists.  Whether it attaches only a trial can tell.  */
static int from_types(const struct options *o)
{
	static struct hook_state states[HOOK_MAX];
	struct collect_err cerr = {};

	if (collect_from_types(o->btf, states, &cerr)) {
		pr_err("%s%s%s\n", cerr.what, cerr.hint[0] ? "; " : "", cerr.hint);
		return MSITRACE_EXIT_CANNOT_RUN;
	}
	return print(o, states);
}

int cmd_doctor(const struct options *o)
{
	struct collect_opts co = {
		.sz = sizeof(co), .use = ~0u, .events = ~0ull, .locks = MSI_LOCKS_FULL, .event = ignore,
	};
	struct collect_err cerr;
	struct collect *c;
	int ret;

	if (o->btf)
		return from_types(o);
	if (collect__open(&co, &c, &cerr)) {
		ret = from_types(o);
		if (ret != MSITRACE_EXIT_CLEAN)
			return ret;
		pr_err("the list is what the types say; nothing could be attached: %s%s%s\n",
		       cerr.what, cerr.hint[0] ? "; " : "", cerr.hint);
		return MSITRACE_EXIT_CANNOT_RUN;
	}
	ret = print(o, collect__hooks(c));
	collect__close(c);
	return ret;
}
