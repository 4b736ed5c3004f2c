/* SPDX-License-Identifier: GPL-2.0-only */
/* What is different between two snapshots.  Rows are text, since one of them comes from a file.  */
#ifndef MSITRACE_LEDGER_DIFF_H
#define MSITRACE_LEDGER_DIFF_H

#include <stddef.h>

/* X(field): what of a vector is compared, or names it; the key in the file.  NULL: null, not known.  */
#define SNAP_FIELDS(X) X(device) X(driver) X(index) X(virq) X(vector) X(cpu) X(state) X(action) X(handler)

#define X(field) SNAP_F_##field,
enum snap_field { SNAP_FIELDS(X) SNAP_FIELD_NR };
#undef X

struct snap_row {
	const char *field[SNAP_FIELD_NR];
};

/* X(ID, word, doc, field): a row each; field is what is old and new.  ORDER: as they are reported.  */
#define SNAP_CHANGES(X) \
X(ADDED,	"added",	"a vector that there was not",			state) \
X(REMOVED,	"removed",	"a vector that there is no more",		state) \
X(VIRQ,		"virq",		"it has another interrupt, or none, or has one now", virq) \
X(DRIVER,	"driver",	"the driver of its device",			driver) \
X(GAINED,	"gained",	"it holds an x86 vector, and held none",	vector) \
X(LOST,		"lost",		"it holds no x86 vector any more",		vector) \
X(MOVED,	"moved",	"it went to another CPU, or another vector",	vector) \
X(STATE,	"state",	"its state",					state) \
X(ACTION,	"action",	"names of its actions",				action) \
X(HANDLER,	"handler",	"the function that handles it",			handler)

#define X(ID, word, doc, field) SNAP_CHANGE_##ID,
enum snap_change { SNAP_CHANGES(X) SNAP_CHANGE_NR };
#undef X

struct snap_change_row {
	const char *word, *doc;
	enum snap_field field;
};

extern const struct snap_change_row snap_changes[SNAP_CHANGE_NR];	/* ORDER: enum snap_change */

/*
 * Calls fn for each change, by device and index; old or now is NULL where there is none.  A vector is the same
 * when device and index are (where the index is not known: the virq).  Both arrays are sorted.  0, or the first that
 * fn did not return 0 for.
 */
int snap_diff(struct snap_row *old, size_t nr_old, struct snap_row *now, size_t nr_now,
	      int (*fn)(void *ctx, enum snap_change change, const struct snap_row *old,
			const struct snap_row *now), void *ctx);

#endif
