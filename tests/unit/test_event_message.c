// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <pb_encode.h>

#include "client_fixture.h"
#include "oyez/catalog.h"
#include "oyez/catalog/cleveragents.h"
#include "oyez/catalog/projectai.h"
#include "oyez/catalog/tamma.h"
#include "oyez/catalog/tasker.h"
#include "oyez/catalog/zakops.h"
#include "oyez/limits.h"
#include "oyez/message.h"
#include "wire/envelope.h"

typedef oyez_catalogs_cleveragents_ToolRetried tool_retried;
typedef oyez_catalogs_projectai_CouncilDecisionMadeEvent council_decision;
typedef oyez_catalogs_projectai_CouncilDecisionMadeEvent_VotesEntry vote;
typedef oyez_catalogs_tasker_OrderCreated order_created;

#define TOOL_RETRIED oyez_catalogs_cleveragents_ToolRetried_fields
#define COUNCIL_DECISION oyez_catalogs_projectai_CouncilDecisionMadeEvent_fields
#define ORDER_CREATED oyez_catalogs_tasker_OrderCreated_fields

static tool_retried a_retry(char *tool, uint32_t attempt)
{
    return (tool_retried){.tool = tool, .has_attempt = true, .attempt = attempt};
}

// The event that a broker would get.
static void take_event(struct client_fixture *fixture, struct oyez_event *event)
{
    static char scratch[OYEZ_DECODE_SCRATCH_SIZE];
    take(fixture, 1);
    const uint8_t *cursor = fixture->taken.batch.events;
    const uint8_t *bytes;
    size_t size;
    assert_true(oyez_batch_next_event(&fixture->taken.batch, &cursor, &bytes, &size));
    assert_int_equal(oyez_event_decode(event, bytes, size, scratch), OYEZ_OK);
}

static void test_a_message_is_emitted_and_read_in_both_forms(void **state)
{
    struct client_fixture *fixture = *state;
    welcome(fixture, 1);
    fake_broker_open_ingress(&fixture->broker);
    tool_retried told = a_retry("read_file", 2);
    told.changed = "{\"timeout_ms\":4000}";
    struct oyez_event event = {.event_type = "tool.retried", .plan_id = "p-1"};
    struct oyez_uuid id;
    assert_int_equal(oyez_client_emit_message(fixture->client, &event, TOOL_RETRIED, &told, &id),
                     OYEZ_OK);
    assert_false(oyez_uuid_is_zero(id));
    assert_null(event.details); // the caller's event is as it was

    struct oyez_event seen;
    take_event(fixture, &seen);
    assert_int_equal(seen.details_format, OYEZ_DETAILS_PROTOBUF);
    assert_string_equal(seen.plan_id, "p-1");
    tool_retried read;
    assert_int_equal(oyez_event_message(&seen, TOOL_RETRIED, &read), OYEZ_OK);
    assert_string_equal(read.tool, "read_file");
    assert_true(read.has_attempt && read.attempt == 2);
    assert_string_equal(read.changed, told.changed);
    assert_null(read.reason);
    assert_false(read.has_waited_ms);
    oyez_message_release(TOOL_RETRIED, &read);
    assert_null(read.tool);

    char *text;
    size_t size;
    assert_int_equal(oyez_event_details_json(&seen, &text, &size), OYEZ_OK);
    assert_string_equal(text,
                        "{\"tool\":\"read_file\",\"attempt\":2,\"changed\":{\"timeout_ms\":4000}}");
    free(text);
}

static void test_a_message_that_breaks_a_rule_is_refused_with_its_field(void **state)
{
    struct client_fixture *fixture = *state;
    tool_retried told = a_retry("read_file", 0);
    struct oyez_event event = {.event_type = "tool.retried"};
    assert_int_equal(oyez_client_emit_message(fixture->client, &event, TOOL_RETRIED, &told, NULL),
                     OYEZ_ERR_INVALID);
    assert_string_equal(oyez_error_detail(),
                        "cleveragents: tool.retried: details.attempt: 0 is below the minimum 1");
    told = a_retry(NULL, 1);
    assert_int_equal(oyez_client_emit_message_wait(fixture->client, &event, TOOL_RETRIED, &told,
                                                   OYEZ_LEVEL_SENT, 10, NULL),
                     OYEZ_ERR_INVALID);
    assert_non_null(strstr(oyez_error_detail(), "details.tool"));
}

static void test_a_message_larger_than_details_may_be_is_refused(void **state)
{
    struct client_fixture *fixture = *state;
    char *text = malloc(OYEZ_DETAILS_SIZE_MAX + 1);
    assert_non_null(text);
    memset(text, 'x', OYEZ_DETAILS_SIZE_MAX);
    text[OYEZ_DETAILS_SIZE_MAX] = '\0';
    tool_retried told = a_retry(text, 1);
    struct oyez_event event = {.event_type = "tool.retried"};
    assert_int_equal(oyez_client_emit_message(fixture->client, &event, TOOL_RETRIED, &told, NULL),
                     OYEZ_ERR_TOO_LARGE);
    free(text);
}

static void test_lists_and_their_messages_come_and_go(void **state)
{
    (void)state;
    struct oyez_event event = {
        .event_type = "order.created",
        .details = "{\"order_id\":\"123\",\"amount\":100,\"items\":[{\"sku\":\"A\",\"quantity\":2},"
                   "{\"sku\":\"B\",\"quantity\":1,\"unit_price\":0.5}]}"};
    order_created order;
    assert_int_equal(oyez_event_message(&event, ORDER_CREATED, &order), OYEZ_OK);
    assert_int_equal(order.items_count, 2);
    assert_string_equal(order.items[0].sku, "A");
    assert_int_equal(order.items[0].quantity, 2);
    assert_false(order.items[0].has_unit_price);
    assert_true(order.items[1].has_unit_price && order.items[1].unit_price == 0.5);
    oyez_message_release(ORDER_CREATED, &order);
    assert_null(order.items);
    assert_int_equal(order.items_count, 0);
}

static void test_a_list_without_its_elements_is_absent(void **state)
{
    struct client_fixture *fixture = *state;
    welcome(fixture, 1);
    fake_broker_open_ingress(&fixture->broker);
    order_created order = {.order_id = "123", .has_amount = true, .items_count = 3};
    struct oyez_event event = {.event_type = "order.created"};
    assert_int_equal(oyez_client_emit_message(fixture->client, &event, ORDER_CREATED, &order, NULL),
                     OYEZ_OK);
    struct oyez_event seen;
    take_event(fixture, &seen);
    char *text;
    size_t size;
    assert_int_equal(oyez_event_details_json(&seen, &text, &size), OYEZ_OK);
    assert_string_equal(text, "{\"order_id\":\"123\",\"amount\":0}");
    free(text);
}

static void test_a_map_is_a_list_of_keys_and_values(void **state)
{
    (void)state;
    struct oyez_event event = {.event_type = "CouncilDecisionMadeEvent",
                               .details = "{\"council_id\":\"c\",\"decision\":\"uphold\",\"votes\":"
                                          "{\"ethics\":\"uphold\",\"safety\":\"override\"}}"};
    council_decision decision;
    assert_int_equal(oyez_event_message(&event, COUNCIL_DECISION, &decision), OYEZ_OK);
    assert_int_equal(decision.votes_count, 2);
    const vote *second = &decision.votes[1];
    assert_string_equal(second->key, "safety");
    assert_string_equal(second->value, "override");
    oyez_message_release(COUNCIL_DECISION, &decision);
}

static void test_details_that_are_no_such_message_leave_an_empty_one(void **state)
{
    (void)state;
    static const uint8_t cut[] = {0x0a, 0x09, 'r', 'e', 'a', 'd'};
    struct oyez_event event = {.event_type = "tool.retried",
                               .details = cut,
                               .details_size = sizeof cut,
                               .details_format = OYEZ_DETAILS_PROTOBUF};
    tool_retried read;
    memset(&read, 0xff, sizeof read);
    assert_int_equal(oyez_event_message(&event, TOOL_RETRIED, &read), OYEZ_ERR_MALFORMED);
    assert_null(read.tool);
    oyez_message_release(TOOL_RETRIED, &read);

    event = (struct oyez_event){.event_type = "weather.rained", .details = "{}"};
    memset(&read, 0xff, sizeof read);
    assert_int_equal(oyez_event_message(&event, TOOL_RETRIED, &read), OYEZ_ERR_UNKNOWN_TYPE);
    assert_null(read.tool);
    event = (struct oyez_event){.event_type = "tool.retried", .details = "{\"attempt\":-1}"};
    assert_int_equal(oyez_event_message(&event, TOOL_RETRIED, &read), OYEZ_ERR_MALFORMED);
    assert_null(read.tool);
}

static void test_no_details_are_an_empty_message(void **state)
{
    (void)state;
    struct oyez_event event = {.event_type = "tool.retried",
                               .details_format = OYEZ_DETAILS_PROTOBUF};
    tool_retried read;
    assert_int_equal(oyez_event_message(&event, TOOL_RETRIED, &read), OYEZ_OK);
    assert_null(read.tool);
    oyez_message_release(TOOL_RETRIED, &read);
}

static void test_long_texts_are_read_whole(void **state)
{
    (void)state;
    size_t size = 200000; // more than nanopb's bytes could hold
    char *text = malloc(size + 1);
    assert_non_null(text);
    memset(text, 'x', size);
    text[size] = '\0';
    tool_retried told = a_retry(text, 1);
    uint8_t *bytes = malloc(size + 100);
    assert_non_null(bytes);
    pb_ostream_t stream = pb_ostream_from_buffer(bytes, size + 100);
    assert_true(pb_encode(&stream, TOOL_RETRIED, &told));
    struct oyez_event event = {.event_type = "tool.retried",
                               .details = bytes,
                               .details_size = stream.bytes_written,
                               .details_format = OYEZ_DETAILS_PROTOBUF};
    tool_retried read;
    assert_int_equal(oyez_event_message(&event, TOOL_RETRIED, &read), OYEZ_OK);
    assert_string_equal(read.tool, text);
    oyez_message_release(TOOL_RETRIED, &read);
    free(bytes);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_message_is_emitted_and_read_in_both_forms,
                                        client_fixture_open, client_fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_a_message_that_breaks_a_rule_is_refused_with_its_field,
                                        client_fixture_open, client_fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_a_message_larger_than_details_may_be_is_refused,
                                        client_fixture_open, client_fixture_tear_down),
        cmocka_unit_test(test_lists_and_their_messages_come_and_go),
        cmocka_unit_test_setup_teardown(test_a_list_without_its_elements_is_absent,
                                        client_fixture_open, client_fixture_tear_down),
        cmocka_unit_test(test_a_map_is_a_list_of_keys_and_values),
        cmocka_unit_test(test_details_that_are_no_such_message_leave_an_empty_one),
        cmocka_unit_test(test_no_details_are_an_empty_message),
        cmocka_unit_test(test_long_texts_are_read_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
