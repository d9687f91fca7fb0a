// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "command_call.h"
#include "recorded_events.h"
#include "wire/envelope.h"

extern const struct command get_command;

static struct recorded recorded;
static struct oyez_event event;
static char event_id[OYEZ_UUID_TEXT_SIZE];

static int begin(void **state)
{
    (void)state;
    recorded_open(&recorded);
    event = recorded_event("plan.created", "{\"plan\" : \"p-\033[31m1\"}");
    event.actor_name = "planner";
    event.aggregate_version = 0;
    event.has_aggregate_version = true;
    event.tags[0] = (struct oyez_tag){"team", "blue"};
    event.signature = (const uint8_t *)"signed";
    event.signature_size = 6;
    oyez_uuid_to_text(event.event_id, event_id);
    recorded_add(&recorded, &event);
    recorded_commit(&recorded);
    return 0;
}

static int end(void **state)
{
    (void)state;
    recorded_close(&recorded);
    return 0;
}

static int call(const char *id, const char *words)
{
    char text[512];
    snprintf(text, sizeof text, "get --dir %s %s %s", recorded.directory, id, words);
    return command_call(&get_command, text);
}

static void test_fields_stand_one_a_line_and_inert(void **state)
{
    (void)state;
    assert_int_equal(call(event_id, ""), EXIT_DONE);
    assert_non_null(strstr(command_out, "event_type        plan.created\n"));
    assert_non_null(strstr(command_out, event_id));
    assert_non_null(strstr(command_out, "actor_name        planner\n"));
    assert_non_null(strstr(command_out, "aggregate_version 0\n"));
    assert_non_null(strstr(command_out, "tag.team          blue\n"));
    assert_non_null(strstr(command_out, "index             0\n"));
    assert_non_null(strstr(command_out, "cursor            1763629200000000:1\n"));
    assert_non_null(strstr(command_out, "details           {\"plan\" : "));
    assert_null(strchr(command_out, '\033'));
}

static void test_json_is_one_line(void **state)
{
    (void)state;
    // Details with a raw control character have no JSON form; this event has
    // none.
    struct oyez_event plain = recorded_event("plan.applied", "{\"n\": 1}");
    char id[OYEZ_UUID_TEXT_SIZE];
    oyez_uuid_to_text(plain.event_id, id);
    recorded_add(&recorded, &plain);
    recorded_commit(&recorded);
    assert_int_equal(call(id, "--json"), EXIT_DONE);
    assert_int_equal(strcspn(command_out, "\n"), strlen(command_out) - 1);
    assert_non_null(strstr(command_out, "\"details\":{\"n\":1}}"));
}

static void test_raw_is_the_bytes_that_were_emitted(void **state)
{
    (void)state;
    size_t header_size;
    size_t size = oyez_event_measure(&event, &header_size);
    uint8_t *bytes = malloc(size);
    assert_non_null(bytes);
    oyez_event_encode(&event, header_size, bytes);
    assert_int_equal(call(event_id, "--raw"), EXIT_DONE);
    assert_memory_equal(command_out, bytes, size);
    assert_int_equal(command_out[size], '\0');
    free(bytes);
}

static void test_what_is_not_recorded_is_1_and_what_is_no_id_is_2(void **state)
{
    (void)state;
    assert_int_equal(call("019a0000-0000-7000-8000-000000000000", ""), EXIT_CHECK_FAILED);
    assert_non_null(strstr(command_err, "019a0000-0000-7000-8000-000000000000"));
    assert_int_equal(call("019a0000-0000-7000-8000-000000000000", "--raw"), EXIT_CHECK_FAILED);
    assert_string_equal(command_out, "");
    assert_int_equal(call("plan.created", ""), EXIT_USAGE);
    assert_int_equal(call(event_id, "--raw --json"), EXIT_USAGE);
    assert_int_equal(call("", ""), EXIT_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_stand_one_a_line_and_inert),
        cmocka_unit_test(test_json_is_one_line),
        cmocka_unit_test(test_raw_is_the_bytes_that_were_emitted),
        cmocka_unit_test(test_what_is_not_recorded_is_1_and_what_is_no_id_is_2),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
