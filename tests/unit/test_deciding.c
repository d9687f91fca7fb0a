// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "client/recorder/deciding.h"
#include "wire/batch.h"
#include "wire/envelope.h"

#include "tests/fault/fake_disk.h"

struct desk {
    struct fake_disk *disk;
    oyez_journal *journal;
    oyez_leaf_hasher *hasher;
    struct recorder_emitters *emitters;
    uint64_t position;
    uint8_t header[512];
};

static int open_desk(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    desk->disk = fake_disk_new();
    const struct oyez_journal_options options = {.disk = fake_disk_table(desk->disk)};
    assert_int_equal(oyez_journal_open(&desk->journal, "journal", &options, NULL), OYEZ_OK);
    assert_int_equal(oyez_leaf_hasher_open(&desk->hasher), OYEZ_OK);
    assert_int_equal(recorder_emitters_open(&desk->emitters, 16), OYEZ_OK);
    *state = desk;
    return 0;
}

static int close_desk(void **state)
{
    struct desk *desk = *state;
    (void)oyez_journal_close(&desk->journal);
    oyez_leaf_hasher_close(&desk->hasher);
    recorder_emitters_close(&desk->emitters);
    fake_disk_free(desk->disk);
    free(desk);
    return 0;
}

// An event with the id of its emitter and number.
static struct oyez_journal_record make(struct desk *desk, uint8_t emitter, uint64_t seq,
                                       const char *type, const char *details, bool personal)
{
    static const uint8_t salt[OYEZ_SALT_SIZE] = {7};
    static uint8_t bytes[1024];
    struct oyez_event_parts parts;
    struct oyez_event event = {.event_id = {{2, [14] = emitter, [15] = (uint8_t)seq}},
                               .event_type = type,
                               .occurred_at = 1,
                               .details_format = OYEZ_DETAILS_JSON,
                               .details = details,
                               .details_size = strlen(details)};
    size_t header_size, size = oyez_event_measure(&event, &header_size);
    oyez_event_encode(&event, header_size, bytes);
    assert_int_equal(oyez_event_split(&parts, bytes, size), OYEZ_OK);
    memcpy(desk->header, parts.header, parts.header_size);
    return (struct oyez_journal_record){.kind = personal ? OYEZ_RECORD_PERSONAL_EVENT
                                                         : OYEZ_RECORD_EVENT,
                                        .epoch = 1000,
                                        .position = ++desk->position,
                                        .broker_time = 1,
                                        .emitter_id = {{1, [15] = emitter}},
                                        .emitter_seq = seq,
                                        .type_seq = desk->position,
                                        .event_id = event.event_id,
                                        .event_type = type,
                                        .event_type_size = strlen(type),
                                        .occurred_at = 1,
                                        .header = desk->header,
                                        .header_size = parts.header_size,
                                        .salt = personal ? salt : NULL,
                                        .salt_size = personal ? sizeof salt : 0,
                                        .details = (const uint8_t *)details,
                                        .details_size = strlen(details),
                                        .details_format = OYEZ_DETAILS_JSON};
}

static void append(struct desk *desk, const struct oyez_journal_record *record)
{
    assert_int_equal(oyez_journal_append(desk->journal, record, NULL), OYEZ_OK);
    assert_int_equal(recorder_emitters_note(desk->emitters, record->emitter_id, false,
                                            record->emitter_seq, 1000, record->position, 1),
                     OYEZ_OK);
}

static oyez_err decide(struct desk *desk, uint32_t flags, struct oyez_journal_record *record)
{
    return recorder_decide(desk->journal, desk->hasher,
                           recorder_emitters_find(desk->emitters, record->emitter_id), flags,
                           record);
}

static void record_one(struct desk *desk, bool personal)
{
    struct oyez_journal_record record = make(desk, 1, 1, "plan.created", "{}", personal);
    append(desk, &record);
    assert_int_equal(oyez_journal_commit(desk->journal, NULL), OYEZ_OK);
}

static void test_what_is_not_written_yet_is_found_too(void **state)
{
    struct desk *desk = *state;
    struct oyez_journal_record record = make(desk, 1, 1, "plan.created", "{}", false);
    append(desk, &record);
    struct oyez_journal_record again = make(desk, 1, 1, "plan.created", "{}", false);
    assert_int_equal(decide(desk, OYEZ_FLAG_RESENT, &again), OYEZ_OK);
    assert_int_equal(again.kind, OYEZ_RECORD_REPEAT);
    assert_int_equal(again.first_index, 0);
}

// The old connection of an emitter may be read after the new one has brought the same again.
static void test_a_first_copy_behind_its_resent_one_is_a_repeat(void **state)
{
    struct desk *desk = *state;
    record_one(desk, false);
    struct oyez_journal_record late = make(desk, 1, 1, "plan.created", "{}", false);
    assert_int_equal(decide(desk, 0, &late), OYEZ_OK);
    assert_int_equal(late.kind, OYEZ_RECORD_REPEAT);
    assert_int_equal(late.flags, 0);
}

static void test_the_same_number_and_id_with_another_header_is_a_conflict(void **state)
{
    struct desk *desk = *state;
    record_one(desk, false);
    struct oyez_journal_record again = make(desk, 1, 1, "plan.created", "{}", false);
    desk->header[again.header_size - 1] ^= 1; // of occurred_at
    assert_int_equal(decide(desk, OYEZ_FLAG_RESENT, &again), OYEZ_OK);
    assert_int_equal(again.kind, OYEZ_RECORD_EVENT);
    assert_int_equal(again.flags, OYEZ_RECORD_CONFLICT);
}

static void test_an_event_is_no_repeat_of_a_personal_one(void **state)
{
    struct desk *desk = *state;
    record_one(desk, true);
    struct oyez_journal_record again = make(desk, 1, 1, "plan.created", "{}", false);
    assert_int_equal(decide(desk, OYEZ_FLAG_RESENT, &again), OYEZ_OK);
    assert_int_equal(again.flags, OYEZ_RECORD_CONFLICT);
    struct oyez_journal_record other = make(desk, 2, 1, "plan.created", "{}", false);
    other.event_id = again.event_id;
    assert_int_equal(decide(desk, OYEZ_FLAG_LOOK_UP, &other), OYEZ_OK);
    assert_int_equal(other.flags, OYEZ_RECORD_CONFLICT);
}

static void test_a_personal_fact_said_again_with_another_salt_is_a_repeat(void **state)
{
    struct desk *desk = *state;
    static const uint8_t salt[OYEZ_SALT_SIZE] = {8};
    record_one(desk, true);
    struct oyez_journal_record again = make(desk, 1, 1, "plan.created", "{}", true);
    again.emitter_id.bytes[15] = 2;
    again.salt = salt;
    assert_int_equal(decide(desk, OYEZ_FLAG_LOOK_UP, &again), OYEZ_OK);
    assert_int_equal(again.kind, OYEZ_RECORD_PERSONAL_REPEAT);
}

static void test_another_emitter_without_the_flag_contradicts(void **state)
{
    struct desk *desk = *state;
    record_one(desk, false);
    struct oyez_journal_record again = make(desk, 1, 1, "plan.created", "{}", false);
    again.emitter_id.bytes[15] = 2;
    assert_int_equal(decide(desk, OYEZ_FLAG_RESENT, &again), OYEZ_OK);
    assert_int_equal(again.flags, OYEZ_RECORD_CONFLICT);
}

static void test_the_same_emitter_may_say_a_lost_event_under_another_number(void **state)
{
    struct desk *desk = *state;
    record_one(desk, false);
    struct oyez_journal_record again = make(desk, 1, 1, "plan.created", "{}", false);
    again.emitter_seq = 2;
    assert_int_equal(decide(desk, OYEZ_FLAG_RESENT, &again), OYEZ_OK);
    assert_int_equal(again.kind, OYEZ_RECORD_REPEAT);
}

static void test_an_emitter_that_was_forgotten_is_known_by_the_id(void **state)
{
    struct desk *desk = *state;
    record_one(desk, false);
    struct oyez_journal_record again = make(desk, 1, 1, "plan.created", "{}", false);
    assert_int_equal(recorder_decide(desk->journal, desk->hasher, NULL, OYEZ_FLAG_RESENT, &again),
                     OYEZ_OK);
    assert_int_equal(again.kind, OYEZ_RECORD_REPEAT);
}

#define DESK(test) cmocka_unit_test_setup_teardown(test, open_desk, close_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(test_what_is_not_written_yet_is_found_too),
        DESK(test_a_first_copy_behind_its_resent_one_is_a_repeat),
        DESK(test_the_same_number_and_id_with_another_header_is_a_conflict),
        DESK(test_an_event_is_no_repeat_of_a_personal_one),
        DESK(test_a_personal_fact_said_again_with_another_salt_is_a_repeat),
        DESK(test_another_emitter_without_the_flag_contradicts),
        DESK(test_the_same_emitter_may_say_a_lost_event_under_another_number),
        DESK(test_an_emitter_that_was_forgotten_is_known_by_the_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
