// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "expiring_journal.h"

static void test_nothing_expires_while_the_hash_files_are_wrong(void **state)
{
    oyez_journal *journal = make_journal();
    const struct oyez_expiry_limits limits = {.before = 60};
    struct oyez_expiry expiry;
    (void)state;
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    change_byte("hash.L0", 5 * 32 + 7);
    assert_int_equal(oyez_expiry_survey(&expiry, "journal", disk, &limits), OYEZ_ERR_CORRUPT);
    oyez_expiry_free(&expiry);
}

static bool keep_position(void *arg, const struct oyez_journal_record *record)
{
    return record->position == *(const uint64_t *)arg;
}

static void test_what_has_to_stay_keeps_its_segment_and_those_behind_it(void **state)
{
    oyez_journal *journal = make_journal();
    uint64_t position = 45;
    struct oyez_expiry_limits limits = {
        .before = UINT64_MAX, .keep = keep_position, .arg = &position};
    struct oyez_expiry expiry;
    (void)state;
    assert_int_equal(oyez_expiry_survey(&expiry, "journal", disk, &limits), OYEZ_OK);
    assert_true(expiry.before > 0 && expiry.before < 45);
    assert_int_equal(expiry.position, expiry.before);
    assert_int_equal(expiry.events, expiry.before);
    oyez_expiry_free(&expiry);
    position = 2;
    assert_int_equal(oyez_expiry_survey(&expiry, "journal", disk, &limits), OYEZ_OK);
    assert_int_equal(expiry.before, 0);
    assert_int_equal(oyez_journal_expire(journal, &expiry, NULL, 0, "me", "old", NULL),
                     OYEZ_ERR_INVALID);
    oyez_expiry_free(&expiry);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing_expires_while_the_hash_files_are_wrong, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_what_has_to_stay_keeps_its_segment_and_those_behind_it,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
