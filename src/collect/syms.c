// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "base/util.h"
#include "syms.h"

/* Symbols by address.  Kernel text and modules each span less than 4 GiB, so offsets do.  */
struct part {
	uint64_t base;		/* of the first symbol read */
	uint32_t *off;		/* addr - base + 2 GiB, sorted when read */
	uint32_t *name;		/* offset in names, NULL: without names */
	uint32_t *module;	/* offset in names, NULL: the kernel */
	size_t nr, room;
};

#define OFF_BIAS 0x80000000u

#define ENTRIES_MAX 64
#define TAGS_MAX 128

struct syms {
	char *path;
	struct part kernel;
	struct part modules;
	char *names;		/* of modules; and of the kernel, once they were asked for */
	size_t len, room;
	uint64_t entries[ENTRIES_MAX];	/* interrupt entry functions */
	size_t nr_entries;
	struct {
		uint64_t addr;
		unsigned int tag;
	} tags[TAGS_MAX];
	size_t nr_tags;
};

struct wanted {
	struct syms_wanted *w;
	unsigned int tag;	/* of the first row of this name that has one */
	UT_hash_handle hh;
};

/* --- parts -------------------------------------------------------------------------------- */

static uint64_t part_addr(const struct part *p, size_t i)
{
	return p->base + p->off[i] - OFF_BIAS;
}

static int grow(uint32_t **v, size_t room)
{
	uint32_t *p = realloc(*v, room * sizeof(*p));

	if (!p)
		return -ENOMEM;
	*v = p;
	return 0;
}

static int part_room(struct part *p, bool name, bool module)
{
	size_t room = p->room * 5 / 4 + 4096;

	if (p->nr < p->room)
		return 0;
	if (grow(&p->off, room) || (name && grow(&p->name, room)) ||
	    (module && grow(&p->module, room)))
		return -ENOMEM;
	p->room = room;
	return 0;
}

static void part_free(struct part *p)
{
	free(p->off);
	free(p->name);
	free(p->module);
	memset(p, 0, sizeof(*p));
}

/* One symbol; what is too far away to be in this part is left out.  */
static int part_add(struct part *p, uint64_t addr, const uint32_t *name, const uint32_t *module)
{
	uint64_t off;
	int err = part_room(p, name, module);

	if (err)
		return err;
	if (!p->nr)
		p->base = addr;
	off = addr - p->base + OFF_BIAS;
	if (off > UINT32_MAX)
		return 0;
	p->off[p->nr] = off;
	if (name)
		p->name[p->nr] = *name;
	if (module)
		p->module[p->nr] = *module;
	p->nr++;
	return 0;
}

struct row {
	uint32_t off, name, module, nr;
};

/* By address; of several names for one the first that was read comes first.  */
static int by_address(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return x->nr < y->nr ? -1 : 1;
}

/* The kernel's part comes sorted, those of modules in the order of their symbol tables.  */
static int part_sort(struct part *p)
{
	struct row *rows;
	size_t i;

	for (i = 1; i < p->nr; i++)
		if (p->off[i - 1] > p->off[i])
			break;
	if (i >= p->nr)
		return 0;
	rows = malloc(p->nr * sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	for (i = 0; i < p->nr; i++)
		rows[i] = (struct row){ p->off[i], p->name ? p->name[i] : 0,
					p->module ? p->module[i] : 0, i };
	qsort(rows, p->nr, sizeof(*rows), by_address);
	for (i = 0; i < p->nr; i++) {
		p->off[i] = rows[i].off;
		if (p->name)
			p->name[i] = rows[i].name;
		if (p->module)
			p->module[i] = rows[i].module;
	}
	free(rows);
	return 0;
}

/* Index of the last symbol at or below an address, -1: none.  */
static ssize_t part_find(const struct part *p, size_t nr, uint64_t ip)
{
	uint64_t off = ip - p->base + OFF_BIAS;
	size_t lo = 0, hi = nr, mid;

	if (!nr || off > UINT32_MAX)
		return -1;
	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (p->off[mid] <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (ssize_t)lo - 1;
}

/* --- reading ------------------------------------------------------------------------------ */

static int names_add(struct syms *s, const char *str, uint32_t *out)
{
	size_t n = strlen(str) + 1;

	if (s->len + n > s->room) {
		size_t room = (s->len + n) * 5 / 4 + 4096;
		char *p = realloc(s->names, room);

		if (!p)
			return -ENOMEM;
		s->names = p;
		s->room = room;
	}
	memcpy(s->names + s->len, str, n);
	*out = s->len;
	s->len += n;
	return 0;
}

/* "ffffffff81000000 T name\t[module]": splits in place; false: not a text symbol.  */
static bool parse_line(char *line, uint64_t *addr, char *type, char **name, char **module)
{
	char *p, *end;

	*addr = strtoull(line, &end, 16);
	if (end == line || *end != ' ' || !end[1] || end[2] != ' ')
		return false;
	*type = end[1];
	*name = end + 3;
	*module = NULL;
	for (p = *name; *p && *p != '\t' && *p != '\n' && *p != ' '; p++)
		;
	if (*p == '\t' && p[1] == '[') {
		*module = p + 2;
		end = strchr(*module, ']');
		if (end)
			*end = '\0';
	}
	*p = '\0';
	/* padding in front of functions */
	return strncmp(*name, "__pfx_", 6) && strncmp(*name, "__cfi_", 6);
}

/* Below these are frames of the task that happened to be interrupted.  */
static bool names_interrupt_entry(const char *name)
{
	static const char *const names[] = { "__common_interrupt", "common_interrupt", "__sysvec_",
					     "sysvec_", "asm_sysvec_", "el1_interrupt", "el0_interrupt" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strncmp(name, names[i], strlen(names[i])))
			return true;
	return false;
}

static void note_special(struct syms *s, struct wanted *wanted, uint64_t addr, const char *name)
{
	struct wanted *w;

	/* the compiler's parts of a function are name.part.0, name.cold, ... */
	HASH_FIND(hh, wanted, name, strcspn(name, "."), w);
	if (w && !w->w->addr && !strchr(name, '.'))
		w->w->addr = addr;
	if (w && w->tag && s->nr_tags < TAGS_MAX) {
		s->tags[s->nr_tags].addr = addr;
		s->tags[s->nr_tags++].tag = w->tag;
	}
	if (s->nr_entries < ENTRIES_MAX && names_interrupt_entry(name))
		s->entries[s->nr_entries++] = addr;
}

/* Is this very symbol of a module there already?  */
static bool known(const struct syms *s, size_t sorted, uint64_t addr, const char *name)
{
	const struct part *p = &s->modules;
	ssize_t i = part_find(p, sorted, addr);

	for (; i >= 0 && part_addr(p, i) == addr; i--)
		if (!strcmp(s->names + p->name[i], name))
			return true;
	return false;
}

enum what { READ_ADDRESSES, READ_MODULES, READ_NAMES };

struct reading {
	struct syms *s;
	enum what what;
	struct wanted *wanted;
	size_t sorted;		/* modules that were there before */
	char module[64];	/* last one, and its offset in names */
	uint32_t module_off;
	bool any;		/* an address that is not hidden */
	struct syms_wanted *data[SYMS_DATA_MAX];
	size_t nr_data;
};

static int add_kernel(struct reading *r, uint64_t addr, const char *name)
{
	uint32_t off;
	int err;

	if (r->what == READ_ADDRESSES) {
		note_special(r->s, r->wanted, addr, name);
		return part_add(&r->s->kernel, addr, NULL, NULL);
	}
	err = names_add(r->s, name, &off);
	return err ?: part_add(&r->s->kernel, addr, &off, NULL);
}

static int add_module(struct reading *r, uint64_t addr, const char *name, const char *module)
{
	struct syms *s = r->s;
	uint32_t off;
	int err = 0;

	if (known(s, r->sorted, addr, name))
		return 0;
	if (strcmp(module, r->module)) {
		str_copy(r->module, sizeof(r->module), module);
		err = names_add(s, module, &r->module_off);
	}
	err = err ?: names_add(s, name, &off);
	return err ?: part_add(&s->modules, addr, &off, &r->module_off);
}

/* Variables are looked for, not kept.  */
static void note_data(struct reading *r, uint64_t addr, const char *name)
{
	size_t i;

	for (i = 0; r->what == READ_ADDRESSES && i < r->nr_data; i++)
		if (!strcmp(name, r->data[i]->name) && !r->data[i]->addr)
			r->data[i]->addr = addr;
}

static int read_line_of(struct reading *r, char *line)
{
	bool in_module = strchr(line, '[');
	char *name, *module, type;
	uint64_t addr;

	if ((r->what == READ_NAMES && in_module) || (r->what == READ_MODULES && !in_module))
		return 0;
	if (!parse_line(line, &addr, &type, &name, &module))
		return 0;
	if (!module)	/* whatever its type: those that are written once may stand beside functions */
		note_data(r, addr, name);
	if (!strchr("tTwW", type))
		return 0;
	r->any |= addr != 0;
	return module ? add_module(r, addr, name, module) : add_kernel(r, addr, name);
}

static int read_all(struct syms *s, enum what what, struct wanted *wanted)
{
	struct reading r = { .s = s, .what = what, .wanted = wanted, .sorted = s->modules.nr };
	struct wanted *w;

	__cleanup_fclose FILE *f = fopen(s->path, "re");
	__cleanup_free char *line = NULL;
	size_t room = 0;
	int err = 0;

	if (!f)
		return -errno;
	for (w = wanted; w; w = w->hh.next)
		if (w->w->data && r.nr_data < SYMS_DATA_MAX)
			r.data[r.nr_data++] = w->w;
	while (!err && getline(&line, &room, f) > 0)
		err = read_line_of(&r, line);
	err = err ?: part_sort(&s->kernel);
	err = err ?: part_sort(&s->modules);
	if (err)
		return err;
	return r.any || what == READ_MODULES ? 0 : -EPERM;
}

/* --- the interface ------------------------------------------------------------------------ */

static int want(struct wanted **tab, struct syms_wanted *v, size_t nr)
{
	struct wanted *w, *same;
	size_t i;

	for (i = 0; i < nr; i++) {
		v[i].addr = 0;
		if (!v[i].name)
			continue;
		HASH_FIND_STR(*tab, v[i].name, same);
		if (same) {
			same->tag = same->tag ?: v[i].tag;
			continue;
		}
		w = calloc(1, sizeof(*w));
		if (!w)
			return -ENOMEM;
		w->w = &v[i];
		w->tag = v[i].tag;
		HASH_ADD_KEYPTR(hh, *tab, w->w->name, strlen(w->w->name), w);
	}
	return 0;
}

static void wanted_done(struct wanted **tab, struct syms_wanted *v, size_t nr)
{
	struct wanted *w, *next;
	size_t i;

	for (i = 0; i < nr; i++) {	/* a name that several want */
		if (!v[i].name)
			continue;
		HASH_FIND_STR(*tab, v[i].name, w);
		if (w)
			v[i].addr = w->w->addr;
	}
	HASH_ITER(hh, *tab, w, next) {
		HASH_DEL(*tab, w);
		free(w);
	}
}

int syms__new(const char *path, struct syms_wanted *wanted, size_t nr_wanted, struct syms **out)
{
	struct syms *s = calloc(1, sizeof(*s));
	struct wanted *tab = NULL;
	uint32_t zero;
	int err;

	if (!s)
		return -ENOMEM;
	s->path = strdup(path ?: "/proc/kallsyms");
	err = s->path ? names_add(s, "", &zero) : -ENOMEM;
	err = err ?: want(&tab, wanted, nr_wanted);
	err = err ?: read_all(s, READ_ADDRESSES, tab);
	wanted_done(&tab, wanted, nr_wanted);
	if (err) {
		syms__free(s);
		return err;
	}
	*out = s;
	return 0;
}

void syms__free(struct syms *s)
{
	if (!s)
		return;
	part_free(&s->kernel);
	part_free(&s->modules);
	free(s->names);
	free(s->path);
	free(s);
}

int syms__reload_modules(struct syms *s)
{
	return read_all(s, READ_MODULES, NULL);
}

/* No function is larger; what is farther away is not in it.  */
#define FUNC_MAX (1u << 20)

/* The part and index of the symbol that an address is in; NULL: none.  */
static const struct part *find(const struct syms *s, uint64_t ip, ssize_t *i)
{
	ssize_t k = part_find(&s->kernel, s->kernel.nr, ip);
	ssize_t m = part_find(&s->modules, s->modules.nr, ip);
	const struct part *p = &s->kernel;

	*i = k;
	if (m >= 0 && (k < 0 || part_addr(&s->modules, m) > part_addr(p, k))) {
		p = &s->modules;
		*i = m;
	}
	if (*i < 0 || ip - part_addr(p, *i) > FUNC_MAX)
		return NULL;
	return p;
}

uint64_t syms__function(const struct syms *s, uint64_t ip)
{
	ssize_t i;
	const struct part *p = find(s, ip, &i);

	return p ? part_addr(p, i) : 0;
}

bool syms__is_bpf(const struct syms *s, uint64_t function)
{
	ssize_t i;
	const struct part *p = find(s, function, &i);

	return p && p->module && (!strcmp(s->names + p->module[i], "bpf") ||
				  !strcmp(s->names + p->module[i], "__builtin__ftrace"));
}

unsigned int syms__tag(const struct syms *s, uint64_t function)
{
	size_t i;

	for (i = 0; function && i < s->nr_tags; i++)
		if (s->tags[i].addr == function)
			return s->tags[i].tag;
	return 0;
}

bool syms__is_interrupt_entry(const struct syms *s, uint64_t function)
{
	size_t i;

	for (i = 0; i < s->nr_entries; i++)
		if (s->entries[i] == function)
			return true;
	return false;
}

/* No variable with a lock in it is larger; what is farther away is not in it.  */
#define VARIABLE_MAX (64u << 10)

int syms__variable(const struct syms *s, uint64_t addr, char *buf, size_t size)
{
	__cleanup_fclose FILE *f = fopen(s->path, "re");
	__cleanup_free char *line = NULL;
	uint64_t a, best = 0;
	char *name, *module, type, off[24] = "";
	size_t room = 0;

	if (!f)
		return -errno;
	while (getline(&line, &room, f) > 0) {
		if (!parse_line(line, &a, &type, &name, &module) || !strchr("bBdDrR", type) ||
		    a > addr || a <= best)
			continue;
		best = a;
		if (addr != a)
			snprintf(off, sizeof(off), "+0x%llx", (unsigned long long)(addr - a));
		else
			off[0] = '\0';
		snprintf(buf, size, "%s%s%s%s%s", name, off, module ? " [" : "", module ? module : "",
			 module ? "]" : "");
	}
	if (best && addr - best <= VARIABLE_MAX)
		return 0;
	buf[0] = '\0';
	return -ENOENT;
}

static int load_names(struct syms *s)
{
	struct part old = s->kernel;
	int err;

	memset(&s->kernel, 0, sizeof(s->kernel));
	err = read_all(s, READ_NAMES, NULL);
	if (err) {
		part_free(&s->kernel);
		s->kernel = old;
		return err;
	}
	part_free(&old);
	return 0;
}

int syms__find(struct syms *s, uint64_t ip, struct symbol *out)
{
	const struct part *p;
	ssize_t i;

	p = find(s, ip, &i);
	if (p && !p->name) {
		if (load_names(s))
			return -ENOENT;
		p = find(s, ip, &i);
	}
	if (!p)
		return -ENOENT;
	out->name = s->names + p->name[i];
	out->module = p->module ? s->names + p->module[i] : "";
	out->offset = ip - part_addr(p, i);
	return 0;
}
