// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "client/recorder/admin_verb.h"
#include "client/recorder/archiving.h"
#include "recorder_fixture.h"

#define EVENTS 100u
#define CATALOGS 1u // acts that the events need

// What happens to archived files that are being made.
static struct oyez_disk below;
static atomic_uint dropped;
static atomic_bool waited;

static bool is_new(const char *path)
{
    const char *end = strstr(path, ".seg.zst.new");
    return end != NULL && end[strlen(".seg.zst.new")] == '\0';
}

static int watch_unlink(void *context, const char *path)
{
    int result = below.unlink(context, path);
    if (is_new(path) && result == 0)
        atomic_fetch_add(&dropped, 1);
    return result;
}

// Once it gives another thread the time to drop it.
static int watch_rename(void *context, const char *from, const char *to)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    if (is_new(from) && !atomic_exchange(&waited, true))
        for (unsigned i = 0; i < 200 && atomic_load(&dropped) == 0; i++)
            nanosleep(&pause, NULL);
    return below.rename(context, from, to);
}

static int set_up(void **state)
{
    if (recorder_fixture_open(state) != 0)
        return -1;
    struct recorder_fixture *f = *state;
    below = f->disk;
    atomic_store(&dropped, 0);
    atomic_store(&waited, true);
    f->disk.unlink = watch_unlink;
    f->disk.rename = watch_rename;
    f->options.segment_size = 4096;
    recorder_begin(f);
    for (unsigned i = 0; i < EVENTS / 10; i++) { // a group of its own each, so several segments
        recorder_publish_run(f, 1 + i * 10, 10);
        recorder_await_confirm(f, (i + 1) * 10);
    }
    return 0;
}

static bool always(void *arg)
{
    (void)arg;
    return true;
}

static bool so_often(void *arg)
{
    unsigned *left = arg;
    return (*left)-- > 0;
}

static struct oyez_journal_verdict verify(struct recorder_fixture *f)
{
    struct oyez_journal_verdict verdict;
    assert_int_equal(oyez_journal_verify(f->directory, NULL, &verdict), OYEZ_OK);
    assert_int_equal(verdict.problems, 0);
    assert_int_equal(verdict.events, EVENTS);
    return verdict;
}

static void test_segments_are_archived_while_the_recorder_records(void **state)
{
    struct recorder_fixture *f = *state;
    struct recorder_archived archived;
    assert_int_equal(
        recorder_archive_older(f->recorder, UINT64_MAX, "test", always, NULL, &archived), OYEZ_OK);
    assert_true(archived.segments > 1);
    assert_true(archived.packed < archived.size);
    // None but those that were sealed since by the acts.
    size_t segments = archived.segments;
    assert_int_equal(
        recorder_archive_older(f->recorder, UINT64_MAX, "test", always, NULL, &archived), OYEZ_OK);
    assert_true(archived.segments <= 1);
    segments += archived.segments;
    recorder_stop(f);
    assert_int_equal(verify(f).acts, CATALOGS + segments);
}

static void test_what_is_not_old_enough_stays(void **state)
{
    struct recorder_fixture *f = *state;
    struct recorder_archived archived;
    // Positions are times here: 100 + position.
    assert_int_equal(recorder_archive_older(f->recorder, 101, "test", always, NULL, &archived),
                     OYEZ_OK);
    assert_int_equal(archived.segments, 0);
    assert_int_equal(recorder_archive_older(f->recorder, 140, "test", always, NULL, &archived),
                     OYEZ_OK);
    assert_true(archived.segments > 0);
    oyez_journal_reader *reader = NULL;
    struct oyez_journal_segment segment;
    struct oyez_journal_storage storage;
    size_t count;
    assert_int_equal(oyez_journal_reader_open(&reader, f->directory, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_refresh(reader, &count), OYEZ_OK);
    for (size_t i = 0; i + 1 < count; i++) {
        assert_int_equal(oyez_journal_reader_segment(reader, i, &segment), OYEZ_OK);
        assert_int_equal(oyez_journal_reader_storage(reader, i, &storage), OYEZ_OK);
        assert_int_equal(storage.packed > 0, segment.time_max < 140);
    }
    oyez_journal_reader_close(&reader);
}

static void test_it_stops_between_two_segments_when_told(void **state)
{
    struct recorder_fixture *f = *state;
    struct recorder_archived archived;
    unsigned left = 1;
    assert_int_equal(
        recorder_archive_older(f->recorder, UINT64_MAX, "test", so_often, &left, &archived),
        OYEZ_OK);
    assert_int_equal(archived.segments, 1);
}

static void test_an_open_segment_is_not_archived(void **state)
{
    struct recorder_fixture *f = *state;
    struct oyez_archive_report report;
    oyez_journal_reader *reader = NULL;
    struct oyez_journal_segment segment;
    size_t count;
    assert_int_equal(oyez_journal_reader_open(&reader, f->directory, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_refresh(reader, &count), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_segment(reader, count - 1, &segment), OYEZ_OK);
    oyez_journal_reader_close(&reader);
    assert_int_equal(recorder_archive(f->recorder, segment.first_index, "test", &report),
                     OYEZ_ERR_INVALID);
    assert_int_equal(recorder_archive(f->recorder, 0, "two\nlines", &report), OYEZ_ERR_INVALID);
    assert_int_equal(recorder_archive(f->recorder, 0, "test", &report), OYEZ_OK);
    assert_int_equal(recorder_archive(f->recorder, 0, "test", &report), OYEZ_ERR_NOT_FOUND);
}

static void *archive_first(void *arg)
{
    struct recorder_fixture *f = arg;
    struct oyez_archive_report report;
    return recorder_archive(f->recorder, 0, "test", &report) == OYEZ_OK ? f : NULL;
}

static void test_two_who_archive_the_same_segment_do_so_one_after_the_other(void **state)
{
    struct recorder_fixture *f = *state;
    pthread_t threads[2];
    void *done[2];
    atomic_store(&waited, false);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, archive_first, f), 0);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], &done[i]), 0);
    assert_int_equal(atomic_load(&dropped), 0);
    assert_int_equal((done[0] != NULL) + (done[1] != NULL), 1);
    recorder_stop(f);
    assert_int_equal(verify(f).acts, CATALOGS + 1);
}

static const char *ask(struct recorder_fixture *f, const char *lines, struct recorder_reply *reply)
{
    char text[128];
    struct recorder_request request = {.next = text};
    const struct recorder_verb *verb = recorder_verb_find("archive");
    assert_true(verb != NULL && verb->has_lines && verb->for_mirrors);
    strncpy(text, lines, sizeof text - 1);
    text[sizeof text - 1] = '\0';
    *reply = (struct recorder_reply){.size = 0};
    verb->answer(f->recorder, &request, reply);
    return reply->text;
}

static void test_a_request_archives_one_segment(void **state)
{
    struct recorder_fixture *f = *state;
    struct recorder_reply reply;
    static const char *const wrong[] = {"",
                                        "segment\n",
                                        "segment x\n",
                                        "segment 1x\n",
                                        "segment -1\n",
                                        "by test\n",
                                        "segment 99999999999999999999\n",
                                        "archive 0\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_non_null(strstr(ask(f, wrong[i], &reply), "{\"error\":\"archive: lines"));
    assert_non_null(strstr(ask(f, "segment 1\nby test\n", &reply), "{\"error\":"));
    assert_non_null(strstr(ask(f, "segment 0\nby test\n", &reply), "{\"segment\":0,\"records\":"));
    assert_non_null(strstr(ask(f, "segment 0\nby test\n", &reply), "is archived"));
}

int main(void)
{
#define WITH_SEGMENTS(test) cmocka_unit_test_setup_teardown(test, set_up, recorder_fixture_close)
    const struct CMUnitTest tests[] = {
        WITH_SEGMENTS(test_segments_are_archived_while_the_recorder_records),
        WITH_SEGMENTS(test_what_is_not_old_enough_stays),
        WITH_SEGMENTS(test_it_stops_between_two_segments_when_told),
        WITH_SEGMENTS(test_an_open_segment_is_not_archived),
        WITH_SEGMENTS(test_two_who_archive_the_same_segment_do_so_one_after_the_other),
        WITH_SEGMENTS(test_a_request_archives_one_segment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
