// SPDX-License-Identifier: GPL-2.0-only
/* `hist`: durations, added up in the kernel, per device and operation.  */
#include <stdlib.h>

#include "base/err.h"
#include "session.h"
#include "stats/hist.h"

int cmd_hist(const struct options *o)
{
	struct session s = {};
	struct trace_summary sum;
	struct stats st = {};
	int ret, err;

	ret = session__run(&s, o, "hist", USE_HIST, 0);
	if (ret)
		return ret;
	err = collect__stats(s.collect, &st);
	if (err) {
		pr_err("reading the histograms: %s\n", errstr(err));
		return session__close(&s, MSITRACE_EXIT_CANNOT_RUN);
	}
	stats_sort(&st);
	session__summary(&s, &sum);
	if (!s.write_err)
		s.write_err = s.format.ops->stats(&s.format, &st);
	session__end(&s, &sum);
	free(st.rows);
	return session__close(&s, o->argc && s.child_status ? MSITRACE_EXIT_COMMAND :
			      st.lost ? MSITRACE_EXIT_INCONCLUSIVE : MSITRACE_EXIT_CLEAN);
}
