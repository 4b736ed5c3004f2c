// SPDX-License-Identifier: GPL-2.0-only
/* The end of a run in text: a table of verdicts and one line that says it all.  */
#include <inttypes.h>
#include <string.h>

#include "base/util.h"
#include "format/text.h"

static enum text_colour verdict_colour(enum verdict v)
{
	switch (v) {
	case VERDICT_PASS:
		return COL_GOOD;
	case VERDICT_FAIL:
		return COL_FINDING;
	case VERDICT_INCONCLUSIVE:
		return COL_KNOWN;
	case VERDICT_NA:
		break;
	}
	return COL_DIM;
}

static void print_result(const struct format_env *env, const struct rule_result *r, int width)
{
	enum text_colour col = verdict_colour(r->verdict);
	char head[128], known[64];

	text_colour(env, col);
	if (r->judged || r->findings || !r->reason[0])
		snprintf(head, sizeof(head), "  %-*s %-12s %7" PRIu64 " %8" PRIu64, width,
			 r->rule->id, verdict_name(r->verdict), r->judged, r->findings);
	else
		snprintf(head, sizeof(head), "  %-*s %-12s", width, r->rule->id,
			 verdict_name(r->verdict));
	snprintf(known, sizeof(known), "%" PRIu64 " of them known", r->known);
	text_wrap(env, 0, head, (unsigned int)strlen(head) + 2,
		  r->reason[0] ? r->reason : r->known ? known : "");
	text_uncolour(env, col);
}

/* Those that could not be asked are many: only their names, after the others, by reason.  */
static bool is_folded(const struct format_env *env, const struct rule_result *r)
{
	return r->verdict == VERDICT_NA && r->reason[0] && !r->selected && !env->verbose;
}

static bool print_rows(const struct format_env *env, const struct trace_summary *sum)
{
	int width = 0;

	for (size_t i = 0; i < sum->nr_results; i++)
		if (!is_folded(env, &sum->results[i]) && width < (int)strlen(sum->results[i].rule->id))
			width = (int)strlen(sum->results[i].rule->id);
	if (!width)
		return false;
	text_colour(env, COL_BOLD);
	fprintf(env->out, "  %-*s %-12s %7s %8s\n", width, "rule", "verdict", "judged", "findings");
	text_uncolour(env, COL_BOLD);
	for (size_t i = 0; i < sum->nr_results; i++)
		if (!is_folded(env, &sum->results[i]))
			print_result(env, &sum->results[i], width);
	return true;
}

/* Those with the reason of the first, which is the first that has it, or there is nothing to do.  */
static void print_folded(const struct format_env *env, const struct trace_summary *sum, size_t first)
{
	const char *reason = sum->results[first].reason;
	char names[8192] = "";
	size_t len = 0;

	for (size_t i = 0; i < sum->nr_results && len < sizeof(names); i++) {
		const struct rule_result *r = &sum->results[i];

		if (!is_folded(env, r) || strcmp(r->reason, reason))
			continue;
		if (i < first)
			return;
		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s", len ? ", " : "",
					r->rule->id);
	}
	text_wrap(env, 2, "n/a,", 4, reason);
	text_wrap(env, 4, "", 4, names);
}

static void print_results(const struct format_env *env, const struct trace_summary *sum)
{
	bool rows = print_rows(env, sum);

	text_colour(env, COL_DIM);
	for (size_t i = 0; i < sum->nr_results; i++) {
		if (!is_folded(env, &sum->results[i]))
			continue;
		if (rows)
			fputc('\n', env->out);
		rows = false;
		print_folded(env, sum, i);
	}
	text_uncolour(env, COL_DIM);
}

static size_t count_verdict(const struct trace_summary *sum, enum verdict v)
{
	size_t nr = 0;

	for (size_t i = 0; i < sum->nr_results; i++)
		nr += sum->results[i].verdict == v;
	return nr;
}

static const struct rule_result *first_of(const struct trace_summary *sum, enum verdict v,
					  bool selected)
{
	for (size_t i = 0; i < sum->nr_results; i++)
		if (sum->results[i].verdict == v && (sum->results[i].selected || !selected))
			return &sum->results[i];
	return NULL;
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void say_fail(char *buf, size_t size, const struct trace_summary *sum)
{
	size_t failed = count_verdict(sum, VERDICT_FAIL);
	uint64_t known = 0, all = 0;
	char of_known[64] = "";

	for (size_t i = 0; i < sum->nr_results; i++) {
		known += sum->results[i].known;
		all += sum->results[i].findings;
	}
	if (all < sum->findings)	/* results are of this run, but may not be there */
		all = sum->findings;
	if (known)
		snprintf(of_known, sizeof(of_known), " (%" PRIu64 " of a known kernel bug)", known);
	snprintf(buf, size, "FAIL: %" PRIu64 " finding%s%s, %zu of %zu rules failed", all,
		 plural(all), of_known, failed, sum->nr_results);
}

static void say_inconclusive(char *buf, size_t size, const struct trace_summary *sum)
{
	const struct rule_result *r = first_of(sum, VERDICT_INCONCLUSIVE, false);
	size_t more = count_verdict(sum, VERDICT_INCONCLUSIVE);
	int len;

	if (!r)
		r = first_of(sum, VERDICT_NA, true);
	if (!r) {
		str_copy(buf, size, "inconclusive: because no rule had anything to judge");
		return;
	}
	len = snprintf(buf, size, "inconclusive: because %s is %s%s%s", r->rule->id,
		       verdict_name(r->verdict), r->reason[0] ? ": " : "", r->reason);
	if (more > 1 && len > 0 && (size_t)len < size)
		snprintf(buf + len, size - (size_t)len, " (and %zu more)", more - 1);
}

static void say_pass(char *buf, size_t size, const struct trace_summary *sum)
{
	size_t passed = count_verdict(sum, VERDICT_PASS), na = count_verdict(sum, VERDICT_NA);

	snprintf(buf, size, "clean: %zu rule%s passed, %zu n/a", passed, plural(passed), na);
}

/* Else there were only histograms.  */
static bool has_counts(const struct trace_summary *sum)
{
	return sum->judged || sum->events || sum->lost;
}

/* What was there, what is missing, how the command ended: the measure of the verdict.  */
static void print_counts(const struct format_env *env, const struct trace_summary *sum)
{
	char status[WORDS_LEN];
	bool counts = has_counts(sum);
	uint64_t notes = 0;
	int i;

	if (counts)
		fprintf(env->out, "%s  %" PRIu64 " event%s, %" PRIu64 " lost",
			sum->nr_results ? "\n" : "", sum->events, plural(sum->events), sum->lost);
	if (counts && (sum->judged || sum->devices))
		fprintf(env->out,
			"; %" PRIu64 " device%s and %" PRIu64 " descriptor%s existed before",
			sum->devices, plural(sum->devices), sum->descs, plural(sum->descs));
	if (counts)
		fputc('\n', env->out);
	for (i = 0; i < (int)sum->nr_results; i++)
		notes += sum->results[i].notes;
	if (notes)
		fprintf(env->out, "  %" PRIu64 " note%s: legal, and no finding%s\n", notes, plural(notes), plural(notes));
	for (i = 1; i < MSI_LOST_MAX; i++)
		if (sum->lost_by[i])
			fprintf(env->out, "  lost %" PRIu64 ": %s; %s\n", sum->lost_by[i],
				lost_words[i].how, lost_words[i].hint);
	if (sum->has_command)
		fprintf(env->out, "  the command %s\n",
			words_status(status, sizeof(status), sum->command_status));
}

int text_end(struct format *f, const struct trace_summary *sum)
{
	const struct format_env *env = f->env;
	enum text_colour col = verdict_colour(sum->verdict);
	const struct text *t = f->priv;
	char line[512];

	if ((!t || !t->blank) && (has_counts(sum) || sum->nr_results || sum->has_command))
		fputc('\n', env->out);
	print_results(env, sum);
	print_counts(env, sum);
	if (!sum->judged)
		return file_flush(env->out);
	if (sum->verdict == VERDICT_FAIL)
		say_fail(line, sizeof(line), sum);
	else if (sum->verdict == VERDICT_PASS)
		say_pass(line, sizeof(line), sum);
	else
		say_inconclusive(line, sizeof(line), sum);
	text_colour(env, col);
	text_wrap(env, 0, "msitrace:", 10, line);
	text_uncolour(env, col);
	return file_flush(env->out);
}
