/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Output formats.  One file per format in src/format/, ending in `const struct format_ops
 * format_NAME`.  A format has no policy: it shows what it is given, escaped.
 */
#ifndef MSITRACE_FORMAT_H
#define MSITRACE_FORMAT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "msitrace/event_desc.h"
#include "msitrace/validator.h"

struct stats;			/* msitrace/stats.h */

#define SYMBOL_INLINED_MAX 8	/* the innermost ones are kept */

/* A function that the compiler put into the one that called it, and where in it the frame is.  */
struct inlined {
	const char *name;
	const char *file;	/* NULL: not known */
	unsigned int line;
};

struct symbol {
	const char *name;	/* "pci_msi_mask_irq"; valid until the symbol table is reloaded */
	const char *module;	/* "" for the kernel itself */
	uint64_t offset;	/* from the start of the function */
	/* From debug information, by format_env::source.  */
	const char *file;	/* "drivers/pci/msi/msi.c"; NULL: not known */
	unsigned int line;
	unsigned int nr_inlined;
	struct inlined inlined[SYMBOL_INLINED_MAX];	/* innermost first */
};

/* What a format may use; owned by the caller, outlives the format.  */
struct format_env {
	FILE *out;
	bool colour;
	bool verbose;		/* raw kernel pointers, every frame */
	bool brief;		/* text: of a finding what, who, and the function to blame */
	unsigned int width;	/* columns of the terminal */
	/* Looks an address up.  0, or -ENOENT.  NULL: no symbols.  */
	int (*symbol)(void *ctx, uint64_t ip, struct symbol *out);
	/* Adds source lines to a symbol that was found.  0, or -ENOENT.  NULL: no debug information.  */
	int (*source)(void *ctx, uint64_t ip, struct symbol *sym);
	void *symbol_ctx;	/* of both */
	bool event_lines;	/* also for the stacks of events, which are many */
};

struct trace_info {
	const char *tool_version;
	const char *command;		/* subcommand: "check", "trace" */
	const char *release;		/* kernel release, "" when not known */
	const char *const *argv;	/* COMMAND, NULL-terminated; NULL: none */
};

struct trace_summary {
	enum verdict verdict;
	bool judged;			/* false: a trace without rules, no verdict */
	const struct rule_result *results;
	size_t nr_results;
	uint64_t events, lost, findings;
	uint64_t lost_by[MSI_LOST_MAX];
	uint64_t devices, descs;	/* in the baseline */
	bool has_command;
	int command_status;		/* as waitpid() gives it */
};

struct format {
	const struct format_ops *ops;
	const struct format_env *env;
	void *priv;			/* of the format: made by begin, freed by end */
};

struct format_ops {
	const char *name, *summary;
	/* All: 0, or -errno of the write (-EPIPE when the reader is gone).  */
	int (*begin)(struct format *f, const struct trace_info *ti);
	int (*event)(struct format *f, const struct msi_event_hdr *e);	/* NULL: does not show events */
	int (*finding)(struct format *f, const struct finding *fd);	/* NULL: none */
	int (*stats)(struct format *f, const struct stats *st);		/* NULL: none */
	int (*end)(struct format *f, const struct trace_summary *sum);
};

/* All formats, NULL-terminated.  */
extern const struct format_ops *const formats[];
const struct format_ops *format_find(const char *name);	/* NULL: no such format */

#endif
