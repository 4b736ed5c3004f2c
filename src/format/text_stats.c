// SPDX-License-Identifier: GPL-2.0-only
/* Histograms as pictures: one per device and operation.  */
#include <inttypes.h>
#include <string.h>

#include "base/util.h"
#include "format/text.h"
#include "stats/hist.h"

#define BAR_MAX 60
#define BAR_INDENT 40		/* columns before the bar, and its frame */

/* At least one star for what is not 0.  */
static unsigned int stars(uint64_t count, uint64_t most, unsigned int width)
{
	unsigned int n = (unsigned int)((double)count / (double)most * width + 0.5);

	return count && !n ? 1 : n > width ? width : n;
}

static void print_slot(FILE *out, const struct msi_hist *h, unsigned int slot, uint64_t most,
		       unsigned int width)
{
	static const char bar[BAR_MAX + 1] =
		"************************************************************";
	char from[WORDS_LEN], to[WORDS_LEN];
	unsigned int n = stars(h->slots[slot], most, width);

	words_ns(from, sizeof(from), msi_hist_slot_from(slot));
	if (msi_hist_slot_to(slot) == UINT64_MAX)
		str_copy(to, sizeof(to), "");
	else
		words_ns(to, sizeof(to), msi_hist_slot_to(slot));
	fprintf(out, "  %9s .. %-9s %12" PRIu64 " |%.*s%*s|\n", from, to, (uint64_t)h->slots[slot],
		(int)n, bar, (int)(width - n), "");
}

static void print_head(const struct format_env *env, const struct stats_row *row)
{
	text_colour(env, COL_BOLD);
	put_escaped(env->out, row->device[0] ? row->device : "(no device)", sizeof(row->device));
	if (row->driver[0]) {
		fputs(" (", env->out);
		put_escaped(env->out, row->driver, sizeof(row->driver));
		fputc(')', env->out);
	}
	fprintf(env->out, "  %s", msi_op_name(row->op));
	text_uncolour(env, COL_BOLD);
	fprintf(env->out, ": %s\n", msi_op_doc(row->op));
}

static void print_foot(FILE *out, const struct msi_hist *h)
{
	char mean[WORDS_LEN], p50[WORDS_LEN], p99[WORDS_LEN], max[WORDS_LEN];

	words_ns(mean, sizeof(mean), msi_hist_mean(h));
	words_ns(p50, sizeof(p50), msi_hist_quantile(h, 500));
	words_ns(p99, sizeof(p99), msi_hist_quantile(h, 990));
	words_ns(max, sizeof(max), h->max_ns);
	fprintf(out,
		"  %" PRIu64 " measured; mean %s, half within %s, 99%% within %s, longest %s\n\n",
		(uint64_t)h->count, mean, p50, p99, max);
}

static bool print_row(const struct format_env *env, const struct stats_row *row)
{
	unsigned int first, last, width = text_width(env) - BAR_INDENT;
	uint64_t most = 0;

	if (!msi_hist_range(&row->hist, &first, &last))
		return false;
	width = width > BAR_MAX ? BAR_MAX : width;
	for (unsigned int i = first; i <= last; i++)
		if (row->hist.slots[i] > most)
			most = row->hist.slots[i];
	print_head(env, row);
	fprintf(env->out, "  %-22s %12s  distribution\n", "     from .. below", "count");
	for (unsigned int i = first; i <= last; i++)
		print_slot(env->out, &row->hist, i, most, width);
	print_foot(env->out, &row->hist);
	return true;
}

int text_stats(struct format *f, const struct stats *st)
{
	struct text *t = f->priv;
	bool any = false;

	for (size_t i = 0; i < st->nr; i++)
		any |= print_row(f->env, &st->rows[i]);
	t->blank = any && !st->lost && !st->skipped;
	if (!any)
		fputs("nothing was measured\n", f->env->out);
	if (st->lost)
		fprintf(f->env->out, "%" PRIu64 " measurements found no room and are missing\n",
			(uint64_t)st->lost);
	if (st->skipped)
		fprintf(f->env->out, "up to %" PRIu64 " more are missing: %s\n", st->skipped,
			lost_words[MSI_LOST_MISS].how);
	return file_flush(f->env->out);
}
