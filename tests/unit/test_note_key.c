// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "oyez/note.h"

static const char peters_key[] =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char peters_secret[] =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

static void test_known_keys_go_both_ways(void **state)
{
    struct oyez_note_verifier verifier;
    struct oyez_note_signer signer;
    char text[OYEZ_NOTE_SKEY_SIZE];

    (void)state;
    assert_int_equal(oyez_note_verifier_read(&verifier, peters_key), OYEZ_OK);
    oyez_note_verifier_write(&verifier, text);
    assert_string_equal(text, peters_key);
    assert_int_equal(oyez_note_signer_read(&signer, peters_secret), OYEZ_OK);
    assert_true(oyez_note_verifier_equal(&signer.verifier, &verifier));
    oyez_note_signer_write(&signer, text);
    assert_string_equal(text, peters_secret);
    oyez_note_signer_wipe(&signer);
    for (size_t i = 0; i < sizeof(signer); i++)
        assert_int_equal(((const uint8_t *)&signer)[i], 0);
}

static void test_the_longest_name_fits(void **state)
{
    struct oyez_note_signer signer, again;
    char name[OYEZ_NOTE_NAME_SIZE + 1], text[OYEZ_NOTE_SKEY_SIZE];

    (void)state;
    memset(name, 'n', sizeof(name));
    name[OYEZ_NOTE_NAME_SIZE] = '\0';
    assert_int_equal(oyez_note_signer_make(&signer, name), OYEZ_ERR_INVALID);
    name[OYEZ_NOTE_NAME_SIZE - 1] = '\0';
    assert_int_equal(oyez_note_signer_make(&signer, name), OYEZ_OK);
    oyez_note_signer_write(&signer, text);
    assert_int_equal(oyez_note_signer_read(&again, text), OYEZ_OK);
    assert_memory_equal(&signer, &again, sizeof(signer));
}

static void test_what_is_no_key_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "+",
        "name",
        "name+c74f20a3",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20ag+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhpcQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWA",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
    };
    struct oyez_note_verifier verifier;
    struct oyez_note_signer signer;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_int_equal(oyez_note_verifier_read(&verifier, bad[i]), OYEZ_ERR_MALFORMED);
    assert_null(strstr(oyez_error_detail(), "AYEK"));
    assert_int_equal(oyez_note_signer_read(&signer, peters_key), OYEZ_ERR_MALFORMED);
}

static void test_names_are_what_a_signature_line_can_hold(void **state)
{
    static const char *const bad[] = {"",      "a b",        "a+b",           "a\nb",
                                      "a\tb",  "a\xC2\xA0z", "a\xE2\x80\xA8", "a\xE3\x80\x80z",
                                      "a\xFF", "a\x7F",      "a\xC2\x85"};
    static const char *const good[] = {"a", "example.org/log42", "oyez/0123", "\303\274ber",
                                       "\xF0\x9F\x94\x94"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_int_equal(oyez_note_name_check(bad[i]), OYEZ_ERR_INVALID);
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
        assert_int_equal(oyez_note_name_check(good[i]), OYEZ_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_keys_go_both_ways),
        cmocka_unit_test(test_the_longest_name_fits),
        cmocka_unit_test(test_what_is_no_key_is_refused),
        cmocka_unit_test(test_names_are_what_a_signature_line_can_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
