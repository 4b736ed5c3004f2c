// SPDX-License-Identifier: GPL-2.0-only
/* What the core does when a message is written, from stacks.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "collect/context.h"

#define BASE 0xffffffff81000000ull
#define WRITE (BASE + 0x0010)
#define ACTIVATE (BASE + 0x1010)
#define SETUP (BASE + 0x2010)
#define DISABLE_PART (BASE + 0x3010)
#define DRIVER (BASE + 0x4010)
#define SYSCALL (BASE + 0x5010)
#define INTERRUPT (BASE + 0x6010)
#define FORK (BASE + 0x7010)

static const char kernel[] =
	"ffffffff81000000 T __pci_write_msi_msg\n"
	"ffffffff81001000 T irq_domain_activate_irq\n"
	"ffffffff81002000 T pci_msi_setup_msi_irqs\n"
	"ffffffff81003000 t pci_disable_msix.part.0\n"
	"ffffffff81004000 t driver_function\n"
	"ffffffff81005000 T entry_SYSCALL_64_after_hwframe\n"
	"ffffffff81006000 T __common_interrupt\n"
	"ffffffff81007000 T ret_from_fork_asm\n";

static struct syms *syms;

static int setup(void **state)
{
	char path[] = "/tmp/msitrace-context-XXXXXX";
	struct syms_wanted wanted[CONTEXT_FUNCS];
	FILE *f = fdopen(mkstemp(path), "w");
	int err;

	(void)state;
	if (!f)
		return -1;
	fputs(kernel, f);
	fclose(f);
	context_wanted(wanted);
	err = syms__new(path, wanted, CONTEXT_FUNCS, &syms);
	unlink(path);
	return err;
}

static int teardown(void **state)
{
	(void)state;
	syms__free(syms);
	return 0;
}

#define context(whole, ...) ({ \
	const uint64_t ips_[] = { __VA_ARGS__ }; \
	struct msi_stack st_ = { .nr = sizeof(ips_) / sizeof(ips_[0]) }; \
	for (unsigned int i_ = 0; i_ < st_.nr; i_++) \
		st_.ip[i_] = ips_[i_]; \
	context_of(syms, &st_, whole); })

static void the_innermost_counts(void **state)
{
	(void)state;
	assert_int_equal(context(true, WRITE, ACTIVATE, SETUP, SYSCALL), MSI_CONTEXT_ACTIVATION);
	assert_int_equal(context(true, WRITE, SETUP, SYSCALL), MSI_CONTEXT_PCI_CORE);
	assert_int_equal(context(true, WRITE, DISABLE_PART, DRIVER, SYSCALL), MSI_CONTEXT_PCI_CORE);
}

static void a_cut_stack_may_have_one(void **state)
{
	(void)state;
	assert_int_equal(context(false, WRITE, ACTIVATE, DRIVER), MSI_CONTEXT_ACTIVATION);
	assert_int_equal(context(false, WRITE, DRIVER, DRIVER), MSI_CONTEXT_UNKNOWN);
	assert_int_equal(context(false, WRITE, DRIVER, SYSCALL), MSI_CONTEXT_UNKNOWN);
}

/* The unwinder may have stopped anywhere: only a stack that reaches its end says that there is none.  */
static void a_whole_one_ends_where_tasks_begin(void **state)
{
	(void)state;
	assert_int_equal(context(true, WRITE, DRIVER, SYSCALL), MSI_CONTEXT_ELSEWHERE);
	assert_int_equal(context(true, WRITE, DRIVER, FORK), MSI_CONTEXT_ELSEWHERE);
	assert_int_equal(context(true, WRITE, DRIVER, INTERRUPT), MSI_CONTEXT_ELSEWHERE);
	assert_int_equal(context(true, WRITE, DRIVER), MSI_CONTEXT_UNKNOWN);
	assert_int_equal(context(true, WRITE), MSI_CONTEXT_UNKNOWN);
	assert_int_equal(context(true, 0x1234, 0x5678), MSI_CONTEXT_UNKNOWN);
	assert_int_equal(context_of(syms, &(struct msi_stack){ 0 }, true), MSI_CONTEXT_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_innermost_counts),
		cmocka_unit_test(a_cut_stack_may_have_one),
		cmocka_unit_test(a_whole_one_ends_where_tasks_begin),
	};

	return cmocka_run_group_tests_name("context", tests, setup, teardown);
}
