// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/recorder/copying.h"
#include "recorder_fixture.h"

#define EPOCH UINT64_C(1000)

// A mirror's writer without its thread, and a primary that the test plays.
struct desk {
    char directory[64];
    struct oyez_recorder recorder;
    struct recorder_writer writer;
    struct recorder_fixture fixture; // for its frames
    struct recorder_bytes page;
    uint64_t end; // records that the primary has
    char log[1024];
};

static void keep_line(void *arg, enum oyez_severity severity, const char *line)
{
    struct desk *desk = arg;
    (void)severity;
    snprintf(desk->log, sizeof desk->log, "%s", line);
}

static int set_up(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    snprintf(desk->directory, sizeof desk->directory, "/tmp/oyez-copying-XXXXXX");
    assert_non_null(mkdtemp(desk->directory));
    desk->recorder.mirror = true;
    desk->recorder.on_log = keep_line;
    desk->recorder.arg = desk;
    pthread_mutex_init(&desk->recorder.lock, NULL);
    pthread_cond_init(&desk->recorder.for_sync, NULL);
    desk->fixture.broker.epoch = EPOCH;
    struct recorder_writer *writer = &desk->writer;
    writer->recorder = &desk->recorder;
    const struct oyez_journal_options options = {.segment_size = 0};
    assert_int_equal(oyez_journal_open(&desk->recorder.journal, desk->directory, &options, NULL),
                     OYEZ_OK);
    writer->journal = desk->recorder.journal;
    assert_int_equal(recorder_emitters_open(&writer->emitters, 64), OYEZ_OK);
    assert_int_equal(oyez_leaf_hasher_open(&writer->hasher), OYEZ_OK);
    assert_int_equal(recorder_copying_open(writer), OYEZ_OK);
    *state = desk;
    return 0;
}

static int tear_down(void **state)
{
    struct desk *desk = *state;
    recorder_copying_close(&desk->writer);
    oyez_leaf_hasher_close(&desk->writer.hasher);
    recorder_emitters_close(&desk->writer.emitters);
    recorder_arrivals_free(&desk->writer.arrivals);
    recorder_commit_free(&desk->writer.group);
    recorder_commit_free(&desk->recorder.written);
    assert_int_equal(oyez_journal_close(&desk->recorder.journal), OYEZ_OK);
    recorder_remove_directory(desk->directory);
    recorder_bytes_free(&desk->page);
    free(desk);
    return 0;
}

static oyez_err see(struct desk *desk, const struct recorder_batch *batch)
{
    uint8_t frame[4096];
    size_t size = recorder_frame(&desk->fixture, batch, frame);
    const struct recorder_item item = {
        .kind = RECORDER_ITEM_FRAME, .epoch = EPOCH, .frame = frame, .frame_size = size};
    return recorder_copy_item(&desk->writer, &item);
}

// The record that a primary makes of a batch of one event; valid until the next call.
static struct oyez_journal_record record_of(struct desk *desk, const struct recorder_batch *batch,
                                            uint64_t index)
{
    static uint8_t frame[4096];
    struct oyez_batch walked;
    struct oyez_journal_record record;
    const uint8_t *event;
    size_t size = recorder_frame(&desk->fixture, batch, frame);
    assert_int_equal(oyez_batch_walk(&walked, frame, size), OYEZ_BATCH_OK);
    const uint8_t *cursor = walked.events;
    assert_true(oyez_batch_next_event(&walked, &cursor, &event, &size));
    assert_int_equal(
        recorder_arrival_read(&desk->writer.arrivals, &walked, 0, event, size, &record), OYEZ_OK);
    record.index = index;
    return record;
}

static void begin_page(struct desk *desk)
{
    struct recorder_copying *copying = desk->writer.copying;
    uint64_t records = oyez_journal_next_index(desk->writer.journal);
    const struct recorder_records_head head = {.end = desk->end,
                                               .before = copying->last_hash,
                                               .before_size =
                                                   records > 0 ? OYEZ_LEAF_HASH_SIZE : 0};
    assert_int_equal(recorder_records_begin(&desk->page, &head), OYEZ_OK);
}

static void add(struct desk *desk, const struct oyez_journal_record *record)
{
    assert_int_equal(recorder_records_add(&desk->page, desk->writer.hasher, record), OYEZ_OK);
}

static oyez_err copy_page(struct desk *desk)
{
    const struct recorder_item item = {
        .kind = RECORDER_ITEM_RECORDS, .frame = desk->page.bytes, .frame_size = desk->page.size};
    return recorder_copy_item(&desk->writer, &item);
}

static oyez_err copy_one(struct desk *desk, const struct oyez_journal_record *record)
{
    desk->end = record->index + 1;
    begin_page(desk);
    add(desk, record);
    return copy_page(desk);
}

static struct recorder_batch batch_at(uint64_t position)
{
    return (struct recorder_batch){.position = position, .emitter = 1, .seq = position};
}

static void copy_first(struct desk *desk)
{
    const struct recorder_batch batch = batch_at(1);
    struct oyez_journal_record record = record_of(desk, &batch, 0);
    assert_int_equal(see(desk, &batch), OYEZ_OK);
    assert_int_equal(copy_one(desk, &record), OYEZ_OK);
}

// What a primary may say, and what it may not, of the second event on the bus.
static void say_nothing_else(struct oyez_journal_record *record)
{
    (void)record;
}

static void change_details(struct oyez_journal_record *record)
{
    record->details = (const uint8_t *)"{\"amount\":1}";
    record->details_size = 12;
}

static void change_time(struct oyez_journal_record *record)
{
    record->broker_time++;
}

static void change_number(struct oyez_journal_record *record)
{
    record->emitter_seq++;
}

static void change_emitter(struct oyez_journal_record *record)
{
    record->emitter_id.bytes[3] ^= 1;
}

static void flag_conflict(struct oyez_journal_record *record)
{
    record->flags |= OYEZ_RECORD_CONFLICT;
}

static void flag_invalid(struct oyez_journal_record *record)
{
    record->flags |= OYEZ_RECORD_INVALID;
}

static void drop_it(struct oyez_journal_record *record)
{
    record->position = 3;
}

static void bring_it_again(struct oyez_journal_record *record)
{
    record->position = 1;
}

static void change_epoch(struct oyez_journal_record *record)
{
    record->epoch = 2000;
}

static void jump(struct oyez_journal_record *record)
{
    record->index = 2;
}

static void call_it_a_repeat(struct oyez_journal_record *record)
{
    record->kind = OYEZ_RECORD_REPEAT;
    record->first_index = 0;
}

static void call_it_a_repeat_of_itself(struct oyez_journal_record *record)
{
    record->kind = OYEZ_RECORD_REPEAT;
    record->first_index = 1;
}

struct saying {
    void (*change)(struct oyez_journal_record *record);
    oyez_err err;
    const char *says;
};

static const struct saying sayings[] = {
    {say_nothing_else, OYEZ_OK, ""},
    {flag_conflict, OYEZ_OK, ""},
    {change_details, OYEZ_ERR_CORRUPT, "record of 1000:2 is not the event that came over the bus"},
    {change_time, OYEZ_ERR_CORRUPT, "record of 1000:2 is not the event that came over the bus"},
    {change_number, OYEZ_ERR_CORRUPT, "record of 1000:2 is not the event that came over the bus"},
    {change_emitter, OYEZ_ERR_CORRUPT, "record of 1000:2 is not the event that came over the bus"},
    {flag_invalid, OYEZ_ERR_CORRUPT, "record of 1000:2 is not the event that came over the bus"},
    {drop_it, OYEZ_ERR_CORRUPT, "record 1 is of 1000:3, but the one before it ends at 1000:1"},
    {bring_it_again, OYEZ_ERR_CORRUPT, "record 1 is of 1000:1, but the one before it ends at"},
    {change_epoch, OYEZ_ERR_CORRUPT, "record 1 is of 2000:2, but the one before it ends at 1000:1"},
    {jump, OYEZ_ERR_CORRUPT, "where record 1 is due it gives record 2"},
    {call_it_a_repeat, OYEZ_ERR_CORRUPT, "record of 1000:2 is said to repeat record 0"},
    {call_it_a_repeat_of_itself, OYEZ_ERR_CORRUPT, "1000:2 is said to repeat record 1"},
};

static void test_a_record_that_is_not_what_was_seen_is_named_and_not_followed(void **state)
{
    for (size_t i = 0; i < sizeof sayings / sizeof sayings[0]; i++) {
        struct desk *desk = *state;
        const struct recorder_batch second = batch_at(2);
        copy_first(desk);
        struct oyez_journal_record record = record_of(desk, &second, 1);
        sayings[i].change(&record);
        assert_int_equal(see(desk, &second), OYEZ_OK);
        assert_int_equal(copy_one(desk, &record), sayings[i].err);
        if (sayings[i].err != OYEZ_OK && strstr(oyez_error_detail(), sayings[i].says) == NULL)
            fail_msg("%zu: \"%s\" does not say \"%s\"", i, oyez_error_detail(), sayings[i].says);
        assert_int_equal(oyez_journal_next_index(desk->writer.journal),
                         sayings[i].err == OYEZ_OK ? 2 : 1);
        assert_int_equal(desk->writer.copying->witnessed, sayings[i].err == OYEZ_OK ? 2 : 1);
        tear_down(state);
        set_up(state);
    }
}

static void test_what_comes_over_the_bus_later_is_compared_too(void **state)
{
    struct desk *desk = *state;
    const struct recorder_batch first = batch_at(1);
    struct recorder_batch second = batch_at(2);
    copy_first(desk);
    struct oyez_journal_record record = record_of(desk, &second, 1);
    assert_int_equal(copy_one(desk, &record), OYEZ_OK);
    assert_int_equal(desk->writer.copying->witnessed, 1);
    assert_int_equal(see(desk, &first), OYEZ_OK);
    second.details = "{\"amount\":2}";
    assert_int_equal(see(desk, &second), OYEZ_ERR_CORRUPT);
    assert_non_null(strstr(oyez_error_detail(), "1000:2"));
}

static void test_a_repeat_of_the_same_event_is_followed(void **state)
{
    struct desk *desk = *state;
    copy_first(desk);
    const struct recorder_batch again = {
        .position = 2, .emitter = 1, .seq = 1, .flags = OYEZ_FLAG_RESENT};
    struct oyez_journal_record record = record_of(desk, &again, 1);
    call_it_a_repeat(&record);
    assert_int_equal(see(desk, &again), OYEZ_OK);
    assert_int_equal(copy_one(desk, &record), OYEZ_OK);
    assert_int_equal(desk->writer.copying->witnessed, 2);
}

static void test_gaps_ends_and_acts_are_copied(void **state)
{
    struct desk *desk = *state;
    copy_first(desk);
    const struct recorder_batch third = batch_at(3);
    assert_int_equal(see(desk, &third), OYEZ_OK);
    const struct oyez_journal_record records[] = {
        {.kind = OYEZ_RECORD_KEY_ROTATED,
         .index = 1,
         .broker_time = 4,
         .details = (const uint8_t *)"act",
         .details_size = 3},
        {.kind = OYEZ_RECORD_GAP,
         .index = 2,
         .epoch = EPOCH,
         .position = 2,
         .broker_time = 5,
         .last_position = 3,
         .reason = OYEZ_GAP_ABSENT},
        {.kind = OYEZ_RECORD_EPOCH_END,
         .index = 3,
         .epoch = EPOCH,
         .position = 3,
         .broker_time = 6,
         .highest_position = 8,
         .next_epoch = 2000},
    };
    desk->end = 4;
    begin_page(desk);
    for (size_t i = 0; i < 3; i++)
        add(desk, &records[i]);
    assert_int_equal(copy_page(desk), OYEZ_OK);
    assert_int_equal(desk->writer.copying->lost, 1);
    assert_string_equal(desk->log, "the primary has a gap at 1000:2 to 3; 1 of these events came "
                                   "over the bus, 1000:3 first");
    assert_int_equal(desk->writer.place.epoch, 2000);
    assert_int_equal(desk->writer.place.position, 0);
    desk->fixture.broker.epoch = 2000;
    const struct recorder_batch next = batch_at(1);
    struct oyez_journal_record record = record_of(desk, &next, 4);
    assert_int_equal(copy_one(desk, &record), OYEZ_OK);
}

static void test_another_journal_is_not_followed(void **state)
{
    struct desk *desk = *state;
    copy_first(desk);
    desk->end = 0;
    begin_page(desk);
    assert_int_equal(copy_page(desk), OYEZ_ERR_CORRUPT);
    assert_non_null(strstr(oyez_error_detail(), "it has 0 records, this mirror 1"));
    desk->end = 5;
    desk->writer.copying->last_hash[0] ^= 1;
    begin_page(desk);
    desk->writer.copying->last_hash[0] ^= 1;
    assert_int_equal(copy_page(desk), OYEZ_ERR_CORRUPT);
    assert_non_null(strstr(oyez_error_detail(), "its record 0, before 1000:2, is not the one"));
}

static void test_a_mirror_that_is_opened_again_knows_its_last_record(void **state)
{
    struct desk *desk = *state;
    uint8_t last[OYEZ_LEAF_HASH_SIZE];
    copy_first(desk);
    memcpy(last, desk->writer.copying->last_hash, sizeof last);
    recorder_copying_close(&desk->writer);
    assert_int_equal(recorder_copying_open(&desk->writer), OYEZ_OK);
    assert_memory_equal(desk->writer.copying->last_hash, last, sizeof last);
}

#define FIXED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_a_record_that_is_not_what_was_seen_is_named_and_not_followed),
        FIXED(test_what_comes_over_the_bus_later_is_compared_too),
        FIXED(test_a_repeat_of_the_same_event_is_followed),
        FIXED(test_gaps_ends_and_acts_are_copied),
        FIXED(test_another_journal_is_not_followed),
        FIXED(test_a_mirror_that_is_opened_again_knows_its_last_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
