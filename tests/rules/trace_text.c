// SPDX-License-Identifier: GPL-2.0-only
/* Reader of readable traces; see trace_text.h for the language.  */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "msitrace/event_desc.h"
#include "trace_text.h"

#define SYMBOLS_MAX 512
#define WORDS_MAX 64
#define LINE_LEN 1024

struct symbol {
	char name[40];
	uint64_t addr;
};

struct reader {
	struct trace_text *tt;
	unsigned int line;
	uint64_t ts_ns;
	uint64_t dev;			/* of the last event */
	char dev_name[40];
	struct symbol symbols[SYMBOLS_MAX];
	unsigned int nr_symbols;
	uint16_t hooks[MSI_EV_MAX];	/* by event type */
	uint16_t next_hook;
};

static int fail(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int fail(struct reader *r, const char *fmt, ...)
{
	char what[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(r->tt->error, sizeof(r->tt->error), "%s:%u: %s", r->tt->path, r->line, what);
	return -EINVAL;
}

/* --- values ------------------------------------------------------------------------------- */

struct constant {
	const char *name;
	uint64_t value;
};

static const struct constant constants[] = {
	{ "ring", MSI_LOST_RING },
	{ "map", MSI_LOST_MAP },
	{ "miss", MSI_LOST_MISS },
	{ "record", MSI_LOST_RECORD },
	{ "probe", MSI_BIND_PROBE },
	{ "probe_end", MSI_BIND_PROBE_END },
	{ "remove", MSI_BIND_REMOVE },
	{ "remove_end", MSI_BIND_REMOVE_END },
	{ "released", MSI_BIND_RELEASED },
	{ "hotplug", MSI_EDGE_CPU_HOTPLUG },
	{ "msi_mutex", MSI_EDGE_MSI_MUTEX },
	{ "activation", MSI_CONTEXT_ACTIVATION },
	{ "deactivation", MSI_CONTEXT_DEACTIVATION },
	{ "affinity", MSI_CONTEXT_AFFINITY },
	{ "restore", MSI_CONTEXT_RESTORE },
	{ "pci_core", MSI_CONTEXT_PCI_CORE },
	{ "elsewhere", MSI_CONTEXT_ELSEWHERE },
	{ "irq_domain", MSI_EDGE_DOMAIN },
	{ "device_lock", MSI_EDGE_DEVICE },
	{ "request_mutex", MSI_EDGE_REQUEST },
	{ "other_mutex", MSI_EDGE_MUTEX },
	{ "rwsem", MSI_EDGE_RWSEM },
	{ "needs_lock", MSI_CALL_NEEDS_LOCK },
	{ "takes_lock", MSI_CALL_TAKES_LOCK },
	{ "absent", MSI_ATTACH_ABSENT },
	{ "degraded", MSI_ATTACH_DEGRADED },
	{ "live", MSI_ATTACH_LIVE },
	{ "off", MSI_ATTACH_OFF },
	{ "msix", MSI_DESC_MSIX },
	{ "can_mask", MSI_DESC_CAN_MASK },
	{ "virtual", MSI_DESC_VIRTUAL },
	{ "is64", MSI_DESC_64 },
	{ "pci", MSI_DESC_PCI },
	{ "callback", MSI_DESC_CALLBACK },
	{ "foreign", MSI_DESC_FOREIGN },
	{ "files", MSI_DESC_FILES },
	{ "in_domain", MSI_DESC_IN_DOMAIN },
	{ "not_in_domain", MSI_DESC_NOT_IN_DOMAIN },
	{ "spread", MSI_DESC_AFFINITY },
	{ "enabled", MSI_DESC_ENABLED },
	{ "unreachable", MSI_DESC_UNREACHABLE },
	{ "known", MSI_DESC_STATE_KNOWN },
	{ "activated", MSI_IRQD_ACTIVATED },
	{ "started", MSI_IRQD_STARTED },
	{ "masked", MSI_IRQD_MASKED },
	{ "disabled", MSI_IRQD_DISABLED },
	{ "managed", MSI_IRQD_MANAGED },
	{ "managed_shutdown", MSI_IRQD_MANAGED_SHUTDOWN },
	{ "can_reserve", MSI_IRQD_CAN_RESERVE },
	{ "pending", MSI_IRQD_SETAFFINITY_PENDING },
	{ "move_pcntxt", MSI_IRQD_MOVE_PCNTXT },
	{ "no_affinity", MSI_IRQD_NO_AFFINITY },
	{ "books", MSI_BOOKS_KNOWN },
	{ "vector", MSI_BOOKS_VECTOR },
	{ "reserved", MSI_BOOKS_RESERVED },
	{ "moving", MSI_BOOKS_MOVING },
	{ "core", MSI_SYSFS_CORE },
	{ "none", MSI_SYSFS_NONE },
	{ "legacy", MSI_SYSFS_LEGACY },
	{ "hardirq", MSI_CTX_HARDIRQ },
	{ "softirq", MSI_CTX_SOFTIRQ },
	{ "nmi", MSI_CTX_NMI },
	{ "irqs_off", MSI_CTX_IRQS_OFF },
	{ "bh_off", MSI_CTX_BH_OFF },
	{ "preempt_off", MSI_CTX_PREEMPT_OFF },
	{ "unknown", MSI_CTX_UNKNOWN },
	{ "any", 0 },
};

static int number(const char *s, uint64_t *out)
{
	char *end;
	long long neg;

	if (!isdigit((unsigned char)s[0]) && s[0] != '-')
		return -EINVAL;
	if (s[0] == '-') {
		neg = strtoll(s, &end, 0);
		*out = (uint64_t)neg;
	} else {
		*out = strtoull(s, &end, 0);
	}
	return *end ? -EINVAL : 0;
}

/* Names of constants and events, joined by '|'.  */
static int constant(struct reader *r, const char *s, uint64_t *out)
{
	char copy[128], *word, *save = NULL;

	*out = 0;
	snprintf(copy, sizeof(copy), "%s", s);
	for (word = strtok_r(copy, "|", &save); word; word = strtok_r(NULL, "|", &save)) {
		const struct event_desc *ed = event_desc_by_name(word);
		uint64_t val = 0;
		size_t i;

		for (i = 0; i < sizeof(constants) / sizeof(constants[0]); i++)
			if (!strcmp(constants[i].name, word))
				break;
		if (i < sizeof(constants) / sizeof(constants[0]))
			val = constants[i].value;
		else if (ed)
			val = ed->type;
		else if (number(word, &val))
			return fail(r, "\"%s\" is neither a number nor a constant", word);
		*out |= val;
	}
	return 0;
}

static int symbol(struct reader *r, const char *name, uint64_t base, uint64_t step, uint64_t *out)
{
	unsigned int i;

	for (i = 0; i < r->nr_symbols; i++)
		if (!strcmp(r->symbols[i].name, name))
			break;
	if (i == SYMBOLS_MAX || strlen(name) >= sizeof(r->symbols[0].name))
		return fail(r, "too many names, or too long: \"%s\"", name);
	if (i == r->nr_symbols) {
		strcpy(r->symbols[i].name, name);
		r->symbols[i].addr = base + (i + 1) * step;
		r->nr_symbols++;
	}
	*out = r->symbols[i].addr;
	return 0;
}

static int pointer(struct reader *r, const char *s, uint64_t *out)
{
	return number(s, out) ? symbol(r, s, 0xffff888100000000ULL, 0x140, out) : 0;
}

static int text_address(struct reader *r, const char *s, uint64_t *out)
{
	char name[64], *plus;
	uint64_t offset = 0x10;
	int err;

	if (!number(s, out))
		return 0;
	snprintf(name, sizeof(name), "%s", s);
	plus = strchr(name, '+');
	if (plus) {
		*plus = '\0';
		if (number(plus + 1, &offset))
			return fail(r, "bad offset in \"%s\"", s);
	}
	err = symbol(r, name, 0xffffffff81000000ULL, 0x1000, out);
	*out += offset;
	return err;
}

static int stack(struct reader *r, struct msi_stack *st, const char *s)
{
	char copy[512], *word, *save = NULL;
	uint64_t ip;
	int err;

	snprintf(copy, sizeof(copy), "%s", s);
	for (word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		if (st->nr == MSI_STACK_MAX)
			return fail(r, "more than %d frames", MSI_STACK_MAX);
		err = text_address(r, word, &ip);
		if (err)
			return err;
		st->ip[st->nr++] = ip;
	}
	return 0;
}

static void store(char *p, unsigned int size, uint64_t val)
{
	switch (size) {
	case 2:
		*(uint16_t *)p = val;
		break;
	case 4:
		*(uint32_t *)p = val;
		break;
	case 8:
		*(uint64_t *)p = val;
		break;
	}
}

/* --- fields ------------------------------------------------------------------------------- */

struct line {			/* an event in the making */
	struct msi_event_hdr *e;
	const struct event_desc *ed;
	uint64_t given;		/* fields that were named, by number */
};

static bool given(const struct line *l, const char *field)
{
	const struct field_desc *fd = field_desc(l->ed, field);

	return fd && (l->given >> (fd - l->ed->fields) & 1);
}

static void set_default(struct line *l, const char *field, uint64_t val)
{
	const struct field_desc *fd = field_desc(l->ed, field);

	if (fd && fd->kind != FIELD_STR && fd->kind != FIELD_LIST && !given(l, field))
		store((char *)l->e + fd->offset, fd->size, val);
}

static uint64_t value_of(const struct line *l, const char *field)
{
	const struct field_desc *fd = field_desc(l->ed, field);

	return fd ? field_value(fd, l->e) : 0;
}

/* "5,3,1"; sets nr as well.  */
static int set_list(struct reader *r, struct line *l, const struct field_desc *fd, const char *val)
{
	char copy[256], *word, *save = NULL;
	uint32_t *to = (void *)((char *)l->e + fd->offset);
	unsigned int nr = 0, max = fd->size / sizeof(*to);
	uint64_t num;

	snprintf(copy, sizeof(copy), "%s", val);
	for (word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		if (nr == max || number(word, &num))
			return fail(r, "%s: more than %u, or \"%s\" is not a number", fd->name, max,
				    word);
		to[nr++] = num;
	}
	set_default(l, "nr", nr);
	return 0;
}

static int set_field(struct reader *r, struct line *l, const struct field_desc *fd, const char *val)
{
	char *p = (char *)l->e + fd->offset;
	uint64_t num;
	int err;

	l->given |= 1ULL << (fd - l->ed->fields);
	if (fd->kind == FIELD_STR) {
		if (strlen(val) >= fd->size)
			return fail(r, "%s: longer than %u", fd->name, fd->size - 1);
		strcpy(p, val);
		return 0;
	}
	if (fd->kind == FIELD_LIST)
		return set_list(r, l, fd, val);
	if (!strcmp(fd->name, "caller_fn")) {
		err = text_address(r, val, &num);
		num &= ~0xfffULL;
	} else if (fd->kind == FIELD_PTR) {
		err = pointer(r, val, &num);
	} else if (fd->kind == FIELD_IP) {
		err = text_address(r, val, &num);
	} else {
		err = constant(r, val, &num);
	}
	if (!err)
		store(p, fd->size, num);
	return err;
}

static int set_tid(struct reader *r, struct line *l, const char *val)
{
	char copy[64], *slash;
	uint64_t tid;

	snprintf(copy, sizeof(copy), "%s", val);
	slash = strchr(copy, '/');
	if (slash) {
		*slash = '\0';
		snprintf(l->e->comm, sizeof(l->e->comm), "%s", slash + 1);
	}
	if (number(copy, &tid))
		return fail(r, "bad tid \"%s\"", val);
	l->e->pid = l->e->tid = tid;
	return 0;
}

static int set_header(struct reader *r, struct line *l, const char *key, const char *val)
{
	uint64_t num;
	int err;

	if (!strcmp(key, "tid"))
		return set_tid(r, l, val);
	if (!strcmp(key, "dev")) {
		err = pointer(r, val, &num);
		r->dev = l->e->dev = num;
		snprintf(r->dev_name, sizeof(r->dev_name), "%s", val);
		return err;
	}
	if (!strcmp(key, "comm")) {
		snprintf(l->e->comm, sizeof(l->e->comm), "%s", val);
		return 0;
	}
	if (number(val, &num))
		return fail(r, "%s: not a number", key);
	if (!strcmp(key, "pid"))
		l->e->pid = num;
	else if (!strcmp(key, "cpu"))
		l->e->cpu = num;
	else if (!strcmp(key, "hook"))
		l->e->hook = num;
	else if (!strcmp(key, "ts"))
		r->ts_ns = l->e->ts_ns = num;
	else
		return fail(r, "%s has no field \"%s\"", l->ed->name, key);
	return 0;
}

static int assign(struct reader *r, struct line *l, char *word)
{
	char *eq = strchr(word, '=');
	const struct field_desc *fd;
	struct msi_stack *st;

	if (!eq)
		return fail(r, "\"%s\" is not FIELD=VALUE", word);
	*eq++ = '\0';
	if (!strcmp(word, "stack")) {
		if (!l->ed->stack_offset)
			return fail(r, "%s has no stack", l->ed->name);
		st = (struct msi_stack *)((char *)l->e + l->ed->stack_offset);
		return stack(r, st, eq);
	}
	fd = field_desc(l->ed, word);
	return fd ? set_field(r, l, fd, eq) : set_header(r, l, word, eq);
}

static int default_md(struct reader *r, struct line *l)
{
	char name[80];
	uint64_t md;
	int err;

	if (!field_desc(l->ed, "md") || given(l, "md") || !l->e->dev ||
	    l->ed->type == MSI_EV_DEV_INFO)
		return 0;
	snprintf(name, sizeof(name), "%s.md", r->dev_name);
	err = pointer(r, name, &md);
	if (!err)
		set_default(l, "md", md);
	return err;
}

static int set_defaults(struct reader *r, struct line *l)
{
	const struct msi_stack *st = event_stack(l->e);
	bool current = true;

	if (!l->e->hook)
		l->e->hook = r->hooks[l->ed->type];
	if (given(l, "owner_tid"))
		current = value_of(l, "owner_tid") == l->e->tid;
	set_default(l, "owner_current", current);
	if (l->ed->type != MSI_EV_STORE_BEGIN && l->ed->type != MSI_EV_STORE_END)
		set_default(l, "owner_tid", value_of(l, "owner_current") ? l->e->tid : 0);
	if (st && st->nr) {
		set_default(l, "caller", st->ip[0]);
		set_default(l, "caller_fn", st->ip[0] & ~0xfffULL);
	}
	set_default(l, "known", 1);
	set_default(l, "cursor", MSI_INDEX_MAX);
	set_default(l, "nvec_used", 1);
	set_default(l, "assoc", MSI_ASSOC_UNKNOWN);
	return default_md(r, l);
}

/* --- lines -------------------------------------------------------------------------------- */

static int add_event(struct reader *r, const struct msi_event_hdr *e, size_t size)
{
	struct trace_text *tt = r->tt;
	struct msi_event_hdr **events = realloc(tt->events, (tt->nr_events + 1) * sizeof(*events));
	struct msi_event_hdr *copy = malloc(size);
	int err;

	if (events)
		tt->events = events;
	if (!events || !copy) {
		free(copy);
		return -ENOMEM;
	}
	memcpy(copy, e, size);
	tt->events[tt->nr_events++] = copy;
	err = event_check(copy, size);
	return err ? fail(r, "event_check() says %d", err) : 0;
}

static int event(struct reader *r, const char *name, char **words, int nr)
{
	uint64_t buf[MSI_EVENT_SIZE_MAX / 8] = { 0 };
	struct line l = { .e = (struct msi_event_hdr *)buf, .ed = event_desc_by_name(name) };
	int err = 0;

	if (!l.ed)
		return fail(r, "no event \"%s\"", name);
	l.e->type = l.ed->type;
	l.e->size = l.ed->size;
	l.e->ts_ns = r->ts_ns;
	l.e->dev = r->dev;
	l.e->pid = l.e->tid = 100;
	strcpy(l.e->comm, "test");
	for (int i = 0; i < nr && !err; i++)
		err = assign(r, &l, words[i]);
	if (!err)
		err = set_defaults(r, &l);
	return err ? err : add_event(r, l.e, l.ed->size);
}

static int attach_one(struct reader *r, unsigned int type, enum msi_attach_status status)
{
	struct msi_ev_attach at = {
		.h = { .type = MSI_EV_ATTACH, .size = sizeof(at), .ts_ns = r->ts_ns },
		.event = type,
		.status = status
	};
	const struct event_desc *ed = event_desc(type);

	if (!r->hooks[type])
		r->hooks[type] = ++r->next_hook;
	at.h.hook = r->hooks[type];
	snprintf(at.role, sizeof(at.role), "%s", ed->name);
	snprintf(at.func, sizeof(at.func), "fn_%s", ed->name);
	if (status != MSI_ATTACH_LIVE)
		snprintf(at.why, sizeof(at.why), "this trace says so");
	return add_event(r, &at.h, sizeof(at));
}

/* Events that a hook makes, as against those of user space.  */
static bool hooked(unsigned int type)
{
	return event_desc(type) && type > MSI_EV_DEV_INFO && type != MSI_EV_IRQ_LOOK && type != MSI_EV_STORM &&
	       type != MSI_EV_SYSFS_LIST && type != MSI_EV_END &&
	       type != MSI_EV_MATRIX && type != MSI_EV_MATRIX_CPU && type != MSI_EV_MATRIX_IRQS;
}

static int attach(struct reader *r, char **words, int nr)
{
	enum msi_attach_status status[MSI_EV_MAX];
	const struct event_desc *ed;
	int err = 0;

	if (nr && strchr(words[0], '='))
		return event(r, "attach", words, nr);
	for (unsigned int t = 0; t < MSI_EV_MAX; t++)
		status[t] = MSI_ATTACH_ABSENT;
	for (int i = 0; i < nr; i++) {
		char mode = words[i][0];

		if (!strcmp(words[i], "all")) {
			for (unsigned int t = 0; t < MSI_EV_MAX; t++)
				status[t] = MSI_ATTACH_LIVE;
			continue;
		}
		ed = event_desc_by_name(words[i] + (mode == '-' || mode == '~' || mode == '!'));
		if (!ed)
			return fail(r, "attach: no event \"%s\"", words[i]);
		status[ed->type] = mode == '-' ? MSI_ATTACH_ABSENT :
				   mode == '~' ? MSI_ATTACH_DEGRADED :
				   mode == '!' ? MSI_ATTACH_OFF :
						 MSI_ATTACH_LIVE;
	}
	for (unsigned int t = 0; t < MSI_EV_MAX && !err; t++)
		if (hooked(t))
			err = attach_one(r, t, status[t]);
	return err;
}

static int kernel(struct reader *r, char **words, int nr)
{
	struct msi_ev_kernel k = {
		.h = { .type = MSI_EV_KERNEL, .size = sizeof(k), .ts_ns = r->ts_ns }
	};
	unsigned int major, minor;

	if (nr < 1 || sscanf(words[0], "%u.%u", &major, &minor) != 2)
		return fail(r, "kernel: no version");
	k.version = KVER(major, minor);
	snprintf(k.release, sizeof(k.release), "%s", words[0]);
	for (int i = 1; i < nr; i++) {
		if (!strcmp(words[i], "x86"))
			k.profile |= PROFILE_X86;
		else if (!strcmp(words[i], "x86-ir"))
			k.profile |= PROFILE_X86_IR;
		else
			return fail(r, "kernel: no profile \"%s\"", words[i]);
	}
	return add_event(r, &k.h, sizeof(k));
}

static int format_event(struct reader *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static int words_of(struct reader *r, char *s, char **words, int max);
static int run(struct reader *r, char *s);

static int format_event(struct reader *r, const char *fmt, ...)
{
	char buf[2 * LINE_LEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	return run(r, buf);
}

/* store WHY [FIELD=VALUE]... DESC/INDEX[/IRQ[/NVEC[/ASSOC]]]...  */
static int store_lines(struct reader *r, char **words, int nr)
{
	char common[LINE_LEN] = "", begin[LINE_LEN] = "", end[LINE_LEN] = "", desc[40];
	unsigned int index, irq, nvec, assoc, count = 0;
	int err, i;

	if (!nr)
		return fail(r, "store: why?");
	for (i = 1; i < nr; i++) {
		char *to = strncmp(words[i], "list=", 5) && strncmp(words[i], "md=", 3) &&
			   strncmp(words[i], "dev=", 4) ? begin : common;

		if (!strncmp(words[i], "cut=", 4) || !strncmp(words[i], "count=", 6))
			to = end;
		if (!strchr(words[i], '='))
			continue;
		strcat(to, " ");
		strcat(to, words[i]);
	}
	err = format_event(r, "store_begin why=%s%s%s", words[0], common, begin);
	for (i = 1; i < nr && !err; i++) {
		if (strchr(words[i], '='))
			continue;
		irq = 0;
		nvec = 1;
		assoc = MSI_ASSOC_UNKNOWN;
		if (sscanf(words[i], "%39[^/]/%u/%u/%u/%u", desc, &index, &irq, &nvec, &assoc) < 2)
			return fail(r, "store: \"%s\" is not DESC/INDEX[/IRQ[/NVEC[/ASSOC]]]",
				    words[i]);
		count++;
		err = format_event(r,
				   "store_entry desc=%s index=%u msi_index=%u irq=%u "
				   "nvec_used=%u assoc=%u%s",
				   desc, index, index, irq, nvec, assoc, common);
	}
	if (err)
		return err;
	return strstr(end, "count=") ?
		       format_event(r, "store_end%s%s", common, end) :
		       format_event(r, "store_end count=%u%s%s", count, common, end);
}

static int expect(struct reader *r, char **words, int nr)
{
	struct trace_text *tt = r->tt;
	struct expectation ex = { .line = r->line }, *all;
	int v;

	if (nr < 2)
		return fail(r, "expect: what?");
	if (!strcmp(words[0], "message") || !strcmp(words[0], "reason") ||
	    !strcmp(words[0], "life") || !strcmp(words[0], "unsaid")) {
		ex.kind = words[0][0] == 'm' ? EXPECT_MESSAGE : words[0][0] == 'r' ? EXPECT_REASON :
			  words[0][0] == 'u' ? EXPECT_UNSAID : EXPECT_LIFE;
		snprintf(ex.text, sizeof(ex.text), "%s", words[1]);
	} else {
		snprintf(ex.rule, sizeof(ex.rule), "%s", words[1]);
		ex.nr = nr > 2 ? strtoull(words[2], NULL, 0) : 1;
		ex.kind = strcmp(words[0], "known") ? EXPECT_VERDICT : EXPECT_KNOWN;
		for (v = VERDICT_PASS; v <= VERDICT_INCONCLUSIVE; v++)
			if (!strcmp(words[0], verdict_name(v)))
				break;
		if (ex.kind == EXPECT_VERDICT && v > VERDICT_INCONCLUSIVE)
			return fail(r, "expect: no verdict \"%s\"", words[0]);
		if (!msi_rule(ex.rule))
			return fail(r, "expect: no rule \"%s\"", ex.rule);
		ex.verdict = v;
	}
	all = realloc(tt->expects, (tt->nr_expects + 1) * sizeof(*all));
	if (!all)
		return -ENOMEM;
	tt->expects = all;
	all[tt->nr_expects++] = ex;
	return 0;
}

/* set RULE.NAME=NUMBER */
static int set_param(struct reader *r, char *word)
{
	struct trace_text *tt = r->tt;
	struct rule_value *all = realloc(tt->values, (tt->nr_values + 1) * sizeof(*all));
	char *dot = strchr(word, '.'), *eq = strchr(word, '=');
	const struct rule *rule;
	int nr;

	if (!all)
		return -ENOMEM;
	tt->values = all;
	if (!dot || !eq || eq < dot)
		return fail(r, "set: \"%s\" is not RULE.NAME=NUMBER", word);
	*dot = *eq = '\0';
	rule = msi_rule(word);
	nr = rule ? msi_rule_param(rule, dot + 1) : -1;
	if (nr < 0)
		return fail(r, "set: no rule \"%s\" with a parameter \"%s\"", word, dot + 1);
	all[tt->nr_values].rule = rule->id;
	all[tt->nr_values].param = rule->params[nr].name;
	return number(eq + 1, &all[tt->nr_values++].value) ? fail(r, "set: not a number") : 0;
}

static int delay(struct reader *r, const char *s)
{
	double val;
	char unit[8] = "";

	if (sscanf(s, "+%lf%7s", &val, unit) < 1)
		return fail(r, "bad delay \"%s\"", s);
	r->ts_ns += val * (!strcmp(unit, "us") ? 1e3 : !strcmp(unit, "ms") ? 1e6 :
			   !strcmp(unit, "s") ? 1e9 : 1);
	return 0;
}

/* Words, and words in double quotes, in place.  */
static int words_of(struct reader *r, char *s, char **words, int max)
{
	int nr = 0;

	for (;;) {
		bool quoted = false;
		char *to;

		while (isspace((unsigned char)*s))
			s++;
		if (!*s || *s == '#')
			return nr;
		if (nr == max)
			return fail(r, "too many words");
		words[nr++] = to = s;
		for (; *s && (quoted || !isspace((unsigned char)*s)); s++) {
			if (*s == '"')
				quoted = !quoted;
			else
				*to++ = *s;
		}
		if (*s)
			s++;
		*to = '\0';
	}
}

static int run(struct reader *r, char *s)
{
	char *all[WORDS_MAX], **words = all;
	int nr = words_of(r, s, words, WORDS_MAX), err = 0;

	if (nr <= 0)
		return nr;
	r->ts_ns += 1000;
	if (words[0][0] == '+') {
		r->ts_ns -= 1000;
		err = delay(r, words[0]);
		words++;
		nr--;
	}
	if (err || !nr)
		return err;
	if (!strcmp(words[0], "expect"))
		return expect(r, words + 1, nr - 1);
	if (!strcmp(words[0], "set") && nr == 2)
		return set_param(r, words[1]);
	if (!strcmp(words[0], "attach"))
		return attach(r, words + 1, nr - 1);
	if (!strcmp(words[0], "kernel"))
		return kernel(r, words + 1, nr - 1);
	if (!strcmp(words[0], "store"))
		return store_lines(r, words + 1, nr - 1);
	if (!strcmp(words[0], "baseline") && nr > 1 && !strchr(words[1], '='))
		return format_event(r, "baseline phase=%d", strcmp(words[1], "begin") != 0);
	return event(r, words[0], words + 1, nr - 1);
}

int trace_text__read(struct trace_text *tt, const char *path)
{
	struct reader *r = calloc(1, sizeof(*r));
	FILE *f = fopen(path, "r");
	char buf[LINE_LEN];
	int err = 0;

	memset(tt, 0, sizeof(*tt));
	tt->path = path;
	if (!f || !r) {
		snprintf(tt->error, sizeof(tt->error), "%s: %s", path, strerror(errno));
		err = -errno;
	} else {
		r->tt = tt;
		r->ts_ns = 1000000000;
		while (!err && fgets(buf, sizeof(buf), f)) {
			r->line++;
			err = run(r, buf);
		}
	}
	if (f)
		fclose(f);
	free(r);
	return err;
}

void trace_text__free(struct trace_text *tt)
{
	for (size_t i = 0; i < tt->nr_events; i++)
		free(tt->events[i]);
	free(tt->events);
	free(tt->expects);
	free(tt->values);
	memset(tt, 0, sizeof(*tt));
}
