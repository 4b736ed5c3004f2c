// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>
#include <uthash.h>

#include "base/util.h"
#include "hooks.h"

#define FENTRY HOOK_KIND_FENTRY
#define FEXIT HOOK_KIND_FEXIT
#define TP HOOK_KIND_TP
#define KPROBE HOOK_KIND_KPROBE
#define ALL (USE_JUDGE | USE_SHOW)
#define EXTRA HOOK_EXTRA
#define MD HOOK_NEEDS_MD
#define ENTRY HOOK_ENTRY
#define BTF_TRACE "btf_trace_"	/* a tracepoint is a typedef of this name in BTF */

/* Names and prototypes differ per kernel; who has what is in the design notes' hook matrix.  */
#define ROW(id, role_, kind_, use_, flags_, t1, t2, ...) \
	[HOOK_##id] = { .prog = "hook_" #id, .role = role_, .kind = kind_, .use = use_, \
			.flags = flags_, .targets = { t1, t2 }, .args = { __VA_ARGS__ } }

const struct hook_row hook_rows[HOOK_MAX] = {
ROW(data_setup, "data_setup", FEXIT, USE_BASE, 0, "msi_setup_device_data", NULL, "*device"),
ROW(data_setup_domain, "data_setup", FEXIT, USE_BASE, EXTRA, "msi_create_device_irq_domain", NULL,
    "*device", "@domid"),
ROW(data_release, "data_release", FENTRY, USE_BASE, 0, "msi_device_data_release", NULL, "*device"),
ROW(unlock, "unlock", KPROBE, ALL | USE_HIST, MD, "mutex_unlock", NULL, "*mutex"),
ROW(lock, "lock", KPROBE, ALL | USE_HIST, MD, "mutex_lock", "mutex_lock_nested", "*mutex"),
ROW(lock_got, "lock_wait", FEXIT, USE_SHOW | USE_HIST | USE_WAIT, MD, "mutex_lock", "mutex_lock_nested",
    "*mutex"),
ROW(first, "iter_first", FEXIT, ALL, 0, "msi_domain_first_desc", "msi_first_desc",
    "*device", "?@domid", "%msi_desc_filter"),
ROW(next, "iter_next", FEXIT, ALL, 0, "msi_next_desc", NULL,
    "*device", "?@domid", "%msi_desc_filter"),
ROW(insert, "desc_insert", FEXIT, ALL, 0, "msi_insert_desc", NULL,
    "!*device", "*msi_desc", "@domid", "@index"),
ROW(insert_add, "desc_insert", FEXIT, ALL, 0, "msi_add_msi_desc", NULL, "*device", "*msi_desc"),
ROW(insert_simple, "desc_insert", FEXIT, ALL, EXTRA, "msi_add_simple_msi_descs", NULL,
    "*device", NULL, NULL, "@index", "@ndesc"),
ROW(desc_free, "desc_free", FENTRY, ALL, 0, "msi_domain_free_descs", NULL, "*device", "*msi_ctrl"),
ROW(desc_free_range, "desc_free", FENTRY, ALL, 0, "msi_free_msi_descs_range", NULL,
    "*device", NULL, "%msi_desc_filter", "@first_index", "@last_index"),
ROW(desc_dead, "desc_dead", TP, USE_JUDGE, MD, BTF_TRACE "kfree", NULL),
ROW(alloc, "alloc", FENTRY, USE_SHOW | USE_HIST, EXTRA, "__msi_domain_alloc_irqs", NULL,
    "*device", NULL, NULL, NULL, "?@nvec"),
ROW(alloc_end, "alloc_time", FEXIT, USE_SHOW | USE_HIST, 0, "__msi_domain_alloc_irqs", NULL, "*device"),
ROW(alloc_all_locked, "alloc", FENTRY, ALL, 0, "msi_domain_alloc_irqs_all_locked", NULL,
    "*device", "@domid", NULL, NULL, "@nirqs"),
ROW(alloc_range_locked, "alloc", FENTRY, ALL, EXTRA, "msi_domain_alloc_irqs_range_locked", NULL,
    "*device", "@domid", "@first", "@last"),
ROW(alloc_descs_locked, "alloc", FENTRY, ALL, 0, "msi_domain_alloc_irqs_descs_locked", NULL,
    "*device", NULL, NULL, NULL, "@nvec"),
ROW(alloc_descs_end, "alloc_end", FEXIT, USE_JUDGE, 0, "msi_domain_alloc_irqs_descs_locked", NULL,
    "*device"),
ROW(alloc_core, "alloc", FENTRY, USE_JUDGE, EXTRA, "__msi_domain_alloc_locked", NULL,
    "*device", NULL, NULL, NULL, NULL, "*msi_ctrl"),
ROW(alloc_core_end, "alloc_end", FEXIT, USE_JUDGE, 0, "__msi_domain_alloc_locked", NULL, "*device"),
ROW(free_all_locked, "free", FENTRY, ALL, 0, "msi_domain_free_irqs_all_locked", NULL,
    "*device", "@domid"),
ROW(free_range_locked, "free", FENTRY, ALL, EXTRA, "msi_domain_free_irqs_range_locked", NULL,
    "*device", "@domid", "@first", "@last"),
ROW(free_descs_locked, "free", FENTRY, ALL, 0, "msi_domain_free_irqs_descs_locked", NULL, "*device"),
ROW(assoc_off, "assoc", FEXIT, ALL | USE_OWNER, 0, "irq_set_msi_desc_off", NULL,
    "@irq_base", "@irq_offset", "*msi_desc"),
ROW(assoc, "assoc", FEXIT, ALL | USE_OWNER, EXTRA, "irq_set_msi_desc", NULL, "@irq", NULL, "*msi_desc"),
ROW(lookup, "lookup", FEXIT, ALL, MD, "msi_domain_get_virq", "msi_get_virq",
    "*device", "?@domid", "@index"),
ROW(irq_alloc, "irq_alloc", FEXIT, USE_SHOW, 0, "msi_domain_alloc", NULL,
    "*irq_domain", "@virq", "@nr_irqs"),
ROW(irq_free, "irq_free", FENTRY, ALL | USE_HIST | USE_OWNER, 0, "irq_domain_free_irqs", NULL, "@virq", "@nr_irqs"),
ROW(irq_free_end, "irq_free_end", FEXIT, USE_SHOW | USE_HIST, 0, "irq_domain_free_irqs", NULL),
ROW(vector_alloc, "vector_alloc", FEXIT, ALL, 0, "x86_vector_alloc_irqs", NULL),
ROW(activate_entry, "activate_time", FENTRY, USE_SHOW | USE_HIST, ENTRY, "irq_domain_activate_irq", NULL,
    "*irq_data", "@reserve"),
ROW(activate, "activate", FEXIT, ALL | USE_HIST, 0, "irq_domain_activate_irq", NULL,
    "*irq_data", "@reserve"),
ROW(deactivate, "deactivate", FENTRY, USE_SHOW, 0, "irq_domain_deactivate_irq", NULL, "*irq_data"),
ROW(msg_write, "msg_write", FENTRY, ALL, 0, "__pci_write_msi_msg", NULL, "*msi_desc", "*msi_msg"),
ROW(msg_read, "msg_read", FENTRY, ALL, 0, "get_cached_msi_msg", NULL, "@irq"),
ROW(aff_entry, "affinity_entry", FENTRY, ALL | USE_HIST, ENTRY, "msi_set_affinity", NULL,
    "*irq_data", "*cpumask"),
ROW(aff, "affinity", FEXIT, ALL | USE_HIST, 0, "msi_set_affinity", NULL, "*irq_data", "*cpumask"),
ROW(aff_ir_entry, "affinity_entry", FENTRY, USE_SHOW | USE_HIST, EXTRA | ENTRY, "msi_domain_set_affinity", NULL,
    "*irq_data", "*cpumask"),
ROW(aff_ir, "affinity", FEXIT, USE_SHOW | USE_HIST, EXTRA, "msi_domain_set_affinity", NULL,
    "*irq_data", "*cpumask"),
ROW(aff_ask, "affinity_ask", FEXIT, ALL, 0, "irq_set_affinity_locked", NULL,
    "*irq_data", "*cpumask"),
ROW(aff_write, "affinity_write", FEXIT, ALL, 0, "irq_affinity_proc_write", NULL,
    "*file", "@buffer", "@count"),
ROW(aff_write_list, "affinity_write", FEXIT, ALL, EXTRA, "irq_affinity_list_proc_write", NULL,
    "*file", "@buffer", "@count"),
ROW(mask, "mask", FENTRY, ALL, 0, "pci_msi_mask_irq", NULL, "*irq_data"),
ROW(unmask, "mask", FENTRY, ALL, 0, "pci_msi_unmask_irq", NULL, "*irq_data"),
ROW(mask_msi, "mask", FENTRY, ALL, EXTRA, "pci_irq_mask_msi", NULL, "*irq_data"),
ROW(unmask_msi, "mask", FENTRY, ALL, EXTRA, "pci_irq_unmask_msi", NULL, "*irq_data"),
ROW(mask_msix, "mask", FENTRY, ALL, EXTRA, "pci_irq_mask_msix", NULL, "*irq_data"),
ROW(unmask_msix, "mask", FENTRY, ALL, EXTRA, "pci_irq_unmask_msix", NULL, "*irq_data"),
ROW(startup_msi, "mask", FENTRY, ALL, EXTRA, "pci_irq_startup_msi", NULL, "*irq_data"),
ROW(shutdown_msi, "mask", FENTRY, ALL, EXTRA, "pci_irq_shutdown_msi", NULL, "*irq_data"),
ROW(startup_msix, "mask", FENTRY, ALL, EXTRA, "pci_irq_startup_msix", NULL, "*irq_data"),
ROW(shutdown_msix, "mask", FENTRY, ALL, EXTRA, "pci_irq_shutdown_msix", NULL, "*irq_data"),
ROW(update_mask, "mask", FENTRY, ALL, EXTRA, "pci_msi_update_mask", NULL, "*msi_desc", NULL, "@set"),
ROW(request, "request", FEXIT, ALL, 0, "request_threaded_irq", NULL,
    "@irq", "@handler", "@thread_fn", "@irqflags", "@devname"),
ROW(unrequest, "unrequest", FENTRY, ALL, 0, "free_irq", NULL, "@irq"),
ROW(fired, "fired", TP, USE_JUDGE | USE_RATE, HOOK_LATER, BTF_TRACE "irq_handler_entry", NULL),
ROW(pci_enable, "pci_enable", FEXIT, ALL, 0, "pci_msi_setup_msi_irqs", NULL,
    "*pci_dev", "@nvec", "@type"),
ROW(pci_enable_end, "pci_enable_end", FEXIT, ALL, 0, "__pci_enable_msix_range", "pci_enable_msix_range",
    "*pci_dev", "*msix_entry", "@minvec", "@maxvec"),
ROW(pci_vectors, "pci_vectors", FEXIT, ALL, 0, "pci_alloc_irq_vectors_affinity", NULL,
    "*pci_dev", "@min_vecs", "@max_vecs", "@flags"),
ROW(pci_disable, "pci_disable", FENTRY, USE_SHOW, 0, "pci_msi_teardown_msi_irqs", NULL, "*pci_dev"),
ROW(pci_restore, "pci_restore", FENTRY, USE_SHOW, 0, "pci_restore_msi_state", NULL, "*pci_dev"),
ROW(pci_probe, "probe", FENTRY, ALL, 0, "pci_device_probe", NULL, "*device"),
ROW(pci_probe_end, "probe", FEXIT, ALL, 0, "pci_device_probe", NULL, "*device"),
ROW(pci_remove, "remove", FENTRY, ALL, 0, "pci_device_remove", NULL, "*device"),
ROW(pci_remove_end, "remove", FEXIT, ALL, 0, "pci_device_remove", NULL, "*device"),
ROW(platform_probe, "probe", FENTRY, USE_SHOW, EXTRA, "platform_probe", NULL, "*device"),
ROW(platform_probe_end, "probe", FEXIT, USE_SHOW, EXTRA, "platform_probe", NULL, "*device"),
ROW(platform_remove, "remove", FENTRY, USE_SHOW, EXTRA, "platform_remove", NULL, "*device"),
ROW(platform_remove_end, "remove", FEXIT, USE_SHOW, EXTRA, "platform_remove", NULL, "*device"),
ROW(devres_released, "unbind_end", FEXIT, ALL, 0, "devres_release_all", NULL, "*device"),
ROW(task_exit, "task_exit", TP, ALL, MD, BTF_TRACE "sched_process_exit", NULL),
ROW(cpus_read_lock, "hotplug_lock", KPROBE, ALL, MD, "cpus_read_lock", NULL),
ROW(sem_read, "rwsem", KPROBE, ALL, MD | HOOK_FULL, "down_read", "down_read_nested", "*rw_semaphore"),
ROW(sem_write, "rwsem", KPROBE, ALL, MD | HOOK_FULL, "down_write", "down_write_nested", "*rw_semaphore"),
ROW(sem_read_done, "rwsem", KPROBE, ALL, MD | HOOK_FULL, "up_read", NULL, "*rw_semaphore"),
ROW(cpu_offline, "cpu_offline", FENTRY, ALL, ENTRY, "cpu_subsys_offline", NULL, "*device"),
ROW(cpu_unplug, "cpu_unplug", FEXIT, ALL, 0, "lapic_can_unplug_cpu", NULL),
ROW(sysfs_add, "sysfs", FENTRY, ALL, 0, "msi_sysfs_populate_desc", NULL, "*device", "*msi_desc"),
ROW(sysfs_del, "sysfs", FENTRY, ALL, 0, "msi_sysfs_remove_desc", NULL, "*device", "*msi_desc"),
ROW(module_load, "module", TP, USE_BASE, 0, BTF_TRACE "module_load", NULL),
ROW(snap_dev, "baseline_dev", FENTRY, USE_BASE | USE_LOOK, MD, "dev_attr_show", NULL, "*kobject"),
ROW(snap_irq, "baseline_irq", FENTRY, USE_BASE | USE_LOOK, 0, "actions_show", NULL, "*kobject"),
};

static const __u16 events[HOOK_MAX] = {
#define X(name, event) [HOOK_##name] = MSI_EV_##event == MSI_EV_LOST ? 0 : MSI_EV_##event,
	MSI_HOOKS(X)
#undef X
};

unsigned int hook_event(enum msi_hook id)
{
	return events[id];
}

/* One pass over all types of the kernel finds every name that is wanted.  */
struct wanted {
	const char *name;
	int id;			/* type id of the FUNC, -1: not found */
	UT_hash_handle hh;
};

static int want(struct wanted **tab, const char *name)
{
	struct wanted *w;

	HASH_FIND_STR(*tab, name, w);
	if (w)
		return 0;
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->name = name;
	w->id = -1;
	HASH_ADD_KEYPTR(hh, *tab, w->name, strlen(w->name), w);
	return 0;
}

static void wanted_free(struct wanted **tab)
{
	struct wanted *w, *next;

	HASH_ITER(hh, *tab, w, next) {
		HASH_DEL(*tab, w);
		free(w);
	}
}

static const struct { const char *name; size_t offset; } const_names[] = {
#define C(name, field) { name, offsetof(struct hook_consts, field) }
	C("IRQD_ACTIVATED", irqd_activated),
	C("IRQD_IRQ_STARTED", irqd_started),
	C("IRQD_IRQ_MASKED", irqd_masked),
	C("IRQD_IRQ_DISABLED", irqd_disabled),
	C("IRQD_AFFINITY_MANAGED", irqd_managed),
	C("IRQD_MANAGED_SHUTDOWN", irqd_managed_shutdown),
	C("IRQD_CAN_RESERVE", irqd_can_reserve),
	C("IRQD_SETAFFINITY_PENDING", irqd_pending),
	C("IRQD_MOVE_PCNTXT", irqd_move_pcntxt),
	C("IRQD_PER_CPU", irqd_per_cpu),
	C("IRQD_NO_BALANCING", irqd_no_balancing),
	C("IRQCHIP_MOVE_DEFERRED", irqchip_move_deferred),
	C("MSI_FLAG_DEV_SYSFS", msi_flag_dev_sysfs),
	C("MSI_FLAG_PCI_MSIX_ALLOC_DYN", msi_flag_dyn),
	C("MSI_FLAG_ALLOC_SIMPLE_MSI_DESCS", msi_flag_simple_descs),
	C("MSI_FLAG_MSIX_CONTIGUOUS", msi_flag_contiguous),
	C("MSI_FLAG_MULTI_PCI_MSI", msi_flag_multi),
	C("IRQ_DOMAIN_FLAG_MSI", domain_flag_msi),
	C("IRQ_DOMAIN_FLAG_MSI_PARENT", domain_flag_msi_parent),
	C("IRQ_DOMAIN_FLAG_MSI_DEVICE", domain_flag_msi_device),
#undef C
};

static bool has_prefix(const char *name)
{
	return name && (!strncmp(name, "IRQD_", 5) || !strncmp(name, "MSI_FLAG_", 9) ||
			!strncmp(name, "IRQ_DOMAIN_FLAG_", 16) || !strncmp(name, "IRQCHIP_", 8));
}

static void consts_from_enum(const struct btf *btf, const struct btf_type *t, struct hook_consts *hc)
{
	const struct btf_enum *e = btf_enum(t);
	const char *name;
	size_t i, k;

	for (i = 0; i < btf_vlen(t); i++, e++) {
		name = btf__name_by_offset(btf, e->name_off);
		if (!has_prefix(name))
			continue;
		for (k = 0; k < ARRAY_SIZE(const_names); k++)
			if (!strcmp(name, const_names[k].name))
				*(unsigned int *)((char *)hc + const_names[k].offset) = e->val;
	}
}

/* What its first enumerator begins with, all of them do.  */
static bool enum_is_wanted(const struct btf *btf, const struct btf_type *t)
{
	if (!btf_is_enum(t) || !btf_vlen(t))
		return false;
	return has_prefix(btf__name_by_offset(btf, btf_enum(t)->name_off));
}

static void scan(const struct btf *btf, struct wanted *tab, struct hook_consts *hc)
{
	unsigned int i, n = btf__type_cnt(btf);
	const struct btf_type *t;
	struct wanted *w;
	const char *name;

	for (i = 1; i < n; i++) {
		t = btf__type_by_id(btf, i);
		if (enum_is_wanted(btf, t))
			consts_from_enum(btf, t, hc);
		if (btf_is_struct(t) && !strcmp(btf__name_by_offset(btf, t->name_off), "msi_device_data"))
			hc->has_md = true;
		if (btf_is_var(t) && !strcmp(btf__name_by_offset(btf, t->name_off), "__preempt_count"))
			hc->preempt_wide = btf__resolve_size(btf, t->type) == 8;
		if (!btf_is_func(t) && !btf_is_typedef(t))
			continue;
		name = btf__name_by_offset(btf, t->name_off);
		HASH_FIND_STR(tab, name, w);
		if (w && w->id < 0)
			w->id = i;
	}
}

/* Through typedefs and qualifiers.  */
static const struct btf_type *resolve(const struct btf *btf, unsigned int id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (t && (btf_is_mod(t) || btf_is_typedef(t)))
		t = btf__type_by_id(btf, t->type);
	return t;
}

static bool type_matches(const struct btf *btf, unsigned int id, const char *spec)
{
	const struct btf_type *t = resolve(btf, id);

	if (spec[0] == '*') {
		if (!t || !btf_is_ptr(t))
			return false;
		t = resolve(btf, t->type);
		if (!t || !btf_is_struct(t))
			return false;
	} else if (!t || !btf_is_enum(t)) {
		return false;
	}
	return !strcmp(btf__name_by_offset(btf, t->name_off), spec + 1);
}

/* Position of the argument that the spec means, -1: none.  */
static int arg_position(const struct btf *btf, const struct btf_type *proto, const char *spec)
{
	const struct btf_param *p = btf_params(proto);
	int i;

	for (i = 0; i < btf_vlen(proto); i++, p++) {
		if (spec[0] == '@') {
			if (!strcmp(btf__name_by_offset(btf, p->name_off), spec + 1))
				return i;
		} else if (type_matches(btf, p->type, spec)) {
			return i;
		}
	}
	return -1;
}

/* 0, or -1 with the reason in st->why.  */
static int resolve_args(const struct btf *btf, const struct hook_row *row, struct hook_state *st)
{
	const struct btf_type *t = btf__type_by_id(btf, st->btf_id);
	const struct btf_type *proto = btf__type_by_id(btf, t->type);
	const struct btf_type *ret = resolve(btf, proto->type);
	const char *spec;
	int i;

	st->args.nargs = btf_vlen(proto);
	if (proto->type && ret && btf_is_composite(ret)) {
		snprintf(st->why, sizeof(st->why), "%s() returns a struct, which BPF cannot trace", st->func);
		return -1;
	}
	for (i = 0; i < HOOK_ARGS; i++) {
		spec = row->args[i];
		if (!spec)
			continue;
		if (spec[0] == '?' || spec[0] == '!')
			spec++;
		st->args.pos[i] = arg_position(btf, proto, spec);
		if (st->args.pos[i] < 0 && row->args[i][0] != '?') {
			snprintf(st->why, sizeof(st->why), "%s() has no argument %s", st->func, spec + 1);
			if (row->args[i][0] == '!')
				st->func = NULL;
			return -1;
		}
	}
	return 0;
}

static void resolve_hook(const struct btf *btf, struct wanted *tab, const struct hook_row *row,
			 struct hook_state *st)
{
	struct wanted *w;
	int i;

	memset(st, 0, sizeof(*st));
	memset(st->args.pos, -1, sizeof(st->args.pos));
	if (row->kind == HOOK_KIND_TP)
		snprintf(st->why, sizeof(st->why), "this kernel has no tracepoint %s",
			 row->targets[0] + strlen(BTF_TRACE));
	else
		snprintf(st->why, sizeof(st->why), "this kernel has no %s()", row->targets[0]);
	for (i = 0; i < HOOK_TARGETS; i++) {
		const char *name = row->targets[i];

		if (!name)
			continue;
		HASH_FIND_STR(tab, name, w);
		if (!w || w->id < 0)
			continue;
		st->func = row->kind == HOOK_KIND_TP ? name + strlen(BTF_TRACE) : name;
		st->btf_id = w->id;
		if (row->kind != HOOK_KIND_TP && resolve_args(btf, row, st))
			continue;
		st->status = MSI_ATTACH_LIVE;
		st->why[0] = '\0';
		return;
	}
}

int hooks_resolve(const struct btf *btf, struct hook_state *states, struct hook_consts *consts)
{
	struct wanted *tab = NULL;
	int i, k, err = 0;

	memset(consts, 0, sizeof(*consts));
	for (i = 1; i < HOOK_MAX && !err; i++)
		for (k = 0; k < HOOK_TARGETS && !err; k++)
			if (hook_rows[i].targets[k])
				err = want(&tab, hook_rows[i].targets[k]);
	if (!err) {
		scan(btf, tab, consts);
		for (i = 1; i < HOOK_MAX; i++) {
			resolve_hook(btf, tab, &hook_rows[i], &states[i]);
			if (!(hook_rows[i].flags & HOOK_NEEDS_MD) || consts->has_md)
				continue;
			states[i].status = MSI_ATTACH_ABSENT;
			snprintf(states[i].why, sizeof(states[i].why),
				 "this kernel has no descriptor mutex (before 5.17)");
		}
	}
	wanted_free(&tab);
	return err;
}

/* Appends a function's name, once.  */
static void add_func(char *funcs, size_t size, const char *func)
{
	size_t len = size ? strlen(funcs) : 0, n = strlen(func);
	const char *p;

	for (p = funcs; size && (p = strstr(p, func)); p += n)
		if ((p == funcs || p[-1] == ' ') && (p[n] == ',' || !p[n]))
			return;
	if (size)
		snprintf(funcs + len, size - len, "%s%s", len ? ", " : "", func);
}

enum msi_attach_status hook_role_status(const char *role, const struct hook_state *states,
					const struct hook_state **state, char *funcs, size_t size)
{
	enum msi_attach_status best = MSI_ATTACH_ABSENT;
	bool live_main = false, main_missing = false;
	int i;

	if (size)
		funcs[0] = '\0';
	*state = NULL;
	for (i = 1; i < HOOK_MAX; i++) {
		const struct hook_row *row = &hook_rows[i];
		const struct hook_state *st = &states[i];
		bool main_row = !(row->flags & HOOK_EXTRA);

		if (strcmp(row->role, role))
			continue;
		/* what explains it: the first, unless a later one exists and was refused */
		if (!*state || (st->status == MSI_ATTACH_ABSENT && st->func && !(*state)->func))
			*state = st;
		if (st->status == MSI_ATTACH_LIVE) {
			best = MSI_ATTACH_LIVE;
			live_main |= main_row;
			add_func(funcs, size, st->func);
		} else if (st->status == MSI_ATTACH_OFF && best == MSI_ATTACH_ABSENT) {
			best = MSI_ATTACH_OFF;
		} else if (st->status == MSI_ATTACH_ABSENT) {
			main_missing |= main_row;
		}
	}
	if (best == MSI_ATTACH_LIVE && !live_main && main_missing)
		return MSI_ATTACH_DEGRADED;
	return best;
}
