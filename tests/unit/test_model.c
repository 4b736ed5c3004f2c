// SPDX-License-Identifier: GPL-2.0-only
/* The shadow state, below what the traces of the rules can show: bounds, reuse of addresses,
 * memory.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "validator/model.h"

#define DEV 0xffff888000001000ULL
#define MD 0xffff888000002000ULL
#define DESC 0xffff888000100000ULL

#define FEED(m, name, ID, ...) feed(m, &(struct msi_ev_##name){ \
	.h = { .type = MSI_EV_##ID, .size = sizeof(struct msi_ev_##name), .dev = DEV, .tid = 100, \
	       .ts_ns = 1000, .comm = "test" }, __VA_ARGS__ }.h)

static void feed(struct model *m, const struct msi_event_hdr *e)
{
	assert_int_equal(model__before(m, e), 0);
	model__after(m, e);
}

static int setup(void **state)
{
	*state = malloc(sizeof(struct model));
	return model__init(*state);
}

static int teardown(void **state)
{
	model__destroy(*state);
	free(*state);
	return 0;
}

static void free_desc(struct model *m, uint64_t desc, uint32_t index, uint32_t list)
{
	FEED(m, store_begin, STORE_BEGIN, .md = MD, .list = list, .why = MSI_EV_DESC_FREE);
	FEED(m, store_entry, STORE_ENTRY, .md = MD, .list = list, .desc = desc, .index = index);
	FEED(m, store_end, STORE_END, .md = MD, .list = list, .count = 1);
	FEED(m, desc_free, DESC_FREE, .md = MD, .list = list, .first = index, .last = index,
	     .ndescs = 1);
}

static void insert_makes_and_free_buries(void **state)
{
	struct model *m = *state;
	struct desc *d;

	FEED(m, insert, INSERT, .md = MD, .desc = DESC, .index = 3);
	d = map_get(&m->descs, DESC);
	assert_non_null(d);
	assert_int_equal(d->index, 3);
	assert_int_equal(d->md->nr_descs, 1);
	assert_int_equal(d->inserted.how, MOMENT_SEEN);
	free_desc(m, DESC, 3, 1);
	d = map_get(&m->descs, DESC);
	assert_true(d->freed);
	assert_int_equal(m->nr_tombstones, 1);
	assert_int_equal(model__device(m, DEV)->md->nr_descs, 0);
	FEED(m, insert, INSERT, .md = MD, .desc = DESC, .index = 4);
	assert_false(((struct desc *)map_get(&m->descs, DESC))->freed);
	assert_int_equal(m->nr_tombstones, 0);
}

/* Data of no known device, whose mutex was held when it was last heard of.  */
static void setup_releases_the_mutex(void **state)
{
	const struct msi_ev_lock lock = { .h = { .type = MSI_EV_LOCK }, .md = MD };
	const struct msi_ev_data_setup made = { .h = { .type = MSI_EV_DATA_SETUP }, .md = MD };
	struct model *m = *state;

	feed(m, &lock.h);
	assert_int_equal(m->nr_held, 1);
	feed(m, &made.h);
	assert_int_equal(m->nr_held, 0);
	assert_true(link_empty(&m->held));
}

static void failed_insert_makes_nothing(void **state)
{
	struct model *m = *state;

	FEED(m, insert, INSERT, .md = MD, .desc = DESC, .index = 3, .ret = -16);
	assert_null(map_get(&m->descs, DESC));
}

static void tombstones_are_bounded(void **state)
{
	struct model *m = *state;

	for (uint32_t i = 0; i < TOMBSTONES_MAX + 101; i++)
		free_desc(m, DESC + i * 64, i, i);
	assert_int_equal(m->nr_tombstones, TOMBSTONES_MAX);
	assert_int_equal(m->descs.nr, TOMBSTONES_MAX);
	assert_null(map_get(&m->descs, DESC + 100 * 64));
	assert_non_null(map_get(&m->descs, DESC + 101 * 64));
}

static void lists_are_bounded(void **state)
{
	struct model *m = *state;

	for (uint32_t i = 0; i < 10 * LISTS_MAX; i++) {
		FEED(m, store_begin, STORE_BEGIN, .md = MD, .list = i, .why = MSI_EV_DESC_FREE);
		FEED(m, store_entry, STORE_ENTRY, .md = MD, .list = i, .desc = DESC, .index = 1);
	}
	assert_null(store_list_find(m, 0, MSI_EV_DESC_FREE));
	assert_non_null(store_list_find(m, 10 * LISTS_MAX - 1, MSI_EV_DESC_FREE));
}

static void lists_interleave(void **state)
{
	struct model *m = *state;

	FEED(m, store_begin, STORE_BEGIN, .md = MD, .list = 1, .why = MSI_EV_DESC_FREE);
	FEED(m, store_begin, STORE_BEGIN, .md = MD, .list = 2, .why = MSI_EV_DATA_RELEASE);
	FEED(m, store_entry, STORE_ENTRY, .md = MD, .list = 1, .desc = DESC, .index = 1);
	FEED(m, store_entry, STORE_ENTRY, .md = MD, .list = 2, .desc = DESC + 64, .index = 2);
	FEED(m, store_end, STORE_END, .md = MD, .list = 2, .count = 1);
	FEED(m, store_end, STORE_END, .md = MD, .list = 1, .count = 2);
	assert_int_equal(store_list_find(m, 2, MSI_EV_DATA_RELEASE)->rows[0].index, 2);
	assert_false(store_list_find(m, 2, MSI_EV_DATA_RELEASE)->cut);
	assert_true(store_list_find(m, 1, MSI_EV_DESC_FREE)->cut);	/* one entry is missing */
}

static void release_drops_the_data(void **state)
{
	struct model *m = *state;

	FEED(m, insert, INSERT, .md = MD, .desc = DESC, .index = 3);
	FEED(m, insert, INSERT, .md = MD, .desc = 0, .index = 4);
	FEED(m, lock, LOCK, .md = MD);
	FEED(m, data_release, DATA_RELEASE, .md = MD);
	assert_null(map_get(&m->mds, MD));
	assert_null(map_get(&m->descs, DESC));
	assert_true(link_empty(&m->held));
	assert_null(model__device(m, DEV)->md);
}

static void data_of_another_device_at_the_address(void **state)
{
	struct msi_ev_lock other = {
		.h = { .type = MSI_EV_LOCK, .size = sizeof(other), .dev = DEV + 64 }, .md = MD
	};
	struct model *m = *state;

	FEED(m, insert, INSERT, .md = MD, .desc = DESC, .index = 3);
	feed(m, &other.h);
	assert_null(map_get(&m->descs, DESC));
	assert_null(model__device(m, DEV)->md);
	assert_ptr_equal(model__device(m, DEV + 64)->md, map_get(&m->mds, MD));
}

static void renamed_device_is_another(void **state)
{
	struct model *m = *state;
	uint64_t serial;

	FEED(m, dev_info, DEV_INFO, .name = "a", .md = MD);
	FEED(m, assoc, ASSOC, .desc = DESC, .irq = 24);
	serial = model__device(m, DEV)->serial;
	FEED(m, dev_info, DEV_INFO, .name = "a", .driver = "foo");
	assert_true(model__device(m, DEV)->serial == serial);
	FEED(m, dev_info, DEV_INFO, .name = "b");
	assert_true(model__device(m, DEV)->serial != serial);
	assert_true(link_empty(&model__device(m, DEV)->virqs));
	assert_string_equal(model__virq(m, 24)->dev->name, "a");
	FEED(m, irq_free, IRQ_FREE, .irq = 24);
	assert_null(model__virq(m, 24));
}

static void virq_lives_without_its_descriptor(void **state)
{
	struct model *m = *state;

	FEED(m, insert, INSERT, .md = MD, .desc = DESC, .index = 3);
	FEED(m, assoc, ASSOC, .desc = DESC, .irq = 24, .index = 3);
	free_desc(m, DESC, 3, 1);
	assert_non_null(model__virq(m, 24));
	FEED(m, irq_free, IRQ_FREE, .irq = 24);
	assert_null(model__virq(m, 24));
}

static void freed_virqs_are_forgotten_after_the_baseline(void **state)
{
	struct model *m = *state;

	FEED(m, baseline, BASELINE, .phase = 0);
	FEED(m, irq_free, IRQ_FREE, .irq = 24);
	FEED(m, snap_irq, SNAP_IRQ, .irq = 24, .desc = DESC);
	assert_null(model__virq(m, 24));
	assert_int_equal(m->virqs.nr, 1);
	FEED(m, baseline, BASELINE, .phase = 1);
	assert_int_equal(m->virqs.nr, 0);
}

static void live_handler_beats_a_row(void **state)
{
	struct model *m = *state;

	FEED(m, baseline, BASELINE, .phase = 0);
	FEED(m, assoc, ASSOC, .desc = DESC, .irq = 24);
	FEED(m, request, REQUEST, .irq = 24, .handler = 5, .name = "live");
	FEED(m, snap_irq, SNAP_IRQ, .irq = 24, .handler = 6, .name = "row");
	assert_string_equal(model__virq(m, 24)->name, "live");
	FEED(m, unrequest, UNREQUEST, .irq = 24);
	FEED(m, snap_irq, SNAP_IRQ, .irq = 24, .handler = 6, .name = "row");
	assert_true(model__virq(m, 24)->handler == 0);
}

static void insertion_without_address_gets_it(void **state)
{
	struct model *m = *state;
	struct desc *d;

	FEED(m, insert, INSERT, .md = MD, .desc = 0, .index = 3);
	FEED(m, assoc, ASSOC, .desc = DESC, .irq = 24, .index = 3);
	d = map_get(&m->descs, DESC);
	assert_int_equal(d->inserted.how, MOMENT_SEEN);
	assert_int_equal(d->md->nr_descs, 1);
	assert_true(link_empty(&d->md->anon));
}

static void multi_msi_base(void **state)
{
	struct model *m = *state;

	for (uint32_t i = 0; i < 5; i++)
		FEED(m, assoc, ASSOC, .desc = DESC, .irq = 40 + i, .offset = i);
	assert_int_equal(((struct desc *)map_get(&m->descs, DESC))->irq, 40);
	assert_non_null(model__virq(m, 44));
}

static void loss_forgets(void **state)
{
	struct model *m = *state;

	FEED(m, lock, LOCK, .md = MD);
	free_desc(m, DESC, 3, 1);
	model__lost(m, EV(MASK));
	assert_false(link_empty(&m->held));
	assert_int_equal(m->nr_tombstones, 1);
	model__lost(m, ~0ULL);
	assert_true(link_empty(&m->held));
	assert_int_equal(m->nr_tombstones, 0);
	assert_int_equal(((struct msi_data *)map_get(&m->mds, MD))->lock, LOCK_STATE_UNKNOWN);
}

static void failures_change_nothing(void **state)
{
	struct model *m = *state;

	FEED(m, data_setup, DATA_SETUP, .md = MD, .ret = -12);
	assert_null(map_get(&m->mds, MD));
	FEED(m, assoc, ASSOC, .desc = DESC, .irq = 24, .ret = -22);
	assert_null(model__virq(m, 24));
	FEED(m, assoc, ASSOC, .desc = DESC, .irq = 24);
	FEED(m, request, REQUEST, .irq = 24, .ret = -16, .name = "busy");
	assert_int_equal(model__virq(m, 24)->requested.how, MOMENT_NONE);
	FEED(m, activate, ACTIVATE, .irq = 24, .ret = -28);
	assert_int_equal(model__virq(m, 24)->activated.how, MOMENT_NONE);
	FEED(m, irq_alloc, IRQ_ALLOC, .irq = 24, .nr = 1, .ret = -28);
	assert_non_null(model__virq(m, 24));
	FEED(m, irq_alloc, IRQ_ALLOC, .irq = 24, .nr = 1, .ret = 24);
	assert_null(model__virq(m, 24));
}

static void setup_again_keeps_the_section(void **state)
{
	struct model *m = *state;

	FEED(m, data_setup, DATA_SETUP, .md = MD);
	assert_int_equal(((struct msi_data *)map_get(&m->mds, MD))->lock, LOCK_STATE_FREE);
	FEED(m, lock, LOCK, .md = MD);
	FEED(m, data_setup, DATA_SETUP, .md = MD);
	assert_int_equal(((struct msi_data *)map_get(&m->mds, MD))->lock, LOCK_STATE_HELD);
}

static void setup_of_new_data_replaces_the_old(void **state)
{
	struct model *m = *state;

	FEED(m, data_setup, DATA_SETUP, .md = MD);
	FEED(m, lock, LOCK, .md = MD);
	FEED(m, data_setup, DATA_SETUP, .md = MD + 64);
	assert_null(map_get(&m->mds, MD));
	assert_int_equal(model__device(m, DEV)->md->lock, LOCK_STATE_FREE);
	assert_true(link_empty(&m->held));
}

/* A free whose list did not come: only what is in its range is not known any more.  */
static void free_without_list_forgets_the_range(void **state)
{
	struct model *m = *state;

	for (uint32_t i = 0; i < 7; i++)
		FEED(m, insert, INSERT, .md = MD, .desc = DESC + i * 64, .index = i);
	FEED(m, insert, INSERT, .md = MD, .desc = DESC + 64 * 64, .index = 3, .domid = 1);
	FEED(m, desc_free, DESC_FREE, .md = MD, .first = 2, .last = 4, .ndescs = 3, .list = 9);
	assert_int_equal(m->nr_tombstones, 0);
	assert_int_equal(model__device(m, DEV)->md->nr_descs, 5);
	for (uint32_t i = 0; i < 7; i++)
		assert_int_equal(!map_get(&m->descs, DESC + i * 64), i >= 2 && i <= 4);
	FEED(m, desc_free, DESC_FREE, .md = MD, .first = 0, .last = 65535, .ndescs = 0, .list = 9);
	assert_int_equal(model__device(m, DEV)->md->nr_descs, 5); /* none was there to be freed */
}

static void free_takes_only_its_domain_and_range(void **state)
{
	struct model *m = *state;

	FEED(m, store_begin, STORE_BEGIN, .md = MD, .list = 1, .why = MSI_EV_DESC_FREE, .domid = 1);
	for (uint32_t i = 0; i < 3; i++)
		FEED(m, store_entry, STORE_ENTRY, .md = MD, .list = 1, .desc = DESC + i * 64,
		     .index = i);
	FEED(m, store_end, STORE_END, .md = MD, .list = 1, .count = 3);
	FEED(m, desc_free, DESC_FREE, .md = MD, .list = 1, .domid = 1, .first = 1, .last = 1,
	     .ndescs = 1);
	assert_int_equal(m->nr_tombstones, 1);
	assert_non_null(map_get(&m->descs, DESC + 64));
}

static void free_of_what_had_no_address(void **state)
{
	struct model *m = *state;

	FEED(m, insert, INSERT, .md = MD, .desc = 0, .index = 3);
	FEED(m, insert, INSERT, .md = MD, .desc = 0, .index = 4);
	free_desc(m, DESC, 3, 1);
	assert_int_equal(model__device(m, DEV)->md->nr_descs, 1);
	assert_false(link_empty(&model__device(m, DEV)->md->anon));
}

static void iterator_shows_what_lives(void **state)
{
	struct model *m = *state;

	free_desc(m, DESC, 3, 1);
	FEED(m, first, FIRST, .md = MD, .desc = DESC, .owner_current = 1);
	assert_true(((struct desc *)map_get(&m->descs, DESC))->freed); /* insertions are all seen */
	m->insert_exact = false;
	FEED(m, first, FIRST, .md = MD, .desc = DESC, .owner_current = 1, .index = 8);
	assert_false(((struct desc *)map_get(&m->descs, DESC))->freed);
	assert_int_equal(((struct desc *)map_get(&m->descs, DESC))->index, 8);
	assert_int_equal(m->nr_tombstones, 0);
}

static void baseline_row_does_not_undo_a_lock(void **state)
{
	struct model *m = *state;
	struct msi_data *md;

	FEED(m, lock, LOCK, .md = MD);
	FEED(m, store_begin, STORE_BEGIN, .md = MD, .why = MSI_EV_BASELINE, .owner_tid = 7);
	md = map_get(&m->mds, MD);
	assert_int_equal(md->owner_tid, 100);
	assert_int_equal(md->locked.how, MOMENT_SEEN);
	FEED(m, unlock, UNLOCK, .md = MD);
	FEED(m, store_begin, STORE_BEGIN, .md = MD, .why = MSI_EV_BASELINE, .owner_tid = 7);
	assert_int_equal(md->lock, LOCK_STATE_FREE);
}

static void baseline_row_tells_the_holder(void **state)
{
	struct model *m = *state;
	struct msi_data *md;

	FEED(m, store_begin, STORE_BEGIN, .md = MD, .why = MSI_EV_BASELINE, .owner_tid = 7);
	md = map_get(&m->mds, MD);
	assert_int_equal(md->lock, LOCK_STATE_HELD);
	assert_int_equal(md->owner_tid, 7);
	assert_int_equal(md->locked.how, MOMENT_BEFORE);
	assert_int_equal(md->iter.state, ITER_UNKNOWN);
}

static void loss_drops_lists(void **state)
{
	struct model *m = *state;

	FEED(m, store_begin, STORE_BEGIN, .md = MD, .list = 1, .why = MSI_EV_DESC_FREE);
	model__lost(m, EV(FIRST));
	assert_non_null(store_list_find(m, 1, MSI_EV_DESC_FREE));
	model__lost(m, EV(STORE_ENTRY));
	assert_null(store_list_find(m, 1, MSI_EV_DESC_FREE));
}

static void probes_in_flight_are_bounded(void **state)
{
	struct model *m = *state;
	int used = 0;

	for (uint32_t i = 0; i < 3 * BINDS_MAX; i++)
		FEED(m, bind, BIND, .phase = MSI_BIND_PROBE);
	for (int i = 0; i < BINDS_MAX; i++)
		used += m->binds[i].used;
	assert_int_equal(used, BINDS_MAX);
	for (int i = 0; i < BINDS_MAX; i++)		/* the newest are kept */
		assert_true(m->binds[i].seq > 2 * BINDS_MAX);
}

static void huge_counts_are_harmless(void **state)
{
	struct model *m = *state;

	FEED(m, irq_alloc, IRQ_ALLOC, .irq = 0xfffffff0, .nr = 0xffffffff);
	FEED(m, desc_free, DESC_FREE, .md = MD, .first = 0, .last = 0xffffffff,
	     .ndescs = 0xffffffff, .list = 77);
	FEED(m, first, FIRST, .md = 0, .owner_current = 1);
	FEED(m, bind, BIND, .phase = 99);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(insert_makes_and_free_buries),
		T(setup_releases_the_mutex),
		T(failed_insert_makes_nothing),
		T(tombstones_are_bounded),
		T(lists_are_bounded),
		T(lists_interleave),
		T(release_drops_the_data),
		T(data_of_another_device_at_the_address),
		T(renamed_device_is_another),
		T(virq_lives_without_its_descriptor),
		T(freed_virqs_are_forgotten_after_the_baseline),
		T(live_handler_beats_a_row),
		T(insertion_without_address_gets_it),
		T(multi_msi_base),
		T(loss_forgets),
		T(failures_change_nothing),
		T(setup_again_keeps_the_section),
		T(setup_of_new_data_replaces_the_old),
		T(free_without_list_forgets_the_range),
		T(free_takes_only_its_domain_and_range),
		T(free_of_what_had_no_address),
		T(iterator_shows_what_lives),
		T(baseline_row_does_not_undo_a_lock),
		T(baseline_row_tells_the_holder),
		T(loss_drops_lists),
		T(probes_in_flight_are_bounded),
		T(huge_counts_are_harmless),
	};

	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
