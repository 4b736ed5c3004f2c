// SPDX-License-Identifier: GPL-2.0-only
/* src/collect/sysfs_list.c: names are taken only when nothing happened between the two marks.  */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "collect/sysfs_list.h"

#define DEV 0xffff888100000000ULL
#define MD (DEV + 0x1000)

static enum sysfs_list_step give(struct sysfs_list *sl, unsigned int type, uint64_t dev)
{
	const struct msi_event_hdr h = { .type = type, .size = sizeof(h), .dev = dev };

	return sysfs_list__event(sl, &h);
}

/* A mark with two entries; what its end is for the list.  */
static enum sysfs_list_step mark_of(struct sysfs_list *sl, uint64_t dev, uint64_t md, uint32_t list,
				    uint64_t owner)
{
	struct msi_ev_store_begin b = { .h = { .type = MSI_EV_STORE_BEGIN, .dev = dev }, .md = md,
					.list = list, .why = MSI_EV_SYSFS_LIST, .owner = owner };
	struct msi_ev_store_entry e = { .h = { .type = MSI_EV_STORE_ENTRY, .dev = dev },
					.list = list };
	struct msi_ev_store_end t = { .h = { .type = MSI_EV_STORE_END, .dev = dev }, .list = list };
	enum sysfs_list_step begin = sysfs_list__event(sl, &b.h), end;

	assert_int_equal(sysfs_list__event(sl, &e.h), begin);
	assert_int_equal(sysfs_list__event(sl, &e.h), begin);
	end = sysfs_list__event(sl, &t.h);
	assert_int_equal(end, begin == SYSFS_LIST_ROWS ? SYSFS_LIST_READY : SYSFS_LIST_MARK);
	return end;
}

static enum sysfs_list_step mark(struct sysfs_list *sl)
{
	return mark_of(sl, DEV, MD, 7 + sl->marks, 0);
}

static void nothing_between(void **state)
{
	struct sysfs_list sl = { 0 };

	(void)state;
	assert_int_equal(give(&sl, MSI_EV_UNLOCK, DEV), SYSFS_LIST_OTHER);
	assert_int_equal(mark(&sl), SYSFS_LIST_MARK);
	assert_int_equal(give(&sl, MSI_EV_UNLOCK, DEV + 8), SYSFS_LIST_OTHER);
	assert_int_equal(give(&sl, MSI_EV_ACTIVATE, DEV), SYSFS_LIST_OTHER);
	assert_int_equal(give(&sl, MSI_EV_STORE_ENTRY, DEV), SYSFS_LIST_OTHER);
	assert_int_equal(mark(&sl), SYSFS_LIST_READY);
	assert_int_equal(sl.list, 8);
	assert_true(sl.dev == DEV && sl.md == MD);
}

static void something_between(void **state)
{
	static const unsigned int types[] = { MSI_EV_LOCK, MSI_EV_UNLOCK, MSI_EV_ASSOC, MSI_EV_IRQ_FREE,
					      MSI_EV_SYSFS, MSI_EV_BIND, MSI_EV_LOST, MSI_EV_INSERT,
					      MSI_EV_DESC_FREE, MSI_EV_DATA_SETUP, MSI_EV_DATA_RELEASE };

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		for (int known = 0; known < 2; known++) {
			struct sysfs_list sl = { 0 };

			mark(&sl);
			assert_int_equal(give(&sl, types[i], known ? DEV : 0), SYSFS_LIST_OTHER);
			assert_int_equal(mark(&sl), SYSFS_LIST_MARK);
			sysfs_list__reset(&sl, 0);
			mark(&sl);
			assert_int_equal(mark(&sl), SYSFS_LIST_READY);
		}
	}
}

/* While the second mark is being sent, after its begin: what it is of has changed.  */
static void something_within(void **state)
{
	struct msi_ev_store_begin b = { .h = { .type = MSI_EV_STORE_BEGIN, .dev = DEV }, .md = MD,
					.list = 9, .why = MSI_EV_SYSFS_LIST };
	struct msi_ev_store_end t = { .h = { .type = MSI_EV_STORE_END, .dev = DEV }, .list = 9 };
	struct sysfs_list sl = { 0 };

	(void)state;
	mark(&sl);
	assert_int_equal(sysfs_list__event(&sl, &b.h), SYSFS_LIST_ROWS);
	give(&sl, MSI_EV_ASSOC, DEV);
	assert_int_equal(sysfs_list__event(&sl, &t.h), SYSFS_LIST_MARK);
}

static void somebody_holds_it(void **state)
{
	for (int which = 0; which < 2; which++) {
		struct sysfs_list sl = { 0 };

		(void)state;
		mark_of(&sl, DEV, MD, 1, which == 0);
		assert_int_equal(mark_of(&sl, DEV, MD, 2, which == 1), SYSFS_LIST_MARK);
	}
}

static void another_device(void **state)
{
	struct sysfs_list sl = { 0 };

	(void)state;
	mark(&sl);
	assert_int_equal(mark_of(&sl, DEV, MD + 8, 2, 0), SYSFS_LIST_MARK);
	sysfs_list__reset(&sl, 0);
	mark(&sl);
	assert_int_equal(mark_of(&sl, DEV + 8, MD, 2, 0), SYSFS_LIST_MARK);
}

/* The marks of a look that was given up come late: they do not belong to the names that were read since.  */
static void an_earlier_look(void **state)
{
	struct sysfs_list sl = { 0 };

	(void)state;
	sysfs_list__reset(&sl, 1000);
	for (int i = 0; i < 3; i++)
		assert_int_equal(mark(&sl), SYSFS_LIST_MARK);
	assert_int_equal(sl.marks, 0);
	assert_false(sl.changed);
	sl.since_ns = 0;
	assert_int_equal(mark(&sl), SYSFS_LIST_MARK);
	assert_int_equal(mark(&sl), SYSFS_LIST_READY);
}

static void a_directory(void **state)
{
	static const char *const files[] = { "25", "24", "31", "4294967295", "4294967296", "x1", "12x" };
	char path[] = "/tmp/test_sysfs_list.XXXXXX", name[64];
	struct sysfs_list sl = { 0 };
	uint32_t first, last;
	size_t pos = 0;

	(void)state;
	assert_non_null(mkdtemp(path));
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(name, sizeof(name), "%s/%s", path, files[i]);
		close(open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	}
	assert_int_equal(sysfs_list__read(&sl, AT_FDCWD, path), 0);
	assert_int_equal(sl.nr, 4);
	assert_true(sysfs_list__run(&sl, &pos, &first, &last) && first == 24 && last == 25);
	assert_true(sysfs_list__run(&sl, &pos, &first, &last) && first == 31 && last == 31);
	assert_true(sysfs_list__run(&sl, &pos, &first, &last) && first == UINT32_MAX);
	assert_false(sysfs_list__run(&sl, &pos, &first, &last));
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(name, sizeof(name), "%s/%s", path, files[i]);
		unlink(name);
	}
	sysfs_list__reset(&sl, 0);
	assert_int_equal(sysfs_list__read(&sl, AT_FDCWD, path), 0);
	assert_int_equal(sl.nr, 0);
	rmdir(path);
	assert_true(sysfs_list__read(&sl, AT_FDCWD, path) < 0);
	sysfs_list__free(&sl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_between),
		cmocka_unit_test(something_between),
		cmocka_unit_test(something_within),
		cmocka_unit_test(somebody_holds_it),
		cmocka_unit_test(another_device),
		cmocka_unit_test(an_earlier_look),
		cmocka_unit_test(a_directory),
	};

	return cmocka_run_group_tests_name("sysfs_list", tests, NULL, NULL);
}
