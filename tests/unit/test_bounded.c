// SPDX-License-Identifier: GPL-2.0-only
/* A million interrupts that come and go leave nothing behind.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc.h"
#include "model_check.h"
#include "msitrace/event_desc.h"
#include "validator/validator_internal.h"

#ifdef __SANITIZE_ADDRESS__
#define CYCLES 20000
#else
#define CYCLES 1000000
#endif
#define HASH_SLACK (128 << 10)	/* a table may meet a full bucket late */
#define WARM (2 * TOMBSTONES_MAX)	/* cycles until no more freed descriptors are remembered */

#define DEV 0xffff888000001000ULL
#define MD 0xffff888000002000ULL
#define DESC 0xffff888200000000ULL

struct size {
	uint32_t devices, mds, descs, virqs;
	long blocks, bytes;
};

#define FEED(v, name, ID, ...)                                                                    \
	assert_int_equal(msi_validator__feed(                                                     \
				 v, &(struct msi_ev_##name){ .h = { .type = MSI_EV_##ID,          \
								    .size = sizeof(               \
									    struct msi_ev_##name), \
								    .dev = dev,                   \
								    .pid = 99,                    \
								    .tid = 100,                   \
								    .hook = MSI_EV_##ID,          \
								    .ts_ns = ++now,               \
								    .comm = "test" },             \
							     __VA_ARGS__ }                        \
					     .h),                                                 \
			 0)

static uint64_t now, dev = DEV;

static void attach(struct msi_validator *v, unsigned int type)
{
	struct msi_ev_attach at = { .h = { .type = MSI_EV_ATTACH, .size = sizeof(at), .hook = type },
				    .event = type, .status = MSI_ATTACH_LIVE, .role = "role" };

	assert_int_equal(msi_validator__feed(v, &at.h), 0);
}

static struct msi_validator *make(void)
{
	struct msi_validator *v = NULL;

	now = 1000;
	assert_int_equal(msi_validator__new(NULL, &v), 0);
	for (unsigned int type = MSI_EV_DATA_SETUP; type < MSI_EV_MAX; type++)
		if (event_desc(type))
			attach(v, type);
	FEED(v, kernel, KERNEL, .version = KVER(7, 2), .profile = PROFILE_X86);
	FEED(v, baseline, BASELINE, .phase = 0);
	FEED(v, baseline, BASELINE, .phase = 1);
	FEED(v, dev_info, DEV_INFO, .md = MD, .name = "0000:00:03.0", .driver = "foo");
	return v;
}

static void allocate(struct msi_validator *v, uint64_t desc, uint32_t irq)
{
	const struct msi_stack stack = { .nr = 2, .ip = { 0xffffffff81000010, 0xffffffff81001010 } };

	FEED(v, lock, LOCK, .md = MD, .stack = stack);
	FEED(v, insert, INSERT, .md = MD, .desc = desc, .nvec_used = 1, .owner_tid = 100,
	     .owner_current = 1, .stack = stack);
	FEED(v, assoc, ASSOC, .desc = desc, .irq = irq, .stack = stack);
	FEED(v, activate, ACTIVATE, .desc = desc, .irq = irq, .irqd = MSI_IRQD_ACTIVATED,
	     .stack = stack);
	FEED(v, unlock, UNLOCK, .md = MD, .owner_tid = 100, .owner_current = 1,
	     .cursor = MSI_INDEX_MAX, .stack = stack);
	FEED(v, request, REQUEST, .desc = desc, .irq = irq, .handler = 1, .name = "rx", .stack = stack);
}

static void release(struct msi_validator *v, uint64_t desc, uint32_t irq, uint32_t list)
{
	FEED(v, unrequest, UNREQUEST, .desc = desc, .irq = irq, .handler = 1, .name = "rx");
	FEED(v, lock, LOCK, .md = MD);
	FEED(v, deactivate, DEACTIVATE, .desc = desc, .irq = irq);
	FEED(v, assoc, ASSOC, .irq = irq);
	FEED(v, irq_free, IRQ_FREE, .desc = desc, .irq = irq, .known = 1);
	FEED(v, store_begin, STORE_BEGIN, .md = MD, .list = list, .why = MSI_EV_DESC_FREE);
	FEED(v, store_entry, STORE_ENTRY, .md = MD, .list = list, .desc = desc, .nvec_used = 1,
	     .assoc = MSI_ASSOC_UNKNOWN);
	FEED(v, store_end, STORE_END, .md = MD, .list = list, .count = 1);
	FEED(v, desc_free, DESC_FREE, .md = MD, .list = list, .ndescs = 1, .owner_tid = 100,
	     .owner_current = 1);
	FEED(v, unlock, UNLOCK, .md = MD, .owner_tid = 100, .owner_current = 1,
	     .cursor = MSI_INDEX_MAX);
}

/* One interrupt: `fresh` gives it an address and numbers of its own.  */
static void cycle(struct msi_validator *v, uint32_t i, bool fresh)
{
	uint32_t nr = fresh ? i + 1 : 1;

	allocate(v, DESC + nr * 0x140ULL, 32 + nr);
	release(v, DESC + nr * 0x140ULL, 32 + nr, nr);
}

static struct size size_of(const struct msi_validator *v)
{
	const struct model *m = &v->model;
	const char *bad = model_check(m);

	if (bad)
		fail_msg("%s", bad);
	return (struct size){ .devices = m->devices.nr, .mds = m->mds.nr, .descs = m->descs.nr,
			      .virqs = m->virqs.nr, .blocks = alloc_live(), .bytes = alloc_bytes() };
}

static void same(struct size a, struct size b)
{
	assert_int_equal(a.devices, b.devices);
	assert_int_equal(a.mds, b.mds);
	assert_int_equal(a.descs, b.descs);
	assert_int_equal(a.virqs, b.virqs);
	assert_int_equal(a.blocks, b.blocks);
	assert_in_range(a.bytes, 0, b.bytes + HASH_SLACK);
}

static void no_findings(struct msi_validator *v)
{
	const struct rule_result *res;
	uint64_t judged = 0;
	size_t nr;

	msi_validator__finish(v);
	res = msi_validator__results(v, &nr);
	for (size_t i = 0; i < nr; i++) {
		if (res[i].findings)
			fail_msg("%s has findings", res[i].rule->id);
		judged += res[i].judged;
	}
	assert_true(judged > CYCLES);
}

static void run(bool fresh, uint32_t warm, uint32_t cycles)
{
	struct msi_validator *v = make();
	struct size at_start;

	for (uint32_t i = 0; i < warm; i++)
		cycle(v, i, fresh);
	at_start = size_of(v);
	for (uint32_t i = warm; i < cycles; i++)
		cycle(v, i, fresh);
	same(size_of(v), at_start);
	assert_int_equal(v->model.virqs.nr, 0);
	no_findings(v);
	msi_validator__free(v);
	assert_int_equal(alloc_live(), 0);
}

/* The kernel's allocator gives the same address out again.  */
static void same_address(void **state)
{
	(void)state;
	run(false, 1, CYCLES / 4);
}

static void fresh_addresses(void **state)
{
	(void)state;
	run(true, WARM, CYCLES);
}

/* Devices that are plugged and unplugged, each at an address of its own.  */
static void fresh_devices(void **state)
{
	struct msi_validator *v = make();
	uint64_t md = MD;

	(void)state;
	for (uint64_t i = 1; i < 4 * DEVICES_MAX; i++) {
		dev += 0x1000;
		md += 0x1000;
		FEED(v, dev_info, DEV_INFO, .md = md, .name = "hot");
		FEED(v, data_setup, DATA_SETUP, .md = md);
		FEED(v, data_release, DATA_RELEASE, .md = md);
	}
	dev = DEV;
	assert_in_range(v->model.devices.nr, 1, DEVICES_MAX);
	assert_non_null(model__device(&v->model, DEV));	/* it has its data still */
	assert_null(model_check(&v->model));
	msi_validator__free(v);
	assert_int_equal(alloc_live(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_address),
		cmocka_unit_test(fresh_addresses),
		cmocka_unit_test(fresh_devices),
	};

	return cmocka_run_group_tests_name("bounded", tests, NULL, NULL);
}
