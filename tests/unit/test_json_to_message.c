// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample_plan.h"
#include "schema/details.h"

// Converts, and expects the bytes as hexadecimal digits.
static void expect_bytes(const char *text, const char *hex)
{
    struct violation violation;
    uint8_t *bytes;
    size_t size;
    char found[1024] = "";
    if (details_from_json(sample_plan(), text, strlen(text), &bytes, &size, &violation))
        fail_msg("%s: %s %s", text, violation.path, violation.rule);
    for (size_t i = 0; i < size && i < 500; i++)
        sprintf(found + 2 * i, "%02x", bytes[i]);
    assert_string_equal(found, hex);
    free(bytes);
}

static void test_fields_come_in_the_order_of_their_numbers(void **state)
{
    (void)state;
    expect_bytes("{}", "");
    expect_bytes("{\"flag\":true,\"count\":3,\"name\":\"ab\"}", "0a02616210033801");
}

static void test_what_is_there_is_written_though_it_is_zero(void **state)
{
    (void)state;
    expect_bytes("{\"count\":1,\"big\":0,\"flag\":false,\"data\":\"\",\"colour\":\"NONE\"}",
                 "1001"
                 "1800"
                 "3800"
                 "4200"
                 "4800");
    expect_bytes("{\"this\":\"\",\"that\":null}", "920100");
}

static void test_numbers_of_every_kind(void **state)
{
    (void)state;
    expect_bytes("{\"big\":-1}", "18ffffffffffffffffff01");
    expect_bytes("{\"ubig\":\"18446744073709551615\"}", "20ffffffffffffffffff01");
    expect_bytes("{\"ratio\":1.5,\"small\":-0.5}", "29000000000000f83f35000000bf");
    expect_bytes("{\"ratio\":-0.0}", "290000000000000080");
    expect_bytes("{\"ratio\":\"Infinity\"}", "29000000000000f07f");
    expect_bytes("{\"colour\":\"BLUE\"}", "48feffffffffffffffff01");
    expect_bytes("{\"numbers\":[0,-1,1,-2147483648]}", "5a08000102ffffffff0f");
    expect_bytes("{\"fixed\":-2}", "b901feffffffffffffff");
}

static void test_texts_and_bytes(void **state)
{
    (void)state;
    expect_bytes("{\"story\":\"\\u0000\\ud83d\\ude00\\/\\n\"}", "a2010700f09f98802f0a");
    expect_bytes("{\"data\":\"+_8=\"}", "4202fbff");
    expect_bytes("{\"data\":\"AA\\u003d\\u003d\"}", "420100");
    expect_bytes("{\"extra\":{ \"a b\" : [ 1 , 2 ] }}", "8a010d"
                                                        "7b22612062223a5b312c325d7d");
}

static void test_lists_maps_and_messages(void **state)
{
    (void)state;
    expect_bytes("{\"tags\":[\"\",\"b\"]}", "5200520162");
    expect_bytes("{\"tags\":[],\"numbers\":[],\"votes\":{}}", "");
    expect_bytes("{\"votes\":{\"z\":\"\",\"\":\"a\"}}", "62050a017a120062050a00120161");
    expect_bytes("{\"children\":{\"-1\":{}}}", "6a0d08ffffffffffffffffff011200");
    expect_bytes("{\"child\":{\"child\":{\"count\":1}}}", "720472021001");
    expect_bytes("{\"at\":\"1970-01-01T00:00:01.5Z\",\"lasts\":\"0s\"}",
                 "7a0808011080cab5ee01820100");
}

static void test_long_messages_have_long_lengths(void **state)
{
    (void)state;
    char text[1200];
    char story[601];
    struct violation violation;
    uint8_t *bytes;
    size_t size;
    memset(story, 'x', 600);
    story[600] = '\0';
    snprintf(text, sizeof text, "{\"child\":{\"child\":{\"story\":\"%s\"}}}", story);
    assert_int_equal(
        details_from_json(sample_plan(), text, strlen(text), &bytes, &size, &violation), OYEZ_OK);
    static const uint8_t start[] = {0x72, 0xdf, 0x04, 0x72, 0xdc, 0x04, 0xa2, 0x01, 0xd8, 0x04};
    assert_int_equal(size, sizeof start + 600);
    assert_memory_equal(bytes, start, sizeof start);
    assert_memory_equal(bytes + sizeof start, story, 600);
    free(bytes);
}

static void test_wrong_text_makes_no_bytes(void **state)
{
    (void)state;
    struct violation violation;
    uint8_t *bytes = NULL;
    size_t size;
    assert_int_equal(
        details_from_json(sample_plan(), "{\"count\":0}", 11, &bytes, &size, &violation),
        OYEZ_ERR_INVALID);
    assert_string_equal(violation.path, "details.count");
    assert_null(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_come_in_the_order_of_their_numbers),
        cmocka_unit_test(test_what_is_there_is_written_though_it_is_zero),
        cmocka_unit_test(test_numbers_of_every_kind),
        cmocka_unit_test(test_texts_and_bytes),
        cmocka_unit_test(test_lists_maps_and_messages),
        cmocka_unit_test(test_long_messages_have_long_lengths),
        cmocka_unit_test(test_wrong_text_makes_no_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
