// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "compiled_catalog.h"
#include "oyez/catalog_tools.h"

#define TYPE(name)                                                                                 \
    "// Something is sold.\nmessage Sold { option (oyez.type) = {name: \"" name                    \
    ".sold\" domain: \"shop\"};\n"
#define FIELD(text) "// Doc.\noptional " text ";\n"

static const struct oyez_type *find(const char *name)
{
    const struct oyez_type *type = oyez_type_find(name, strlen(name));
    assert_non_null(type);
    return type;
}

static void check_line(const char *name, const char *expected)
{
    char *line;
    if (oyez_type_example(find(name), &line) != OYEZ_OK)
        fail_msg("%s", oyez_error_detail());
    assert_string_equal(line, expected);
    free(line);
}

static void test_examples_become_details(void **state)
{
    (void)state;
    load_catalog("plain", "1.0.0", "",
                 TYPE("plain") FIELD("double price = 1 [(oyez.rules) = {example: '79.9'}]")
                     FIELD("string note = 2") "}");
    check_line("plain.sold", "{\"event_type\":\"plain.sold\",\"details\":{\"price\":79.9}}");
}

static void test_what_is_required_has_a_value_without_an_example(void **state)
{
    (void)state;
    load_catalog("bare", "1.0.0", "",
                 TYPE("bare") FIELD("string a = 1 [(oyez.rules) = {required: true, min_length: 9}]")
                     FIELD("string b = 2 [(oyez.rules) = {required: true, allowed: 'x'}]")
                         FIELD("uint32 c = 3 [(oyez.rules) = {required: true, min: 7}]")
                             FIELD("string d = 4 [(oyez.rules) = {required: true, format: UUID}]")
                                 FIELD("bytes e = 5 [(oyez.rules) = {required: true}]")
                                     FIELD("bool f = 6 [(oyez.rules) = {required: true}]") FIELD(
                                         "string g = 7 [(oyez.rules) = {required: true, json: "
                                         "true}]") "// Doc.\nrepeated string h = 8 [(oyez.rules) = "
                                                   "{required: true}];\n"
                                                   "// Doc.\nmap<uint32, string> i = 9 "
                                                   "[(oyez.rules) = {required: true}];\n"
                                                   "// Doc.\nmap<bool, double> j = 10 "
                                                   "[(oyez.rules) = {required: true}];\n}");
    check_line("bare.sold",
               "{\"event_type\":\"bare.sold\",\"details\":{\"a\":\"examplexx\",\"b\":\"x\",\"c\":7,"
               "\"d\":\"0192f3a4-7c1e-7b52-9d0e-3f6a1c5b2e01\",\"e\":\"AAEC\",\"f\":true,\"g\":{},"
               "\"h\":[\"example\"],\"i\":{\"1\":\"example\"},\"j\":{\"true\":1}}}");
}

static void test_deprecated_fields_are_left_out(void **state)
{
    (void)state;
    load_catalog("late", "1.0.0", "",
                 TYPE("late") FIELD("string old = 1 [(oyez.rules) = {deprecated: 'use new', "
                                    "example: '\"x\"'}]") "}");
    check_line("late.sold", "{\"event_type\":\"late.sold\",\"details\":{}}");
}

static void test_a_message_that_holds_itself_comes_to_an_end(void **state)
{
    (void)state;
    load_catalog("round", "1.0.0", "",
                 TYPE("round") "// Doc.\noptional Part part = 1;\n}\n"
                               "// A part.\nmessage Part {\n// Doc.\noptional Part part = 1;\n}");
    check_line("round.sold", "{\"event_type\":\"round.sold\",\"details\":{\"part\":{\"part\":"
                             "{\"part\":{\"part\":{}}}}}}");
}

static void test_header_fields_that_rules_ask_for_are_given(void **state)
{
    (void)state;
    load_catalog("head", "1.0.0",
                 "header: {field: 'source' required: true allowed: 'till'}"
                 "header: {field: 'tags.town' required: true}"
                 "header: {field: 'run_id' when: 'plan_id' required: true}"
                 "header: {field: 'aggregate_version' required: true}"
                 "header: {field: 'environment' default_value: 'live'}",
                 TYPE("head") FIELD("string a = 1") "}");
    check_line("head.sold", "{\"event_type\":\"head.sold\",\"plan_id\":\"p-81f3c60\","
                            "\"source\":\"till\",\"run_id\":\"run-7f3a\",\"aggregate_version\":1,"
                            "\"tags\":{\"town\":\"example\"},\"details\":{}}");
}

static void test_an_open_prefix_has_an_example_that_it_covers(void **state)
{
    (void)state;
    check_line("github.*", "{\"event_type\":\"github.example\",\"details\":{}}");
}

static void test_an_example_that_breaks_a_rule_is_told(void **state)
{
    (void)state;
    char *line = NULL;
    load_catalog("broken", "1.0.0", "",
                 TYPE("broken") FIELD("uint32 a = 1 [(oyez.rules) = {min: 2, example: '1'}]") "}");
    assert_int_equal(oyez_type_example(find("broken.sold"), &line), OYEZ_ERR_INVALID);
    assert_null(line);
    assert_string_equal(oyez_error_detail(),
                        "the examples of its fields break its rules: broken: broken.sold: "
                        "details.a: 1 is below the minimum 2");
    load_catalog("torn", "1.0.0", "",
                 TYPE("torn") FIELD("uint32 a = 1 [(oyez.rules) = {example: '}'}]") "}");
    assert_int_equal(oyez_type_example(find("torn.sold"), &line), OYEZ_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples_become_details),
        cmocka_unit_test(test_what_is_required_has_a_value_without_an_example),
        cmocka_unit_test(test_deprecated_fields_are_left_out),
        cmocka_unit_test(test_a_message_that_holds_itself_comes_to_an_end),
        cmocka_unit_test(test_header_fields_that_rules_ask_for_are_given),
        cmocka_unit_test(test_an_open_prefix_has_an_example_that_it_covers),
        cmocka_unit_test(test_an_example_that_breaks_a_rule_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
