// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "validator/map.h"

static void empty(void **state)
{
	const struct map_node *pos = NULL;
	struct map m = { 0 };

	(void)state;
	assert_null(map_get(&m, 1));
	assert_null(map_next(&m, &pos));
	map_del(&m, 1);
	map_free(&m);
}

static void add_get_del(void **state)
{
	static int vals[10007];
	struct map m = { 0 };

	(void)state;
	for (int i = 0; i < 10007; i++)
		assert_int_equal(map_add(&m, 0xffff888000000000ULL + i * 192ULL, &vals[i]), 0);
	assert_int_equal(m.nr, 10007);
	for (int i = 0; i < 10007; i += 2)
		map_del(&m, 0xffff888000000000ULL + i * 192ULL);
	assert_int_equal(m.nr, 5003);
	for (int i = 0; i < 10007; i++)
		assert_ptr_equal(map_get(&m, 0xffff888000000000ULL + i * 192ULL),
				 i % 2 ? &vals[i] : NULL);
	map_free(&m);
	assert_int_equal(m.nr, 0);
}

static void next_in_order(void **state)
{
	const struct map_node *pos = NULL;
	struct map m = { 0 };
	int vals[3], i;
	void *p;

	(void)state;
	for (i = 0; i < 3; i++)
		map_add(&m, 100 - i, &vals[i]);
	for (i = 0; (p = map_next(&m, &pos)); i++)
		assert_ptr_equal(p, &vals[i]);
	assert_int_equal(i, 3);
	map_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),
		cmocka_unit_test(add_get_del),
		cmocka_unit_test(next_in_order),
	};

	return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
