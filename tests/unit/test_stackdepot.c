// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "validator/stackdepot.h"

static struct msi_stack make(uint32_t seed, uint32_t nr)
{
	struct msi_stack st = { .nr = nr };

	for (uint32_t i = 0; i < nr; i++)
		st.ip[i] = 0xffffffff81000000ULL + seed * 64 + i;
	return st;
}

static void empty_is_zero(void **state)
{
	struct stackdepot *sd = stackdepot__new();
	struct msi_stack st = { 0 };
	uint32_t id = 7, nr = 7;

	(void)state;
	assert_int_equal(stackdepot__intern(sd, &st, &id), 0);
	assert_int_equal(id, 0);
	assert_null(stackdepot__frames(sd, 0, &nr));
	assert_int_equal(nr, 0);
	assert_null(stackdepot__frames(sd, 12345, &nr));
	stackdepot__free(sd);
	stackdepot__free(NULL);
}

static void once_each(void **state)
{
	struct stackdepot *sd = stackdepot__new();
	uint32_t first[1009], id, nr;

	(void)state;
	for (uint32_t i = 0; i < 1009; i++) {
		struct msi_stack st = make(i, 1 + i % MSI_STACK_MAX);

		assert_int_equal(stackdepot__intern(sd, &st, &first[i]), 0);
		assert_int_equal(first[i], i + 1);
	}
	for (uint32_t i = 0; i < 1009; i++) {
		struct msi_stack st = make(i, 1 + i % MSI_STACK_MAX);
		const uint64_t *ip;

		assert_int_equal(stackdepot__intern(sd, &st, &id), 0);
		assert_int_equal(id, first[i]);
		ip = stackdepot__frames(sd, id, &nr);
		assert_int_equal(nr, st.nr);
		assert_memory_equal(ip, st.ip, nr * sizeof(*ip));
	}
	stackdepot__free(sd);
}

static void frames_and_order_count(void **state)
{
	const __u64 a[] = { 1, 2, 3, 4, 5 }, b[] = { 2, 1, 3, 4, 5 };

	(void)state;
	assert_true(stack_hash(a, 5) != stack_hash(b, 5));
	assert_true(stack_hash(a, 5) != stack_hash(a, 4));
	assert_true(stack_hash(a, 0) == 0);
	assert_true(stack_hash(a, 1) != 0);
}

/* A stack that came too late is forgotten; those that are in stay.  */
static void full(void **state)
{
	struct stackdepot *sd = stackdepot__new();
	struct msi_stack st;
	uint32_t id, nr;

	(void)state;
	for (uint32_t i = 0; i < STACKDEPOT_MAX - 1; i++) {
		st = make(i, MSI_STACK_MAX);
		assert_int_equal(stackdepot__intern(sd, &st, &id), 0);
		assert_int_equal(id, i + 1);
	}
	st = make(STACKDEPOT_MAX, MSI_STACK_MAX);
	assert_int_equal(stackdepot__intern(sd, &st, &id), 0);
	assert_int_equal(id, 0);
	st = make(5, MSI_STACK_MAX);
	assert_int_equal(stackdepot__intern(sd, &st, &id), 0);
	assert_int_equal(id, 6);
	assert_memory_equal(stackdepot__frames(sd, id, &nr), st.ip, sizeof(st.ip));
	stackdepot__free(sd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_is_zero),
		cmocka_unit_test(once_each),
		cmocka_unit_test(frames_and_order_count),
		cmocka_unit_test(full),
	};

	return cmocka_run_group_tests_name("stackdepot", tests, NULL, NULL);
}
