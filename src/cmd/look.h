/* SPDX-License-Identifier: GPL-2.0-only */
/* What the commands that list interrupts share: a look at all of them, without watching anything.  */
#ifndef MSITRACE_CMD_LOOK_H
#define MSITRACE_CMD_LOOK_H

#include "cmd.h"
#include "collect/collect.h"
#include "ledger/snapshot.h"

/* Zeroed at the start.  */
struct look {
	const struct options *o;
	struct collect *collect;
	struct snapshot *snap;
	/* Of who watches as well, set before it is opened: what is to be attached, and who gets what is no part of a look.  */
	unsigned int use;		/* USE_* */
	event_mask_t events;
	int (*live)(void *ctx, const struct msi_event_hdr *e);	/* NULL: nobody */
	void *ctx;
	bool looking;
};

/* Loads what looks.  0, or an exit code after a message.  */
int look__open(struct look *l, const struct options *o);

/* Looks, as often as it takes: l->snap.  0, or an exit code after a message.  */
int look__take(struct look *l);

/* Another look; the one before is then in *before, in place of what was there.  */
int look__again(struct look *l, struct snapshot **before);

/* Nothing was lost, and it is of one moment.  */
bool look__is_right(const struct look *l);

/* Says where the kernel's counters and the interrupts disagree.  */
void look__say_odd(const struct look *l);

/* The exit code of a list that was printed; after a message, if it is not right.  */
int look__verdict(const struct look *l);
void look__close(struct look *l);

/* Cells of what was seen; NULL: not known, or none.  Numbers are printed into buf.  */
const char *cell_text(const char *s);
const char *cell_number(char *buf, size_t size, uint64_t n);
const char *cell_number32(char *buf, size_t size, uint32_t n);	/* SNAP_UNKNOWN: not known */

#endif
