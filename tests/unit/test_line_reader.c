// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "line_reader.h"

// A file that holds `text` and is read from its beginning.
static int file_of(const char *text, size_t size)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    fflush(file);
    int fd = dup(fileno(file));
    assert_true(fd >= 0);
    lseek(fd, 0, SEEK_SET);
    fclose(file);
    return fd;
}

static void open_text(struct line_reader *reader, const char *text, size_t limit)
{
    assert_int_equal(line_reader_open(reader, file_of(text, strlen(text)), -1, limit), OYEZ_OK);
}

static void close_all(struct line_reader *reader)
{
    close(reader->fd);
    line_reader_close(reader);
}

static void expect_line(struct line_reader *reader, const char *expected)
{
    const char *line;
    uint64_t size;
    assert_int_equal(line_reader_next(reader, &line, &size), LINE_READ);
    assert_int_equal(size, strlen(expected));
    assert_string_equal(line, expected);
}

static void expect_status(struct line_reader *reader, enum line_status expected)
{
    const char *line;
    uint64_t size;
    assert_int_equal(line_reader_next(reader, &line, &size), expected);
}

static void test_lines_end_with_lf_crlf_or_the_file(void **state)
{
    (void)state;
    struct line_reader reader;
    open_text(&reader, "one\ntwo\r\n\n\r\nlast", 100);
    expect_line(&reader, "one");
    expect_line(&reader, "two");
    expect_line(&reader, "");
    expect_line(&reader, "");
    expect_line(&reader, "last");
    assert_int_equal(reader.number, 5);
    expect_status(&reader, LINE_END);
    assert_int_equal(reader.offset, 16);
    close_all(&reader);
}

static void test_an_empty_file_has_no_lines(void **state)
{
    (void)state;
    struct line_reader reader;
    open_text(&reader, "", 100);
    expect_status(&reader, LINE_END);
    assert_int_equal(reader.number, 0);
    close_all(&reader);
}

static void test_a_line_at_the_limit_is_read_and_one_above_is_not(void **state)
{
    (void)state;
    struct line_reader reader;
    open_text(&reader, "12345\r\n123456\n12345\n", 5);
    expect_line(&reader, "12345");
    expect_status(&reader, LINE_TOO_LONG);
    expect_line(&reader, "12345");
    assert_int_equal(reader.number, 3);
    expect_status(&reader, LINE_END);
    close_all(&reader);
}

static void test_a_huge_line_is_counted_but_not_kept(void **state)
{
    (void)state;
    struct line_reader reader;
    static char text[3 * 1024 * 1024];
    const char *line;
    uint64_t size;
    memset(text, 'x', sizeof text);
    text[sizeof text - 5] = '\n';
    int fd = file_of(text, sizeof text);
    assert_int_equal(line_reader_open(&reader, fd, -1, 1000), OYEZ_OK);
    assert_int_equal(line_reader_next(&reader, &line, &size), LINE_TOO_LONG);
    assert_int_equal(size, sizeof text - 5);
    assert_true(reader.line_capacity <= 8192);
    expect_line(&reader, "xxxx");
    close_all(&reader);
}

static void test_nul_bytes_belong_to_the_line(void **state)
{
    (void)state;
    struct line_reader reader;
    const char *line;
    uint64_t size;
    int fd = file_of("a\0b\n", 4);
    assert_int_equal(line_reader_open(&reader, fd, -1, 100), OYEZ_OK);
    assert_int_equal(line_reader_next(&reader, &line, &size), LINE_READ);
    assert_int_equal(size, 3);
    assert_memory_equal(line, "a\0b", 3);
    close_all(&reader);
}

static void test_an_interrupt_ends_the_wait_for_more(void **state)
{
    (void)state;
    struct line_reader reader;
    int input[2];
    int interrupt[2];
    assert_int_equal(pipe(input), 0);
    assert_int_equal(pipe(interrupt), 0);
    assert_int_equal(line_reader_open(&reader, input[0], interrupt[0], 100), OYEZ_OK);
    assert_int_equal(write(input[1], "one\n", 4), 4);
    expect_line(&reader, "one");
    assert_int_equal(write(interrupt[1], "!", 1), 1);
    expect_status(&reader, LINE_INTERRUPTED);
    close_all(&reader);
    close(input[1]);
    close(interrupt[0]);
    close(interrupt[1]);
}

static void test_a_descriptor_that_cannot_be_read_is_told(void **state)
{
    (void)state;
    struct line_reader reader;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    // The writing end of a pipe.
    assert_int_equal(line_reader_open(&reader, ends[1], -1, 100), OYEZ_OK);
    expect_status(&reader, LINE_FAILED);
    close_all(&reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_end_with_lf_crlf_or_the_file),
        cmocka_unit_test(test_an_empty_file_has_no_lines),
        cmocka_unit_test(test_a_line_at_the_limit_is_read_and_one_above_is_not),
        cmocka_unit_test(test_a_huge_line_is_counted_but_not_kept),
        cmocka_unit_test(test_nul_bytes_belong_to_the_line),
        cmocka_unit_test(test_an_interrupt_ends_the_wait_for_more),
        cmocka_unit_test(test_a_descriptor_that_cannot_be_read_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
