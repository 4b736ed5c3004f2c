// SPDX-License-Identifier: GPL-2.0-only
#ifdef __x86_64__
#include <cpuid.h>
#endif
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <uthash.h>

#include "base/err.h"
#include "base/util.h"
#include "baseline.h"
#include "collect.h"
#include "context.h"
#include "msitrace/event_desc.h"
#include "syms.h"
#include "sysfs_list.h"

#include "msitrace.skel.h"

#define BATCH_MAX (128 << 10)	/* bytes */
#define CATCH_UP_MS 2000	/* a record is not finished for so long at most */
#define BATCH_MS 20		/* records wait for so long at most while more come */

struct dev_name {		/* for histograms: who a device was */
	uint64_t dev;
	char name[MSI_NAME_LEN];
	char driver[MSI_NAME_LEN];
	UT_hash_handle hh;
};

struct lock_name {		/* of a lock that is a variable, "" when it has none */
	uint64_t lock;
	char name[MSI_NAME_LEN];
	UT_hash_handle hh;
};

/* Variables whose addresses programs are given; in collect::wanted behind the functions.  */
enum data_symbol { DATA_VECTOR_MATRIX, DATA_PER_CPU_OFFSET, DATA_DOMAIN_MUTEX, DATA_BUS_SEM, DATA_PAGE_OFFSET,
		   DATA_CPU_ONLINE, DATA_MMCFG_LIST, DATA_VECTOR_LOCK, DATA_VECTOR_IRQ, DATA_DOMAIN_LIST, NR_DATA };

static const char *const data_symbols[NR_DATA] = {	/* ORDER: enum data_symbol */
	"vector_matrix", "__per_cpu_offset", "irq_domain_mutex", "pci_bus_sem", "page_offset_base",
	"__cpu_online_mask", "pci_mmcfg_list", "vector_lock", "vector_irq", "irq_domain_list",
};

_Static_assert(NR_DATA <= SYMS_DATA_MAX, "more variables than syms__new() finds");

#define WANTED_DATA (HOOK_MAX + CONTEXT_FUNCS)
#define WANTED_STEXT (WANTED_DATA + NR_DATA)
#define WANTED_MAX (WANTED_STEXT + 1)

struct collect {
	struct collect_opts opts;
	struct msitrace *skel;
	struct bpf_program *progs[HOOK_MAX];
	struct bpf_link *links[HOOK_MAX];
	struct hook_state hooks[HOOK_MAX];
	struct syms_wanted wanted[WANTED_MAX];	/* hooked functions, those of contexts, data, _stext */
	struct ring_buffer *rb;
	const char *rb_pages;		/* its positions; NULL: not mapped */
	struct syms *syms;
	int syms_err;
	struct debuginfo *debuginfo;
	struct dev_name *devs;
	struct lock_name *locks;
	struct msi_baseline_counts base;
	bool matrix_stable, irqs_stable;	/* the last look at the vectors, since that at the interrupts */
	char actions[64];		/* names of those of the interrupt that is being looked at */
	bool listing;			/* what msi_irqs/ names is being read */
	struct sysfs_list names;
	uint64_t opened_ns, armed_ns;
	uint64_t events;
	uint64_t ring_told;		/* by the programs themselves, where it happened */
	uint64_t lost_map, lost_miss[HOOK_MAX], lost_record;
	char *batch;			/* records that were read and not yet looked at */
	size_t batch_len;
	bool losing;			/* something is missing somewhere before this position: */
	uint64_t losing_until;
	bool early;			/* not all hooks were attached when they were made */
	uint64_t flushed_ns;
	uint64_t lost[MSI_LOST_MAX];
	int cb_ret;
};

__attribute__((format(printf, 3, 4)))
static int fail(struct collect_err *e, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->what, sizeof(e->what), fmt, ap);
	va_end(ap);
	return err;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* --- why it may be refused ---------------------------------------------------------------- */

/* It may be longer than the part that is of interest.  */
static bool read_line(const char *path, char *buf, size_t size)
{
	return file_line(path, buf, size) || buf[0];
}

#define CAP_SYS_ADMIN_BIT 21
#define CAP_PERFMON_BIT 38
#define CAP_BPF_BIT 39

static uint64_t effective_caps(void)
{
	__cleanup_fclose FILE *f = fopen("/proc/self/status", "re");
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "CapEff:", 7))
			return strtoull(line + 7, NULL, 16);
	return 0;
}

static bool may_bpf(void)
{
	uint64_t caps = effective_caps();

	return (caps & (1ull << CAP_SYS_ADMIN_BIT)) ||
	       ((caps & (1ull << CAP_BPF_BIT)) && (caps & (1ull << CAP_PERFMON_BIT)));
}

/* What to try after the kernel said `err` to BPF.  */
static void explain_refusal(int err, char *buf, size_t size)
{
	char line[128];

	if (err == -ENOMEM) {
		snprintf(buf, size, "try a smaller --buffer-size");
		return;
	}
	if (err != -EPERM && err != -EACCES) {
		snprintf(buf, size, "-vv shows what the kernel says");
		return;
	}
	if (!may_bpf()) {
		snprintf(buf, size, "this needs root, or CAP_BPF and CAP_PERFMON; try sudo");
		return;
	}
	if (read_line("/sys/kernel/security/lockdown", line, sizeof(line)) &&
	    strstr(line, "[confidentiality]"))
		snprintf(buf, size, "the kernel is locked down (confidentiality); boot without lockdown");
	else if (!read_line("/proc/sys/kernel/ftrace_enabled", line, sizeof(line)))
		snprintf(buf, size, "this kernel has no function tracer (CONFIG_FUNCTION_TRACER), which BPF fentry programs need");
	else
		snprintf(buf, size, "the kernel forbids tracing programs here (a container, a hypervisor's policy or an LSM); try on a machine of your own, or scripts/vm-run");
}

/* Programs attach while it is off, and are never called.  */
static int check_ftrace(struct collect_err *err)
{
	char line[16];

	if (!read_line("/proc/sys/kernel/ftrace_enabled", line, sizeof(line)) || line[0] != '0')
		return 0;
	snprintf(err->hint, sizeof(err->hint), "try sysctl kernel.ftrace_enabled=1");
	return fail(err, -EOPNOTSUPP, "function tracing is switched off, so nothing can be watched");
}

/* --- types of the kernel ------------------------------------------------------------------ */

static int load_types(const char *file, struct btf **out, struct collect_err *err)
{
	const char *path = file ?: "/sys/kernel/btf/vmlinux";
	struct btf *btf;
	char text[128];
	int e;

	libbpf_set_print(NULL);	/* *err says it */
	btf = btf__parse(path, NULL);
	e = libbpf_get_error(btf);
	if (!e) {
		*out = btf;
		return 0;
	}
	if (file && e == -ENOENT && !access(file, F_OK)) {
		snprintf(err->hint, sizeof(err->hint), "give one that was built with CONFIG_DEBUG_INFO_BTF=y");
		return fail(err, e, "types of the kernel: %s has no .BTF section", path);
	}
	if (file)
		snprintf(err->hint, sizeof(err->hint), "give a vmlinux with a .BTF section, or the raw contents of /sys/kernel/btf/vmlinux");
	else if (e == -ENOENT)
		snprintf(err->hint, sizeof(err->hint), access("/sys/kernel", F_OK) ?
			 "mount sysfs: mount -t sysfs none /sys" :
			 "the kernel was built without CONFIG_DEBUG_INFO_BTF=y, which msitrace needs");
	libbpf_strerror(e, text, sizeof(text));	/* knows its own errors too */
	return fail(err, e, "types of the kernel: %s: %s", path, text);
}

static int resolve_types(const char *file, struct hook_state *states, struct hook_consts *hc,
			 struct collect_err *err)
{
	struct btf *btf = NULL;
	int e = load_types(file, &btf, err);

	if (e)
		return e;
	e = hooks_resolve(btf, states, hc);
	btf__free(btf);
	return e ? fail(err, e, "hooks: %s", errstr(e)) : 0;
}

int collect_from_types(const char *file, struct hook_state *states, struct collect_err *err)
{
	struct hook_consts hc;

	memset(err, 0, sizeof(*err));
	return resolve_types(file, states, &hc, err);
}

unsigned int collect_nr_cpu_ids(void)
{
	int n = libbpf_num_possible_cpus();

	return n > 0 ? n : 1;	/* x86 numbers them without gaps */
}

const char *collect_library_version(void)
{
	return libbpf_version_string();
}

/* --- targets ------------------------------------------------------------------------------ */

/*
 * libbpf looks the target of every program up by its name, in a walk over all types of the kernel each
 * time.  We have found them all in one walk, so our own section handlers hand them over.
 */
static _Thread_local const struct hook_state *loading_hooks;

static int hook_of(const char *prog)
{
	int i;

	for (i = 1; i < HOOK_MAX; i++)
		if (!strcmp(hook_rows[i].prog, prog))
			return i;
	return 0;
}

static int give_target(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	int i = hook_of(bpf_program__name(prog));

	(void)cookie;
	if (!i || !loading_hooks)
		return -ENOENT;
	opts->attach_btf_id = loading_hooks[i].btf_id;
	return 0;
}

static int attach_traced(const struct bpf_program *prog, long cookie, struct bpf_link **link)
{
	(void)cookie;
	*link = bpf_program__attach_trace(prog);
	return libbpf_get_error(*link);
}

static int register_sections(void)
{
	static const struct { const char *sec; enum bpf_attach_type type; } kinds[] = {
		{ "fentry+", BPF_TRACE_FENTRY },
		{ "fexit+", BPF_TRACE_FEXIT },
		{ "tp_btf+", BPF_TRACE_RAW_TP },
	};
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts,
		.prog_prepare_load_fn = give_target,
		.prog_attach_fn = attach_traced,
	);
	static bool done;
	size_t i;
	int id;

	for (i = 0; !done && i < ARRAY_SIZE(kinds); i++) {
		id = libbpf_register_prog_handler(kinds[i].sec, BPF_PROG_TYPE_TRACING, kinds[i].type,
						  &opts);
		if (id < 0)
			return id;
	}
	done = true;
	return 0;
}

/* --- load --------------------------------------------------------------------------------- */

/* What libbpf and the verifier said last; the only way to learn which program was refused.  */
static _Thread_local char last_complaint[160];
static _Thread_local char refused_prog[64];
static _Thread_local FILE *libbpf_log;

static int libbpf_says(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char buf[512], *p;
	va_list again;

	if (level == LIBBPF_DEBUG)
		return 0;
	va_copy(again, ap);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	if (libbpf_log)
		vfprintf(libbpf_log, fmt, again);
	va_end(again);
	p = strstr(buf, "prog 'hook_");
	if (p && (strstr(buf, "load failed") || strstr(buf, "failed to"))) {
		sscanf(p, "prog '%63[^']", refused_prog);
		str_copy(last_complaint, sizeof(last_complaint), p);
		last_complaint[strcspn(last_complaint, "\n")] = '\0';
	}
	return 0;
}

static void fill_config(struct collect *c, const struct hook_consts *hc)
{
	struct msi_config *cfg = &c->skel->rodata->cfg;
	const struct collect_opts *o = &c->opts;
	int i;

	cfg->events = o->events;
	cfg->self_tgid = getpid();
	cfg->hist = !!(o->use & USE_HIST);
	cfg->storm_limit = o->storm_limit;
	cfg->filter_tgid = o->pid;
	if (o->comm) {
		cfg->filter_comm = 1;
		str_copy(cfg->comm, sizeof(cfg->comm), o->comm);
	}
	if (o->device) {
		cfg->filter_dev = 1;
		str_copy(cfg->device, sizeof(cfg->device), o->device);
	}
	cfg->irqd_activated = hc->irqd_activated;
	cfg->irqd_started = hc->irqd_started;
	cfg->irqd_masked = hc->irqd_masked;
	cfg->irqd_disabled = hc->irqd_disabled;
	cfg->irqd_managed = hc->irqd_managed;
	cfg->irqd_managed_shutdown = hc->irqd_managed_shutdown;
	cfg->irqd_can_reserve = hc->irqd_can_reserve;
	cfg->irqd_pending = hc->irqd_pending;
	cfg->irqd_move_pcntxt = hc->irqd_move_pcntxt;
	cfg->irqd_no_affinity = hc->irqd_per_cpu | hc->irqd_no_balancing;
	cfg->irqchip_move_deferred = hc->irqchip_move_deferred;
	cfg->nr_cpus = collect_nr_cpu_ids();
	cfg->msi_flag_dev_sysfs = hc->msi_flag_dev_sysfs;
	cfg->msi_flag_simple_descs = hc->msi_flag_simple_descs;
	cfg->msi_flag_dyn = hc->msi_flag_dyn;
	cfg->msi_flag_contiguous = hc->msi_flag_contiguous;
	cfg->msi_flag_multi = hc->msi_flag_multi;
	cfg->domain_flag_msi = hc->domain_flag_msi;
	cfg->domain_flag_msi_parent = hc->domain_flag_msi_parent;
	cfg->domain_flag_msi_device = hc->domain_flag_msi_device;
	cfg->preempt_wide = hc->preempt_wide;
	cfg->locks = o->events & EV(EDGE) ? o->locks : MSI_LOCKS_OFF;
	for (i = 1; i < HOOK_MAX; i++)
		c->skel->rodata->hook_args[i] = c->hooks[i].args;
}

/* A hook at the entry of a function is for the one at its exit, and harmful without it.  */
static void drop_halves(struct collect *c)
{
	int i;

	for (i = 1; i < HOOK_MAX; i++) {
		if (!(hook_rows[i].flags & HOOK_ENTRY) || c->hooks[i + 1].status == MSI_ATTACH_LIVE ||
		    c->hooks[i].status != MSI_ATTACH_LIVE)
			continue;
		c->hooks[i].status = c->hooks[i + 1].status;
		str_copy(c->hooks[i].why, sizeof(c->hooks[i].why), c->hooks[i + 1].why);
		bpf_link__destroy(c->links[i]);
		c->links[i] = NULL;
	}
}

/* Which hooks this run wants: those for its purpose whose events it asks for.  */
static void choose(struct collect *c)
{
	int i;

	for (i = 1; i < HOOK_MAX; i++) {
		const struct hook_row *row = &hook_rows[i];
		event_mask_t ev = hook_event_mask(i);
		bool wanted = row->use & c->opts.use & (USE_BASE | USE_LOOK);

		if (row->use & c->opts.use)
			wanted |= (row->use & c->opts.use & USE_HIST) || !ev || (ev & c->opts.events);
		if ((row->flags & HOOK_FULL) && c->opts.locks < MSI_LOCKS_FULL)
			wanted = false;
		if (c->hooks[i].status == MSI_ATTACH_LIVE && !wanted)
			c->hooks[i].status = MSI_ATTACH_OFF;
	}
	drop_halves(c);
}

static int open_skel(struct collect *c, const struct hook_consts *hc, struct collect_err *err)
{
	int i;

	loading_hooks = c->hooks;
	c->skel = register_sections() ? NULL : msitrace__open();
	if (!c->skel)
		return fail(err, -errno, "BPF object: %s", errstr(-errno));
	fill_config(c, hc);
	if (!(c->opts.events & EV(DESC_DEAD)))
		bpf_map__set_max_entries(c->skel->maps.live_descs, 1);
	if (c->opts.buffer_size)
		bpf_map__set_max_entries(c->skel->maps.events, c->opts.buffer_size);
	for (i = 1; i < HOOK_MAX; i++) {
		struct bpf_program *p;

		p = bpf_object__find_program_by_name(c->skel->obj, hook_rows[i].prog);
		c->progs[i] = p;
		bpf_program__set_autoload(p, c->hooks[i].status == MSI_ATTACH_LIVE);
	}
	return 0;
}

/* Marks the program that the kernel refused as absent; false: it is not known which it was.  */
static bool give_up_refused(struct collect *c)
{
	int i;

	for (i = 1; i < HOOK_MAX; i++) {
		struct hook_state *st = &c->hooks[i];

		if (strcmp(hook_rows[i].prog, refused_prog) || st->status != MSI_ATTACH_LIVE)
			continue;
		st->status = MSI_ATTACH_ABSENT;
		snprintf(st->why, sizeof(st->why), "refused by the kernel: %.70s", last_complaint);
		return true;
	}
	return false;
}

/* Loads; a program that the kernel refuses is left out, and the rest tried again.  */
static int load(struct collect *c, const struct hook_consts *hc, struct collect_err *err)
{
	int e, tries;

	for (tries = 0; tries < HOOK_MAX; tries++) {
		e = open_skel(c, hc, err);
		if (e)
			return e;
		refused_prog[0] = last_complaint[0] = '\0';
		e = msitrace__load(c->skel);
		if (!e)
			return 0;
		if (e == -EPERM)
			break;
		if (!give_up_refused(c))
			break;
		msitrace__destroy(c->skel);
		c->skel = NULL;
	}
	explain_refusal(e, err->hint, sizeof(err->hint));
	return fail(err, e, "the kernel refuses to load the BPF programs: %s%s%s", errstr(e),
		    last_complaint[0] ? ": " : "", last_complaint);
}

/* --- attach ------------------------------------------------------------------------------- */

/* The section names the first target; which one it is follows from the types for the others only.  */
static struct bpf_link *attach_hook(const struct collect *c, int i)
{
	if (hook_rows[i].kind == HOOK_KIND_KPROBE)
		return bpf_program__attach_kprobe(c->progs[i], false, c->hooks[i].func);
	return bpf_program__attach(c->progs[i]);
}

static int attach_one(struct collect *c, int i)
{
	struct hook_state *st = &c->hooks[i];
	int e;

	c->links[i] = attach_hook(c, i);
	e = libbpf_get_error(c->links[i]);
	if (!e && i == HOOK_fired)
		c->skel->bss->msi_fired_since = now_ns();
	if (!e)
		return 0;
	c->links[i] = NULL;
	st->status = MSI_ATTACH_ABSENT;
	snprintf(st->why, sizeof(st->why), "cannot be attached to %s: %s", st->func,
		 e == -524 /* ENOTSUPP */ ? "not supported by this kernel" : errstr(e));
	return e;
}

static int attach(struct collect *c, struct collect_err *err)
{
	int i, e, live = 0, last = 0;

	for (i = 1; i < HOOK_MAX; i++) {
		const struct hook_row *row = &hook_rows[i];

		if (c->hooks[i].status != MSI_ATTACH_LIVE ||
		    ((row->flags & HOOK_LATER) && !(row->use & c->opts.use & USE_ASKED)))
			continue;
		e = attach_one(c, i);
		live += !e;
		last = e ?: last;
	}
	drop_halves(c);
	if (live)
		return 0;
	explain_refusal(last, err->hint, sizeof(err->hint));
	return fail(err, last ?: -EOPNOTSUPP, "no hook could be attached: %s", errstr(last ?: -EOPNOTSUPP));
}

/* --- events ------------------------------------------------------------------------------- */

static void note_dev_name(struct collect *c, const struct msi_ev_dev_info *e)
{
	struct dev_name *d;

	HASH_FIND(hh, c->devs, &e->h.dev, sizeof(e->h.dev), d);
	if (!d) {
		d = calloc(1, sizeof(*d));
		if (!d)
			return;
		d->dev = e->h.dev;
		HASH_ADD(hh, c->devs, dev, sizeof(d->dev), d);
	}
	str_copy(d->name, sizeof(d->name), e->name);
	if (e->driver[0])
		str_copy(d->driver, sizeof(d->driver), e->driver);
}

static int deliver(struct collect *c, const struct msi_event_hdr *e)
{
	c->events++;
	return c->opts.event(c->opts.ctx, e);
}

/* An event of our own making.  */
static void header(struct msi_event_hdr *h, unsigned int type, size_t size)
{
	memset(h, 0, size);
	h->type = type;
	h->size = size;
	h->ts_ns = now_ns();
	h->pid = getpid();
	h->tid = h->pid;
	str_copy(h->comm, sizeof(h->comm), "msitrace");
}

/* True: it was, or there is nothing below.  */
static bool cut_at_interrupt(struct collect *c, struct msi_stack *s)
{
	unsigned int i;

	for (i = 0; i + 1 < s->nr; i++) {
		if (!syms__is_interrupt_entry(c->syms, syms__function(c->syms, s->ip[i])))
			continue;
		memset(&s->ip[i + 1], 0, (s->nr - i - 1) * sizeof(s->ip[0]));
		s->nr = i + 1;
		return true;
	}
	return false;
}

/* The innermost `skip` frames go, and leave room for `add`, of which the outermost may have to make some.  */
static void drop_frames(struct msi_stack *s, unsigned int skip, unsigned int add)
{
	if (add && s->nr - skip == MSI_STACK_MAX)
		s->nr--;
	memmove(s->ip + add, s->ip + skip, (s->nr - skip) * sizeof(s->ip[0]));
	s->nr += add - skip;
	memset(s->ip + s->nr, 0, (MSI_STACK_MAX - s->nr) * sizeof(s->ip[0]));
}

/* The function that a tracepoint is in has its name here; before it are frames of tracing.  */
static bool trim_tracepoint(struct collect *c, struct msi_stack *s, uint64_t hooked)
{
	unsigned int skip;

	for (skip = 0; skip < s->nr; skip++)
		if (hooked && syms__function(c->syms, s->ip[skip]) == hooked)
			break;
	if (skip == s->nr)
		return false;
	drop_frames(s, skip, 0);
	return cut_at_interrupt(c, s);
}

/*
 * A stack begins with the hooked function: frames of BPF itself are dropped from its inner end, and the
 * function, which some kernels leave out behind a fexit trampoline, is put there.  It ends where an
 * interrupt came in: below are frames of the task that happened to be interrupted.
 * True: all frames up to there, or to where the task began, are in it.
 */
static bool trim_stack(struct collect *c, unsigned int hook, struct msi_stack *s)
{
	uint64_t hooked = c->wanted[hook].addr, func = 0;
	bool whole = s->nr < MSI_STACK_MAX;
	unsigned int skip, add;

	for (skip = 0; skip < s->nr; skip++) {
		func = syms__function(c->syms, s->ip[skip]);
		if (func && !syms__is_bpf(c->syms, func))
			break;
	}
	if (skip == s->nr)
		return false;
	if (hook_rows[hook].kind == HOOK_KIND_TP)
		return trim_tracepoint(c, s, hooked);
	add = hooked && func != hooked;
	drop_frames(s, skip, add);
	if (add)
		s->ip[0] = hooked;
	return cut_at_interrupt(c, s) || whole;
}

/* The caller of an iterator: the frame outside of the hooked function, and the function it is in.  */
static void fill_caller(struct collect *c, struct msi_ev_first *e)
{
	if (e->stack.nr < 2)
		return;
	e->caller = e->stack.ip[1];
	e->caller_fn = syms__function(c->syms, e->caller);
}

/* CPUs that cannot be taken offline have no such file.  */
static void fill_removable(struct msi_ev_matrix_cpu *e)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online", e->at);
	e->removable = !access(path, F_OK);
}

/* The numbers in msi_irqs/, as runs.  */
static int send_names(struct collect *c)
{
	const struct sysfs_list *sl = &c->names;
	struct msi_ev_sysfs_list e;
	size_t pos = 0;
	int err;

	header(&e.h, MSI_EV_SYSFS_LIST, sizeof(e));
	e.h.dev = sl->dev;
	e.md = sl->md;
	e.list = sl->list;
	e.names = sl->nr;
	while (sysfs_list__run(sl, &pos, &e.first, &e.last))
		e.runs++;
	pos = 0;
	do {
		sysfs_list__run(sl, &pos, &e.first, &e.last);
		err = deliver(c, &e.h);
	} while (!err && ++e.run < e.runs);
	return err;
}

static int deliver_listing(struct collect *c, const struct msi_event_hdr *h)
{
	enum sysfs_list_step step = sysfs_list__event(&c->names, h);
	int err = step == SYSFS_LIST_MARK ? 0 : deliver(c, h);

	return err ?: step == SYSFS_LIST_READY ? send_names(c) : 0;
}

/*
 * preempt_count contains what the kprobe itself adds.  That is learnt from calls of mutex_lock() of our
 * own, in a context that is known: reading a file of procfs takes the mutex of its seq_file.
 */
static void calibrate(struct collect *c)
{
	uint32_t before = c->skel->bss->msi_preempt_base;

	if (!c->links[HOOK_lock])
		return;
	c->skel->bss->msi_preempt_base = 0;
	c->skel->bss->msi_calibrate = 1;
	effective_caps();
	c->skel->bss->msi_calibrate = 0;
	if (!c->skel->bss->msi_preempt_base)
		c->skel->bss->msi_preempt_base = before;
}

/* It adds more when others attach to the function, too: nobody is accused before that was looked at.  */
static void confirm_context(struct collect *c, struct msi_ev_lock_try *e)
{
	uint32_t more, before = c->skel->bss->msi_preempt_base;

	if (!(e->context & MSI_CTX_PREEMPT_OFF))
		return;
	calibrate(c);
	more = c->skel->bss->msi_preempt_base - before;
	if (c->skel->bss->msi_preempt_base <= before)
		return;
	e->preempt_depth -= more < e->preempt_depth ? more : e->preempt_depth;
	if (!e->preempt_depth)
		e->context &= ~MSI_CTX_PREEMPT_OFF;
}

static void fill_context(struct collect *c, struct msi_ev_msg_write *e, bool whole)
{
	e->context = context_of(c->syms, &e->stack, whole);
}

/* Looked for once: it takes a reading of all symbols.  */
static struct lock_name *lock_name(struct collect *c, uint64_t lock)
{
	struct lock_name *n;

	HASH_FIND(hh, c->locks, &lock, sizeof(lock), n);
	if (n)
		return n;
	n = calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	n->lock = lock;
	syms__variable(c->syms, lock, n->name, sizeof(n->name));
	HASH_ADD(hh, c->locks, lock, sizeof(n->lock), n);
	return n;
}

static void forget_lock_names(struct collect *c)
{
	struct lock_name *n, *next;

	HASH_ITER(hh, c->locks, n, next) {
		HASH_DEL(c->locks, n);
		free(n);
	}
}

/* Not of what is allocated: those have no symbol.  */
static void name_lock(struct collect *c, struct msi_ev_edge *e)
{
	struct lock_name *n;

	if ((e->class != MSI_EDGE_MUTEX && e->class != MSI_EDGE_RWSEM) || !c->syms ||
	    e->lock < MSI_IMAGE_START)
		return;
	n = lock_name(c, e->lock);
	if (n)
		str_copy(e->name, sizeof(e->name), n->name);
}

/* The calls of handlers are counted from when there is one of vfio on.  */
static void note_action(struct collect *c, const char *name)
{
	if (c->hooks[HOOK_fired].status != MSI_ATTACH_LIVE || c->links[HOOK_fired] ||
	    strncmp(name, MSI_VFIO_ACTION, strlen(MSI_VFIO_ACTION)))
		return;
	attach_one(c, HOOK_fired);
}

static int take_record(struct collect *c, struct msi_event_hdr *h)
{
	const struct event_desc *ed = event_desc(h->type);
	bool whole = false;

	if (c->early && h->type != MSI_EV_DEV_INFO && h->type != MSI_EV_MODULE && h->type != MSI_EV_LOST)
		return 0;
	if (ed->stack_offset && c->syms)
		whole = trim_stack(c, h->hook, (void *)((char *)h + ed->stack_offset));
	switch (h->type) {
	case MSI_EV_FIRST:
	case MSI_EV_NEXT:
		if (c->syms)
			fill_caller(c, (void *)h);
		break;
	case MSI_EV_EDGE:
		name_lock(c, (void *)h);
		break;
	case MSI_EV_LOCK_TRY:
		confirm_context(c, (void *)h);
		break;
	case MSI_EV_MSG_WRITE:
		if (c->syms)
			fill_context(c, (void *)h, whole);
		break;
	case MSI_EV_DEV_INFO:
		note_dev_name(c, (void *)h);
		break;
	case MSI_EV_MATRIX_CPU:
		fill_removable((void *)h);
		break;
	case MSI_EV_MATRIX:
		c->matrix_stable = ((struct msi_ev_matrix *)h)->stable;
		if (((struct msi_ev_matrix *)h)->irqs)
			c->irqs_stable = c->matrix_stable && ((struct msi_ev_matrix *)h)->irqs_stable;
		break;
	case MSI_EV_IRQ_LOOK:
		c->base.irqs++;
		str_copy(((struct msi_ev_irq_look *)h)->actions,
			 sizeof(((struct msi_ev_irq_look *)h)->actions), c->actions);
		break;
	case MSI_EV_MODULE:
		debuginfo__note_modules(c->debuginfo);	/* first: it may not be there for long */
		if (c->syms)
			syms__reload_modules(c->syms);
		forget_lock_names(c);
		break;
	case MSI_EV_STORE_ENTRY:
		c->base.descs += h->hook == HOOK_snap_dev && !c->listing;
		break;
	case MSI_EV_LOST:
		c->ring_told += ((struct msi_ev_lost *)h)->count;
		c->lost[MSI_LOST_RING] += ((struct msi_ev_lost *)h)->count;
		break;
	case MSI_EV_SNAP_IRQ:
		c->base.irqs++;
		note_action(c, ((struct msi_ev_snap_irq *)h)->name);
		break;
	case MSI_EV_REQUEST:
		note_action(c, ((struct msi_ev_request *)h)->name);
		break;
	}
	return c->listing ? deliver_listing(c, h) : deliver(c, h);
}

static int send_attach(struct collect *c)
{
	const struct hook_state *st;
	struct msi_ev_attach e;
	int i, err = 0;

	for (i = 1; i < HOOK_MAX && !err; i++) {
		/* a function of other kernels, in whose place another one is hooked */
		if (!c->hooks[i].func &&
		    hook_role_status(hook_rows[i].role, c->hooks, &st, NULL, 0) != MSI_ATTACH_ABSENT)
			continue;
		st = &c->hooks[i];
		header(&e.h, MSI_EV_ATTACH, sizeof(e));
		e.h.hook = i;
		e.event = hook_event(i);
		e.status = st->status;
		str_copy(e.role, sizeof(e.role), hook_rows[i].role);
		str_copy(e.func, sizeof(e.func), st->func ?: hook_rows[i].targets[0]);
		str_copy(e.why, sizeof(e.why), st->status == MSI_ATTACH_OFF ? "not asked for" : st->why);
		err = deliver(c, &e.h);
	}
	return err;
}

/*
 * AMD's family 10h takes accesses to the mapped configuration space by one register only
 * (arch/x86/include/asm/pci_x86.h), and BPF does not choose registers.
 */
static bool config_space_is_picky(void)
{
#ifdef __x86_64__
	unsigned int eax, ebx, ecx, edx;

	if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx))
		return true;
	return (eax >> 8 & 0xf) + (eax >> 20 & 0xff) == 0x10;
#else
	return true;
#endif
}

static int send_kernel(struct collect *c)
{
	struct msi_ev_kernel e;
	struct utsname u;
	unsigned int major = 0, minor = 0;

	header(&e.h, MSI_EV_KERNEL, sizeof(e));
	uname(&u);
	sscanf(u.release, "%u.%u", &major, &minor);
	e.version = KVER(major, minor);
	if (!strcmp(u.machine, "x86_64") && !baseline_is_xen())
		e.profile = baseline_has_remapping() ? PROFILE_X86_IR : PROFILE_X86;
	str_copy(e.release, sizeof(e.release), u.release);
	return deliver(c, &e.h);
}

/* --- loss --------------------------------------------------------------------------------- */

static int send_lost(struct collect *c, uint64_t total, uint64_t *seen, unsigned int source,
		     unsigned int event, unsigned int phase)
{
	struct msi_ev_lost e;

	if (total <= *seen)
		return 0;
	header(&e.h, MSI_EV_LOST, sizeof(e));
	e.count = total - *seen;
	e.source = source;
	e.event = event;
	e.phase = phase;
	*seen = total;
	c->lost[source] += e.count;
	return deliver(c, &e.h);
}

/* How often the kernel skipped a program because one was running on that CPU.  */
static uint64_t misses(struct bpf_program *p)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(p), &info, &len))
		return 0;
	return info.recursion_misses;
}

/*
 * Hooks of the baseline see every reader of sysfs, and are skipped with them; what is lost is only
 * what they miss of our own reads.
 */
static bool is_baseline_hook(int i)
{
	return i == HOOK_snap_dev || i == HOOK_snap_irq;
}

/* What was lost since the last look, somewhere among the records of the batch.  */
static int tell_losses(struct collect *c)
{
	uint64_t seen = 0;
	int i, err;

	err = send_lost(c, c->skel->bss->msi_lost_map, &c->lost_map, MSI_LOST_MAP, 0, MSI_LOST_FROM_HERE);
	for (i = 1; i < HOOK_MAX && !err; i++)
		if (c->links[i] && hook_event(i) && !is_baseline_hook(i))
			err = send_lost(c, misses(c->progs[i]), &c->lost_miss[i], MSI_LOST_MISS,
					hook_event(i), MSI_LOST_FROM_HERE);
	if (c->lost_record && !err)
		err = send_lost(c, c->lost_record, &seen, MSI_LOST_RECORD, 0, MSI_LOST_FROM_HERE);
	c->lost_record = 0;
	return err;
}

static uint64_t lost_hidden(const struct collect *c)
{
	return c->lost[MSI_LOST_MAP] + c->lost[MSI_LOST_MISS] + c->lost[MSI_LOST_RECORD];
}

static int send_losses_end(struct collect *c)
{
	struct msi_ev_lost e;

	header(&e.h, MSI_EV_LOST, sizeof(e));
	e.phase = MSI_LOST_TO_HERE;
	return deliver(c, &e.h);
}

/* Positions in the ring buffer, kernel/bpf/ringbuf.c: a page for the reader's, one for the writers'.  */
static uint64_t ring_position(const struct collect *c, bool writers)
{
	const char *p = c->rb_pages + (writers ? sysconf(_SC_PAGE_SIZE) : 0);

	return __atomic_load_n((const unsigned long *)p, __ATOMIC_ACQUIRE);
}

static bool has_reached(const struct collect *c, uint64_t position)
{
	return (int64_t)(ring_position(c, false) - position) >= 0;
}

/*
 * Programs say themselves, in the stream, that the ring buffer was full; what else is lost only counters
 * know.  So records are first read, then the counters, then the records looked at: whatever is missing
 * between two of them is known before anything is concluded.  It may as well be missing among those that
 * are not read yet, so the loss lasts until all that were begun before the counters were read are.
 */
static int look_at_batch(struct collect *c)
{
	uint64_t before = lost_hidden(c);
	struct msi_event_hdr *h;
	size_t at;
	int err;

	err = tell_losses(c);
	if (lost_hidden(c) != before) {
		c->names.changed = true;
		c->losing = true;
		c->losing_until = ring_position(c, true);
	}
	for (at = 0; at < c->batch_len && !err; at += h->size) {
		h = (void *)(c->batch + at);
		err = take_record(c, h);
	}
	c->batch_len = 0;
	c->flushed_ns = now_ns();
	if (!err && c->losing && has_reached(c, c->losing_until)) {
		c->losing = false;
		err = send_losses_end(c);
	}
	return err;
}

static int flush_batch(struct collect *c)
{
	return c->batch_len || c->losing ? look_at_batch(c) : 0;
}

static int on_record(void *ctx, void *data, size_t len)
{
	struct collect *c = ctx;
	const struct msi_event_hdr *h = data;

	if (event_check(data, len) || h->hook >= HOOK_MAX) {
		c->lost_record++;
		return 0;
	}
	if (c->batch_len + h->size > BATCH_MAX)
		c->cb_ret = flush_batch(c);
	if (c->cb_ret)
		return c->cb_ret;
	memcpy(c->batch + c->batch_len, data, h->size);
	c->batch_len += h->size;
	return 0;
}

static int check_loss(struct collect *c)
{
	int err = look_at_batch(c);

	return err ?: send_lost(c, c->skel->bss->msi_lost_total, &c->ring_told, MSI_LOST_RING, 0,
				MSI_LOST_HERE);
}

const uint64_t *collect__lost(const struct collect *c)
{
	return c->lost;
}

int collect__poll(struct collect *c, int timeout_ms)
{
	int n = timeout_ms ? ring_buffer__poll(c->rb, timeout_ms) : ring_buffer__consume(c->rb);

	if (!c->cb_ret && (!timeout_ms || !n || now_ns() - c->flushed_ns > BATCH_MS * 1000000ull))
		c->cb_ret = flush_batch(c);
	return c->cb_ret ?: n;
}

static int map_positions(struct collect *c)
{
	void *p = mmap(NULL, 2 * sysconf(_SC_PAGE_SIZE), PROT_READ, MAP_SHARED,
		       bpf_map__fd(c->skel->maps.events), 0);

	if (p == MAP_FAILED)
		return -errno;
	c->rb_pages = p;
	return 0;
}

/*
 * Takes all records that were begun before the call.  One poll may not: a record that some task has begun
 * and not finished hides those behind it.
 */
static int catch_up(void *ctx)
{
	struct collect *c = ctx;
	uint64_t to = ring_position(c, true), end = now_ns() + CATCH_UP_MS * 1000000ull;
	int n;

	do {
		n = collect__poll(c, 0);
		if (n < 0)
			return n;
		if (has_reached(c, to))
			return 0;
		usleep(200);
	} while (now_ns() < end);
	return 0;
}

/*
 * While the hooks were attached, one after the other, some saw what others did not: a descriptor that
 * came and did not go.  Only names are taken from then; what exists is told by the baseline.
 */
static int skip_early(struct collect *c)
{
	int i, err;

	for (i = 1; i < HOOK_MAX; i++)
		if (c->links[i])
			c->lost_miss[i] = misses(c->progs[i]);
	c->lost_map = c->skel->bss->msi_lost_map;
	c->early = true;
	err = catch_up(c);
	c->early = false;
	return err;
}

/* --- the interface ------------------------------------------------------------------------ */

int collect__open(const struct collect_opts *opts, struct collect **out, struct collect_err *err)
{
	struct hook_consts hc;
	struct collect *c;
	int i, e;

	memset(err, 0, sizeof(*err));
	c = calloc(1, sizeof(*c));
	if (!c)
		return fail(err, -ENOMEM, "%s", errstr(-ENOMEM));
	memcpy(&c->opts, opts, opts->sz < sizeof(c->opts) ? opts->sz : sizeof(c->opts));
	c->batch = malloc(BATCH_MAX);
	if (!c->batch) {
		free(c);
		return fail(err, -ENOMEM, "%s", errstr(-ENOMEM));
	}
	libbpf_log = c->opts.log;
	e = c->opts.debuginfo ? debuginfo__new(c->opts.debuginfo, &c->debuginfo) : 0;
	if (e) {
		fail(err, e, "%s", errstr(e));
		goto cleanup;
	}
	c->opened_ns = now_ns();	/* a download is not attaching */
	e = check_ftrace(err);
	e = e ?: resolve_types(NULL, c->hooks, &hc, err);
	if (e)
		goto cleanup;
	libbpf_set_print(libbpf_says);
	choose(c);
	e = load(c, &hc, err);
	e = e ?: attach(c, err);
	if (e)
		goto cleanup;
	calibrate(c);
	c->armed_ns = now_ns();
	c->rb = ring_buffer__new(bpf_map__fd(c->skel->maps.events), on_record, c, NULL);
	if (!c->rb) {
		e = fail(err, -errno, "ring buffer: %s", errstr(-errno));
		goto cleanup;
	}
	e = map_positions(c);
	if (e) {
		fail(err, e, "ring buffer: %s", errstr(e));
		goto cleanup;
	}
	for (i = 1; i < HOOK_MAX; i++)
		c->wanted[i].name = c->hooks[i].func;
	context_wanted(c->wanted + HOOK_MAX);
	for (i = 0; i < NR_DATA; i++)
		c->wanted[WANTED_DATA + i] = (struct syms_wanted){ .name = data_symbols[i], .data = true };
	c->wanted[WANTED_STEXT].name = "_stext";
	c->syms_err = syms__new(NULL, c->wanted, WANTED_MAX, &c->syms);	/* without: addresses */
	c->skel->bss->msi_vector_matrix = c->wanted[WANTED_DATA + DATA_VECTOR_MATRIX].addr;
	c->skel->bss->msi_vector_lock = c->wanted[WANTED_DATA + DATA_VECTOR_LOCK].addr;
	c->skel->bss->msi_vector_irq = c->wanted[WANTED_DATA + DATA_VECTOR_IRQ].addr;
	c->skel->bss->msi_per_cpu_offset = c->wanted[WANTED_DATA + DATA_PER_CPU_OFFSET].addr;
	c->skel->bss->msi_domain_list = c->wanted[WANTED_DATA + DATA_DOMAIN_LIST].addr;
	c->skel->bss->msi_domain_mutex = c->wanted[WANTED_DATA + DATA_DOMAIN_MUTEX].addr;
	c->skel->bss->msi_page_offset_base = c->wanted[WANTED_DATA + DATA_PAGE_OFFSET].addr;
	if (c->wanted[WANTED_DATA + DATA_BUS_SEM].addr)
		c->skel->bss->msi_watched[MSI_WATCHED_BUS_SEM] =
			c->wanted[WANTED_DATA + DATA_BUS_SEM].addr | MSI_WATCHED_SEM;
	c->skel->bss->msi_cpu_online_mask = c->wanted[WANTED_DATA + DATA_CPU_ONLINE].addr;
	if (c->opts.config_space && !config_space_is_picky())
		c->skel->bss->msi_mmcfg_list = c->wanted[WANTED_DATA + DATA_MMCFG_LIST].addr;
	debuginfo__set_stext(c->debuginfo, c->wanted[WANTED_STEXT].addr);
	debuginfo__note_modules(c->debuginfo);
	e = send_kernel(c);
	e = e ?: send_attach(c);
	e = e ?: skip_early(c);
	if (e)
		goto cleanup;
	*out = c;
	return 0;
cleanup:
	collect__close(c);
	return e;
}

uint64_t collect__armed_ns(const struct collect *c)
{
	return c->armed_ns - c->opened_ns;
}

unsigned int collect__live(const struct collect *c)
{
	unsigned int i, n = 0;

	for (i = 1; i < HOOK_MAX; i++)
		n += !!c->links[i];
	return n;
}

#define LIST_TRIES 4

/* Read between two marks, see sysfs_list.h; a device that never rests is not judged.  */
static int list_device(void *ctx, int dirfd, const char *device)
{
	char path[NAME_MAX + 16];
	struct collect *c = ctx;
	int err = 0, tries;

	snprintf(path, sizeof(path), "%s/msi_irqs", device);
	for (tries = 0; !err && tries < LIST_TRIES; tries++) {
		sysfs_list__reset(&c->names, now_ns());
		if (!baseline_touch(dirfd, device) || sysfs_list__read(&c->names, dirfd, path) ||
		    !baseline_touch(dirfd, device))
			return 0;
		err = catch_up(c);
		if ((c->names.marks == 2 && !c->names.changed) || (!c->names.marks && c->opts.device))
			break;
	}
	return err;
}

static int list_devices(struct collect *c)
{
	int err;

	if (!(c->opts.use & USE_JUDGE) || !(c->opts.events & (1ull << MSI_EV_SYSFS_LIST)))
		return 0;
	err = catch_up(c);
	c->skel->bss->msi_look = MSI_LOOK_FILES;
	c->listing = true;
	err = err ?: baseline_each_device(list_device, c);
	err = err ?: catch_up(c);
	c->listing = false;
	c->skel->bss->msi_look = MSI_LOOK_BASELINE;
	return err;
}

#define LOOK_TRIES 5

static uint64_t baseline_misses(struct collect *c)
{
	uint64_t n = 0;
	int i;

	for (i = 1; i < HOOK_MAX; i++)
		if (c->links[i] && is_baseline_hook(i))
			n += misses(c->progs[i]);
	return n;
}

/* Makes the hook of the baseline look at one thing, of one interrupt or of each.  */
static int look(struct collect *c, enum msi_look what, bool each)
{
	int err;

	c->skel->bss->msi_look = what;
	if (each)
		err = baseline_touch_irqs(c->actions, sizeof(c->actions), catch_up, c);
	else
		err = baseline_touch_irq() ? catch_up(c) : -ENOENT;
	c->actions[0] = '\0';
	c->skel->bss->msi_look = MSI_LOOK_BASELINE;
	return err;
}

/* Begins to count: *first has the totals.  */
static int watch_totals(struct collect *c, struct msi_books *first)
{
	int err;

	memset(&c->skel->bss->msi_books, 0, sizeof(c->skel->bss->msi_books));
	err = look(c, MSI_LOOK_TOTALS, false);
	*first = c->skel->bss->msi_books;
	return err;
}

/* 1 if they are the same now, and nobody was changing them at either look.  */
static int totals_held(struct collect *c, const struct msi_books *first)
{
	int err = look(c, MSI_LOOK_TOTALS, false);
	const struct msi_books *b = &c->skel->bss->msi_books;

	return err ?: first->ns && !b->locked && b->all_reserved == first->all_reserved &&
		      b->all_allocated == first->all_allocated;
}

/* One pass: 1 if nothing moved meanwhile, as far as the totals tell.  */
static int count_books(struct collect *c, struct msi_books *b)
{
	uint64_t before = baseline_misses(c);
	struct msi_books first;
	int err, held;

	err = watch_totals(c, &first);
	err = err ?: look(c, MSI_LOOK_BOOKS, true);
	held = err ?: totals_held(c, &first);
	*b = c->skel->bss->msi_books;
	b->since = first.ns;
	return held > 0 ? baseline_misses(c) == before : held;
}

static bool books_agree(const struct msi_books *a, const struct msi_books *b)
{
	return a->all_reserved == b->all_reserved && a->all_allocated == b->all_allocated &&
	       a->irqs == b->irqs && a->hold == b->hold && a->reserved == b->reserved;
}

/*
 * What the interrupts of the vector allocator hold, beside its totals.  Some of both may be just changing, unseen:
 * only what two passes in a row say is so.
 */
static int look_at_books(struct collect *c)
{
	struct msi_books one, two;
	int tries, quiet = 0;

	for (tries = 0; !quiet && tries < LOOK_TRIES; tries++) {
		quiet = count_books(c, &one);
		if (quiet > 0)
			quiet = count_books(c, &two);
		if (quiet > 0)
			quiet = books_agree(&one, &two);
	}
	if (quiet > 0) {
		c->skel->bss->msi_books.since = one.since;
		c->skel->bss->msi_books.quiet = 1;
	}
	return quiet < 0 ? quiet : 0;
}

/* That they cannot be found is an event, too: rules say so.  */
static int send_matrix(struct collect *c)
{
	struct msi_ev_matrix e;
	int err = 0, tries;

	if (!(c->opts.events & (1ull << MSI_EV_MATRIX)))
		return 0;
	c->matrix_stable = false;
	for (tries = 0; !err && !c->matrix_stable && tries < LOOK_TRIES; tries++)
		err = look(c, MSI_LOOK_MATRIX, false);
	if (c->skel->bss->msi_vector_matrix && c->skel->bss->msi_per_cpu_offset)
		return err == -ENOENT ? 0 : err;
	header(&e.h, MSI_EV_MATRIX, sizeof(e));
	return deliver(c, &e.h);
}

static int look_at_vectors(struct collect *c)
{
	bool books = c->opts.events & (1ull << MSI_EV_MATRIX) && c->skel->bss->msi_vector_matrix;
	int err = books ? look_at_books(c) : 0;

	return err && err != -ENOENT ? err : send_matrix(c);
}

#define BASELINE_TRIES 4

/* What each interrupt is. Once more if the hook was skipped: rows that come twice say the same.  */
static int look_at_irqs(struct collect *c)
{
	uint64_t before, lost = 1;
	int err = 0, tries;

	if (!(c->opts.events & (1ull << MSI_EV_IRQ_LOOK)))
		return 0;
	for (tries = 0; !err && lost && tries < BASELINE_TRIES; tries++) {
		before = baseline_misses(c);
		err = look(c, MSI_LOOK_IRQS, true);
		lost = baseline_misses(c) - before;
	}
	if (lost && !err)
		err = send_lost(c, lost, &(uint64_t){0}, MSI_LOST_MISS, MSI_EV_IRQ_LOOK, MSI_LOST_HERE);
	return err;
}

static int send_baseline(struct collect *c, unsigned int phase)
{
	struct msi_ev_baseline e;

	header(&e.h, MSI_EV_BASELINE, sizeof(e));
	e.phase = phase;
	e.devices = c->base.devices;
	e.descs = c->base.descs;
	e.irqs = c->base.irqs;
	e.failed = c->base.failed;
	return deliver(c, &e.h);
}

/* Taken again when a hook was skipped meanwhile; rows that come twice say the same.  */
int collect__baseline(struct collect *c)
{
	uint64_t before, lost = 0;
	int err, tries;

	err = send_baseline(c, 0);
	for (tries = 0; !err && tries < BASELINE_TRIES; tries++) {
		before = baseline_misses(c);
		memset(&c->base, 0, sizeof(c->base));
		err = baseline_take(&c->base, catch_up, c);
		lost = baseline_misses(c) - before;
		if (!lost)
			break;
	}
	if (lost && !err)
		err = send_lost(c, lost, &(uint64_t){0}, MSI_LOST_MISS, MSI_EV_STORE_ENTRY,
				MSI_LOST_HERE);
	err = err ?: check_loss(c);
	err = err ?: send_baseline(c, 1);
	err = err ?: look_at_vectors(c);
	return err ?: list_devices(c);
}

#define DOMAIN_STEPS 512	/* each looks at DOMAINS_AT_ONCE */

/* A walk that a change led astray never comes to the end: it is done again.  */
static int send_domains(struct collect *c)
{
	__u64 head = c->skel->bss->msi_domain_list, *at = &c->skel->bss->msi_domain_at;
	int err = 0, tries, steps;

	if (!head || !(c->opts.events & (1ull << MSI_EV_DOMAIN_LOOK)))
		return 0;
	*at = 0;
	for (tries = 0; !err && *at != head && tries < LOOK_TRIES; tries++) {
		*at = 0;
		for (steps = 0; !err && *at != head && steps < DOMAIN_STEPS && (!steps || *at); steps++)
			err = look(c, MSI_LOOK_DOMAINS, false);
	}
	return err == -ENOENT ? 0 : err;
}

/* One time; *again: something is missing, or was not quiet.  */
static int look_once(struct collect *c, bool *again)
{
	uint64_t missed = baseline_misses(c), ring = c->lost[MSI_LOST_RING], hidden = lost_hidden(c);
	struct msi_books first = {};
	int err, held = 0;

	memset(&c->base, 0, sizeof(c->base));
	/* who has no books has quiet ones */
	c->irqs_stable = !(c->opts.events & (1ull << MSI_EV_MATRIX)) ||
			 !c->skel->bss->msi_vector_matrix || !c->skel->bss->msi_per_cpu_offset;
	err = send_baseline(c, 0);
	err = err ?: watch_totals(c, &first);
	err = err == -ENOENT ? 0 : err;
	err = err ?: baseline_touch_devices(&c->base, catch_up, c);
	err = err ?: send_matrix(c);	/* a move changes none of the totals: what each CPU had before, */
	err = err ?: look(c, MSI_LOOK_ALL_IRQS, true);
	if (!err)
		held = totals_held(c, &first);
	c->skel->bss->msi_books.irqs = c->base.irqs;
	c->skel->bss->msi_books.since = first.ns;
	c->skel->bss->msi_books.quiet = held > 0;
	err = err ?: send_matrix(c);	/* and has after */
	err = err ?: send_domains(c);
	missed = baseline_misses(c) - missed;
	if (missed && !err)
		err = send_lost(c, missed, &(uint64_t){0}, MSI_LOST_MISS, MSI_EV_IRQ_LOOK, MSI_LOST_HERE);
	err = err ?: check_loss(c);
	err = err ?: send_baseline(c, 1);
	*again = missed || c->lost[MSI_LOST_RING] != ring || lost_hidden(c) != hidden || !c->irqs_stable;
	return err;
}

static void empty(int fd)
{
	uint64_t key;

	while (!bpf_map_get_next_key(fd, NULL, &key) && !bpf_map_delete_elem(fd, &key))
		;
}

/*
 * Devices, mutexes and tasks come and go between looks, and no hook tells.  Without this the maps would fill up, and
 * another device at the address of one that is gone would have its name.
 */
static void forget(struct collect *c)
{
	empty(bpf_map__fd(c->skel->maps.devs));
	empty(bpf_map__fd(c->skel->maps.mutexes));
	empty(bpf_map__fd(c->skel->maps.holders));
}

int collect__look(struct collect *c)
{
	bool again = true;
	int err = 0, tries;

	forget(c);
	for (tries = 0; !err && again && tries < LOOK_TRIES; tries++)
		err = look_once(c, &again);
	return err;
}

#define OPEN_SECTIONS_MAX_MS 1000

static bool sections_open(struct collect *c)
{
	uint64_t task;

	return !bpf_map_get_next_key(bpf_map__fd(c->skel->maps.holders), NULL, &task);
}

/* A run that ends while somebody holds a descriptor mutex cannot judge that section: wait a little.  */
static int wait_for_sections(struct collect *c)
{
	uint64_t end = now_ns() + OPEN_SECTIONS_MAX_MS * 1000000ull;
	int n = 0;

	while (n >= 0 && sections_open(c) && now_ns() < end)
		n = collect__poll(c, 1);
	return n == -EINTR ? 0 : n;
}

static int send_end(struct collect *c)
{
	struct msi_ev_end e;

	if (!(c->opts.events & (1ull << MSI_EV_END)))
		return 0;
	header(&e.h, MSI_EV_END, sizeof(e));
	e.duration_ns = e.h.ts_ns - c->armed_ns;
	return deliver(c, &e.h);
}

int collect__stop(struct collect *c)
{
	int n;

	n = wait_for_sections(c);
	n = n < 0 ? n : catch_up(c);
	n = n < 0 ? n : look_at_irqs(c);
	n = n < 0 ? n : look_at_vectors(c);
	n = n < 0 ? n : list_devices(c);
	if (n < 0)
		return n;
	c->skel->bss->msi_stop = 1;
	n = catch_up(c);
	n = n < 0 ? n : check_loss(c);
	return n ?: send_end(c);
}

void collect__close(struct collect *c)
{
	struct dev_name *d, *next;
	int i;

	if (!c)
		return;
	/* Before v6.12 each fentry link waits for RCU-tasks here, one at a time; threads do not help.  */
	for (i = 1; i < HOOK_MAX; i++)
		bpf_link__destroy(c->links[i]);
	ring_buffer__free(c->rb);
	if (c->rb_pages)
		munmap((void *)c->rb_pages, 2 * sysconf(_SC_PAGE_SIZE));
	free(c->batch);
	msitrace__destroy(c->skel);
	syms__free(c->syms);
	sysfs_list__free(&c->names);
	debuginfo__free(c->debuginfo);
	forget_lock_names(c);
	HASH_ITER(hh, c->devs, d, next) {
		HASH_DEL(c->devs, d);
		free(d);
	}
	free(c);
}

int collect__symbol(void *ctx, uint64_t ip, struct symbol *out)
{
	struct collect *c = ctx;

	return c->syms ? syms__find(c->syms, ip, out) : -ENOENT;
}

int collect__source(void *ctx, uint64_t ip, struct symbol *sym)
{
	struct collect *c = ctx;

	return debuginfo__find(c->debuginfo, ip, sym);
}

int collect__symbols_error(const struct collect *c)
{
	return c->syms_err;
}

const struct hook_state *collect__hooks(const struct collect *c)
{
	return c->hooks;
}

int collect__stats(struct collect *c, struct stats *st)
{
	struct msi_hist_key k, *prev = NULL;
	int fd = bpf_map__fd(c->skel->maps.hists);
	struct stats_row *rows = NULL, *grown;
	size_t nr = 0, room = 0;
	struct dev_name *d;
	int i;

	while (!bpf_map_get_next_key(fd, prev, &k)) {
		if (nr == room) {
			room = room * 2 + 16;
			grown = realloc(rows, room * sizeof(*rows));
			if (!grown) {
				free(rows);
				return -ENOMEM;
			}
			rows = grown;
		}
		memset(&rows[nr], 0, sizeof(rows[nr]));
		rows[nr].op = k.op;
		HASH_FIND(hh, c->devs, &k.dev, sizeof(k.dev), d);
		if (d) {
			str_copy(rows[nr].device, sizeof(rows[nr].device), d->name);
			str_copy(rows[nr].driver, sizeof(rows[nr].driver), d->driver);
		}
		if (!bpf_map_lookup_elem(fd, &k, &rows[nr].hist))
			nr++;
		prev = &k;
	}
	st->rows = rows;
	st->nr = nr;
	st->lost = c->skel->bss->msi_lost_hist + c->skel->bss->msi_lost_map;
	st->skipped = 0;
	for (i = 1; i < HOOK_MAX; i++)
		if (c->links[i] && (hook_rows[i].use & USE_HIST))
			st->skipped += misses(c->progs[i]);
	return 0;
}
