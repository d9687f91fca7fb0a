// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "oyez/checkpoint.h"

#define ROOT "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static void test_a_text_goes_both_ways(void **state)
{
    static const char text[] = "example.org/log\n18446744073709551615\n" ROOT "\n";
    struct oyez_checkpoint checkpoint;
    char made[OYEZ_CHECKPOINT_TEXT_SIZE];

    (void)state;
    assert_int_equal(oyez_checkpoint_read(&checkpoint, text, strlen(text)), OYEZ_OK);
    assert_string_equal(checkpoint.origin, "example.org/log");
    assert_true(checkpoint.size == UINT64_MAX);
    assert_int_equal(checkpoint.root.bytes[0], 0xe3);
    assert_int_equal(oyez_checkpoint_write(&checkpoint, made), strlen(text));
    assert_string_equal(made, text);
}

static void test_extension_lines_are_skipped(void **state)
{
    static const char text[] = "a\n0\n" ROOT "\nsomething\nmore\n";
    struct oyez_checkpoint checkpoint;

    (void)state;
    assert_int_equal(oyez_checkpoint_read(&checkpoint, text, strlen(text)), OYEZ_OK);
    assert_int_equal(checkpoint.size, 0);
}

static void test_malformed_texts_are_told(void **state)
{
    static const char *const bad[] = {"",
                                      "a\n",
                                      "a\n1\n",
                                      "a\n1\n" ROOT,
                                      "\n1\n" ROOT "\n",
                                      "a\n\n" ROOT "\n",
                                      "a\n01\n" ROOT "\n",
                                      "a\n+1\n" ROOT "\n",
                                      "a\n-1\n" ROOT "\n",
                                      "a\n1 \n" ROOT "\n",
                                      "a\n18446744073709551616\n" ROOT "\n",
                                      "a\n1\n" ROOT "AAAA\n",
                                      "a\n1\nAAAA\n",
                                      "a\n1\n" ROOT "\n\n",
                                      "a\n1\n" ROOT "\nmore"};
    struct oyez_checkpoint checkpoint;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_int_equal(oyez_checkpoint_read(&checkpoint, bad[i], strlen(bad[i])),
                         OYEZ_ERR_MALFORMED);
}

static void test_a_checkpoint_is_its_origins_own(void **state)
{
    struct oyez_note_signer signers[2];
    struct oyez_checkpoint checkpoint = {.origin = "first", .size = 5}, opened;
    char text[OYEZ_CHECKPOINT_TEXT_SIZE], note[OYEZ_CHECKPOINT_NOTE_SIZE];
    size_t size, key;

    (void)state;
    assert_int_equal(oyez_note_signer_make(&signers[0], "first"), OYEZ_OK);
    assert_int_equal(oyez_note_signer_make(&signers[1], "second"), OYEZ_OK);
    const struct oyez_note_verifier keys[2] = {signers[1].verifier, signers[0].verifier};
    assert_int_equal(oyez_note_sign(text, oyez_checkpoint_write(&checkpoint, text), signers, 1,
                                    note, sizeof(note), &size),
                     OYEZ_OK);
    assert_int_equal(oyez_checkpoint_open(&opened, note, size, keys, 2, &key), OYEZ_OK);
    assert_int_equal(key, 1);
    assert_int_equal(opened.size, 5);
    assert_int_equal(oyez_checkpoint_open(&opened, note, size, keys, 1, &key), OYEZ_ERR_NOT_FOUND);
    assert_int_equal(oyez_note_sign(text, strlen(text), signers + 1, 1, note, sizeof(note), &size),
                     OYEZ_OK);
    assert_int_equal(oyez_checkpoint_open(&opened, note, size, keys, 1, &key), OYEZ_ERR_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_text_goes_both_ways),
        cmocka_unit_test(test_extension_lines_are_skipped),
        cmocka_unit_test(test_malformed_texts_are_told),
        cmocka_unit_test(test_a_checkpoint_is_its_origins_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
