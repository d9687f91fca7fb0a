// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "compiled_catalog.h"
#include "oyez/catalog.h"

#define BODY(rules)                                                                                \
    "// A test.\nmessage A { option (oyez.type) = {name: 'judged.a' domain: 'test'};\n"            \
    "// How many.\noptional int32 n = 1 [(oyez.rules) = {" rules "}]; }\n"

static oyez_err judge(const char *version, const char *details)
{
    const struct oyez_event event = {
        .event_type = "judged.a", .schema_version = version, .details = details};
    return oyez_event_judge(&event);
}

static void test_an_event_is_judged_by_the_version_that_it_names(void **state)
{
    (void)state;
    load_catalog("judged", "2.0.0", "", BODY("min: 10"));
    struct compiled_catalog old = compile_catalog("judged", "1.0.0", "", BODY("max: 5"));
    assert_int_equal(oyez_catalog_add(old.bytes, old.size, "journal", true), OYEZ_OK);
    free(old.bytes);
    assert_int_equal(judge("2.0.0", "{\"n\":11}"), OYEZ_OK);
    assert_int_equal(judge("2.0.0", "{\"n\":3}"), OYEZ_ERR_INVALID);
    assert_string_equal(oyez_error_detail(),
                        "judged: judged.a: details.n: 3 is below the minimum 10");
    assert_int_equal(judge("1.0.0", "{\"n\":3}"), OYEZ_OK);
    assert_int_equal(judge("1.0.0", "{\"n\":11}"), OYEZ_ERR_INVALID);
    assert_int_equal(judge(NULL, "{\"n\":3}"), OYEZ_ERR_INVALID);
    assert_int_equal(judge("3.0.0", "{\"n\":3}"), OYEZ_ERR_UNKNOWN_TYPE);
}

static void test_what_no_catalog_has_is_not_judged(void **state)
{
    (void)state;
    const struct oyez_event unknown = {.event_type = "nobody.knows"};
    const struct oyez_event none = {.event_type = NULL};
    assert_int_equal(oyez_event_judge(&unknown), OYEZ_ERR_UNKNOWN_TYPE);
    assert_true(oyez_event_lacks_catalog(&unknown));
    assert_int_equal(oyez_event_judge(&none), OYEZ_ERR_UNKNOWN_TYPE);
    assert_false(oyez_event_lacks_catalog(&none));
    static const uint8_t salt[OYEZ_SALT_SIZE] = {1}; // its events are personal
    const struct oyez_event open = {
        .event_type = "github.any.thing", .schema_version = "9.9.9", .salt = salt};
    assert_false(oyez_event_lacks_catalog(&open));
    assert_int_equal(oyez_event_judge(&open), OYEZ_OK);
}

static void test_a_personal_event_needs_its_salt(void **state)
{
    (void)state;
    static const uint8_t salt[OYEZ_SALT_SIZE] = {1};
    struct oyez_event event = {.event_type = "UserLoggedInEvent",
                               .details = "{\"username\":\"mika\"}"};
    assert_int_equal(oyez_event_judge(&event), OYEZ_ERR_INVALID);
    assert_non_null(strstr(oyez_error_detail(), "salt"));
    event.salt = salt;
    if (oyez_event_judge(&event) != OYEZ_OK)
        assert_null(strstr(oyez_error_detail(), "salt"));
}

static void test_header_rules_hold_and_defaults_count_as_given(void **state)
{
    (void)state;
    struct oyez_event event = {.event_type = "plan.created", .plan_id = "p", .details = "{}"};
    oyez_err err = oyez_event_judge(&event);
    assert_int_equal(err, OYEZ_ERR_INVALID);
    assert_null(strstr(oyez_error_detail(), "root_plan_id"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_event_is_judged_by_the_version_that_it_names),
        cmocka_unit_test(test_what_no_catalog_has_is_not_judged),
        cmocka_unit_test(test_a_personal_event_needs_its_salt),
        cmocka_unit_test(test_header_rules_hold_and_defaults_count_as_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
