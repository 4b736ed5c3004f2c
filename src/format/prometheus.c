// SPDX-License-Identifier: GPL-2.0-only
/* Prometheus text exposition: histograms of durations, and at the end counters of findings.  */
#include <inttypes.h>
#include <string.h>

#include "base/util.h"
#include "format/words.h"
#include "stats/hist.h"

/*
 * The same buckets in every series, else they cannot be added up.  Below the first (255 ns) nothing
 * is interesting, and the last slot is open: it is only in +Inf.
 */
#define SLOT_FIRST 7
#define SLOT_LAST (MSI_HIST_SLOTS - 2)

/* A label value: backslash, quote and newline are escaped, and it must be UTF-8.  */
static void put_label(FILE *out, const char *name, const char *value, size_t max)
{
	char utf8[3 * MSI_NAME_LEN + 1];

	str_utf8(utf8, sizeof(utf8), value, max < MSI_NAME_LEN ? max : MSI_NAME_LEN);
	fprintf(out, "%s=\"", name);
	for (const char *p = utf8; *p; p++) {
		if (*p == '\\' || *p == '"')
			fputc('\\', out);
		if (*p == '\n')
			fputs("\\n", out);
		else
			fputc(*p, out);
	}
	fputc('"', out);
}

static void put_labels(FILE *out, const struct stats_row *row)
{
	put_label(out, "device", row->device, sizeof(row->device));
	fputc(',', out);
	put_label(out, "driver", row->driver, sizeof(row->driver));
	fprintf(out, ",op=\"%s\"", msi_op_name(row->op));
}

static void put_head(FILE *out, const char *metric, const char *type, const char *help)
{
	fprintf(out, "# HELP msitrace_%s %s\n# TYPE msitrace_%s %s\n", metric, help, metric, type);
}

/*
 * A bucket holds what is <= its bound; the slots are whole nanoseconds below theirs, so the bound
 * is one less.  The count of a series is that of its slots: another CPU may be between the two.
 */
static void put_row(FILE *out, const struct stats_row *row)
{
	const struct msi_hist *h = &row->hist;
	char seconds[WORDS_LEN];
	uint64_t sum = 0;

	for (unsigned int i = 0; i < MSI_HIST_SLOTS; i++) {
		sum += h->slots[i];
		if (i < SLOT_FIRST || i > SLOT_LAST)
			continue;
		fputs("msitrace_duration_seconds_bucket{", out);
		put_labels(out, row);
		fprintf(out, ",le=\"%s\"} %" PRIu64 "\n",
			words_seconds(seconds, sizeof(seconds), msi_hist_slot_to(i) - 1), sum);
	}
	fputs("msitrace_duration_seconds_bucket{", out);
	put_labels(out, row);
	fprintf(out, ",le=\"+Inf\"} %" PRIu64 "\nmsitrace_duration_seconds_sum{", sum);
	put_labels(out, row);
	fprintf(out, "} %s\nmsitrace_duration_seconds_count{",
		words_seconds(seconds, sizeof(seconds), h->sum_ns));
	put_labels(out, row);
	fprintf(out, "} %" PRIu64 "\n", sum);
}

static int prometheus_begin(struct format *f, const struct trace_info *ti)
{
	FILE *out = f->env->out;

	put_head(out, "build_info", "gauge",
		 "Version of msitrace and of the kernel that it watches.");
	fputs("msitrace_build_info{", out);
	put_label(out, "version", ti->tool_version, STR_ALL);
	fputc(',', out);
	put_label(out, "kernel", ti->release ? ti->release : "", STR_ALL);
	fputs("} 1\n", out);
	return file_flush(out);
}

static int prometheus_stats(struct format *f, const struct stats *st)
{
	char seconds[WORDS_LEN];
	FILE *out = f->env->out;

	if (st->nr)
		put_head(out, "duration_seconds", "histogram",
			 "Duration of operations on message signalled interrupts.");
	for (size_t i = 0; i < st->nr; i++)
		put_row(out, &st->rows[i]);
	if (st->nr)
		put_head(out, "duration_max_seconds", "gauge",
			 "Longest duration of an operation so far.");
	for (size_t i = 0; i < st->nr; i++) {
		fputs("msitrace_duration_max_seconds{", out);
		put_labels(out, &st->rows[i]);
		fprintf(out, "} %s\n",
			words_seconds(seconds, sizeof(seconds), st->rows[i].hist.max_ns));
	}
	put_head(out, "measurements_lost_total", "counter",
		 "Durations that found no room and are missing.");
	fprintf(out, "msitrace_measurements_lost_total %" PRIu64 "\n", (uint64_t)st->lost);
	put_head(out, "measurements_skipped_total", "counter",
		 "Programs that the kernel skipped: at most as many durations more are missing.");
	fprintf(out, "msitrace_measurements_skipped_total %" PRIu64 "\n", st->skipped);
	return file_flush(out);
}

static void put_results(FILE *out, const struct trace_summary *sum)
{
	put_head(out, "findings_total", "counter", "Violations found, repeats included.");
	for (size_t i = 0; i < sum->nr_results; i++)
		fprintf(out, "msitrace_findings_total{rule=\"%s\",severity=\"%s\"} %" PRIu64 "\n",
			sum->results[i].rule->id, severity_name(sum->results[i].rule->severity),
			sum->results[i].findings);
	put_head(out, "known_findings_total", "counter",
		 "Those of them that are a known kernel bug.");
	for (size_t i = 0; i < sum->nr_results; i++)
		fprintf(out, "msitrace_known_findings_total{rule=\"%s\"} %" PRIu64 "\n",
			sum->results[i].rule->id, sum->results[i].known);
	put_head(out, "judged_total", "counter", "Cases that a rule has judged.");
	for (size_t i = 0; i < sum->nr_results; i++)
		fprintf(out, "msitrace_judged_total{rule=\"%s\"} %" PRIu64 "\n",
			sum->results[i].rule->id, sum->results[i].judged);
	put_head(out, "rule_verdict", "gauge", "1 for the verdict of a rule.");
	for (size_t i = 0; i < sum->nr_results; i++)
		fprintf(out, "msitrace_rule_verdict{rule=\"%s\",verdict=\"%s\"} 1\n",
			sum->results[i].rule->id, verdict_name(sum->results[i].verdict));
}

static int prometheus_end(struct format *f, const struct trace_summary *sum)
{
	FILE *out = f->env->out;

	if (sum->nr_results)
		put_results(out, sum);
	if (sum->judged) {
		put_head(out, "events_total", "counter", "Events that were judged.");
		fprintf(out, "msitrace_events_total %" PRIu64 "\n", sum->events);
		put_head(out, "events_lost_total", "counter",
			 "Events that are missing from the stream.");
		fprintf(out, "msitrace_events_lost_total %" PRIu64 "\n", sum->lost);
	}
	return file_flush(out);
}

const struct format_ops format_prometheus = {
	.name = "prometheus",
	.summary = "Prometheus text: histograms of durations, counters of findings",
	.begin = prometheus_begin,
	.stats = prometheus_stats,
	.end = prometheus_end,
};
