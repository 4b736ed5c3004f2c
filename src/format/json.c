// SPDX-License-Identifier: GPL-2.0-only
/*
 * JSON lines: one object per line, its kind in "type": trace, event, finding, result, summary,
 * histogram, histograms.  Kernel addresses appear only when verbose.
 */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/util.h"
#include "format/names.h"
#include "format/words.h"
#include "stats/hist.h"

#define JSON_FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
/* Keys are literals or names from tables: they outlive the object, and appear once.  */
#define ADD_FLAGS (JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_ADD_CONSTANT_KEY)

static void add(struct json_object *o, const char *key, struct json_object *value)
{
	json_object_object_add_ex(o, key, value, ADD_FLAGS);
}

static struct json_object *new_string(const char *s, size_t len)
{
	__cleanup_free char *copy = malloc(3 * len + 1);

	return copy ? json_object_new_string(str_utf8(copy, 3 * len + 1, s, len)) : NULL;
}

static void add_string(struct json_object *o, const char *key, const char *s)
{
	add(o, key, s ? new_string(s, strlen(s)) : NULL);
}

static void add_array_string(struct json_object *o, const char *key, const char *s, size_t max)
{
	add(o, key, new_string(s, strnlen(s, max)));
}

static void add_u64(struct json_object *o, const char *key, uint64_t value)
{
	add(o, key, json_object_new_uint64(value));
}

static struct json_object *new_hex(uint64_t value)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "0x%" PRIx64, value);
	return json_object_new_string(buf);
}

static struct json_object *new_object(const char *type)
{
	struct json_object *o = json_object_new_object();

	if (o)
		add(o, "type", json_object_new_string(type));
	return o;
}

/* Writes a line; takes the object.  */
static int emit(const struct format_env *env, struct json_object *o, bool flush)
{
	if (!o)
		return -ENOMEM;
	errno = 0;
	fputs(json_object_to_json_string_ext(o, JSON_FLAGS), env->out);
	fputc('\n', env->out);
	json_object_put(o);
	return flush ? file_flush(env->out) : write_error(env->out);
}

static void add_source(struct json_object *o, const char *file, unsigned int line)
{
	if (!file)
		return;
	add_string(o, "file", file);
	add_u64(o, "line", line);
}

/* Symbol, module and offset, a source line if there is one; `sym` is NULL for a frame without a symbol.  */
static struct json_object *new_frame(const struct format_env *env, uint64_t ip, const struct symbol *sym)
{
	struct json_object *o = json_object_new_object();

	if (!o)
		return NULL;
	add_string(o, "symbol", sym ? sym->name : NULL);
	if (sym) {
		add_u64(o, "offset", sym->offset);
		add_string(o, "module", sym->module && sym->module[0] ? sym->module : NULL);
		add_source(o, sym->file, sym->line);
	}
	if (env->verbose)
		add(o, "ip", new_hex(ip));
	return o;
}

static struct json_object *new_inlined(const struct symbol *sym, const struct inlined *in)
{
	struct json_object *o = json_object_new_object();

	if (!o)
		return NULL;
	add_string(o, "symbol", in->name);
	add_string(o, "module", sym->module && sym->module[0] ? sym->module : NULL);
	add_source(o, in->file, in->line);
	add(o, "inlined", json_object_new_boolean(true));
	return o;
}

/* Frames of inlined functions stand before the one of the function that they are in.  */
static struct json_object *new_stack(const struct format_env *env, const uint64_t *ip, uint32_t nr, bool lines)
{
	struct json_object *a = json_object_new_array_ext(MSI_STACK_MAX);
	struct symbol sym;

	for (uint32_t i = 0; a && i < nr && i < MSI_STACK_MAX; i++) {
		bool known = !frame_symbol(env, ip[i], i == 0, &sym);

		if (known && lines)
			frame_source(env, ip[i], i == 0, &sym);
		for (unsigned int k = 0; known && k < sym.nr_inlined; k++)
			json_object_array_add(a, new_inlined(&sym, &sym.inlined[k]));
		json_object_array_add(a, new_frame(env, ip[i], known ? &sym : NULL));
	}
	return a;
}

/* Where a function begins, such as a handler.  */
static struct json_object *new_function(const struct format_env *env, uint64_t ip)
{
	struct symbol sym;

	if (!ip)
		return NULL;
	return new_frame(env, ip, frame_symbol(env, ip, true, &sym) ? NULL : &sym);
}

static struct json_object *new_event_stack(const struct format_env *env, const struct msi_stack *st)
{
	uint64_t ip[MSI_STACK_MAX];
	uint32_t nr = st->nr < MSI_STACK_MAX ? st->nr : MSI_STACK_MAX;

	for (uint32_t i = 0; i < nr; i++)
		ip[i] = st->ip[i];
	return new_stack(env, ip, nr, env->event_lines);
}

static struct json_object *new_flags(enum field_kind kind, uint64_t value)
{
	struct json_object *a = json_object_new_array();
	const struct flag_word *w = flag_words(kind);

	for (; a && w && w->word; w++) {
		if (value & w->bit)
			json_object_array_add(a, json_object_new_string(w->word));
		value &= ~(uint64_t)w->bit;
	}
	if (a && value)
		json_object_array_add(a, new_hex(value));
	return a;
}

/* A kernel object: its short name, or its address when verbose.  */
static struct json_object *new_ptr(struct format *f, const char *field, uint64_t value)
{
	char name[NAME_LEN];

	if (!value)
		return NULL;
	if (f->env->verbose)
		return new_hex(value);
	return json_object_new_string(names__get(f->priv, field, value, name));
}

static struct json_object *new_list(const struct event_desc *ed, const struct field_desc *fd,
				    const struct msi_event_hdr *e)
{
	struct json_object *a = json_object_new_array();
	uint32_t nr = field_list_nr(ed, fd, e);

	for (uint32_t i = 0; a && i < nr; i++)
		json_object_array_add(a, json_object_new_uint64(field_list_value(fd, e, i)));
	return a;
}

static struct json_object *new_value(struct format *f, const struct event_desc *ed,
				     const struct field_desc *fd, const struct msi_event_hdr *e)
{
	uint64_t value = fd->kind == FIELD_STR ? 0 : field_value(fd, e);
	const char *word = word_enum(ed, fd, value);
	char cpus[WORDS_LEN];

	switch (fd->kind) {
	case FIELD_PAD:
		break;
	case FIELD_DEC:
		return word ? json_object_new_string(word) : json_object_new_uint64(value);
	case FIELD_HEX:
	case FIELD_NS:
		return json_object_new_uint64(value);
	case FIELD_BOOL:
		return json_object_new_boolean(value != 0);
	case FIELD_RET:
		return json_object_new_int((int32_t)value);
	case FIELD_STR:
		return new_string((const char *)e + fd->offset,
				  strnlen((const char *)e + fd->offset, fd->size));
	case FIELD_PTR:
		return new_ptr(f, fd->name, value);
	case FIELD_IP:
		return new_function(f->env, value);
	case FIELD_DFLAGS:
	case FIELD_IRQD:
	case FIELD_CONTEXT:
	case FIELD_PCI_IRQ:
		return new_flags(fd->kind, value);
	case FIELD_CPUS:
		return json_object_new_string(str_cpus(cpus, sizeof(cpus), value));
	case FIELD_LIST:
		return new_list(ed, fd, e);
	}
	return NULL;
}

static struct json_object *new_fields(struct format *f, const struct event_desc *ed,
				      const struct msi_event_hdr *e)
{
	struct json_object *o = json_object_new_object();
	char name[WORDS_LEN];

	for (unsigned int i = 0; o && i < ed->nr_fields; i++) {
		const struct field_desc *fd = &ed->fields[i];

		if (fd->kind == FIELD_PAD)
			continue;
		add(o, fd->name, new_value(f, ed, fd, e));
		if (fd->kind == FIELD_RET && (int32_t)field_value(fd, e) < 0)
			add(o, "error", json_object_new_string(
				words_ret(name, sizeof(name), (int32_t)field_value(fd, e)) + 1));
	}
	return o;
}

static void add_device(struct format *f, struct json_object *o, uint64_t dev)
{
	const struct names_dev *d = dev ? names__dev(f->priv, dev) : NULL;
	char name[NAME_LEN];

	if (d && d->name[0])
		add_string(o, "device", d->name);
	else
		add_string(o, "device", dev ? names__get(f->priv, "dev", dev, name) : NULL);
	add_string(o, "driver", d && d->driver[0] ? d->driver : NULL);
	if (f->env->verbose && dev)
		add(o, "dev", new_hex(dev));
}

static int json_event(struct format *f, const struct msi_event_hdr *e)
{
	const struct event_desc *ed = event_desc(e->type);
	struct json_object *o;

	names__learn(f->priv, e);
	if (!ed)
		return 0;
	o = new_object("event");
	if (!o)
		return -ENOMEM;
	add_string(o, "event", ed->name);
	add_u64(o, "ts_ns", e->ts_ns);
	add_u64(o, "cpu", e->cpu);
	add_device(f, o, e->dev);
	add_u64(o, "pid", e->pid);
	add_u64(o, "tid", e->tid);
	add_array_string(o, "comm", e->comm, sizeof(e->comm));
	add(o, "fields", new_fields(f, ed, e));
	if (ed->stack_offset)
		add(o, "stack", new_event_stack(f->env, event_stack(e)));
	return emit(f->env, o, false);
}

static struct json_object *new_moment(const struct format_env *env, const struct finding_moment *m)
{
	struct json_object *o = json_object_new_object();

	if (!o)
		return NULL;
	add_string(o, "what", m->what);
	add(o, "before_attach", json_object_new_boolean(m->before_attach));
	if (m->before_attach)
		return o;
	add_u64(o, "ts_ns", m->ts_ns);
	add_u64(o, "pid", m->pid);
	add_u64(o, "tid", m->tid);
	add_array_string(o, "comm", m->comm, sizeof(m->comm));
	add_array_string(o, "func", m->func, sizeof(m->func));
	add(o, "stack", new_stack(env, m->ip, m->nr, true));
	return o;
}

/* The function to blame, by name.  */
static struct json_object *new_culprit(const struct format_env *env, const struct finding_moment *m)
{
	int i = stack_culprit(env, m->ip, m->nr);
	struct symbol sym;

	if (i < 0 || frame_symbol(env, m->ip[i], i == 0, &sym))
		return NULL;
	return json_object_new_string(sym.name);
}

static struct json_object *new_more(const struct format_env *env, const struct finding *fd)
{
	uint32_t nr = fd->nr_more < FINDING_MORE_MAX ? fd->nr_more : FINDING_MORE_MAX;
	struct json_object *a = json_object_new_array();

	for (uint32_t i = 0; a && i < nr; i++)
		json_object_array_add(a, new_moment(env, &fd->more[i]));
	return a;
}

static int json_finding(struct format *f, const struct finding *fd)
{
	uint32_t nr = fd->nr_life < FINDING_LIFE_MAX ? fd->nr_life : FINDING_LIFE_MAX;
	struct json_object *o = new_object(fd->note ? "note" : "finding"), *life = json_object_new_array();

	if (!o || !life) {
		json_object_put(o);
		json_object_put(life);
		return -ENOMEM;
	}
	add_u64(o, "nr", fd->nr);
	add_string(o, "rule", fd->rule->id);
	add_string(o, "severity", severity_name(fd->rule->severity));
	add_string(o, "summary", fd->rule->summary);
	add_string(o, "known", fd->known);
	add_string(o, "known_text", fd->known_text);
	add_array_string(o, "device", fd->device, sizeof(fd->device));
	add_array_string(o, "driver", fd->driver, sizeof(fd->driver));
	if (f->env->verbose && fd->dev)
		add(o, "dev", new_hex(fd->dev));
	add_array_string(o, "object", fd->object, sizeof(fd->object));
	add_array_string(o, "message", fd->message, sizeof(fd->message));
	add_array_string(o, "held_by", fd->held, sizeof(fd->held));
	add(o, "offence", new_moment(f->env, &fd->offence));
	add(o, "culprit", new_culprit(f->env, &fd->offence));
	add(o, "setup", fd->has_setup ? new_moment(f->env, &fd->setup) : NULL);
	if (fd->nr_more)
		add(o, "more", new_more(f->env, fd));
	for (uint32_t i = 0; i < nr; i++)
		json_object_array_add(life, new_moment(f->env, &fd->life[i]));
	add(o, "life", life);
	if (!fd->note) {
		add_string(o, "requires", fd->rule->doc);
		add_string(o, "next", fd->rule->advice);
	}
	return emit(f->env, o, true);
}

static struct json_object *new_slot(const struct msi_hist *h, unsigned int slot)
{
	uint64_t to = msi_hist_slot_to(slot);
	struct json_object *o = json_object_new_object();

	if (!o)
		return NULL;
	add_u64(o, "from_ns", msi_hist_slot_from(slot));
	add(o, "below_ns", to == UINT64_MAX ? NULL : json_object_new_uint64(to));
	add_u64(o, "count", h->slots[slot]);
	return o;
}

static int write_row(const struct format_env *env, const struct stats_row *row)
{
	struct json_object *o = new_object("histogram"), *slots = json_object_new_array();
	const struct msi_hist *h = &row->hist;

	if (!o || !slots) {
		json_object_put(o);
		json_object_put(slots);
		return -ENOMEM;
	}
	add_array_string(o, "device", row->device, sizeof(row->device));
	add_array_string(o, "driver", row->driver, sizeof(row->driver));
	add_string(o, "op", msi_op_name(row->op));
	add_u64(o, "count", h->count);
	add_u64(o, "sum_ns", h->sum_ns);
	add_u64(o, "mean_ns", msi_hist_mean(h));
	add_u64(o, "p50_ns", msi_hist_quantile(h, 500));
	add_u64(o, "p99_ns", msi_hist_quantile(h, 990));
	add_u64(o, "max_ns", h->max_ns);
	for (unsigned int i = 0; i < MSI_HIST_SLOTS; i++)
		if (h->slots[i])
			json_object_array_add(slots, new_slot(h, i));
	add(o, "slots", slots);
	return emit(env, o, false);
}

/* The last line says how many there were, so that a reader knows that none is missing.  */
static int json_stats(struct format *f, const struct stats *st)
{
	struct json_object *o;
	int err = 0;

	for (size_t i = 0; i < st->nr && !err; i++)
		err = write_row(f->env, &st->rows[i]);
	if (err)
		return err;
	o = new_object("histograms");
	if (!o)
		return -ENOMEM;
	add_u64(o, "count", st->nr);
	add_u64(o, "lost", st->lost);
	add_u64(o, "skipped", st->skipped);
	return emit(f->env, o, true);
}

static int json_begin(struct format *f, const struct trace_info *ti)
{
	struct json_object *o = new_object("trace"), *argv = NULL;

	if (!o)
		return -ENOMEM;
	f->priv = names__new();
	if (!f->priv) {
		json_object_put(o);
		return -ENOMEM;
	}
	add_string(o, "tool", "msitrace");
	add_string(o, "version", ti->tool_version);
	add_string(o, "command", ti->command);
	add_string(o, "kernel", ti->release && ti->release[0] ? ti->release : NULL);
	if (ti->argv)
		argv = json_object_new_array();
	for (size_t i = 0; argv && ti->argv[i]; i++)
		json_object_array_add(argv, new_string(ti->argv[i], strlen(ti->argv[i])));
	add(o, "argv", argv);
	return emit(f->env, o, true);
}

static int write_result(const struct format_env *env, const struct rule_result *r)
{
	struct json_object *o = new_object("result");

	if (!o)
		return -ENOMEM;
	add_string(o, "rule", r->rule->id);
	add_string(o, "verdict", verdict_name(r->verdict));
	add_u64(o, "judged", r->judged);
	add_u64(o, "findings", r->findings);
	add_u64(o, "notes", r->notes);
	add_u64(o, "known", r->known);
	add(o, "selected", json_object_new_boolean(r->selected));
	add_string(o, "reason", r->reason[0] ? r->reason : NULL);
	return emit(env, o, false);
}

static struct json_object *new_status(int status)
{
	struct json_object *o = json_object_new_object();

	if (!o)
		return NULL;
	add(o, "exited", WIFEXITED(status) ? json_object_new_int(WEXITSTATUS(status)) : NULL);
	add(o, "signal", WIFSIGNALED(status) ? json_object_new_int(WTERMSIG(status)) : NULL);
	return o;
}

static struct json_object *new_lost_by(const struct trace_summary *sum)
{
	struct json_object *o = json_object_new_object();
	int i;

	for (i = 1; o && i < MSI_LOST_MAX; i++)
		if (sum->lost_by[i])
			add_u64(o, lost_words[i].word, sum->lost_by[i]);
	return o;
}

static int write_end(struct format *f, const struct trace_summary *sum)
{
	struct json_object *o;
	int err = 0;

	for (size_t i = 0; i < sum->nr_results && !err; i++)
		err = write_result(f->env, &sum->results[i]);
	if (err)
		return err;
	o = new_object("summary");
	if (!o)
		return -ENOMEM;
	add_string(o, "verdict", sum->judged ? verdict_name(sum->verdict) : NULL);
	add_u64(o, "events", sum->events);
	add_u64(o, "lost", sum->lost);
	add(o, "lost_by", new_lost_by(sum));
	add_u64(o, "findings", sum->findings);
	add_u64(o, "devices", sum->devices);
	add_u64(o, "descs", sum->descs);
	add(o, "command", sum->has_command ? new_status(sum->command_status) : NULL);
	return emit(f->env, o, true);
}

static int json_end(struct format *f, const struct trace_summary *sum)
{
	int err = write_end(f, sum);

	names__free(f->priv);
	f->priv = NULL;
	return err;
}

const struct format_ops format_json = {
	.name = "json",
	.summary = "JSON lines: one object per event, finding, result or histogram",
	.begin = json_begin,
	.event = json_event,
	.finding = json_finding,
	.stats = json_stats,
	.end = json_end,
};
