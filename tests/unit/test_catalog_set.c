// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "catalog_set.h"
#include "compiled_catalog.h"
#include "oyez/catalog.h"

#define TYPE(message, name)                                                                        \
    "// A test.\nmessage " message " { option (oyez.type) = {name: '" name "' domain: 'test'}; "   \
    "}\n"

static const struct oyez_type *find(const char *name)
{
    return oyez_type_find(name, strlen(name));
}

static const struct oyez_type *find_version(const char *name, const char *version)
{
    return oyez_type_find_version(name, strlen(name), version);
}

static oyez_err add(const char *name, const char *version, const char *body, bool reading_only)
{
    struct compiled_catalog compiled = compile_catalog(name, version, "", body);
    oyez_err err = oyez_catalog_add(compiled.bytes, compiled.size, version, reading_only);
    free(compiled.bytes);
    return err;
}

static void test_types_of_an_added_catalog_are_found_and_come_last(void **state)
{
    (void)state;
    size_t before = oyez_type_count();
    load_catalog("added", "1.2.0", "delivery: FAST", TYPE("A", "added.a") TYPE("B", "added.b"));
    assert_int_equal(oyez_type_count(), before + 2);
    assert_string_equal(oyez_type_at(before)->name, "added.a");
    const struct oyez_type *type = find("added.b");
    assert_ptr_equal(type, oyez_type_at(before + 1));
    assert_string_equal(type->version, "1.2.0");
    assert_string_equal(type->doc, "A test.");
    assert_string_equal(type->catalog->origin, "added");
    assert_int_equal(type->delivery, OYEZ_LANE_FAST);
    assert_ptr_equal(find("plan.created"), oyez_type_at(0));
}

static void test_the_same_again_is_well_and_changes_nothing(void **state)
{
    (void)state;
    load_catalog("again", "1.0.0", "", TYPE("A", "again.a"));
    size_t before = oyez_type_count();
    load_catalog("again", "1.0.0", "", TYPE("A", "again.a"));
    assert_int_equal(oyez_type_count(), before);
}

static void test_another_version_or_content_of_a_catalog_is_refused(void **state)
{
    (void)state;
    load_catalog("known", "1.0.0", "", TYPE("A", "known.a"));
    assert_int_equal(add("known", "1.1.0", TYPE("A", "known.a"), false), OYEZ_ERR_INVALID);
    assert_string_equal(oyez_error_detail(), "1.1.0: known.proto: catalog \"known\" 1.1.0 is there "
                                             "in version 1.0.0 (known)");
    assert_int_equal(add("known", "1.0.0", TYPE("A", "known.b"), false), OYEZ_ERR_INVALID);
    assert_non_null(strstr(oyez_error_detail(), "is there with other content"));
    assert_null(find("known.b"));
}

static void test_a_type_claimed_twice_names_both_origins_and_nothing_is_taken(void **state)
{
    (void)state;
    size_t before = oyez_type_count();
    assert_int_equal(
        add("greedy", "1.0.0", TYPE("A", "greedy.a") TYPE("B", "order.created"), false),
        OYEZ_ERR_INVALID);
    assert_string_equal(oyez_error_detail(),
                        "1.0.0: greedy.proto: B (order.created): the event type is already that of "
                        "catalogs/tasker.proto (built in)");
    assert_int_equal(oyez_type_count(), before);
    assert_null(find("greedy.a"));
    assert_int_equal(add("twin", "1.0.0", TYPE("A", "twin.a") TYPE("B", "twin.a"), false),
                     OYEZ_ERR_INVALID);
}

static void test_what_serves_reading_is_found_by_version_and_not_emitted(void **state)
{
    (void)state;
    load_catalog("aged", "3.0.0", "", TYPE("A", "aged.a"));
    size_t before = oyez_type_count();
    assert_int_equal(add("aged", "1.0.0", TYPE("A", "aged.a") TYPE("G", "aged.gone"), true),
                     OYEZ_OK);
    assert_int_equal(add("aged", "2.0.0", TYPE("A", "aged.a") TYPE("G", "aged.gone"), true),
                     OYEZ_OK);
    assert_int_equal(oyez_type_count(), before);
    assert_string_equal(find("aged.a")->version, "3.0.0");
    assert_string_equal(find_version("aged.a", "1.0.0")->version, "1.0.0");
    assert_true(find_version("aged.a", "1.0.0")->catalog->reading_only);
    assert_ptr_equal(find_version("aged.a", "9.9.9"), find("aged.a"));
    assert_ptr_equal(find_version("aged.a", NULL), find("aged.a"));
    assert_null(find("aged.gone"));
    assert_string_equal(find_version("aged.gone", NULL)->version, "2.0.0");
    assert_string_equal(find_version("aged.gone", "1.0.0")->version, "1.0.0");
    struct oyez_event event = {.event_type = "aged.gone"};
    assert_int_equal(oyez_event_check(&event), OYEZ_ERR_UNKNOWN_TYPE);
}

static void test_a_catalogs_own_set_is_the_same_wherever_it_is_loaded_from(void **state)
{
    (void)state;
    const void *bytes;
    size_t size;
    oyez_catalog_descriptor_set(find("order.created")->catalog, &bytes, &size);
    struct descriptor_set *set;
    assert_int_equal(descriptor_set_read(&set, bytes, size, "own", true), OYEZ_OK);
    struct catalog_batch batch;
    assert_int_equal(catalog_batch_read(&batch, set, false), OYEZ_OK);
    assert_int_equal(batch.catalog_count, 1);
    assert_string_equal(batch.catalogs[0].head.name, "tasker");
    const struct catalog_bytes *again = catalog_bytes_of(&batch.catalogs[0]);
    assert_int_equal(again->size, size);
    assert_memory_equal(again->bytes, bytes, size);
    free(atomic_load(&batch.catalogs[0].bytes));
    descriptor_set_free(&set);
}

static void test_a_file_that_is_not_there_is_named(void **state)
{
    (void)state;
    assert_int_equal(oyez_catalog_load("/nonexistent/my.binpb"), OYEZ_ERR_IO);
    assert_string_equal(oyez_error_detail(), "/nonexistent/my.binpb: No such file or directory");
    setenv("OYEZ_CATALOGS", ":/nonexistent/my.binpb", 1);
    assert_int_equal(oyez_catalog_load_environment(), OYEZ_ERR_IO);
    unsetenv("OYEZ_CATALOGS");
    assert_int_equal(oyez_catalog_load_environment(), OYEZ_OK);
}

static void test_versions_have_their_precedence(void **state)
{
    (void)state;
    static const char *const ascending[] = {"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta",
                                            "1.0.0-beta",  "1.0.0-beta.2",  "1.0.0-beta.11",
                                            "1.0.0-rc.1",  "1.0.0",         "1.2.0",
                                            "1.10.0",      "2.0.0"};
    for (size_t i = 1; i < sizeof ascending / sizeof *ascending; i++) {
        assert_true(catalog_compare_versions(ascending[i - 1], ascending[i]) < 0);
        assert_true(catalog_compare_versions(ascending[i], ascending[i - 1]) > 0);
    }
    assert_int_equal(catalog_compare_versions("1.0.0+a", "1.0.0+b"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types_of_an_added_catalog_are_found_and_come_last),
        cmocka_unit_test(test_the_same_again_is_well_and_changes_nothing),
        cmocka_unit_test(test_another_version_or_content_of_a_catalog_is_refused),
        cmocka_unit_test(test_a_type_claimed_twice_names_both_origins_and_nothing_is_taken),
        cmocka_unit_test(test_what_serves_reading_is_found_by_version_and_not_emitted),
        cmocka_unit_test(test_a_catalogs_own_set_is_the_same_wherever_it_is_loaded_from),
        cmocka_unit_test(test_a_file_that_is_not_there_is_named),
        cmocka_unit_test(test_versions_have_their_precedence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
