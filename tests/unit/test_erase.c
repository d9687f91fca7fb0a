// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "checkpointed_journal.h"
#include "client/journal/unfinished.h"
#include "oyez/archive.h"
#include "oyez/erase.h"

#define EVENTS 24u
#define FILLING 1200u // more than a sector, so that a cut leaves half a blank
#define SEGMENT_SIZE 4096u
#define SECRET "secret-of-"
#define UNFINISHED OYEZ_UNFINISHED_FILE

// Events with odd numbers are personal. Of these, some in sealed segments and one in the open one.
static const uint64_t wanted[] = {22, 0, 6, 8, 6};
#define WANTED 4u

static struct fake_disk *fake;
static const struct oyez_disk *disk;
static struct ledger ledger;
static struct oyez_hash before[EVENTS]; // leaf hashes

static const struct oyez_erasure erasure = {
    .kind = OYEZ_RECORD_ERASED, .by = "operator", .why = "request 17"};

static int set_up(void **state)
{
    (void)state;
    fake = fake_disk_new();
    disk = fake_disk_table(fake);
    ledger = (struct ledger){.count = 0};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fake_disk_free(fake);
    return 0;
}

// An event whose details, and where it is personal header and signature too, are its own.
static void append_numbered(oyez_journal *journal, uint64_t number)
{
    struct oyez_journal_record record;
    uint8_t header[SAMPLE_HEADER_SIZE + 64];
    char details[FILLING + 64];

    record = number % 2 == 1 ? sample_personal(number) : sample_event(number);
    memcpy(header, SAMPLE_HEADER, SAMPLE_HEADER_SIZE);
    header[17] = (uint8_t)number;
    record.event_id.bytes[15] = (uint8_t)number;
    record.header = header;
    record.header_size =
        SAMPLE_HEADER_SIZE + (size_t)sprintf((char *)header + SAMPLE_HEADER_SIZE,
                                             "header-" SECRET "%02u", (unsigned)number);
    record.details = (const uint8_t *)details;
    record.details_size =
        (size_t)sprintf(details, "%0*d details-" SECRET "%02u", (int)FILLING, 0, (unsigned)number);
    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_OK);
}

static oyez_journal *open_filled(size_t segment_size)
{
    struct oyez_journal_options options = keyed_journal(fake, &ledger);
    oyez_leaf_hasher *hasher = NULL;
    struct oyez_journal_record record;
    oyez_journal *journal = NULL;
    char name[64];

    options.segment_size = segment_size;
    assert_int_equal(oyez_journal_open(&journal, "journal", &options, NULL), OYEZ_OK);
    assert_int_equal(oyez_leaf_hasher_open(&hasher), OYEZ_OK);
    for (uint64_t number = 1; number <= EVENTS; number++)
        append_numbered(journal, number);
    for (uint64_t i = 0; i < EVENTS; i++) {
        uint8_t leaf[1024];
        size_t size;
        assert_int_equal(oyez_journal_read(journal, i, &record), OYEZ_OK);
        assert_int_equal(oyez_leaf_build(hasher, &record, leaf, &size), OYEZ_OK);
        assert_int_equal(oyez_leaf_hash(hasher, leaf, size, before[i].bytes), OYEZ_OK);
    }
    oyez_leaf_hasher_close(&hasher);
    assert_int_equal(oyez_journal_checkpoint(journal), OYEZ_OK);
    for (unsigned i = 0; i < fake_disk_count(fake, ".seg"); i++) {
        snprintf(name, sizeof(name), "%.20s.idx", fake_disk_name(fake, ".seg", i));
        fake_disk_put(fake, name, "an index", 8);
    }
    return journal;
}

static oyez_err erase_wanted(oyez_journal *journal, struct oyez_erase_report *report)
{
    return oyez_journal_erase(journal, &erasure, wanted, sizeof(wanted) / sizeof(wanted[0]),
                              report);
}

static bool is_wanted(uint64_t index)
{
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        if (wanted[i] == index)
            return true;
    return false;
}

// How many texts of the event with this index are found, of two.
static unsigned search(uint64_t index)
{
    char text[2][64];
    unsigned found = 0;
    size_t size;

    snprintf(text[0], sizeof(text[0]), "header-" SECRET "%02u", (unsigned)index + 1);
    snprintf(text[1], sizeof(text[1]), "details-" SECRET "%02u", (unsigned)index + 1);
    for (unsigned i = 0; i < fake_disk_count(fake, ""); i++) {
        const uint8_t *bytes = fake_disk_file(fake, fake_disk_name(fake, "", i), &size);
        for (unsigned t = 0; bytes != NULL && t < 2; t++)
            found += memmem(bytes, size, text[t], strlen(text[t])) != NULL;
    }
    return found;
}

static struct oyez_journal_verdict verify(void)
{
    struct oyez_note_signer signer;
    struct oyez_journal_verdict verdict;

    assert_int_equal(oyez_key_load(&signer, KEY, disk), OYEZ_OK);
    const struct oyez_journal_verify_options options = {
        .disk = disk, .key = &signer.verifier, .threads = 1};
    assert_int_equal(oyez_journal_verify("journal", &options, &verdict), OYEZ_OK);
    return verdict;
}

// The state is one of two; true: erased. Every leaf is what it was in both.
static bool check_state(void)
{
    oyez_journal_reader *reader = NULL;
    oyez_leaf_hasher *hasher = NULL;
    struct oyez_journal_record record;
    struct oyez_hash hash;
    uint8_t leaf[1024];
    size_t size, erased = 0, acts = 0;

    assert_int_equal(oyez_leaf_hasher_open(&hasher), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", disk), OYEZ_OK);
    while (oyez_journal_reader_next(reader, &record) == OYEZ_OK) {
        acts += record.kind == OYEZ_RECORD_ERASED;
        if (record.index >= EVENTS)
            continue;
        assert_int_equal(oyez_leaf_build(hasher, &record, leaf, &size), OYEZ_OK);
        assert_int_equal(oyez_leaf_hash(hasher, leaf, size, hash.bytes), OYEZ_OK);
        assert_memory_equal(&hash, &before[record.index], sizeof(hash));
        assert_true(!record.erased || is_wanted(record.index));
        erased += record.erased;
        assert_int_equal(search(record.index), record.erased ? 0 : 2);
    }
    oyez_journal_reader_close(&reader);
    oyez_leaf_hasher_close(&hasher);
    assert_true((erased == 0 && acts == 0) || (erased == WANTED && acts == 1));
    assert_null(fake_disk_file(fake, UNFINISHED, &size));
    return erased > 0;
}

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

// Between the crash and the next opening nobody takes for damage what is half done.
static void look_between(void)
{
    struct oyez_journal_verdict verdict = verify();

    assert_int_equal(verdict.problems, 0);
    assert_true(verdict.erased + verdict.being_erased == 0 ||
                verdict.erased + verdict.being_erased == WANTED);
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
        IN_MEMORY(test_archived_segments_are_written_anew),
        IN_MEMORY(test_no_power_cut_leaves_an_archive_half_erased),
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
