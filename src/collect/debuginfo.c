// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uthash.h>

#include "base/err.h"
#include "base/util.h"
#include "debugfile.h"
#include "debuginfo.h"
#include "debuginfod.h"

struct section {		/* of a module: text, where it was loaded */
	char name[40];
	uint64_t addr;
};

/* The kernel, or one load of a module.  */
struct object {
	char name[64];		/* "" for the kernel */
	struct build_id id;
	struct section *sections;
	size_t nr_sections;
	enum { UNTRIED, OPEN, NONE } state;
	Dwfl *dwfl;
	Dwfl_Module *mod;
	struct debugfile file;	/* while it is being opened */
	uint64_t bias;		/* of the kernel: address that runs - address in the file */
	struct object *next;
};

struct path {			/* a file of the line tables, as it is shown */
	const char *raw;	/* the key: strings in DWARF stay where they are */
	char *shown;
	UT_hash_handle hh;
};

struct place {			/* what is known of an address */
	uint64_t ip;
	int err;
	struct symbol sym;	/* file, line, inlined */
	UT_hash_handle hh;
};

struct debuginfo {
	struct debuginfo_opts opts;
	struct object kernel;
	struct object *modules;	/* the latest first */
	struct path *paths;
	struct place *places;
	struct debuginfod *client;
	uint64_t stext;
};

__attribute__((format(printf, 3, 4)))
static void say(const struct debuginfo *d, bool warning, const char *fmt, ...)
{
	char text[768], shown[1024];
	va_list ap;

	if (!d->opts.say)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->opts.say(d->opts.ctx, warning, str_escape(shown, sizeof(shown), text, STR_ALL));
}

/* "the kernel", "module nvme" */
static const char *title(const struct object *o, char *buf, size_t size)
{
	snprintf(buf, size, o->name[0] ? "module %s" : "the kernel%s", o->name);
	return buf;
}

/* --- modules, where they are ----------------------------------------------------------------- */

static uint64_t read_address(const char *path)
{
	__cleanup_fclose FILE *f = fopen(path, "re");
	uint64_t addr = 0;

	if (!f || fscanf(f, "%" SCNx64, &addr) != 1)
		return 0;
	return addr;
}

static int add_section(struct object *o, const char *name, uint64_t addr)
{
	struct section *v = reallocarray(o->sections, o->nr_sections + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	o->sections = v;
	str_copy(v[o->nr_sections].name, sizeof(v->name), name);
	v[o->nr_sections++].addr = addr;
	return 0;
}

/* Sections with code; of the others no line is ever asked for.  */
static int read_sections(struct object *o, const char *dir)
{
	DIR *d = opendir(dir);
	char path[1536];
	struct dirent *e;
	uint64_t addr;
	int err = 0;

	while (d && !err && (e = readdir(d))) {
		if (!strstr(e->d_name, ".text"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		addr = read_address(path);
		if (addr)
			err = add_section(o, e->d_name, addr);
	}
	if (d)
		closedir(d);
	return err;
}

static void object_free(struct object *o)
{
	if (o->dwfl)
		dwfl_end(o->dwfl);
	free(o->sections);
	o->sections = NULL;
	o->dwfl = NULL;
}

static struct object *known(const struct debuginfo *d, const char *name)
{
	struct object *o;

	for (o = d->modules; o; o = o->next)
		if (!strcmp(o->name, name))
			return o;
	return NULL;
}

static bool same_place(const struct object *a, const struct object *b)
{
	return a->nr_sections == b->nr_sections && a->sections[0].addr == b->sections[0].addr;
}

static int note_module(struct debuginfo *d, const char *name)
{
	struct object *o = calloc(1, sizeof(*o)), *old = known(d, name);
	char path[1024];
	int err;

	if (!o)
		return -ENOMEM;
	o->file.fd = -1;
	str_copy(o->name, sizeof(o->name), name);
	snprintf(path, sizeof(path), "%s/sys/module/%s/sections", d->opts.root ?: "", name);
	err = read_sections(o, path);
	if (err || !o->nr_sections || (old && same_place(old, o))) {
		object_free(o);
		free(o);
		return err;
	}
	snprintf(path, sizeof(path), "%s/sys/module/%s/notes/.note.gnu.build-id", d->opts.root ?: "", name);
	build_id_read(path, &o->id);
	o->next = d->modules;
	d->modules = o;
	return 0;
}

int debuginfo__note_modules(struct debuginfo *d)
{
	struct dirent *e;
	char path[512];
	int err = 0;
	DIR *dir;

	if (!d)
		return 0;
	snprintf(path, sizeof(path), "%s/sys/module", d->opts.root ?: "");
	dir = opendir(path);
	while (dir && !err && (e = readdir(dir)))
		if (e->d_name[0] != '.')
			err = note_module(d, e->d_name);
	if (dir)
		closedir(dir);
	return err;
}

/* How far an address is behind the section of a module that is next below it.  */
static uint64_t distance(const struct object *o, uint64_t ip)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < o->nr_sections; i++)
		if (ip >= o->sections[i].addr && ip - o->sections[i].addr < least)
			least = ip - o->sections[i].addr;
	return least;
}

/* Of several loads of one module, the one that an address is in.  */
static struct object *object_of(struct debuginfo *d, const char *module, uint64_t ip)
{
	struct object *o, *best = NULL;

	if (!module || !module[0])
		return &d->kernel;
	for (o = d->modules; o; o = o->next)
		if (!strcmp(o->name, module) && distance(o, ip) != UINT64_MAX &&
		    (!best || distance(o, ip) < distance(best, ip)))
			best = o;
	return best;
}

/* --- opening -------------------------------------------------------------------------------- */

/* Callbacks of libdwfl. Its own would look for files, and ask servers, by themselves.  */
static int find_elf(Dwfl_Module *mod, void **userdata, const char *name, Dwarf_Addr base, char **path, Elf **elf)
{
	struct object *o = *userdata;

	(void)mod;
	(void)name;
	(void)base;
	(void)elf;
	if (!o || o->file.fd < 0)
		return -1;
	*path = TAKE_PTR(o->file.path);
	return dup(o->file.fd);
}

static int find_no_debuginfo(Dwfl_Module *mod, void **userdata, const char *name, Dwarf_Addr base,
			     const char *file, const char *link, GElf_Word crc, char **path)
{
	(void)mod;
	(void)userdata;
	(void)name;
	(void)base;
	(void)file;
	(void)link;
	(void)crc;
	(void)path;
	return -1;
}

static int section_address(Dwfl_Module *mod, void **userdata, const char *name, Dwarf_Addr base,
			   const char *section, GElf_Word index, const GElf_Shdr *shdr, Dwarf_Addr *addr)
{
	const struct object *o = *userdata;

	(void)mod;
	(void)name;
	(void)base;
	(void)index;
	(void)shdr;
	*addr = (Dwarf_Addr)-1;		/* left out */
	for (size_t i = 0; o && i < o->nr_sections; i++)
		if (!strcmp(o->sections[i].name, section))
			*addr = o->sections[i].addr;
	return DWARF_CB_OK;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = find_elf,
	.find_debuginfo = find_no_debuginfo,
	.section_address = section_address,
};

#define MODULE_SPAN (64u << 20)	/* how far its text may be from its first section */

/* A module is an ET_REL file, whose sections are where section_address() says.  */
static Dwfl_Module *report_module(struct object *o)
{
	uint64_t low = UINT64_MAX, high = 0;
	Dwfl_Module *mod;
	void **userdata;

	for (size_t i = 0; i < o->nr_sections; i++) {
		low = o->sections[i].addr < low ? o->sections[i].addr : low;
		high = o->sections[i].addr > high ? o->sections[i].addr : high;
	}
	mod = dwfl_report_module(o->dwfl, o->name, low, high + MODULE_SPAN);
	if (!mod)
		return NULL;
	dwfl_module_info(mod, &userdata, NULL, NULL, NULL, NULL, NULL, NULL);
	*userdata = o;
	return mod;
}

/* The kernel is linked to an address, and runs at another one if KASLR is on.  */
static Dwfl_Module *report_kernel(struct object *o)
{
	Dwfl_Module *mod = dwfl_report_elf(o->dwfl, "kernel", o->file.path, o->file.fd, 0, true);

	if (mod)
		o->file.fd = -1;	/* now libdwfl's */
	return mod;
}

static uint64_t find_stext(Dwfl_Module *mod)
{
	int i, nr = dwfl_module_getsymtab(mod);
	const char *name;
	GElf_Addr addr;
	GElf_Sym sym;

	for (i = 0; i < nr; i++) {
		name = dwfl_module_getsym_info(mod, i, &sym, &addr, NULL, NULL, NULL);
		if (name && !strcmp(name, "_stext"))
			return addr;
	}
	return 0;
}

/* NULL, or what is wrong with the file that is open.  */
static const char *load(struct debuginfo *d, struct object *o)
{
	bool kernel = o == &d->kernel;
	Dwarf_Addr bias;
	uint64_t stext;

	o->dwfl = dwfl_begin(&callbacks);
	if (!o->dwfl)
		return dwfl_errmsg(-1);
	dwfl_report_begin(o->dwfl);
	o->mod = kernel ? report_kernel(o) : report_module(o);
	if (!o->mod || dwfl_report_end(o->dwfl, NULL, NULL) || !dwfl_module_getdwarf(o->mod, &bias))
		return dwfl_errmsg(-1);
	if (!kernel)
		return NULL;
	stext = find_stext(o->mod);
	if (!stext)
		return "has no symbol _stext";
	o->bias = d->stext - stext;
	return NULL;
}

/* Asks the servers, if the user wants that; what they give is checked like any other file.  */
static int fetch(struct debuginfo *d, struct object *o)
{
	char why[256], what[96];
	int fd, err;

	if (!d->opts.fetch || !o->id.len)
		return -ENOENT;
	title(o, what, sizeof(what));
	say(d, false, "asking DEBUGINFOD_URLS for the debug information of %s", what);
	fd = debuginfod_fetch(&d->client, &o->id, d->opts.stopped, d->opts.ctx);
	if (fd < 0) {
		snprintf(o->file.complaint, sizeof(o->file.complaint), "debuginfod: %s",
			 fd == -ENOSYS ? "no libdebuginfod.so.1, or no DEBUGINFOD_URLS" : errstr(fd));
		return fd;
	}
	err = debugfile_check(fd, &o->id, why, sizeof(why));
	o->file.path = err ? NULL : strdup("debuginfod");
	if (o->file.path) {
		o->file.fd = fd;
		return 0;
	}
	snprintf(o->file.complaint, sizeof(o->file.complaint), "what debuginfod gave %s", why);
	close(fd);
	return -ENOENT;
}

static int find_file(struct debuginfo *d, struct object *o)
{
	const char *name = o->name[0] ? o->name : NULL;
	int err;

	if (!name && d->opts.vmlinux)
		return debugfile_open(d->opts.vmlinux, &o->id, &o->file);
	err = debugfile_find(&d->opts, name, &o->id, &o->file);
	return err ? fetch(d, o) : 0;
}

static void drop_file(struct object *o)
{
	if (o->file.fd >= 0)
		close(o->file.fd);
	o->file.fd = -1;
	free(TAKE_PTR(o->file.path));
}

static void give_up(struct debuginfo *d, struct object *o, const char *why)
{
	char what[96];

	o->state = NONE;
	if (why[0])
		say(d, true, "%s; there will be no source lines of %s", why, title(o, what, sizeof(what)));
}

static void open_object(struct debuginfo *d, struct object *o)
{
	char text[768], what[96], path[512];
	const char *wrong;

	if (find_file(d, o)) {
		give_up(d, o, o->file.complaint);
		return;
	}
	str_copy(path, sizeof(path), o->file.path);
	wrong = load(d, o);
	drop_file(o);
	if (wrong) {
		snprintf(text, sizeof(text), "%s: %s", path, wrong);
		give_up(d, o, text);
		return;
	}
	o->state = OPEN;
	say(d, false, "source lines of %s from %s", title(o, what, sizeof(what)), path);
}

/* --- paths ----------------------------------------------------------------------------------- */

/* Takes "//", "/./" and "/dir/../" out, in place.  */
static void normalize(char *path)
{
	char *to = path, *from = path;
	size_t n;

	while (*from) {
		while (from[0] == '/' && from[1] == '/')
			from++;
		n = *from == '/';
		n += strcspn(from + n, "/");
		if (n == 2 && !memcmp(from, "/.", 2)) {
			from += n;
		} else if (n == 3 && !memcmp(from, "/..", 3)) {
			while (to > path && *--to != '/')
				;
			from += n;
		} else {
			memmove(to, from, n);
			to += n;
			from += n;
		}
	}
	*to = '\0';
}

/* Directories at the top of the kernel's sources.  */
static bool is_top(const char *s)
{
	static const char *const tops[] = {
		"arch/", "block/", "certs/", "crypto/", "drivers/", "fs/", "include/", "init/", "io_uring/",
		"ipc/", "kernel/", "lib/", "mm/", "net/", "rust/", "samples/", "security/", "sound/", "virt/",
	};

	for (size_t i = 0; i < ARRAY_SIZE(tops); i++)
		if (!strncmp(s, tops[i], strlen(tops[i])))
			return true;
	return false;
}

/* A path behind the directories that it shares with `dir`, when that is more than the root.  */
static const char *behind_common(const char *path, const char *dir)
{
	size_t i, n = 0;

	for (i = 0; path[i] && path[i] == dir[i]; i++)
		if (path[i] == '/')
			n = i + 1;
	if (path[i] == '/' && !dir[i])
		n = i + 1;
	return path + (n > 1 ? n : 0);
}

/* Behind the root of a tree of sources or headers: "/usr/src/linux-headers-6.1/include/..."  */
static const char *behind_linux(const char *path)
{
	for (const char *p = strstr(path, "linux"); p; p = strstr(p + 1, "linux")) {
		const char *next = strchr(p, '/');

		if ((p == path || p[-1] == '/') && next && is_top(next + 1))
			return next + 1;
	}
	return path;
}

/*
 * The part of a path that is the same wherever the kernel was built: what is behind the directory that
 * it shares with the one it was compiled in, which is the root of the sources, or below it, as with
 * Debian. Modules of one's own are elsewhere: for them, what is behind their own directory.
 */
static const char *below_root(const char *path, const char *comp_dir, const char *unit)
{
	const char *p = behind_common(path, comp_dir);

	if (!is_top(p))
		p = behind_linux(p);
	return *p == '/' && *unit == '/' ? behind_common(p, unit) : p;
}

/* Relative ones are so to the directory that it was compiled in.  */
static char *full_path(const char *raw, const char *dir)
{
	char *path;

	if (raw[0] == '/' || !dir[0])
		return strdup(raw);
	return asprintf(&path, "%s/%s", dir, raw) < 0 ? NULL : path;
}

struct lookup {
	struct debuginfo *d;
	Dwarf_Die *cu;
	Dwarf_Files *files;
	const char *comp_dir, *unit;	/* "" when not known */
	struct symbol *sym;
};

static const char *shown_path(struct lookup *l, const char *raw)
{
	__cleanup_free char *path = NULL, *dir = NULL;
	struct path *p;

	if (!raw)
		return NULL;
	HASH_FIND_PTR(l->d->paths, &raw, p);
	if (p)
		return p->shown;
	path = full_path(raw, l->comp_dir);
	dir = strdup(l->comp_dir);
	p = calloc(1, sizeof(*p));
	if (path && dir && p) {
		normalize(path);
		normalize(dir);
		p->raw = raw;
		p->shown = strdup(below_root(path, dir, l->unit));
	}
	if (!p || !p->shown) {
		free(p);
		return NULL;
	}
	HASH_ADD_PTR(l->d->paths, raw, p);
	return p->shown;
}

/* --- looking up ------------------------------------------------------------------------------ */

/* What clang compiles has no .debug_aranges, by which libdwfl finds units.  */
static Dwarf_Die *find_unit(struct object *o, uint64_t addr, Dwarf_Addr *bias)
{
	Dwarf_Die *cu = dwfl_module_addrdie(o->mod, addr, bias);

	if (cu)
		return cu;
	while ((cu = dwfl_module_nextcu(o->mod, cu, bias)) && dwarf_haspc(cu, addr - *bias) != 1)
		;
	return cu;
}

static const char *string_of(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attr;

	return dwarf_formstring(dwarf_attr(die, name, &attr)) ?: "";
}

static Dwarf_Word number_of(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attr;
	Dwarf_Word value;

	if (!dwarf_attr(die, name, &attr) || dwarf_formudata(&attr, &value))
		return 0;
	return value;
}

/* So far the symbol is where the inlined function is; from here on where it was called.  */
static void add_inlined(struct lookup *l, Dwarf_Die *die)
{
	struct symbol *sym = l->sym;
	Dwarf_Word file = number_of(die, DW_AT_call_file);

	if (sym->nr_inlined < SYMBOL_INLINED_MAX)
		sym->inlined[sym->nr_inlined++] = (struct inlined){
			.name = dwarf_diename(die) ?: "?", .file = sym->file, .line = sym->line };
	sym->file = l->files ? shown_path(l, dwarf_filesrc(l->files, file, NULL, NULL)) : NULL;
	sym->line = sym->file ? number_of(die, DW_AT_call_line) : 0;
}

#define NAMESPACES_MAX 16	/* Rust has functions in namespaces */
#define SCOPES_MAX 128

/*
 * Steps into the scope in `die` that an address is in. Offsets only grow, so that damaged debug
 * information ends, too. (dwarf_getscopes() leaks memory when it comes upon some.)
 */
static bool step_into(Dwarf_Die *die, uint64_t pc, unsigned int depth)
{
	Dwarf_Off last = 0;
	Dwarf_Die c, sub;
	int more;

	for (more = dwarf_child(die, &c); !more && dwarf_dieoffset(&c) > last; more = dwarf_siblingof(&c, &c)) {
		last = dwarf_dieoffset(&c);
		sub = c;
		switch (dwarf_tag(&c)) {
		case DW_TAG_namespace:
			if (depth == NAMESPACES_MAX || !step_into(&sub, pc, depth + 1))
				continue;
			break;
		case DW_TAG_subprogram:
		case DW_TAG_lexical_block:
		case DW_TAG_inlined_subroutine:
			if (dwarf_haspc(&c, pc) != 1)
				continue;
			break;
		default:
			continue;
		}
		*die = sub;
		return true;
	}
	return false;
}

/* The inlined functions from the function that was compiled down to the innermost; told from there.  */
static void look_at_scopes(struct lookup *l, uint64_t pc)
{
	Dwarf_Die die = *l->cu, inlined[SCOPES_MAX];
	size_t i, nr = 0;

	for (i = 0; i < SCOPES_MAX && step_into(&die, pc, 0); i++)
		if (dwarf_tag(&die) == DW_TAG_inlined_subroutine)
			inlined[nr++] = die;
	while (nr)
		add_inlined(l, &inlined[--nr]);
}

static int look_up(struct debuginfo *d, struct object *o, uint64_t addr, struct symbol *sym)
{
	struct lookup l = { .d = d, .sym = sym };
	Dwarf_Line *line;
	Dwarf_Addr bias;
	size_t nr;
	int nr_line = 0;

	l.cu = find_unit(o, addr, &bias);
	if (!l.cu)
		return -ENOENT;
	l.comp_dir = string_of(l.cu, DW_AT_comp_dir);
	l.unit = string_of(l.cu, DW_AT_name);
	if (dwarf_getsrcfiles(l.cu, &l.files, &nr))
		l.files = NULL;
	line = dwarf_getsrc_die(l.cu, addr - bias);
	if (line && !dwarf_lineno(line, &nr_line) && nr_line > 0) {
		sym->file = shown_path(&l, dwarf_linesrc(line, NULL, NULL));
		sym->line = sym->file ? (unsigned int)nr_line : 0;
	}
	look_at_scopes(&l, addr - bias);
	return sym->file || sym->nr_inlined ? 0 : -ENOENT;
}

static int find(struct debuginfo *d, uint64_t ip, const char *module, struct symbol *sym)
{
	struct object *o = object_of(d, module, ip);

	if (!o || (o == &d->kernel && !d->stext))
		return -ENOENT;
	if (o->state == UNTRIED)
		open_object(d, o);
	if (o->state != OPEN)
		return -ENOENT;
	return look_up(d, o, ip - o->bias, sym);
}

/* --- the interface --------------------------------------------------------------------------- */

int debuginfo__find(struct debuginfo *d, uint64_t ip, struct symbol *sym)
{
	struct place *p;

	if (!d)
		return -ENOENT;
	HASH_FIND(hh, d->places, &ip, sizeof(ip), p);
	if (!p) {
		p = calloc(1, sizeof(*p));
		if (!p)
			return -ENOENT;
		p->ip = ip;
		p->err = find(d, ip, sym->module, &p->sym);
		HASH_ADD(hh, d->places, ip, sizeof(p->ip), p);
	}
	if (p->err)
		return p->err;
	sym->file = p->sym.file;
	sym->line = p->sym.line;
	sym->nr_inlined = p->sym.nr_inlined;
	memcpy(sym->inlined, p->sym.inlined, sizeof(sym->inlined));
	return 0;
}

const char *debuginfo_library(void)
{
	return dwfl_version(NULL);
}

static void check_dirs(struct debuginfo *d)
{
	for (size_t i = 0; i < d->opts.nr_dirs; i++) {
		DIR *dir = opendir(d->opts.dirs[i]);

		if (dir)
			closedir(dir);
		else
			say(d, true, "--debug-dir %s: %s", d->opts.dirs[i], errstr(errno));
	}
}

/*
 * A file that was named is looked at now, while somebody may still correct the command line; what must
 * be fetched is fetched now, while there are no events that could be lost meanwhile.
 */
static void check_kernel(struct debuginfo *d)
{
	struct object *o = &d->kernel;
	char path[512];

	snprintf(path, sizeof(path), "%s/sys/kernel/notes", d->opts.root ?: "");
	build_id_read(path, &o->id);
	if (!d->opts.vmlinux && !d->opts.fetch)
		return;
	if (find_file(d, o))
		give_up(d, o, o->file.complaint);
	drop_file(o);
}

int debuginfo__new(const struct debuginfo_opts *opts, struct debuginfo **out)
{
	struct debuginfo *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->opts = *opts;
	d->opts.release = opts->release ?: "";
	d->kernel.file.fd = -1;
	check_dirs(d);
	check_kernel(d);
	*out = d;
	return 0;
}

void debuginfo__set_stext(struct debuginfo *d, uint64_t stext)
{
	if (d)
		d->stext = stext;
}

void debuginfo__free(struct debuginfo *d)
{
	struct object *o;
	struct place *place, *next_place;
	struct path *path, *next_path;

	if (!d)
		return;
	HASH_ITER(hh, d->places, place, next_place) {
		HASH_DEL(d->places, place);
		free(place);
	}
	HASH_ITER(hh, d->paths, path, next_path) {
		HASH_DEL(d->paths, path);
		free(path->shown);
		free(path);
	}
	while ((o = d->modules)) {
		d->modules = o->next;
		object_free(o);
		free(o);
	}
	object_free(&d->kernel);
	debuginfod_close(d->client);
	free(d);
}
