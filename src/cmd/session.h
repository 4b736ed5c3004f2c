/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What `trace`, `check` and `hist` share: a run of the collector around a command or until a signal,
 * with its output.
 */
#ifndef MSITRACE_CMD_SESSION_H
#define MSITRACE_CMD_SESSION_H

#include "cmd.h"
#include "collect/collect.h"
#include "msitrace/format.h"
#include "msitrace/validator.h"

struct session {
	const struct options *o;
	struct collect *collect;
	struct msi_validator *validator;	/* NULL: nothing is judged */
	struct format_env env;
	struct format format;
	bool show_events;
	uint32_t storm_limit;		/* collect_opts::storm_limit */
	bool ended;			/* format.ops->end was called */
	int write_err;			/* -errno of the output */
	int feed_err;
	uint64_t events, findings;
	uint32_t base_devices, base_descs;
	int child_status;		/* as waitpid() gives it */
};

/*
 * Everything from opening the collector to the end of COMMAND, or of the time, or a signal; the
 * stream is complete when it returns.  0, or an exit code after a message.
 */
int session__run(struct session *s, const struct options *o, const char *command, unsigned int use,
		 event_mask_t events);

/* --device must be there, unless COMMAND may bring it.  0, or an exit code after a message.  */
int session_check_device(const struct options *o);

/* From then on SIGINT, SIGTERM and SIGHUP are only noted.  */
void session_catch_signals(void);

/* Seconds of a clock that goes on.  */
double session_now(void);

/* The signal that came, 0: none.  */
int session_stopped(void);

/* Starts COMMAND.  0, or -errno of what did not work, exec() included.  */
int session_start_command(char **argv, pid_t *pid);

/* Says why the collector could not be opened.  */
void session_say_cannot(const struct collect_err *err);

/* The last words of the format.  0, or -errno of the output so far.  */
int session__end(struct session *s, const struct trace_summary *sum);

/* Detaches.  Returns the exit code: `code`, or CANNOT_RUN after a message if the output failed.  */
int session__close(struct session *s, int code);

/* Fills what a summary says of a session.  */
void session__summary(const struct session *s, struct trace_summary *sum);

#endif
