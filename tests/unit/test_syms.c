// SPDX-License-Identifier: GPL-2.0-only
/* Symbols, from files that look like /proc/kallsyms.  */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "collect/syms.h"

/* Modules are listed in the order of their symbol tables, padding and data in between.  */
static const char kernel[] =
	"0000000000000000 A fixed_percpu_data\n"
	"ffffffff81000000 T _stext\n"
	"ffffffff81000000 T startup_64\n"
	"ffffffff810ffff0 T __pfx_msi_next_desc\n"
	"ffffffff81100000 T msi_next_desc\n"
	"ffffffff81100100 t msi_find_desc\n"
	"ffffffff81200000 T __common_interrupt\n"
	"ffffffff82000000 D some_data\n"
	"ffffffff82000100 b other_data\n";
static const char modules[] =
	"ffffffffc0001000 t probe\t[nvme]\n"
	"ffffffffc0000000 t nvme_reset\t[nvme]\n"
	"ffffffffc0100000 t bpf_prog_0123_hook_next\t[bpf]\n";

static char path[] = "/tmp/msitrace-syms-XXXXXX";

static void write_file(const char *a, const char *b)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(a, f);
	fputs(b, f);
	fclose(f);
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void check(struct syms *s, uint64_t ip, const char *name, const char *module, uint64_t offset)
{
	struct symbol sym;

	assert_int_equal(syms__find(s, ip, &sym), 0);
	assert_string_equal(sym.name, name);
	assert_string_equal(sym.module, module);
	assert_int_equal(sym.offset, offset);
}

static void test_find(void **state)
{
	struct symbol sym;
	struct syms *s;

	(void)state;
	write_file(kernel, modules);
	assert_int_equal(syms__new(path, NULL, 0, &s), 0);
	check(s, 0xffffffff81100005, "msi_next_desc", "", 5);
	check(s, 0xffffffff811000ff, "msi_next_desc", "", 0xff);
	check(s, 0xffffffff81100100, "msi_find_desc", "", 0);
	check(s, 0xffffffffc0000004, "nvme_reset", "nvme", 4);
	check(s, 0xffffffffc0001004, "probe", "nvme", 4);
	assert_int_equal(syms__find(s, 0xffffffff80000000, &sym), -ENOENT);
	assert_int_equal(syms__find(s, 0x1000, &sym), -ENOENT);
	/* far behind the last symbol below it */
	assert_int_equal(syms__find(s, 0xffffffff90000000, &sym), -ENOENT);
	syms__free(s);
}

static void test_without_names(void **state)
{
	struct syms_wanted wanted[] = { { "msi_next_desc", 1, 0, false }, { NULL, 1, 0, false },
					{ "no_such_function", 1, 0, false },
					{ "msi_next_desc", 1, 0, false }, { "other_data", 1, 0, true },
					{ "some_data", 1, 0, false }, { "msi_find_desc", 1, 0, true } };
	struct syms *s;

	(void)state;
	write_file(kernel, modules);
	assert_int_equal(syms__new(path, wanted, 7, &s), 0);
	assert_int_equal(wanted[0].addr, 0xffffffff81100000);
	assert_int_equal(wanted[2].addr, 0);
	assert_int_equal(wanted[3].addr, 0xffffffff81100000);
	assert_int_equal(wanted[4].addr, 0xffffffff82000100);
	assert_int_equal(wanted[5].addr, 0);		/* a variable that is not said to be one */
	assert_int_equal(wanted[6].addr, 0xffffffff81100100);
	assert_int_equal(syms__function(s, 0xffffffff81100042), 0xffffffff81100000);
	assert_int_equal(syms__function(s, 0xffffffffc0001042), 0xffffffffc0001000);
	assert_int_equal(syms__function(s, 0x1000), 0);
	assert_true(syms__is_interrupt_entry(s, 0xffffffff81200000));
	assert_false(syms__is_interrupt_entry(s, 0xffffffff81100000));
	assert_true(syms__is_bpf(s, 0xffffffffc0100000));
	assert_false(syms__is_bpf(s, 0xffffffffc0000000));
	assert_false(syms__is_bpf(s, 0xffffffff81100000));
	syms__free(s);
}

/* The compiler's parts of a function are the function; what only begins alike is not.  */
static void test_tags(void **state)
{
	static const char parts[] =
		"ffffffff83000000 t msi_next_desc.cold\n"
		"ffffffff83000100 t msi_next_desc_of\n"
		"ffffffff83000200 t pci_disable_msix.part.0\n";
	struct syms_wanted wanted[] = { { "msi_next_desc", 0, 0, false }, { "msi_next_desc", 0, 7, false },
					{ "pci_disable_msix", 0, 9, false },
					{ "msi_find_desc", 0, 0, false } };
	struct syms *s;

	(void)state;
	write_file(kernel, parts);
	assert_int_equal(syms__new(path, wanted, 4, &s), 0);
	assert_int_equal(syms__tag(s, 0xffffffff81100000), 7);
	assert_int_equal(syms__tag(s, 0xffffffff83000000), 7);
	assert_int_equal(syms__tag(s, 0xffffffff83000100), 0);
	assert_int_equal(syms__tag(s, 0xffffffff83000200), 9);
	assert_int_equal(syms__tag(s, 0xffffffff81100100), 0);
	assert_int_equal(syms__tag(s, 0), 0);
	assert_int_equal(wanted[0].addr, 0xffffffff81100000);
	assert_int_equal(wanted[2].addr, 0);
	syms__free(s);
}

/* A module that is gone keeps its names; one that comes gets them.  */
static void test_modules_come_and_go(void **state)
{
	struct syms *s;

	(void)state;
	write_file(kernel, modules);
	assert_int_equal(syms__new(path, NULL, 0, &s), 0);
	write_file(kernel, "ffffffffc0200000 t late_probe\t[late]\n");
	assert_int_equal(syms__reload_modules(s), 0);
	check(s, 0xffffffffc0200001, "late_probe", "late", 1);
	check(s, 0xffffffffc0001001, "probe", "nvme", 1);
	assert_int_equal(syms__reload_modules(s), 0);
	check(s, 0xffffffff81100001, "msi_next_desc", "", 1);
	syms__free(s);
}

static void test_errors(void **state)
{
	struct syms *s = NULL;

	(void)state;
	assert_int_equal(syms__new("/nonexistent", NULL, 0, &s), -ENOENT);
	write_file("0000000000000000 T _stext\n0000000000000000 T schedule\n", "");
	assert_int_equal(syms__new(path, NULL, 0, &s), -EPERM);
	write_file("garbage\n\nffff\nzz T x\n", "");
	assert_int_equal(syms__new(path, NULL, 0, &s), -EPERM);
	assert_null(s);
	syms__free(NULL);
}

static void test_variable(void **state)
{
	struct syms *s;
	char buf[32];

	(void)state;
	write_file(kernel, modules);
	assert_int_equal(syms__new(path, NULL, 0, &s), 0);
	assert_int_equal(syms__variable(s, 0xffffffff82000000, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "some_data");
	assert_int_equal(syms__variable(s, 0xffffffff82000120, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "other_data+0x20");
	assert_int_equal(syms__variable(s, 0xffffffff83000000, buf, sizeof(buf)), -ENOENT);
	assert_string_equal(buf, "");
	syms__free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_without_names),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_modules_come_and_go),
		cmocka_unit_test(test_variable),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
