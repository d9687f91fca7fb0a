// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "erased_journal.h"

static void test_what_is_erased_is_found_nowhere(void **state)
{
    struct oyez_erase_report report;
    struct oyez_journal_record record;
    oyez_journal *journal = open_filled(SEGMENT_SIZE);
    size_t segments = fake_disk_count(fake, ".seg");

    (void)state;
    assert_true(segments > 4);
    assert_int_equal(erase_wanted(journal, &report), OYEZ_OK);
    assert_int_equal(report.erased, WANTED);
    assert_int_equal(report.already, 0);
    assert_int_equal(report.acts, 1);
    assert_int_equal(report.first_act, EVENTS);
    assert_true(check_state());
    // What the leaf keeps is there.
    assert_int_equal(oyez_journal_read(journal, 6, &record), OYEZ_OK);
    assert_true(record.erased);
    assert_int_equal(record.event_id.bytes[15], 7);
    assert_memory_equal(record.event_type, "plan.created", 12);
    assert_int_equal(record.occurred_at, INT64_C(1763629200500000000));
    assert_int_equal(oyez_journal_read(journal, EVENTS, &record), OYEZ_OK);
    assert_int_equal(record.kind, OYEZ_RECORD_ERASED);
    assert_non_null(
        memmem(record.details, record.details_size, "\nby operator\nwhy request 17\n", 28));
    // Indexes of segments that were touched are gone, and only those.
    assert_int_equal(fake_disk_count(fake, ".idx"), segments - 3);
    assert_int_equal(ledger.last.records, EVENTS + 1);
    assert_int_equal(erase_wanted(journal, &report), OYEZ_OK);
    assert_int_equal(report.already, WANTED);
    assert_int_equal(report.erased + report.acts, 0);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    struct oyez_journal_verdict verdict = verify();
    assert_int_equal(verdict.problems, 0);
    assert_int_equal(verdict.erased, WANTED);
    check_ledger(disk, &ledger);
}

static bool cut_erasure(unsigned changes, enum fake_cut cut, unsigned seed)
{
    oyez_journal *journal = open_filled(SEGMENT_SIZE);

    fake_disk_stop_after(fake, changes);
    oyez_err err = erase_wanted(journal, NULL);
    (void)oyez_journal_close(&journal);
    fake_disk_cut(fake, cut, seed);
    look_between();
    journal = open_keyed(fake, &ledger, NULL);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    bool erased = check_state();
    assert_true(erased || err != OYEZ_OK);
    struct oyez_journal_verdict verdict = verify();
    assert_int_equal(verdict.problems, 0);
    assert_int_equal(verdict.being_erased, 0);
    assert_int_equal(verdict.erased, erased ? WANTED : 0);
    check_ledger(disk, &ledger);
    return err == OYEZ_OK;
}

static void test_no_power_cut_leaves_an_erasure_half_done(void **state)
{
    unsigned changes = 1;

    for (bool done = false; !done; changes++)
        for (unsigned seed = 0; seed < 7; seed++) {
            tear_down(state);
            set_up(state);
            done = cut_erasure(changes, seed < 2 ? (enum fake_cut)seed : FAKE_CUT_SOME, seed);
        }
    assert_true(changes > 20);
}

// The opening that finishes it is cut short too.
static void test_no_power_cut_stops_what_finishes_it(void **state)
{
    for (unsigned changes = 1; changes < 60; changes++) {
        tear_down(state);
        set_up(state);
        oyez_journal *journal = open_filled(SEGMENT_SIZE);
        fake_disk_stop_after(fake, 10); // the act is there
        assert_int_not_equal(erase_wanted(journal, NULL), OYEZ_OK);
        (void)oyez_journal_close(&journal);
        fake_disk_cut(fake, FAKE_CUT_SOME, changes);
        struct oyez_journal_options options = keyed_journal(fake, &ledger);
        fake_disk_stop_after(fake, changes);
        if (oyez_journal_open(&journal, "journal", &options, NULL) == OYEZ_OK)
            (void)oyez_journal_close(&journal);
        fake_disk_cut(fake, FAKE_CUT_SOME, changes + 100);
        look_between();
        journal = open_keyed(fake, &ledger, NULL);
        assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
        (void)check_state();
        assert_int_equal(verify().problems, 0);
    }
}

static void test_a_failing_disk_leaves_it_to_the_next_opening(void **state)
{
    static const enum fake_call calls[] = {FAKE_OPEN,   FAKE_WRITE,          FAKE_SYNC,
                                           FAKE_RENAME, FAKE_SYNC_DIRECTORY, FAKE_READ};

    for (size_t call = 0; call < sizeof(calls) / sizeof(calls[0]); call++)
        for (unsigned nth = 1; nth < 24; nth++) {
            tear_down(state);
            set_up(state);
            oyez_journal *journal = open_filled(SEGMENT_SIZE);
            fake_disk_fail(fake, calls[call], nth, EIO, false);
            oyez_err err = erase_wanted(journal, NULL);
            fake_disk_fail(fake, FAKE_NONE, 0, 0, false);
            (void)oyez_journal_close(&journal);
            journal = open_keyed(fake, &ledger, NULL);
            assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
            bool erased = check_state();
            assert_true(erased || err != OYEZ_OK);
            assert_int_equal(verify().problems, 0);
        }
}

static void test_a_full_disk_at_the_beginning_ends_no_recording(void **state)
{
    oyez_journal *journal = open_filled(SEGMENT_SIZE);

    (void)state;
    fake_disk_fail(fake, FAKE_WRITE, 1, ENOSPC, false);
    assert_int_equal(erase_wanted(journal, NULL), OYEZ_ERR_NO_SPACE);
    assert_false(check_state());
    append_numbered(journal, EVENTS + 1);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_equal(verify().problems, 0);
}

static void test_an_open_segment_is_blanked_too(void **state)
{
    oyez_journal *journal = open_filled(OYEZ_JOURNAL_SEGMENT_SIZE_DEFAULT);

    (void)state;
    assert_int_equal(erase_wanted(journal, NULL), OYEZ_OK);
    append_numbered(journal, EVENTS + 1);
    assert_int_equal(fake_disk_count(fake, ".seg"), 1);
    assert_true(check_state());
    // A crash right behind it.
    abandon(fake, &journal);
    journal = open_keyed(fake, NULL, NULL);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_true(check_state());
    assert_int_equal(verify().problems, 0);
}

static oyez_err refuse(void *arg, const struct oyez_journal_record *record)
{
    return record->index == *(uint64_t *)arg ? oyez_fail(OYEZ_ERR_FORBIDDEN, "under a hold")
                                             : OYEZ_OK;
}

static void test_what_is_refused_changes_nothing(void **state)
{
    oyez_journal *journal = open_filled(SEGMENT_SIZE);
    struct oyez_erasure wrong = erasure;
    const uint64_t ordinary = 1, missing = EVENTS;
    uint64_t held = 8;

    (void)state;
    assert_int_equal(oyez_journal_erase(journal, &erasure, &ordinary, 1, NULL), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_journal_erase(journal, &erasure, &missing, 1, NULL), OYEZ_ERR_NOT_FOUND);
    wrong.why = "two\nlines";
    assert_int_equal(oyez_journal_erase(journal, &wrong, wanted, 1, NULL), OYEZ_ERR_INVALID);
    wrong.why = "";
    assert_int_equal(oyez_journal_erase(journal, &wrong, wanted, 1, NULL), OYEZ_ERR_INVALID);
    wrong = erasure;
    wrong.kind = OYEZ_RECORD_ARCHIVED;
    assert_int_equal(oyez_journal_erase(journal, &wrong, wanted, 1, NULL), OYEZ_ERR_INVALID);
    wrong = erasure;
    wrong.allow = refuse;
    wrong.arg = &held;
    assert_int_equal(oyez_journal_erase(journal, &wrong, wanted, 4, NULL), OYEZ_ERR_FORBIDDEN);
    assert_string_equal(oyez_error_detail(), "under a hold");
    assert_int_equal(oyez_journal_erase(journal, &erasure, wanted, OYEZ_ERASE_MAX + 1, NULL),
                     OYEZ_ERR_TOO_LARGE);
    assert_false(check_state());
    assert_int_equal(oyez_journal_next_index(journal), EVENTS);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_files_that_a_repair_left_stop_it(void **state)
{
    oyez_journal *journal = open_filled(SEGMENT_SIZE);
    struct oyez_erasure despite = erasure;

    (void)state;
    fake_disk_put(fake, FIRST_SEGMENT ".damaged", "rubbish", 7);
    assert_int_equal(erase_wanted(journal, NULL), OYEZ_ERR_FORBIDDEN);
    assert_false(check_state());
    despite.despite_damaged_files = true;
    assert_int_equal(oyez_journal_erase(journal, &despite, wanted, 5, NULL), OYEZ_OK);
    assert_true(check_state());
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_ordinary_events_expire_one_by_one(void **state)
{
    oyez_journal *journal = open_filled(SEGMENT_SIZE);
    const uint64_t ordinary = 1;
    struct oyez_erasure expiry = {.kind = OYEZ_RECORD_EXPIRED, .by = "policy", .why = "keep-type"};
    struct oyez_journal_record record;

    (void)state;
    assert_int_equal(oyez_journal_erase(journal, &expiry, &ordinary, 1, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_read(journal, 1, &record), OYEZ_OK);
    assert_true(record.erased);
    assert_non_null(memmem(record.header, record.header_size, "header-" SECRET "02", 19));
    assert_int_equal(search(1), 1); // the header, which is in the leaf
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_equal(verify().problems, 0);
}

static void test_an_act_that_was_not_carried_out_is_told(void **state)
{
    static const char text[] = "event 1763629200000000:7 01900000-0001-7000-8000-000000000007\n"
                               "by operator\nwhy request 17\n";
    oyez_journal *journal = open_filled(SEGMENT_SIZE);
    const struct oyez_journal_record act = {.kind = OYEZ_RECORD_ERASED,
                                            .broker_time = 1,
                                            .details = (const uint8_t *)text,
                                            .details_size = sizeof(text) - 1};

    (void)state;
    assert_int_equal(oyez_journal_append(journal, &act, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_equal(verify().problems, 1);
}

// An act that a primary has made is followed by who has the same records.
static void test_an_erasure_is_followed(void **state)
{
    oyez_journal *journal = open_filled(SEGMENT_SIZE);
    char text[512];
    int size = 0;

    (void)state;
    for (size_t i = 0; i < 4; i++)
        size += snprintf(text + size, sizeof(text) - (size_t)size,
                         "event 1763629200000000:%u 01900000-0001-7000-8000-0000000000%02x\n",
                         (unsigned)wanted[i] + 1, (unsigned)(i == 1 ? 99 : wanted[i] + 1));
    size += snprintf(text + size, sizeof(text) - (size_t)size, "by primary\nwhy request 17\n");
    const struct oyez_journal_record act = {.kind = OYEZ_RECORD_ERASED,
                                            .broker_time = 4711,
                                            .details = (const uint8_t *)text,
                                            .details_size = (size_t)size};
    struct oyez_journal_record record;
    assert_true(oyez_erasure_names_events(&act));
    assert_int_equal(oyez_journal_follow_erasure(journal, &act), OYEZ_OK);
    assert_true(check_state());
    assert_int_equal(oyez_journal_read(journal, EVENTS, &record), OYEZ_OK);
    assert_int_equal(record.broker_time, 4711);
    assert_int_equal(record.details_size, size);
    // Once more, all of it is gone already.
    assert_int_equal(oyez_journal_follow_erasure(journal, &act), OYEZ_OK);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_equal(verify().problems, 0);
}

// As many as one call takes, in acts of which each fits in a leaf.
static void test_many_events_take_several_acts(void **state)
{
    struct oyez_journal_options options = keyed_journal(fake, NULL);
    struct oyez_erase_report report;
    oyez_journal *journal = NULL;
    uint64_t *all = calloc(OYEZ_ERASE_MAX, sizeof(*all));

    (void)state;
    options.segment_size = 512 * 1024;
    assert_non_null(all);
    assert_int_equal(oyez_journal_open(&journal, "journal", &options, NULL), OYEZ_OK);
    for (uint64_t i = 0; i < OYEZ_ERASE_MAX; i++) {
        struct oyez_journal_record record = sample_personal(i + 1);
        if (oyez_journal_append(journal, &record, NULL) == OYEZ_ERR_FULL) {
            assert_int_equal(oyez_journal_write(journal), OYEZ_OK);
            assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
        }
        all[i] = i;
    }
    assert_int_equal(oyez_journal_erase(journal, &erasure, all, OYEZ_ERASE_MAX, &report), OYEZ_OK);
    assert_int_equal(report.erased, OYEZ_ERASE_MAX);
    assert_true(report.acts > 20);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    struct oyez_journal_verdict verdict = verify();
    assert_int_equal(verdict.problems, 0);
    assert_int_equal(verdict.erased, OYEZ_ERASE_MAX);
    free(all);
}

int main(void)
{
#define IN_MEMORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_MEMORY(test_what_is_erased_is_found_nowhere),
        IN_MEMORY(test_no_power_cut_leaves_an_erasure_half_done),
        IN_MEMORY(test_no_power_cut_stops_what_finishes_it),
        IN_MEMORY(test_a_failing_disk_leaves_it_to_the_next_opening),
        IN_MEMORY(test_a_full_disk_at_the_beginning_ends_no_recording),
        IN_MEMORY(test_an_open_segment_is_blanked_too),
        IN_MEMORY(test_what_is_refused_changes_nothing),
        IN_MEMORY(test_files_that_a_repair_left_stop_it),
        IN_MEMORY(test_ordinary_events_expire_one_by_one),
        IN_MEMORY(test_an_act_that_was_not_carried_out_is_told),
        IN_MEMORY(test_an_erasure_is_followed),
        IN_MEMORY(test_many_events_take_several_acts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
