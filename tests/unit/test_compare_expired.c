// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "expiring_journal.h"
#include "oyez/compare.h"

static void test_two_journals_are_compared_from_where_the_later_begins(void **state)
{
    struct oyez_journal_difference difference;
    char whole[64], later[64];
    oyez_journal *journal = make_journal();
    (void)state;
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    copy_all(whole);
    journal = open_keyed(fake, NULL, NULL);
    uint64_t begins = expire(journal, 60);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    copy_all(later);
    assert_int_equal(oyez_journal_compare(whole, later, NULL, NULL, NULL, &difference), OYEZ_OK);
    assert_false(difference.equal); // it has the act besides
    assert_int_equal(difference.records, EVENTS);
    assert_non_null(strstr(difference.why, "the first ends here"));
    assert_int_equal(oyez_journal_compare(later, later, NULL, NULL, NULL, &difference), OYEZ_OK);
    assert_true(difference.equal);
    assert_int_equal(difference.records, EVENTS + 1);
    const struct oyez_checkpoint newest = newest_of(disk);
    assert_memory_equal(&difference.root, &newest.root, sizeof difference.root);
    remove_all(whole);
    // Another beginning.
    start_over();
    journal = open_keyed(fake, NULL, NULL);
    struct oyez_journal_record act = sample_act();
    assert_int_equal(oyez_journal_append(journal, &act, NULL), OYEZ_OK);
    uint8_t header[SAMPLE_HEADER_SIZE];
    for (uint64_t number = 1; number < begins; number++) {
        struct oyez_journal_record record = sample_numbered(number, header);
        assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
        assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_OK);
    }
    assert_int_equal(oyez_journal_checkpoint(journal), OYEZ_OK);
    copy_all(whole);
    assert_int_equal(oyez_journal_compare(whole, later, NULL, NULL, NULL, &difference), OYEZ_OK);
    assert_false(difference.equal);
    assert_non_null(strstr(difference.why, "have expired in the second"));
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    remove_all(whole);
    remove_all(later);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_two_journals_are_compared_from_where_the_later_begins,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
