// SPDX-License-Identifier: GPL-2.0-only
/* The formats: one row each.  */
#include <string.h>

#include "msitrace/format.h"

extern const struct format_ops format_text, format_json, format_ktap, format_prometheus;

const struct format_ops *const formats[] = {
	&format_text,
	&format_json,
	&format_ktap,
	&format_prometheus,
	NULL
};

const struct format_ops *format_find(const char *name)
{
	for (size_t i = 0; formats[i]; i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	return NULL;
}
