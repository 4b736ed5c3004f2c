// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/util.h"
#include "session.h"

static volatile sig_atomic_t stop_signal;

static void on_signal(int sig)
{
	stop_signal = sig;
}

void session_catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	signal(SIGCHLD, SIG_DFL);	/* whoever ignores it leaves no child to wait for */
}

int session_stopped(void)
{
	return stop_signal;
}

double session_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* --- output ------------------------------------------------------------------------------- */

static void setup_env(struct session *s)
{
	const char *when = s->o->color ?: "auto", *no_color = getenv("NO_COLOR");
	bool tty = isatty(STDOUT_FILENO);

	s->env.out = stdout;
	s->env.verbose = s->o->verbose;
	s->env.colour = !strcmp(when, "always") ||
			(!strcmp(when, "auto") && tty && !(no_color && no_color[0]));
	s->env.width = terminal_width(80);
	s->env.symbol = collect__symbol;
	s->env.source = collect__source;
	s->env.symbol_ctx = s->collect;
}

static int format_begin(struct session *s, const char *command, const char *release)
{
	struct trace_info ti = {
		.tool_version = MSITRACE_VERSION,
		.command = command,
		.release = release,
		.argv = s->o->argc ? (const char *const *)s->o->argv : NULL,
	};

	s->format.ops = format_find(s->o->format);
	s->format.env = &s->env;
	return s->format.ops->begin ? s->format.ops->begin(&s->format, &ti) : 0;
}

static int on_event(void *ctx, const struct msi_event_hdr *e)
{
	struct session *s = ctx;
	const struct format_ops *ops = s->format.ops;

	s->events++;
	if (e->type == MSI_EV_BASELINE) {
		s->base_devices = ((const struct msi_ev_baseline *)e)->devices;
		s->base_descs = ((const struct msi_ev_baseline *)e)->descs;
	}
	if (s->show_events && ops && ops->event && !s->write_err)
		s->write_err = ops->event(&s->format, e);
	if (s->validator && !s->feed_err)
		s->feed_err = msi_validator__feed(s->validator, e);
	return s->write_err;
}

/* --- COMMAND ------------------------------------------------------------------------------ */

/* What exec says comes back through a pipe that a successful exec closes.  */
int session_start_command(char **argv, pid_t *pid)
{
	int fds[2], err = 0;
	ssize_t n;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	*pid = fork();
	if (*pid < 0) {
		err = -errno;
		close(fds[0]);
		close(fds[1]);
		return err;
	}
	if (!*pid) {
		signal(SIGPIPE, SIG_DFL);
		close(fds[0]);
		execvp(argv[0], argv);
		err = -errno;
		n = write(fds[1], &err, sizeof(err));
		_exit(n == sizeof(err) ? 127 : 126);
	}
	close(fds[1]);
	n = read(fds[0], &err, sizeof(err));
	close(fds[0]);
	if (n != sizeof(err))
		return 0;
	waitpid(*pid, NULL, 0);
	return err;
}

#define SETTLE_QUIET 0.1	/* seconds without an event */
#define SETTLE_MAX 3.0

/*
 * Drivers finish their work in the background: after COMMAND, events are taken until there are none
 * for a while, so that the run does not end in the middle of an allocation.
 */
static int settle(struct session *s)
{
	double end = session_now() + SETTLE_MAX, last = session_now();
	int n;

	while (session_now() < end && session_now() - last < SETTLE_QUIET && !stop_signal) {
		n = collect__poll(s->collect, 50);
		if (n < 0 && n != -EINTR)
			return n;
		if (n > 0)
			last = session_now();
	}
	return 0;
}

/* Waits for the end of COMMAND, the time, or a signal, delivering events all the while.  */
static int pump(struct session *s, pid_t pid)
{
	double end = s->o->duration ? session_now() + s->o->duration : 0;
	bool told = false;
	int n;

	for (;;) {
		n = collect__poll(s->collect, 50);
		if (n < 0 && n != -EINTR)
			return n;
		if (!s->write_err)
			s->write_err = file_flush(s->env.out);
		if (s->write_err)
			return s->write_err;
		if (pid && waitpid(pid, &s->child_status, WNOHANG) == pid)
			return settle(s);
		if (!stop_signal && (!end || session_now() < end))
			continue;
		if (!pid)
			return 0;
		if (!told)	/* COMMAND ends first, so that what it leaves behind is seen */
			kill(pid, stop_signal ?: SIGTERM);
		told = true;
	}
}

/* --- source lines -------------------------------------------------------------------------- */

static void on_debuginfo(void *ctx, bool warning, const char *text)
{
	(void)ctx;
	if (warning)
		pr_warn("%s\n", text);
	else
		pr_info("%s\n", text);
}

static bool is_stopped(void *ctx)
{
	(void)ctx;
	return stop_signal;
}

/* A trace is long and fast: its stacks have lines only where the user asks for them.  */
static bool setup_debuginfo(struct session *s, const struct options *o, const char *release,
			    struct debuginfo_opts *d)
{
	bool asked = o->vmlinux || o->nr_debug_dirs || o->debuginfod;

	*d = (struct debuginfo_opts){
		.vmlinux = o->vmlinux,
		.dirs = o->debug_dirs,
		.nr_dirs = o->nr_debug_dirs,
		.fetch = o->debuginfod,
		.release = release,
		.say = on_debuginfo,
		.stopped = is_stopped,
	};
	s->env.event_lines = asked;
	return asked || s->validator;
}

/* --- the run ------------------------------------------------------------------------------ */

void session_say_cannot(const struct collect_err *err)
{
	pr_err("%s%s%s\n", err->what, err->hint[0] ? "; " : "", err->hint);
}

/* /sys/bus/BUS/{devices,drivers}/NAME */
static bool on_some_bus(const char *sub, const char *name)
{
	static const char *const buses[] = { "pci", "platform", "vmbus", "fsl-mc", "virtio" };
	char path[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(buses); i++) {
		snprintf(path, sizeof(path), "/sys/bus/%s/%s/%s", buses[i], sub, name);
		if (!access(path, F_OK))
			return true;
	}
	return false;
}

/* A device that is not there now may come with COMMAND; without one, it is a slip.  */
int session_check_device(const struct options *o)
{
	if (!o->device || on_some_bus("devices", o->device) ||
	    on_some_bus("drivers", o->device))
		return 0;
	if (!o->argc) {
		pr_err("device %s: neither a device nor a driver of this name; see /sys/bus/pci/devices and /sys/bus/pci/drivers\n",
		       o->device);
		return MSITRACE_EXIT_CANNOT_RUN;
	}
	pr_warn("device %s: not there yet; watching for it\n", o->device);
	return 0;
}

static size_t ring_size(const struct options *o)
{
	size_t bytes = 4096;

	if (!o->buffer_kb)
		return 0;
	while (bytes < (size_t)o->buffer_kb * 1024)
		bytes *= 2;
	return bytes;
}

static unsigned int locks_of(const struct options *o)
{
	if (!o->locks || !strcmp(o->locks, "msi"))
		return MSI_LOCKS_MSI;
	return strcmp(o->locks, "full") ? MSI_LOCKS_OFF : MSI_LOCKS_FULL;
}

int session__run(struct session *s, const struct options *o, const char *command, unsigned int use,
		 event_mask_t events)
{
	struct collect_opts co = {
		.sz = sizeof(co),
		.use = use | USE_BASE,
		.events = events | EV(DEV_INFO) | EV(DATA_SETUP) | EV(DATA_RELEASE) | EV(STORE_BEGIN) |
			  EV(STORE_ENTRY) | EV(STORE_END) | EV(SNAP_IRQ) | EV(MODULE),
		.device = o->device,
		.pid = o->pid,
		.comm = o->comm,
		.log = o->verbose > 1 ? stderr : NULL,
		.storm_limit = s->storm_limit,
		.buffer_size = ring_size(o),
		.event = on_event,
		.ctx = s,
	};
	struct debuginfo_opts debuginfo;
	struct collect_err cerr;
	struct utsname u;
	pid_t pid = 0;
	int err;

	co.locks = locks_of(o);
	if (co.locks == MSI_LOCKS_OFF)
		co.events &= ~EV(EDGE);
	co.config_space = o->config_space;
	if (!o->kfree)
		co.events &= ~EV(DESC_DEAD);
	s->o = o;
	err = session_check_device(o);
	if (err)
		return err;
	session_catch_signals();
	setup_env(s);
	uname(&u);
	err = format_begin(s, command, u.release);
	if (err) {
		s->write_err = err;
		return session__close(s, MSITRACE_EXIT_CANNOT_RUN);
	}
	if (setup_debuginfo(s, o, u.release, &debuginfo))
		co.debuginfo = &debuginfo;
	err = collect__open(&co, &s->collect, &cerr);
	if (err && !s->write_err)
		session_say_cannot(&cerr);
	if (err)
		return session__close(s, MSITRACE_EXIT_CANNOT_RUN);
	s->env.symbol_ctx = s->collect;
	pr_info("armed %.2f s after start, %u hooks\n", collect__armed_ns(s->collect) / 1e9,
		collect__live(s->collect));
	if (collect__symbols_error(s->collect))
		pr_warn("no symbols (%s), stacks are addresses; try sysctl kernel.kptr_restrict=1\n",
			errstr(collect__symbols_error(s->collect)));
	err = collect__baseline(s->collect);
	if (!err && o->argc) {
		err = s->write_err = file_flush(stdout);	/* nothing for the child to write again */
		if (err)
			return session__close(s, MSITRACE_EXIT_CANNOT_RUN);
		err = session_start_command(o->argv, &pid);
		if (err) {
			pr_err("cannot run %s: %s\n", o->argv[0], errstr(err));
			return session__close(s, MSITRACE_EXIT_CANNOT_RUN);
		}
	}
	err = err ?: pump(s, pid);
	err = err ?: collect__stop(s->collect);
	if (err && !s->write_err) {
		pr_err("reading events: %s\n", errstr(err));
		return session__close(s, MSITRACE_EXIT_CANNOT_RUN);
	}
	if (s->write_err)
		return session__close(s, MSITRACE_EXIT_CANNOT_RUN);
	if (s->feed_err) {
		pr_err("out of memory; what follows is not a verdict\n");
		return session__close(s, MSITRACE_EXIT_CANNOT_RUN);
	}
	return 0;
}

int session__end(struct session *s, const struct trace_summary *sum)
{
	int err = s->format.ops->end(&s->format, sum);

	s->ended = true;
	if (!s->write_err)
		s->write_err = err;
	return s->write_err;
}

int session__close(struct session *s, int code)
{
	struct trace_summary none = {};

	if (s->format.ops && !s->ended) {	/* given up: its memory, not its words */
		s->env.out = fopen("/dev/null", "we");
		if (s->env.out) {
			s->format.ops->end(&s->format, &none);
			fclose(s->env.out);
		}
	}
	if (!s->write_err)
		s->write_err = file_flush(stdout);
	if (s->write_err) {
		pr_err("cannot write the output: %s\n", errstr(s->write_err));
		code = MSITRACE_EXIT_CANNOT_RUN;
	}
	collect__close(s->collect);
	s->collect = NULL;
	return code;
}

void session__summary(const struct session *s, struct trace_summary *sum)
{
	int i;

	memset(sum, 0, sizeof(*sum));
	sum->events = s->events;
	for (i = 1; i < MSI_LOST_MAX; i++) {
		sum->lost_by[i] = collect__lost(s->collect)[i];
		sum->lost += sum->lost_by[i];
	}
	sum->findings = s->findings;
	sum->devices = s->base_devices;
	sum->descs = s->base_descs;
	sum->has_command = s->o->argc > 0;
	sum->command_status = s->child_status;
}
