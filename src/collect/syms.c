// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "syms.h"

struct sym {
	uint64_t addr;
	uint32_t name;		/* offset in names */
	uint32_t module;	/* offset in names, 0: the kernel */
};

struct part {			/* sorted by address */
	struct sym *v;
	size_t nr, room;
};

struct syms {
	char *path;
	struct part kernel;	/* read once */
	struct part modules;	/* and those that are gone */
	char *names;
	size_t len, room;
};

static int names_add(struct syms *s, const char *str, uint32_t *out)
{
	size_t n = strlen(str) + 1;

	if (s->len + n > s->room) {
		size_t room = (s->len + n) * 5 / 4 + 65536;
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

static int part_add(struct part *p, const struct sym *sym)
{
	if (p->nr == p->room) {
		size_t room = p->room * 5 / 4 + 4096;
		struct sym *v = realloc(p->v, room * sizeof(*v));

		if (!v)
			return -ENOMEM;
		p->v = v;
		p->room = room;
	}
	p->v[p->nr++] = *sym;
	return 0;
}

static int by_addr(const void *a, const void *b)
{
	const struct sym *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static void part_sort(struct part *p)
{
	size_t i;

	for (i = 1; i < p->nr; i++)
		if (p->v[i].addr < p->v[i - 1].addr)
			break;
	if (i < p->nr)
		qsort(p->v, p->nr, sizeof(*p->v), by_addr);
}

/* The last symbol at or below an address.  */
static const struct sym *part_find(const struct part *p, uint64_t ip)
{
	size_t lo = 0, hi = p->nr, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (p->v[mid].addr <= ip)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? &p->v[lo - 1] : NULL;
}

/* "ffffffff81000000 T name\t[module]": splits in place; false: not a text symbol.  */
static bool parse_line(char *line, uint64_t *addr, char **name, char **module)
{
	char *p, *end;

	*addr = strtoull(line, &end, 16);
	if (end == line || *end != ' ' || !end[1] || end[2] != ' ' || !strchr("tTwW", end[1]))
		return false;
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
	/* prefixes of function padding, and labels that are no functions */
	return strncmp(*name, "__pfx_", 6) && strncmp(*name, "__cfi_", 6);
}

/* Is this very symbol there already?  */
static bool known(const struct syms *s, size_t sorted, uint64_t addr, const char *name)
{
	const struct part p = { .v = s->modules.v, .nr = sorted };
	const struct sym *sym = part_find(&p, addr);

	for (; sym && sym >= p.v && sym->addr == addr; sym--)
		if (!strcmp(s->names + sym->name, name))
			return true;
	return false;
}

static int read_all(struct syms *s, bool modules_only)
{
	__cleanup_fclose FILE *f = fopen(s->path, "re");
	__cleanup_free char *line = NULL;
	char module_name[64] = "";
	uint32_t module_off = 0;
	size_t sorted = s->modules.nr, room = 0;
	char *name, *module;
	uint64_t addr;
	bool any = false;
	int err = 0;

	if (!f)
		return -errno;
	setvbuf(f, NULL, _IOFBF, 65536);
	while (!err && getline(&line, &room, f) > 0) {
		struct sym sym = {};

		if (modules_only && !strchr(line, '['))
			continue;
		if (!parse_line(line, &addr, &name, &module))
			continue;
		any |= addr != 0;
		if (!module && modules_only)
			continue;
		if (module && known(s, sorted, addr, name))
			continue;
		if (module && strcmp(module, module_name)) {
			str_copy(module_name, sizeof(module_name), module);
			err = names_add(s, module, &module_off);
		}
		sym.addr = addr;
		sym.module = module ? module_off : 0;
		err = err ?: names_add(s, name, &sym.name);
		err = err ?: part_add(module ? &s->modules : &s->kernel, &sym);
	}
	part_sort(&s->kernel);
	part_sort(&s->modules);
	if (err)
		return err;
	return any || modules_only ? 0 : -EPERM;
}

static void part_trim(struct part *p)
{
	struct sym *v = realloc(p->v, (p->nr ?: 1) * sizeof(*v));

	if (v) {
		p->v = v;
		p->room = p->nr ?: 1;
	}
}

int syms__new(const char *path, struct syms **out)
{
	struct syms *s = calloc(1, sizeof(*s));
	uint32_t zero;
	int err;

	if (!s)
		return -ENOMEM;
	s->path = strdup(path ?: "/proc/kallsyms");
	err = s->path ? names_add(s, "", &zero) : -ENOMEM;
	err = err ?: read_all(s, false);
	if (err) {
		syms__free(s);
		return err;
	}
	part_trim(&s->kernel);
	*out = s;
	return 0;
}

void syms__free(struct syms *s)
{
	if (!s)
		return;
	free(s->kernel.v);
	free(s->modules.v);
	free(s->names);
	free(s->path);
	free(s);
}

int syms__reload_modules(struct syms *s)
{
	return read_all(s, true);
}

/* No function is larger; farther away is not in it.  */
#define FUNC_MAX (1u << 20)

int syms__find(struct syms *s, uint64_t ip, struct symbol *out)
{
	const struct sym *k = part_find(&s->kernel, ip), *m = part_find(&s->modules, ip);
	const struct sym *sym = !k || (m && m->addr > k->addr) ? m : k;

	if (!sym || ip - sym->addr > FUNC_MAX)
		return -ENOENT;
	out->name = s->names + sym->name;
	out->module = s->names + sym->module;
	out->offset = ip - sym->addr;
	return 0;
}

uint64_t syms__addr(const struct syms *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->kernel.nr; i++)
		if (!strcmp(s->names + s->kernel.v[i].name, name))
			return s->kernel.v[i].addr;
	return 0;
}

bool symbol_is_bpf(const struct symbol *sym)
{
	return !strcmp(sym->module, "bpf") || !strncmp(sym->name, "bpf_trampoline", 14) ||
	       !strncmp(sym->name, "bpf_prog_", 9) ||
	       !strcmp(sym->name, "bpf_get_stack") || !strcmp(sym->name, "ftrace_trampoline");
}
