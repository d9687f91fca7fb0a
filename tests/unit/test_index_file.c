// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/query/index_pages.h"
#include "client/query/index_table_state.h"
#include "index_files.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_segment_without_the_file_is_said_to_have_none),
        TEST(test_a_segment_without_keys_has_a_file_that_knows_nothing),
        TEST(test_table_and_file_answer_alike),
        TEST(test_a_filter_beyond_what_may_be_kept_is_not_kept),
        TEST(test_keys_are_found_however_they_are_spread),
        TEST(test_the_file_of_another_segment_or_state_is_refused),
        TEST(test_another_version_or_another_kind_of_file_is_refused),
        TEST(test_what_was_not_counted_is_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
