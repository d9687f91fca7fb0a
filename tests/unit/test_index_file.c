// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/query/index_file.h"
#include "client/query/index_pages.h"
#include "client/query/index_table_state.h"
#include "recorded_events.h"

#define ROOM (256u * 1024u * 1024u)
#define WHOLE SIZE_MAX // of a filter
#define HOUR UINT64_C(3600000000000)
#define FIRST_INDEX 4711u
#define NAME "00000000000000004711"

static struct oyez_event_view view;
static char directory[64];
static char path[128];
static uint8_t bytes[64 * 1024];

static const struct oyez_disk *disk(void)
{
    return oyez_disk_system();
}

static void in_directory(char out[128], const char *suffix)
{
    snprintf(out, 128, "%s/" NAME "%s", directory, suffix);
}

static int make_directory(void **state)
{
    (void)state;
    char segment[128];
    strcpy(directory, "/tmp/oyez-index-XXXXXX");
    assert_non_null(mkdtemp(directory));
    in_directory(segment, ".seg");
    in_directory(path, ".idx");
    int fd = open(segment, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    close(fd);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    char file[128];
    in_directory(file, ".seg");
    unlink(file);
    unlink(path);
    assert_int_equal(rmdir(directory), 0); // so nothing else was left in it
    return 0;
}

static struct oyez_journal_segment segment_of(const oyez_index_table *table)
{
    return (struct oyez_journal_segment){.first_index = FIRST_INDEX,
                                         .records = oyez_index_table_records(table),
                                         .sealed = true,
                                         .header_sum = 0xAABBCCDD,
                                         .seal_chain = 0x11223344};
}

static oyez_index_table *open_table(void)
{
    oyez_index_table *table = NULL;
    assert_int_equal(oyez_index_table_open(&table, ROOM), OYEZ_OK);
    return table;
}

static uint64_t key_of(enum oyez_index_field field, unsigned number)
{
    char text[16];
    return oyez_index_key(field, text, (size_t)snprintf(text, sizeof text, "%u", number));
}

static const enum oyez_index_field fields[] = {OYEZ_INDEX_EVENT_TYPE, OYEZ_INDEX_SESSION_ID,
                                               OYEZ_INDEX_PLAN_ID, OYEZ_INDEX_STEP_ID};
static const unsigned distinct[] = {7, 400, 30000, 1000000};

// Seeded: keys of all frequencies, and some records without any.
static oyez_index_table *fill(size_t events)
{
    const struct oyez_journal_record record = {.kind = OYEZ_RECORD_EVENT};
    const struct oyez_journal_record repeat = {.kind = OYEZ_RECORD_REPEAT};
    oyez_index_table *table = open_table();
    char text[4][16];
    unsigned seed = 5;
    view.event = (struct oyez_event){
        .event_type = text[0], .session_id = text[1], .plan_id = text[2], .step_id = text[3]};
    view.event.actor_id = text[1];
    for (size_t i = 0; i < events; i++) {
        for (size_t f = 0; f < 4; f++)
            snprintf(text[f], sizeof text[f], "%u", (unsigned)rand_r(&seed) % distinct[f]);
        view.event.stamp.broker_time = RECORDED_TIME + i * (HOUR / 1000);
        assert_int_equal(oyez_index_table_add(table, &record, &view), OYEZ_OK);
        if (i % 11 == 0)
            assert_int_equal(oyez_index_table_add(table, &repeat, NULL), OYEZ_OK);
    }
    return table;
}

static void write_file(const oyez_index_table *table)
{
    struct oyez_journal_segment segment = segment_of(table);
    assert_int_equal(oyez_index_file_write(disk(), directory, &segment, table), OYEZ_OK);
}

static oyez_err open_file(oyez_index_file **file, const oyez_index_table *table, size_t filter_max)
{
    struct oyez_journal_segment segment = segment_of(table);
    return oyez_index_file_open(file, disk(), directory, &segment, filter_max);
}

static oyez_index_file *open_good(const oyez_index_table *table, size_t filter_max)
{
    oyez_index_file *file = NULL;
    assert_int_equal(open_file(&file, table, filter_max), OYEZ_OK);
    return file;
}

// Sums of what is told, in which any difference shows.
struct told {
    uint64_t groups;
    uint64_t events;
    uint64_t mixed;
};

static bool hear(void *arg, const char *name, size_t size, uint64_t count)
{
    struct told *told = arg;
    told->groups++;
    told->events += count;
    told->mixed += oyez_index_key(OYEZ_INDEX_TAG, name, size) * (count * 2 + 1);
    return true;
}

static oyez_err compare_counts(oyez_index_file *file, const oyez_index_table *table,
                               enum oyez_index_count_by by)
{
    struct told expected = {0}, told = {0};
    assert_true(oyez_index_table_tell(table, by, hear, &expected));
    oyez_err err = oyez_index_file_tell(file, by, hear, &told);
    if (err)
        assert_int_equal(told.groups, 0);
    else
        assert_memory_equal(&expected, &told, sizeof told);
    return err;
}

// What the file says of a key is what the table does, or that it is damaged.
static oyez_err compare_key(oyez_index_file *file, const oyez_index_table *table, uint64_t key)
{
    struct oyez_record_list expected = {0}, found = {0};
    uint32_t count = 0;
    bool has = true;
    assert_int_equal(oyez_index_table_find(table, key, &expected), OYEZ_OK);
    oyez_err err = oyez_index_file_has(file, key, &has);
    if (err == OYEZ_OK)
        assert_true(has || expected.count == 0);
    if (err == OYEZ_OK)
        err = oyez_index_file_count(file, key, &count);
    if (err == OYEZ_OK)
        assert_int_equal(count, expected.count);
    if (err == OYEZ_OK)
        err = oyez_index_file_find(file, key, &found);
    if (err) {
        assert_int_equal(found.count, 0);
    } else {
        assert_int_equal(found.count, expected.count);
        if (found.count > 0)
            assert_memory_equal(found.items, expected.items, found.count * sizeof(uint32_t));
    }
    free(expected.items);
    free(found.items);
    return err;
}

static size_t read_bytes(void)
{
    int fd = open(path, O_RDONLY);
    ssize_t size = read(fd, bytes, sizeof bytes);
    assert_true(size > 0 && size < (ssize_t)sizeof bytes);
    close(fd);
    return (size_t)size;
}

static void write_bytes(size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, bytes, size), size);
    close(fd);
}

static void test_a_segment_without_the_file_is_said_to_have_none(void **state)
{
    (void)state;
    oyez_index_table *table = open_table();
    oyez_index_file *file = NULL;
    assert_int_equal(open_file(&file, table, WHOLE), OYEZ_ERR_NOT_FOUND);
    assert_null(file);
    oyez_index_file_close(&file);
    oyez_index_table_close(&table);
}

static void test_a_segment_without_keys_has_a_file_that_knows_nothing(void **state)
{
    (void)state;
    oyez_index_table *table = open_table();
    write_file(table);
    oyez_index_file *file = open_good(table, WHOLE);
    assert_int_equal(compare_key(file, table, 0), OYEZ_OK);
    assert_int_equal(compare_key(file, table, UINT64_MAX), OYEZ_OK);
    assert_int_equal(compare_counts(file, table, OYEZ_INDEX_COUNT_TYPES), OYEZ_OK);
    assert_int_equal(oyez_index_file_check(file), OYEZ_OK);
    oyez_index_file_close(&file);
    oyez_index_table_close(&table);
}

static void compare_all(const oyez_index_table *table, size_t filter_max, unsigned rounds)
{
    oyez_index_file *file = open_good(table, filter_max);
    unsigned seed = 9, wrong = 0;
    bool has;
    for (unsigned round = 0; round < rounds; round++) {
        unsigned f = round % 4;
        uint64_t key = key_of(fields[f], (unsigned)rand_r(&seed) % (2 * distinct[f]));
        assert_int_equal(compare_key(file, table, key), OYEZ_OK);
        assert_int_equal(oyez_index_file_has(file, key, &has), OYEZ_OK);
        wrong += has && oyez_index_table_count(table, key) == 0;
    }
    assert_true(wrong < rounds / 20);
    assert_int_equal(compare_key(file, table, 0), OYEZ_OK);
    assert_int_equal(compare_key(file, table, UINT64_MAX), OYEZ_OK);
    for (unsigned by = 0; by < OYEZ_INDEX_COUNTS; by++)
        assert_int_equal(compare_counts(file, table, by), OYEZ_OK);
    assert_int_equal(oyez_index_file_check(file), OYEZ_OK);
    oyez_index_file_close(&file);
}

static void test_table_and_file_answer_alike(void **state)
{
    (void)state;
    oyez_index_table *table = fill(100000);
    write_file(table);
    compare_all(table, WHOLE, 20000);
    compare_all(table, 0, 5000); // the filter is read block by block
    oyez_index_table_close(&table);
}

static void test_a_filter_beyond_what_may_be_kept_is_not_kept(void **state)
{
    (void)state;
    oyez_index_table *table = fill(20000);
    write_file(table);
    oyez_index_file *whole = open_good(table, WHOLE), *part = open_good(table, 1000);
    assert_true(oyez_index_file_memory(part) < 16384);
    assert_true(oyez_index_file_memory(whole) > oyez_index_file_memory(part) + 20000);
    oyez_index_file_close(&whole);
    oyez_index_file_close(&part);
    oyez_index_table_close(&table);
}

// Whoever chooses values may choose keys; guessing where they stand is then of no use.
static void test_keys_are_found_however_they_are_spread(void **state)
{
    (void)state;
    enum { KEYS = 40000 };
    oyez_index_table *table = fill(30000);
    size_t count = 0, slots = (size_t)1 << table->slot_bits;
    for (size_t i = 0; i < slots; i++) { // the table itself finds nothing from here on
        struct oyez_index_entry *slot = &table->slots[i];
        if (slot->count > 0 && ++count <= KEYS)
            slot->key = count % 2 ? count : UINT64_MAX - count;
    }
    assert_true(count >= KEYS);
    write_file(table);
    oyez_index_file *file = open_good(table, WHOLE);
    for (uint64_t n = 1; n <= KEYS; n += 7) {
        uint32_t records;
        assert_int_equal(oyez_index_file_count(file, n % 2 ? n : UINT64_MAX - n, &records),
                         OYEZ_OK);
        assert_true(records > 0);
        assert_int_equal(oyez_index_file_count(file, n % 2 ? UINT64_MAX - n : n, &records),
                         OYEZ_OK);
        assert_int_equal(records, 0);
    }
    assert_int_equal(oyez_index_file_check(file), OYEZ_OK);
    oyez_index_file_close(&file);
    oyez_index_table_close(&table);
}

// Right, or said to be damaged; returns how often it was said.
static unsigned ask_damaged(const oyez_index_table *table, size_t filter_max)
{
    oyez_index_file *file = NULL;
    unsigned found = 0, seed = 3;
    oyez_err err = open_file(&file, table, filter_max);
    if (err) {
        assert_int_equal(err, OYEZ_ERR_CORRUPT);
        return 1;
    }
    for (unsigned i = 0; i < 24; i++) {
        err = compare_key(file, table,
                          key_of(fields[i % 4], (unsigned)rand_r(&seed) % distinct[i % 4]));
        assert_true(err == OYEZ_OK || err == OYEZ_ERR_CORRUPT);
        found += err != OYEZ_OK;
    }
    for (unsigned by = 0; by < OYEZ_INDEX_COUNTS; by++) {
        err = compare_counts(file, table, by);
        assert_true(err == OYEZ_OK || err == OYEZ_ERR_CORRUPT);
        found += err != OYEZ_OK;
    }
    assert_int_equal(oyez_index_file_check(file), OYEZ_ERR_CORRUPT);
    oyez_index_file_close(&file);
    return found;
}

static void test_a_changed_byte_is_found_or_changes_no_answer(void **state)
{
    (void)state;
    oyez_index_table *table = fill(250);
    unsigned found = 0;
    write_file(table);
    size_t size = read_bytes();
    assert_true(size > 2 * OYEZ_INDEX_PAGE_SIZE && size % OYEZ_INDEX_PAGE_SIZE != 0);
    for (size_t i = 0; i < size; i++) {
        uint8_t flip = (uint8_t)(1u << i % 8);
        int fd = open(path, O_WRONLY);
        bytes[i] ^= flip;
        assert_int_equal(pwrite(fd, &bytes[i], 1, (off_t)i), 1);
        found += ask_damaged(table, i % 2 ? WHOLE : 0) > 0;
        bytes[i] ^= flip;
        assert_int_equal(pwrite(fd, &bytes[i], 1, (off_t)i), 1);
        close(fd);
    }
    assert_true(found > size / 2);
    oyez_index_table_close(&table);
}

static void test_a_file_that_is_too_short_or_too_long_is_found(void **state)
{
    (void)state;
    oyez_index_table *table = fill(250);
    oyez_index_file *file = NULL;
    write_file(table);
    size_t size = read_bytes();
    for (size_t more = 1; more <= OYEZ_INDEX_PAGE_SIZE + 8; more++) {
        assert_int_equal(truncate(path, (off_t)(size + more)), 0);
        assert_int_equal(open_file(&file, table, WHOLE), OYEZ_ERR_CORRUPT);
    }
    for (size_t cut = size; cut-- > 0;) {
        assert_int_equal(truncate(path, (off_t)cut), 0);
        assert_int_equal(open_file(&file, table, WHOLE), OYEZ_ERR_CORRUPT);
    }
    write_bytes(size);
    compare_all(table, WHOLE, 100);
    oyez_index_table_close(&table);
}

static void test_a_file_that_is_cut_while_in_use_is_found(void **state)
{
    (void)state;
    oyez_index_table *table = fill(5000);
    write_file(table);
    oyez_index_file *file = open_good(table, 0);
    assert_int_equal(truncate(path, 5000), 0);
    assert_int_equal(compare_key(file, table, key_of(OYEZ_INDEX_EVENT_TYPE, 1)), OYEZ_ERR_CORRUPT);
    assert_int_equal(oyez_index_file_check(file), OYEZ_ERR_CORRUPT);
    oyez_index_file_close(&file);
    oyez_index_table_close(&table);
}

static void test_pages_that_changed_places_are_found(void **state)
{
    (void)state;
    uint8_t page[OYEZ_INDEX_PAGE_SIZE];
    oyez_index_table *table = fill(1000);
    write_file(table);
    size_t size = read_bytes();
    assert_true(size > 4 * sizeof page);
    memcpy(page, bytes + sizeof page, sizeof page);
    memcpy(bytes + sizeof page, bytes + 2 * sizeof page, sizeof page);
    memcpy(bytes + 2 * sizeof page, page, sizeof page);
    write_bytes(size);
    oyez_index_file *file = open_good(table, 0);
    assert_int_equal(oyez_index_file_check(file), OYEZ_ERR_CORRUPT);
    oyez_index_file_close(&file);
    oyez_index_table_close(&table);
}

static void test_a_page_of_another_index_is_found(void **state)
{
    (void)state;
    oyez_index_table *table = fill(1000), *other = fill(1001);
    uint8_t page[OYEZ_INDEX_PAGE_SIZE];
    write_file(other);
    (void)read_bytes();
    memcpy(page, bytes + sizeof page, sizeof page);
    write_file(table);
    size_t size = read_bytes();
    memcpy(bytes + sizeof page, page, sizeof page);
    write_bytes(size);
    oyez_index_file *file = open_good(table, 0);
    assert_int_equal(oyez_index_file_check(file), OYEZ_ERR_CORRUPT);
    oyez_index_file_close(&file);
    oyez_index_table_close(&table);
    oyez_index_table_close(&other);
}

static void expect_refused(const oyez_index_table *table, struct oyez_journal_segment segment,
                           const char *why)
{
    oyez_index_file *file = NULL;
    (void)table;
    assert_int_equal(oyez_index_file_open(&file, disk(), directory, &segment, WHOLE),
                     OYEZ_ERR_CORRUPT);
    assert_non_null(strstr(oyez_error_detail(), why));
    assert_null(file);
}

static void test_the_file_of_another_segment_or_state_is_refused(void **state)
{
    (void)state;
    char renamed[128];
    oyez_index_table *table = fill(100);
    write_file(table);
    struct oyez_journal_segment segment = segment_of(table);
    segment.header_sum++;
    expect_refused(table, segment, "another segment");
    segment = segment_of(table);
    segment.seal_chain++;
    expect_refused(table, segment, "another state");
    segment = segment_of(table);
    segment.records++;
    expect_refused(table, segment, "another state");
    snprintf(renamed, sizeof renamed, "%s/00000000000000000001.idx", directory);
    assert_int_equal(rename(path, renamed), 0);
    segment = segment_of(table);
    segment.first_index = 1;
    expect_refused(table, segment, "another segment");
    assert_int_equal(unlink(renamed), 0);
    oyez_index_table_close(&table);
}

static void test_another_version_or_another_kind_of_file_is_refused(void **state)
{
    (void)state;
    oyez_index_table *table = open_table();
    oyez_index_file *file = NULL;
    write_file(table);
    size_t size = read_bytes(), payload = size - OYEZ_INDEX_SUM_SIZE;
    static const size_t places[] = {8, 0};
    static const oyez_err expected[] = {OYEZ_ERR_VERSION, OYEZ_ERR_CORRUPT};
    for (size_t i = 0; i < 2; i++) {
        bytes[places[i]]++;
        uint32_t sum = oyez_index_page_sum(0, 0, bytes, payload);
        for (size_t b = 0; b < 4; b++)
            bytes[payload + b] = (uint8_t)(sum >> 8 * b);
        write_bytes(size);
        assert_int_equal(open_file(&file, table, WHOLE), expected[i]);
    }
    oyez_index_table_close(&table);
}

static void test_what_was_not_counted_is_not_told(void **state)
{
    (void)state;
    const struct oyez_journal_record record = {.kind = OYEZ_RECORD_EVENT};
    oyez_index_table *table = open_table();
    struct told told = {0};
    char name[16];
    view.event = (struct oyez_event){.event_type = "a", .actor_id = name};
    for (unsigned i = 0; i <= OYEZ_INDEX_GROUPS_MAX; i++) {
        snprintf(name, sizeof name, "%u", i);
        assert_int_equal(oyez_index_table_add(table, &record, &view), OYEZ_OK);
    }
    write_file(table);
    oyez_index_file *file = open_good(table, WHOLE);
    assert_int_equal(oyez_index_file_tell(file, OYEZ_INDEX_COUNT_ACTORS, hear, &told),
                     OYEZ_ERR_TOO_LARGE);
    assert_int_equal(told.groups, 0);
    assert_int_equal(compare_counts(file, table, OYEZ_INDEX_COUNT_TYPES), OYEZ_OK);
    assert_int_equal(oyez_index_file_check(file), OYEZ_OK);
    oyez_index_file_close(&file);
    oyez_index_table_close(&table);
}

static int open_read_only(void *context, const char *name, int flags, mode_t mode)
{
    errno = EROFS;
    return flags & O_CREAT ? -1 : disk()->open(context, name, flags, mode);
}

static ssize_t write_nothing(void *context, int fd, const void *data, size_t size, off_t offset)
{
    (void)context, (void)fd, (void)data, (void)size, (void)offset;
    errno = ENOSPC;
    return -1;
}

static void test_a_file_that_cannot_be_written_leaves_nothing_behind(void **state)
{
    (void)state;
    oyez_index_table *table = fill(100);
    struct oyez_journal_segment segment = segment_of(table);
    struct oyez_disk read_only = *disk(), full = *disk();
    char leftover[128];
    in_directory(leftover, ".idx.new");
    read_only.open = open_read_only;
    full.pwrite = write_nothing;
    assert_int_equal(oyez_index_file_write(&read_only, directory, &segment, table), OYEZ_ERR_IO);
    assert_int_equal(oyez_index_file_write(&full, directory, &segment, table), OYEZ_ERR_NO_SPACE);
    assert_int_equal(access(leftover, F_OK), -1);
    assert_int_equal(access(path, F_OK), -1);
    oyez_index_table_close(&table);
}

static void test_what_a_killed_maker_left_is_written_over(void **state)
{
    (void)state;
    oyez_index_table *table = fill(100);
    char leftover[128];
    in_directory(leftover, ".idx.new");
    int fd = open(leftover, O_CREAT | O_WRONLY, 0600);
    memset(bytes, 0x5A, sizeof bytes);
    assert_int_equal(write(fd, bytes, sizeof bytes), sizeof bytes);
    close(fd);
    write_file(table);
    compare_all(table, WHOLE, 100);
    oyez_index_table_close(&table);
}

static void test_who_makes_it_at_the_same_time_is_told_so(void **state)
{
    (void)state;
    oyez_index_table *table = fill(100);
    struct oyez_journal_segment segment = segment_of(table);
    char segment_path[128];
    in_directory(segment_path, ".seg");
    int fd = open(segment_path, O_RDONLY);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(oyez_index_file_write(disk(), directory, &segment, table), OYEZ_ERR_LOCKED);
    assert_int_equal(access(path, F_OK), -1);
    close(fd);
    write_file(table);
    compare_all(table, WHOLE, 100);
    oyez_index_table_close(&table);
}

static void test_who_reads_a_file_is_not_disturbed_by_a_new_one(void **state)
{
    (void)state;
    oyez_index_table *table = fill(5000);
    write_file(table);
    oyez_index_file *file = open_good(table, 0);
    write_file(table);
    assert_int_equal(compare_key(file, table, key_of(OYEZ_INDEX_EVENT_TYPE, 1)), OYEZ_OK);
    assert_int_equal(oyez_index_file_check(file), OYEZ_OK);
    oyez_index_file_close(&file);
    oyez_index_table_close(&table);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_segment_without_the_file_is_said_to_have_none),
        TEST(test_a_segment_without_keys_has_a_file_that_knows_nothing),
        TEST(test_table_and_file_answer_alike),
        TEST(test_a_filter_beyond_what_may_be_kept_is_not_kept),
        TEST(test_keys_are_found_however_they_are_spread),
        TEST(test_a_changed_byte_is_found_or_changes_no_answer),
        TEST(test_a_file_that_is_too_short_or_too_long_is_found),
        TEST(test_a_file_that_is_cut_while_in_use_is_found),
        TEST(test_pages_that_changed_places_are_found),
        TEST(test_a_page_of_another_index_is_found),
        TEST(test_the_file_of_another_segment_or_state_is_refused),
        TEST(test_another_version_or_another_kind_of_file_is_refused),
        TEST(test_what_was_not_counted_is_not_told),
        TEST(test_a_file_that_cannot_be_written_leaves_nothing_behind),
        TEST(test_what_a_killed_maker_left_is_written_over),
        TEST(test_who_makes_it_at_the_same_time_is_told_so),
        TEST(test_who_reads_a_file_is_not_disturbed_by_a_new_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
