// SPDX-License-Identifier: MIT
// What an independent validator does not look at; that it agrees with us is a scenario's matter.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "compiled_catalog.h"
#include "oyez/catalog_tools.h"

#define TYPE(name)                                                                                 \
    "// Something is sold.\nmessage Sold { option (oyez.type) = {name: \"" name                    \
    ".sold\" domain: \"shop\"};\n"
#define FIELD(text) "// Doc.\noptional " text ";\n"

// The schema, read again. The caller owns it.
static json_t *schema_of(const char *name)
{
    char *text;
    json_error_t error;
    const struct oyez_type *type = oyez_type_find(name, strlen(name));
    assert_non_null(type);
    if (oyez_type_json_schema(type, &text) != OYEZ_OK)
        fail_msg("%s", oyez_error_detail());
    json_t *schema = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (schema == NULL)
        fail_msg("line %d: %s\n%s", error.line, error.text, text);
    free(text);
    return schema;
}

static json_t *field_of(json_t *schema, const char *name)
{
    json_t *details = json_object_get(json_object_get(schema, "$defs"), "details");
    json_t *field = json_object_get(json_object_get(details, "properties"), name);
    assert_non_null(field);
    return field;
}

static void test_every_built_in_type_has_a_schema(void **state)
{
    (void)state;
    for (size_t i = 0; i < oyez_type_count(); i++)
        json_decref(schema_of(oyez_type_at(i)->name));
}

static void test_deprecated_is_said_of_type_and_field(void **state)
{
    (void)state;
    load_catalog(
        "late", "1.0.0", "",
        "// Gone.\nmessage Sold { option (oyez.type) = {name: 'late.sold' domain: 'shop' "
        "deprecated: 'x'};\n" FIELD("string a = 1 [(oyez.rules) = {deprecated: 'b'}]") "}");
    json_t *schema = schema_of("late.sold");
    assert_true(json_is_true(json_object_get(schema, "deprecated")));
    assert_true(json_is_true(json_object_get(field_of(schema, "a"), "deprecated")));
    json_decref(schema);
}

static void test_an_example_that_is_no_json_is_left_out(void **state)
{
    (void)state;
    load_catalog("torn", "1.0.0", "",
                 TYPE("torn") FIELD("uint32 a = 1 [(oyez.rules) = {example: '1],[2'}]")
                     FIELD("uint32 b = 2 [(oyez.rules) = {example: '2'}]") "}");
    json_t *schema = schema_of("torn.sold");
    assert_null(json_object_get(field_of(schema, "a"), "examples"));
    assert_non_null(json_object_get(field_of(schema, "b"), "examples"));
    json_decref(schema);
}

static void test_a_message_that_holds_itself_is_described_once(void **state)
{
    (void)state;
    load_catalog("round", "1.0.0", "",
                 TYPE("round") "// Doc.\noptional Part part = 1;\n}\n"
                               "// A part.\nmessage Part {\n// Doc.\noptional Part part = 1;\n}");
    json_t *schema = schema_of("round.sold");
    assert_int_equal(json_object_size(json_object_get(schema, "$defs")), 2);
    json_decref(schema);
}

static void test_what_is_cut_has_no_maximum_length(void **state)
{
    (void)state;
    load_catalog("cut", "1.0.0", "",
                 TYPE("cut") FIELD("string a = 1 [(oyez.rules) = {truncate: 50 max_length: 60}]")
                     FIELD("string b = 2 [(oyez.rules) = {max_length: 60}]") "}");
    json_t *schema = schema_of("cut.sold");
    assert_null(json_object_get(field_of(schema, "a"), "maxLength"));
    assert_int_equal(json_integer_value(json_object_get(field_of(schema, "b"), "maxLength")), 60);
    json_decref(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_built_in_type_has_a_schema),
        cmocka_unit_test(test_deprecated_is_said_of_type_and_field),
        cmocka_unit_test(test_an_example_that_is_no_json_is_left_out),
        cmocka_unit_test(test_a_message_that_holds_itself_is_described_once),
        cmocka_unit_test(test_what_is_cut_has_no_maximum_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
