// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "indexed_journal.h"
#include "oyez/reindex.h"

#define SEGMENT_SIZE 40000u

struct told {
    unsigned notices;
    uint64_t done;
    uint64_t of;
    uint64_t stop_at; // 0 = never
};

static void take_notice(void *arg, const char *text)
{
    struct told *told = arg;
    assert_true(text[0] != '\0');
    told->notices++;
}

static bool take_progress(void *arg, uint64_t done, uint64_t of)
{
    struct told *told = arg;
    assert_int_equal(done, told->done + 1);
    told->done = done;
    told->of = of;
    return done != told->stop_at;
}

static struct oyez_reindex_report reindex(const struct indexed *indexed, bool all, bool check,
                                          struct told *told)
{
    struct oyez_reindex_report report;
    told->done = told->notices = 0;
    const struct oyez_reindex_options options = {
        .all = all, .check = check, .notice = take_notice, .progress = take_progress, .arg = told};
    assert_int_equal(oyez_reindex(indexed->recorded.directory, &options, &report), 0);
    return report;
}

static void overwrite(const struct indexed *indexed, const char *suffix, unsigned n, off_t back)
{
    char path[256];
    struct stat status;
    indexed_path(indexed, suffix, n, path);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(pwrite(fd, "damage", 6, status.st_size - back), 6);
    close(fd);
}

static void test_missing_and_bad_ones_are_made_and_good_ones_left(void **state)
{
    (void)state;
    struct indexed indexed;
    struct told told = {0};
    char path[256];
    indexed_open(&indexed, SEGMENT_SIZE);
    indexed_add(&indexed, 1000);
    unsigned sealed = indexed_files(&indexed, ".seg") - 1;
    struct oyez_reindex_report report = reindex(&indexed, false, false, &told);
    assert_int_equal(report.segments, sealed);
    assert_int_equal(report.missing, sealed);
    assert_int_equal(report.written, sealed);
    assert_int_equal(indexed_files(&indexed, ".idx"), sealed);
    assert_int_equal(told.done, sealed + 1);
    assert_int_equal(told.of, sealed + 1);
    assert_true(report.records > 800 && report.bytes > 1000);

    report = reindex(&indexed, false, true, &told);
    assert_int_equal(report.good, sealed);
    assert_int_equal(report.written, 0);
    indexed_path(&indexed, ".idx", 1, path);
    assert_int_equal(unlink(path), 0);
    overwrite(&indexed, ".idx", 2, 40);
    report = reindex(&indexed, false, true, &told);
    assert_int_equal(report.good, sealed - 2);
    assert_int_equal(report.missing, 1);
    assert_int_equal(report.bad, 1);
    assert_int_equal(report.written, 2);
    assert_int_equal(told.notices, 1);

    report = reindex(&indexed, true, false, &told);
    assert_int_equal(report.good, sealed);
    assert_int_equal(report.written, sealed);
    indexed_close(&indexed);
}

static void test_only_a_check_finds_what_is_damaged_within(void **state)
{
    (void)state;
    struct indexed indexed;
    struct told told = {0};
    struct stat status;
    char path[256];
    indexed_open(&indexed, 600000);
    indexed_add(&indexed, 3500);
    assert_int_equal(reindex(&indexed, false, false, &told).written, 1);
    indexed_path(&indexed, ".idx", 0, path);
    assert_int_equal(stat(path, &status), 0);
    overwrite(&indexed, ".idx", 0, status.st_size / 2);
    assert_int_equal(reindex(&indexed, false, false, &told).good, 1);
    assert_int_equal(reindex(&indexed, false, true, &told).bad, 1);
    assert_int_equal(reindex(&indexed, false, true, &told).good, 1);
    indexed_close(&indexed);
}

static void test_a_damaged_segment_is_told_and_the_others_are_made(void **state)
{
    (void)state;
    struct indexed indexed;
    struct told told = {0};
    indexed_open(&indexed, SEGMENT_SIZE);
    indexed_add(&indexed, 1000);
    unsigned sealed = indexed_files(&indexed, ".seg") - 1;
    overwrite(&indexed, ".seg", 1, SEGMENT_SIZE / 2);
    struct oyez_reindex_report report = reindex(&indexed, false, false, &told);
    assert_int_equal(report.unwritten, 1);
    assert_int_equal(report.written, sealed - 1);
    assert_int_equal(told.notices, 1);
    indexed_close(&indexed);
}

static void test_it_stops_when_it_is_told_to(void **state)
{
    (void)state;
    struct indexed indexed;
    struct told told = {.stop_at = 2};
    indexed_open(&indexed, SEGMENT_SIZE);
    indexed_add(&indexed, 1000);
    struct oyez_reindex_report report = reindex(&indexed, false, false, &told);
    assert_int_equal(report.written, 2);
    assert_int_equal(indexed_files(&indexed, ".idx"), 2);
    indexed_close(&indexed);
}

static void test_no_journal_is_told(void **state)
{
    (void)state;
    struct oyez_reindex_report report;
    const struct oyez_reindex_options options = {0};
    assert_int_equal(oyez_reindex("/nonexistent/journal", &options, &report), OYEZ_ERR_NO_JOURNAL);
    assert_int_equal(report.segments, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing_and_bad_ones_are_made_and_good_ones_left),
        cmocka_unit_test(test_only_a_check_finds_what_is_damaged_within),
        cmocka_unit_test(test_a_damaged_segment_is_told_and_the_others_are_made),
        cmocka_unit_test(test_it_stops_when_it_is_told_to),
        cmocka_unit_test(test_no_journal_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
