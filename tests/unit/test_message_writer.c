// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "schema/message_writer.h"

static void test_lengths_take_the_bytes_that_they_need(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 127, 128, 16383, 16384, 70000};
    static uint8_t content[70000];
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct message_writer writer = {.bytes = NULL};
        memset(content, 0xab, sizes[i]);
        message_put_raw(&writer, "x", 1);
        size_t mark = message_writer_open(&writer);
        message_put_raw(&writer, content, sizes[i]);
        message_writer_close(&writer, mark);
        message_put_raw(&writer, "y", 1);
        size_t length = 0;
        size_t at = 1;
        unsigned shift = 0;
        do
            length |= (size_t)(writer.bytes[at] & 0x7f) << shift;
        while (shift += 7, (writer.bytes[at++] & 0x80) != 0);
        assert_int_equal(length, sizes[i]);
        assert_int_equal(writer.size, at + sizes[i] + 1);
        assert_memory_equal(writer.bytes + at, content, sizes[i]);
        assert_int_equal(writer.bytes[writer.size - 1], 'y');
        free(writer.bytes);
    }
}

static void test_numbers_stand_as_protobuf_has_them(void **state)
{
    (void)state;
    struct message_writer writer = {.bytes = NULL};
    message_put_varint(&writer, 300);
    message_put_fixed32(&writer, 0x01020304);
    message_put_fixed64(&writer, 0x0102030405060708);
    assert_int_equal(writer.size, 14);
    assert_memory_equal(writer.bytes, "\xac\x02\x04\x03\x02\x01\x08\x07\x06\x05\x04\x03\x02\x01",
                        14);
    free(writer.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths_take_the_bytes_that_they_need),
        cmocka_unit_test(test_numbers_stand_as_protobuf_has_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
