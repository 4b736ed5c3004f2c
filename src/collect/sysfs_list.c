// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "sysfs_list.h"

void sysfs_list__reset(struct sysfs_list *sl, uint64_t now_ns)
{
	uint32_t *names = sl->names;
	size_t room = sl->room;

	*sl = (struct sysfs_list){ .names = names, .room = room, .since_ns = now_ns };
}

void sysfs_list__free(struct sysfs_list *sl)
{
	free(sl->names);
	*sl = (struct sysfs_list){ 0 };
}

static int add(struct sysfs_list *sl, uint32_t name)
{
	size_t room = sl->room ? 2 * sl->room : 64;
	uint32_t *names;

	if (sl->nr == sl->room) {
		names = realloc(sl->names, room * sizeof(*names));
		if (!names)
			return -ENOMEM;
		sl->names = names;
		sl->room = room;
	}
	sl->names[sl->nr++] = name;
	return 0;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

int sysfs_list__read(struct sysfs_list *sl, int dirfd, const char *path)
{
	int err = 0, fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *de;
	unsigned long n;
	char *end;
	DIR *dir;

	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		err = -errno;
		close(fd);
		return err;
	}
	errno = 0;
	while (!err && (de = readdir(dir))) {
		if (!isdigit((unsigned char)de->d_name[0]))
			continue;
		n = strtoul(de->d_name, &end, 10);
		if (!*end && n <= UINT32_MAX)
			err = add(sl, n);
	}
	err = err ?: -errno;
	closedir(dir);
	if (sl->nr)
		qsort(sl->names, sl->nr, sizeof(*sl->names), by_value);
	return err;
}

static enum sysfs_list_step mark_begins(struct sysfs_list *sl, const struct msi_ev_store_begin *e)
{
	sl->running = true;
	sl->mark_dev = e->h.dev;
	sl->list = e->list;
	sl->stale = e->h.ts_ns < sl->since_ns;
	if (sl->stale)
		return SYSFS_LIST_MARK;
	if (!sl->marks++) {
		sl->dev = e->h.dev;
		sl->md = e->md;
	} else if (sl->dev != e->h.dev || sl->md != e->md || sl->marks > 2) {
		sl->changed = true;
	}
	sl->changed |= e->owner != 0;
	return sl->marks == 2 && !sl->changed ? SYSFS_LIST_ROWS : SYSFS_LIST_MARK;
}

static enum sysfs_list_step mark_goes_on(struct sysfs_list *sl, bool end)
{
	sl->running = !end;
	if (sl->marks != 2 || sl->changed || sl->stale)
		return SYSFS_LIST_MARK;
	return end ? SYSFS_LIST_READY : SYSFS_LIST_ROWS;
}

/* Events that show that the files, or what they stand for, are not what they were.  */
static bool changes(const struct msi_event_hdr *e)
{
	switch (e->type) {
	case MSI_EV_DATA_SETUP:
	case MSI_EV_DATA_RELEASE:
	case MSI_EV_LOCK:
	case MSI_EV_UNLOCK:
	case MSI_EV_INSERT:
	case MSI_EV_DESC_FREE:
	case MSI_EV_ALLOC:
	case MSI_EV_FREE:
	case MSI_EV_ASSOC:
	case MSI_EV_IRQ_FREE:
	case MSI_EV_SYSFS:
	case MSI_EV_BIND:
	case MSI_EV_LOST:
		return true;
	default:
		return false;
	}
}

enum sysfs_list_step sysfs_list__event(struct sysfs_list *sl, const struct msi_event_hdr *e)
{
	const struct msi_ev_store_begin *begin = (const void *)e;
	const struct msi_ev_store_entry *entry = (const void *)e;
	const struct msi_ev_store_end *end = (const void *)e;

	if (e->type == MSI_EV_STORE_BEGIN && begin->why == MSI_EV_SYSFS_LIST)
		return mark_begins(sl, begin);
	if (sl->running && e->dev == sl->mark_dev) {
		if (e->type == MSI_EV_STORE_ENTRY && entry->list == sl->list)
			return mark_goes_on(sl, false);
		if (e->type == MSI_EV_STORE_END && end->list == sl->list)
			return mark_goes_on(sl, true);
	}
	/* some events do not know their device */
	if (sl->marks && (!e->dev || e->dev == sl->dev) && changes(e))
		sl->changed = true;
	return SYSFS_LIST_OTHER;
}

bool sysfs_list__run(const struct sysfs_list *sl, size_t *pos, uint32_t *first, uint32_t *last)
{
	if (*pos >= sl->nr)
		return false;
	*first = *last = sl->names[(*pos)++];
	while (*pos < sl->nr && sl->names[*pos] == *last + 1)
		*last = sl->names[(*pos)++];
	return true;
}
