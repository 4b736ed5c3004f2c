// SPDX-License-Identifier: GPL-2.0-only
/* `trace`: every event, live.  */
#include "session.h"

int cmd_trace(const struct options *o)
{
	struct session s = { .show_events = true };
	struct trace_summary sum;
	int ret;

	ret = session__run(&s, o, "trace", USE_JUDGE | USE_SHOW, ~0ull);
	if (ret)
		return ret;
	session__summary(&s, &sum);
	session__end(&s, &sum);
	return session__close(&s, o->argc && s.child_status ? MSITRACE_EXIT_COMMAND :
			      sum.lost ? MSITRACE_EXIT_INCONCLUSIVE : MSITRACE_EXIT_CLEAN);
}
