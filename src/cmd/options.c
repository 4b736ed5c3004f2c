// SPDX-License-Identifier: GPL-2.0-only
/* The table of options; parsing, --help and the check of what goes with what are loops over it.  */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/util.h"
#include "cmd.h"
#include "collect/debuginfo.h"

enum opt_kind { OPT_STR, OPT_FLAG, OPT_COUNT, OPT_NUM, OPT_SECONDS, OPT_RULE, OPT_SET, OPT_DIR, OPT_HELP };

struct option_row {
	const char *name;
	char letter;		/* 0: none */
	const char *arg;	/* NULL: takes none */
	enum opt_kind kind;
	size_t offset;
	unsigned int cmds;
	const char *help;
};

#define LIVE (CMD_BIT(TRACE) | CMD_BIT(CHECK) | CMD_BIT(HIST))
#define LISTS (CMD_BIT(SNAPSHOT) | CMD_BIT(VECTORS) | CMD_BIT(PLAN) | CMD_BIT(RULES) | CMD_BIT(EXPLAIN) | CMD_BIT(DOCTOR))
#define ALL (~0u)
#define BUFFER_KIB_MAX (1 << 20)	/* what the kernel takes as a ring buffer is below 4 GiB */
#define AT(field) offsetof(struct options, field)

static const struct option_row option_rows[] = {
	{ "format", 'f', "FORMAT", OPT_STR, AT(format), LIVE | LISTS | CMD_BIT(SOAK), "how to print" },
	{ "json", 0, NULL, OPT_FLAG, AT(json), LIVE | LISTS | CMD_BIT(SOAK), "the same as --format json" },
	{ "color", 0, "WHEN", OPT_STR, AT(color), LIVE, "auto (default), always or never" },
	{ "device", 'd', "DEVICE", OPT_STR, AT(device), LIVE | CMD_BIT(SNAPSHOT), "only this device (0000:00:03.0) or driver (nvme)" },
	{ "pid", 'p', "PID", OPT_NUM, AT(pid), CMD_BIT(TRACE) | CMD_BIT(HIST), "only what this process does" },
	{ "comm", 'c', "NAME", OPT_STR, AT(comm), CMD_BIT(TRACE) | CMD_BIT(HIST), "only what tasks of this name do" },
	{ "duration", 0, "SECONDS", OPT_SECONDS, AT(duration), LIVE | CMD_BIT(VECTORS), "stop after that time" },
	{ "cycles", 0, "N", OPT_NUM, AT(cycles), CMD_BIT(SOAK), "how many times COMMAND is run, default 10" },
	{ "rule", 'r', "RULE", OPT_RULE, 0, CMD_BIT(CHECK), "judge only this rule; may be repeated" },
	{ "set", 's', "PARAM", OPT_SET, 0, CMD_BIT(CHECK), "RULE.NAME=NUMBER: a parameter of a rule; may be repeated" },
	{ "events", 'e', NULL, OPT_FLAG, AT(events), CMD_BIT(CHECK), "print every event too" },
	{ "locks", 0, "WHICH", OPT_STR, AT(locks), CMD_BIT(TRACE) | CMD_BIT(CHECK), "order of locks: off, msi (default) or full, with all others" },
	{ "kfree", 0, NULL, OPT_FLAG, AT(kfree), CMD_BIT(CHECK), "watch each kfree() of the kernel for the memory of descriptors" },
	{ "config-space", 0, NULL, OPT_FLAG, AT(config_space), CMD_BIT(CHECK), "read the command register of devices, for msg_memory_off" },
	{ "vmlinux", 0, "FILE", OPT_STR, AT(vmlinux), CMD_BIT(TRACE) | CMD_BIT(CHECK), "take source lines of the kernel from this vmlinux or its .debug file" },
	{ "debug-dir", 0, "DIR", OPT_DIR, 0, CMD_BIT(TRACE) | CMD_BIT(CHECK), "search there first for files with source lines; may be repeated" },
	{ "debuginfod", 0, NULL, OPT_FLAG, AT(debuginfod), CMD_BIT(TRACE) | CMD_BIT(CHECK), "fetch what is missing from the servers in DEBUGINFOD_URLS" },
	{ "buffer-size", 0, "KIB", OPT_NUM, AT(buffer_kb), LIVE, "size of the ring buffer, default 4096" },
	{ "by", 0, "WHAT", OPT_STR, AT(by), CMD_BIT(SNAPSHOT), "vector (default), device or cpu: what has a row each" },
	{ "tree", 0, NULL, OPT_FLAG, AT(tree), CMD_BIT(SNAPSHOT), "what belongs to what: device, irq domain, vector" },
	{ "save", 0, "FILE", OPT_STR, AT(save), CMD_BIT(SNAPSHOT), "write all columns to this file, for --diff, and list nothing" },
	{ "diff", 0, "FILE", OPT_STR, AT(diff), CMD_BIT(SNAPSHOT), "list what is not as it was when this file was saved" },
	{ "cpu", 0, "NUMBER", OPT_STR, AT(cpu), CMD_BIT(VECTORS), "list the vectors of this CPU: who has each" },
	{ "affinity", 0, "CPUS", OPT_STR, AT(affinity), CMD_BIT(PLAN), "where the vectors of alloc are to be; managed: the kernel spreads them" },
	{ "idle", 0, NULL, OPT_FLAG, AT(idle), CMD_BIT(VECTORS), "list the vectors that nobody uses, and why" },
	{ "watch", 'w', "SECONDS", OPT_SECONDS, AT(watch), CMD_BIT(VECTORS), "list again and again, with what failed in between" },
	{ "btf", 0, "FILE", OPT_STR, AT(btf), CMD_BIT(DOCTOR), "judge this kernel (vmlinux or BTF) in place of the running one" },
	{ "output", 'o', "COLUMNS", OPT_STR, AT(output), LISTS, "columns to print" },
	{ "noheadings", 'n', NULL, OPT_FLAG, AT(noheadings), LISTS, "no header line" },
	{ "raw", 0, NULL, OPT_FLAG, AT(raw), LISTS, "for programs: one blank between cells, nothing aligned" },
	{ "verbose", 'v', NULL, OPT_COUNT, AT(verbose), ALL, "more: kernel pointers, every frame, what is going on" },
	{ "quiet", 'q', NULL, OPT_COUNT, AT(quiet), ALL, "less: no warnings" },
	{ "help", 'h', NULL, OPT_HELP, 0, ALL, "this" },
};

static bool takes(const struct option_row *r, enum cmd_id id)
{
	return r->cmds & (1u << id);
}

void options_help(enum cmd_id id)
{
	const struct cmd *c = &cmds[id];
	const struct listing_view *view;
	const struct table_col *cols;
	char left[40];
	size_t i, nr;

	printf("Usage: msitrace %s [OPTION]...%s%s\n\n%s\n\nOptions:\n", c->name,
	       c->args[0] ? " " : "", c->args, c->summary);
	for (i = 0; i < ARRAY_SIZE(option_rows); i++) {
		const struct option_row *r = &option_rows[i];

		if (!takes(r, id))
			continue;
		snprintf(left, sizeof(left), "%c%c%s --%s%s%s", r->letter ? '-' : ' ',
			 r->letter ?: ' ', r->letter ? "," : " ", r->name, r->arg ? " " : "",
			 r->arg ?: "");
		printf("  %-26s %s", left, r->help);
		if (!strcmp(r->name, "format"))
			printf(": %s", c->formats);
		putchar('\n');
	}
	if (!c->cols)
		return;
	cols = c->cols(&nr);
	printf("\nColumns:\n");
	table_cols_help(cols, nr, stdout);
	for (view = c->views; view && view->option; view++) {
		printf("\nColumns with %s:\n", view->option);
		cols = view->cols(&nr);
		table_cols_help(cols, nr, stdout);
	}
}

/* 0, or -EINVAL.  */
static int parse_number(const char *s, double max, double *out)
{
	char *end;

	errno = 0;
	*out = strtod(s, &end);
	return errno || end == s || *end || !(*out > 0) || *out > max ? -EINVAL : 0;
}

static int append(const struct option_row *r, const char *arg, const char **list, size_t *nr, size_t max)
{
	if (*nr == max) {
		pr_err("--%s: more than %zu\n", r->name, max);
		return -EINVAL;
	}
	list[(*nr)++] = arg;
	return 0;
}

static int set(const struct option_row *r, const char *arg, struct options *o)
{
	void *field = (char *)o + r->offset;
	double v;

	switch (r->kind) {
	case OPT_STR:
		*(const char **)field = arg;
		return 0;
	case OPT_FLAG:
		*(bool *)field = true;
		return 0;
	case OPT_COUNT:
		++*(int *)field;
		return 0;
	case OPT_NUM:
	case OPT_SECONDS:
		if (parse_number(arg, 1e9, &v) || (r->kind == OPT_NUM && v != (long)v)) {
			pr_err("--%s %s: not a number above 0\n", r->name, arg);
			return -EINVAL;
		}
		if (r->kind == OPT_NUM)
			*(long *)field = v;
		else
			*(double *)field = v;
		return 0;
	case OPT_RULE:
		return append(r, arg, o->rules, &o->nr_rules, RULES_MAX);
	case OPT_SET:
		return append(r, arg, o->sets, &o->nr_sets, SETS_MAX);
	case OPT_DIR:
		return append(r, arg, o->debug_dirs, &o->nr_debug_dirs, DEBUG_DIRS_MAX);
	case OPT_HELP:
		break;
	}
	return 0;
}

/* The format must be one that the command can give.  */
static int check_format(enum cmd_id id, const struct options *o)
{
	const char *p = cmds[id].formats;
	size_t n = strlen(o->format);

	for (; *p; p += strcspn(p, ","), p += *p == ',')
		if (!strncmp(p, o->format, n) && (p[n] == ',' || !p[n]))
			return 0;
	pr_err("%s cannot print format '%s'; it can: %s\n", cmds[id].name, o->format,
	       cmds[id].formats);
	return MSITRACE_EXIT_USAGE;
}

static int check_together(enum cmd_id id, struct options *o)
{
	if (o->json && o->format && strcmp(o->format, "json")) {
		pr_err("--json and --format %s exclude each other\n", o->format);
		return MSITRACE_EXIT_USAGE;
	}
	if (o->json)
		o->format = "json";
	if (!o->format)
		o->format = "text";
	if (o->buffer_kb > BUFFER_KIB_MAX) {
		pr_err("--buffer-size %ld: at most %d\n", o->buffer_kb, BUFFER_KIB_MAX);
		return MSITRACE_EXIT_USAGE;
	}
	if (o->locks && strcmp(o->locks, "off") && strcmp(o->locks, "msi") &&
	    strcmp(o->locks, "full")) {
		pr_err("--locks %s: off, msi or full\n", o->locks);
		return MSITRACE_EXIT_USAGE;
	}
	if (o->by && strcmp(o->by, "vector") && strcmp(o->by, "device") && strcmp(o->by, "cpu")) {
		pr_err("--by %s: vector, device or cpu\n", o->by);
		return MSITRACE_EXIT_USAGE;
	}
	if (o->cpu && (!o->cpu[0] || o->cpu[strspn(o->cpu, "0123456789")] || strlen(o->cpu) > 5)) {
		pr_err("--cpu %s: not the number of a CPU\n", o->cpu);
		return MSITRACE_EXIT_USAGE;
	}
	if (o->cpu && o->idle) {
		pr_err("--cpu and --idle exclude each other\n");
		return MSITRACE_EXIT_USAGE;
	}
	if (id == CMD_VECTORS && o->duration && !o->watch) {
		pr_err("--duration is for --watch: without it there is one list\n");
		return MSITRACE_EXIT_USAGE;
	}
	if (o->by && o->device && !strcmp(o->by, "cpu")) {
		pr_err("--by cpu and --device exclude each other: the ledger of a CPU is about all that it has\n");
		return MSITRACE_EXIT_USAGE;
	}
	if (o->diff && o->by) {
		pr_err("--diff and --by exclude each other: what is compared are vectors\n");
		return MSITRACE_EXIT_USAGE;
	}
	if (o->tree && (o->by || o->diff)) {
		pr_err("--tree and %s exclude each other: it has rows of its own\n", o->by ? "--by" : "--diff");
		return MSITRACE_EXIT_USAGE;
	}
	if (o->raw && !strcmp(o->format, "json")) {
		pr_err("--raw and --json exclude each other\n");
		return MSITRACE_EXIT_USAGE;
	}
	if (o->color && strcmp(o->color, "auto") && strcmp(o->color, "always") &&
	    strcmp(o->color, "never")) {
		pr_err("--color %s: auto, always or never\n", o->color);
		return MSITRACE_EXIT_USAGE;
	}
	if ((o->vmlinux || o->nr_debug_dirs || o->debuginfod) && !debuginfo_library()) {
		pr_err("%s: this msitrace was built without libdw and reads no debug information; use one that is linked dynamically\n",
		       o->vmlinux ? "--vmlinux" : o->nr_debug_dirs ? "--debug-dir" : "--debuginfod");
		return MSITRACE_EXIT_USAGE;
	}
	return cmds[id].formats[0] ? check_format(id, o) : 0;
}

#define LONG_BASE 256	/* getopt value of row i; letters are below */

/* The option that getopt stopped at: a letter of `word`, or all of it.  */
static int say_wrong(enum cmd_id id, int c, const char *word, const struct option *longs)
{
	const char *what = "no such option";
	char letter[] = { '-', (char)optopt, '\0' };
	size_t n = strcspn(word + 2 * !strncmp(word, "--", 2), "="), like = 0;
	bool is_long = !optopt || optopt >= LONG_BASE;	/* else a letter, maybe not of the last word */

	for (; is_long && longs->name; longs++)
		like += !strncmp(longs->name, word + 2, n);
	if (c == ':')
		what = "argument missing after";
	else if (is_long && like == 1)
		what = "takes no argument:";
	else if (is_long && like)
		what = "could be more than one option:";
	pr_err("%s: %s '%s'; see msitrace %s --help\n", cmds[id].name, what,
	       is_long ? word : letter, cmds[id].name);
	return MSITRACE_EXIT_USAGE;
}

int options_parse(enum cmd_id id, int argc, char **argv, struct options *o)
{
	struct option longs[ARRAY_SIZE(option_rows) + 1] = {};
	bool runs = strstr(cmds[id].args, "COMMAND...");	/* whose options are its own */
	char shorts[2 * ARRAY_SIZE(option_rows) + 3];
	size_t i, n, nlongs = 0;
	int c;

	n = sprintf(shorts, runs ? "+:" : ":");
	for (i = 0; i < ARRAY_SIZE(option_rows); i++) {
		const struct option_row *r = &option_rows[i];

		if (!takes(r, id))
			continue;
		longs[nlongs++] = (struct option){ r->name, r->arg ? required_argument : no_argument,
						   NULL, LONG_BASE + (int)i };
		if (r->letter)
			shorts[n++] = r->letter;
		if (r->letter && r->arg)
			shorts[n++] = ':';
	}
	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct option_row *r = NULL;

		if (c == '?' || c == ':')
			return say_wrong(id, c, argv[optind - 1], longs);
		for (i = 0; i < ARRAY_SIZE(option_rows); i++)
			if (c == LONG_BASE + (int)i || (c < LONG_BASE && option_rows[i].letter == c))
				r = &option_rows[i];
		if (r->kind == OPT_HELP) {
			options_help(id);
			return -1;
		}
		if (set(r, optarg, o))
			return MSITRACE_EXIT_USAGE;
	}
	o->argv = argv + optind;
	o->argc = argc - optind;
	if (o->argc && !cmds[id].args[0]) {
		pr_err("%s: '%s' is too much; see msitrace %s --help\n", cmds[id].name,
		       o->argv[0], cmds[id].name);
		return MSITRACE_EXIT_USAGE;
	}
	return check_together(id, o);
}
