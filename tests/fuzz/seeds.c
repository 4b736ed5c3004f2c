// SPDX-License-Identifier: GPL-2.0-only
/*
 * Seeds of fuzz_validator from readable traces: DIR/RULE-TRACE for each.
 *
 *	seeds DIR tests/rules/RULE/NAME.trace...
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "msitrace/event_desc.h"
#include "records.h"
#include "trace_text.h"

#define SEED_MAX 65536

static bool is_attach(const struct msi_event_hdr *e)
{
	return e->type == MSI_EV_ATTACH &&
	       ((const struct msi_ev_attach *)e)->status == MSI_ATTACH_LIVE;
}

/* "attach all" is two bytes.  How many events of the trace they stand for.  */
static size_t attach_all(const struct trace_text *tt)
{
	size_t nr = 0;

	while (nr < tt->nr_events && is_attach(tt->events[nr]))
		nr++;
	return nr < tt->nr_events && tt->events[nr]->type == MSI_EV_ATTACH ? 0 : nr;
}

static size_t encode(const struct trace_text *tt, uint8_t *to, size_t room)
{
	struct stream_writer w = { .ts_ns = 1000000000 };
	size_t i = attach_all(tt), len = 2, n;

	to[0] = to[1] = 0;		/* no allocation fails, all rules */
	if (i) {
		to[len++] = RECORD_ATTACH_ALL;
		to[len++] = 0;
	}
	for (; i < tt->nr_events; i++) {
		n = stream_write(&w, tt->events[i], to + len, room - len);
		if (!n)
			break;
		len += n;
	}
	return len;
}

static int one_trace(const char *dir, const char *path)
{
	static uint8_t buf[SEED_MAX];
	const char *name = strrchr(path, '/'), *rule = name;
	struct trace_text tt;
	char out[512];
	size_t len;
	FILE *f;

	while (rule && rule > path && rule[-1] != '/')
		rule--;
	if (!name || trace_text__read(&tt, path)) {
		fprintf(stderr, "seeds: %s cannot be read\n", path);
		return 1;
	}
	len = encode(&tt, buf, sizeof(buf));
	trace_text__free(&tt);
	snprintf(out, sizeof(out), "%s/%.*s-%s", dir, (int)(name - rule), rule, name + 1);
	f = fopen(out, "w");
	if (!f || fwrite(buf, 1, len, f) != len || fclose(f)) {
		perror(out);
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int bad = argc < 3;

	for (int i = 2; i < argc; i++)
		bad |= one_trace(argv[1], argv[i]);
	return bad;
}
