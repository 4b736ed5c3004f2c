// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands; nothing else.  */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/util.h"
#include "cmd/cmd.h"

#define MMAP_THRESHOLD (128 << 10)	/* bytes; set, it does not grow */

/* ORDER: enum cmd_id */
const struct cmd cmds[CMD_NR] = {
	{ "trace", "[-- COMMAND...]", "Print what happens to every MSI vector, live.", cmd_trace, "text,json", NULL, NULL },
	{ "check", "[-- COMMAND...]", "Judge how the MSI core is used, until COMMAND ends, time is up or Ctrl-C.", cmd_check, "text,json,ktap", NULL, NULL },
	{ "hist", "[-- COMMAND...]", "Measure how long MSI operations take, per device.", cmd_hist, "text,json,prometheus", NULL, NULL },
	{ "snapshot", "", "List who has which vector now, without watching: one row per vector, device or CPU.", cmd_snapshot, "text,json", snapshot_cols, snapshot_views },
	{ "vectors", "", "Say who has the x86 vectors, how full each CPU is, and which vectors nobody uses.", cmd_vectors, "text,json", vectors_cols, vectors_views },
	{ "plan", "offline CPUS | affinity IRQ CPUS | why IRQ | alloc DEVICE N", "Say whether the kernel has x86 vectors for it, and if not, who has them.", cmd_plan, "text,json", plan_cols, plan_views },
	{ "soak", "-- COMMAND...", "Run COMMAND again and again, and say what each cycle left behind.", cmd_soak, "text,json", NULL, NULL },
	{ "rules", "[explain RULE]", "List the rules.", cmd_rules, "text,json", rules_cols, NULL },
	{ "explain", "RULE", "Say what the kernel requires, what is wrong, right and legal, and what a rule cannot see.", cmd_explain, "text,json", rules_cols, NULL },
	{ "doctor", "", "Say what can be watched on this kernel, and what that costs which rule.", cmd_doctor, "text,json", doctor_cols, NULL },
	{ "version", "", "Print the version.", cmd_version, "", NULL, NULL },
	{ "help", "[COMMAND]", "Say what commands there are, or explain one.", cmd_help, "", NULL, NULL },
};

int cmd_help(const struct options *o)
{
	size_t i;

	if (o->argc > 1) {
		pr_err("help: '%s' is too much; see msitrace help\n", o->argv[1]);
		return MSITRACE_EXIT_USAGE;
	}
	for (i = 0; o->argc && i < CMD_NR; i++) {
		if (strcmp(o->argv[0], cmds[i].name))
			continue;
		options_help(i);
		return MSITRACE_EXIT_CLEAN;
	}
	if (o->argc) {
		pr_err("no command '%s'; see msitrace help\n", o->argv[0]);
		return MSITRACE_EXIT_USAGE;
	}
	printf("msitrace watches message-signalled interrupts of a running Linux kernel and says what breaks the rules.\n\n"
	       "Usage: msitrace COMMAND [OPTION]... [-- COMMAND...]\n\nCommands:\n");
	for (i = 0; i < CMD_NR; i++)
		printf("  %-9s %s\n", cmds[i].name, cmds[i].summary);
	printf("\nExit status:\n");
#define X(name, value, doc) printf("  %-9d %s\n", value, doc);
	EXIT_CODES(X)
#undef X
	printf("\nmsitrace COMMAND --help lists the options of a command; msitrace(1) explains.\n");
	return MSITRACE_EXIT_CLEAN;
}

static int run(enum cmd_id id, int argc, char **argv)
{
	struct options o = {};
	int ret = options_parse(id, argc, argv, &o);

	if (ret)
		return ret < 0 ? MSITRACE_EXIT_CLEAN : ret;	/* below 0: --help was printed */
	log_level = o.quiet ? LOG_LEVEL_ERR : o.verbose > 1 ? LOG_LEVEL_DEBUG : o.verbose ? LOG_LEVEL_INFO : LOG_LEVEL_WARN;
	return cmds[id].run(&o);
}

/* What was printed must have arrived.  */
static int flushed(int ret)
{
	int err = file_flush(stdout);

	if (!err || ret == MSITRACE_EXIT_CANNOT_RUN)
		return ret;
	pr_err("cannot write the output: %s\n", errstr(err));
	return MSITRACE_EXIT_CANNOT_RUN;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	enum cmd_id id;

	/* The types of the kernel are large, and go when everything is attached: not into the heap.  */
	mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD);
	signal(SIGPIPE, SIG_IGN);	/* writes say -EPIPE */
	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		name = "help";
	if (!strcmp(name, "--version") || !strcmp(name, "-V"))
		name = "version";
	for (id = 0; id < CMD_NR; id++)
		if (!strcmp(name, cmds[id].name))
			return flushed(run(id, argc - 1, argv + 1));
	if (!name[0])
		pr_err("what shall I do? see msitrace help\n");
	else
		pr_err("no command '%s'; see msitrace help\n", name);
	return MSITRACE_EXIT_USAGE;
}
