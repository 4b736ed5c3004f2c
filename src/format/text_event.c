// SPDX-License-Identifier: GPL-2.0-only
/* An event as one line.  */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/util.h"
#include "format/text.h"

/* Events that are means to an end are quiet: shown when verbose.  */
static const struct style {
	bool quiet;
	enum text_colour colour;
} styles[MSI_EV_MAX] = {
	[MSI_EV_LOST] = { false, COL_KNOWN },
	[MSI_EV_ATTACH] = { true, COL_DIM },
	[MSI_EV_KERNEL] = { true, COL_DIM },
	[MSI_EV_BASELINE] = { false, COL_DIM },
	[MSI_EV_DEV_INFO] = { true, COL_DIM },
	[MSI_EV_DATA_SETUP] = { false, COL_STORE },
	[MSI_EV_DATA_RELEASE] = { false, COL_STORE },
	[MSI_EV_STORE_BEGIN] = { true, COL_DIM },
	[MSI_EV_STORE_ENTRY] = { true, COL_DIM },
	[MSI_EV_STORE_END] = { true, COL_DIM },
	[MSI_EV_LOCK_TRY] = { false, COL_DIM },
	[MSI_EV_LOCK] = { false, COL_DIM },
	[MSI_EV_UNLOCK] = { false, COL_DIM },
	[MSI_EV_FIRST] = { false, COL_DIM },
	[MSI_EV_NEXT] = { false, COL_DIM },
	[MSI_EV_INSERT] = { false, COL_STORE },
	[MSI_EV_DESC_FREE] = { false, COL_STORE },
	[MSI_EV_ALLOC] = { false, COL_IRQ },
	[MSI_EV_ALLOC_END] = { false, COL_IRQ },
	[MSI_EV_FREE] = { false, COL_IRQ },
	[MSI_EV_FREE_END] = { false, COL_IRQ },
	[MSI_EV_ASSOC] = { false, COL_IRQ },
	[MSI_EV_IRQ_ALLOC] = { false, COL_IRQ },
	[MSI_EV_IRQ_FREE] = { false, COL_IRQ },
	[MSI_EV_ACTIVATE] = { false, COL_STATE },
	[MSI_EV_DEACTIVATE] = { false, COL_STATE },
	[MSI_EV_MSG_WRITE] = { false, COL_STATE },
	[MSI_EV_AFF] = { false, COL_STATE },
	[MSI_EV_AFF_ASK] = { false, COL_STATE },
	[MSI_EV_AFF_WRITE] = { false, COL_STATE },
	[MSI_EV_MASK] = { false, COL_STATE },
	[MSI_EV_REQUEST] = { false, COL_HANDLER },
	[MSI_EV_UNREQUEST] = { false, COL_HANDLER },
	[MSI_EV_PCI_ENABLE] = { false, COL_BOLD },
	[MSI_EV_PCI_ENABLE_END] = { false, COL_BOLD },
	[MSI_EV_PCI_VECTORS] = { false, COL_BOLD },
	[MSI_EV_PCI_DISABLE] = { false, COL_BOLD },
	[MSI_EV_PCI_RESTORE] = { false, COL_BOLD },
	[MSI_EV_BIND] = { false, COL_BOLD },
	[MSI_EV_TASK_EXIT] = { false, COL_KNOWN },
	[MSI_EV_EDGE] = { false, COL_DIM },
	[MSI_EV_SYSFS] = { true, COL_DIM },
	[MSI_EV_SNAP_IRQ] = { true, COL_DIM },
	[MSI_EV_MODULE] = { true, COL_DIM },
	[MSI_EV_SYSFS_LIST] = { true, COL_DIM },
	[MSI_EV_END] = { true, COL_DIM },
	[MSI_EV_MATRIX_CPU] = { true, COL_DIM },
	[MSI_EV_MATRIX_IRQS] = { true, COL_DIM },
	[MSI_EV_MATRIX] = { false, COL_DIM },
	[MSI_EV_CPU_HP] = { false, COL_BOLD },
	[MSI_EV_IRQ_LOOK] = { true, COL_DIM },
	[MSI_EV_STORM] = { false, COL_KNOWN },
	[MSI_EV_DOMAIN_LOOK] = { true, COL_DIM },
};

enum when { SHOW_NONZERO, SHOW_ALWAYS, SHOW_VERBOSE };

/* Fields not listed are shown with their name when they are not 0.  */
static const struct hint {
	const char *field;
	const char *label;	/* "": the value says it all */
	enum when when;
} hints[] = {
	{ "md",			"",		SHOW_VERBOSE },	/* the device is shown */
	{ "caller_fn",		"",		SHOW_VERBOSE },	/* so is the caller */
	{ "list",		"list",		SHOW_VERBOSE },
	{ "msi_index",		"msi_index",	SHOW_VERBOSE },
	{ "old_hi",		"addr_hi",	SHOW_VERBOSE },
	{ "old_lo",		"addr",		SHOW_ALWAYS },
	{ "old_data",		"data",		SHOW_ALWAYS },
	{ "desc",		"",		SHOW_NONZERO },
	{ "domain",		"",		SHOW_NONZERO },
	{ "mutex",		"",		SHOW_NONZERO },
	{ "lock",		"",		SHOW_NONZERO },
	{ "irqd",		"",		SHOW_NONZERO },
	{ "context",		"",		SHOW_NONZERO },
	{ "flags",		"",		SHOW_NONZERO },
	{ "name",		"",		SHOW_NONZERO },
	{ "class",		"",		SHOW_NONZERO },
	{ "status",		"",		SHOW_ALWAYS },
	{ "phase",		"",		SHOW_ALWAYS },
	{ "cap",		"",		SHOW_NONZERO },
	{ "locking",		"",		SHOW_NONZERO },
	{ "index",		"index",	SHOW_ALWAYS },
	{ "first",		"first",	SHOW_ALWAYS },
	{ "last",		"last",		SHOW_ALWAYS },
	{ "masked",		"masked",	SHOW_ALWAYS },
	{ "add",		"add",		SHOW_ALWAYS },
	{ "nvec_used",		"nvec",		SHOW_NONZERO },
	{ "caller",		"from",		SHOW_NONZERO },
	{ "thread_fn",		"thread",	SHOW_NONZERO },
	{ "duration_ns",	"took",		SHOW_NONZERO },
	{ "wait_ns",		"waited",	SHOW_NONZERO },
	{ "hold_ns",		"held",		SHOW_NONZERO },
	{ "owner_current",	"locked",	SHOW_NONZERO },
	{ "owner_tid",		"owner",	SHOW_NONZERO },
	{ "writes",		"messages",	SHOW_ALWAYS },
	{ "single_msi",		"(its domain has one MSI per device; on x86, interrupt remapping has more)", SHOW_NONZERO },
	{ "keeps_assoc",	"keeps_assoc",	SHOW_VERBOSE },
	{ "requested",		"cpus",		SHOW_NONZERO },
	{ "now_irqd",		"now",		SHOW_VERBOSE },
	{ "now_flags",		"",		SHOW_VERBOSE },
	{ "now_vector",		"now_vector",	SHOW_VERBOSE },
	{ "now_dest",		"now_dest",	SHOW_VERBOSE },
	{ "now_lo",		"now_addr",	SHOW_VERBOSE },
	{ "now_hi",		"now_addr_hi",	SHOW_VERBOSE },
	{ "now_data",		"now_data",	SHOW_VERBOSE },
	{ "now_offset",		"now_offset",	SHOW_VERBOSE },
	{ "now_books",		"now_books",	SHOW_VERBOSE },
	{ "irqs_ns",		"irqs_ns",	SHOW_VERBOSE },
	{ "known",		"known",	SHOW_VERBOSE },
	{ "hwsize",		"hwsize",	SHOW_VERBOSE },
	{ "bracket",		"",		SHOW_VERBOSE },
	{ "assoc",		"assoc",	SHOW_VERBOSE },
};

static struct hint hint_of(const char *field)
{
	for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
		if (!strcmp(hints[i].field, field))
			return hints[i];
	return (struct hint){ field, field, SHOW_NONZERO };
}

struct line {
	struct text *t;
	const struct format_env *env;
	const struct event_desc *ed;
	const struct msi_event_hdr *e;
	int pad;		/* blanks owed before the first field */
};

static void print_ptr(const struct line *l, const struct field_desc *fd, uint64_t value)
{
	char name[NAME_LEN];

	fputs(names__get(l->t->names, fd->name, value, name), l->env->out);
	if (l->env->verbose)
		fprintf(l->env->out, "(0x%" PRIx64 ")", value);
}

static void print_string(const struct line *l, const struct field_desc *fd)
{
	fputc('"', l->env->out);
	put_escaped(l->env->out, (const char *)l->e + fd->offset, fd->size);
	fputc('"', l->env->out);
}

/* It was added while MSI-X is on, and does not say yet what it is.  */
static bool is_added_msix(const struct msi_event_hdr *e)
{
	return e->type == MSI_EV_INSERT && ((const struct msi_ev_insert *)e)->dyn;
}

/* MSI or MSI-X, and what is special about it.  */
static void print_dflags(const struct line *l, uint64_t value)
{
	char buf[WORDS_LEN];
	bool msi;

	if (is_added_msix(l->e))
		value |= MSI_DESC_MSIX;
	msi = (value & MSI_DESC_PCI) && !(value & MSI_DESC_MSIX);
	if (!l->env->verbose)
		value &= ~(uint64_t)(MSI_DESC_PCI | MSI_DESC_64 | MSI_DESC_IN_DOMAIN |
				     MSI_DESC_STATE_KNOWN);
	words_flags(buf, sizeof(buf), FIELD_DFLAGS, value);
	fprintf(l->env->out, "[%s%s%s]", msi ? "msi" : "", msi && buf[0] ? "," : "", buf);
}

static void print_list(const struct line *l, const struct field_desc *fd)
{
	uint32_t nr = field_list_nr(l->ed, fd, l->e);

	for (uint32_t i = 0; i < nr; i++)
		fprintf(l->env->out, "%s%" PRIu32, i ? "," : "", field_list_value(fd, l->e, i));
}

/* The value alone.  */
static void print_value(const struct line *l, const struct field_desc *fd, uint64_t value)
{
	FILE *out = l->env->out;
	const char *word = word_enum(l->ed, fd, value);
	char buf[FRAME_LEN + 32];

	switch (fd->kind) {
	case FIELD_PAD:
		break;
	case FIELD_DEC:
		if (word)
			fputs(word, out);
		else
			fprintf(out, "%" PRIu64, value);
		break;
	case FIELD_HEX:
		fprintf(out, "0x%" PRIx64, value);
		break;
	case FIELD_NS:
		fputs(words_ns(buf, sizeof(buf), value), out);
		break;
	case FIELD_BOOL:
		fputs(value ? "yes" : "no", out);
		break;
	case FIELD_RET:
		fputs(words_ret(buf, sizeof(buf), (int32_t)value), out);
		break;
	case FIELD_STR:
		print_string(l, fd);
		break;
	case FIELD_PTR:
		print_ptr(l, fd, value);
		break;
	case FIELD_IP:
		fputs(words_ip(buf, sizeof(buf), l->env, value), out);
		break;
	case FIELD_DFLAGS:
		print_dflags(l, value);
		break;
	case FIELD_IRQD:
	case FIELD_CONTEXT:
	case FIELD_PCI_IRQ:
		fprintf(out, "{%s}", words_flags(buf, sizeof(buf), fd->kind, value));
		break;
	case FIELD_CPUS:
		fputs(value ? str_cpus(buf, sizeof(buf), value) : "none", out);
		break;
	case FIELD_LIST:
		print_list(l, fd);
		break;
	}
}

/* old_x is shown together with new_x of the same event.  */
static const struct field_desc *new_of(const struct event_desc *ed, const struct field_desc *fd)
{
	char name[32] = "new_";

	if (strncmp(fd->name, "old_", 4))
		return NULL;
	str_copy(name + 4, sizeof(name) - 4, fd->name + 4);
	return field_desc(ed, name);
}

static bool is_new_of_old(const struct event_desc *ed, const struct field_desc *fd)
{
	char name[32] = "old_";

	if (strncmp(fd->name, "new_", 4))
		return false;
	str_copy(name + 4, sizeof(name) - 4, fd->name + 4);
	return field_desc(ed, name);
}

static void print_gap(struct line *l)
{
	fprintf(l->env->out, "%*s", l->pad + 1, "");
	l->pad = 0;
}

static void print_pair(struct line *l, const struct field_desc *from, const struct field_desc *to)
{
	uint64_t a = field_value(from, l->e), b = field_value(to, l->e);
	struct hint h = hint_of(from->name);

	if (!a && !b)
		return;
	print_gap(l);
	fprintf(l->env->out, "%s ", h.label == h.field ? from->name + 4 : h.label);
	print_value(l, from, a);
	if (a != b) {
		fputs("->", l->env->out);
		print_value(l, to, b);
	}
}

static bool is_zero(const struct line *l, const struct field_desc *fd)
{
	if (fd->kind == FIELD_STR)
		return !*((const char *)l->e + fd->offset);
	if (fd->kind == FIELD_LIST)
		return !field_list_nr(l->ed, fd, l->e);
	return !field_value(fd, l->e);
}

static bool is_shown(const struct line *l, const struct field_desc *fd, const struct hint *h)
{
	const struct field_desc *other;

	if (fd->kind == FIELD_PAD || is_new_of_old(l->ed, fd))
		return false;
	if (l->env->verbose && (h->when != SHOW_NONZERO || !is_zero(l, fd)))
		return true;
	if (h->when != SHOW_NONZERO)
		return h->when == SHOW_ALWAYS;
	if (!strcmp(fd->name, "owner_tid")) {	/* worth a word when it is somebody else */
		other = field_desc(l->ed, "owner_current");
		if (other && field_value(other, l->e))
			return false;
	}
	return !is_zero(l, fd);
}

static void print_field(struct line *l, const struct field_desc *fd)
{
	const struct field_desc *to = new_of(l->ed, fd);
	struct hint h = hint_of(fd->name);
	uint64_t value = fd->kind == FIELD_STR ? 0 : field_value(fd, l->e);
	bool bare = !h.label[0] || (fd->kind == FIELD_RET && (int32_t)value < 0);
	enum text_colour col = fd->kind == FIELD_RET && (int32_t)value < 0 ? COL_FINDING : COL_NONE;

	if (to) {
		print_pair(l, fd, to);
		return;
	}
	if (!is_shown(l, fd, &h))
		return;
	print_gap(l);
	if (fd->kind == FIELD_BOOL && value) {	/* the label says it */
		fputs(h.label, l->env->out);
		return;
	}
	if (!bare)
		fprintf(l->env->out, "%s ", h.label);
	text_colour(l->env, col);
	print_value(l, fd, value);
	text_uncolour(l->env, col);
}

/* Pads by what is seen, not by bytes that colours take.  */
static void print_padded(FILE *out, const char *s, size_t max, int width)
{
	int len = (int)escaped_len(s, max);

	put_escaped(out, s, max);
	fprintf(out, "%*s", len < width ? width - len : 0, "");
}

static void print_device(const struct line *l)
{
	const struct names_dev *dev = l->e->dev ? names__dev(l->t->names, l->e->dev) : NULL;
	FILE *out = l->env->out;
	char name[NAME_LEN];

	if (dev && dev->name[0])
		print_padded(out, dev->name, sizeof(dev->name), 12);
	else
		fprintf(out, "%-12s",
			l->e->dev ? names__get(l->t->names, "dev", l->e->dev, name) : "-");
	fputc(' ', out);
	print_padded(out, dev && dev->driver[0] ? dev->driver : "-", MSI_NAME_LEN, 13);
	fputc(' ', out);
}

static void print_prefix(const struct line *l)
{
	uint64_t start = l->t->start_ns, ts = l->e->ts_ns;
	uint64_t us = (ts < start ? start - ts : ts - start) / 1000;
	FILE *out = l->env->out;
	char task[TASK_LEN], stamp[32];

	snprintf(stamp, sizeof(stamp), "%s%" PRIu64 ".%06" PRIu64, ts < start ? "-" : "",
		 us / 1000000, us % 1000000);
	text_colour(l->env, COL_DIM);
	fprintf(out, "%11s ", stamp);
	if (l->env->verbose)
		fprintf(out, "cpu%-3u ", l->e->cpu);
	text_uncolour(l->env, COL_DIM);
	fprintf(out, "%-20s ", text_task(task, sizeof(task), l->e->comm, l->e->tid));
	print_device(l);
}

static void print_inlined(const struct line *l, const struct symbol *sym)
{
	char name[FRAME_LEN], source[FRAME_LEN];

	for (unsigned int i = 0; i < sym->nr_inlined; i++)
		fprintf(l->env->out, "%13s%s (inlined)%s\n", "",
			str_escape(name, sizeof(name), sym->inlined[i].name, STR_ALL),
			words_source(source, sizeof(source), sym->inlined[i].file, sym->inlined[i].line,
				     FRAME_LEN));
}

static void print_stack(const struct line *l)
{
	const struct msi_stack *st = event_stack(l->e);
	char buf[FRAME_LEN + 32], source[FRAME_LEN];

	for (uint32_t i = 0; st && i < st->nr && i < MSI_STACK_MAX; i++) {
		struct symbol sym = {};

		if (l->env->event_lines && !frame_symbol(l->env, st->ip[i], i == 0, &sym))
			frame_source(l->env, st->ip[i], i == 0, &sym);
		print_inlined(l, &sym);
		fprintf(l->env->out, "%13s%s%s\n", "", words_ip(buf, sizeof(buf), l->env, st->ip[i]),
			words_source(source, sizeof(source), sym.file, sym.line, FRAME_LEN));
	}
}

static void print_line(struct line *l, const struct style *style)
{
	int len = (int)strlen(l->ed->name);

	print_prefix(l);
	text_colour(l->env, style->colour);
	fputs(l->ed->name, l->env->out);
	text_uncolour(l->env, style->colour);
	l->pad = len < 12 ? 12 - len : 0;
	for (unsigned int i = 0; i < l->ed->nr_fields; i++)
		print_field(l, &l->ed->fields[i]);
	fputc('\n', l->env->out);
	if (l->env->verbose)
		print_stack(l);
}

int text_event(struct format *f, const struct msi_event_hdr *e)
{
	struct text *t = f->priv;
	struct line l = { .t = t, .env = f->env, .ed = event_desc(e->type), .e = e };

	if (!t->start_ns)
		t->start_ns = e->ts_ns;
	names__learn(t->names, e);
	if (!l.ed || e->type >= MSI_EV_MAX || (styles[e->type].quiet && !f->env->verbose))
		return 0;
	errno = 0;
	t->blank = false;
	print_line(&l, &styles[e->type]);
	return write_error(f->env->out);
}
