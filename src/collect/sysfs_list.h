/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What msi_irqs/ of a device names, at a known place of the event stream.  A directory is read outside
 * of the stream, so it is read between two marks: STORE lists that the kernel side sends when an
 * attribute of the device is read.  If neither mark saw the descriptor mutex held, and nothing happened
 * to the interrupts of the device between them, then the names are those of the second mark.
 */
#ifndef MSITRACE_COLLECT_SYSFS_LIST_H
#define MSITRACE_COLLECT_SYSFS_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "msitrace/event.h"

struct sysfs_list {
	uint32_t *names;	/* ascending */
	size_t nr, room;
	uint64_t dev, md;
	uint64_t mark_dev;	/* of the STORE list that runs */
	uint32_t list;		/* id of the STORE list that runs, of the second mark at the end */
	unsigned int marks;
	uint64_t since_ns;	/* marks from before belong to an earlier look */
	bool running;		/* between begin and end of a mark */
	bool stale;		/* that one is from before */
	bool changed;
};

enum sysfs_list_step {
	SYSFS_LIST_OTHER,	/* an event as any other */
	SYSFS_LIST_MARK,	/* not to be delivered */
	SYSFS_LIST_ROWS,	/* to be delivered: the STORE list that goes with the names */
	SYSFS_LIST_READY,	/* its last one; the names are to follow */
};

/* For another device, or once more, from now (CLOCK_MONOTONIC) on.  */
void sysfs_list__reset(struct sysfs_list *sl, uint64_t now_ns);
void sysfs_list__free(struct sysfs_list *sl);

/* Reads the names in `path`, relative to dirfd.  What is no number is not one.  0 or -errno.  */
int sysfs_list__read(struct sysfs_list *sl, int dirfd, const char *path);

/* What an event is for the list; the names must have been read before the second mark is given.  */
enum sysfs_list_step sysfs_list__event(struct sysfs_list *sl, const struct msi_event_hdr *e);

/* The run that begins at names[*pos]; *pos is moved behind it.  False: there is none.  */
bool sysfs_list__run(const struct sysfs_list *sl, size_t *pos, uint32_t *first, uint32_t *last);

#endif
