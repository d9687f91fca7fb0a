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

#include "compiled_catalog.h"
#include "oyez/catalog_tools.h"

#define KINDS                                                                                      \
    "// Something is sold; \"quoted\" \\\\ and more.\n"                                            \
    "message Sold {\n"                                                                             \
    "  option (oyez.type) = {name: \"%s.sold\" domain: \"shop\" delivery: FAST personal: true};\n" \
    "  reserved 3, 7 to 9;\n  reserved \"cents\";\n"                                               \
    "  // A way.\n  enum Way {\n    // None.\n    WAY_NONE = 0;\n    // Back.\n    BACK = -1;\n  " \
    "}\n"                                                                                          \
    "  // Inside.\n  message Inner {\n    // Doc.\n    optional bool yes = 1;\n  }\n"              \
    "  // Text.\n  optional string a = 1 [deprecated = true, (oyez.rules) = {example: "            \
    "'\"x \\\\\"y\\\\\"\"' min_length: 1}];\n"                                                     \
    "  // Real.\n  optional double b = 2 [(oyez.rules) = {min: -1.5 max: 1e300}];\n"               \
    "  // Way.\n  optional Way way = 4;\n  // Inner.\n  optional Inner inner = 5;\n"               \
    "  // Lists.\n  repeated sint64 c = 6 [packed = false];\n"                                     \
    "  // Map.\n  map<fixed32, Coin> coins = 10;\n"                                                \
    "  // When.\n  optional google.protobuf.Timestamp at = 11;\n}\n"                               \
    "// A coin.\nmessage Coin {\n  // Doc.\n  optional Metal metal = 1;\n}\n"                      \
    "// Metals.\nenum Metal {\n  // None.\n  METAL_NONE = 0;\n}\n"

static const struct oyez_catalog *find(const char *name)
{
    const struct oyez_catalog *catalog = NULL;
    for (size_t i = 0; (catalog = oyez_catalog_at(i)) != NULL; i++) {
        if (strcmp(catalog->name, name) == 0)
            break;
    }
    assert_non_null(catalog);
    return catalog;
}

static void count_change(void *arg, const struct oyez_catalog_change *change)
{
    print_message("%s %s %s\n", change->what, change->before, change->after);
    ++*(unsigned *)arg;
}

// Compiles a catalog's source and compares.
static void check_again(const char *name, const char *text)
{
    char file[80];
    char path[] = "/tmp/oyez-again-XXXXXX";
    unsigned changes = 0;
    struct oyez_catalog_comparison comparison = {.on_change = count_change, .arg = &changes};
    snprintf(file, sizeof file, "%s.proto", name);
    struct compiled_catalog compiled = compile_proto(file, text);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, compiled.bytes, compiled.size), compiled.size);
    close(fd);
    free(compiled.bytes);
    if (oyez_catalog_compare(name, path, &comparison) != OYEZ_OK)
        fail_msg("%s", oyez_error_detail());
    unlink(path);
    assert_int_equal(changes, 0);
}

static void test_the_source_compiles_to_the_same_catalog(void **state)
{
    (void)state;
    char body[4096];
    char *text;
    snprintf(body, sizeof body, KINDS, "kinds");
    load_catalog("kinds", "1.0.0",
                 "naming: {min_parts: 2 letters: NAME_CASE_LOWER first_parts: 'kinds'}"
                 "header: {field: 'source' types: 'kinds.*' allowed: ['a', 'b']}",
                 body);
    if (oyez_catalog_proto(find("kinds"), &text) != OYEZ_OK)
        fail_msg("%s", oyez_error_detail());
    check_again("kinds", text);
    assert_non_null(strstr(text, "  reserved 3;\n  reserved 7 to 9;\n  reserved \"cents\";\n"));
    assert_non_null(strstr(text, "repeated sint64 c = 6 [packed = false];"));
    assert_non_null(strstr(text, "map<fixed32, Coin> coins = 10;"));
    assert_non_null(strstr(text, "    BACK = -1;\n"));
    free(text);
}

static void test_what_catalogs_have_not_is_refused(void **state)
{
    (void)state;
    char *text = NULL;
    load_catalog(
        "served", "1.0.0", "",
        "// Sold.\nmessage Sold { option (oyez.type) = {name: 'served.sold' domain: 'shop'};\n"
        "// Doc.\noptional Coin coin = 1; }\n// A coin.\nmessage Coin {}\n"
        "service Shop { rpc Buy(Coin) returns (Coin); }");
    assert_int_equal(oyez_catalog_proto(find("served"), &text), OYEZ_ERR_INVALID);
    assert_null(text);
}

static void test_options_proto_is_the_file_that_catalogs_import(void **state)
{
    (void)state;
    assert_non_null(strstr(oyez_options_proto(), "package oyez;"));
    assert_non_null(strstr(oyez_options_proto(), "optional FieldRules rules = 51003;"));
}

static void test_a_file_that_is_no_catalog_is_told(void **state)
{
    (void)state;
    struct oyez_catalog_comparison comparison = {0};
    assert_int_equal(oyez_catalog_compare("no_such", "tamma", &comparison), OYEZ_ERR_NOT_FOUND);
    assert_int_equal(oyez_catalog_compare("tamma", "/no/such", &comparison), OYEZ_ERR_IO);
    assert_int_equal(oyez_catalog_file_check("/no/such"), OYEZ_ERR_IO);
    assert_int_not_equal(oyez_catalog_file_check("/proc/self/exe"), OYEZ_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_source_compiles_to_the_same_catalog),
        cmocka_unit_test(test_what_catalogs_have_not_is_refused),
        cmocka_unit_test(test_options_proto_is_the_file_that_catalogs_import),
        cmocka_unit_test(test_a_file_that_is_no_catalog_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
