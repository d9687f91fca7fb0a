// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "event_lines.h"
#include "oyez/json.h"

static char directory[] = "/tmp/oyez-test-XXXXXX";
static char path[64];

static void open_text(struct event_lines *lines, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(event_lines_open(lines, path, -1), OYEZ_OK);
    assert_int_equal(lines->file_size, strlen(text));
}

static void expect_good(struct event_lines *lines, uint64_t number, const char *type)
{
    struct oyez_event *event;
    assert_int_equal(event_lines_next(lines, &event), EVENT_LINE_GOOD);
    assert_int_equal(lines->reader.number, number);
    assert_string_equal(event->event_type, type);
    oyez_event_free(&event);
}

static void expect_bad(struct event_lines *lines, uint64_t number, oyez_err error,
                       const char *reason)
{
    struct oyez_event *event;
    assert_int_equal(event_lines_next(lines, &event), EVENT_LINE_BAD);
    assert_null(event);
    assert_int_equal(lines->reader.number, number);
    assert_int_equal(lines->error, error);
    assert_non_null(strstr(lines->reason, reason));
}

static void expect_end(struct event_lines *lines)
{
    struct oyez_event *event;
    assert_int_equal(event_lines_next(lines, &event), EVENT_LINE_END);
}

static void test_a_line_may_be_a_cloudevent(void **state)
{
    (void)state;
    struct event_lines lines;
    open_text(&lines, "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/a\","
                      "\"type\":\"session.created\"}\n"
                      "{\"type\":\"session.created\"}\n"
                      "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/a\"}\n"
                      "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/a\","
                      "\"type\":\"com.example.unknown\"}\n");
    expect_good(&lines, 1, "session.created");
    expect_good(&lines, 2, "session.created");
    expect_bad(&lines, 3, OYEZ_ERR_INVALID, "type: missing");
    expect_bad(&lines, 4, OYEZ_ERR_UNKNOWN_TYPE, "com.example.unknown: no catalog has");
    expect_end(&lines);
    event_lines_close(&lines);
}

static void test_empty_lines_crlf_and_a_byte_order_mark_are_accepted(void **state)
{
    (void)state;
    struct event_lines lines;
    open_text(&lines, "\xef\xbb\xbf{\"type\":\"session.created\"}\r\n\r\n \t\n"
                      "{\"event_type\":\"github.push\",\"details\":{\"a\":1}}");
    expect_good(&lines, 1, "session.created");
    expect_good(&lines, 4, "github.push");
    expect_end(&lines);
    event_lines_close(&lines);
}

static void test_a_bad_line_is_named_and_the_next_is_read(void **state)
{
    (void)state;
    struct event_lines lines;
    open_text(&lines, "{\n"
                      "{\"type\":\"no.such.type\"}\n"
                      "{\"type\":\"session.created\",\"colour\":\"red\"}\n"
                      "{\"type\":\"session.created\",\"details\":\"\xff\"}\n"
                      "{\"type\":\"session.created\"}\n");
    expect_bad(&lines, 1, OYEZ_ERR_INVALID, "");
    expect_bad(&lines, 2, OYEZ_ERR_UNKNOWN_TYPE, "no.such.type");
    expect_bad(&lines, 3, OYEZ_ERR_INVALID, "colour");
    expect_bad(&lines, 4, OYEZ_ERR_INVALID, "UTF-8");
    expect_good(&lines, 5, "session.created");
    expect_end(&lines);
    event_lines_close(&lines);
}

static void test_a_line_longer_than_any_event_is_told_with_its_size(void **state)
{
    (void)state;
    struct event_lines lines;
    size_t size = EVENT_LINE_SIZE_MAX + 10;
    char *text = malloc(size + 32);
    assert_non_null(text);
    memset(text, 'x', size);
    strcpy(text + size, "\n{\"type\":\"session.created\"}\n");
    open_text(&lines, text);
    free(text);
    expect_bad(&lines, 1, OYEZ_ERR_TOO_LARGE, "4194314 bytes");
    expect_good(&lines, 2, "session.created");
    event_lines_close(&lines);
}

static void test_a_file_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct event_lines lines;
    assert_int_equal(event_lines_open(&lines, "no/such/file", -1), OYEZ_ERR_IO);
    assert_non_null(strstr(oyez_error_detail(), "no/such/file"));
    event_lines_close(&lines);
}

static void test_a_directory_cannot_be_read(void **state)
{
    (void)state;
    struct event_lines lines;
    struct oyez_event *event;
    assert_int_equal(event_lines_open(&lines, directory, -1), OYEZ_OK);
    assert_int_equal(event_lines_next(&lines, &event), EVENT_LINE_FAILED);
    assert_int_equal(lines.error, OYEZ_ERR_IO);
    assert_non_null(strstr(lines.reason, directory));
    event_lines_close(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_may_be_a_cloudevent),
        cmocka_unit_test(test_empty_lines_crlf_and_a_byte_order_mark_are_accepted),
        cmocka_unit_test(test_a_bad_line_is_named_and_the_next_is_read),
        cmocka_unit_test(test_a_line_longer_than_any_event_is_told_with_its_size),
        cmocka_unit_test(test_a_file_that_is_not_there_is_named),
        cmocka_unit_test(test_a_directory_cannot_be_read),
    };
    if (mkdtemp(directory) == NULL) {
        return 1;
    }
    snprintf(path, sizeof path, "%s/events.jsonl", directory);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    rmdir(directory);
    return failed;
}
