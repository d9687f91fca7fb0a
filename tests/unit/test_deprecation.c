// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// What a process is told of what its catalogs call deprecated.
#include <stdio.h>
#include <string.h>

#include "client_fixture.h"
#include "compiled_catalog.h"

static int load(void **state)
{
    (void)state;
    load_catalog("aging", "1.0.0", "",
                 "// Old.\nmessage Old { option (oyez.type) = {name: 'aging.old' domain: 'test' "
                 "deprecated: 'aging.new'};\n"
                 "// A.\noptional string name = 1 [(oyez.rules) = {deprecated: 'full_name'}];\n}\n"
                 "// New.\nmessage New { option (oyez.type) = {name: 'aging.new' domain: 'test'};\n"
                 "// A.\noptional string full_name = 1 [(oyez.rules) = {required: true}];\n"
                 "// B.\noptional string nick = 2 [(oyez.rules) = {deprecated: 'full_name'}];\n"
                 "// C.\nrepeated string words = 3 [(oyez.rules) = {deprecated: 'full_name'}];\n"
                 "// D.\nPart part = 4;\n}\n"
                 "message Part {\n"
                 "// A.\noptional int32 size = 1 [(oyez.rules) = {deprecated: 'nothing'}];\n}\n"
                 "// End.\nmessage End { option (oyez.type) = {name: 'aging.end' domain: 'test' "
                 "deprecated: 'nothing'};\n}\n");
    return 0;
}

static oyez_err emit_json(struct client_fixture *fixture, const char *type, const char *details)
{
    struct oyez_event event = {.event_type = type, .details = details};
    return oyez_client_emit(fixture->client, &event, NULL);
}

static oyez_err emit_protobuf(struct client_fixture *fixture, const char *type, const char *details)
{
    struct oyez_event event = {.event_type = type,
                               .details = details,
                               .details_size = strlen(details),
                               .details_format = OYEZ_DETAILS_PROTOBUF};
    return oyez_client_emit(fixture->client, &event, NULL);
}

// How many there were when the last one came: notices come in the order in which they were given.
static size_t count_deprecations(struct client_fixture *fixture, const char *type)
{
    size_t count = 0;
    assert_int_equal(emit_json(fixture, "aging.end", "{}"), OYEZ_OK);
    await_notice(fixture, OYEZ_NOTICE_DEPRECATED, "aging.end");
    pthread_mutex_lock(&fixture->lock);
    for (size_t i = 0; i < fixture->notice_count && i < FIXTURE_KEPT; i++)
        count += fixture->notices[i].kind == OYEZ_NOTICE_DEPRECATED &&
                 strcmp(fixture->notice_types[i], type) == 0;
    pthread_mutex_unlock(&fixture->lock);
    return count;
}

// One test of all, because a process is told once.
static void test_each_deprecated_type_and_field_is_told_once_whatever_the_form(void **state)
{
    struct client_fixture *fixture = *state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(emit_json(fixture, "aging.old", "{}"), OYEZ_OK);
        assert_int_equal(emit_protobuf(fixture, "aging.old", ""), OYEZ_OK);
        // The type was told of; now the field of it is.
        assert_int_equal(emit_protobuf(fixture, "aging.old", "\x0a\x01x"), OYEZ_OK);
        assert_int_equal(emit_json(fixture, "aging.old", "{\"name\":\"x\"}"), OYEZ_OK);
    }
    for (int i = 0; i < 3; i++) {
        // As JSON first; null is no use of it.
        assert_int_equal(emit_json(fixture, "aging.new", "{\"full_name\":\"x\",\"nick\":null}"),
                         OYEZ_OK);
        assert_int_equal(emit_json(fixture, "aging.new", "{\"full_name\":\"x\",\"nick\":\"y\"}"),
                         OYEZ_OK);
        assert_int_equal(emit_protobuf(fixture, "aging.new", "\x0a\x01x\x12\x01y"), OYEZ_OK);
        // As protobuf first.
        assert_int_equal(emit_protobuf(fixture, "aging.new", "\x0a\x01x\x1a\x01y\x1a\x01z"),
                         OYEZ_OK);
        assert_int_equal(emit_json(fixture, "aging.new", "{\"full_name\":\"x\",\"words\":[\"y\"]}"),
                         OYEZ_OK);
        // What is refused was not emitted, and nobody is told of its part.
        assert_int_equal(emit_json(fixture, "aging.new", "{\"part\":{\"size\":1}}"),
                         OYEZ_ERR_INVALID);
    }
    assert_int_equal(count_deprecations(fixture, "aging.old"), 2);
    assert_int_equal(count_deprecations(fixture, "aging.new"), 2);
    assert_int_equal(emit_json(fixture, "aging.new", "{\"full_name\":\"x\",\"part\":{\"size\":1}}"),
                     OYEZ_OK);
    assert_int_equal(emit_protobuf(fixture, "aging.new", "\x0a\x01x\x22\x02\x08\x01"), OYEZ_OK);
}

static void test_a_new_client_of_the_process_is_not_told_again(void **state)
{
    struct client_fixture *fixture = *state;
    assert_int_equal(emit_json(fixture, "aging.old", "{\"name\":\"x\"}"), OYEZ_OK);
    assert_int_equal(emit_json(fixture, "aging.new", "{\"full_name\":\"x\",\"nick\":\"y\"}"),
                     OYEZ_OK);
    fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_ping_tag, &fixture->heard);
    pthread_mutex_lock(&fixture->lock);
    for (size_t i = 0; i < fixture->notice_count; i++)
        assert_int_not_equal(fixture->notices[i].kind, OYEZ_NOTICE_DEPRECATED);
    pthread_mutex_unlock(&fixture->lock);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, client_fixture_welcomed, client_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_each_deprecated_type_and_field_is_told_once_whatever_the_form),
        TEST(test_a_new_client_of_the_process_is_not_told_again),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
