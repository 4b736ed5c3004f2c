// SPDX-License-Identifier: GPL-2.0-only
/*
 * A command line to the parser: one argument per line, the first is the command.  The commands
 * themselves are not there: parsing must not need them.
 */
#include <getopt.h>
#include <string.h>

#include "fuzz.h"

/* For its table of commands.  */
int msitrace_main(int argc, char **argv);
#define main msitrace_main
#include "main.c"

#define ARGS_MAX 256

#define STUB(name)                                                                                \
	int cmd_##name(const struct options *o)                                                   \
	{                                                                                         \
		(void)o;                                                                          \
		return 0;                                                                         \
	}
STUB(trace)
STUB(check)
STUB(hist)
STUB(snapshot)
STUB(vectors)
STUB(plan)
STUB(soak)
STUB(rules)
STUB(explain)
STUB(doctor)
STUB(version)

static const struct table_col *no_cols(size_t *nr)
{
	*nr = 0;
	return NULL;
}

const struct table_col *rules_cols(size_t *nr)
{
	return no_cols(nr);
}

const struct table_col *doctor_cols(size_t *nr)
{
	return no_cols(nr);
}

const struct table_col *snapshot_cols(size_t *nr)
{
	return no_cols(nr);
}

const struct table_col *vectors_cols(size_t *nr)
{
	return no_cols(nr);
}

const struct table_col *plan_cols(size_t *nr)
{
	return no_cols(nr);
}

const struct listing_view vectors_views[] = { { "--cpu", "vectors", no_cols }, {} };
const struct listing_view plan_views[] = { { "why", "why", no_cols }, {} };
const struct listing_view snapshot_views[] = { { "--by device", "devices", no_cols }, {} };

/* Help and messages go nowhere.  */
static int parse(enum cmd_id id, int argc, char **argv, struct options *o)
{
	static FILE *nowhere;
	FILE *out = stdout, *err = stderr;
	int ret;

	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	FUZZ_ASSERT(nowhere);
	stdout = stderr = nowhere;
	ret = options_parse(id, argc, argv, o);
	stdout = out;
	stderr = err;
	return ret;
}

/* glibc remembers in which word it stopped.  */
static void forget_getopt(void)
{
	char *argv[] = { "fuzz", NULL };

	optind = 0;
	getopt(1, argv, "");
}

static int split(char *s, char **argv)
{
	int argc = 0;

	while (*s && argc < ARGS_MAX) {
		argv[argc++] = s;
		s += strcspn(s, "\n");
		if (*s)
			*s++ = '\0';
	}
	argv[argc] = NULL;
	return argc;
}

static void check(enum cmd_id id, int argc, const struct options *o)
{
	FUZZ_ASSERT(o->format && (!cmds[id].formats[0] || strstr(cmds[id].formats, o->format)));
	FUZZ_ASSERT(o->argc >= 0 && o->argc < argc && !o->argv[o->argc]);
	FUZZ_ASSERT(!o->argc || cmds[id].args[0]);
	FUZZ_ASSERT(o->nr_rules <= RULES_MAX && !o->rules[o->nr_rules]);
	FUZZ_ASSERT(o->pid >= 0 && o->buffer_kb >= 0 && o->duration >= 0);
	FUZZ_ASSERT(o->verbose >= 0 && o->quiet >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1), *argv[ARGS_MAX + 1];
	struct options o = { 0 };
	enum cmd_id id = 0;
	int argc, ret;

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	copy[size] = '\0';
	argc = split(copy, argv);
	for (int i = 0; argc && i < CMD_NR; i++)
		if (!strcmp(argv[0], cmds[i].name))
			id = i;
	forget_getopt();
	if (argc) {
		ret = parse(id, argc, argv, &o);
		FUZZ_ASSERT(!ret || ret == -1 || ret == MSITRACE_EXIT_USAGE);
		if (!ret)
			check(id, argc, &o);
	}
	free(copy);
	return 0;
}
