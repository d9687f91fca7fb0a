// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "oyez/erasing.h"
#include "recorded_events.h"

#define NOW (RECORDED_TIME + 1)

static void make_personal(struct oyez_journal_record *record)
{
    record->kind = OYEZ_RECORD_PERSONAL_EVENT;
    record->salt = (const uint8_t *)"0123456789abcdef";
    record->salt_size = 16;
    record->event_type = "plan.created";
    record->event_type_size = strlen(record->event_type);
}

static struct oyez_uuid add_personal(struct recorded *recorded, const char *user)
{
    struct oyez_event event = recorded_event("plan.created", "{}");
    event.user_id = user;
    recorded_add_as(recorded, &event, make_personal);
    recorded_commit(recorded);
    return event.event_id;
}

static struct oyez_erasing erasing_of(const struct oyez_erasing_event *events, size_t count)
{
    struct oyez_erasing erasing = {.by = "operator", .why = "request 17", .count = count};
    erasing.events = calloc(count, sizeof *events);
    assert_non_null(erasing.events);
    memcpy(erasing.events, events, count * sizeof *events);
    return erasing;
}

static void set_hold(struct recorded *recorded, const char *name, const char *condition)
{
    const struct oyez_legal_hold hold = {.name = name,
                                         .conditions = &condition,
                                         .condition_count = 1,
                                         .by = "clerk",
                                         .why = "a suit"};
    oyez_journal_reader *reader;
    oyez_holds *holds;
    assert_int_equal(oyez_journal_reader_open(&reader, recorded->directory, NULL), OYEZ_OK);
    assert_int_equal(oyez_holds_load(&holds, reader, recorded->directory, NULL), OYEZ_OK);
    assert_int_equal(oyez_holds_set(recorded->journal, holds, &hold, NOW), OYEZ_OK);
    oyez_holds_close(&holds);
    oyez_journal_reader_close(&reader);
}

static bool is_erased(const struct recorded *recorded, uint64_t index)
{
    struct oyez_journal_record record;
    assert_int_equal(oyez_journal_read(recorded->journal, index, &record), OYEZ_OK);
    return record.erased;
}

static void test_events_are_erased_whatever_their_order(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open(&recorded);
    struct oyez_erasing_event events[3];
    for (size_t i = 0; i < 3; i++)
        events[2 - i] = (struct oyez_erasing_event){i, add_personal(&recorded, "anna")};
    struct oyez_erasing erasing = erasing_of(events, 3);
    assert_int_equal(oyez_erasing_check(&erasing, recorded.directory, NULL), OYEZ_OK);
    while (erasing.done < erasing.count)
        assert_int_equal(oyez_erasing_step(&erasing, recorded.journal), OYEZ_OK);
    assert_int_equal(erasing.report.erased, 3);
    assert_true(is_erased(&recorded, 0) && is_erased(&recorded, 1) && is_erased(&recorded, 2));
    oyez_erasing_end(&erasing);
    recorded_close(&recorded);
}

static void test_a_hold_stops_all_of_it_by_its_name(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open(&recorded);
    struct oyez_erasing_event events[2] = {{0, add_personal(&recorded, "anna")},
                                           {1, add_personal(&recorded, "bert")}};
    set_hold(&recorded, "suit-7", "user_id=bert");
    struct oyez_erasing erasing = erasing_of(events, 2);
    assert_int_equal(oyez_erasing_check(&erasing, recorded.directory, NULL), OYEZ_ERR_FORBIDDEN);
    assert_non_null(strstr(oyez_error_detail(), "suit-7"));
    assert_false(is_erased(&recorded, 0));
    oyez_erasing_end(&erasing);
    recorded_close(&recorded);
}

static void test_a_hold_that_is_set_meanwhile_is_heeded(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open(&recorded);
    struct oyez_erasing_event event = {0, add_personal(&recorded, "anna")};
    struct oyez_erasing erasing = erasing_of(&event, 1);
    assert_int_equal(oyez_erasing_check(&erasing, recorded.directory, NULL), OYEZ_OK);
    set_hold(&recorded, "late", "user_id=anna");
    assert_int_equal(oyez_erasing_step(&erasing, recorded.journal), OYEZ_ERR_BUSY);
    assert_int_equal(oyez_erasing_check(&erasing, recorded.directory, NULL), OYEZ_ERR_FORBIDDEN);
    assert_false(is_erased(&recorded, 0));
    oyez_erasing_end(&erasing);
    recorded_close(&recorded);
}

static void test_what_is_not_meant_is_refused(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open(&recorded);
    struct oyez_event ordinary = recorded_event("plan.created", "{}");
    recorded_add(&recorded, &ordinary);
    struct oyez_uuid id = add_personal(&recorded, "anna");
    const struct oyez_erasing_event events[] = {
        {0, ordinary.event_id}, // is not personal
        {1, ordinary.event_id}, // another one stands there
        {2, id},                // none does
    };
    const oyez_err expected[] = {OYEZ_ERR_INVALID, OYEZ_ERR_INVALID, OYEZ_ERR_NOT_FOUND};
    for (size_t i = 0; i < 3; i++) {
        struct oyez_erasing erasing = erasing_of(&events[i], 1);
        assert_int_equal(oyez_erasing_check(&erasing, recorded.directory, NULL), expected[i]);
        oyez_erasing_end(&erasing);
    }
    recorded_close(&recorded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_are_erased_whatever_their_order),
        cmocka_unit_test(test_a_hold_stops_all_of_it_by_its_name),
        cmocka_unit_test(test_a_hold_that_is_set_meanwhile_is_heeded),
        cmocka_unit_test(test_what_is_not_meant_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
