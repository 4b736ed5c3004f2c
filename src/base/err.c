// SPDX-License-Identifier: GPL-2.0-only
/* Messages to stderr, and errno as words.  */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/util.h"

enum log_level log_level = LOG_LEVEL_INFO;

/* ORDER enum log_level */
static const char *const prefixes[] = { "msitrace: ", "msitrace: warning: ", "", "debug: " };
_Static_assert(ARRAY_SIZE(prefixes) == LOG_LEVEL_DEBUG + 1, "one prefix per level");

void log_print(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	if (level > log_level)
		return;
	flockfile(stderr);
	fputs(prefixes[level], stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	funlockfile(stderr);
}

/*
 * Never seen by user space, but returned by the functions that are watched: include/linux/errno.h
 * of the kernel.
 */
static const struct {
	int err;
	const char *name, *text;
} kernel_errnos[] = {
	{ 512, "ERESTARTSYS", "System call to be restarted" },
	{ 513, "ERESTARTNOINTR", "System call to be restarted" },
	{ 514, "ERESTARTNOHAND", "System call to be restarted without a handler" },
	{ 515, "ENOIOCTLCMD", "No such ioctl command" },
	{ 516, "ERESTART_RESTARTBLOCK", "System call to be restarted by restart_syscall" },
	{ 517, "EPROBE_DEFER", "Driver asks to be probed later" },
	{ 518, "EOPENSTALE", "Stale file handle at open" },
	{ 519, "ENOPARAM", "Parameter not supported" },
	{ 524, "ENOTSUPP", "Operation is not supported" },
};

static unsigned int magnitude(int err)
{
	return err < 0 ? -(unsigned int)err : (unsigned int)err;
}

const char *errstr(int err)
{
	unsigned int e = magnitude(err);
	const char *text = e > 4095 ? NULL : strerrordesc_np((int)e);

	for (size_t i = 0; !text && i < ARRAY_SIZE(kernel_errnos); i++)
		if (kernel_errnos[i].err == (int)e)
			text = kernel_errnos[i].text;
	return text ? text : "Unknown error";
}

const char *errname(int err)
{
	unsigned int e = magnitude(err);
	const char *name = e == 0 || e > 4095 ? NULL : strerrorname_np((int)e);

	for (size_t i = 0; !name && i < ARRAY_SIZE(kernel_errnos); i++)
		if (kernel_errnos[i].err == (int)e)
			name = kernel_errnos[i].name;
	return name;
}
