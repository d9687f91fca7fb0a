// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/journal/crc32c.h"

static uint8_t bytes[4096];

static void fill(void)
{
    uint32_t state = 1;

    for (size_t i = 0; i < sizeof(bytes); i++) {
        state = state * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(state >> 24);
    }
}

static void test_the_check_value_and_the_vectors_of_iscsi_come_out(void **state)
{
    (void)state;
    uint8_t zeros[32] = {0};
    uint8_t counting[32];

    for (size_t i = 0; i < sizeof counting; i++)
        counting[i] = (uint8_t)i;
    assert_int_equal(oyez_journal_crc32c(0, "123456789", 9), 0xE3069283);
    assert_int_equal(oyez_journal_crc32c(0, zeros, 32), 0x8A9136AA);
    assert_int_equal(oyez_journal_crc32c(0, counting, 32), 0x46DD794E);
    assert_int_equal(oyez_journal_crc32c(0, "", 0), 0);
}

static void test_both_ways_agree_at_every_length_and_alignment(void **state)
{
    (void)state;
    fill();
    for (size_t start = 0; start < 9; start++)
        for (size_t size = 0; size < 300; size++)
            assert_int_equal(oyez_journal_crc32c(7, bytes + start, size),
                             oyez_journal_crc32c_portable(7, bytes + start, size));
}

static void test_a_text_in_pieces_has_the_sum_of_the_whole(void **state)
{
    (void)state;
    fill();
    uint32_t whole = oyez_journal_crc32c(0, bytes, sizeof(bytes));

    for (size_t cut = 0; cut <= sizeof(bytes); cut += 13) {
        uint32_t first = oyez_journal_crc32c(0, bytes, cut);
        assert_int_equal(oyez_journal_crc32c(first, bytes + cut, sizeof(bytes) - cut), whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_check_value_and_the_vectors_of_iscsi_come_out),
        cmocka_unit_test(test_both_ways_agree_at_every_length_and_alignment),
        cmocka_unit_test(test_a_text_in_pieces_has_the_sum_of_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
