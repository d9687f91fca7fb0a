// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/query/index_pages.h"
#include "index_files.h"

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

static void expect_bad_page(oyez_index_file *file)
{
    assert_int_equal(oyez_index_file_check(file), OYEZ_ERR_CORRUPT);
    assert_non_null(strstr(oyez_error_detail(), "checksum"));
    assert_non_null(strstr(oyez_error_detail(), "offset 4096"));
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
    expect_bad_page(file);
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
    expect_bad_page(file);
    oyez_index_file_close(&file);
    oyez_index_table_close(&table);
    oyez_index_table_close(&other);
}

// What was told cannot be taken back.
static void test_nothing_is_told_of_a_summary_that_ends_in_damage(void **state)
{
    (void)state;
    const struct oyez_journal_record record = {.kind = OYEZ_RECORD_EVENT};
    oyez_index_table *table = open_table();
    char name[16];
    view.event = (struct oyez_event){.event_type = "a", .actor_id = name};
    for (unsigned i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "actor-%u", i);
        assert_int_equal(oyez_index_table_add(table, &record, &view), OYEZ_OK);
    }
    write_file(table);
    int fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, "", 1, lseek(fd, 0, SEEK_END) - 200), 1);
    close(fd);
    oyez_index_file *file = open_good(table, WHOLE);
    assert_int_equal(compare_counts(file, table, OYEZ_INDEX_COUNT_ACTORS), OYEZ_ERR_CORRUPT);
    assert_int_equal(compare_counts(file, table, OYEZ_INDEX_COUNT_TYPES), OYEZ_OK);
    oyez_index_file_close(&file);
    oyez_index_table_close(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_changed_byte_is_found_or_changes_no_answer),
        TEST(test_a_file_that_is_too_short_or_too_long_is_found),
        TEST(test_a_file_that_is_cut_while_in_use_is_found),
        TEST(test_pages_that_changed_places_are_found),
        TEST(test_a_page_of_another_index_is_found),
        TEST(test_nothing_is_told_of_a_summary_that_ends_in_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
