// SPDX-License-Identifier: GPL-2.0-only
/* The event table and the check of a record.  */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "msitrace/event_desc.h"

/* Expected sizes and offsets come from the compiler, not from the table.  */
static void every_type_has_its_row(void **state)
{
	(void)state;
#define X(ID, name_, value_, stack_, doc_) \
	assert_non_null(event_desc(value_)); \
	assert_string_equal(event_desc(value_)->name, #name_); \
	assert_string_equal(event_desc(value_)->id, #ID); \
	assert_int_equal(event_desc(value_)->size, sizeof(struct msi_ev_##name_)); \
	assert_ptr_equal(event_desc_by_name(#name_), event_desc(value_)); \
	assert_ptr_equal(event_desc_by_name(#ID), event_desc(value_)); \
	assert_true(event_desc(value_)->doc[0]); \
	assert_int_equal(!!event_desc(value_)->stack_offset, stack_);
	MSI_EVENTS(X)
#undef X
	assert_null(event_desc(0));
	assert_null(event_desc(MSI_EV_MAX));
	assert_null(event_desc(~0u));
	assert_null(event_desc_by_name("nonsense"));
}

static void fields_cover_the_record(void **state)
{
	(void)state;
	for (unsigned int type = 0; type < MSI_EV_MAX; type++) {
		const struct event_desc *ed = event_desc(type);
		size_t end = sizeof(struct msi_event_hdr);

		if (!ed)
			continue;
		for (unsigned int i = 0; i < ed->nr_fields; i++) {
			assert_int_equal(ed->fields[i].offset, end);
			end += ed->fields[i].size;
			assert_ptr_equal(field_desc(ed, ed->fields[i].name), &ed->fields[i]);
		}
		if (ed->stack_offset) {
			assert_int_equal(ed->stack_offset, end);
			end += sizeof(struct msi_stack);
		}
		assert_int_equal(end, ed->size);
	}
}

static void offsets_are_the_structs(void **state)
{
	const struct event_desc *ed = event_desc(MSI_EV_MSG_WRITE);

	(void)state;
	assert_int_equal(field_desc(ed, "new_data")->offset,
			 offsetof(struct msi_ev_msg_write, new_data));
	assert_int_equal(ed->stack_offset, offsetof(struct msi_ev_msg_write, stack));
	assert_null(field_desc(ed, "nonsense"));
}

static void values_are_read(void **state)
{
	struct msi_ev_insert e = { .h = { .type = MSI_EV_INSERT }, .desc = 0xffff888012345678ULL,
				   .index = 7, .ret = -16 };
	struct msi_ev_attach at = { .h = { .type = MSI_EV_ATTACH }, .event = 16, .role = "insert" };
	const struct event_desc *ed = event_desc(MSI_EV_INSERT);

	(void)state;
	assert_true(field_value(field_desc(ed, "desc"), &e.h) == 0xffff888012345678ULL);
	assert_true(field_value(field_desc(ed, "index"), &e.h) == 7);
	assert_true((int64_t)field_value(field_desc(ed, "ret"), &e.h) == -16);
	assert_true(field_value(field_desc(event_desc(MSI_EV_ATTACH), "event"), &at.h) == 16);
	assert_true(field_value(field_desc(event_desc(MSI_EV_ATTACH), "role"), &at.h) == 0);
}

static void stacks_are_found(void **state)
{
	struct msi_ev_insert with = { .h = { .type = MSI_EV_INSERT } };
	struct msi_ev_alloc_end without = { .h = { .type = MSI_EV_ALLOC_END } };
	struct msi_event_hdr unknown = { .type = 999 };

	(void)state;
	assert_ptr_equal(event_stack(&with.h), &with.stack);
	assert_null(event_stack(&without.h));
	assert_null(event_stack(&unknown));
}

static struct msi_ev_request good_record(void)
{
	return (struct msi_ev_request){
		.h = { .type = MSI_EV_REQUEST, .size = sizeof(good_record()), .comm = "modprobe" },
		.name = "rx"
	};
}

static void good_records_pass(void **state)
{
	struct msi_ev_request e = good_record();
	char odd[sizeof(e) + 9];

	(void)state;
	assert_int_equal(event_check(&e, sizeof(e)), 0);
	memcpy(odd + 1, &e, sizeof(e));		/* at any address */
	assert_int_equal(event_check(odd + 1, sizeof(e)), 0);
	assert_int_equal(event_check(odd + 1, sizeof(odd) - 1), 0);	/* others may follow */
	e.stack.nr = MSI_STACK_MAX;
	assert_int_equal(event_check(&e, sizeof(e)), 0);
}

static void longer_records_pass(void **state)
{
	struct { struct msi_ev_request e; uint64_t newer_field; } rec = { .e = good_record() };

	(void)state;
	rec.e.h.size = sizeof(rec);
	assert_int_equal(event_check(&rec, sizeof(rec)), 0);
}

static void short_records_fail(void **state)
{
	struct msi_ev_request e = good_record();

	(void)state;
	for (size_t len = 0; len < sizeof(e); len++)
		assert_int_equal(event_check(&e, len), -EMSGSIZE);
	e.h.size = sizeof(e) - 1;
	assert_int_equal(event_check(&e, sizeof(e)), -EMSGSIZE);
	e.h.size = 0;
	assert_int_equal(event_check(&e, sizeof(e)), -EMSGSIZE);
	e.h.size = 0xffff;
	assert_int_equal(event_check(&e, sizeof(e)), -EMSGSIZE);
}

static void unknown_types_are_told_apart(void **state)
{
	struct msi_ev_request e = good_record();

	(void)state;
	e.h.type = MSI_EV_MAX;
	assert_int_equal(event_check(&e, sizeof(e)), -ENOENT);
	e.h.type = 0;
	assert_int_equal(event_check(&e, sizeof(e)), -ENOENT);
	e.h.size = 3;		/* cannot even be skipped */
	assert_int_equal(event_check(&e, sizeof(e)), -EMSGSIZE);
}

static void bad_contents_fail(void **state)
{
	struct msi_ev_request e = good_record();

	(void)state;
	memset(e.name, 'x', sizeof(e.name));
	assert_int_equal(event_check(&e, sizeof(e)), -EBADMSG);
	e = good_record();
	memset(e.h.comm, 'x', sizeof(e.h.comm));
	assert_int_equal(event_check(&e, sizeof(e)), -EBADMSG);
	e = good_record();
	e.stack.nr = MSI_STACK_MAX + 1;
	assert_int_equal(event_check(&e, sizeof(e)), -EBADMSG);
}

static void lists_have_a_length(void **state)
{
	struct msi_ev_pci_enable_end e = {
		.h = { .type = MSI_EV_PCI_ENABLE_END, .size = sizeof(e), .comm = "modprobe" },
		.nr = 2, .entry = { 5, 3, 1 },
	};
	const struct event_desc *ed = event_desc(e.h.type);
	const struct field_desc *fd = field_desc(ed, "entry");

	(void)state;
	assert_int_equal(event_check(&e, sizeof(e)), 0);
	assert_int_equal(field_list_nr(ed, fd, &e.h), 2);
	assert_int_equal(field_list_value(fd, &e.h, 1), 3);
	assert_int_equal(field_value(fd, &e.h), 0);
	e.nr = MSI_ENTRIES_MAX;
	assert_int_equal(event_check(&e, sizeof(e)), 0);
	e.nr = MSI_ENTRIES_MAX + 1;
	assert_int_equal(event_check(&e, sizeof(e)), -EBADMSG);
	assert_int_equal(field_list_nr(ed, fd, &e.h), MSI_ENTRIES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_has_its_row),
		cmocka_unit_test(fields_cover_the_record),
		cmocka_unit_test(offsets_are_the_structs),
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(stacks_are_found),
		cmocka_unit_test(good_records_pass),
		cmocka_unit_test(longer_records_pass),
		cmocka_unit_test(short_records_fail),
		cmocka_unit_test(unknown_types_are_told_apart),
		cmocka_unit_test(bad_contents_fail),
		cmocka_unit_test(lists_have_a_length),
	};

	return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
