/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of the formats share: hand-made events and findings, and a format that writes to memory.  */
#ifndef MSITRACE_TEST_FORMAT_H
#define MSITRACE_TEST_FORMAT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>

#include <cmocka.h>

#include "base/util.h"
#include "msitrace/format.h"
#include "msitrace/stats.h"

#define DEV_A	0xffff888001000000ULL
#define MD_A	0xffff888002000000ULL
#define DESC_A	0xffff888003000000ULL
#define TEXT	0xffffffff81000000ULL	/* fake kernel text: symbol i begins at TEXT + i * 0x1000 */

/* The library that has these is not needed otherwise.  */
__attribute__((weak)) const char *severity_name(enum severity s)
{
	static const char *const names[] = { "corrupt", "lost", "state", "hygiene" };

	return names[s];
}

__attribute__((weak)) const char *verdict_name(enum verdict v)
{
	static const char *const names[] = { "pass", "fail", "n/a", "inconclusive" };

	return names[v];
}

static const struct symbol fake_symbols[] = {
	{ .name = "msi_domain_first_desc", .module = "" },
	{ .name = "scenario_iter_unlocked", .module = "msitrace_test" },
	{ .name = "do_one_initcall", .module = "" },
	{ .name = "do_init_module", .module = "" },
	{ .name = "__do_sys_finit_module", .module = "" },
	{ .name = "do_syscall_64", .module = "" },
	{ .name = "entry_SYSCALL_64_after_hwframe", .module = "" },
	{ .name = "bpf_trampoline_6442534", .module = "" },
	{ .name = "msi_domain_alloc_irqs_descs_locked_with_a_long_name", .module = "" },
	{ .name = "nvme_irq", .module = "nvme" },
	{ .name = "e1000_probe", .module = "" },
};

static inline int fake_symbol(void *ctx, uint64_t ip, struct symbol *out)
{
	uint64_t i = (ip - TEXT) / 0x1000;

	(void)ctx;
	if (ip < TEXT || i >= ARRAY_SIZE(fake_symbols))
		return -ENOENT;
	*out = fake_symbols[i];
	out->offset = (ip - TEXT) % 0x1000;
	return 0;
}

/* Debug information of some of them.  */
static inline int fake_source(void *ctx, uint64_t ip, struct symbol *sym)
{
	static const struct inlined inlined[] = {
		{ "msi_first", "include/linux/msi.h", 345 },
		{ "walk_all_of_them", "/home/somebody/src/msitrace/tests/kmod/iter.c", 45 },
		{ "of_unknown_place", NULL, 0 },
	};

	(void)ctx;
	switch (ip) {
	case TEXT:	/* innermost, at the entry of the function */
		sym->file = "kernel/irq/msi.c";
		sym->line = 363;
		return 0;
	case TEXT + 0x342:	/* innermost, farther in: itself */
		sym->file = "kernel/irq/msi.c";
		sym->line = 400;
		return 0;
	case TEXT + 0x1041:	/* return addresses: the call before them */
	case TEXT + 0x1020:
		sym->file = "/home/somebody/src/msitrace/tests/kmod/iter.c";
		sym->line = 1234;
		sym->nr_inlined = ARRAY_SIZE(inlined);
		memcpy(sym->inlined, inlined, sizeof(inlined));
		return 0;
	}
	return -ENOENT;
}

struct fixture {
	char *buf;
	size_t size;
	struct format_env env;
	struct format f;
};

static inline void fixture_open(struct fixture *x, const char *name, FILE *out)
{
	memset(x, 0, sizeof(*x));
	x->env.out = out ? out : open_memstream(&x->buf, &x->size);
	assert_non_null(x->env.out);
	x->env.width = 80;
	x->env.symbol = fake_symbol;
	x->f.ops = format_find(name);
	assert_non_null(x->f.ops);
	x->f.env = &x->env;
}

static inline void fixture_begin(struct fixture *x, const char *name)
{
	static const char *const argv[] = { "modprobe", "foo", NULL };
	struct trace_info ti = { .tool_version = "0.1", .command = "check", .release = "6.1.0-1-amd64",
				 .argv = argv };

	fixture_open(x, name, NULL);
	assert_int_equal(x->f.ops->begin(&x->f, &ti), 0);
}

/* Forgets what was written so far.  */
static inline void fixture_rewind(struct fixture *x)
{
	fflush(x->env.out);
	fseek(x->env.out, 0, SEEK_SET);
	fflush(x->env.out);
	memset(x->buf, 0, x->size);
}

static inline const char *fixture_text(struct fixture *x)
{
	fputc('\0', x->env.out);
	assert_int_equal(fflush(x->env.out), 0);
	fseek(x->env.out, -1, SEEK_CUR);
	return x->buf;
}

static inline void fixture_end(struct fixture *x)
{
	struct trace_summary sum = { .judged = false };

	if (x->f.priv)
		assert_int_equal(x->f.ops->end(&x->f, &sum), 0);
	fclose(x->env.out);
	free(x->buf);
}

#define EVENT(NAME, name, ...) \
	((struct msi_ev_##name){ \
		.h = { .type = MSI_EV_##NAME, .size = sizeof(struct msi_ev_##name), .cpu = 1, \
		       .ts_ns = 100000000000, .dev = DEV_A, .pid = 123, .tid = 123, .comm = "modprobe" }, \
		__VA_ARGS__ })

static inline int feed(struct fixture *x, const void *event)
{
	return x->f.ops->event(&x->f, event);
}

static inline void feed_device(struct fixture *x)
{
	struct msi_ev_dev_info ev = EVENT(DEV_INFO, dev_info, .md = MD_A, .name = "0000:00:03.0",
					  .driver = "nvme", .bus = "pci");

	assert_int_equal(feed(x, &ev), 0);
}

static const struct rule fake_rule = {
	.id = "lock_iter_unlocked", .severity = SEV_CORRUPT,
	.summary = "descriptors iterated without the descriptor mutex",
	.doc = "Iterators must be called with the MSI descriptor mutex held; the kernel says so with "
	       "lockdep_assert_held(&dev->msi.data->mutex) in msi_domain_first_desc(), which production "
	       "kernels compile out.",
	.advice = "Take the lock around the whole loop: guard(msi_descs_lock)(dev), or msi_lock_descs() "
		  "and msi_unlock_descs().",
};

static const struct rule other_rule = { .id = "act_affinity_dance", .severity = SEV_LOST,
					.summary = "other", .doc = "Doc.", .advice = "Advice." };
static const struct rule third_rule = { .id = "life_unbind_leak", .severity = SEV_LOST,
					.summary = "third", .doc = "Doc.", .advice = "Advice." };

static inline struct finding make_finding(void)
{
	struct finding fd = {
		.rule = &fake_rule, .nr = 1, .dev = DEV_A,
		.device = "0000:00:03.0", .driver = "msitrace_test",
		.object = "descriptor index 3, virq 27 (\"rx-3\")",
		.message = "msi_domain_first_desc() was called by insmod[412] without the descriptor mutex "
			   "of 0000:00:03.0; nobody holds it",
		.offence = { .what = "walked without the mutex", .ts_ns = 12345678901, .pid = 412, .tid = 412,
			     .comm = "insmod", .func = "msi_domain_first_desc", .nr = 7,
			     .ip = { TEXT + 0x5, TEXT + 0x1042, TEXT + 0x2057, TEXT + 0x3010,
				     TEXT + 0x4123, TEXT + 0x503b, TEXT + 0x606e } },
		.has_setup = true,
		.setup = { .what = "mutex released", .ts_ns = 12345000000, .pid = 412, .tid = 412,
			   .comm = "insmod", .func = "mutex_unlock", .nr = 5,
			   .ip = { TEXT + 0x7042, TEXT + 0x1021, TEXT + 0x2057, TEXT + 0x503b,
				   TEXT + 0x606e } },
		.nr_life = 3,
		.life = {
			{ .what = "allocated", .before_attach = true },
			{ .what = "associated", .ts_ns = 12000000000, .tid = 400, .comm = "kworker/0:1",
			  .func = "irq_set_msi_desc_off" },
			{ .what = "activated", .ts_ns = 12333378901, .tid = 412, .comm = "insmod",
			  .func = "irq_domain_activate_irq" },
		},
	};

	return fd;
}

#endif
