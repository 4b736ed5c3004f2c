// SPDX-License-Identifier: GPL-2.0-only
/* Errors as words, strings that nobody vouches for, listings.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "base/err.h"
#include "base/table.h"
#include "base/util.h"

static void errno_texts(void **state)
{
	(void)state;
	assert_string_equal(errstr(-ENOSPC), "No space left on device");
	assert_string_equal(errstr(ENOSPC), "No space left on device");
	assert_string_equal(errstr(-517), "Driver asks to be probed later");
	assert_string_equal(errstr(-99999), "Unknown error");
	assert_string_equal(errstr(INT32_MIN), "Unknown error");
	assert_string_equal(errname(-ENOSPC), "ENOSPC");
	assert_string_equal(errname(-517), "EPROBE_DEFER");
	assert_null(errname(0));
	assert_null(errname(-4000));
	assert_null(errname(INT32_MIN));
}

/* What a function writes to stderr.  */
static void capture(void (*say)(void), char *buf, size_t size)
{
	int fds[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(fds), 0);
	fflush(stderr);
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
	say();
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = read(fds[0], buf, size - 1);
	buf[n > 0 ? n : 0] = '\0';
	close(fds[0]);
}

static void say_all(void)
{
	pr_err("a %d\n", 1);
	pr_warn("b\n");
	pr_info("c\n");
	pr_debug("d\n");
}

static void levels(void **state)
{
	char buf[256];

	(void)state;
	capture(say_all, buf, sizeof(buf));
	assert_string_equal(buf, "msitrace: a 1\nmsitrace: warning: b\nc\n");
	log_level = LOG_LEVEL_ERR;
	capture(say_all, buf, sizeof(buf));
	assert_string_equal(buf, "msitrace: a 1\n");
	log_level = LOG_LEVEL_DEBUG;
	capture(say_all, buf, sizeof(buf));
	assert_string_equal(buf, "msitrace: a 1\nmsitrace: warning: b\nc\ndebug: d\n");
	log_level = LOG_LEVEL_INFO;
}

static void copy_terminates(void **state)
{
	char buf[4] = "xxx";

	(void)state;
	assert_true(str_copy(buf, sizeof(buf), "abc"));
	assert_string_equal(buf, "abc");
	assert_false(str_copy(buf, sizeof(buf), "defg"));
	assert_string_equal(buf, "def");
	assert_false(str_copy(buf, 0, "x"));
	assert_string_equal(buf, "def");
	assert_false(str_copy(buf, 1, "x"));
	assert_string_equal(buf, "");
}

static void escape(void **state)
{
	char buf[64], small[6];

	(void)state;
	assert_string_equal(str_escape(buf, sizeof(buf), "a\033[1m\n\t\\\x7f\xe9", 100),
			    "a\\x1b[1m\\n\\t\\\\\\x7f\\xe9");
	assert_string_equal(str_escape(buf, sizeof(buf), "abcdef", 3), "abc");
	assert_string_equal(str_escape(small, sizeof(small), "ab\033", 3), "ab");	/* not half of it */
	assert_string_equal(str_escape(small, sizeof(small), "a\033", 3), "a\\x1b");
}

static void utf8(void **state)
{
	static const struct { const char *in, *out; } cases[] = {
		{ "plain", "plain" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },		/* overlong */
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },	/* surrogate */
		{ "a\xe2\x82", "a\xef\xbf\xbd\xef\xbf\xbd" },		/* cut */
		{ "\xc2\x9b\x7f", "\xef\xbf\xbd\xef\xbf\xbd" },		/* controls */
		{ "\n\033", "\n\033" },					/* the writer's */
	};
	char buf[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(str_utf8(buf, sizeof(buf), cases[i].in, 32), cases[i].out);
}

static void take_ptr(void **state)
{
	char *p = strdup("x"), *q;

	(void)state;
	q = TAKE_PTR(p);
	assert_null(p);
	assert_string_equal(q, "x");
	free(q);
}

static void flush_reports(void **state)
{
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	fputs("x", full);
	assert_int_equal(file_flush(full), -ENOSPC);
	fclose(full);
}

static const struct table_col cols[] = {
	{ "RULE", "id of the rule", 0 },
	{ "NR", "how many", TABLE_NUMBER },
	{ "LIVE", "is it", TABLE_BOOLEAN | TABLE_HIDDEN },
	{ "SUMMARY", "one line", TABLE_WRAP },
};

static char *print_table(const struct table_opts *opts)
{
	static const char *const rows[][4] = {
		{ "lock_iter_unlocked", "7", "yes", "descriptors iterated without the mutex" },
		{ "x", NULL, "no", "a\033[1m" },
	};
	struct table *t = NULL;
	char *buf = NULL;
	size_t size;
	FILE *mem;

	assert_int_equal(table__new(cols, ARRAY_SIZE(cols), opts, &t, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(table__row(t, rows[i]), 0);
	mem = open_memstream(&buf, &size);
	assert_int_equal(table__print(t, mem), 0);
	fclose(mem);
	table__free(t);
	return buf;
}

static void table_text(void **state)
{
	struct table_opts opts = { .name = "rules" };
	char *text = print_table(&opts);

	(void)state;
	assert_string_equal(text, "RULE               NR SUMMARY\n"
				  "lock_iter_unlocked  7 descriptors iterated without the mutex\n"
				  "x                     a\\x1b[1m\n");
	free(text);
}

static void table_columns(void **state)
{
	struct table_opts opts = { .name = "rules", .output = "nr,RULE,nr", .noheadings = true };
	char *text = print_table(&opts);

	(void)state;
	assert_string_equal(text, " 7 lock_iter_unlocked\n   x\n");
	free(text);
	opts.output = "+LIVE";
	text = print_table(&opts);
	assert_non_null(strstr(text, " yes\n"));
	free(text);
}

static void table_bad_column(void **state)
{
	static const char *const lists[] = { "", "RULE,", "RULE,bogus", "+", "RUL", "RULES" };
	struct table *t = (void *)1;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		struct table_opts opts = { .output = lists[i] };
		const char *bad = NULL;

		assert_int_equal(table__new(cols, ARRAY_SIZE(cols), &opts, &t, &bad), -EINVAL);
		assert_true(bad >= lists[i] && bad <= lists[i] + strlen(lists[i]));
	}
	assert_ptr_equal(t, (void *)1);
}

static void table_folds(void **state)
{
	struct table_opts opts = { .name = "rules", .width = 50 };
	char *text = print_table(&opts), *save, *line;

	(void)state;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		assert_true(strlen(line) <= 50);
	free(text);
}

/* Two columns that may be folded, as `doctor` has.  */
static void table_folds_two(void **state)
{
	static const struct table_col two[] = {
		{ "A", "", TABLE_WRAP }, { "B", "", 0 }, { "C", "", TABLE_WRAP },
	};
	static const char *const row[] = { "one two three four five six seven eight", "bb",
					   "the quick brown fox jumps over the lazy dog" };
	struct table_opts opts = { .name = "t", .width = 50, .noheadings = true };
	char *buf = NULL, *save, *line;
	struct table *t = NULL;
	unsigned int lines = 0;
	size_t size;
	FILE *mem = open_memstream(&buf, &size);

	(void)state;
	assert_int_equal(table__new(two, ARRAY_SIZE(two), &opts, &t, NULL), 0);
	assert_int_equal(table__row(t, row), 0);
	assert_int_equal(table__print(t, mem), 0);
	fclose(mem);
	table__free(t);
	for (line = strtok_r(buf, "\n", &save); line; line = strtok_r(NULL, "\n", &save), lines++)
		assert_true(strlen(line) <= 50);
	assert_true(lines == 2);
	free(buf);
}

static void table_json(void **state)
{
	struct table_opts opts = { .name = "rules", .json = true, .output = "+LIVE" };
	char *text = print_table(&opts);
	struct json_object *o = json_tokener_parse(text), *v;

	(void)state;
	assert_non_null(o);
	assert_int_equal(json_pointer_get(o, "/rules/0/nr", &v), 0);
	assert_true(json_object_get_type(v) == json_type_int);
	assert_int_equal(json_object_get_int(v), 7);
	assert_int_equal(json_pointer_get(o, "/rules/0/live", &v), 0);
	assert_true(json_object_get_type(v) == json_type_boolean && json_object_get_boolean(v));
	assert_int_equal(json_pointer_get(o, "/rules/1/nr", &v), 0);
	assert_null(v);
	assert_int_equal(json_pointer_get(o, "/rules/1/summary", &v), 0);
	assert_string_equal(json_object_get_string(v), "a\033[1m");
	json_object_put(o);
	free(text);
}

static void table_raw(void **state)
{
	struct table_opts opts = { .name = "rules", .raw = true, .width = 50, .output = "RULE,SUMMARY" };
	char *text = print_table(&opts);

	(void)state;
	assert_string_equal(text, "RULE SUMMARY\n"
				  "lock_iter_unlocked descriptors\\x20iterated\\x20without\\x20the\\x20mutex\n"
				  "x a\\x1b[1m\n");
	free(text);
}

static char *print_tree(bool raw, bool json, const char *output)
{
	static const struct table_col tree[] = {
		{ "NAME", "", TABLE_TREE }, { "NR", "", TABLE_NUMBER | TABLE_DASH }, { "WORD", "", TABLE_DASH },
	};
	static const struct { int parent; const char *cells[3]; } rows[] = {
		{ -1, { "a", NULL, "p" } }, { 0, { "b", NULL, "x" } }, { 1, { "c", "7" } }, { 1, { "d", NULL, "y" } },
		{ 0, { "e", NULL, "p" } }, { 4, { "f", "8" } }, { -1, { "g" } },
	};
	struct table_opts opts = { .name = "t", .raw = raw, .json = json, .output = output };
	struct table *t = NULL;
	char *buf = NULL;
	size_t size;
	FILE *mem = open_memstream(&buf, &size);

	assert_int_equal(table__new(tree, ARRAY_SIZE(tree), &opts, &t, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t parent = rows[i].parent < 0 ? TABLE_NO_PARENT : (size_t)rows[i].parent;

		assert_int_equal(table__row_of(t, parent, rows[i].cells), 0);
		assert_int_equal(table__last(t), i);
	}
	assert_int_equal(table__print(t, mem), 0);
	fclose(mem);
	table__free(t);
	return buf;
}

/* Where there are rows below, what is not known is blank; without its column it is a list.  */
static void table_tree(void **state)
{
	char *text = print_tree(false, false, NULL);

	(void)state;
	assert_string_equal(text, "NAME  NR WORD\n"
				  "a        p\n"
				  "|-b      x\n"
				  "| |-c  7 -\n"
				  "| `-d  - y\n"
				  "`-e      p\n"
				  "  `-f  8 -\n"
				  "g      - -\n");
	free(text);
	text = print_tree(true, false, NULL);
	assert_string_equal(text, "NAME NR WORD\na - p\nb - x\nc 7 -\nd - y\ne - p\nf 8 -\ng - -\n");
	free(text);
	text = print_tree(false, false, "NR,WORD");
	assert_string_equal(text, "NR WORD\n - p\n - x\n 7 -\n - y\n - p\n 8 -\n - -\n");
	free(text);
}

static void table_tree_json(void **state)
{
	char *text = print_tree(false, true, NULL);
	struct json_object *o = json_tokener_parse(text), *v;

	(void)state;
	assert_non_null(o);
	assert_int_equal(json_pointer_get(o, "/t/0/children/0/children/1/word", &v), 0);
	assert_string_equal(json_object_get_string(v), "y");
	assert_int_equal(json_pointer_get(o, "/t/0/children/1/children/0/nr", &v), 0);
	assert_int_equal(json_object_get_int(v), 8);
	assert_int_equal(json_pointer_get(o, "/t/0/nr", &v), 0);
	assert_null(v);
	assert_int_equal(json_pointer_get(o, "/t/1/name", &v), 0);
	assert_string_equal(json_object_get_string(v), "g");
	assert_int_not_equal(json_pointer_get(o, "/t/1/children", &v), 0);
	json_object_put(o);
	free(text);
}

/* What is not known is told apart from what is empty.  */
static void table_dash(void **state)
{
	static const struct table_col two[] = {
		{ "NR", "", TABLE_NUMBER | TABLE_DASH }, { "NAME", "", TABLE_DASH }, { "MORE", "", 0 },
	};
	static const char *const row[] = { NULL, "", "" };
	struct table_opts opts = { .name = "t", .noheadings = true };
	struct json_object *o, *v;
	struct table *t = NULL;
	char *buf = NULL;
	size_t size;
	FILE *mem = open_memstream(&buf, &size);

	(void)state;
	assert_int_equal(table__new(two, ARRAY_SIZE(two), &opts, &t, NULL), 0);
	assert_int_equal(table__row(t, row), 0);
	opts.raw = true;
	assert_int_equal(table__print(t, mem), 0);
	fflush(mem);
	assert_string_equal(buf, "- - \n");
	rewind(mem);
	opts.raw = false;
	opts.json = true;
	assert_int_equal(table__print(t, mem), 0);
	fclose(mem);
	o = json_tokener_parse(buf);
	assert_int_equal(json_pointer_get(o, "/t/0/nr", &v), 0);
	assert_null(v);
	assert_int_equal(json_pointer_get(o, "/t/0/name", &v), 0);
	assert_null(v);
	json_object_put(o);
	table__free(t);
	free(buf);
}

static void table_empty(void **state)
{
	struct table_opts opts = { .name = "rules" };
	struct table *t = NULL;
	char *buf = NULL;
	size_t size;
	FILE *mem = open_memstream(&buf, &size);

	(void)state;
	assert_int_equal(table__new(cols, ARRAY_SIZE(cols), &opts, &t, NULL), 0);
	assert_int_equal(table__print(t, mem), 0);
	fflush(mem);
	assert_string_equal(buf, "");
	opts.json = true;
	assert_int_equal(table__print(t, mem), 0);
	fclose(mem);
	json_object_put(json_tokener_parse(buf));
	assert_non_null(strstr(buf, "\"rules\""));
	table__free(t);
	free(buf);
}

static void table_full_disk(void **state)
{
	static const char *const row[] = { "a", "1", "no", "b" };
	struct table_opts opts = { .name = "rules" };
	FILE *full = fopen("/dev/full", "w");
	struct table *t = NULL;

	(void)state;
	assert_int_equal(table__new(cols, ARRAY_SIZE(cols), &opts, &t, NULL), 0);
	assert_int_equal(table__row(t, row), 0);
	assert_int_equal(table__print(t, full), -ENOSPC);
	fclose(full);
	table__free(t);
}

static void cpus_of_a_mask(void **state)
{
	char buf[160], small[20];

	(void)state;
	assert_string_equal(str_cpus(buf, sizeof(buf), 0), "");
	assert_string_equal(str_cpus(buf, sizeof(buf), 0x10f), "0-3,8");
	assert_string_equal(str_cpus(buf, sizeof(buf), 1ull << 63), "63");
	assert_string_equal(str_cpus(buf, sizeof(buf), ~0ull), "0-63");
	assert_string_equal(str_cpus(buf, sizeof(buf), 0x5555555555555555ull) + 79, "56,58,60,62");
	assert_string_equal(str_cpus(small, sizeof(small), 0x5555ull), "0,2,4,6,8,10,...");	/* never half a number */
}

static void first_line(void **state)
{
	char path[] = "/tmp/file_line.XXXXXX", buf[8];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_false(file_line("/nosuch", buf, sizeof(buf)));
	assert_false(file_line(path, buf, sizeof(buf)));
	assert_string_equal(buf, "");
	assert_int_equal(write(fd, "0-3,8\n12\n", 9), 9);
	assert_true(file_line(path, buf, sizeof(buf)));
	assert_string_equal(buf, "0-3,8");
	assert_false(file_line(path, buf, 4));
	assert_string_equal(buf, "0-3");	/* it goes on */
	assert_int_equal(ftruncate(fd, 5), 0);
	assert_true(file_line(path, buf, sizeof(buf)));
	assert_string_equal(buf, "0-3,8");
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpus_of_a_mask), cmocka_unit_test(first_line),
		cmocka_unit_test(errno_texts),
		cmocka_unit_test(levels),
		cmocka_unit_test(copy_terminates),
		cmocka_unit_test(escape),
		cmocka_unit_test(utf8),
		cmocka_unit_test(take_ptr),
		cmocka_unit_test(flush_reports),
		cmocka_unit_test(table_text),
		cmocka_unit_test(table_columns),
		cmocka_unit_test(table_bad_column),
		cmocka_unit_test(table_folds),
		cmocka_unit_test(table_folds_two),
		cmocka_unit_test(table_json),
		cmocka_unit_test(table_raw), cmocka_unit_test(table_tree), cmocka_unit_test(table_tree_json),
		cmocka_unit_test(table_dash),
		cmocka_unit_test(table_empty),
		cmocka_unit_test(table_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
