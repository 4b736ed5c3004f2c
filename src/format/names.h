/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Short names of kernel objects: desc#3 instead of 0xffff..., the same as long as the object lives.
 * And the names of devices, learned from the stream.  Both are bounded: the object that was not
 * asked for longest goes first, and gets a new number should it come back; of devices the oldest
 * goes.
 */
#ifndef MSITRACE_FORMAT_NAMES_H
#define MSITRACE_FORMAT_NAMES_H

#include "msitrace/event_desc.h"

#define NAMES_MAX	8192
#define NAMES_DEVS_MAX	1024
#define NAME_LEN	24

struct names;

struct names_dev {
	char name[MSI_NAME_LEN], driver[MSI_NAME_LEN];
};

struct names *names__new(void);		/* NULL: no memory */
void names__free(struct names *n);

/* Takes in what an event says about names: devices, objects that begin at a reused address.  */
void names__learn(struct names *n, const struct msi_event_hdr *e);

/* "desc#3"; `field` is a FIELD_PTR of event.h.  Written to buf, which is returned.  */
char *names__get(struct names *n, const char *field, uint64_t ptr, char buf[NAME_LEN]);

/* NULL: nothing is known of it.  Valid until the next names__learn().  */
const struct names_dev *names__dev(struct names *n, uint64_t dev);

#endif
