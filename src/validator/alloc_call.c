// SPDX-License-Identifier: GPL-2.0-only
/*
 * The outermost call that allocates interrupts of a device, from its ALLOC on.  What one that fails
 * has to undo is undone before its ALLOC_END, or from 6.2 on by its caller right after that: then it
 * is over with the descriptors of its range, or with the next thing that the task asks for.  What is
 * left is what is there when the lock section ends: PCI frees once more before.
 */
#include <errno.h>
#include <stdlib.h>

#include "model.h"

static struct alloc_call *running(const struct model *m, const struct msi_data *md)
{
	struct alloc_call *call = md ? md->call : NULL;

	if (!call || call->state == CALL_NONE || call->epoch != m->call_epoch)
		return NULL;
	return call;
}

static struct alloc_call *running_here(const struct model *m, const struct msi_data *md, uint32_t tid)
{
	struct alloc_call *call = running(m, md);

	return call && call->ev.h.tid == tid ? call : NULL;
}

/* An event that belongs to no call that fails; `section`: nor to the lock section of one.  */
void call_ends(struct model *m, struct msi_data *md, bool section)
{
	struct alloc_call *call = running(m, md);

	if (!call || call->state == CALL_OPEN)
		return;
	m->scene.call = call;
	m->scene.call_failed = call->state != CALL_FAILED;
	call->state = CALL_FAILED;
	m->scene.call_left = section;
}

void call_returned(struct model *m, struct msi_data *md, const struct msi_ev_alloc_end *e)
{
	struct alloc_call *call = running_here(m, md, e->h.tid);

	if (!e->bracket || !call || call->state != CALL_OPEN)
		return;
	call->ret = e->ret;
	call->state = e->ret ? CALL_UNDOING : CALL_NONE;
	if (e->bracket == MSI_BRACKET_WHOLE)
		call_ends(m, md, false);
}

void call_inside(struct model *m, struct msi_data *md, const struct msi_event_hdr *e)
{
	struct alloc_call *call = running_here(m, md, e->tid);

	if (!call || (call->state != CALL_OPEN && call->state != CALL_UNDOING))
		return;
	m->scene.call = call;
	m->scene.call_inside = true;
}

int call_entered(struct model *m, struct msi_data *md, const struct msi_ev_alloc *e)
{
	struct alloc_call *call = md ? md->call : NULL;

	if (!e->bracket || !md)
		return 0;
	if (!call) {
		call = calloc(1, sizeof(*call));
		if (!call)
			return -ENOMEM;
		md->call = call;
	}
	*call = (struct alloc_call){ .state = CALL_OPEN, .epoch = m->call_epoch, .seq = m->seq,
				     .ev = *e };
	return moment_set(m, &call->entered, &e->h, &e->stack);
}

void call_desc_freed(struct model *m, struct msi_data *md, const struct msi_ev_desc_free *e)
{
	struct alloc_call *call = running_here(m, md, e->h.tid);

	if (call && call->state == CALL_UNDOING && e->first == call->ev.first &&
	    e->last == call->ev.last)
		call->state = CALL_UNDONE;
}

void call_left(struct model *m, struct msi_data *md)
{
	struct alloc_call *call = running(m, md);

	if (call && call->state == CALL_FAILED)
		call->state = CALL_NONE;
}
