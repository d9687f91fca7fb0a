// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "journal_samples.h"
#include "oyez/archive.h"
#include "oyez/repair.h"

#define EVENTS 60u
#define FIRST "00000000000000000000"

static char base[64], directory[80], key[96];
static unsigned archived;

static oyez_journal *open_journal(void)
{
    const struct oyez_journal_options options = {.key = key, .segment_size = 4096};
    oyez_journal *journal = NULL;

    assert_int_equal(oyez_journal_open(&journal, directory, &options, NULL), OYEZ_OK);
    return journal;
}

static void add(oyez_journal *journal, uint64_t from, uint64_t to)
{
    uint8_t header[SAMPLE_HEADER_SIZE];

    for (uint64_t number = from; number <= to; number++) {
        struct oyez_journal_record record = sample_numbered(number, header);
        assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
        assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_OK);
    }
}

// All sealed segments, without acts: the indexes of events stay what they would be.
static void archive_all(oyez_journal *journal)
{
    oyez_journal_reader *reader = NULL;
    struct oyez_journal_segment segment;
    struct oyez_archive_report report;
    size_t count;

    assert_int_equal(oyez_journal_reader_open(&reader, directory, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_refresh(reader, &count), OYEZ_OK);
    archived = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        assert_int_equal(oyez_journal_reader_segment(reader, i, &segment), OYEZ_OK);
        assert_int_equal(oyez_journal_archive_prepare(journal, segment.first_index, &report),
                         OYEZ_OK);
        assert_int_equal(oyez_journal_archive(journal, &report, NULL), OYEZ_OK);
        archived++;
    }
    oyez_journal_reader_close(&reader);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(base, sizeof(base), "/tmp/oyez-repair-archive-XXXXXX");
    if (mkdtemp(base) == NULL)
        return -1;
    snprintf(directory, sizeof(directory), "%s/journal", base);
    snprintf(key, sizeof(key), "%s.key", directory);
    oyez_journal *journal = open_journal();
    add(journal, 1, EVENTS);
    archive_all(journal);
    assert_true(archived > 2);
    return oyez_journal_close(&journal) == OYEZ_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[96];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf %s", base);
    return system(command);
}

static bool is_there(const char *name)
{
    char path[160];

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    return access(path, F_OK) == 0;
}

static void assert_good(uint64_t records)
{
    const struct oyez_journal_verify_options options = {.threads = 1};
    struct oyez_journal_verdict verdict;

    assert_int_equal(oyez_journal_verify(directory, &options, &verdict), OYEZ_OK);
    assert_int_equal(verdict.problems, 0);
    assert_int_equal(verdict.records, records);
}

static void test_a_loss_within_an_archived_segment_makes_it_a_file_of_its_own(void **state)
{
    struct oyez_repair_loss loss;

    (void)state;
    assert_good(EVENTS);
    for (uint64_t index = EVENTS - 10; index > 0; index -= 10) {
        assert_int_equal(oyez_repair_accept_loss(directory, key, index, NULL, NULL, &loss),
                         OYEZ_OK);
        assert_int_equal(loss.kept, index);
        assert_good(index);
    }
    assert_true(is_there(FIRST ".seg"));
    assert_false(is_there("archive/" FIRST ".seg.zst"));
    assert_true(is_there("archive/" FIRST ".seg.zst.damaged"));
    oyez_journal *journal = open_journal();
    add(journal, 11, EVENTS);
    archive_all(journal);
    assert_true(archived > 2);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_good(EVENTS);
}

static void test_all_of_an_archived_journal_may_be_given_up(void **state)
{
    struct oyez_repair_loss loss;

    (void)state;
    assert_int_equal(oyez_repair_accept_loss(directory, key, 0, NULL, NULL, &loss), OYEZ_OK);
    assert_int_equal(loss.kept, 0);
    assert_good(0);
}

// What is behind the damage goes, and what stands before it in the same segment stays.
static void test_damage_to_compressed_bytes_is_a_loss_like_others(void **state)
{
    struct oyez_repair_loss loss;
    char path[160];

    (void)state;
    snprintf(path, sizeof(path), "%s/archive/" FIRST ".seg.zst", directory);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, -200, SEEK_END), 0);
    assert_int_equal(fwrite("damage", 1, 6, file), 6);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(oyez_repair_accept_loss(directory, key, EVENTS, NULL, NULL, &loss), OYEZ_OK);
    assert_int_equal(loss.kept, EVENTS); // of the last segment nothing is damaged
    assert_int_equal(oyez_repair_accept_loss(directory, key, 5, NULL, NULL, &loss), OYEZ_OK);
    assert_true(loss.kept <= 5);
    assert_good(loss.kept);
}

#define ON_DISK(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DISK(test_a_loss_within_an_archived_segment_makes_it_a_file_of_its_own),
        ON_DISK(test_all_of_an_archived_journal_may_be_given_up),
        ON_DISK(test_damage_to_compressed_bytes_is_a_loss_like_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
