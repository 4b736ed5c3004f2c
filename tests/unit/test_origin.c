// SPDX-License-Identifier: GPL-2.0-only
/* src/ledger/origin.c: whose stack allocated an interrupt that is there.  */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/origin.h"

static int assoc(struct origins *o, uint32_t irq, uint64_t desc, uint64_t ip, int32_t ret)
{
	struct msi_ev_assoc e = {
		.h = { .type = MSI_EV_ASSOC, .size = sizeof(e), .ts_ns = 1000 + irq, .pid = 7, .tid = 8, .comm = "modprobe" },
		.desc = desc, .irq = irq, .ret = ret, .stack = { .nr = 2, .ip = { 1, ip } },
	};

	return origins__event(o, &e.h);
}

static int irq_free(struct origins *o, uint32_t irq)
{
	struct msi_ev_irq_free e = { .h = { .type = MSI_EV_IRQ_FREE, .size = sizeof(e) }, .irq = irq };

	return origins__event(o, &e.h);
}

static void lost(struct origins *o, uint64_t count)
{
	struct msi_ev_lost e = { .h = { .type = MSI_EV_LOST, .size = sizeof(e) }, .count = count };

	assert_int_equal(origins__event(o, &e.h), 0);
}

static void seen_and_gone(void **state)
{
	const struct origin *a, *b;
	struct origins *o;

	(void)state;
	assert_int_equal(origins__new(&o), 0);
	assert_null(origins__get(o, 24));
	assert_int_equal(assoc(o, 24, 1, 100, 0), 0);
	assert_int_equal(assoc(o, 25, 2, 100, 0), 0);
	a = origins__get(o, 24);
	b = origins__get(o, 25);
	assert_non_null(a);
	assert_non_null(b);
	assert_int_equal(a->irq, 24);
	assert_int_equal(a->ts_ns, 1024);
	assert_string_equal(a->comm, "modprobe");
	assert_ptr_equal(a->stack, b->stack);	/* one allocation, one stack */
	assert_int_equal(a->stack->nr, 2);
	assert_int_equal(a->stack->ip[1], 100);
	irq_free(o, 24);
	assert_null(origins__get(o, 24));
	assert_non_null(origins__get(o, 25));
	assoc(o, 25, 0, 5, 0);			/* dissociated: it is lost, or freed next */
	assert_non_null(origins__get(o, 25));
	irq_free(o, 25);
	assert_null(origins__get(o, 25));
	origins__free(o);
}

static void last_one_counts(void **state)
{
	struct origins *o;

	(void)state;
	assert_int_equal(origins__new(&o), 0);
	assoc(o, 24, 1, 100, 0);
	assoc(o, 24, 2, 200, 0);
	assert_int_equal(origins__get(o, 24)->stack->ip[1], 200);
	assoc(o, 24, 3, 300, -EINVAL);		/* it was not associated */
	assert_int_equal(origins__get(o, 24)->stack->ip[1], 200);
	irq_free(o, 99);
	assert_non_null(origins__get(o, 24));
	lost(o, 0);
	assert_non_null(origins__get(o, 24));
	lost(o, 1);				/* it may have been freed, and another have its number */
	assert_null(origins__get(o, 24));
	origins__free(o);
	origins__free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seen_and_gone),
		cmocka_unit_test(last_one_counts),
	};

	return cmocka_run_group_tests_name("origin", tests, NULL, NULL);
}
