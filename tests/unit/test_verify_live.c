// SPDX-License-Identifier: MIT
// A journal is verified while its writer removes and archives segments: at every file that the
// verification opens, in turn.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "client/journal/segment.h"
#include "expiring_journal.h"
#include "oyez/archive.h"

#define REPEATS 10u

// A disk on which something happens before a file is opened.
struct moment {
    pthread_mutex_t lock;
    unsigned opened, at; // at = 0: never
    void (*happen)(oyez_journal *journal);
    oyez_journal *journal;
};

static struct moment moment = {.lock = PTHREAD_MUTEX_INITIALIZER};

// The disk in memory has one writer and nobody else at a time.
static int open_at(void *context, const char *path, int flags, mode_t mode)
{
    pthread_mutex_lock(&moment.lock);
    if (++moment.opened == moment.at)
        moment.happen(moment.journal);
    int fd = disk->open(context, path, flags, mode);
    pthread_mutex_unlock(&moment.lock);
    return fd;
}

static ssize_t read_alone(void *context, int fd, void *data, size_t size, off_t offset)
{
    pthread_mutex_lock(&moment.lock);
    ssize_t got = disk->pread(context, fd, data, size, offset);
    pthread_mutex_unlock(&moment.lock);
    return got;
}

static off_t ask_size_alone(void *context, int fd)
{
    pthread_mutex_lock(&moment.lock);
    off_t size = disk->size(context, fd);
    pthread_mutex_unlock(&moment.lock);
    return size;
}

static int list_alone(void *context, const char *path, oyez_disk_name *name, void *arg)
{
    pthread_mutex_lock(&moment.lock);
    int result = disk->list(context, path, name, arg);
    pthread_mutex_unlock(&moment.lock);
    return result;
}

static uint64_t names_alone(void *context, const char *path)
{
    pthread_mutex_lock(&moment.lock);
    uint64_t names = disk->names(context, path);
    pthread_mutex_unlock(&moment.lock);
    return names;
}

static struct oyez_disk live_disk(void (*happen)(oyez_journal *journal), unsigned at,
                                  oyez_journal *journal)
{
    struct oyez_disk live = *disk;
    live.open = open_at;
    live.pread = read_alone;
    live.size = ask_size_alone;
    live.list = list_alone;
    live.names = names_alone;
    moment.opened = 0;
    moment.at = at;
    moment.happen = happen;
    moment.journal = journal;
    return live;
}

static void expire_some(oyez_journal *journal)
{
    (void)expire(journal, 60);
}

static void expire_all(oyez_journal *journal)
{
    (void)expire(journal, UINT64_MAX);
}

static void archive_all(oyez_journal *journal)
{
    struct oyez_archive_report report;
    struct oyez_segment_list list;
    assert_int_equal(oyez_segment_list_read(&list, disk, "journal"), OYEZ_OK);
    for (size_t i = 0; i + 1 < list.count; i++) {
        assert_int_equal(oyez_journal_archive_prepare(journal, list.first[i], &report), OYEZ_OK);
        assert_int_equal(oyez_journal_archive(journal, &report, "a test"), OYEZ_OK);
    }
    free(list.first);
}

static void archive_and_expire(oyez_journal *journal)
{
    archive_all(journal);
    expire_some(journal);
}

static void append_repeat(oyez_journal *journal, uint64_t number, uint64_t of)
{
    uint8_t header[SAMPLE_HEADER_SIZE];
    struct oyez_journal_record record = sample_numbered(of, header);
    struct oyez_journal_record stamp = sample_numbered(number, header);
    record = sample_numbered(of, header);
    record.kind = OYEZ_RECORD_REPEAT;
    record.first_index = of - 1;
    record.position = stamp.position;
    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_OK);
}

// Verifies while it happens before the file number `at` is opened. False: it was not reached.
static bool verify_while(void (*happen)(oyez_journal *journal), unsigned at, unsigned threads)
{
    struct oyez_journal_verdict verdict;
    struct told told = {.count = 0};
    start_over();
    oyez_journal *journal = make_journal();
    for (uint64_t i = 0; i < REPEATS; i++)
        append_repeat(journal, EVENTS + 1 + i, 1 + i * 8);
    assert_int_equal(oyez_journal_checkpoint(journal), OYEZ_OK);
    const struct oyez_disk live = live_disk(happen, at, journal);
    const struct oyez_journal_verify_options options = {
        .disk = &live, .threads = threads, .problem = tell, .arg = &told};
    if (oyez_journal_verify("journal", &options, &verdict) != OYEZ_OK)
        fail_msg("at file %u: %s", at, oyez_error_detail());
    if (told.count > 0 || verdict.problems > 0)
        fail_msg("at file %u: %s", at, told.text);
    assert_int_equal(verdict.derived, 0);
    assert_true(verdict.has_root);
    assert_true(verdict.expired + verdict.records >= EVENTS + REPEATS);
    bool reached = moment.opened >= at;
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    return reached;
}

static void verify_at_every_file(void (*happen)(oyez_journal *journal))
{
    unsigned at = 1;
    while (verify_while(happen, at, 1))
        at++;
    assert_true(at > 10);
    for (at = 1; verify_while(happen, at, 4); at += 3)
        ;
}

static void test_segments_may_be_removed_meanwhile(void **state)
{
    (void)state;
    verify_at_every_file(expire_some);
}

static void test_all_that_is_sealed_may_be_removed_meanwhile(void **state)
{
    (void)state;
    verify_at_every_file(expire_all);
}

static void test_segments_may_be_archived_meanwhile(void **state)
{
    (void)state;
    verify_at_every_file(archive_all);
}

static void test_what_was_archived_meanwhile_may_be_removed(void **state)
{
    (void)state;
    verify_at_every_file(archive_and_expire);
}

// Gone without an act it is tampering, whenever it goes.
static void remove_first(oyez_journal *journal)
{
    (void)journal;
    fake_disk_remove(fake, FIRST_SEGMENT);
}

static void test_what_somebody_else_removes_meanwhile_is_told(void **state)
{
    struct oyez_journal_verdict verdict;
    struct told told = {.count = 0};
    (void)state;
    oyez_journal *journal = make_journal();
    const struct oyez_disk live = live_disk(remove_first, 1, journal);
    const struct oyez_journal_verify_options options = {
        .disk = &live, .threads = 1, .problem = tell, .arg = &told};
    assert_int_equal(oyez_journal_verify("journal", &options, &verdict), OYEZ_OK);
    assert_non_null(strstr(told.text, "no act of the journal removed them"));
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_segments_may_be_removed_meanwhile),
        TEST(test_all_that_is_sealed_may_be_removed_meanwhile),
        TEST(test_segments_may_be_archived_meanwhile),
        TEST(test_what_was_archived_meanwhile_may_be_removed),
        TEST(test_what_somebody_else_removes_meanwhile_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
