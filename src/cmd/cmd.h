/* SPDX-License-Identifier: GPL-2.0-only */
/* Subcommands, their options, exit codes.  */
#ifndef MSITRACE_CMD_H
#define MSITRACE_CMD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/table.h"

/* X(name, value, doc): documented in the man page and tested.  */
#define EXIT_CODES(X) \
X(CLEAN,	0,	"clean: at least one rule passed and none failed") \
X(FINDINGS,	1,	"at least one finding, known kernel bugs included") \
X(INCONCLUSIVE,	2,	"inconclusive: events were lost, or nothing was judged") \
X(CANNOT_RUN,	3,	"cannot run here: permission, kernel, command, output") \
X(COMMAND,	4,	"clean, but COMMAND failed") \
X(USAGE,	64,	"wrong usage")

#define X(name, value, doc) MSITRACE_EXIT_##name = (value),
enum msitrace_exit { EXIT_CODES(X) };
#undef X

#define RULES_MAX 128
#define SETS_MAX 64
#define DEBUG_DIRS_MAX 32

struct options {
	const char *format;	/* NULL: text */
	const char *color;
	const char *device;
	const char *comm;
	const char *output;	/* columns of listings */
	const char *btf;
	const char *locks;	/* off, msi, full */
	const char *by;		/* vector, device, cpu */
	const char *save, *diff;	/* files of snapshots */
	const char *cpu;	/* a number, of vectors */
	const char *affinity;	/* CPUs, or "managed", of plan alloc */
	bool kfree, config_space, idle;
	const char *vmlinux;	/* debug information of the kernel */
	const char *debug_dirs[DEBUG_DIRS_MAX];
	size_t nr_debug_dirs;
	const char *rules[RULES_MAX + 1];
	size_t nr_rules;
	const char *sets[SETS_MAX];	/* RULE.NAME=VALUE */
	size_t nr_sets;
	long pid, buffer_kb, cycles;
	double duration;	/* seconds, 0: open */
	double watch;		/* seconds between two lists, 0: one list */
	bool json, events, noheadings, debuginfod, raw, tree;
	int verbose, quiet;
	char **argv;		/* what follows the options: COMMAND or words; NULL-terminated */
	int argc;
};

/* Which options a command takes: bits of option_rows[].cmds.  */
enum cmd_id { CMD_TRACE, CMD_CHECK, CMD_HIST, CMD_SNAPSHOT, CMD_VECTORS, CMD_PLAN, CMD_SOAK, CMD_RULES, CMD_EXPLAIN, CMD_DOCTOR, CMD_VERSION, CMD_HELP, CMD_NR };
#define CMD_BIT(id) (1u << CMD_##id)

struct cmd {
	const char *name;
	const char *args;	/* synopsis after the options */
	const char *summary;	/* one line */
	int (*run)(const struct options *o);
	const char *formats;	/* comma-separated names that it can give, the default first; "": none */
	const struct table_col *(*cols)(size_t *nr);	/* of its listing; NULL: it has none */
	const struct listing_view *views;	/* other listings that it has; ends with one without option */
};

/* A listing that an option asks for.  */
struct listing_view {
	const char *option;	/* "--by device", or the word that asks for it */
	const char *name;	/* key of the array in JSON */
	const struct table_col *(*cols)(size_t *nr);
};

extern const struct cmd cmds[CMD_NR];	/* ORDER: enum cmd_id; src/main.c */

/*
 * Parses argv[1..] of a command.  0; -1 after --help, which was printed; MSITRACE_EXIT_USAGE after a
 * message.
 */
int options_parse(enum cmd_id id, int argc, char **argv, struct options *o);
void options_help(enum cmd_id id);

/*
 * The listing of a command: its columns, or those of --output.  0, or an exit code after a message;
 * opts and *out are the caller's to keep and to give to listing_print().
 */
int listing_new(enum cmd_id id, const struct options *o, struct table_opts *opts, struct table **out);

/* The same with the columns of one of its views.  */
int listing_new_view(enum cmd_id id, const struct listing_view *view, const struct options *o,
		     struct table_opts *opts, struct table **out);

/* Prints and frees it, unless err, which is what filling it gave.  Returns the exit code.  */
int listing_print(struct table *t, int err);

/* Adds it to a JSON document that has several, and frees it.  0, or an exit code after a message.  */
struct json_object;
int listing_join(struct table *t, int err, struct json_object *doc);

/* Columns of the terminal, `otherwise` when standard output is none.  */
unsigned int terminal_width(unsigned int otherwise);

const struct table_col *rules_cols(size_t *nr);
const struct table_col *doctor_cols(size_t *nr);
const struct table_col *snapshot_cols(size_t *nr);
extern const struct listing_view snapshot_views[];
const struct table_col *vectors_cols(size_t *nr);
extern const struct listing_view vectors_views[];
const struct table_col *plan_cols(size_t *nr);
extern const struct listing_view plan_views[];

int cmd_trace(const struct options *o);
int cmd_check(const struct options *o);
int cmd_hist(const struct options *o);
int cmd_snapshot(const struct options *o);
int cmd_vectors(const struct options *o);
int cmd_plan(const struct options *o);
int cmd_soak(const struct options *o);
int cmd_rules(const struct options *o);
int cmd_explain(const struct options *o);
int cmd_doctor(const struct options *o);
int cmd_version(const struct options *o);
int cmd_help(const struct options *o);

#endif
