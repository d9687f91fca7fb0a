// SPDX-License-Identifier: MIT
// Events as their catalogs want them: judged in either form, and completed.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "compiled_catalog.h"
#include "prepare.h"
#include "wire/field.h"

#define SOLD "shop.sold"

static int load_shop(void **state)
{
    (void)state;
    load_catalog(
        "shop", "1.0.0",
        "header: {field: 'root_plan_id' when: 'plan_id' default_from: 'plan_id'}"
        "header: {field: 'run_id' types: 'shop.strict' required: true}"
        "header: {field: 'source' allowed: 'api' allowed: 'cli' default_value: 'api'}"
        "header: {field: 'tags.till' types: 'shop.strict' required: true}",
        "// Sold.\nmessage Sold { option (oyez.type) = {name: 'shop.sold' domain: 'shop'};\n"
        "// A.\noptional int32 attempt = 1 [(oyez.rules) = {min: 1 max: 9}];\n"
        "// B.\noptional string id = 2 [(oyez.rules) = {required: true indexed: true max_length: "
        "8}];\n"
        "// C.\noptional int64 number = 3 [(oyez.rules) = {indexed: true}];\n"
        "// D.\nrepeated string words = 4 [(oyez.rules) = {max_length: 2 allowed: 'a' allowed: "
        "'b'}];\n"
        "// E.\nmap<string, Part> parts = 5;\n"
        "// F.\noptional Colour colour = 6;\n"
        "// G.\noptional string story = 7 [(oyez.rules) = {truncate: 40 max_length: 60}];\n"
        "// H.\noptional string extra = 8 [(oyez.rules) = {json: true}];\n"
        "// I.\nrepeated sint32 temperatures = 9 [(oyez.rules) = {min: -5}];\n"
        "// J.\ngoogle.protobuf.Timestamp at = 10;\n"
        "// K.\noptional string old = 11 [(oyez.rules) = {deprecated: 'use id'}];\n"
        "// L.\nPart part = 12;\n"
        "}\n"
        "message Part {\n// N.\noptional string name = 1 [(oyez.rules) = {required: true}];\n"
        "// P.\nPart part = 2;\n}\n"
        "enum Colour { NONE = 0; RED = 1; }\n"
        "// Strict.\nmessage Strict { option (oyez.type) = {name: 'shop.strict' domain: 'shop'}; "
        "}\n");
    return 0;
}

// Bytes of a message in the making.
struct message {
    uint8_t bytes[2048];
    size_t size;
};

static void put_number(struct message *message, uint32_t field, uint64_t value)
{
    uint8_t *end = wire_write_tag(message->bytes + message->size, field, WIRE_VARINT);
    message->size = (size_t)(wire_write_varint(end, value) - message->bytes);
}

static void put_bytes(struct message *message, uint32_t field, const void *bytes, size_t size)
{
    uint8_t *end = message->bytes + message->size;
    message->size = (size_t)(wire_write_bytes_field(end, field, bytes, size) - message->bytes);
}

static void put_text(struct message *message, uint32_t field, const char *text)
{
    put_bytes(message, field, text, strlen(text));
}

static struct message sold(void)
{
    struct message message = {.size = 0};
    put_text(&message, 2, "x-1");
    return message;
}

static oyez_err check(const struct message *message)
{
    struct oyez_event event = {.event_type = SOLD,
                               .details_format = OYEZ_DETAILS_PROTOBUF,
                               .details = message->bytes,
                               .details_size = message->size};
    return oyez_event_check(&event);
}

static void expect_wrong(const struct message *message, const char *words)
{
    assert_int_equal(check(message), OYEZ_ERR_INVALID);
    assert_string_equal(oyez_error_detail(), words);
}

static void expect_wrong_json(const char *text, const char *words)
{
    struct oyez_event event = {.event_type = SOLD, .details = text};
    assert_int_equal(oyez_event_check(&event), OYEZ_ERR_INVALID);
    assert_string_equal(oyez_error_detail(), words);
}

static void test_a_good_message_passes(void **state)
{
    (void)state;
    struct message message = sold();
    struct message part = {.size = 0};
    struct message entry = {.size = 0};
    put_text(&part, 1, "wheel");
    put_text(&entry, 1, "k");
    put_bytes(&entry, 2, part.bytes, part.size);
    put_number(&message, 1, 9);
    put_text(&message, 4, "a");
    put_text(&message, 4, "b");
    put_bytes(&message, 5, entry.bytes, entry.size);
    put_number(&message, 6, 1);
    put_text(&message, 8, "[1,{\"a\":null}]");
    put_bytes(&message, 9, "\x09\x02", 2);
    put_number(&message, 9, 4);
    put_bytes(&message, 10, "\x08\x01", 2);
    put_bytes(&message, 12, part.bytes, part.size);
    if (check(&message) != OYEZ_OK)
        fail_msg("%s", oyez_error_detail());
}

static void test_each_rule_names_its_field_in_both_forms(void **state)
{
    (void)state;
    struct message message = sold();
    put_number(&message, 1, 0);
    expect_wrong(&message, "shop: shop.sold: details.attempt: 0 is below the minimum 1");
    expect_wrong_json("{\"id\":\"x\",\"attempt\":0}",
                      "shop: shop.sold: details.attempt: 0 is below the minimum 1");
    message = sold();
    put_text(&message, 4, "a");
    put_text(&message, 4, "c");
    expect_wrong(&message, "shop: shop.sold: details.words[1]: c is none of a, b");
    expect_wrong_json("{\"id\":\"x\",\"words\":[\"a\",\"c\"]}",
                      "shop: shop.sold: details.words[1]: c is none of a, b");
    message = (struct message){.size = 0};
    expect_wrong(&message, "shop: shop.sold: details.id: is required");
    put_text(&message, 2, "");
    expect_wrong(&message, "shop: shop.sold: details.id: is required");
    expect_wrong_json("{}", "shop: shop.sold: details.id: is required");
}

static void test_a_wrong_value_is_named_before_a_missing_one(void **state)
{
    (void)state;
    struct message message = {.size = 0};
    put_number(&message, 1, 10);
    expect_wrong(&message, "shop: shop.sold: details.attempt: 10 is above the maximum 9");
}

static void test_bytes_that_no_emitter_writes_are_refused(void **state)
{
    (void)state;
    struct message message = sold();
    put_text(&message, 2, "x");
    expect_wrong(&message, "shop: shop.sold: details.id: stands twice");
    message = sold();
    put_number(&message, 99, 1);
    expect_wrong(&message,
                 "shop: shop.sold: details: have field number 99, which this type has not");
    message = sold();
    put_text(&message, 1, "1");
    expect_wrong(&message, "shop: shop.sold: details.attempt: is of another kind");
    message = sold();
    put_number(&message, 6, 7);
    expect_wrong(&message, "shop: shop.sold: details.colour: 7 is no number of this enum");
    message = sold();
    put_number(&message, 1, UINT64_C(1) << 40);
    expect_wrong(&message,
                 "shop: shop.sold: details.attempt: 1099511627776 is out of range of its type");
    message = sold();
    message.size--;
    expect_wrong(&message, "shop: shop.sold: details: is not such a message");
    message = sold();
    put_text(&message, 11, "\xff");
    expect_wrong(&message, "shop: shop.sold: details.old: ? is not UTF-8");
    message = sold();
    put_bytes(&message, 9, "\x02\x0d", 2);
    expect_wrong(&message, "shop: shop.sold: details.temperatures[1]: -7 is below the minimum -5");
    message = sold();
    put_bytes(&message, 10, "\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11);
    expect_wrong(&message, "shop: shop.sold: details.at: is out of range");
    message = sold();
    put_text(&message, 8, "{\"a\":1,\"a\":2}");
    expect_wrong(&message, "shop: shop.sold: details.extra: a is a key that stands twice");
}

static void test_maps_name_their_keys_and_have_none_twice(void **state)
{
    (void)state;
    struct message message = sold();
    struct message entry = {.size = 0};
    put_text(&entry, 1, "left");
    put_bytes(&message, 5, entry.bytes, entry.size);
    expect_wrong(&message, "shop: shop.sold: details.parts[left].name: is required");
    message = sold();
    put_bytes(&entry, 2, "\x0a\x01w", 3);
    put_bytes(&message, 5, entry.bytes, entry.size);
    assert_int_equal(check(&message), OYEZ_OK);
    put_bytes(&message, 5, entry.bytes, entry.size);
    expect_wrong(&message, "shop: shop.sold: details.parts: has a key that stands twice");
    message = sold();
    put_bytes(&message, 5, "\x0a\x03k\0k", 5);
    expect_wrong(&message, "shop: shop.sold: details.parts[k?k]: has a NUL in its key, which JSON "
                           "cannot have");
}

static void test_data_deeper_than_any_plan_is_refused(void **state)
{
    (void)state;
    struct message inner = {.size = 0};
    put_text(&inner, 1, "n");
    for (int depth = 0; depth < 40; depth++) {
        struct message outer = {.size = 0};
        put_text(&outer, 1, "n");
        put_bytes(&outer, 2, inner.bytes, inner.size);
        inner = outer;
    }
    struct message message = sold();
    put_bytes(&message, 12, inner.bytes, inner.size);
    assert_int_equal(check(&message), OYEZ_ERR_INVALID);
    assert_non_null(strstr(oyez_error_detail(), "is nested too deeply"));
}

static const char *tag_of(const struct oyez_event *event, const char *key)
{
    for (size_t i = 0; i < OYEZ_TAGS_MAX && event->tags[i].key != NULL; i++) {
        if (strcmp(event->tags[i].key, key) == 0)
            return event->tags[i].value;
    }
    return "none";
}

static void test_indexed_fields_become_tags_in_both_forms(void **state)
{
    (void)state;
    struct message message = sold();
    put_number(&message, 3, UINT64_MAX);
    struct oyez_event forms[] = {
        {.event_type = SOLD, .details = "{\"number\":-1,\"id\":\"x-\\u0031\"}"},
        {.event_type = SOLD,
         .details_format = OYEZ_DETAILS_PROTOBUF,
         .details = message.bytes,
         .details_size = message.size},
    };
    for (size_t i = 0; i < 2; i++) {
        struct event_additions additions;
        const struct oyez_type *type;
        forms[i].tags[0] = (struct oyez_tag){"id", "overruled"};
        assert_int_equal(event_prepare(&forms[i], &type, &additions), OYEZ_OK);
        assert_string_equal(tag_of(&forms[i], "id"), "x-1");
        assert_string_equal(tag_of(&forms[i], "number"), "-1");
        assert_null(additions.details);
        event_additions_release(&additions);
    }
}

static void test_long_texts_are_cut_before_they_are_judged(void **state)
{
    (void)state;
    struct oyez_event event = {
        .event_type = SOLD,
        .details = "{\"id\":\"x\",\"story\":\"12345678901234567890123456789012345678901234567890"
                   "12345678901234567890123456789012345678901234567890\"}"};
    struct event_additions additions;
    const struct oyez_type *type;
    assert_int_equal(event_prepare(&event, &type, &additions), OYEZ_OK);
    assert_non_null(additions.details);
    assert_non_null(memmem(event.details, event.details_size, "characters cut]", 15));
    event_additions_release(&additions);
}

static void test_header_rules_fill_in_and_judge(void **state)
{
    (void)state;
    struct event_additions additions;
    const struct oyez_type *type;
    struct oyez_event event = {.event_type = "shop.strict", .plan_id = "p", .run_id = "r"};
    event.tags[0] = (struct oyez_tag){"till", "4"};
    assert_int_equal(event_prepare(&event, &type, &additions), OYEZ_OK);
    assert_string_equal(event.root_plan_id, "p");
    assert_string_equal(event.source, "api");
    event.source = "web";
    assert_int_equal(event_prepare(&event, &type, &additions), OYEZ_ERR_INVALID);
    assert_string_equal(oyez_error_detail(), "shop: shop.strict: source: web is none of api, cli");
    event.source = "cli";
    event.run_id = NULL;
    assert_int_equal(event_prepare(&event, &type, &additions), OYEZ_ERR_INVALID);
    assert_string_equal(oyez_error_detail(), "shop: shop.strict: run_id: is required");
    event.run_id = "r";
    event.tags[0].key = NULL;
    assert_int_equal(event_prepare(&event, &type, &additions), OYEZ_ERR_INVALID);
    assert_string_equal(oyez_error_detail(), "shop: shop.strict: tags.till: is required");
}

static void test_a_deprecated_field_is_noted_while_nobody_was_told(void **state)
{
    (void)state;
    struct message message = sold();
    put_text(&message, 11, "o");
    const struct plan *plan = type_plan(oyez_type_find(SOLD, strlen(SOLD)));
    struct oyez_event event = {.event_type = SOLD,
                               .details_format = OYEZ_DETAILS_PROTOBUF,
                               .details = message.bytes,
                               .details_size = message.size};
    struct event_additions additions;
    const struct oyez_type *type;
    assert_int_equal(event_prepare(&event, &type, &additions), OYEZ_OK);
    assert_ptr_equal(additions.deprecated, plan_field_by_name(plan, "old", 3));
    atomic_store(additions.deprecated->deprecated_told, true);
    assert_int_equal(event_prepare(&event, &type, &additions), OYEZ_OK);
    assert_null(additions.deprecated);
}

static void test_a_message_without_fields_takes_any_object(void **state)
{
    (void)state;
    struct oyez_event event = {
        .event_type = "shop.strict", .run_id = "r", .details = "{\"a\":[1]}"};
    event.tags[0] = (struct oyez_tag){"till", "4"};
    assert_int_equal(oyez_event_check(&event), OYEZ_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_good_message_passes),
        cmocka_unit_test(test_each_rule_names_its_field_in_both_forms),
        cmocka_unit_test(test_a_wrong_value_is_named_before_a_missing_one),
        cmocka_unit_test(test_bytes_that_no_emitter_writes_are_refused),
        cmocka_unit_test(test_maps_name_their_keys_and_have_none_twice),
        cmocka_unit_test(test_data_deeper_than_any_plan_is_refused),
        cmocka_unit_test(test_indexed_fields_become_tags_in_both_forms),
        cmocka_unit_test(test_long_texts_are_cut_before_they_are_judged),
        cmocka_unit_test(test_header_rules_fill_in_and_judge),
        cmocka_unit_test(test_a_deprecated_field_is_noted_while_nobody_was_told),
        cmocka_unit_test(test_a_message_without_fields_takes_any_object),
    };
    return cmocka_run_group_tests(tests, load_shop, NULL);
}
