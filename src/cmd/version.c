// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "cmd.h"
#include "collect/collect.h"
#include "msitrace/validator.h"

int cmd_version(const struct options *o)
{
	const char *libdw = debuginfo_library();
	size_t nr;

	(void)o;
	msi_rules(&nr);
	printf("msitrace %s\nlibbpf %s\nlibdw %s\n%zu rules, %d event types\n", MSITRACE_VERSION,
	       collect_library_version(), libdw ?: "none: stacks have no source lines", nr,
	       MSI_EV_MAX - 1);
	return MSITRACE_EXIT_CLEAN;
}
