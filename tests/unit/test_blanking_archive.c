// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>

#include "erased_journal.h"
#include "oyez/archive.h"

static void archive_all(oyez_journal *journal)
{
    struct oyez_archive_report report;
    uint64_t first = 0;

    while (first < oyez_journal_segment_first(journal)) {
        assert_int_equal(oyez_journal_archive_prepare(journal, first, &report), OYEZ_OK);
        assert_int_equal(oyez_journal_archive(journal, &report, NULL), OYEZ_OK);
        first += report.records;
    }
}

// What the archived segments hold that are there, decompressed.
static unsigned search_archived(uint64_t index)
{
    struct oyez_segment_list list;
    char text[64];
    uint8_t *bytes = malloc(1024 * 1024);
    unsigned found = 0;

    assert_non_null(bytes);
    snprintf(text, sizeof(text), "details-" SECRET "%02u", (unsigned)index + 1);
    assert_int_equal(oyez_segment_list_read(&list, disk, "journal"), OYEZ_OK);
    for (size_t i = 0; i < list.count; i++) {
        struct oyez_segment segment;
        size_t got;
        assert_int_equal(oyez_segment_open(&segment, disk, "journal", list.first[i], O_RDONLY),
                         OYEZ_OK);
        assert_int_equal(oyez_segment_read(&segment, disk, bytes, 1024 * 1024, 0, &got), OYEZ_OK);
        found += memmem(bytes, got, text, strlen(text)) != NULL;
        oyez_segment_close(&segment, disk);
    }
    free(list.first);
    free(bytes);
    return found;
}

static void test_archived_segments_are_written_anew(void **state)
{
    oyez_journal *journal = open_filled(SEGMENT_SIZE);
    oyez_leaf_hasher *hasher = NULL;
    struct oyez_journal_record record;
    struct oyez_hash hash;
    uint8_t leaf[2048];
    size_t size;

    (void)state;
    archive_all(journal);
    assert_int_equal(fake_disk_count(fake, ".seg"), 1);
    assert_int_equal(erase_wanted(journal, NULL), OYEZ_OK);
    assert_int_equal(oyez_leaf_hasher_open(&hasher), OYEZ_OK);
    for (uint64_t i = 0; i < EVENTS; i++) {
        assert_int_equal(oyez_journal_read(journal, i, &record), OYEZ_OK);
        assert_int_equal(record.erased, is_wanted(i));
        assert_int_equal(search_archived(i), !is_wanted(i));
        assert_int_equal(oyez_leaf_build(hasher, &record, leaf, &size), OYEZ_OK);
        assert_int_equal(oyez_leaf_hash(hasher, leaf, size, hash.bytes), OYEZ_OK);
        assert_memory_equal(&hash, &before[i], sizeof(hash));
    }
    oyez_leaf_hasher_close(&hasher);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_equal(verify().problems, 0);
    assert_int_equal(verify().erased, WANTED);
}

static void test_no_power_cut_leaves_an_archive_half_erased(void **state)
{
    bool done = false;

    for (unsigned changes = 1; !done; changes++)
        for (unsigned seed = 0; seed < 3; seed++) {
            tear_down(state);
            set_up(state);
            oyez_journal *journal = open_filled(SEGMENT_SIZE);
            archive_all(journal);
            fake_disk_stop_after(fake, changes);
            done = erase_wanted(journal, NULL) == OYEZ_OK;
            (void)oyez_journal_close(&journal);
            fake_disk_cut(fake, (enum fake_cut)seed, changes);
            look_between();
            journal = open_keyed(fake, &ledger, NULL);
            unsigned found = 0;
            for (size_t i = 0; i < WANTED; i++)
                found += search_archived(wanted[i]);
            assert_true(found == 0 || found == WANTED);
            assert_true(found == 0 || !done);
            assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
            assert_int_equal(fake_disk_count(fake, ".zst.new"), 0);
            assert_int_equal(verify().problems, 0);
            check_ledger(disk, &ledger);
        }
}

int main(void)
{
#define IN_MEMORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_MEMORY(test_archived_segments_are_written_anew),
        IN_MEMORY(test_no_power_cut_leaves_an_archive_half_erased),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
