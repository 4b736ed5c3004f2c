// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/util.h"
#include "format/words.h"
#include "session.h"
#include "watch.h"

static const char *const rules[] = { "vec_exhaustion", "vec_offline_headroom", "act_affinity_broken", NULL };

/* What has not failed yet is in the map above.  */
static const struct rule_value values[] = { { "vec_offline_headroom", "predict", 0 } };

static event_mask_t events_for_rules(void)
{
	event_mask_t ev = EV(SNAP_IRQ) | EV(ASSOC) | EV(IRQ_FREE) | EV(MATRIX_IRQS) | EV(MODULE);

	for (size_t i = 0; rules[i]; i++) {
		const struct rule *r = msi_rule(rules[i]);

		ev |= r->wants | r->needs | r->needs_any[0] | r->needs_any[1] | r->uses;
	}
	return ev;
}

static int cannot(int err)
{
	pr_err("%s\n", errstr(err));
	return MSITRACE_EXIT_CANNOT_RUN;
}

/* --- what comes in ------------------------------------------------------------------------ */

static int on_event(void *ctx, const struct msi_event_hdr *e)
{
	struct watch *w = ctx;
	int err = origins__event(w->origins, e);

	return err ?: msi_validator__feed(w->validator, e);
}

static void on_finding(void *ctx, const struct finding *f)
{
	struct watch *w = ctx;

	w->findings++;
	w->format.ops->finding(&w->format, f);	/* into memory */
}

/* Begins anew what findings are printed into.  */
static void clear(struct watch *w)
{
	rewind(w->env.out);
	w->findings = 0;
}

static int begin_format(struct watch *w)
{
	struct trace_info ti = { .tool_version = MSITRACE_VERSION, .command = "vectors" };
	int err;

	w->env.out = open_memstream(&w->text, &w->size);
	if (!w->env.out)
		return -ENOMEM;
	w->env.verbose = w->look->o->verbose;
	w->env.brief = true;
	w->env.width = terminal_width(80);
	w->env.symbol = collect__symbol;
	w->format.env = &w->env;
	w->format.ops = format_find(w->look->o->format);
	err = w->format.ops->begin(&w->format, &ti);
	clear(w);		/* its first words are for those who want no list */
	return err;
}

int watch__prepare(struct watch *w, struct look *l)
{
	struct msi_validator_opts vo = {
		.sz = sizeof(vo), .rules = rules, .finding = on_finding, .ctx = w,
		.values = values, .nr_values = ARRAY_SIZE(values),
	};
	int err;

	w->look = l;
	err = origins__new(&w->origins);
	err = err ?: msi_validator__new(&vo, &w->validator);
	err = err ?: begin_format(w);
	if (err)
		return cannot(err);
	l->use = USE_JUDGE | USE_BASE;
	l->events = events_for_rules();
	l->live = on_event;
	l->ctx = w;
	session_catch_signals();
	return 0;
}

/* What is not hooked does not fail.  */
static void say_unseen(const struct watch *w)
{
	static const struct { enum msi_hook one, other; const char *what; } needed[] = {
		{ HOOK_activate, HOOK_activate, "interrupts that cannot be started" },
		{ HOOK_aff, HOOK_aff_ir, "interrupts that cannot be moved" },
		{ HOOK_cpu_unplug, HOOK_cpu_unplug, "CPUs that cannot go offline" },
		{ HOOK_pci_enable, HOOK_pci_enable, "drivers that are given too few vectors" },
	};
	const struct hook_state *hooks = collect__hooks(w->look->collect);

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (hooks[needed[i].one].status != MSI_ATTACH_LIVE && hooks[needed[i].other].status != MSI_ATTACH_LIVE)
			pr_warn("%s are not seen: %s\n", needed[i].what, hooks[needed[i].one].why);
}

int watch__start(struct watch *w)
{
	int err;

	w->env.symbol_ctx = w->look->collect;
	if (collect__symbols_error(w->look->collect))
		pr_warn("no symbols (%s), so who allocates and who fails has no names; try sysctl kernel.kptr_restrict=1\n",
			errstr(collect__symbols_error(w->look->collect)));
	say_unseen(w);
	err = collect__baseline(w->look->collect);
	return err ? cannot(err) : 0;
}

int watch__wait(struct watch *w, double seconds)
{
	double end = session_now() + seconds, left;
	int n = 0;

	while ((left = end - session_now()) > 0 && !session_stopped() && (n >= 0 || n == -EINTR))
		n = collect__poll(w->look->collect, left < 0.05 ? 1 : 50);
	return n < 0 && n != -EINTR ? cannot(n) : 0;
}

/* --- what goes out ------------------------------------------------------------------------ */

/* Moves that were refused are judged when it is too late for another try.  */
static int let_time_pass(struct watch *w)
{
	struct msi_ev_end e = { .h = { .type = MSI_EV_END, .size = sizeof(e), .ts_ns = (uint64_t)(session_now() * 1e9) } };
	int n = collect__poll(w->look->collect, 0);	/* what happened before comes before */

	return n < 0 && n != -EINTR ? n : msi_validator__feed(w->validator, &e.h);
}

/* Of all that failed: as often as it did.  */
static uint64_t count(const struct watch *w)
{
	const struct rule_result *res;
	uint64_t n = 0;
	size_t nr;

	res = msi_validator__results(w->validator, &nr);
	for (size_t i = 0; i < nr; i++)
		n += res[i].findings + res[i].notes;
	return n;
}

static uint64_t lost(const struct watch *w)
{
	uint64_t n = 0;

	for (int i = 1; i < MSI_LOST_MAX; i++)
		n += collect__lost(w->look->collect)[i];
	return n;
}

static void print_failures(const struct watch *w, uint64_t times, bool whole)
{
	bool text = !strcmp(w->look->o->format, "text");

	if (text)
		fputs(w->findings ? "\nfailed since the last view:\n" :
		      whole ? "\nnothing failed since the last view\n" :
			      "\nwhether anything failed since the last view is not known: events were lost\n", stdout);
	if (w->findings)
		fwrite(w->text, 1, w->size, stdout);
	if (text && times > w->findings)
		printf("\n%" PRIu64 " more like these\n", times - w->findings);
}

int watch__show(struct watch *w)
{
	uint64_t times, missing;
	int err = let_time_pass(w);

	if (err || fflush(w->env.out))
		return cannot(err ?: -errno);
	times = count(w);
	missing = lost(w);
	print_failures(w, times - w->counted, missing == w->lost);
	w->missed |= missing > w->lost;
	if (missing > w->lost)
		pr_warn("%" PRIu64 " events were lost, so more may have failed\n", missing - w->lost);
	w->counted = times;
	w->lost = missing;
	msi_validator__forget_findings(w->validator);
	clear(w);
	err = file_flush(stdout);
	if (!err)
		return 0;
	pr_err("cannot write the list: %s\n", errstr(err));
	return MSITRACE_EXIT_CANNOT_RUN;
}

/* --- who allocated ------------------------------------------------------------------------ */

const char *watch__culprit(const struct watch *w, uint32_t irq)
{
	const struct origin *or = origins__get(w->origins, irq);
	struct symbol sym;
	int i;

	if (!or)
		return NULL;
	i = stack_culprit(&w->env, or->stack->ip, or->stack->nr);
	return i >= 0 && !frame_symbol(&w->env, or->stack->ip[i], i == 0, &sym) ? sym.name : NULL;
}

const char *watch__stack(const struct watch *w, uint32_t irq, char *buf, size_t size)
{
	const struct origin *or = origins__get(w->origins, irq);
	struct symbol sym;
	size_t len = 0;

	for (uint32_t i = 0; or && i < or->stack->nr && len < size; i++) {
		bool known = !frame_symbol(&w->env, or->stack->ip[i], i == 0, &sym);

		if (known && frame_is_ours(&sym))
			continue;
		len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? " < " : "", known ? sym.name : "?");
	}
	return len ? buf : NULL;
}

void watch__close(struct watch *w)
{
	struct trace_summary none = {};

	if (w->format.priv)
		w->format.ops->end(&w->format, &none);
	if (w->env.out)
		fclose(w->env.out);
	free(w->text);
	msi_validator__free(w->validator);
	origins__free(w->origins);
}
