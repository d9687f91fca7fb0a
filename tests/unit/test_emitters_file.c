// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/recorder/emitters_file.h"

static struct oyez_uuid id(unsigned number)
{
    return (struct oyez_uuid){{[0] = 1, [15] = (uint8_t)number}};
}

static struct recorder_emitters *some_emitters(uint64_t time)
{
    struct recorder_emitters *emitters;
    assert_int_equal(recorder_emitters_open(&emitters, 100), OYEZ_OK);
    assert_int_equal(recorder_emitters_note(emitters, id(1), false, 1, 1000, 1, 5), OYEZ_OK);
    assert_int_equal(recorder_emitters_note(emitters, id(2), false, 3, 1000, 2, time), OYEZ_OK);
    recorder_emitters_note_gap(emitters, 1000, 4);
    assert_int_equal(recorder_emitters_note(emitters, id(2), false, 7, 1000, 5, time), OYEZ_OK);
    assert_int_equal(recorder_emitters_note(emitters, id(2), true, 9, 1000, 6, time), OYEZ_OK);
    return emitters;
}

static const struct recorder_state_head head = {
    .journal_id = "0123456789abcde",
    .records = 42,
    .place = {1000, 6},
    .over = {.epoch = 1000, .highest = 8, .clean = true},
    .heard = {.epoch = 2000, .highest = 3},
};

static void test_a_table_comes_back_as_it_was(void **state)
{
    (void)state;
    struct recorder_emitters *emitters = some_emitters(6), *read;
    struct recorder_state_head got;
    size_t size;
    uint8_t *bytes = recorder_state_encode(&head, emitters, &size);
    assert_non_null(bytes);
    assert_int_equal(recorder_emitters_open(&read, 100), OYEZ_OK);
    assert_int_equal(recorder_state_decode(bytes, size, &got, read), OYEZ_OK);
    assert_memory_equal(got.journal_id, head.journal_id, sizeof head.journal_id);
    assert_int_equal(got.records, 42);
    assert_int_equal(got.place.epoch, 1000);
    assert_int_equal(got.place.position, 6);
    assert_int_equal(got.over.epoch, 1000);
    assert_int_equal(got.over.highest, 8);
    assert_true(got.over.clean);
    assert_int_equal(got.heard.epoch, 2000);
    assert_int_equal(got.heard.highest, 3);
    assert_false(got.heard.clean);
    assert_int_equal(recorder_emitters_count(read), 2);
    const struct recorder_emitter *emitter = recorder_emitters_find(read, id(2));
    assert_int_equal(emitter->lowest, 3);
    assert_int_equal(emitter->through, 7);
    assert_int_equal(emitter->fast_through, 9);
    assert_int_equal(emitter->first, 3);
    assert_int_equal(emitter->epoch_through, 7);
    assert_int_equal(emitter->hole_count, 1);
    assert_int_equal(emitter->holes[0].first, 4);
    assert_int_equal(emitter->holes[0].last, 6);
    assert_ptr_equal(recorder_emitters_oldest(read), recorder_emitters_find(read, id(1)));
    assert_int_equal(recorder_emitters_moved_count(read), 0);
    recorder_emitters_close(&read);
    recorder_emitters_close(&emitters);
    free(bytes);
}

static void test_what_a_gap_may_have_swallowed_is_known_in_a_table_that_came_back(void **state)
{
    (void)state;
    struct recorder_emitters *emitters = some_emitters(6), *read;
    struct recorder_state_head got;
    size_t size;
    recorder_emitters_note_gap(emitters, 1000, 8);
    uint8_t *bytes = recorder_state_encode(&head, emitters, &size);
    assert_int_equal(recorder_emitters_open(&read, 100), OYEZ_OK);
    assert_int_equal(recorder_state_decode(bytes, size, &got, read), OYEZ_OK);
    assert_int_equal(recorder_emitters_note(read, id(1), false, 3, 1000, 9, 6), OYEZ_OK);
    const struct recorder_emitter *emitter = recorder_emitters_find(read, id(1));
    assert_int_equal(emitter->hole_count, 1);
    assert_int_equal(emitter->holes[0].first, 2);
    assert_int_equal(emitter->holes[0].last, 2);
    recorder_emitters_close(&read);
    recorder_emitters_close(&emitters);
    free(bytes);
}

static void test_a_file_of_another_layout_is_refused(void **state)
{
    (void)state;
    struct recorder_emitters *emitters = some_emitters(6), *read;
    struct recorder_state_head got;
    size_t size;
    uint8_t *bytes = recorder_state_encode(&head, emitters, &size);
    assert_memory_equal(bytes, "OYEZEMT2", 8);
    bytes[7] = '1';
    assert_int_equal(recorder_emitters_open(&read, 100), OYEZ_OK);
    assert_int_equal(recorder_state_decode(bytes, size, &got, read), OYEZ_ERR_MALFORMED);
    recorder_emitters_close(&read);
    recorder_emitters_close(&emitters);
    free(bytes);
}

static void test_emitters_without_a_record_for_a_day_are_left_out(void **state)
{
    (void)state;
    struct recorder_emitters *emitters = some_emitters(RECORDER_EMITTER_AGE_MAX + 6), *read;
    struct recorder_state_head got;
    size_t size;
    uint8_t *bytes = recorder_state_encode(&head, emitters, &size);
    assert_int_equal(recorder_emitters_open(&read, 100), OYEZ_OK);
    assert_int_equal(recorder_state_decode(bytes, size, &got, read), OYEZ_OK);
    assert_int_equal(recorder_emitters_count(read), 1);
    assert_null(recorder_emitters_find(read, id(1)));
    recorder_emitters_close(&read);
    recorder_emitters_close(&emitters);
    free(bytes);
}

static void test_a_file_that_is_changed_anywhere_or_cut_is_refused(void **state)
{
    (void)state;
    struct recorder_emitters *emitters = some_emitters(6), *read;
    struct recorder_state_head got;
    size_t size;
    uint8_t *bytes = recorder_state_encode(&head, emitters, &size);
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= 1;
        assert_int_equal(recorder_emitters_open(&read, 100), OYEZ_OK);
        assert_int_equal(recorder_state_decode(bytes, size, &got, read), OYEZ_ERR_MALFORMED);
        recorder_emitters_close(&read);
        bytes[i] ^= 1;
        uint8_t *cut = malloc(i + 1); // exactly, so that reading beyond it is seen
        memcpy(cut, bytes, i);
        assert_int_equal(recorder_emitters_open(&read, 100), OYEZ_OK);
        assert_int_equal(recorder_state_decode(cut, i, &got, read), OYEZ_ERR_MALFORMED);
        recorder_emitters_close(&read);
        free(cut);
    }
    recorder_emitters_close(&emitters);
    free(bytes);
}

static void test_a_file_is_replaced_as_a_whole(void **state)
{
    (void)state;
    char directory[] = "/tmp/oyez-state-XXXXXX", path[64];
    uint8_t *bytes;
    size_t size;
    assert_non_null(mkdtemp(directory));
    const struct oyez_disk *disk = oyez_disk_system();
    assert_int_equal(recorder_state_load(disk, directory, &bytes, &size), OYEZ_ERR_NOT_FOUND);
    assert_int_equal(recorder_state_save(disk, directory, (const uint8_t *)"first one", 9),
                     OYEZ_OK);
    assert_int_equal(recorder_state_save(disk, directory, (const uint8_t *)"second", 6), OYEZ_OK);
    assert_int_equal(recorder_state_load(disk, directory, &bytes, &size), OYEZ_OK);
    assert_int_equal(size, 6);
    assert_memory_equal(bytes, "second", 6);
    free(bytes);
    snprintf(path, sizeof path, "%s/%s", directory, RECORDER_STATE_FILE);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0); // nothing else was left
    assert_int_equal(recorder_state_save(disk, directory, (const uint8_t *)"third", 5),
                     OYEZ_ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_table_comes_back_as_it_was),
        cmocka_unit_test(test_what_a_gap_may_have_swallowed_is_known_in_a_table_that_came_back),
        cmocka_unit_test(test_a_file_of_another_layout_is_refused),
        cmocka_unit_test(test_emitters_without_a_record_for_a_day_are_left_out),
        cmocka_unit_test(test_a_file_that_is_changed_anywhere_or_cut_is_refused),
        cmocka_unit_test(test_a_file_is_replaced_as_a_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
