// SPDX-License-Identifier: MIT
// Every rule that catalogs keep, and the words when one is broken.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiled_catalog.h"
#include "oyez/catalog.h"

#define OPTION(inside) "option (oyez.type) = {" inside "};"
#define TYPE(inside) "// Something is sold.\nmessage Sold { " OPTION(inside) " }\n"
#define SOLD(inside) "name: \"%s.sold\" domain: \"shop\" " inside
// A good type with one field.
#define FIELD(field) "FIELD " field
#define AT_SOLD "%s.proto: Sold (%s.sold): "

struct fault {
    const char *options; // of the catalog
    const char *body;    // "FIELD ...": a type with that field
    const char *detail;  // %s: the catalog's name
};

static const struct fault faults[] = {
    {"", "message Coin { int32 a = 1; }\n",
     "%s.proto: Coin: no option (oyez.type), and no field of "
     "this file uses it"},
    {"", "message Sold { " OPTION("name: \"%s.sold\" domain: \"shop\"") " }",
     AT_SOLD "no doc: write a comment right above the message"},
    {"", TYPE("name: \"%s.sold\""), AT_SOLD "no domain"},
    {"", TYPE("name: \"%s.sold\" domain: \"a/b\""), AT_SOLD "the domain is not [a-z][a-z0-9_-]*"},
    {"", TYPE("name: \"%s.sold\" domain: \"shop\" version: \"1.0\""),
     AT_SOLD "the version is not a semantic version"},
    {"", TYPE("domain: \"shop\""),
     "%s.proto: Sold (no name): the event type's name is not [A-Za-z0-9._-]{1,200}"},
    {"", TYPE("name: \"a b\" domain: \"shop\""),
     "%s.proto: Sold (a b): the event type's name is not [A-Za-z0-9._-]{1,200}"},
    {"", TYPE("name: \"oyez.x\" domain: \"shop\""),
     "%s.proto: Sold (oyez.x): the prefix \"oyez.\" is reserved"},
    {"", TYPE("name: \"oyez.*\" domain: \"shop\" open: true"),
     "%s.proto: Sold (oyez.*): the prefix \"oyez.\" is reserved"},
    {"", TYPE("name: \"%s.sold\" domain: \"shop\" open: true"),
     AT_SOLD "an open type's name ends in \".*\""},
    {"naming: {min_parts: 3}", TYPE("name: \"%s.sold\" domain: \"shop\""),
     AT_SOLD "the name has not as many parts as the catalog's naming rule says"},
    {"naming: {max_parts: 1}", TYPE("name: \"%s.sold\" domain: \"shop\""),
     AT_SOLD "the name has not as many parts as the catalog's naming rule says"},
    {"naming: {letters: NAME_CASE_UPPER}", TYPE("name: \"%s.sold\" domain: \"shop\""),
     AT_SOLD "a part of the name is not in the letters of the catalog's naming rule"},
    {"naming: {first_parts: 'GIT'}", TYPE("name: \"%s.sold\" domain: \"shop\""),
     AT_SOLD "the first part of the name is not one of the catalog's naming rule"},
    {"indexed_tags: 'a b'", TYPE("name: \"%s.sold\" domain: \"shop\""),
     "%s.proto: indexed tag \"a b\" is not 1 to 64 of [A-Za-z0-9._-]"},
    {"header: {field: 'colour' required: true}", TYPE("name: \"%s.sold\" domain: \"shop\""),
     "%s.proto: header rule for \"colour\": headers have no such field, or no event is without it"},
    {"header: {field: 'run_id'}", TYPE("name: \"%s.sold\" domain: \"shop\""),
     "%s.proto: header rule for \"run_id\": it asks for nothing"},
    {"header: {field: 'run_id' types: 'a b' required: true}",
     TYPE("name: \"%s.sold\" domain: \"shop\""),
     "%s.proto: header rule for \"run_id\": types is no pattern over event types"},
    {"header: {field: 'source' allowed: 'api' default_value: 'cli'}",
     TYPE("name: \"%s.sold\" domain: \"shop\""),
     "%s.proto: header rule for \"source\": default_value is not allowed"},
    {"",
     "// Sold.\nmessage Sold { " OPTION(
         "name: \"%s.sold\" domain: \"shop\"") " optional int32 a = 1; }",
     AT_SOLD "a: no doc: write a comment right above the field"},
    {"", FIELD("int32 a = 1;"), AT_SOLD "a: a scalar without `optional`: its zero would be lost"},
    {"", FIELD("optional float a = 1;"), AT_SOLD "a: is a float: use double"},
    {"", FIELD("google.protobuf.Struct a = 1;"),
     "google/protobuf/struct.proto: Struct: only Timestamp and Duration of google.protobuf can be "
     "details: use a string field with (oyez.rules).json"},
    {"", FIELD("Sold a = 1;"), AT_SOLD "a: Sold is an event type, and not for fields"},
    {"", FIELD("optional int32 a = 1 [(oyez.rules) = {min: 2 max: 1}];"),
     AT_SOLD "a: min is above max"},
    {"", FIELD("optional int32 a = 1 [(oyez.rules) = {min: nan}];"),
     AT_SOLD "a: min or max is no number"},
    {"", FIELD("optional string a = 1 [(oyez.rules) = {min: 2}];"),
     AT_SOLD "a: min and max are for numbers"},
    {"", FIELD("optional int32 a = 1 [(oyez.rules) = {min_length: 2}];"),
     AT_SOLD "a: min_length and max_length are for strings, bytes, lists and maps"},
    {"", FIELD("optional string a = 1 [(oyez.rules) = {min_length: 2 max_length: 1}];"),
     AT_SOLD "a: min_length is above max_length"},
    {"", FIELD("optional int32 a = 1 [(oyez.rules) = {format: UUID}];"),
     AT_SOLD "a: format, json and truncate are for strings"},
    {"", FIELD("map<string, int32> a = 1 [(oyez.rules) = {format: UUID}];"),
     AT_SOLD "a: format, json and truncate are for strings"},
    {"", FIELD("optional string a = 1 [(oyez.rules) = {json: true allowed: 'a'}];"),
     AT_SOLD "a: json goes with neither format nor allowed"},
    {"", FIELD("optional string a = 1 [(oyez.rules) = {truncate: 10}];"),
     AT_SOLD "a: truncate is below 40: there is no room for the mark"},
    {"", FIELD("optional string a = 1 [(oyez.rules) = {truncate: 90 format: EMAIL}];"),
     AT_SOLD "a: truncate would break json, format or allowed"},
    {"", FIELD("optional string a = 1 [(oyez.rules) = {truncate: 90 max_length: 80}];"),
     AT_SOLD "a: truncate is above max_length, so nothing is ever cut"},
    {"", FIELD("repeated string a = 1 [(oyez.rules) = {indexed: true}];"),
     AT_SOLD "a: indexed is for single strings and integers"},
    {"", FIELD("optional string a = 1 [(oyez.rules) = {indexed: true max_length: 300}];"),
     AT_SOLD "a: indexed: max_length is not 1 to 256, which a tag holds"},
    {"", FIELD("optional int32 a = 1 [(oyez.rules) = {allowed: 'x'}];"),
     AT_SOLD "a: allowed x is no number"},
    {"", FIELD("optional int32 a = 1 [(oyez.rules) = {allowed: '1.5'}];"),
     AT_SOLD "a: allowed 1.5 is no plain integer"},
    {"", FIELD("optional bytes a = 1 [(oyez.rules) = {allowed: 'x'}];"),
     AT_SOLD "a: allowed is for strings, numbers, enums and bool"},
};

static unsigned number;

// Every %s is the catalog's name.
static void fill_in(char *out, size_t room, const char *text, const char *name)
{
    size_t at = 0;
    for (; *text != '\0' && at + strlen(name) + 1 < room; text++) {
        if (text[0] == '%' && text[1] == 's') {
            at += (size_t)snprintf(out + at, room - at, "%s", name);
            text++;
        } else {
            out[at++] = *text;
        }
    }
    out[at] = '\0';
}

static void expect_refused(const struct fault *fault)
{
    char name[16];
    char body[1024];
    char filled[1024];
    char detail[512];
    char expected[600];
    snprintf(name, sizeof name, "shop%u", number++);
    bool field = strncmp(fault->body, "FIELD ", 6) == 0;
    snprintf(body, sizeof body, "%s%s%s",
             field ? "// Sold.\nmessage Sold { " OPTION(
                         "name: \"%s.sold\" domain: \"shop\"") "\n// A field.\n"
                   : "",
             field ? fault->body + 6 : fault->body, field ? " }" : "");
    fill_in(filled, sizeof filled, body, name);
    fill_in(detail, sizeof detail, fault->detail, name);
    snprintf(expected, sizeof expected, "mine.binpb: %s", detail);
    struct compiled_catalog compiled = compile_catalog(name, "1.0.0", fault->options, filled);
    size_t before = oyez_type_count();
    oyez_err err = oyez_catalog_add(compiled.bytes, compiled.size, "mine.binpb", false);
    free(compiled.bytes);
    if (err != OYEZ_ERR_INVALID)
        fail_msg("taken: %s", expected);
    assert_string_equal(oyez_error_detail(), expected);
    assert_int_equal(oyez_type_count(), before);
}

static void test_each_broken_rule_is_named_with_file_type_and_field(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        expect_refused(&faults[i]);
}

static void expect_head_refused(const char *name, const char *version, const char *detail)
{
    char text[512];
    snprintf(text, sizeof text,
             "syntax = \"proto3\"; import \"options.proto\";"
             "option (oyez.catalog) = {name: \"%s\" version: \"%s\" %s};",
             name, version, strstr(detail, "title") ? "" : "title: 'T'");
    struct compiled_catalog compiled = compile_proto("a.proto", text);
    assert_int_equal(oyez_catalog_add(compiled.bytes, compiled.size, "mine", false),
                     OYEZ_ERR_INVALID);
    free(compiled.bytes);
    assert_string_equal(oyez_error_detail(), detail);
}

static void test_a_catalog_has_a_name_a_version_and_a_title(void **state)
{
    (void)state;
    expect_head_refused("", "1.0.0", "mine: a.proto: catalog name \"\" is not [a-z][a-z0-9_]*");
    expect_head_refused("Shop", "1.0.0",
                        "mine: a.proto: catalog name \"Shop\" is not [a-z][a-z0-9_]*");
    expect_head_refused("oyez", "1.0.0", "mine: a.proto: the catalog name \"oyez\" is reserved");
    expect_head_refused("shop", "1", "mine: a.proto: version \"1\" is not a semantic version");
    expect_head_refused("shop", "1.0.0", "mine: a.proto: the catalog has no title");
}

static void expect_proto_refused(const char *text, const char *detail)
{
    struct compiled_catalog compiled = compile_proto("a.proto", text);
    assert_int_equal(oyez_catalog_add(compiled.bytes, compiled.size, "mine", false),
                     OYEZ_ERR_INVALID);
    free(compiled.bytes);
    assert_string_equal(oyez_error_detail(), detail);
}

static void test_what_only_proto2_has_is_refused(void **state)
{
    (void)state;
    static const char head[] =
        "syntax = \"proto2\"; import \"options.proto\";"
        "option (oyez.catalog) = {name: 'two' version: '1.0.0' title: 'T'};\n"
        "// Sold.\nmessage Sold { option (oyez.type) = {name: 'two.sold' domain: 'two'};\n";
    char text[1024];
    snprintf(text, sizeof text, "%s// A.\noptional int32 a = 1; }", head);
    expect_proto_refused(text, "mine: a.proto: Sold (two.sold): its file is not of syntax proto3");
}

static void test_a_type_needs_a_catalog_around_it(void **state)
{
    (void)state;
    expect_proto_refused("syntax = \"proto3\"; import \"options.proto\";"
                         "message Sold { option (oyez.type) = {name: 'a.b' domain: 'a'}; }",
                         "mine: no file of it has option (oyez.catalog)");
}

static void test_a_set_without_its_imports_is_refused(void **state)
{
    (void)state;
    // FileDescriptorSet { file { name: "a.proto" dependency: "b.proto" syntax: "proto3" } }
    static const uint8_t set[] = "\x0a\x1a\x0a\x07"
                                 "a.proto"
                                 "\x1a\x07"
                                 "b.proto"
                                 "\x62\x06"
                                 "proto3";
    assert_int_equal(oyez_catalog_add(set, sizeof set - 1, "mine", false), OYEZ_ERR_INVALID);
    assert_string_equal(oyez_error_detail(), "mine: a.proto: its import b.proto is not in the set: "
                                             "protoc needs --include_imports");
}

static void test_rubbish_is_no_descriptor_set(void **state)
{
    (void)state;
    static const char *const rubbish[] = {"", "x", "syntax = \"proto3\";", "\x0a\x7f",
                                          "\x0a\x01\x0a"};
    for (size_t i = 0; i < sizeof rubbish / sizeof *rubbish; i++) {
        assert_int_equal(oyez_catalog_add(rubbish[i], strlen(rubbish[i]), "mine", false),
                         OYEZ_ERR_MALFORMED);
        assert_int_equal(strncmp(oyez_error_detail(), "mine: ", 6), 0);
    }
}

static void test_the_built_in_catalogs_keep_all_rules(void **state)
{
    (void)state;
    const struct oyez_catalog *catalog;
    for (size_t i = 0; (catalog = oyez_catalog_at(i)) != NULL; i++) {
        const void *bytes;
        size_t size;
        oyez_catalog_descriptor_set(catalog, &bytes, &size);
        // That of Oyez's own events nobody may bring, but journals keep it.
        bool own = strcmp(catalog->name, "oyez") == 0;
        if (oyez_catalog_add(bytes, size, "again", own) != OYEZ_OK)
            fail_msg("%s", oyez_error_detail());
        if (own)
            assert_int_equal(oyez_catalog_add(bytes, size, "again", false), OYEZ_ERR_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_broken_rule_is_named_with_file_type_and_field),
        cmocka_unit_test(test_a_catalog_has_a_name_a_version_and_a_title),
        cmocka_unit_test(test_what_only_proto2_has_is_refused),
        cmocka_unit_test(test_a_type_needs_a_catalog_around_it),
        cmocka_unit_test(test_a_set_without_its_imports_is_refused),
        cmocka_unit_test(test_rubbish_is_no_descriptor_set),
        cmocka_unit_test(test_the_built_in_catalogs_keep_all_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
