// SPDX-License-Identifier: GPL-2.0-only
/*
 * A stream of events to the validator.  The first byte says which allocations fail (0: none, n: each
 * n-th), the second which rule is asked for (0: all); the rest is the stream of records.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "fuzz.h"
#include "model_check.h"
#include "msitrace/event_desc.h"
#include "msitrace/validator.h"
#include "records.h"
#include "validator/validator_internal.h"

struct run {
	event_mask_t lost;
	bool oom;
};

static void check_moment(const struct finding_moment *fm)
{
	FUZZ_ASSERT(fm->what && fm->nr <= MSI_STACK_MAX);
	FUZZ_ASSERT(memchr(fm->comm, 0, sizeof(fm->comm)) && memchr(fm->func, 0, sizeof(fm->func)));
	FUZZ_ASSERT(!fm->before_attach || !fm->ts_ns);
}

static void on_finding(void *ctx, const struct finding *f)
{
	(void)ctx;
	FUZZ_ASSERT(f->rule && f->message[0] && f->object[0]);
	FUZZ_ASSERT(memchr(f->device, 0, sizeof(f->device)) && memchr(f->driver, 0, sizeof(f->driver)));
	FUZZ_ASSERT(strlen(f->message) < sizeof(f->message) - 1);	/* not cut */
	FUZZ_ASSERT(!f->known == !f->known_text);
	check_moment(&f->offence);
	if (f->has_setup)
		check_moment(&f->setup);
	FUZZ_ASSERT(f->nr_life <= FINDING_LIFE_MAX);
	for (uint32_t i = 0; i < f->nr_life; i++)
		check_moment(&f->life[i]);
}

static void feed(struct run *run, struct msi_validator *v, const struct msi_event_hdr *e)
{
	const struct msi_ev_lost *lost = (const void *)e;
	struct msi_event_hdr *exact = malloc(e->size);
	int err;

	if (!exact)
		return;
	memcpy(exact, e, e->size);
	alloc_arm();
	err = msi_validator__feed(v, exact);
	alloc_disarm();
	FUZZ_ASSERT(!err || (err == -ENOMEM && alloc_failed()));
	run->oom |= err != 0;
	if (e->type == MSI_EV_LOST)
		run->lost |= lost->event && lost->event < MSI_EV_MAX ? 1ULL << lost->event : ~0ULL;
	free(exact);
}

static void check_result(const struct run *run, const struct rule_result *res)
{
	FUZZ_ASSERT((res->verdict == VERDICT_FAIL) == (res->findings != 0));
	FUZZ_ASSERT(res->known <= res->findings);
	if (res->verdict == VERDICT_PASS) {
		FUZZ_ASSERT(res->judged && !run->oom && !res->reason[0]);
		FUZZ_ASSERT(!(run->lost & res->rule->wants));
		FUZZ_ASSERT(!res->rule->needs_lossless || !(run->lost & res->rule->uses));
	}
	if (res->verdict == VERDICT_NA || res->verdict == VERDICT_INCONCLUSIVE)
		FUZZ_ASSERT(res->reason[0]);
}

static void check_end(const struct run *run, struct msi_validator *v)
{
	const struct rule_result *res;
	const char *bad = model_check(&v->model);
	size_t nr;

	if (bad)
		fuzz_fail(bad);
	FUZZ_ASSERT(!msi_validator__finish(v) && !msi_validator__finish(v));
	res = msi_validator__results(v, &nr);
	for (size_t i = 0; i < nr; i++)
		check_result(run, &res[i]);
	FUZZ_ASSERT(msi_validator__verdict(v) != VERDICT_NA);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct rule *const *rules;
	const char *ids[2] = { NULL };
	struct msi_validator_opts opts = { .sz = sizeof(opts), .finding = on_finding };
	const struct msi_event_hdr *e;
	struct msi_validator *v = NULL;
	struct run run = { 0 };
	struct stream s;
	union record buf;
	size_t nr;
	int err;

	if (size < 2)
		return 0;
	rules = msi_rules(&nr);
	if (data[1]) {
		ids[0] = rules[data[1] % nr]->id;
		opts.rules = ids;
	}
	alloc_fail_every(data[0]);
	alloc_arm();
	err = msi_validator__new(&opts, &v);
	alloc_disarm();
	if (err) {
		FUZZ_ASSERT(err == -ENOMEM && alloc_failed() && !v);
		return 0;
	}
	stream_init(&s, data + 2, size - 2);
	while ((e = stream_next(&s, &buf)))
		feed(&run, v, e);
	check_end(&run, v);
	msi_validator__free(v);
	return 0;
}
