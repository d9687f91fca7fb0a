// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "expiring_journal.h"

static void test_where_the_act_is_is_found_without_the_file(void **state)
{
    oyez_journal *journal = make_journal();
    uint64_t begins = expire(journal, 60);
    (void)state;
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_equal(fake_disk_count(fake, "expired.state"), 1);
    for (unsigned i = 0; i < 2; i++) {
        if (i == 0)
            fake_disk_remove(fake, "expired.state");
        else
            fake_disk_put(fake, "expired.state", "act 88\n", 7);
        journal = open_keyed(fake, NULL, NULL);
        assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
        assert_int_equal(fake_disk_count(fake, "expired.state"), 1);
        assert_int_equal(verify_good().expired, begins);
    }
}

static void test_an_act_that_cannot_be_understood_removes_nothing(void **state)
{
    static const char *const texts[] = {
        "", "before 0\n", "before x\n", "before 900\n", "before 5", "event 1:2 x\nby a\nwhy b\n"};
    struct oyez_expired expired;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const struct oyez_journal_record act = {.kind = OYEZ_RECORD_EXPIRED,
                                                .index = 100,
                                                .details = (const uint8_t *)texts[i],
                                                .details_size = strlen(texts[i])};
        assert_false(oyez_expired_read(&expired, &act));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_where_the_act_is_is_found_without_the_file, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_an_act_that_cannot_be_understood_removes_nothing,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
