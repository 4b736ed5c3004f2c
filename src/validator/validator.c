// SPDX-License-Identifier: GPL-2.0-only
/* libmsivalidator: which rules run, who gets which event, and what the verdicts are.  */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "msitrace/event_desc.h"
#include "validator_internal.h"

/* The list is generated from the names of the files in rules/.  */
#define RULE(id) extern const struct rule rule_##id;
#include "rules_list.h"
#undef RULE

#define RULE(id) &rule_##id,
static const struct rule *const all_rules[] = {
#include "rules_list.h"
};
#undef RULE

#define NR_RULES (sizeof(all_rules) / sizeof(all_rules[0]))

const struct rule *const *msi_rules(size_t *nr)
{
	*nr = NR_RULES;
	return all_rules;
}

const struct rule *msi_rule(const char *id)
{
	for (size_t i = 0; i < NR_RULES; i++)
		if (!strcmp(all_rules[i]->id, id))
			return all_rules[i];
	return NULL;
}

int msi_rule_param(const struct rule *r, const char *name)
{
	for (int i = 0; i < RULE_PARAMS_MAX && r->params[i].name; i++)
		if (!strcmp(r->params[i].name, name))
			return i;
	return -1;
}

const char *severity_name(enum severity s)
{
	static const char *const names[] = {
		[SEV_CORRUPT] = "corrupt", [SEV_LOST] = "lost",
		[SEV_STATE] = "state", [SEV_HYGIENE] = "hygiene",
	};

	return s < sizeof(names) / sizeof(names[0]) ? names[s] : "?";
}

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = {
		[VERDICT_PASS] = "pass", [VERDICT_FAIL] = "fail",
		[VERDICT_NA] = "n/a", [VERDICT_INCONCLUSIVE] = "inconclusive",
	};

	return v < sizeof(names) / sizeof(names[0]) ? names[v] : "?";
}

/* --- what is available -------------------------------------------------------------------- */

/* Why events of this type do not come: the row that says most.  */
static const struct hook *hook_that_lacks(const struct msi_validator *v, unsigned int type)
{
	const struct hook *h, *best = NULL;
	const struct map_node *pos = NULL;

	while ((h = map_next(&v->hooks, &pos)))
		if (h->event == type && (!best || h->hook < best->hook))
			best = h;
	return best;
}

static void say_missing(const struct msi_validator *v, unsigned int type, char *reason, size_t size)
{
	const struct event_desc *ed = event_desc(type);
	const struct hook *h = hook_that_lacks(v, type);

	if (!h)
		snprintf(reason, size, "no hook gives %s events here", ed->name);
	else if (h->status == MSI_ATTACH_OFF)
		snprintf(reason, size, "%s was not asked for", h->role);
	else
		snprintf(reason, size, "%s is not available: %s", h->role,
			 h->why[0] ? h->why : "no reason given");
}

bool rule_can_see(struct rule_ctx *rc, unsigned int type)
{
	char reason[160];

	if (rc->v->available >> type & 1)
		return true;
	say_missing(rc->v, type, reason, sizeof(reason));
	rule_not_judged(rc, "%s", reason);
	return false;
}

static bool needs_met(const struct msi_validator *v, const struct rule *r, char *reason,
		      size_t size)
{
	event_mask_t missing = r->needs & ~v->available;

	for (int i = 0; i < 2 && !missing; i++)
		if (r->needs_any[i] && !(r->needs_any[i] & v->available))
			missing = r->needs_any[i];
	if (!missing)
		return true;
	say_missing(v, __builtin_ctzll(missing), reason, size);
	return false;
}

static bool kernel_fits(const struct msi_validator *v, const struct rule *r, char *reason,
			size_t size)
{
	if (!r->since && !r->until && !r->profiles)
		return true;
	if (!v->kernel_seen)
		snprintf(reason, size, "the stream does not say which kernel made it");
	else if (r->since && v->version < r->since)
		snprintf(reason, size, "applies to kernels since %u.%u, this is %u.%u",
			 r->since >> 16, r->since >> 8 & 0xff, v->version >> 16,
			 v->version >> 8 & 0xff);
	else if (r->until && v->version >= r->until)
		snprintf(reason, size, "applies to kernels before %u.%u, this is %u.%u",
			 r->until >> 16, r->until >> 8 & 0xff, v->version >> 16,
			 v->version >> 8 & 0xff);
	else if (r->profiles && !(r->profiles & v->profile))
		snprintf(reason, size, "does not apply to this platform");
	else
		return true;
	return false;
}

static bool can_judge(const struct msi_validator *v, const struct rule *r, char *reason,
		      size_t size)
{
	if (!v->attach_seen) {
		snprintf(reason, size, "the stream does not say what was attached");
		return false;
	}
	return kernel_fits(v, r, reason, size) && needs_met(v, r, reason, size);
}

/* After each ATTACH and KERNEL; they come first and are few.  */
static void choose_rules(struct msi_validator *v)
{
	char reason[160];

	memset(v->nr_dispatch, 0, sizeof(v->nr_dispatch));
	for (size_t i = 0; i < v->nr_rules; i++) {
		struct rule_ctx *rc = &v->rules[i];

		rc->active = can_judge(v, rc->rule, reason, sizeof(reason));
		for (unsigned int type = 0; rc->active && type < MSI_EV_MAX; type++)
			if (rc->rule->wants >> type & 1)
				v->dispatch[type * NR_RULES + v->nr_dispatch[type]++] = rc;
	}
}

/* Hooks that are absent may have no number.  */
static int hook_get(struct msi_validator *v, uint16_t nr, struct hook **out)
{
	struct hook *h = nr ? map_get(&v->hooks, nr) : NULL;
	int err;

	if (!nr && v->nr_unnumbered == UNNUMBERED_MAX)
		h = map_get(&v->hooks, UINT16_MAX + UNNUMBERED_MAX);

	if (!h) {
		h = calloc(1, sizeof(*h));
		if (!h)
			return -ENOMEM;
		h->hook = nr;
		err = map_add(&v->hooks, nr ? nr : UINT16_MAX + ++v->nr_unnumbered, h);
		if (err) {
			free(h);
			return err;
		}
	}
	*out = h;
	return 0;
}

static int take_attach(struct msi_validator *v, const struct msi_ev_attach *e)
{
	struct hook *h;
	int err = hook_get(v, e->h.hook, &h);

	if (err)
		return err;
	h->event = e->event;
	h->status = e->status;
	memcpy(h->role, e->role, sizeof(h->role));
	memcpy(h->func, e->func, sizeof(h->func));
	memcpy(h->why, e->why, sizeof(h->why));
	v->attach_seen = true;
	if (e->event < MSI_EV_MAX &&
	    (e->status == MSI_ATTACH_LIVE || e->status == MSI_ATTACH_DEGRADED))
		v->available |= 1ULL << e->event;
	/* Insertions by a function without hook are not seen; frees have one function for all.  */
	if (e->event == MSI_EV_INSERT && e->status != MSI_ATTACH_LIVE)
		v->model.insert_exact = false;
	if (e->event == MSI_EV_IRQ_FREE && e->status == MSI_ATTACH_DEGRADED)
		v->model.irq_free_exact = false;
	choose_rules(v);
	return 0;
}

static void take_kernel(struct msi_validator *v, const struct msi_ev_kernel *e)
{
	v->kernel_seen = true;
	v->version = e->version;
	v->profile = e->profile;
	choose_rules(v);
}

/* --- loss --------------------------------------------------------------------------------- */

static void take_lost(struct msi_validator *v, const struct msi_ev_lost *e)
{
	bool any = !e->event || e->event >= MSI_EV_MAX;
	event_mask_t types = any ? ~0ULL : 1ULL << e->event;
	uint64_t count = e->count ? e->count : 1;

	if (types & EV(DOM_CREATE))	/* one hook sends both */
		types |= EV(DATA_SETUP);
	if (e->phase == MSI_LOST_TO_HERE) {
		model__lost(&v->model, v->losing);
		v->losing = 0;
		return;
	}
	if (e->phase == MSI_LOST_FROM_HERE)
		v->losing |= types;
	v->lost |= types;
	v->nr_lost += count;
	if (any)
		v->nr_lost_any += count;
	else
		v->lost_of[e->event] += count;
	model__lost(&v->model, types);
}

static bool lossy(const struct msi_validator *v, const struct rule *r, char *reason, size_t size)
{
	event_mask_t types = v->lost & (r->wants | (r->needs_lossless ? r->uses : 0));
	uint64_t nr = v->nr_lost_any;
	const char *name = "";

	if (!types)
		return false;
	for (unsigned int type = 0; type < MSI_EV_MAX; type++) {
		if (!(types >> type & 1) || !v->lost_of[type])
			continue;
		nr += v->lost_of[type];
		name = event_desc(type) ? event_desc(type)->name : "";
	}
	snprintf(reason, size, "%llu events were lost%s%s%s", (unsigned long long)nr,
		 name[0] ? ", " : "", name, name[0] ? " among them" : "");
	return true;
}

/* --- life of a validator ------------------------------------------------------------------ */

static bool wanted(const char *const *ids, const char *id)
{
	if (!ids)
		return true;
	for (; *ids; ids++)
		if (!strcmp(*ids, id))
			return true;
	return false;
}

/* The last value that is given for a parameter counts.  */
static void set_params(const struct msi_validator_opts *o, struct rule_ctx *rc)
{
	for (int i = 0; i < RULE_PARAMS_MAX; i++)
		rc->params[i] = rc->rule->params[i].value;
	for (size_t i = 0; i < o->nr_values; i++)
		if (!strcmp(o->values[i].rule, rc->rule->id))
			rc->params[msi_rule_param(rc->rule, o->values[i].param)] = o->values[i].value;
}

static bool opts_valid(const struct msi_validator_opts *o)
{
	const struct rule *r;

	for (const char *const *id = o->rules; id && *id; id++)
		if (!msi_rule(*id))
			return false;
	for (size_t i = 0; i < o->nr_values; i++) {
		r = msi_rule(o->values[i].rule);
		if (!r || msi_rule_param(r, o->values[i].param) < 0)
			return false;
	}
	return true;
}

static int add_rules(struct msi_validator *v, const char *const *ids)
{
	v->rules = calloc(NR_RULES, sizeof(*v->rules));
	v->results = calloc(NR_RULES, sizeof(*v->results));
	v->dispatch = calloc(MSI_EV_MAX * NR_RULES, sizeof(*v->dispatch));
	if (!v->rules || !v->results || !v->dispatch)
		return -ENOMEM;
	for (size_t i = 0; i < NR_RULES; i++) {
		const struct rule *r = all_rules[i];
		struct rule_ctx *rc = &v->rules[v->nr_rules];

		if (!wanted(ids, r->id))
			continue;
		*rc = (struct rule_ctx){ .rule = r, .v = v, .model = &v->model,
					 .scene = &v->model.scene, .index = v->nr_rules,
					 .result = &v->results[v->nr_rules] };
		rc->result->rule = r;
		rc->result->selected = ids != NULL;
		set_params(&v->opts, rc);
		if (r->state_size) {
			rc->state = calloc(1, r->state_size);
			if (!rc->state)
				return -ENOMEM;
		}
		v->nr_rules++;
	}
	return 0;
}

int msi_validator__new(const struct msi_validator_opts *opts, struct msi_validator **out)
{
	struct msi_validator_opts o = { 0 };
	struct msi_validator *v;
	int err;

	if (opts)
		memcpy(&o, opts, opts->sz < sizeof(o) ? opts->sz : sizeof(o));
	if (!opts_valid(&o))
		return -EINVAL;
	v = calloc(1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	v->opts = o;
	err = model__init(&v->model);
	if (!err)
		err = add_rules(v, o.rules);
	if (err) {
		msi_validator__free(v);
		return err;
	}
	*out = v;
	return 0;
}

void msi_validator__free(struct msi_validator *v)
{
	const struct map_node *pos = NULL;
	void *hook;

	if (!v)
		return;
	for (size_t i = 0; i < v->nr_rules; i++) {
		if (v->rules[i].rule->destroy)
			v->rules[i].rule->destroy(&v->rules[i]);
		free(v->rules[i].state);
	}
	while ((hook = map_next(&v->hooks, &pos)))
		free(hook);
	map_free(&v->hooks);
	map_free(&v->seen);
	model__destroy(&v->model);
	free(v->dispatch);
	free(v->results);
	free(v->rules);
	free(v);
}

/* What comes later must not be judged by a model that lacks this event.  */
static int not_taken_in(struct msi_validator *v, const struct msi_event_hdr *e, int err)
{
	v->oom = true;
	model__lost(&v->model, 1ULL << e->type);
	return err;
}

int msi_validator__feed(struct msi_validator *v, const struct msi_event_hdr *e)
{
	int err = 0;

	if (e->type >= MSI_EV_MAX)
		return 0;
	switch (e->type) {
	case MSI_EV_ATTACH:
		err = take_attach(v, (const struct msi_ev_attach *)e);
		break;
	case MSI_EV_KERNEL:
		take_kernel(v, (const struct msi_ev_kernel *)e);
		break;
	case MSI_EV_LOST:
		take_lost(v, (const struct msi_ev_lost *)e);
		break;
	default:
		if (v->losing)
			model__lost(&v->model, v->losing);
		err = model__before(&v->model, e);
	}
	if (err)
		return not_taken_in(v, e, err);
	for (uint32_t i = 0; i < v->nr_dispatch[e->type]; i++) {
		struct rule_ctx *rc = v->dispatch[e->type * NR_RULES + i];

		rc->rule->check(rc, e);
	}
	err = model__after(&v->model, e);
	return err ? not_taken_in(v, e, err) : 0;
}

/* --- verdicts ----------------------------------------------------------------------------- */

static enum verdict judge(struct msi_validator *v, struct rule_ctx *rc)
{
	struct rule_result *res = rc->result;
	char *reason = res->reason;
	size_t size = sizeof(res->reason);

	if (res->findings) {
		reason[0] = '\0';
		return VERDICT_FAIL;
	}
	if (!can_judge(v, rc->rule, reason, size))
		return VERDICT_NA;
	if (v->oom) {
		snprintf(reason, size, "out of memory");
		return VERDICT_INCONCLUSIVE;
	}
	if (rc->inconclusive || lossy(v, rc->rule, reason, size))
		return VERDICT_INCONCLUSIVE;
	if (!res->judged) {
		snprintf(reason, size, "%s",
			 rc->why_not[0] ? rc->why_not : "nothing that it judges happened");
		return VERDICT_NA;
	}
	return VERDICT_PASS;
}

void msi_validator__forget_findings(struct msi_validator *v)
{
	map_free(&v->seen);
}

int msi_validator__finish(struct msi_validator *v)
{
	if (v->finished)
		return 0;
	v->finished = true;
	for (size_t i = 0; i < v->nr_rules; i++)
		if (v->rules[i].active && v->rules[i].rule->finish)
			v->rules[i].rule->finish(&v->rules[i]);
	for (size_t i = 0; i < v->nr_rules; i++)
		v->results[i].verdict = judge(v, &v->rules[i]);
	return 0;
}

const struct rule_result *msi_validator__results(const struct msi_validator *v, size_t *nr)
{
	*nr = v->nr_rules;
	return v->results;
}

enum verdict msi_validator__verdict(const struct msi_validator *v)
{
	bool passed = false, inconclusive = false;

	for (size_t i = 0; i < v->nr_rules; i++) {
		const struct rule_result *res = &v->results[i];

		if (res->verdict == VERDICT_FAIL)
			return VERDICT_FAIL;
		if (res->verdict == VERDICT_PASS)
			passed = true;
		else if (res->verdict == VERDICT_INCONCLUSIVE || res->selected)
			inconclusive = true;
	}
	return passed && !inconclusive ? VERDICT_PASS : VERDICT_INCONCLUSIVE;
}
