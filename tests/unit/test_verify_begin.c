// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "expiring_journal.h"

static void test_segments_that_somebody_else_removed_are_tampering(void **state)
{
    oyez_journal *journal = make_journal();
    struct oyez_journal_options options = keyed_journal(fake, NULL);
    (void)state;
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    fake_disk_remove(fake, FIRST_SEGMENT);
    verify_bad("no act of the journal removed them");
    assert_int_equal(oyez_journal_open(&journal, "journal", &options, NULL), OYEZ_ERR_CORRUPT);
    assert_non_null(strstr(oyez_error_detail(), "no act of the journal removed them"));
}

static void test_more_than_the_act_says_is_tampering(void **state)
{
    oyez_journal *journal = make_journal();
    struct oyez_journal_options options = keyed_journal(fake, NULL);
    (void)state;
    (void)expire(journal, 40);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    char name[64];
    snprintf(name, sizeof name, "%s", fake_disk_name(fake, ".seg", 0));
    fake_disk_remove(fake, name);
    verify_bad("no act of the journal removed them");
    assert_int_equal(oyez_journal_open(&journal, "journal", &options, NULL), OYEZ_ERR_CORRUPT);
}

static void test_segments_that_come_back_are_told(void **state)
{
    oyez_journal *journal = make_journal();
    size_t size;
    (void)state;
    uint8_t *bytes = fake_disk_file(fake, FIRST_SEGMENT, &size);
    uint8_t *copy = malloc(size);
    memcpy(copy, bytes, size);
    uint64_t begins = expire(journal, 25);
    assert_true(begins < 25);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    verify_good();
    fake_disk_put(fake, FIRST_SEGMENT, copy, size);
    verify_bad("were removed, and they are here");
    free(copy);
}

static void test_a_changed_hash_of_what_expired_is_told_and_refused(void **state)
{
    oyez_journal *journal = make_journal();
    struct oyez_journal_options options = keyed_journal(fake, NULL);
    uint64_t begins = expire(journal, 60);
    (void)state;
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    change_byte("hash.L0", (begins - 1) * 32);
    verify_bad("another root");
    assert_int_equal(oyez_journal_open(&journal, "journal", &options, NULL), OYEZ_ERR_CORRUPT);
    change_byte("hash.L0", (begins - 1) * 32);
    verify_good();
    fake_disk_remove(fake, "hash.L0");
    verify_bad("nothing can make them again");
    assert_int_equal(oyez_journal_open(&journal, "journal", &options, NULL), OYEZ_ERR_CORRUPT);
    assert_non_null(strstr(oyez_error_detail(), "expired"));
}

static void test_rotated_keys_are_known_when_their_acts_have_expired(void **state)
{
    oyez_journal *journal = open_keyed(fake, NULL, NULL);
    (void)state;
    commit_events(journal, 1, 5);
    assert_int_equal(oyez_journal_rotate_key(journal, NULL), OYEZ_OK);
    uint8_t header[SAMPLE_HEADER_SIZE];
    for (uint64_t number = 6; number <= EVENTS; number++) {
        struct oyez_journal_record record = sample_numbered(number, header);
        assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
        assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_OK);
    }
    (void)expire(journal, 40);
    assert_int_equal(verify_good().rotations, 1);
    assert_int_equal(oyez_journal_rotate_key(journal, NULL), OYEZ_OK);
    assert_int_equal(verify_good().rotations, 2);
    for (uint64_t number = EVENTS + 1; number <= EVENTS + 40; number++) {
        struct oyez_journal_record record = sample_numbered(number, header);
        assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
        assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_OK);
    }
    (void)expire(journal, UINT64_MAX); // the act that told of the first goes too
    assert_int_equal(verify_good().rotations, 2);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_equal(verify_good().rotations, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_segments_that_somebody_else_removed_are_tampering,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_more_than_the_act_says_is_tampering, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_segments_that_come_back_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_changed_hash_of_what_expired_is_told_and_refused,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rotated_keys_are_known_when_their_acts_have_expired,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
