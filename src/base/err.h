/* SPDX-License-Identifier: GPL-2.0-only */
/* Talk to the user, on stderr; stdout is data.  Only src/cmd and src/main.c call these.  */
#ifndef MSITRACE_BASE_ERR_H
#define MSITRACE_BASE_ERR_H

enum log_level { LOG_LEVEL_ERR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* What is said at all: everything up to this level.  -q lowers it, -v raises it.  */
extern enum log_level log_level;

__attribute__((format(printf, 2, 3)))
void log_print(enum log_level level, const char *fmt, ...);

/* The newline is the caller's, as in the kernel.  */
#define pr_err(...)	log_print(LOG_LEVEL_ERR, __VA_ARGS__)
#define pr_warn(...)	log_print(LOG_LEVEL_WARN, __VA_ARGS__)
#define pr_info(...)	log_print(LOG_LEVEL_INFO, __VA_ARGS__)
#define pr_debug(...)	log_print(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* Text of a negative errno (its sign does not matter): "No space left on device".  */
const char *errstr(int err);

/* Its name, "ENOSPC", the kernel's own ("EPROBE_DEFER") included; NULL: no such errno.  */
const char *errname(int err);

#endif
