// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "oyez/event_lines.h"

static void check(const struct oyez_event *event, enum oyez_line_format format,
                  const char *expected)
{
    char *line = NULL;
    size_t size = 0;
    assert_int_equal(oyez_event_line(event, format, &line, &size), OYEZ_OK);
    assert_string_equal(line, expected);
    assert_int_equal(size, strlen(expected));
    free(line);
}

static void test_a_line_has_type_id_header_tags_and_details(void **state)
{
    (void)state;
    const struct oyez_event event = {.event_type = "actor.invoked",
                                     .occurred_at = 1500000000,
                                     .schema_version = "1.0.0",
                                     .plan_id = "plan 1",
                                     .actor_name = "code\"r",
                                     .user_id = "",
                                     .tags = {{"team", "payments"}},
                                     .details = "{\"actor\":\n \"coder\"}"};
    check(&event, OYEZ_LINE_LOGFMT,
          "time=1970-01-01T00:00:01.500000000Z event=actor.invoked "
          "id=00000000-0000-0000-0000-000000000000 actor_name=\"code\\\"r\" plan_id=\"plan 1\" "
          "user_id=\"\" tag.team=\"payments\" details={\"actor\":\"coder\"}");
}

static void test_the_broker_s_time_is_shown_where_there_is_one(void **state)
{
    (void)state;
    const struct oyez_event event = {
        .event_type = "github.push", .occurred_at = 1, .stamp.broker_time = 2000000000};
    check(&event, OYEZ_LINE_LOGFMT,
          "time=1970-01-01T00:00:02.000000000Z event=github.push "
          "id=00000000-0000-0000-0000-000000000000 details={}");
}

static void test_details_that_are_not_what_they_should_be_are_counted_in_bytes(void **state)
{
    (void)state;
    struct oyez_event event = {.event_type = "github.push",
                               .details_format = OYEZ_DETAILS_JSON,
                               .details = "{\n\ntime=forged",
                               .details_size = 14};
    char *line = NULL;
    size_t size;
    assert_int_equal(oyez_event_line(&event, OYEZ_LINE_LOGFMT, &line, &size), OYEZ_OK);
    assert_null(strchr(line, '\n'));
    assert_non_null(strstr(line, " details_bytes=14"));
    free(line);
    event.event_type = "no.such_type";
    event.details_format = OYEZ_DETAILS_PROTOBUF;
    assert_int_equal(oyez_event_line(&event, OYEZ_LINE_LOGFMT, &line, &size), OYEZ_OK);
    assert_non_null(strstr(line, " details_bytes=14"));
    free(line);
}

static void test_a_value_cannot_forge_a_line(void **state)
{
    (void)state;
    const struct oyez_event event = {
        .event_type = "github.push", .plan_id = "a\ntime=0 event=forged", .tags = {{"k", "v\n"}}};
    char *line = NULL;
    size_t size;
    assert_int_equal(oyez_event_line(&event, OYEZ_LINE_LOGFMT, &line, &size), OYEZ_OK);
    assert_null(strchr(line, '\n'));
    free(line);
}

static void test_a_tag_s_key_cannot_forge_a_line(void **state)
{
    (void)state;
    const struct oyez_event event = {.event_type = "github.push",
                                     .tags = {{"a\ntime=0 event=forged tag.b", "v"}}};
    char *line = NULL;
    size_t size;
    assert_int_equal(oyez_event_line(&event, OYEZ_LINE_LOGFMT, &line, &size), OYEZ_OK);
    assert_null(strchr(line, '\n'));
    assert_non_null(strstr(line, " tag.\"a\\ntime=0 event=forged tag.b\"=\"v\""));
    free(line);
}

static void test_json_is_the_event_as_everywhere(void **state)
{
    (void)state;
    const struct oyez_event event = {.event_type = "github.push", .occurred_at = 1500000000};
    check(&event, OYEZ_LINE_JSON,
          "{\"event_type\":\"github.push\",\"occurred_at\":\"1970-01-01T00:00:01.500000000Z\","
          "\"details\":{}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_has_type_id_header_tags_and_details),
        cmocka_unit_test(test_the_broker_s_time_is_shown_where_there_is_one),
        cmocka_unit_test(test_details_that_are_not_what_they_should_be_are_counted_in_bytes),
        cmocka_unit_test(test_a_value_cannot_forge_a_line),
        cmocka_unit_test(test_a_tag_s_key_cannot_forge_a_line),
        cmocka_unit_test(test_json_is_the_event_as_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
