// SPDX-License-Identifier: GPL-2.0-only
/* The one check of an untrusted record.  After it, nothing else about the record's shape is tested.
 */
#include <errno.h>
#include <string.h>

#include "msitrace/event_desc.h"

static bool terminated(const char *s, size_t size)
{
	return memchr(s, '\0', size) != NULL;
}

static bool strings_terminated(const struct event_desc *ed, const char *rec)
{
	for (unsigned int i = 0; i < ed->nr_fields; i++) {
		const struct field_desc *fd = &ed->fields[i];

		if (fd->kind == FIELD_STR && !terminated(rec + fd->offset, fd->size))
			return false;
	}
	return true;
}

static bool lists_fit(const struct event_desc *ed, const char *rec)
{
	const struct field_desc *count = field_desc(ed, "nr");
	uint32_t nr;

	for (unsigned int i = 0; i < ed->nr_fields; i++) {
		const struct field_desc *fd = &ed->fields[i];

		if (fd->kind != FIELD_LIST)
			continue;
		if (!count || count->size != sizeof(nr))
			return false;
		memcpy(&nr, rec + count->offset, sizeof(nr));
		if (nr > fd->size / sizeof(uint32_t))
			return false;
	}
	return true;
}

static bool stack_fits(const struct event_desc *ed, const char *rec)
{
	uint32_t nr;

	if (!ed->stack_offset)
		return true;
	memcpy(&nr, rec + ed->stack_offset + offsetof(struct msi_stack, nr), sizeof(nr));
	return nr <= MSI_STACK_MAX;
}

int event_check(const void *rec, size_t len)
{
	const struct event_desc *ed;
	struct msi_event_hdr h;		/* a record in a file may sit at any address */

	if (len < sizeof(h))
		return -EMSGSIZE;
	memcpy(&h, rec, sizeof(h));
	if (h.size < sizeof(h) || h.size > len || h.size > MSI_EVENT_SIZE_MAX)
		return -EMSGSIZE;
	ed = event_desc(h.type);
	if (!ed)
		return -ENOENT;
	if (h.size < ed->size)
		return -EMSGSIZE;
	if (!terminated(h.comm, sizeof(h.comm)) || !strings_terminated(ed, rec) ||
	    !lists_fit(ed, rec) || !stack_fits(ed, rec))
		return -EBADMSG;
	return 0;
}
