// SPDX-License-Identifier: GPL-2.0-only
/*
 * A stream of events, and the findings that the validator makes of it, to an output format.  The
 * first byte says which format, the second how (verbose, width); the rest is the stream of records.h.
 * Whatever the names of tasks, devices and handlers are, no control character gets through, and JSON
 * is JSON.
 */
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "fuzz.h"
#include "msitrace/format.h"
#include "records.h"

static int symbol(void *ctx, uint64_t ip, struct symbol *out)
{
	static const char *const names[] = { "msi_domain_free_descs", "probe", "do_syscall_64", "" };

	(void)ctx;
	if (ip % 5 == 4)
		return -ENOENT;
	*out = (struct symbol){ .name = names[ip / 16 % 4], .module = ip % 3 ? "" : "nvme",
				.offset = ip % 16 };
	return 0;
}

static void on_finding(void *ctx, const struct finding *fd)
{
	struct format *f = ctx;

	if (f->ops->finding)
		FUZZ_ASSERT(!f->ops->finding(f, fd));
}

static void finish(struct format *f, struct msi_validator *v, uint64_t events)
{
	struct trace_summary sum = { .judged = true, .events = events };

	msi_validator__finish(v);
	sum.verdict = msi_validator__verdict(v);
	sum.results = msi_validator__results(v, &sum.nr_results);
	FUZZ_ASSERT(!f->ops->end(f, &sum));
	msi_validator__free(v);
}

static void print(struct format *f, const uint8_t *data, size_t size)
{
	const struct trace_info ti = { .tool_version = "0", .command = "check", .release = "" };
	const struct msi_validator_opts opts = { .sz = sizeof(opts), .finding = on_finding, .ctx = f };
	const struct msi_event_hdr *e;
	struct msi_validator *v;
	uint64_t events = 0;
	struct stream s;
	union record buf;

	FUZZ_ASSERT(!msi_validator__new(&opts, &v));
	FUZZ_ASSERT(!f->ops->begin(f, &ti));
	stream_init(&s, data, size);
	while ((e = stream_next(&s, &buf))) {
		events++;
		if (f->ops->event)
			FUZZ_ASSERT(!f->ops->event(f, e));
		msi_validator__feed(v, e);
	}
	finish(f, v, events);
}

static void check_printable(const char *s, size_t size)
{
	for (size_t i = 0; i < size; i++)
		FUZZ_ASSERT(s[i] == '\n' || (unsigned char)s[i] >= ' ');
	FUZZ_ASSERT(!memchr(s, 0x7f, size));
}

static void check_json(const char *s)
{
	struct json_tokener *tok = json_tokener_new();

	FUZZ_ASSERT(tok);
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	for (; *s; s += strcspn(s, "\n") + 1) {
		struct json_object *o;

		json_tokener_reset(tok);
		o = json_tokener_parse_ex(tok, s, strcspn(s, "\n"));
		if (!o)		/* wants to see that the value has ended */
			o = json_tokener_parse_ex(tok, "\n", 1);
		FUZZ_ASSERT(json_object_is_type(o, json_type_object));
		json_object_put(o);
	}
	json_tokener_free(tok);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct format_env env = { .width = 80, .symbol = symbol };
	struct format f = { .env = &env };
	unsigned int nr = 0;
	char *buf = NULL;
	size_t len = 0;

	if (size < 2)
		return 0;
	while (formats[nr])
		nr++;
	f.ops = formats[data[0] % nr];
	env.verbose = data[1] & 1;
	env.width = data[1] & 2 ? 20 + data[1] : 80;
	env.out = open_memstream(&buf, &len);
	FUZZ_ASSERT(env.out);
	print(&f, data + 2, size - 2);
	FUZZ_ASSERT(!fclose(env.out));
	check_printable(buf, len);
	if (!strcmp(f.ops->name, "json"))
		check_json(buf);
	free(buf);
	return 0;
}
