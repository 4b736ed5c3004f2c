// SPDX-License-Identifier: GPL-2.0-only
/* The text format: events as lines, findings against golden files, the end, bad places to write to.  */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "format/words.h"
#include "test_format.h"

/* The fields of one event: what is behind its name on the line.  */
static void expect_line(const void *event, bool verbose, const char *want)
{
	struct fixture x;
	char *text;

	fixture_begin(&x, "text");
	x.env.verbose = verbose;
	feed_device(&x);
	fixture_rewind(&x);
	assert_int_equal(feed(&x, event), 0);
	text = strdup(fixture_text(&x));
	if (strchr(text, '\n'))
		*strchr(text, '\n') = '\0';
	assert_string_equal(text, want);
	free(text);
	fixture_end(&x);
}

static void insert_is_one_line(void **state)
{
	struct msi_ev_insert ev = EVENT(INSERT, insert, .md = MD_A, .desc = DESC_A, .index = 3,
					.nvec_used = 1, .owner_tid = 123, .owner_current = 1,
					.flags = MSI_DESC_MSIX | MSI_DESC_PCI);

	(void)state;
	ev.h.ts_ns += 12345678901;
	expect_line(&ev, false, "  12.345678 modprobe[123]        0000:00:03.0 nvme          insert       desc#1 "
				"index 3 nvec 1 [msix] locked");
}

static void error_is_named(void **state)
{
	struct msi_ev_insert ev = EVENT(INSERT, insert, .ret = -ENOSPC, .owner_tid = 99);

	(void)state;
	expect_line(&ev, false, "   0.000000 modprobe[123]        0000:00:03.0 nvme          insert       index 0 "
				"-ENOSPC owner 99");
}

static void added_msix_is_no_msi(void **state)
{
	struct msi_ev_insert ev = EVENT(INSERT, insert, .nvec_used = 1, .flags = MSI_DESC_PCI, .has_domain = 1);

	(void)state;
	expect_line(&ev, false, "   0.000000 modprobe[123]        0000:00:03.0 nvme          insert       index 0 "
				"nvec 1 [msi] has_domain");
	ev.dyn = 1;
	expect_line(&ev, false, "   0.000000 modprobe[123]        0000:00:03.0 nvme          insert       index 0 "
				"nvec 1 [msix] has_domain dyn");
}

static void kernel_errno_is_named(void **state)
{
	struct msi_ev_bind ev = EVENT(BIND, bind, .phase = MSI_BIND_PROBE_END, .ret = -517, .driver = "nvme");

	(void)state;
	expect_line(&ev, false, "   0.000000 modprobe[123]        0000:00:03.0 nvme          bind         "
				"probe_end -EPROBE_DEFER driver \"nvme\"");
}

static void affinity_shows_pairs_and_cpus(void **state)
{
	struct msi_ev_aff ev = EVENT(AFF, aff, .desc = DESC_A, .requested = 0x10f, .effective = 4, .irq = 27,
				     .old_vector = 0x22, .new_vector = 0x25, .old_dest = 4, .new_dest = 4,
				     .writes = 1, .duration_ns = 12340, .irqd = MSI_IRQD_STARTED);

	(void)state;
	expect_line(&ev, false, "   0.000000 modprobe[123]        0000:00:03.0 nvme          aff          desc#1 "
				"cpus 0-3,8 effective 2 took 12.3 us irq 27 vector 0x22->0x25 dest 4 "
				"messages 1 {started}");
	ev.old_vector = ev.new_vector = ev.old_dest = ev.new_dest = ev.writes = 0;
	expect_line(&ev, false, "   0.000000 modprobe[123]        0000:00:03.0 nvme          aff          desc#1 "
				"cpus 0-3,8 effective 2 took 12.3 us irq 27 messages 0 {started}");
}

static void vectors_say_why_they_are_fewer(void **state)
{
	struct msi_ev_pci_vectors ev = EVENT(PCI_VECTORS, pci_vectors, .min = 1, .max = 4, .ret = 4,
					     .flags = MSI_PCI_IRQ_MSI | MSI_PCI_IRQ_MSIX);

	(void)state;
	expect_line(&ev, false, "   0.000000 modprobe[123]        0000:00:03.0 nvme          pci_vectors  "
				"min 1 max 4 {msi,msix} ret 4");
	ev.ret = ev.single_msi = 1;
	expect_line(&ev, false, "   0.000000 modprobe[123]        0000:00:03.0 nvme          pci_vectors  "
				"min 1 max 4 {msi,msix} ret 1 (its domain has one MSI per device; on x86, interrupt "
				"remapping has more)");
}

static void message_shows_old_and_new(void **state)
{
	struct msi_ev_msg_write ev = EVENT(MSG_WRITE, msg_write, .desc = DESC_A, .irq = 27, .index = 0,
					   .old_lo = 0xfee04004, .new_lo = 0xfee02004, .old_data = 0x22,
					   .new_data = 0x25, .in_aff = 1);

	(void)state;
	expect_line(&ev, false, "   0.000000 modprobe[123]        0000:00:03.0 nvme          msg_write    desc#1 "
				"irq 27 index 0 addr 0xfee04004->0xfee02004 data 0x22->0x25 in_aff");
}

static void handler_is_a_symbol(void **state)
{
	struct msi_ev_request ev = EVENT(REQUEST, request, .handler = TEXT + 0x9000, .irq = 27,
					 .name = "nvme0q0");

	(void)state;
	expect_line(&ev, false, "   0.000000 modprobe[123]        0000:00:03.0 nvme          request      "
				"handler nvme_irq [nvme] irq 27 \"nvme0q0\"");
}

static void addresses_only_when_verbose(void **state)
{
	struct msi_ev_deactivate ev = EVENT(DEACTIVATE, deactivate, .desc = DESC_A, .irq = 27);

	(void)state;
	expect_line(&ev, true, "   0.000000 cpu1   modprobe[123]        0000:00:03.0 nvme          deactivate   "
			       "desc#1(0xffff888003000000) irq 27");
	expect_line(&ev, false, "   0.000000 modprobe[123]        0000:00:03.0 nvme          deactivate   "
				"desc#1 irq 27");
}

static void quiet_events_are_quiet(void **state)
{
	struct msi_ev_store_entry ev = EVENT(STORE_ENTRY, store_entry, .md = MD_A, .desc = DESC_A);

	(void)state;
	expect_line(&ev, false, "");
}

static void comm_is_escaped(void **state)
{
	struct msi_ev_task_exit ev = EVENT(TASK_EXIT, task_exit, .md = MD_A, .hold_ns = 5000);
	struct fixture x;

	(void)state;
	memcpy(ev.h.comm, "\033[31mx\n\\\xff", 9);
	fixture_begin(&x, "text");
	assert_int_equal(feed(&x, &ev), 0);
	assert_non_null(strstr(fixture_text(&x), " \\x1b[31mx\\n\\\\\\xff[123] "));
	assert_null(strchr(fixture_text(&x), '\033'));
	fixture_end(&x);
}

static void names_follow_objects(void **state)
{
	struct msi_ev_insert ins = EVENT(INSERT, insert, .desc = DESC_A);
	struct msi_ev_deactivate de = EVENT(DEACTIVATE, deactivate, .desc = DESC_A, .irq = 1);
	struct fixture x;

	(void)state;
	fixture_begin(&x, "text");
	feed(&x, &ins);
	feed(&x, &de);
	feed(&x, &ins);		/* the address is used again */
	fixture_rewind(&x);
	feed(&x, &de);
	assert_non_null(strstr(fixture_text(&x), "desc#2 irq 1"));
	fixture_end(&x);
}

static void every_event_prints_one_line(void **state)
{
	struct fixture x;

	(void)state;
	fixture_begin(&x, "text");
	for (unsigned int fill = 0; fill < 256; fill += 85) {
		for (unsigned int type = 0; type < 80; type++) {
			_Alignas(8) unsigned char rec[MSI_EVENT_SIZE_MAX];
			struct msi_event_hdr *h = (void *)rec;
			const char *text;

			memset(rec, (int)fill, sizeof(rec));
			h->type = (uint16_t)type;
			h->size = sizeof(rec);
			h->ts_ns = fill;
			x.env.verbose = false;
			fixture_rewind(&x);
			assert_int_equal(feed(&x, rec), 0);
			text = fixture_text(&x);
			assert_true(!*text || strchr(text, '\n') == text + strlen(text) - 1);
			for (; *text; text++)
				assert_true(*text == '\n' || (*text >= ' ' && *text <= '~'));
			x.env.verbose = true;
			assert_int_equal(feed(&x, rec), 0);
		}
	}
	fixture_end(&x);
}

/* UPDATE_GOLDEN=1 writes the files instead.  */
static void compare_golden(const char *name, const char *text)
{
	const char *dir = getenv("MSITRACE_GOLDEN");
	char path[256], want[8192] = "";
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "tests/golden", name);
	file = fopen(path, getenv("UPDATE_GOLDEN") ? "w" : "r");
	if (!file) {
		print_message("no golden file %s\n", path);
		fail();
	}
	if (getenv("UPDATE_GOLDEN")) {
		fputs(text, file);
		fclose(file);
		return;
	}
	n = fread(want, 1, sizeof(want) - 1, file);
	want[n] = '\0';
	fclose(file);
	assert_string_equal(text, want);
}

static void expect_finding(unsigned int width, bool colour, const struct finding *fd, const char *golden)
{
	struct fixture x;

	fixture_begin(&x, "text");
	x.env.width = width;
	x.env.colour = colour;
	fixture_rewind(&x);
	assert_int_equal(x.f.ops->finding(&x.f, fd), 0);
	compare_golden(golden, fixture_text(&x));
	fixture_end(&x);
}

static void finding_at_80(void **state)
{
	struct finding fd = make_finding();

	(void)state;
	expect_finding(80, false, &fd, "finding-80.txt");
}

static void finding_at_100_side_by_side(void **state)
{
	struct finding fd = make_finding();

	(void)state;
	expect_finding(200, false, &fd, "finding-100.txt");
}

static void finding_with_more_stacks(void **state)
{
	struct finding fd = make_finding();

	(void)state;
	fd.nr_more = 2;
	fd.more[0] = fd.setup;
	fd.more[0].what = "mutex of 0000:00:03.0, then irq_domain mutex";
	fd.more[1] = fd.offence;
	expect_finding(80, false, &fd, "finding-more.txt");
}

/* No rule was broken: nothing is required, and nothing advised.  */
static void note_is_no_finding(void **state)
{
	struct finding fd = make_finding();
	struct fixture x;

	(void)state;
	fd.note = true;
	strcpy(fd.held, "vectors of CPU 0, at that moment: 0000:00:03.0 (nvme) 64");
	fixture_begin(&x, "text");
	x.f.ops->finding(&x.f, &fd);
	assert_non_null(strstr(fixture_text(&x), "NOTE 1: lock_iter_unlocked (no finding)  dev 0000:00:03.0"));
	assert_non_null(strstr(fixture_text(&x), "held by:  vectors of CPU 0, at that moment:"));
	assert_null(strstr(fixture_text(&x), "requires:"));
	assert_null(strstr(fixture_text(&x), "next:"));
	assert_null(strstr(fixture_text(&x), "FINDING"));
	fixture_end(&x);
}

/* Whom to blame, and no stack.  */
static void finding_in_brief(void **state)
{
	struct finding fd = make_finding();
	struct fixture x;

	(void)state;
	fixture_begin(&x, "text");
	x.env.brief = true;
	x.f.ops->finding(&x.f, &fd);
	assert_non_null(strstr(fixture_text(&x), "\nFINDING 1: lock_iter_unlocked (corrupt)"));
	assert_non_null(strstr(fixture_text(&x), "  by:       "));
	assert_non_null(strstr(fixture_text(&x), "  before:   mutex released\n"));
	assert_null(strstr(fixture_text(&x), "+0x"));
	assert_null(strstr(fixture_text(&x), "life of the object"));
	fixture_end(&x);
}

static void finding_known_colour(void **state)
{
	struct finding fd = make_finding();

	(void)state;
	fd.known = "x86-msi-dance-inverted";
	fd.known_text = "b56ebe7c896d (\"x86/apic/msi: Fix misconfigured non-maskable MSI quirk\") inverted the "
			"check in msi_set_affinity()";
	fd.has_setup = false;
	fd.offence.ip[0] = TEXT + 0x8123;
	expect_finding(80, true, &fd, "finding-known.txt");
}

/* Source lines, with as much of the path as fits.  */
static void expect_lines(unsigned int width, const char *golden)
{
	struct finding fd = make_finding();
	struct fixture x;

	fixture_begin(&x, "text");
	x.env.width = width;
	x.env.source = fake_source;
	fixture_rewind(&x);
	assert_int_equal(x.f.ops->finding(&x.f, &fd), 0);
	compare_golden(golden, fixture_text(&x));
	fixture_end(&x);
}

static void finding_with_lines(void **state)
{
	(void)state;
	expect_lines(80, "finding-lines-80.txt");
	expect_lines(100, "finding-lines-100.txt");
}

static void source_is_cut_to_fit(void **state)
{
	static const struct {
		const char *file;
		size_t room;
		const char *want;
	} cases[] = {
		{ "drivers/pci/msi/msi.c", 26, " drivers/pci/msi/msi.c:123" },
		{ "drivers/pci/msi/msi.c", 25, " pci/msi/msi.c:123" },
		{ "drivers/pci/msi/msi.c", 10, " msi.c:123" },
		{ "drivers/pci/msi/msi.c", 0, " msi.c:123" },
		{ "/home/me/msi.c", 80, " /home/me/msi.c:123" },
		{ "a\033b/c\n", 80, " a\\x1bb/c\\n:123" },
		{ NULL, 80, "" },
	};
	char buf[FRAME_LEN], longer[1000];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(words_source(buf, sizeof(buf), cases[i].file, 123, cases[i].room),
				    cases[i].want);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	words_source(buf, sizeof(buf), longer, 1, 80);
	assert_true(strlen(buf) < sizeof(buf));
	memcpy(longer + 990, "/y.c", 5);
	assert_string_equal(words_source(buf, sizeof(buf), longer, 1, 80), " y.c:1");
}

static void events_have_lines_when_asked(void **state)
{
	struct msi_ev_insert ev = EVENT(INSERT, insert, .desc = DESC_A,
					.stack = { .nr = 2, .ip = { TEXT + 0x5, TEXT + 0x1042 } });
	struct fixture x;

	(void)state;
	fixture_begin(&x, "text");
	x.env.verbose = true;
	x.env.source = fake_source;
	feed(&x, &ev);
	assert_null(strstr(fixture_text(&x), "msi.c"));
	x.env.event_lines = true;
	feed(&x, &ev);
	assert_non_null(strstr(fixture_text(&x), "msi_domain_first_desc+0x5 (0xffffffff81000005) kernel/irq/msi.c:363\n"
			       "             msi_first (inlined) include/linux/msi.h:345\n"));
	fixture_end(&x);
}

static void finding_fits_and_is_clean(void **state)
{
	struct finding fd = make_finding();
	struct fixture x;

	(void)state;
	memset(fd.message, 'w', sizeof(fd.message) - 1);
	memcpy(fd.message + 40, " \n\t \033[2J ", 9);
	memcpy(fd.object, "\033]0;x\a", 7);
	memcpy(fd.offence.comm, "a\033\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10", 16);
	memcpy(fd.device, "\033[1m", 5);
	fd.offence.nr = UINT32_MAX;
	fd.nr_life = UINT32_MAX;
	fd.nr_more = UINT32_MAX;
	fixture_begin(&x, "text");
	assert_int_equal(x.f.ops->finding(&x.f, &fd), 0);
	for (const char *p = fixture_text(&x); *p; p++)
		assert_true(*p == '\n' || (*p >= ' ' && *p <= '~'));
	fixture_end(&x);
}

/* Who is to blame: a module's function before all, nobody where only the core and its callers are.  */
static void finding_blames(void **state)
{
	enum { FIRST, SCENARIO, INITCALL, BPF = 7, NVME = 9, E1000 };
	static const struct {
		uint64_t ip[4];
		uint32_t nr;
		int culprit;
	} cases[] = {
#define AT(i) (TEXT + (i) * 0x1000 + 5)
		{ { AT(FIRST), AT(SCENARIO), AT(INITCALL) }, 3, 1 },
		{ { AT(FIRST), AT(E1000), AT(INITCALL) }, 3, 1 },
		{ { AT(FIRST), AT(E1000), AT(NVME) }, 3, 2 },
		{ { AT(BPF), AT(FIRST), 1, AT(NVME) }, 4, 3 },
		{ { AT(FIRST), AT(INITCALL) }, 2, -1 },
		{ { AT(FIRST), AT(INITCALL), AT(E1000) }, 3, -1 },
		{ { 1, 2 }, 2, -1 },
		{ { 0 }, 0, -1 },
#undef AT
	};
	struct fixture x;

	(void)state;
	fixture_begin(&x, "text");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(stack_culprit(&x.env, cases[i].ip, cases[i].nr), cases[i].culprit);
	fixture_end(&x);
}

static void finding_without_symbols(void **state)
{
	struct finding fd = make_finding();
	struct fixture x;

	(void)state;
	fd.offence.nr = 2;
	fd.setup.nr = 0;
	fixture_begin(&x, "text");
	x.env.symbol = NULL;
	assert_int_equal(x.f.ops->finding(&x.f, &fd), 0);
	assert_non_null(strstr(fixture_text(&x), "  walked without the mutex:          mutex released:\n"
						 "  by insmod[412], uptime 12.345678   by insmod[412], 679 us"));
	assert_non_null(strstr(x.buf, "    ?                                  mutex_unlock (no stack)\n    ?\n"));
	assert_null(strstr(x.buf, "ffff"));
	x.env.verbose = true;
	assert_int_equal(x.f.ops->finding(&x.f, &fd), 0);
	assert_non_null(strstr(fixture_text(&x), "    ? (0xffffffff81001042)\n"));
	fixture_end(&x);
}

static void finding_of_what_was_there_before(void **state)
{
	struct finding fd = make_finding();
	struct fixture x;

	(void)state;
	fd.setup.before_attach = true;
	fd.offence.nr = 2;
	fd.driver[0] = '\0';
	fixture_begin(&x, "text");
	x.env.width = 100;
	assert_int_equal(x.f.ops->finding(&x.f, &fd), 0);
	fixture_text(&x);
	assert_non_null(strstr(x.buf, "  by insmod[412], uptime 12.345678                existed before msitrace "
				      "attached\n    msi_domain_first_desc+0x5\n"));
	assert_non_null(strstr(x.buf, "dev 0000:00:03.0 (no driver)\n"));
	fixture_end(&x);
}

static void finding_folds_at_any_width(void **state)
{
	struct finding fd = make_finding();
	struct fixture x;

	(void)state;
	for (unsigned int width = 0; width < 240; width++) {
		char *text, *save;

		fixture_begin(&x, "text");
		x.env.width = width / 2;
		x.env.source = width % 2 ? fake_source : NULL;
		fixture_rewind(&x);
		assert_int_equal(x.f.ops->finding(&x.f, &fd), 0);
		text = strdup(fixture_text(&x));
		for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
			assert_true(strlen(line) <= 100);
			assert_true(line[strlen(line) - 1] != ' ');
		}
		free(text);
		fixture_end(&x);
	}
}

static void expect_end(const struct trace_summary *sum, const char *want)
{
	struct fixture x;

	fixture_begin(&x, "text");
	x.env.width = 100;
	fixture_rewind(&x);
	assert_int_equal(x.f.ops->end(&x.f, sum), 0);
	if (!strstr(fixture_text(&x), want)) {
		print_message("%s", fixture_text(&x));
		assert_string_equal(fixture_text(&x), want);
	}
	fixture_end(&x);
}

static void end_says_it_in_one_line(void **state)
{
	struct rule_result results[] = {
		{ .rule = &fake_rule, .verdict = VERDICT_PASS, .judged = 10 },
		{ .rule = &other_rule, .verdict = VERDICT_FAIL, .judged = 5, .findings = 2, .known = 1 },
		{ .rule = &third_rule, .verdict = VERDICT_NA, .reason = "no hook for role BIND", .selected = true },
	};
	struct trace_summary sum = { .verdict = VERDICT_FAIL, .judged = true, .results = results,
				     .nr_results = 3, .events = 345, .findings = 2, .devices = 7, .descs = 31,
				     .has_command = true, .command_status = 1 << 8 };

	(void)state;
	expect_end(&sum, "msitrace: FAIL: 2 findings (1 of a known kernel bug), 1 of 3 rules failed\n");
	expect_end(&sum, "  act_affinity_dance fail               5        2  1 of them known\n");
	expect_end(&sum, "  life_unbind_leak   n/a           no hook for role BIND\n");
	expect_end(&sum, "  345 events, 0 lost; 7 devices and 31 descriptors existed before\n"
			 "  the command exited with 1\n");
	sum.command_status = SIGSEGV;
	expect_end(&sum, "  the command was killed by SIGSEGV\n");
	results[1].verdict = VERDICT_PASS;
	sum.verdict = VERDICT_PASS;
	expect_end(&sum, "msitrace: clean: 2 rules passed, 1 n/a\n");
	sum.verdict = VERDICT_INCONCLUSIVE;
	expect_end(&sum, "msitrace: inconclusive: because life_unbind_leak is n/a: no hook for role BIND\n");
	results[0].verdict = VERDICT_INCONCLUSIVE;
	strcpy(results[0].reason, "12 events were lost");
	results[1].verdict = VERDICT_INCONCLUSIVE;
	expect_end(&sum, "because lock_iter_unlocked is inconclusive: 12 events were lost (and 1 more)\n");
	sum = (struct trace_summary){ .has_command = true };
	expect_end(&sum, "  the command exited with 0\n");
	sum.events = 1;
	expect_end(&sum, "  1 event, 0 lost\n  the command exited with 0\n");
	sum.lost = sum.lost_by[MSI_LOST_RING] = 7;
	expect_end(&sum, "  1 event, 7 lost\n"
			 "  lost 7: no room in the ring buffer; make it larger with --buffer-size\n"
			 "  the command exited with 0\n");
	sum.lost = sum.lost_by[MSI_LOST_RING] = 0;
	sum.judged = true;
	sum.verdict = VERDICT_INCONCLUSIVE;
	expect_end(&sum, "msitrace: inconclusive: because no rule had anything to judge\n");
}

static void what_was_not_judged_is_named_by_reason(void **state)
{
	struct rule_result results[] = {
		{ .rule = &fake_rule, .verdict = VERDICT_NA, .reason = "nothing happened" },
		{ .rule = &other_rule, .verdict = VERDICT_PASS, .judged = 5 },
		{ .rule = &third_rule, .verdict = VERDICT_NA, .reason = "no hook for role BIND" },
		{ .rule = &fake_rule, .verdict = VERDICT_NA, .reason = "nothing happened" },
	};
	struct trace_summary sum = { .verdict = VERDICT_PASS, .judged = true, .results = results,
				     .nr_results = 4, .events = 1 };

	(void)state;
	expect_end(&sum, "  rule               verdict       judged findings\n"
			 "  act_affinity_dance pass               5        0\n"
			 "\n"
			 "  n/a, nothing happened\n"
			 "    lock_iter_unlocked, lock_iter_unlocked\n"
			 "  n/a, no hook for role BIND\n"
			 "    life_unbind_leak\n");
	sum.results = results + 2;
	sum.nr_results = 1;
	expect_end(&sum, "\n  n/a, no hook for role BIND\n    life_unbind_leak\n");
}

static void every_format_reports_full_disk(void **state)
{
	static const char *const names[] = { "text", "json", "ktap", "prometheus" };
	struct trace_info ti = { .tool_version = "0.1", .command = "check", .release = "" };
	struct trace_summary sum = { .judged = true };
	struct msi_ev_insert ev = EVENT(INSERT, insert, .desc = DESC_A);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct fixture x;

		fixture_open(&x, names[i], fopen("/dev/full", "w"));
		assert_int_equal(x.f.ops->begin(&x.f, &ti), -ENOSPC);
		if (x.f.ops->event) {
			int err = 0;

			clearerr(x.env.out);
			for (int k = 0; k < 1000 && !err; k++)
				err = feed(&x, &ev);
			assert_int_equal(err, -ENOSPC);
		}
		clearerr(x.env.out);
		assert_int_equal(x.f.ops->end(&x.f, &sum), -ENOSPC);
		fclose(x.env.out);
	}
}

static void every_format_reports_closed_pipe(void **state)
{
	static const char *const names[] = { "text", "json", "ktap", "prometheus" };
	struct trace_info ti = { .tool_version = "0.1", .command = "check", .release = "" };
	struct trace_summary sum = { .judged = true };

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct fixture x;
		int fds[2];

		assert_int_equal(pipe(fds), 0);
		close(fds[0]);
		fixture_open(&x, names[i], fdopen(fds[1], "w"));
		assert_int_equal(x.f.ops->begin(&x.f, &ti), -EPIPE);
		x.f.ops->end(&x.f, &sum);
		fclose(x.env.out);
	}
}

static void find_by_name(void **state)
{
	(void)state;
	assert_null(format_find("xml"));
	assert_string_equal(format_find("ktap")->name, "ktap");
	for (size_t i = 0; formats[i]; i++)
		assert_ptr_equal(format_find(formats[i]->name), formats[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(insert_is_one_line),
		cmocka_unit_test(error_is_named),
		cmocka_unit_test(added_msix_is_no_msi), cmocka_unit_test(kernel_errno_is_named),
		cmocka_unit_test(affinity_shows_pairs_and_cpus), cmocka_unit_test(vectors_say_why_they_are_fewer),
		cmocka_unit_test(message_shows_old_and_new),
		cmocka_unit_test(handler_is_a_symbol),
		cmocka_unit_test(addresses_only_when_verbose),
		cmocka_unit_test(quiet_events_are_quiet),
		cmocka_unit_test(comm_is_escaped),
		cmocka_unit_test(names_follow_objects),
		cmocka_unit_test(every_event_prints_one_line),
		cmocka_unit_test(finding_at_80),
		cmocka_unit_test(finding_at_100_side_by_side),
		cmocka_unit_test(finding_with_more_stacks),
		cmocka_unit_test(note_is_no_finding),
		cmocka_unit_test(finding_in_brief),
		cmocka_unit_test(finding_known_colour),
		cmocka_unit_test(finding_with_lines),
		cmocka_unit_test(source_is_cut_to_fit),
		cmocka_unit_test(events_have_lines_when_asked),
		cmocka_unit_test(finding_fits_and_is_clean),
		cmocka_unit_test(finding_blames),
		cmocka_unit_test(finding_without_symbols),
		cmocka_unit_test(finding_of_what_was_there_before),
		cmocka_unit_test(finding_folds_at_any_width),
		cmocka_unit_test(end_says_it_in_one_line),
		cmocka_unit_test(what_was_not_judged_is_named_by_reason),
		cmocka_unit_test(every_format_reports_full_disk),
		cmocka_unit_test(every_format_reports_closed_pipe),
		cmocka_unit_test(find_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
