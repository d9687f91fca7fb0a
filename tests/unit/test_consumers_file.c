// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/recorder/consumers_file.h"

static const uint8_t journal_id[OYEZ_JOURNAL_ID_SIZE] = "0123456789abcde";

struct place {
    char directory[64];
    char path[128];
    struct oyez_disk disk;
    int write_error, sync_error;
    unsigned syncs;
    struct recorder_consumers consumers;
    struct recorder_consumers_file file;
    struct recorder_consumers_report report;
};

static ssize_t write_or_fail(void *context, int fd, const void *data, size_t size, off_t offset)
{
    struct place *place = context;
    if (place->write_error == 0)
        return oyez_disk_system()->pwrite(NULL, fd, data, size, offset);
    // A full disk takes half of it.
    (void)oyez_disk_system()->pwrite(NULL, fd, data, size / 2, offset);
    errno = place->write_error;
    return -1;
}

static int sync_or_fail(void *context, int fd)
{
    struct place *place = context;
    place->syncs++;
    errno = place->sync_error;
    return place->sync_error != 0 ? -1 : oyez_disk_system()->fdatasync(NULL, fd);
}

static void open_file(struct place *place)
{
    assert_int_equal(recorder_consumers_file_open(&place->file, &place->disk, place->directory,
                                                  journal_id, &place->consumers, 1000,
                                                  &place->report),
                     OYEZ_OK);
}

static void close_file(struct place *place)
{
    recorder_consumers_file_close(&place->file);
    recorder_consumers_free(&place->consumers);
}

static int open_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    snprintf(place->directory, sizeof place->directory, "/tmp/oyez-consumers-XXXXXX");
    assert_non_null(mkdtemp(place->directory));
    snprintf(place->path, sizeof place->path, "%s/%s", place->directory, RECORDER_CONSUMERS_FILE);
    place->disk = *oyez_disk_system();
    place->disk.context = place;
    place->disk.pwrite = write_or_fail;
    place->disk.fdatasync = sync_or_fail;
    open_file(place);
    *state = place;
    return 0;
}

static int close_place(void **state)
{
    struct place *place = *state;
    char made[160];
    close_file(place);
    snprintf(made, sizeof made, "%s.new", place->path);
    unlink(made);
    unlink(place->path);
    assert_int_equal(rmdir(place->directory), 0);
    free(place);
    return 0;
}

static void reopen(struct place *place)
{
    close_file(place);
    open_file(place);
}

// Puts a consumer at this position into the table and among what waits.
static void stand(struct place *place, const char *name, uint64_t position)
{
    struct recorder_consumer entry = {.epoch = 7,
                                      .position = position,
                                      .last_seen = 99,
                                      .lease_ms = 500,
                                      .holder = {1, 2, 3},
                                      .holder_name = "a process",
                                      .patterns = "plan.*\0deal.*",
                                      .patterns_size = 14};
    snprintf(entry.name, sizeof entry.name, "%s", name);
    assert_true(recorder_consumers_put(&place->consumers, &entry));
    assert_true(recorder_consumers_file_add(&place->file, &entry));
}

static oyez_err sync_file(struct place *place)
{
    return recorder_consumers_file_sync(&place->file, &place->consumers);
}

static const struct recorder_consumer *find(const struct place *place, const char *name)
{
    size_t behind = recorder_consumers_behind(&place->consumers, name);
    assert_true(behind > 0);
    assert_string_equal(place->consumers.sorted[behind - 1]->name, name);
    return place->consumers.sorted[behind - 1];
}

static size_t file_size(const struct place *place)
{
    FILE *file = fopen(place->path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    fclose(file);
    return (size_t)size;
}

static void damage(const struct place *place, size_t offset)
{
    FILE *file = fopen(place->path, "r+b");
    assert_non_null(file);
    fseek(file, (long)offset, SEEK_SET);
    fputc(0xee, file);
    fclose(file);
}

static void test_what_was_synced_comes_back_with_its_lease_begun_anew(void **state)
{
    struct place *place = *state;
    stand(place, "billing", 3);
    stand(place, "audit", 8);
    assert_int_equal(sync_file(place), OYEZ_OK);
    stand(place, "billing", 4);
    assert_int_equal(sync_file(place), OYEZ_OK);
    reopen(place);
    assert_int_equal(place->consumers.count, 2);
    assert_int_equal(place->report.torn_bytes + place->report.damaged_bytes, 0);
    const struct recorder_consumer *billing = find(place, "billing");
    assert_int_equal(billing->epoch, 7);
    assert_int_equal(billing->position, 4);
    assert_int_equal(billing->last_seen, 99);
    assert_int_equal(billing->lease_ms, 500);
    assert_int_equal(billing->lease_end_ms, 1500);
    assert_int_equal(billing->holder[2], 3);
    assert_string_equal(billing->holder_name, "a process");
    assert_int_equal(billing->patterns_size, 14);
    assert_memory_equal(billing->patterns, "plan.*\0deal.*", 14);
    assert_int_equal(find(place, "audit")->position, 8);
}

static void test_many_changes_are_one_sync_and_none_is_none(void **state)
{
    struct place *place = *state;
    stand(place, "billing", 1);
    assert_int_equal(sync_file(place), OYEZ_OK);
    place->syncs = 0;
    for (uint64_t i = 2; i < 50; i++)
        stand(place, "billing", i);
    assert_int_equal(sync_file(place), OYEZ_OK);
    assert_int_equal(place->syncs, 1);
    assert_int_equal(sync_file(place), OYEZ_OK);
    assert_int_equal(place->syncs, 1);
}

static void test_a_deleted_one_stays_away_and_may_come_again(void **state)
{
    struct place *place = *state;
    stand(place, "billing", 3);
    stand(place, "audit", 8);
    recorder_consumers_remove(&place->consumers, "billing");
    assert_true(recorder_consumers_file_add_deletion(&place->file, "billing"));
    assert_int_equal(sync_file(place), OYEZ_OK);
    stand(place, "audit", 9);
    recorder_consumers_remove(&place->consumers, "audit");
    assert_true(recorder_consumers_file_add_deletion(&place->file, "audit"));
    stand(place, "audit", 1);
    assert_int_equal(sync_file(place), OYEZ_OK);
    reopen(place);
    assert_int_equal(place->consumers.count, 1);
    assert_int_equal(find(place, "audit")->position, 1);
}

static void test_a_torn_end_costs_nothing_that_was_synced(void **state)
{
    struct place *place = *state;
    stand(place, "billing", 3);
    assert_int_equal(sync_file(place), OYEZ_OK);
    size_t good = file_size(place);
    stand(place, "billing", 4);
    assert_int_equal(sync_file(place), OYEZ_OK);
    size_t whole = file_size(place);
    for (size_t size = whole - 1; size > good; size -= 7) {
        assert_int_equal(truncate(place->path, (off_t)size), 0);
        reopen(place);
        assert_int_equal(find(place, "billing")->position, 3);
        assert_int_equal(place->report.torn_bytes, size - good);
        assert_int_equal(place->report.damaged_bytes, 0);
    }
    stand(place, "billing", 5); // it is made anew, not appended to
    assert_int_equal(sync_file(place), OYEZ_OK);
    reopen(place);
    assert_int_equal(find(place, "billing")->position, 5);
    assert_int_equal(place->report.torn_bytes, 0);
}

static void test_damage_is_told_and_what_is_behind_it_is_read(void **state)
{
    struct place *place = *state;
    stand(place, "billing", 3);
    stand(place, "audit", 8);
    assert_int_equal(sync_file(place), OYEZ_OK);
    size_t size = file_size(place);
    for (size_t offset = 0; offset < size; offset++) {
        unlink(place->path);
        close_file(place);
        open_file(place);
        stand(place, "billing", 3);
        assert_int_equal(sync_file(place), OYEZ_OK);
        stand(place, "audit", 8);
        stand(place, "billing", 4);
        assert_int_equal(sync_file(place), OYEZ_OK);
        damage(place, offset);
        reopen(place);
        assert_int_equal(find(place, "audit")->position + find(place, "billing")->position, 12);
        assert_true(place->report.damaged_bytes > 0);
        stand(place, "billing", 5);
        assert_int_equal(sync_file(place), OYEZ_OK);
        reopen(place);
        assert_int_equal(place->report.damaged_bytes, 0);
        assert_int_equal(find(place, "billing")->position, 5);
        if (offset > size / 2)
            break; // beyond stand the records that the last ones supersede
    }
}

static void test_a_full_disk_is_an_error_and_later_the_file_is_made_anew(void **state)
{
    struct place *place = *state;
    stand(place, "billing", 3);
    assert_int_equal(sync_file(place), OYEZ_OK);
    place->write_error = ENOSPC;
    stand(place, "billing", 4);
    assert_int_equal(sync_file(place), OYEZ_ERR_NO_SPACE);
    stand(place, "billing", 5);
    assert_int_equal(sync_file(place), OYEZ_ERR_NO_SPACE);
    place->write_error = 0;
    assert_int_equal(sync_file(place), OYEZ_OK); // nothing waits
    stand(place, "billing", 6);
    assert_int_equal(sync_file(place), OYEZ_OK);
    reopen(place);
    assert_int_equal(find(place, "billing")->position, 6);
    assert_int_equal(place->report.torn_bytes + place->report.damaged_bytes, 0);
}

static void test_a_crash_on_a_full_disk_leaves_what_was_synced(void **state)
{
    struct place *place = *state;
    stand(place, "billing", 3);
    assert_int_equal(sync_file(place), OYEZ_OK);
    place->write_error = ENOSPC;
    stand(place, "billing", 4);
    assert_int_equal(sync_file(place), OYEZ_ERR_NO_SPACE);
    stand(place, "billing", 5); // and it cannot be made anew either
    assert_int_equal(sync_file(place), OYEZ_ERR_NO_SPACE);
    place->write_error = 0;
    reopen(place);
    assert_int_equal(find(place, "billing")->position, 3);
}

static void test_after_a_failed_sync_nothing_is_trusted_to_the_same_file(void **state)
{
    struct place *place = *state;
    stand(place, "billing", 3);
    assert_int_equal(sync_file(place), OYEZ_OK);
    place->sync_error = EIO;
    stand(place, "billing", 4);
    assert_int_equal(sync_file(place), OYEZ_ERR_IO);
    place->sync_error = 0;
    stand(place, "audit", 1);
    assert_int_equal(sync_file(place), OYEZ_OK);
    reopen(place);
    assert_int_equal(find(place, "billing")->position, 4); // from the table
    assert_int_equal(find(place, "audit")->position, 1);
}

static void test_the_past_is_dropped_before_the_file_grows_large(void **state)
{
    struct place *place = *state;
    size_t largest = 0;
    for (uint64_t i = 1; i < 4000; i++) {
        stand(place, "billing", i);
        assert_int_equal(sync_file(place), OYEZ_OK);
        largest = place->file.size > largest ? place->file.size : largest;
    }
    assert_true(largest < 300 * 1024);
    reopen(place);
    assert_int_equal(find(place, "billing")->position, 3999);
}

static void test_another_journals_file_is_not_taken(void **state)
{
    struct place *place = *state;
    static const uint8_t other_id[OYEZ_JOURNAL_ID_SIZE] = "another journal";
    stand(place, "billing", 3);
    assert_int_equal(sync_file(place), OYEZ_OK);
    close_file(place);
    assert_int_equal(recorder_consumers_file_open(&place->file, &place->disk, place->directory,
                                                  other_id, &place->consumers, 0, &place->report),
                     OYEZ_OK);
    assert_true(place->report.foreign);
    assert_int_equal(place->consumers.count, 0);
}

#define FIXED(test) cmocka_unit_test_setup_teardown(test, open_place, close_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_what_was_synced_comes_back_with_its_lease_begun_anew),
        FIXED(test_many_changes_are_one_sync_and_none_is_none),
        FIXED(test_a_deleted_one_stays_away_and_may_come_again),
        FIXED(test_a_torn_end_costs_nothing_that_was_synced),
        FIXED(test_damage_is_told_and_what_is_behind_it_is_read),
        FIXED(test_a_full_disk_is_an_error_and_later_the_file_is_made_anew),
        FIXED(test_a_crash_on_a_full_disk_leaves_what_was_synced),
        FIXED(test_after_a_failed_sync_nothing_is_trusted_to_the_same_file),
        FIXED(test_the_past_is_dropped_before_the_file_grows_large),
        FIXED(test_another_journals_file_is_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
