// SPDX-License-Identifier: GPL-2.0-only
/* Short names of kernel objects, and the names of devices.  */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "format/names.h"

/* Fields of the same class name the same kind of object.  */
static const struct {
	const char *field, *class;
} classes[] = {
	{ "dev", "dev" },	/* the header's */
	{ "md", "md" },
	{ "desc", "desc" },
	{ "mutex", "lock" },
	{ "lock", "lock" },
	{ "gate1", "lock" },
	{ "gate2", "lock" },
	{ "gate3", "lock" },
	{ "owner", "task" },
	{ "domain", "domain" },
	{ "caller_fn", "fn" },
	{ NULL, "obj" },	/* any other */
};

struct names_key {
	uint64_t ptr, class;
};

struct names_obj {
	struct names_key key;
	uint64_t nr;
	UT_hash_handle hh;
};

struct names_devobj {
	uint64_t dev;
	struct names_dev names;
	UT_hash_handle hh;
};

struct names {
	struct names_obj *objs;			/* least recently used first */
	struct names_devobj *devs;		/* oldest first */
	uint64_t next[ARRAY_SIZE(classes)];	/* last number given */
};

struct names *names__new(void)
{
	return calloc(1, sizeof(struct names));
}

void names__free(struct names *n)
{
	struct names_obj *o, *otmp;
	struct names_devobj *d, *dtmp;

	if (!n)
		return;
	HASH_ITER(hh, n->objs, o, otmp) {
		HASH_DEL(n->objs, o);
		free(o);
	}
	HASH_ITER(hh, n->devs, d, dtmp) {
		HASH_DEL(n->devs, d);
		free(d);
	}
	free(n);
}

static size_t class_of(const char *field)
{
	size_t i = 0;

	while (classes[i].field && strcmp(classes[i].field, field))
		i++;
	return i;
}

static struct names_obj *find_obj(struct names *n, size_t class, uint64_t ptr)
{
	struct names_key key = { .ptr = ptr, .class = class };
	struct names_obj *o;

	HASH_FIND(hh, n->objs, &key, sizeof(key), o);
	return o;
}

/* uthash keeps the order of insertion: what is used goes to the end.  */
static struct names_obj *add_obj(struct names *n, struct names_obj *o)
{
	HASH_ADD(hh, n->objs, key, sizeof(o->key), o);
	if (!o->hh.tbl) {
		free(o);
		return NULL;
	}
	return o;
}

static void forget_obj(struct names *n, struct names_obj *o)
{
	if (!o)
		return;
	HASH_DEL(n->objs, o);
	free(o);
}

static struct names_obj *get_obj(struct names *n, size_t class, uint64_t ptr)
{
	struct names_obj *o = find_obj(n, class, ptr);

	if (o) {
		HASH_DEL(n->objs, o);
		return add_obj(n, o);
	}
	if (HASH_COUNT(n->objs) >= NAMES_MAX)
		forget_obj(n, n->objs);
	o = calloc(1, sizeof(*o));
	if (!o)
		return NULL;
	o->key.ptr = ptr;
	o->key.class = class;
	o->nr = ++n->next[class];
	return add_obj(n, o);
}

char *names__get(struct names *n, const char *field, uint64_t ptr, char buf[NAME_LEN])
{
	size_t class = class_of(field);
	struct names_obj *o = get_obj(n, class, ptr);

	if (o)
		snprintf(buf, NAME_LEN, "%s#%" PRIu64, classes[class].class, o->nr);
	else
		snprintf(buf, NAME_LEN, "%s#?", classes[class].class);
	return buf;
}

const struct names_dev *names__dev(struct names *n, uint64_t dev)
{
	struct names_devobj *d;

	HASH_FIND(hh, n->devs, &dev, sizeof(dev), d);
	return d ? &d->names : NULL;
}

static void learn_dev(struct names *n, const struct msi_ev_dev_info *ev)
{
	struct names_devobj *d;

	HASH_FIND(hh, n->devs, &ev->h.dev, sizeof(ev->h.dev), d);
	if (!d && HASH_COUNT(n->devs) >= NAMES_DEVS_MAX) {
		d = n->devs;
		HASH_DEL(n->devs, d);
		free(d);
		d = NULL;
	}
	if (!d) {
		d = calloc(1, sizeof(*d));
		if (!d)
			return;
		d->dev = ev->h.dev;
		HASH_ADD(hh, n->devs, dev, sizeof(d->dev), d);
		if (!d->hh.tbl) {
			free(d);
			return;
		}
	}
	str_copy(d->names.name, sizeof(d->names.name), ev->name);
	str_copy(d->names.driver, sizeof(d->names.driver), ev->driver);
}

void names__learn(struct names *n, const struct msi_event_hdr *e)
{
	if (e->type == MSI_EV_DEV_INFO) {
		learn_dev(n, (const struct msi_ev_dev_info *)e);
	} else if (e->type == MSI_EV_INSERT) {
		const struct msi_ev_insert *ev = (const void *)e;

		if (!ev->ret)		/* a new one, whatever was at this address before */
			forget_obj(n, find_obj(n, class_of("desc"), ev->desc));
	} else if (e->type == MSI_EV_DATA_SETUP) {
		const struct msi_ev_data_setup *ev = (const void *)e;

		if (!ev->ret)
			forget_obj(n, find_obj(n, class_of("md"), ev->md));
	}
}
