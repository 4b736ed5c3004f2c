// SPDX-License-Identifier: GPL-2.0-only
/* Values as words, shared by the formats.  */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>

#include "base/err.h"
#include "base/util.h"
#include "format/words.h"

static const struct flag_word dflag_words[] = {
	{ MSI_DESC_MSIX, "msix" },
	{ MSI_DESC_CAN_MASK, "can_mask" },
	{ MSI_DESC_VIRTUAL, "virtual" },
	{ MSI_DESC_64, "64bit" },
	{ MSI_DESC_PCI, "pci" },
	{ MSI_DESC_CALLBACK, "callback" },
	{ MSI_DESC_FOREIGN, "foreign" },
	{ MSI_DESC_FILES, "files" },
	{ MSI_DESC_IN_DOMAIN, "in_domain" },
	{ MSI_DESC_NOT_IN_DOMAIN, "not_in_domain" },
	{ MSI_DESC_AFFINITY, "affinity" },
	{ MSI_DESC_ENABLED, "enabled" },
	{ MSI_DESC_UNREACHABLE, "unreachable" },
	{ MSI_DESC_STATE_KNOWN, "state_known" },
	{ 0, NULL }
};

static const struct flag_word irqd_words[] = {
	{ MSI_IRQD_ACTIVATED, "activated" },
	{ MSI_IRQD_STARTED, "started" },
	{ MSI_IRQD_MASKED, "masked" },
	{ MSI_IRQD_DISABLED, "disabled" },
	{ MSI_IRQD_MANAGED, "managed" },
	{ MSI_IRQD_MANAGED_SHUTDOWN, "managed_shutdown" },
	{ MSI_IRQD_CAN_RESERVE, "can_reserve" },
	{ MSI_IRQD_SETAFFINITY_PENDING, "setaffinity_pending" },
	{ MSI_IRQD_MOVE_PCNTXT, "move_pcntxt" },
	{ MSI_IRQD_NO_AFFINITY, "no_affinity" },
	{ 0, NULL }
};

static const struct flag_word context_words[] = {
	{ MSI_CTX_HARDIRQ, "hardirq" },
	{ MSI_CTX_SOFTIRQ, "softirq" },
	{ MSI_CTX_NMI, "nmi" },
	{ MSI_CTX_IRQS_OFF, "irqs_off" },
	{ MSI_CTX_BH_OFF, "bh_off" },
	{ MSI_CTX_PREEMPT_OFF, "preempt_off" },
	{ MSI_CTX_UNKNOWN, "unknown" },
	{ 0, NULL }
};

static const struct flag_word pci_irq_words[] = {
	{ MSI_PCI_IRQ_INTX, "intx" },
	{ MSI_PCI_IRQ_MSI, "msi" },
	{ MSI_PCI_IRQ_MSIX, "msix" },
	{ MSI_PCI_IRQ_AFFINITY, "affinity" },
	{ MSI_PCI_IRQ_VIRTUAL, "virtual" },
	{ 0, NULL }
};

const struct flag_word *flag_words(enum field_kind kind)
{
	switch (kind) {
	case FIELD_DFLAGS:
		return dflag_words;
	case FIELD_IRQD:
		return irqd_words;
	case FIELD_CONTEXT:
		return context_words;
	case FIELD_PCI_IRQ:
		return pci_irq_words;
	default:
		return NULL;
	}
}

/* Appends to a terminated string; what does not fit is cut.  */
__attribute__((format(printf, 3, 4)))
static void append(char *buf, size_t size, const char *fmt, ...)
{
	size_t len = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + len, size - len, fmt, ap);
	va_end(ap);
}

char *words_flags(char *buf, size_t size, enum field_kind kind, uint64_t value)
{
	const struct flag_word *w = flag_words(kind);

	buf[0] = '\0';
	for (; w && w->word; w++) {
		if (value & w->bit)
			append(buf, size, "%s%s", buf[0] ? "," : "", w->word);
		value &= ~(uint64_t)w->bit;
	}
	if (value)
		append(buf, size, "%s0x%" PRIx64, buf[0] ? "," : "", value);
	return buf;
}

const struct lost_words lost_words[MSI_LOST_MAX] = {
#define X(NAME, word, how, hint) [MSI_LOST_##NAME] = { word, how, hint },
	MSI_LOST_SOURCES(X)
#undef X
};

/* An enum that a field holds.  Event types and capability ids are looked up, see word_enum().  */
static const struct enum_words {
	const char *event;		/* NULL: any */
	const char *field;
	unsigned int nr;
	const char *const *words;	/* by value; NULL entries have no name */
} enums[] = {
#define LIST(...) (const char *const[]){ __VA_ARGS__ }
#define WORDS(...) ARRAY_SIZE((LIST(__VA_ARGS__))), LIST(__VA_ARGS__)
#define X(NAME, word, how, hint) [MSI_LOST_##NAME] = word,
	{ "lost", "source", WORDS(MSI_LOST_SOURCES(X)) },
#undef X
	/* ORDER enum msi_lost_phase */
	{ "lost", "phase", WORDS("here", "from_here", "to_here") },
	/* ORDER enum msi_attach_status */
	{ "attach", "status", WORDS("absent", "degraded", "live", "off") },
	{ "baseline", "phase", WORDS("begin", "end") },
	/* ORDER enum msi_bind_phase */
	{ "bind", "phase", WORDS(NULL, "probe", "probe_end", "remove", "remove_end", "released") },
	/* ORDER enum msi_edge_class */
	{ "edge", "class", WORDS(NULL, "cpu_hotplug", "msi_mutex", "domain", "device", "request", "mutex",
				 "rwsem") },
	/* ORDER enum msi_sysfs_files */
	{ NULL, "files", WORDS("unknown", "core", "none", "legacy") },
	/* ORDER enum msi_context */
	{ "msg_write", "context", WORDS("unknown", "activation", "deactivation", "affinity", "restore",
					"pci_core", "elsewhere") },
	/* ORDER enum msi_decodes */
	{ "msg_write", "decodes", WORDS("unknown", "yes", "no") },
	/* ORDER enum msi_alloc_locking */
	{ NULL, "locking", WORDS("takes_lock", "needs_lock") },
	/* ORDER enum msi_call_bracket */
	{ NULL, "bracket", WORDS("none", "whole", "undone_after") },
	/* include/linux/msi.h of the kernel: enum msi_desc_filter, enum msi_domain_ids */
	{ NULL, "filter", WORDS("all", "notassociated", "associated") },
	{ NULL, "domid", WORDS("default", "secondary") },
	/* include/uapi/linux/pci_regs.h: PCI_CAP_ID_* */
	{ "pci_enable", "cap", WORDS([5] = "msi", [17] = "msix") },
#undef WORDS
#undef LIST
};

static bool holds_event_type(const struct event_desc *ed, const struct field_desc *fd)
{
	if (ed->type == MSI_EV_STORE_BEGIN)
		return !strcmp(fd->name, "why");
	return (ed->type == MSI_EV_LOST || ed->type == MSI_EV_ATTACH) && !strcmp(fd->name, "event");
}

const char *word_enum(const struct event_desc *ed, const struct field_desc *fd, uint64_t value)
{
	if (fd->kind != FIELD_DEC)
		return NULL;
	if (holds_event_type(ed, fd)) {
		const struct event_desc *other = event_desc((unsigned int)value);

		return other ? other->name : NULL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(enums); i++) {
		const struct enum_words *w = &enums[i];

		if (!strcmp(w->field, fd->name) && (!w->event || !strcmp(w->event, ed->name)))
			return value < w->nr ? w->words[value] : NULL;
	}
	return NULL;
}

char *words_ns(char *buf, size_t size, uint64_t ns)
{
	static const struct { uint64_t ns; const char *unit; } units[] = {
		{ 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		double value = (double)ns / (double)units[i].ns;

		if (ns < units[i].ns)
			continue;
		snprintf(buf, size, "%.*f %s", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value,
			 units[i].unit);
		return buf;
	}
	snprintf(buf, size, "%" PRIu64 " ns", ns);
	return buf;
}

char *words_signed_ns(char *buf, size_t size, uint64_t ns, uint64_t origin)
{
	char abs[WORDS_LEN];

	words_ns(abs, sizeof(abs), ns < origin ? origin - ns : ns - origin);
	snprintf(buf, size, "%s%s", ns < origin ? "-" : "+", abs);
	return buf;
}

char *words_seconds(char *buf, size_t size, uint64_t ns)
{
	snprintf(buf, size, "%" PRIu64 ".%09" PRIu64, ns / 1000000000, ns % 1000000000);
	return buf;
}

char *words_ret(char *buf, size_t size, int32_t ret)
{
	const char *name = ret < 0 ? errname(ret) : NULL;

	if (name)
		snprintf(buf, size, "-%s", name);
	else
		snprintf(buf, size, "%" PRId32, ret);
	return buf;
}

char *words_status(char *buf, size_t size, int status)
{
	const char *name;

	if (WIFEXITED(status)) {
		snprintf(buf, size, "exited with %d", WEXITSTATUS(status));
	} else if (WIFSIGNALED(status)) {
		name = sigabbrev_np(WTERMSIG(status));
		if (name)
			snprintf(buf, size, "was killed by SIG%s", name);
		else
			snprintf(buf, size, "was killed by signal %d", WTERMSIG(status));
	} else {
		snprintf(buf, size, "has status 0x%x", (unsigned int)status);
	}
	return buf;
}

int frame_symbol(const struct format_env *env, uint64_t ip, bool innermost, struct symbol *out)
{
	int err;

	memset(out, 0, sizeof(*out));
	err = env->symbol ? env->symbol(env->symbol_ctx, ip, out) : -ENOENT;
	if (err || innermost || out->offset || !ip)
		return err;
	err = env->symbol(env->symbol_ctx, ip - 1, out);
	if (!err)
		out->offset++;
	return err;
}

/* A hook at the entry of a function is called by its first instructions.  */
#define ENTRY_LEN 16

void frame_source(const struct format_env *env, uint64_t ip, bool innermost, struct symbol *sym)
{
	bool entry = innermost && sym->offset < ENTRY_LEN;

	if (env->source && ip)
		env->source(env->symbol_ctx, entry ? ip - sym->offset : innermost ? ip : ip - 1, sym);
}

char *words_source(char *buf, size_t size, const char *file, unsigned int line, size_t room)
{
	char path[FRAME_LEN], number[16];
	const char *p = path;

	buf[0] = '\0';
	if (!file)
		return buf;
	while (strlen(file) >= sizeof(path) / 4 && strchr(file, '/'))	/* what escapes may take */
		file = strchr(file, '/') + 1;
	str_escape(path, sizeof(path), file, STR_ALL);
	snprintf(number, sizeof(number), ":%u", line);
	while (strlen(p) + strlen(number) + 1 > room && strchr(p, '/'))
		p = strchr(p, '/') + 1;
	snprintf(buf, size, " %s%s", p, number);
	return buf;
}

char *words_symbol(char *buf, size_t size, const struct symbol *sym, bool with_offset)
{
	char name[FRAME_LEN - 64], module[56];

	str_escape(name, sizeof(name), sym->name, STR_ALL);
	str_escape(module, sizeof(module), sym->module ? sym->module : "", STR_ALL);
	str_copy(buf, size, name);
	if (sym->offset || with_offset)
		append(buf, size, "+0x%" PRIx64, sym->offset);
	if (module[0])
		append(buf, size, " [%s]", module);
	return buf;
}

char *words_ip(char *buf, size_t size, const struct format_env *env, uint64_t ip)
{
	struct symbol sym;

	if (env->symbol && !env->symbol(env->symbol_ctx, ip, &sym))
		words_symbol(buf, size, &sym, false);
	else
		str_copy(buf, size, "?");
	if (env->verbose)
		append(buf, size, " (0x%" PRIx64 ")", ip);
	return buf;
}

static bool has_prefix(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

bool frame_is_bottom(const struct symbol *sym)
{
	static const char *const names[] = {
		"do_syscall_64", "x64_sys_call", "do_syscall_x64", "__do_fast_syscall_32",
		"do_fast_syscall_32", "do_int80_syscall_32", "do_SYSENTER_32", "kthread",
	};
	static const char *const prefixes[] = { "entry_", "asm_", "ret_from_fork" };

	if (sym->module && sym->module[0])
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(sym->name, names[i]))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (has_prefix(sym->name, prefixes[i]))
			return true;
	return false;
}

bool frame_is_ours(const struct symbol *sym)
{
	return has_prefix(sym->name, "bpf_prog_") || has_prefix(sym->name, "bpf_trampoline_");
}

/* Functions of the interrupt and PCI/MSI core, which do what they are told.  */
static const char *const core_prefixes[] = {
	"msi_", "__msi_", "pci_msi", "__pci_msi", "pci_msix", "pci_irq_", "pci_alloc_irq", "pci_free_irq",
	"pci_enable_msi", "__pci_enable_msi", "pci_disable_msi", "pci_write_msi", "__pci_write_msi",
	"pci_restore_msi", "__pci_restore_msi", "irq_", "__irq_", "request_threaded_irq", "request_irq",
	"devm_request", "free_irq", "devm_free_irq", "mutex_", "__mutex_", "cpus_read_lock",
	"platform_device_msi", "platform_msi", "x86_vector", "apic_",
};

/* What is below a driver in any stack: to be on top of it means that no driver is there.  */
static const char *const caller_prefixes[] = {
	"really_probe", "__driver_", "driver_", "device_", "__device_", "bus_", "pci_device_",
	"local_pci_probe", "pci_call_probe", "do_one_initcall", "do_init_module", "process_one_work",
	"worker_thread", "kernfs_", "vfs_", "ksys_", "handle_", "__handle_", "common_interrupt",
	"__common_interrupt", "__sysvec", "sysvec", "do_exit", "devres_", "release_nodes", "write_irq_",
};

static bool has_any_prefix(const char *s, const char *const *prefixes, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (has_prefix(s, prefixes[i]))
			return true;
	return false;
}

int stack_culprit(const struct format_env *env, const uint64_t *ip, uint32_t nr)
{
	struct symbol sym;
	int builtin = -1;
	bool below = false;

	for (uint32_t i = 0; i < nr && i < MSI_STACK_MAX; i++) {
		if (frame_symbol(env, ip[i], i == 0, &sym) || frame_is_ours(&sym))
			continue;
		if (sym.module && sym.module[0])
			return (int)i;
		below |= frame_is_bottom(&sym) ||
			 has_any_prefix(sym.name, caller_prefixes, ARRAY_SIZE(caller_prefixes));
		if (builtin < 0 && !below &&
		    !has_any_prefix(sym.name, core_prefixes, ARRAY_SIZE(core_prefixes)))
			builtin = (int)i;
	}
	return builtin;
}

size_t escaped_len(const char *s, size_t max)
{
	char one[STR_ESCAPED(1)];
	size_t len = 0;

	for (size_t i = 0; i < max && s[i]; i++)
		len += strlen(str_escape(one, sizeof(one), s + i, 1));
	return len;
}

void put_escaped(FILE *out, const char *s, size_t max)
{
	char buf[STR_ESCAPED(64)];

	for (size_t n = strnlen(s, max); n; ) {
		size_t part = n < 64 ? n : 64;

		fputs(str_escape(buf, sizeof(buf), s, part), out);
		s += part;
		n -= part;
	}
}

int write_error(FILE *out)
{
	if (!ferror(out))
		return 0;
	return errno ? -errno : -EIO;
}
