// SPDX-License-Identifier: GPL-2.0-only
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>

#include "base/util.h"
#include "debuginfod.h"

/* Of elfutils/debuginfod.h, whose package need not be installed to build this.  */
typedef void session;

struct debuginfod {
	void *library;
	session *s;
	void (*end)(session *s);
	int (*find_debuginfo)(session *s, const unsigned char *id, int len, char **path);
	void (*set_progressfn)(session *s, int (*fn)(session *s, long a, long b));
	bool (*stopped)(void *ctx);
	void *ctx;
};

/* The only word that libdebuginfod has with its caller while it waits: not 0 gives up.  */
static _Thread_local struct debuginfod *fetching;

static int on_progress(session *s, long a, long b)
{
	(void)s;
	(void)a;
	(void)b;
	return fetching && fetching->stopped && fetching->stopped(fetching->ctx);
}

static int load(struct debuginfod *d)
{
	session *(*begin)(void);

	d->library = dlopen("libdebuginfod.so.1", RTLD_LAZY | RTLD_LOCAL);
	if (!d->library)
		return -ENOSYS;
	*(void **)&begin = dlsym(d->library, "debuginfod_begin");
	*(void **)&d->end = dlsym(d->library, "debuginfod_end");
	*(void **)&d->find_debuginfo = dlsym(d->library, "debuginfod_find_debuginfo");
	*(void **)&d->set_progressfn = dlsym(d->library, "debuginfod_set_progressfn");
	if (!begin || !d->end || !d->find_debuginfo || !d->set_progressfn)
		return -ENOSYS;
	d->s = begin();
	if (!d->s)
		return -ENOMEM;
	d->set_progressfn(d->s, on_progress);
	return 0;
}

static int open_client(struct debuginfod **out)
{
	struct debuginfod *d = calloc(1, sizeof(*d));
	int err = d ? load(d) : -ENOMEM;

	if (err) {
		debuginfod_close(d);
		return err;
	}
	*out = d;
	return 0;
}

int debuginfod_fetch(struct debuginfod **client, const struct build_id *id,
		     bool (*stopped)(void *ctx), void *ctx)
{
	struct debuginfod *d;
	char *path = NULL;
	int fd, err = *client ? 0 : open_client(client);

	if (err)
		return err;
	d = *client;
	d->stopped = stopped;
	d->ctx = ctx;
	fetching = d;
	fd = d->find_debuginfo(d->s, id->bytes, (int)id->len, &path);
	fetching = NULL;
	free(path);
	if (fd < 0 && stopped && stopped(ctx))
		return -EINTR;
	return fd;
}

void debuginfod_close(struct debuginfod *d)
{
	if (!d)
		return;
	if (d->s)
		d->end(d->s);
	if (d->library)
		dlclose(d->library);
	free(d);
}
