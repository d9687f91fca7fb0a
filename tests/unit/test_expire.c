// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "expiring_journal.h"
#include "oyez/erase.h"
#include "oyez/proof.h"

static void test_a_journal_goes_on_behind_what_expired(void **state)
{
    struct oyez_journal_report report;
    struct oyez_journal_record record;
    oyez_journal_reader *reader = NULL;
    struct oyez_journal_begin begin;
    oyez_journal *journal = make_journal();
    uint64_t begins = expire(journal, 60);
    uint8_t header[SAMPLE_HEADER_SIZE];
    uint64_t index;
    (void)state;
    assert_true(begins > 20 && begins <= 60);
    assert_null(fake_disk_file(fake, FIRST_SEGMENT, &(size_t){0}));
    assert_int_equal(fake_disk_count(fake, "unfinished"), 0);
    for (unsigned again = 0; again < 2; again++) {
        struct oyez_journal_verdict verdict = verify_good();
        assert_int_equal(verdict.expired, begins);
        assert_true(verdict.has_root);
        assert_int_equal(verdict.unread, 0);
        assert_int_equal(oyez_journal_reader_open(&reader, "journal", disk), OYEZ_OK);
        assert_int_equal(oyez_journal_reader_begin(reader, &begin), OYEZ_OK);
        assert_int_equal(begin.index, begins);
        assert_int_equal(begin.epoch, SAMPLE_EPOCH);
        assert_int_equal(begin.position, begins); // record 0 has position 1
        assert_int_equal(oyez_journal_reader_next(reader, &record), OYEZ_OK);
        assert_int_equal(record.index, begins);
        assert_int_equal(oyez_journal_reader_read(reader, begins - 1, &record), OYEZ_ERR_NOT_FOUND);
        assert_non_null(strstr(oyez_error_detail(), "has expired"));
        assert_int_equal(oyez_journal_reader_seek_index(reader, 0), OYEZ_OK);
        assert_int_equal(oyez_journal_reader_next(reader, &record), OYEZ_OK);
        assert_int_equal(record.index, begins);
        assert_int_equal(oyez_journal_reader_seek_cursor(reader, SAMPLE_EPOCH, 1), OYEZ_OK);
        assert_int_equal(oyez_journal_reader_next(reader, &record), OYEZ_OK);
        assert_int_equal(record.index, begins);
        oyez_journal_reader_close(&reader);
        assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
        journal = open_keyed(fake, NULL, &report);
        assert_true(report.clean);
        assert_int_equal(report.hashed, 0);
        assert_int_equal(report.epoch, SAMPLE_EPOCH);
        assert_int_equal(report.position, EVENTS + again);
        record = sample_numbered(EVENTS + 1 + again, header);
        assert_int_equal(oyez_journal_append(journal, &record, &index), OYEZ_OK);
        assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_OK);
        assert_int_equal(oyez_journal_checkpoint(journal), OYEZ_OK);
    }
    // And once more.
    uint64_t next = expire(journal, UINT64_MAX);
    assert_true(next > begins);
    assert_int_equal(verify_good().expired, next);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_a_proof_of_an_expired_record_holds_and_of_the_others_is_made(void **state)
{
    oyez_journal *journal = make_journal();
    oyez_journal_reader *reader = NULL;
    struct oyez_note_signer signer;
    struct oyez_proof proof;
    oyez_leaf_hasher *hasher;
    uint8_t *leaf = malloc(OYEZ_LEAF_SIZE_MAX);
    char *old, *remaining;
    size_t old_size, remaining_size;
    (void)state;
    assert_int_equal(oyez_journal_checkpoint(journal), OYEZ_OK);
    assert_int_equal(oyez_key_load(&signer, KEY, disk), OYEZ_OK);
    assert_int_equal(oyez_leaf_hasher_open(&hasher), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", disk), OYEZ_OK);
    assert_int_equal(oyez_journal_prove(reader, 3, NULL, 0, &old, &old_size), OYEZ_OK);
    uint64_t begins = expire(journal, 60);
    assert_int_equal(oyez_proof_read(&proof, old, old_size, leaf), OYEZ_OK);
    assert_int_equal(oyez_proof_check(&proof, hasher, &signer.verifier, 1, NULL, NULL), OYEZ_OK);
    char *again;
    size_t segments;
    assert_int_equal(oyez_journal_reader_refresh(reader, &segments), OYEZ_OK);
    assert_int_equal(oyez_journal_prove(reader, 3, NULL, 0, &again, &remaining_size),
                     OYEZ_ERR_NOT_FOUND);
    assert_int_equal(oyez_journal_prove(reader, begins, NULL, 0, &remaining, &remaining_size),
                     OYEZ_OK);
    assert_int_equal(oyez_proof_read(&proof, remaining, remaining_size, leaf), OYEZ_OK);
    assert_int_equal(oyez_proof_check(&proof, hasher, &signer.verifier, 1, NULL, NULL), OYEZ_OK);
    oyez_journal_reader_close(&reader);
    oyez_leaf_hasher_close(&hasher);
    free(old);
    free(remaining);
    free(leaf);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_lost_hashes_of_what_is_there_are_made_again(void **state)
{
    struct oyez_journal_report report;
    oyez_journal *journal = make_journal();
    uint64_t begins = expire(journal, 60);
    (void)state;
    abandon(fake, &journal);
    fake_disk_resize(fake, "hash.L0", begins * 32);
    journal = open_keyed(fake, NULL, &report);
    assert_true(report.hashed >= EVENTS - begins);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    verify_good();
}

static void test_the_place_in_the_stream_is_kept_when_nothing_else_is(void **state)
{
    struct oyez_journal_options options = keyed_journal(fake, NULL);
    struct oyez_journal_report report;
    struct oyez_journal_begin begin;
    oyez_journal_reader *reader = NULL;
    oyez_journal *journal = NULL;
    (void)state;
    options.segment_size = 64; // one for each group
    assert_int_equal(oyez_journal_open(&journal, "journal", &options, NULL), OYEZ_OK);
    commit_events(journal, 1, 3);
    struct oyez_journal_record end = sample_epoch_end(3);
    assert_int_equal(oyez_journal_append(journal, &end, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_OK);
    assert_int_equal(expire(journal, UINT64_MAX), 4);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_equal(oyez_journal_open(&journal, "journal", &options, &report), OYEZ_OK);
    assert_int_equal(report.epoch, SAMPLE_EPOCH);
    assert_int_equal(report.position, OYEZ_POSITION_EPOCH_END);
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", disk), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_begin(reader, &begin), OYEZ_OK);
    assert_int_equal(begin.index, 4);
    assert_int_equal(begin.epoch, SAMPLE_EPOCH);
    assert_int_equal(begin.position, OYEZ_POSITION_EPOCH_END);
    struct oyez_journal_record act;
    struct oyez_expired expired;
    assert_int_equal(oyez_journal_reader_next(reader, &act), OYEZ_OK);
    assert_true(oyez_expired_read(&expired, &act));
    assert_int_equal(expired.next_epoch, end.next_epoch);
    oyez_journal_reader_close(&reader);
    verify_good();
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_acts_that_are_carried_over_stand_at_the_end(void **state)
{
    oyez_journal *journal = open_keyed(fake, NULL, NULL);
    struct oyez_journal_record act = sample_act(), record;
    uint64_t copy = 0;
    (void)state;
    assert_int_equal(oyez_journal_append(journal, &act, NULL), OYEZ_OK);
    uint8_t header[SAMPLE_HEADER_SIZE];
    for (uint64_t number = 1; number <= EVENTS; number++) {
        record = sample_numbered(number, header);
        assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
        assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_OK);
    }
    struct oyez_expiry expiry = survey(60);
    assert_int_equal(expiry.act_count, 1);
    assert_int_equal(expiry.acts[0], 0);
    assert_int_equal(expiry.events, expiry.before - 1);
    assert_int_equal(oyez_journal_expire(journal, &expiry, expiry.acts, 1, "me", "old", &copy),
                     OYEZ_OK);
    assert_int_equal(copy, EVENTS + 1);
    assert_int_equal(oyez_journal_read(journal, copy, &record), OYEZ_OK);
    assert_int_equal(record.kind, OYEZ_RECORD_CATALOG_ADDED);
    assert_int_equal(record.broker_time, act.broker_time);
    assert_memory_equal(record.details, act.details, act.details_size);
    // Looked through before, it is not what it was.
    assert_int_equal(oyez_journal_expire(journal, &expiry, NULL, 0, "me", "old", NULL),
                     OYEZ_ERR_INVALID);
    oyez_expiry_free(&expiry);
    verify_good();
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_a_mirror_keeps_the_segment_of_which_only_a_part_expired(void **state)
{
    oyez_journal *journal = make_journal();
    (void)state;
    const char text[] = "before 50\nlast 1763629200000000:50\nby x\nwhy y\n";
    const struct oyez_journal_record act = {.kind = OYEZ_RECORD_EXPIRED,
                                            .broker_time = SAMPLE_TIME,
                                            .details = (const uint8_t *)text,
                                            .details_size = sizeof text - 1};
    assert_int_equal(oyez_journal_copy_expiry(journal, &act), OYEZ_OK);
    struct oyez_journal_verdict verdict = verify_good();
    assert_true(verdict.expired > 20 && verdict.expired <= 50);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    journal = open_keyed(fake, NULL, NULL);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_a_reader_in_what_expires_goes_on_behind_it(void **state)
{
    oyez_journal *journal = make_journal();
    oyez_journal_reader *reader = NULL;
    struct oyez_journal_record record;
    (void)state;
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", disk), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_next(reader, &record), OYEZ_OK);
    uint64_t begins = expire(journal, 60);
    uint64_t last = record.index, jumps = 0;
    while (oyez_journal_reader_next(reader, &record) == OYEZ_OK) {
        jumps += record.index != last + 1;
        if (record.index != last + 1)
            assert_int_equal(record.index, begins);
        last = record.index;
    }
    assert_int_equal(jumps, 1);
    assert_int_equal(last, EVENTS); // the act
    oyez_journal_reader_close(&reader);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

// Expires, with the power going at the nth change. True: it was over before.
static bool expire_and_stop(unsigned n)
{
    oyez_journal *journal = make_journal();
    struct oyez_expiry expiry = survey(60);
    fake_disk_stop_after(fake, n);
    bool over =
        oyez_journal_expire(journal, &expiry, NULL, 0, "a test", "it is old", NULL) == OYEZ_OK;
    oyez_expiry_free(&expiry);
    fake_disk_stop_after(fake, 0);
    (void)oyez_journal_close(&journal);
    return over;
}

static void check_two_states(void)
{
    struct oyez_journal_report report;
    oyez_journal *journal = open_keyed(fake, NULL, &report);
    assert_true(report.records >= EVENTS);
    bool begun = report.records > EVENTS;
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_equal(fake_disk_count(fake, "unfinished"), 0);
    struct oyez_journal_verdict verdict = verify_good();
    assert_int_equal(verdict.expired > 0, begun);
    assert_int_equal(verdict.expired + verdict.records, report.records);
    if (begun)
        assert_true(verdict.expired > 40);
}

static void test_a_crash_at_any_step_leaves_it_not_begun_or_done(void **state)
{
    unsigned begun = 0;
    (void)state;
    for (unsigned n = 0;; n++) {
        start_over();
        bool over = expire_and_stop(n);
        fake_disk_cut(fake, FAKE_CUT_NOTHING_LOST, 0);
        check_two_states();
        begun++;
        if (over)
            break;
    }
    assert_true(begun > 10);
}

static void test_a_power_cut_at_any_step_leaves_it_not_begun_or_done(void **state)
{
    (void)state;
    for (unsigned n = 0;; n++) {
        bool over = false;
        for (unsigned seed = 0; seed < 6; seed++) {
            start_over();
            over = expire_and_stop(n);
            if (seed == 0)
                fake_disk_cut(fake, FAKE_CUT_ALL_LOST, 0);
            else
                fake_disk_cut_anyhow(fake, seed);
            check_two_states();
        }
        if (over)
            break;
    }
}

static struct oyez_disk watching;
static unsigned removed, locked, made;

// Somebody made an index of it until now.
static int lock_late(void *context, int fd, int operation)
{
    static const char idx[] = "00000000000000000000.idx";
    if (operation != (LOCK_EX | LOCK_NB) || made > 0)
        return disk->flock(context, fd, operation);
    made++;
    fake_disk_put(fake, idx, "names", 5);
    errno = EWOULDBLOCK;
    return -1;
}

static int remove_locked(void *context, const char *path)
{
    if (strlen(path) > 4 && strcmp(path + strlen(path) - 4, ".seg") == 0) {
        int fd = disk->open(context, path, O_RDONLY, 0);
        assert_true(fd >= 0);
        removed++;
        locked += disk->flock(context, fd, LOCK_EX | LOCK_NB) != 0;
        disk->close(context, fd);
    }
    return disk->unlink(context, path);
}

static void test_no_index_comes_back_behind_the_removal_of_its_segment(void **state)
{
    (void)state;
    struct oyez_journal_options options = keyed_journal(fake, NULL);
    oyez_journal *journal = make_journal();
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    watching = *disk;
    watching.flock = lock_late;
    watching.unlink = remove_locked;
    options.disk = &watching;
    made = 1;
    assert_int_equal(oyez_journal_open(&journal, "journal", &options, NULL), OYEZ_OK);
    made = 0;
    uint64_t erasures = oyez_journal_erasures("journal", disk);
    expire(journal, 60);
    assert_true(removed > 1);
    assert_int_equal(locked, removed);
    assert_int_equal(made, 1);
    assert_int_equal(fake_disk_count(fake, ".idx"), 0);
    // Whoever read of it before puts nothing in place any more.
    assert_true(oyez_journal_erasures("journal", disk) != OYEZ_JOURNAL_ERASING);
    assert_true(oyez_journal_erasures("journal", disk) != erasures);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_a_journal_without_a_key_keeps_everything(void **state)
{
    oyez_journal *journal = open_small(fake, NULL);
    (void)state;
    commit_events(journal, 1, EVENTS);
    const struct oyez_expiry expiry = {.before = 20};
    assert_int_equal(oyez_journal_expire(journal, &expiry, NULL, 0, "me", "old", NULL),
                     OYEZ_ERR_INVALID);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_journal_goes_on_behind_what_expired, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_proof_of_an_expired_record_holds_and_of_the_others_is_made, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lost_hashes_of_what_is_there_are_made_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_the_place_in_the_stream_is_kept_when_nothing_else_is,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_acts_that_are_carried_over_stand_at_the_end, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_mirror_keeps_the_segment_of_which_only_a_part_expired, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_reader_in_what_expires_goes_on_behind_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_crash_at_any_step_leaves_it_not_begun_or_done,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_power_cut_at_any_step_leaves_it_not_begun_or_done,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_index_comes_back_behind_the_removal_of_its_segment,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_journal_without_a_key_keeps_everything, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
