// SPDX-License-Identifier: GPL-2.0-only
/*
 * Source lines, from a small program that is compiled here: as a kernel that is linked to one address and
 * runs at another, and as a module whose sections are where a made-up /sys says.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/util.h"
#include "collect/debuginfo.h"

#define KASLR 0x12000000ull
#define TEXT_AT 0xffffffffc0401000ull
#define INIT_AT 0xffffffffc0500000ull

static char base[] = "/tmp/msitrace-debuginfo-XXXXXX";

/* The lines that the tests ask for are found by the words in their comments.  */
static const char header[] =
	"#define HERE(name) asm volatile(\".globl at_\" #name \"\\nat_\" #name \": nop; nop\" ::: \"memory\")\n"
	"static inline __attribute__((always_inline)) void innermost(void)\n"
	"{\n"
	"	HERE(innermost); /* in header */\n"
	"}\n";
static const char source[] =
	"#include \"linux/inner.h\"\n"
	"void _stext(void) { }\n"
	"static inline __attribute__((always_inline)) void middle(void)\n"
	"{\n"
	"	innermost(); /* calls innermost */\n"
	"	HERE(middle); /* in middle */\n"
	"}\n"
	"__attribute__((noinline)) void outer(void)\n"
	"{\n"
	"	HERE(outer); /* in outer */\n"
	"	middle(); /* calls middle */\n"
	"}\n"
	"#define NEST(n, next) static inline __attribute__((always_inline)) void nest##n(void) { next; }\n"
	"NEST(0, HERE(nested)) NEST(1, nest0()) NEST(2, nest1()) NEST(3, nest2()) NEST(4, nest3())\n"
	"NEST(5, nest4()) NEST(6, nest5()) NEST(7, nest6()) NEST(8, nest7()) NEST(9, nest8())\n"
	"void deep(void) { nest9(); } /* in deep */\n"
	"__attribute__((section(\".init.text\"))) void init(void) { HERE(init); outer(); } /* in init */\n";

static unsigned int line_of(const char *text, const char *words)
{
	const char *p = strstr(text, words);
	unsigned int line = 1;

	assert_non_null(p);
	for (; text < p; text++)
		line += *text == '\n';
	return line;
}

__attribute__((format(printf, 1, 2)))
static void run(const char *fmt, ...)
{
	char cmd[4096];
	va_list ap;
	int n;

	n = snprintf(cmd, sizeof(cmd), "set -e; cd %s; release=1.0 cc=${CC:-gcc}; ", base);
	va_start(ap, fmt);
	vsnprintf(cmd + n, sizeof(cmd) - n, fmt, ap);
	va_end(ap);
	if (system(cmd)) {
		print_message("failed: %s\n", cmd);
		fail();
	}
}

static char *in_base(char buf[256], const char *name)
{
	snprintf(buf, 256, "%s/%s", base, name);
	return buf;
}

static void write_file(const char *name, const char *text)
{
	char path[256];
	FILE *f = fopen(in_base(path, name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* Address of a symbol, in its section when the file is relocatable.  */
static uint64_t symbol(const char *file, const char *name)
{
	char path[256];
	int fd = open(in_base(path, file), O_RDONLY);
	Elf_Scn *scn = NULL;
	uint64_t addr = UINT64_MAX;
	GElf_Shdr sh;
	GElf_Sym sym;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	while ((scn = elf_nextscn(elf, scn))) {
		if (!gelf_getshdr(scn, &sh) || sh.sh_type != SHT_SYMTAB)
			continue;
		for (int i = 0; gelf_getsym(elf_getdata(scn, NULL), i, &sym); i++)
			if (!strcmp(elf_strptr(elf, sh.sh_link, sym.st_name), name))
				addr = sym.st_value;
	}
	elf_end(elf);
	close(fd);
	assert_true(addr != UINT64_MAX);
	return addr;
}

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(base))
		return -1;
	run("mkdir -p linux-1.0/include/linux linux-1.0/drivers/demo linux-1.0/debian/build");
	write_file("linux-1.0/include/linux/inner.h", header);
	write_file("linux-1.0/drivers/demo/demo.c", source);
	/* as Debian does, from a directory below the sources */
	run("cd linux-1.0/debian/build; $cc -g -O2 -fno-pic -mcmodel=kernel -fcf-protection=none "
	    "-I../.././include -c ../../drivers//demo/demo.c -o ../../../demo.o");
	run("ld -Ttext=0xffffffff81000000 -e _stext --build-id=sha1 demo.o -o vmlinux");
	run("ld -r --build-id=sha1 demo.o -o demo-mod.ko");
	run("ld -Ttext=0xffffffff82000000 -e _stext --build-id=sha1 demo.o -o vmlinux.other");
	run("objcopy -O binary --only-section=.note.gnu.build-id vmlinux notes");
	run("objcopy -O binary --only-section=.note.gnu.build-id demo-mod.ko notes.ko");
	return 0;
}

static int teardown(void **state)
{
	char cmd[300];

	(void)state;
	snprintf(cmd, sizeof(cmd), "rm -rf %s", base);
	return system(cmd);
}

/* What the kernel says of itself and of a module at these addresses.  */
static void make_sys(uint64_t text, uint64_t init)
{
	run("s=root/sys/module/demo_mod; mkdir -p $s/sections $s/notes root/sys/kernel root/sys/module/builtin; "
	    "cp notes root/sys/kernel/notes; cp notes.ko $s/notes/.note.gnu.build-id; "
	    "echo 0x%llx >$s/sections/.text; echo 0x%llx >$s/sections/.init.text; echo 0x1 >$s/sections/.data",
	    (unsigned long long)text, (unsigned long long)init);
}

struct fixture {
	struct debuginfo *d;
	struct debuginfo_opts opts;
	char root[256], vmlinux[256], dir[256];
	const char *dirs[1];
	char warnings[4096], infos[4096];
	unsigned int nr_warnings;
};

static void on_say(void *ctx, bool warning, const char *text)
{
	struct fixture *x = ctx;
	char *buf = warning ? x->warnings : x->infos;
	size_t n = strlen(buf);

	assert_null(strchr(text, '\n'));
	x->nr_warnings += warning;
	snprintf(buf + n, sizeof(x->warnings) - n, "%s\n", text);
}

/* Nothing is anywhere yet but what /sys says.  */
static void fixture_new(struct fixture *x)
{
	memset(x, 0, sizeof(*x));
	run("rm -rf root dir; mkdir -p dir root/usr/lib/debug/boot root/usr/lib/debug/lib/modules/1.0/extra "
	    "root/lib/modules/1.0/kernel");
	make_sys(TEXT_AT, INIT_AT);
	x->opts.release = "1.0";
	x->opts.root = in_base(x->root, "root");
	x->opts.say = on_say;
	x->opts.ctx = x;
	x->opts.dirs = x->dirs;
}

static void fixture_open(struct fixture *x)
{
	assert_int_equal(debuginfo__new(&x->opts, &x->d), 0);
	debuginfo__set_stext(x->d, symbol("vmlinux", "_stext") + KASLR);
	assert_int_equal(debuginfo__note_modules(x->d), 0);
}

static void fixture_close(struct fixture *x)
{
	debuginfo__free(x->d);
	x->d = NULL;
}

static int find(struct fixture *x, const char *module, uint64_t ip, struct symbol *sym)
{
	memset(sym, 0, sizeof(*sym));
	sym->name = "name";
	sym->module = module;
	sym->offset = 3;
	return debuginfo__find(x->d, ip, sym);
}

static void is_inlined(const struct inlined *in, const char *name, const char *file, unsigned int line)
{
	assert_string_equal(in->name, name);
	assert_string_equal(in->file, file);
	assert_int_equal(in->line, line);
}

#define DEMO "drivers/demo/demo.c"
#define INNER "include/linux/inner.h"

/* The lines of outer(), whose symbols in the file are `off` away from where they run.  */
static void check_outer(struct fixture *x, const char *module, const char *file, uint64_t off)
{
	struct symbol s;

	assert_int_equal(find(x, module, symbol(file, "at_outer") + off, &s), 0);
	assert_string_equal(s.file, DEMO);
	assert_int_equal(s.line, line_of(source, "in outer"));
	assert_int_equal(s.nr_inlined, 0);
	assert_string_equal(s.name, "name");
	assert_int_equal(s.offset, 3);

	assert_int_equal(find(x, module, symbol(file, "at_innermost") + off + 1, &s), 0);
	assert_string_equal(s.file, DEMO);
	assert_int_equal(s.line, line_of(source, "calls middle"));
	assert_int_equal(s.nr_inlined, 2);
	is_inlined(&s.inlined[0], "innermost", INNER, line_of(header, "in header"));
	is_inlined(&s.inlined[1], "middle", DEMO, line_of(source, "calls innermost"));

	assert_int_equal(find(x, module, symbol(file, "at_middle") + off, &s), 0);
	assert_int_equal(s.nr_inlined, 1);
	is_inlined(&s.inlined[0], "middle", DEMO, line_of(source, "in middle"));
	/* the same once more, from the cache */
	assert_int_equal(find(x, module, symbol(file, "at_middle") + off, &s), 0);
	assert_int_equal(s.nr_inlined, 1);
}

static void no_lines(struct fixture *x, const char *module)
{
	struct symbol s;
	uint64_t ip = module[0] ? TEXT_AT + symbol("demo-mod.ko", "at_outer") :
				  symbol("vmlinux", "at_outer") + KASLR;

	assert_int_equal(find(x, module, ip, &s), -ENOENT);
	assert_int_equal(find(x, module, ip + 1, &s), -ENOENT);
	assert_null(s.file);
	assert_int_equal(s.nr_inlined, 0);
}

static void kernel_has_lines(void **state)
{
	struct fixture x;
	struct symbol s;

	(void)state;
	fixture_new(&x);
	run("cp vmlinux root/usr/lib/debug/boot/vmlinux-$release");
	fixture_open(&x);
	assert_string_equal(x.infos, "");	/* not opened before somebody asks */
	check_outer(&x, "", "vmlinux", KASLR);
	assert_non_null(strstr(x.infos, "source lines of the kernel from /"));
	assert_int_equal(find(&x, "", symbol("vmlinux", "at_nested") + KASLR, &s), 0);
	assert_int_equal(s.nr_inlined, SYMBOL_INLINED_MAX);
	assert_string_equal(s.inlined[0].name, "nest0");
	assert_string_equal(s.inlined[7].name, "nest7");
	assert_int_equal(s.line, line_of(source, "in deep"));
	/* outside of everything, and in a module that nobody knows */
	assert_int_equal(find(&x, "", 0xffffffffffff0000ull, &s), -ENOENT);
	assert_int_equal(find(&x, "", 1, &s), -ENOENT);
	assert_int_equal(find(&x, "bpf", TEXT_AT, &s), -ENOENT);
	assert_string_equal(x.warnings, "");
	fixture_close(&x);
}

static void kernel_of_unknown_address_has_none(void **state)
{
	struct fixture x;

	(void)state;
	fixture_new(&x);
	run("cp vmlinux root/usr/lib/debug/boot/vmlinux-$release");
	fixture_open(&x);
	debuginfo__set_stext(x.d, 0);
	no_lines(&x, "");
	fixture_close(&x);
}

static void module_has_lines(void **state)
{
	struct fixture x;
	struct symbol s;

	(void)state;
	fixture_new(&x);
	run("cp demo-mod.ko root/lib/modules/$release/kernel/");
	fixture_open(&x);
	check_outer(&x, "demo_mod", "demo-mod.ko", TEXT_AT);
	assert_non_null(strstr(x.infos, "source lines of module demo_mod from /"));
	assert_int_equal(find(&x, "demo_mod", symbol("demo-mod.ko", "at_init") + INIT_AT, &s), 0);
	assert_int_equal(s.line, line_of(source, "in init"));
	no_lines(&x, "");
	assert_string_equal(x.warnings, "");
	fixture_close(&x);
}

/* Compiled as kbuild did before 6.13: by its full name, in the directory of the headers.  */
static void module_of_ones_own(void **state)
{
	struct fixture x;
	struct symbol s;

	(void)state;
	fixture_new(&x);
	run("mkdir -p own/headers/usr/src/linux-headers-$release own/linux-headers-$release-common/include/linux; "
	    "cp linux-1.0/include/linux/inner.h own/linux-headers-$release-common/include/linux/; "
	    "cp linux-1.0/drivers/demo/demo.c dir/mine.c; cd own/headers/usr/src/linux-headers-$release; "
	    "$cc -g -O2 -fno-pic -mcmodel=kernel -fcf-protection=none -ffile-prefix-map=$PWD=/usr/src/hdr "
	    "-ffile-prefix-map=%s/own=/opt -I%s/own/linux-headers-$release-common/include -c %s/dir/mine.c -o %s/mine.o; "
	    "cd %s; ld -r --build-id=sha1 mine.o -o dir/demo-mod.ko; "
	    "objcopy -O binary --only-section=.note.gnu.build-id dir/demo-mod.ko "
	    "root/sys/module/demo_mod/notes/.note.gnu.build-id", base, base, base, base, base);
	x.dirs[0] = in_base(x.dir, "dir");
	x.opts.nr_dirs = 1;
	fixture_open(&x);
	assert_int_equal(find(&x, "demo_mod", symbol("dir/demo-mod.ko", "at_innermost") + TEXT_AT, &s), 0);
	assert_string_equal(s.file, "mine.c");
	assert_int_equal(s.nr_inlined, 2);
	assert_string_equal(s.inlined[0].file, INNER);
	assert_string_equal(s.inlined[1].file, "mine.c");
	fixture_close(&x);
}

/* Unloaded and loaded again somewhere else, unloaded for good: what was seen keeps its lines.  */
static void module_comes_and_goes(void **state)
{
	struct fixture x;

	(void)state;
	fixture_new(&x);
	run("cp demo-mod.ko root/usr/lib/debug/lib/modules/$release/extra/demo_mod.ko");
	fixture_open(&x);
	make_sys(TEXT_AT + 0x200000, INIT_AT + 0x200000);
	assert_int_equal(debuginfo__note_modules(x.d), 0);
	run("rm -r root/sys/module/demo_mod");
	assert_int_equal(debuginfo__note_modules(x.d), 0);
	check_outer(&x, "demo_mod", "demo-mod.ko", TEXT_AT);
	check_outer(&x, "demo_mod", "demo-mod.ko", TEXT_AT + 0x200000);
	fixture_close(&x);
}

/* As users without privileges, and root with kptr_restrict, see it.  */
static void module_of_hidden_address_has_none(void **state)
{
	struct fixture x;

	(void)state;
	fixture_new(&x);
	make_sys(0, 0);
	run("cp demo-mod.ko root/lib/modules/$release/kernel/");
	fixture_open(&x);
	no_lines(&x, "demo_mod");
	fixture_close(&x);
}

static void split_files_have_lines(void **state)
{
	struct fixture x;

	(void)state;
	fixture_new(&x);
	run("d=root/usr/lib/debug; objcopy --only-keep-debug vmlinux $d/boot/vmlinux-$release; "
	    "objcopy --only-keep-debug demo-mod.ko $d/lib/modules/$release/extra/demo-mod.ko.debug; "
	    "strip -g -o root/lib/modules/$release/kernel/demo-mod.ko demo-mod.ko");
	fixture_open(&x);
	check_outer(&x, "", "vmlinux", KASLR);
	check_outer(&x, "demo_mod", "demo-mod.ko", TEXT_AT);
	assert_string_equal(x.warnings, "");
	fixture_close(&x);
}

/* clang writes none.  */
static void aranges_are_not_needed(void **state)
{
	struct fixture x;

	(void)state;
	fixture_new(&x);
	run("r='--remove-section=.debug_aranges --remove-section=.rela.debug_aranges'; objcopy $r vmlinux dir/vmlinux 2>/dev/null; "
	    "objcopy $r demo-mod.ko dir/demo-mod.ko");
	x.dirs[0] = in_base(x.dir, "dir");
	x.opts.nr_dirs = 1;
	fixture_open(&x);
	check_outer(&x, "", "vmlinux", KASLR);
	check_outer(&x, "demo_mod", "demo-mod.ko", TEXT_AT);
	fixture_close(&x);
}

static void every_place_is_searched(void **state)
{
	static const char *const places[] = {
		"dir/vmlinux", "dir/vmlinux-1.0", "dir/boot/vmlinux-1.0", "dir/.build-id/$id",
		"root/usr/lib/debug/lib/modules/1.0/vmlinux", "root/usr/lib/debug/boot/vmlinux-1.0",
		"root/lib/modules/1.0/vmlinux", "root/lib/modules/1.0/build/vmlinux",
		"root/usr/lib/debug/.build-id/$id",
	};
	struct fixture x;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		fixture_new(&x);
		run("id=$(readelf -n vmlinux | sed -n 's,.*Build ID: \\(..\\),\\1/,p').debug; "
		    "mkdir -p $(dirname %s); ln vmlinux %s", places[i], places[i]);
		x.dirs[0] = in_base(x.dir, "dir");
		x.opts.nr_dirs = 1;
		fixture_open(&x);
		check_outer(&x, "", "vmlinux", KASLR);
		assert_string_equal(x.warnings, "");
		fixture_close(&x);
	}
	fixture_new(&x);
	run("ln vmlinux dir/kernel; ln -s ../demo-mod.ko dir/demo_mod.ko");
	x.opts.vmlinux = in_base(x.vmlinux, "dir/kernel");
	x.dirs[0] = in_base(x.dir, "dir");
	x.opts.nr_dirs = 1;
	fixture_open(&x);
	check_outer(&x, "", "vmlinux", KASLR);
	check_outer(&x, "demo_mod", "demo-mod.ko", TEXT_AT);
	fixture_close(&x);
}

static void expect_warning(const struct fixture *x, const char *words)
{
	if (x->nr_warnings != 1 || !strstr(x->warnings, words)) {
		print_message("%u warnings, one wanted: %s\ngot: %s", x->nr_warnings, words, x->warnings);
		fail();
	}
}

/* Each is refused with one line that says why, and everything goes on.  */
static void bad_files_are_refused(void **state)
{
	static const struct {
		const char *make, *words;
	} cases[] = {
		{ ":", "file: No such file or directory; there will be no source lines of the kernel" },
		{ "echo text >file", "file is not an ELF file" },
		{ ": >file", "file is not an ELF file" },
		{ "mkdir file", "file is not a file" },
		{ "mkfifo file", "file is not a file" },
		{ "ln -s file file", "file: Too many levels of symbolic links" },
		{ "cp vmlinux.other file", "file is of another build: its build id is " },
		{ "cp demo-mod.ko file", "file is of another build: its build id is " },
		{ "objcopy --remove-section=.note.gnu.build-id vmlinux file 2>/dev/null", "its build id is missing, what runs has " },
		{ "strip -g -o file vmlinux", "file has no debug information" },
		{ "head -c 3000 vmlinux >file", "file is truncated or damaged" },
		{ "head -c 64 vmlinux >file", "file is truncated or damaged" },
		{ "head -c 20 vmlinux >file", "file is " },
		{ "cp vmlinux file; printf '\\377\\377\\377\\377\\377\\377\\377\\377' | "
		  "dd of=file bs=1 seek=40 conv=notrunc 2>/dev/null", "file is truncated or damaged" },
		{ "objcopy --strip-symbol=_stext vmlinux file", "file: has no symbol _stext" },
	};
	struct fixture x;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fixture_new(&x);
		run("rm -rf file; %s", cases[i].make);
		x.opts.vmlinux = in_base(x.vmlinux, "file");
		fixture_open(&x);
		no_lines(&x, "");
		expect_warning(&x, cases[i].words);
		fixture_close(&x);
	}
	fixture_new(&x);
	run("rm -f file; cp vmlinux file; rm root/sys/kernel/notes");
	x.opts.vmlinux = in_base(x.vmlinux, "file");
	fixture_open(&x);
	no_lines(&x, "");
	expect_warning(&x, "the build id of what runs is not known");
	fixture_close(&x);
}

static void bad_modules_are_refused(void **state)
{
	static const struct {
		const char *make, *words;	/* NULL: nothing is said */
	} cases[] = {
		{ "cp vmlinux dir/demo-mod.ko", "dir/demo-mod.ko is of another build: its build id is " },
		{ "echo text >dir/demo-mod.ko", "dir/demo-mod.ko is not an ELF file; there will be no source "
						"lines of module demo_mod" },
		{ "strip -g -o dir/demo-mod.ko demo-mod.ko", "has no debug information" },
		{ "head -c 3000 demo-mod.ko >dir/demo-mod.ko", "is truncated or damaged" },
		{ "cp vmlinux root/lib/modules/1.0/kernel/demo-mod.ko", "is of another build" },
		/* what distributions ship is nothing to talk about */
		{ "strip -g -o root/lib/modules/1.0/kernel/demo-mod.ko demo-mod.ko", NULL },
		{ "cp demo-mod.ko dir/other.ko; cp demo-mod.ko dir/demo_mod.ko.xz; cp demo-mod.ko dir/xdemo_mod.ko",
		  NULL },
	};
	struct fixture x;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fixture_new(&x);
		run("%s", cases[i].make);
		x.dirs[0] = in_base(x.dir, "dir");
		x.opts.nr_dirs = 1;
		fixture_open(&x);
		no_lines(&x, "demo_mod");
		if (cases[i].words)
			expect_warning(&x, cases[i].words);
		else
			assert_string_equal(x.warnings, "");
		fixture_close(&x);
	}
	/* a bad one is no obstacle to a good one */
	fixture_new(&x);
	run("cp vmlinux dir/demo-mod.ko; cp demo-mod.ko root/lib/modules/1.0/kernel/");
	x.dirs[0] = in_base(x.dir, "dir");
	x.opts.nr_dirs = 1;
	fixture_open(&x);
	check_outer(&x, "demo_mod", "demo-mod.ko", TEXT_AT);
	assert_string_equal(x.warnings, "");
	fixture_close(&x);
	/* nor is a directory that is not there */
	x.nr_warnings = 0;
	x.dirs[0] = "/nonexistent";
	fixture_open(&x);
	expect_warning(&x, "--debug-dir /nonexistent: No such file or directory");
	check_outer(&x, "demo_mod", "demo-mod.ko", TEXT_AT);
	fixture_close(&x);
}

static char *read_file(const char *name, long *size)
{
	char path[256], *data;
	FILE *f = fopen(in_base(path, name), "r");

	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	*size = ftell(f);
	rewind(f);
	data = malloc(*size);
	assert_int_equal(fread(data, 1, *size, f), *size);
	fclose(f);
	return data;
}

/* The file once more, but with 20 bytes at random places that are anything.  */
static void write_damaged(const char *path, const char *data, long size)
{
	FILE *f = fopen(path, "w");

	assert_int_equal(fwrite(data, 1, size, f), size);
	for (int k = 0; k < 20; k++) {
		fseek(f, 64 + random() % (size - 64), SEEK_SET);
		fputc(random(), f);
	}
	fclose(f);
}

static void damage(const char *file, const char *damaged, const char *module, uint64_t off)
{
	static const char *const marks[] = { "at_outer", "at_innermost", "at_middle", "at_nested" };
	char path[256], *data;
	struct fixture x;
	struct symbol s;
	long size;

	data = read_file(file, &size);
	srandom(1);
	fixture_new(&x);
	x.dirs[0] = in_base(x.dir, "dir");
	x.opts.nr_dirs = 1;
	for (int i = 0; i < 300; i++) {
		write_damaged(in_base(path, damaged), data, size);
		x.warnings[0] = x.infos[0] = '\0';
		fixture_open(&x);
		for (size_t k = 0; k < ARRAY_SIZE(marks); k++)
			find(&x, module, symbol(file, marks[k]) + off, &s);
		fixture_close(&x);
	}
	free(data);
}

/* Whatever is in a file whose build id is right: lines may be missing or wrong, but nothing crashes.  */
static void damage_does_no_harm(void **state)
{
	(void)state;
	damage("vmlinux", "dir/vmlinux", "", KASLR);
	damage("demo-mod.ko", "dir/demo-mod.ko", "demo_mod", TEXT_AT);
}

/* --- debuginfod ------------------------------------------------------------------------------ */

static void serve(int fd, const char *file)
{
	static const char no[] = "HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
	char request[4096], path[256], log[256];
	struct stat st;
	ssize_t n = read(fd, request, sizeof(request) - 1);
	FILE *f = file ? fopen(in_base(path, file), "r") : NULL, *out = fdopen(fd, "w");

	in_base(log, "requests");
	close(open(log, O_WRONLY | O_CREAT | O_APPEND, 0600));
	if (truncate(log, n > 0 ? n : 1))
		_exit(1);
	if (f && !fstat(fileno(f), &st)) {
		fprintf(out, "HTTP/1.1 200 OK\r\nContent-Length: %ld\r\nConnection: close\r\n\r\n", (long)st.st_size);
		while ((n = fread(request, 1, sizeof(request), f)) > 0)
			fwrite(request, 1, n, out);
		fclose(f);
	} else {
		fputs(no, out);
	}
	fclose(out);
}

/* A server on this machine that has one file for whoever asks; NULL: none.  */
static pid_t start_server(const char *file)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char url[64], path[256];
	pid_t pid;

	if (fd < 0 || bind(fd, (void *)&addr, len) || listen(fd, 16) || getsockname(fd, (void *)&addr, &len))
		return -1;
	snprintf(url, sizeof(url), "http://127.0.0.1:%d", ntohs(addr.sin_port));
	setenv("DEBUGINFOD_URLS", url, 1);
	setenv("DEBUGINFOD_CACHE_PATH", in_base(path, "cache"), 1);
	unsetenv("http_proxy");
	run("rm -rf cache requests");
	pid = fork();
	if (!pid) {
		alarm(60);
		for (;;)
			serve(accept(fd, NULL, NULL), file);
	}
	close(fd);
	return pid;
}

static void stop_server(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	unsetenv("DEBUGINFOD_URLS");
}

static bool was_asked(void)
{
	char path[256];

	return !access(in_base(path, "requests"), F_OK);
}

static bool stop(void *ctx)
{
	(void)ctx;
	return true;
}

static void network_only_when_asked_for(void **state)
{
	struct fixture x;
	pid_t pid;

	(void)state;
	if (!dlopen("libdebuginfod.so.1", RTLD_LAZY)) {
		print_message("libdebuginfod1 is not installed\n");
		skip();
	}
	pid = start_server("vmlinux");
	if (pid < 0)
		skip();
	fixture_new(&x);
	fixture_open(&x);
	no_lines(&x, "");
	no_lines(&x, "demo_mod");
	fixture_close(&x);
	assert_false(was_asked());
	assert_string_equal(x.warnings, "");

	/* at once: later, events would be lost meanwhile */
	x.opts.fetch = true;
	fixture_open(&x);
	assert_true(was_asked());
	check_outer(&x, "", "vmlinux", KASLR);
	assert_string_equal(x.warnings, "");
	no_lines(&x, "demo_mod");	/* was given the file of the kernel */
	expect_warning(&x, "what debuginfod gave is of another build");
	fixture_close(&x);

	/* what is here is not asked for */
	stop_server(pid);
	pid = start_server("vmlinux");
	run("cp vmlinux dir/; cp demo-mod.ko dir/");
	x.dirs[0] = in_base(x.dir, "dir");
	x.opts.nr_dirs = 1;
	fixture_open(&x);
	check_outer(&x, "", "vmlinux", KASLR);
	check_outer(&x, "demo_mod", "demo-mod.ko", TEXT_AT);
	fixture_close(&x);
	assert_false(was_asked());
	stop_server(pid);
}

static void server_without_it_is_a_warning(void **state)
{
	struct fixture x;
	pid_t pid;

	(void)state;
	if (!dlopen("libdebuginfod.so.1", RTLD_LAZY))
		skip();
	fixture_new(&x);
	x.opts.fetch = true;
	unsetenv("DEBUGINFOD_URLS");
	fixture_open(&x);
	no_lines(&x, "");
	expect_warning(&x, "debuginfod: no libdebuginfod.so.1, or no DEBUGINFOD_URLS; there will be no source lines");
	fixture_close(&x);

	pid = start_server(NULL);
	if (pid < 0)
		skip();
	x.nr_warnings = 0;
	fixture_open(&x);
	no_lines(&x, "");
	expect_warning(&x, "debuginfod: No such file or directory; there will be no source lines of the kernel");
	fixture_close(&x);
	stop_server(pid);

	pid = start_server("vmlinux");
	x.nr_warnings = 0;
	x.opts.stopped = stop;
	fixture_open(&x);
	no_lines(&x, "");
	expect_warning(&x, "debuginfod: Interrupted system call");
	fixture_close(&x);
	stop_server(pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel_has_lines),
		cmocka_unit_test(kernel_of_unknown_address_has_none),
		cmocka_unit_test(module_has_lines),
		cmocka_unit_test(module_of_ones_own),
		cmocka_unit_test(module_comes_and_goes),
		cmocka_unit_test(module_of_hidden_address_has_none),
		cmocka_unit_test(split_files_have_lines),
		cmocka_unit_test(aranges_are_not_needed),
		cmocka_unit_test(every_place_is_searched),
		cmocka_unit_test(bad_files_are_refused),
		cmocka_unit_test(bad_modules_are_refused),
		cmocka_unit_test(damage_does_no_harm),
		cmocka_unit_test(network_only_when_asked_for),
		cmocka_unit_test(server_without_it_is_a_warning),
	};

	if (!debuginfo_library()) {
		puts("1..0 # SKIP built without libdw; try scripts/setup");
		return 0;
	}
	return cmocka_run_group_tests(tests, setup, teardown);
}
