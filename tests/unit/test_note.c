// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/note.h"

// From the specification of signed notes.
static const char peters_key[] =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char peters_note[] =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\xE2\x80\x94 PeterNeumann "
    "x08go/ZJkuBS9UG/"
    "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

static oyez_err verify(const char *bytes, size_t size, const struct oyez_note_verifier *keys,
                       size_t count)
{
    struct oyez_note note;
    oyez_err err = oyez_note_parse(&note, bytes, size);

    return err == OYEZ_OK ? oyez_note_verify(&note, keys, count, NULL) : err;
}

static void test_the_note_of_the_specification_is_verified(void **state)
{
    struct oyez_note_verifier peter;
    struct oyez_note note;

    (void)state;
    assert_int_equal(oyez_note_verifier_read(&peter, peters_key), OYEZ_OK);
    assert_int_equal(peter.key_id, 0xc74f20a3);
    assert_int_equal(oyez_note_parse(&note, peters_note, strlen(peters_note)), OYEZ_OK);
    assert_int_equal(note.signature_count, 1);
    assert_int_equal(note.text_size, 57 + 42);
    assert_int_equal(oyez_note_verify(&note, &peter, 1, NULL), OYEZ_OK);
}

static void test_no_flipped_bit_is_let_through(void **state)
{
    struct oyez_note_verifier peter;
    char *bytes = strdup(peters_note);
    size_t size = strlen(peters_note);

    (void)state;
    assert_non_null(bytes);
    assert_int_equal(oyez_note_verifier_read(&peter, peters_key), OYEZ_OK);
    for (size_t i = 0; i < size * 8; i++) {
        bytes[i / 8] = (char)(bytes[i / 8] ^ (1 << i % 8));
        assert_int_not_equal(verify(bytes, size, &peter, 1), OYEZ_OK);
        bytes[i / 8] = (char)(bytes[i / 8] ^ (1 << i % 8));
    }
    for (size_t i = 0; i < size; i++)
        assert_int_not_equal(verify(bytes, i, &peter, 1), OYEZ_OK);
    assert_int_equal(verify(bytes, size, &peter, 1), OYEZ_OK);
    free(bytes);
}

static void test_several_sign_and_strangers_do_not_matter(void **state)
{
    struct oyez_note_signer signers[3];
    char note[2048], text[] = "one\n\ntwo\n";
    bool by[3];
    size_t size;
    struct oyez_note parsed;

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(oyez_note_signer_make(&signers[i], "same.example/name"), OYEZ_OK);
    assert_int_equal(oyez_note_sign(text, strlen(text), signers, 2, note, sizeof(note), &size),
                     OYEZ_OK);
    assert_int_equal(oyez_note_parse(&parsed, note, size), OYEZ_OK);
    assert_int_equal(parsed.text_size, strlen(text)); // split at the last empty line
    assert_int_equal(parsed.signature_count, 2);
    const struct oyez_note_verifier keys[3] = {signers[0].verifier, signers[1].verifier,
                                               signers[2].verifier};
    assert_int_equal(oyez_note_verify(&parsed, keys, 3, by), OYEZ_OK);
    assert_true(by[0] && by[1] && !by[2]);
    assert_int_equal(oyez_note_verify(&parsed, keys + 2, 1, NULL), OYEZ_ERR_NOT_FOUND);
    // A known key that fails spoils the note, though the other is right.
    note[size - 10] = note[size - 10] == 'A' ? 'B' : 'A';
    assert_int_equal(verify(note, size, keys, 1), OYEZ_OK);
    assert_int_equal(verify(note, size, keys, 2), OYEZ_ERR_CORRUPT);
}

static void test_other_kinds_of_signatures_are_passed_over(void **state)
{
    struct oyez_note_verifier peter;
    char *note = malloc(64 * 1024);
    size_t size = strlen(peters_note);

    (void)state;
    assert_non_null(note);
    assert_int_equal(oyez_note_verifier_read(&peter, peters_key), OYEZ_OK);
    memcpy(note, peters_note, size);
    for (unsigned i = 0; i < 16; i++) { // as long as post-quantum ones are
        size += (size_t)sprintf(note + size, "\xE2\x80\x94 witness.example/%u ", i);
        memset(note + size, 'A', 3228);
        size += 3228;
        note[size++] = '\n';
    }
    assert_int_equal(verify(note, size, &peter, 1), OYEZ_OK);
    free(note);
}

static void test_malformed_notes_are_told(void **state)
{
#define SIGNED "\xE2\x80\x94 a AAAAAAA=\n"
    static const char *const bad[] = {
        "",
        "\n",
        "\n\n",
        "text\n",
        "text\n\n",
        "text\n" SIGNED,
        "text\n\n\xE2\x80\x94 a AAAAAAA=",
        "text\n\n- a AAAAAAA=\n",
        "text\n\n\xE2\x80\x94 AAAAAAA=\n",
        "text\n\n\xE2\x80\x94  AAAAAAA=\n",
        "text\n\n\xE2\x80\x94 a+b AAAAAAA=\n",
        "text\n\n\xE2\x80\x94 a AAAAAA==\n", // a key id and nothing behind it
        "text\n\n\xE2\x80\x94 a AAAAAAA\n",
        "text\n\n\xE2\x80\x94 a AAAAAAA= \n",
        "te\txt\n\n" SIGNED,
        "te\xFFxt\n\n" SIGNED,
        "te\xC0\x80xt\n\n" SIGNED,
        "te\xED\xA0\x80xt\n\n" SIGNED,
        "text\n\n" SIGNED "\n",
    };
    struct oyez_note note;
    char *large = calloc(1, OYEZ_NOTE_SIZE_MAX + 1);

    (void)state;
    assert_non_null(large);
    assert_int_equal(oyez_note_parse(&note, "text\n\n" SIGNED, strlen("text\n\n" SIGNED)), OYEZ_OK);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_int_equal(oyez_note_parse(&note, bad[i], strlen(bad[i])), OYEZ_ERR_MALFORMED);
    assert_int_equal(oyez_note_parse(&note, "te\0xt\n\n" SIGNED, 21), OYEZ_ERR_MALFORMED);
    assert_int_equal(oyez_note_parse(&note, large, OYEZ_NOTE_SIZE_MAX + 1), OYEZ_ERR_TOO_LARGE);
    free(large);
}

static void test_what_is_no_text_is_not_signed(void **state)
{
    struct oyez_note_signer signer;
    char note[256];
    size_t size;

    (void)state;
    assert_int_equal(oyez_note_signer_make(&signer, "a"), OYEZ_OK);
    assert_int_equal(oyez_note_sign("text", 4, &signer, 1, note, sizeof(note), &size),
                     OYEZ_ERR_INVALID);
    assert_int_equal(oyez_note_sign("\r\n", 2, &signer, 1, note, sizeof(note), &size),
                     OYEZ_ERR_INVALID);
    assert_int_equal(oyez_note_sign("text\n", 5, &signer, 1, note, 100, &size), OYEZ_ERR_TOO_LARGE);
    assert_int_equal(oyez_note_sign("text\n", 5, &signer, 1, note, 107, &size), OYEZ_OK);
    assert_int_equal(size, 105);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_note_of_the_specification_is_verified),
        cmocka_unit_test(test_no_flipped_bit_is_let_through),
        cmocka_unit_test(test_several_sign_and_strangers_do_not_matter),
        cmocka_unit_test(test_other_kinds_of_signatures_are_passed_over),
        cmocka_unit_test(test_malformed_notes_are_told),
        cmocka_unit_test(test_what_is_no_text_is_not_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
