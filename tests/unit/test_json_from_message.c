// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "json_scan.h"
#include "sample_plan.h"
#include "schema/details.h"

static size_t read_hex(const char *hex, uint8_t *bytes)
{
    size_t size = 0;
    for (; *hex; hex += 2) {
        char digits[3] = {hex[0], hex[1], '\0'};
        bytes[size++] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return size;
}

static void expect_text(const char *hex, const char *expected)
{
    uint8_t bytes[512];
    char *text;
    size_t size;
    oyez_err err = details_to_json(sample_plan(), bytes, read_hex(hex, bytes), &text, &size, NULL);
    if (err)
        fail_msg("%s: %s", hex, oyez_error_detail());
    assert_string_equal(text, expected);
    assert_int_equal(size, strlen(expected));
    free(text);
}

static void expect_malformed(const char *hex, const char *detail)
{
    uint8_t bytes[512];
    char *text = NULL;
    size_t size;
    assert_int_equal(
        details_to_json(sample_plan(), bytes, read_hex(hex, bytes), &text, &size, NULL),
        OYEZ_ERR_MALFORMED);
    assert_string_equal(oyez_error_detail(), detail);
    assert_null(text);
}

static void test_fields_are_shown_in_the_order_of_their_numbers(void **state)
{
    (void)state;
    expect_text("", "{}");
    expect_text("38010a0261621003", "{\"name\":\"ab\",\"count\":3,\"flag\":true}");
    expect_text("1800380042004800",
                "{\"big\":\"0\",\"flag\":false,\"data\":\"\",\"colour\":\"NONE\"}");
}

static void test_integers_of_every_kind(void **state)
{
    (void)state;
    expect_text("18ffffffffffffffffff01", "{\"big\":\"-1\"}");
    expect_text("1880808080808080808001", "{\"big\":\"-9223372036854775808\"}");
    expect_text("20ffffffffffffffffff01", "{\"ubig\":\"18446744073709551615\"}");
    expect_text("b00104b901feffffffffffffff", "{\"narrow\":4,\"fixed\":\"-2\"}");
    expect_text("48feffffffffffffffff01", "{\"colour\":\"BLUE\"}");
    expect_text("4807", "{\"colour\":7}");
}

static void test_reals_have_few_digits_whatever_the_locale(void **state)
{
    (void)state;
    // Where the machine has that locale, its decimal point is a comma.
    setlocale(LC_NUMERIC, "de_DE.UTF-8");
    expect_text("299a9999999999b93f35cdcccc3d", "{\"ratio\":0.1,\"small\":0.1}");
    expect_text("299c7500883ce4377e", "{\"ratio\":1e+300}");
    expect_text("290000000000001cc0", "{\"ratio\":-7}");
    expect_text("29350f63bab4697b43", "{\"ratio\":1.2345678901234568e+17}");
    expect_text("290000000000000080", "{\"ratio\":-0.0}");
    expect_text("29000000000000f87f35000080ff", "{\"ratio\":\"NaN\",\"small\":\"-Infinity\"}");
    setlocale(LC_NUMERIC, "C");
}

static void test_texts_and_bytes(void **state)
{
    (void)state;
    expect_text("a2010700f09f98807f0a", "{\"story\":\"\\u0000\xf0\x9f\x98\x80\\u007f\\n\"}");
    expect_text("4202fbff", "{\"data\":\"+/8=\"}");
    expect_text("8a01095b312c207b7d20205d", "{\"extra\":[1,{}]}");
}

static void test_lists_packed_or_not_and_apart(void **state)
{
    (void)state;
    expect_text("5200520162", "{\"tags\":[\"\",\"b\"]}");
    expect_text("5a0200015802100158035a0104", "{\"count\":1,\"numbers\":[0,-1,1,-2,2]}");
}

static void test_maps_and_messages(void **state)
{
    (void)state;
    expect_text("62050a017a120062050a00120161", "{\"votes\":{\"z\":\"\",\"\":\"a\"}}");
    // What an entry leaves out is zero.
    expect_text("62006a00", "{\"votes\":{\"\":\"\"},\"children\":{\"0\":{}}}");
    expect_text("6a0d08ffffffffffffffffff011200", "{\"children\":{\"-1\":{}}}");
    expect_text("720472021001", "{\"child\":{\"child\":{\"count\":1}}}");
    expect_text("7a0808011080cab5ee01820100",
                "{\"at\":\"1970-01-01T00:00:01.500Z\",\"lasts\":\"0s\"}");
}

static void test_unknown_fields_are_counted_and_left_out(void **state)
{
    (void)state;
    uint8_t bytes[64];
    char *text;
    size_t size;
    uint64_t unknown = 0;
    // At the top, in a child, in a map's entry, in a timestamp.
    size_t count = read_hex("c03e017205c03e02100162021a007a03c03e01", bytes);
    assert_int_equal(details_to_json(sample_plan(), bytes, count, &text, &size, &unknown), OYEZ_OK);
    assert_string_equal(text, "{\"votes\":{\"\":\"\"},\"child\":{\"count\":1},"
                              "\"at\":\"1970-01-01T00:00:00Z\"}");
    assert_int_equal(unknown, 4);
    free(text);
}

static void test_what_json_would_lose_is_malformed(void **state)
{
    (void)state;
    expect_malformed("0a", "details: no protobuf message");
    expect_malformed("0a05616263", "details: no protobuf message");
    expect_malformed("0801", "details: name is of another kind");
    expect_malformed("10011002", "details: count stands twice");
    expect_malformed("92010161"
                     "9a010161",
                     "details: that stands beside another field of the same choice");
    expect_malformed("108080808010", "details: count is out of the range of its kind");
    expect_malformed("3802", "details: flag is out of the range of its kind");
    expect_malformed("0a02c080", "details: name is not UTF-8");
    expect_malformed("0a03eda080", "details: name is not UTF-8");
    expect_malformed("8a01017b", "details: extra not a JSON object or array");
    expect_malformed("5a0180", "details: numbers has malformed elements");
    expect_malformed("62030a016162030a0161", "details: votes has a key twice");
    expect_malformed("62030a0100", "details: key has a NUL in a key");
    expect_malformed("7a0210ff", "details: at is out of the range of its kind");
    expect_malformed("82010d080110ffffffffffffffffff01",
                     "details: lasts is out of the range of its kind");
}

static void test_messages_go_only_so_deep(void **state)
{
    (void)state;
    uint8_t bytes[4 * OYEZ_PLAN_DEPTH_MAX];
    size_t size = 0;
    char *text;
    size_t text_size;
    for (unsigned i = 0; i < OYEZ_PLAN_DEPTH_MAX; i++) {
        memmove(bytes + 2, bytes, size);
        bytes[0] = 0x72;
        bytes[1] = (uint8_t)size;
        size += 2;
        oyez_err err = details_to_json(sample_plan(), bytes, size, &text, &text_size, NULL);
        assert_int_equal(err, i + 1 < OYEZ_PLAN_DEPTH_MAX ? OYEZ_OK : OYEZ_ERR_MALFORMED);
        if (err == OYEZ_OK)
            free(text);
    }
}

static void test_details_that_are_too_large_are_refused(void **state)
{
    (void)state;
    size_t size = OYEZ_DETAILS_SIZE_MAX;
    uint8_t *bytes = malloc(size + 1);
    char *text;
    size_t text_size;
    assert_non_null(bytes);
    memset(bytes, 0, size + 1);
    assert_int_equal(details_to_json(sample_plan(), bytes, size + 1, &text, &text_size, NULL),
                     OYEZ_ERR_TOO_LARGE);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_are_shown_in_the_order_of_their_numbers),
        cmocka_unit_test(test_integers_of_every_kind),
        cmocka_unit_test(test_reals_have_few_digits_whatever_the_locale),
        cmocka_unit_test(test_texts_and_bytes),
        cmocka_unit_test(test_lists_packed_or_not_and_apart),
        cmocka_unit_test(test_maps_and_messages),
        cmocka_unit_test(test_unknown_fields_are_counted_and_left_out),
        cmocka_unit_test(test_what_json_would_lose_is_malformed),
        cmocka_unit_test(test_messages_go_only_so_deep),
        cmocka_unit_test(test_details_that_are_too_large_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
