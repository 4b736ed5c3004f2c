/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of the text format; nobody else includes it.  */
#ifndef MSITRACE_FORMAT_TEXT_H
#define MSITRACE_FORMAT_TEXT_H

#include "format/names.h"
#include "format/words.h"

struct text {
	struct names *names;
	uint64_t start_ns;	/* of the first event, 0: none yet */
	bool blank;		/* the last line is blank */
};

enum text_colour {
	COL_NONE,
	COL_DIM,
	COL_BOLD,
	COL_FINDING,
	COL_KNOWN,
	COL_GOOD,
	COL_STORE,
	COL_IRQ,
	COL_STATE,
	COL_HANDLER,
	COL_MAX
};

/* Turn a colour on and off again; nothing without env->colour.  */
void text_colour(const struct format_env *env, enum text_colour col);
void text_uncolour(const struct format_env *env, enum text_colour col);

/* Columns to fill: a terminal's, but never more than a mail takes well.  */
unsigned int text_width(const struct format_env *env);

/*
 * "  label text text", the text folded at the width and hung at column `hang`.  White space in the
 * text is where it may be folded; everything else is escaped.  Ends the line.
 */
void text_wrap(const struct format_env *env, unsigned int indent, const char *label,
	       unsigned int hang, const char *text);

/* "modprobe[123]" of an untrusted comm; 0 when there is no task.  */
#define TASK_LEN (STR_ESCAPED(MSI_COMM_LEN) + 16)
char *text_task(char *buf, size_t size, const char *comm, uint32_t tid);

int text_event(struct format *f, const struct msi_event_hdr *e);
int text_finding(struct format *f, const struct finding *fd);
int text_stats(struct format *f, const struct stats *st);
int text_end(struct format *f, const struct trace_summary *sum);

#endif
