// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses of kernel functions that modules do not get: a kprobe gives the one of
 * kallsyms_lookup_name(), which gives the others.
 */
#include <linux/kprobes.h>

#include "msitrace_test.h"

typedef unsigned long (*lookup_t)(const char *name);

/*
 * With indirect branch tracking a function begins with endbr64, or with the nop that replaced it
 * where the kernel never takes the function's address, and the probe sits behind it. Calling there
 * is fine as long as nobody enforces the tracking (QEMU TCG does not); step back so that functions
 * with their endbr64 left can be called in any case. The others need ibt=off on hardware that
 * enforces it.
 */
static unsigned long entry_of(unsigned long addr)
{
#ifdef CONFIG_X86_KERNEL_IBT
	static const u8 endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	static const u8 sealed[] = { 0x66, 0x0f, 0x1f, 0x00 };
	static const u8 sealed_616[] = { 0x0f, 0x1f, 0x40, 0xd6 };
	const void *before = (void *)(addr - 4);

	if (!memcmp(before, endbr64, 4) || !memcmp(before, sealed, 4) ||
	    !memcmp(before, sealed_616, 4))
		return addr - 4;
#endif
	return addr;
}

static lookup_t lookup;

/* At load, so that no kprobe is seen in the middle of a scenario. Without it mt_symbol() fails. */
void mt_symbols_init(void)
{
	struct kprobe kp = { .symbol_name = "kallsyms_lookup_name" };
	int err = register_kprobe(&kp);

	if (err) {
		pr_err(MT_NAME ": cannot probe kallsyms_lookup_name: %d, some scenarios will fail\n",
		       err);
		return;
	}
	lookup = (lookup_t)entry_of((unsigned long)kp.addr);
	unregister_kprobe(&kp);
}

/* The address of @name, or NULL with a message that says which function is missing. */
void *mt_symbol(const char *name)
{
	unsigned long addr = lookup ? lookup(name) : 0;

	if (!addr)
		pr_err(MT_NAME ": no address of %s\n", name);
	return (void *)addr;
}
