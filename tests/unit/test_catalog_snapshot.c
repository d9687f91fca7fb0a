// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// Catalogs come while others look things up in them; and what comes again and again is not kept.
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog_set.h"
#include "compiled_catalog.h"

#define READERS 3
#define ADDED 12

static struct compiled_catalog compiled[ADDED];
static atomic_uint added;
static atomic_bool done;

static struct compiled_catalog make(const char *name, const char *version, const char *body)
{
    char text[400];
    snprintf(text, sizeof text,
             "// A.\nmessage A { option (oyez.type) = {name: '%s.a' domain: 'test'};\n%s}\n", name,
             body);
    return compile_catalog(name, version,
                           "header: {field: 'source' allowed: 'cli' allowed: 'api' allowed: 'x'}",
                           text);
}

static int compile_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < ADDED; i++) {
        char name[16];
        snprintf(name, sizeof name, "racing%zu", i);
        compiled[i] = make(name, "1.0.0", "// N.\noptional int32 n = 1 [(oyez.rules) = {min: 1}];");
    }
    return 0;
}

static int free_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < ADDED; i++)
        free(compiled[i].bytes);
    return 0;
}

// Two of them for each catalog: one will be the first, the other comes with the same again.
static void *add_catalogs(void *arg)
{
    bool reading_only = arg != NULL;
    for (size_t i = 0; i < ADDED; i++) {
        oyez_err err = oyez_catalog_add(compiled[i].bytes, compiled[i].size, "race",
                                        reading_only && i % 2 == 0);
        if (err != OYEZ_OK)
            return "an addition fails";
        if (!reading_only)
            atomic_store(&added, (unsigned)i + 1);
    }
    return NULL;
}

// The rules of the built-in types are made by whoever asks first: each thread goes another way.
static const char *check_builtin(size_t round)
{
    const struct oyez_type *type = oyez_type_at(round % 100);
    if (type == NULL)
        return "a built-in type is gone";
    struct oyez_event event = {.event_type = type->name,
                               .source = "nowhere",
                               .actor_type = "nobody",
                               .schema_version = type->version};
    (void)oyez_event_check(&event);
    return NULL;
}

static const char *check_added(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char name[24];
        int size = snprintf(name, sizeof name, "racing%u.a", i);
        const struct oyez_type *type = oyez_type_find(name, (size_t)size);
        if (type == NULL || strcmp(type->name, name) != 0)
            return "a type that was added is not found";
        struct oyez_event event = {.event_type = name, .source = "api", .details = "{\"n\":1}"};
        if (oyez_event_check(&event) != OYEZ_OK)
            return "a sound event is refused";
        event.details = "{\"n\":0}";
        if (oyez_event_check(&event) != OYEZ_ERR_INVALID)
            return "a wrong event passes";
        const void *bytes;
        oyez_catalog_descriptor_set(type->catalog, &bytes, &(size_t){0});
        if (bytes == NULL)
            return "a catalog has no set";
    }
    return NULL;
}

static void *look_up(void *arg)
{
    size_t step = (size_t)(uintptr_t)arg;
    const char *fault = NULL;
    bool last = false;
    for (size_t round = step; fault == NULL && !last; round += step) {
        last = atomic_load(&done);
        size_t types = oyez_type_count();
        if (oyez_type_at(types - 1) == NULL)
            fault = "there are fewer types than were counted";
        if (fault == NULL)
            fault = check_builtin(round);
        if (fault == NULL)
            fault = check_added(atomic_load(&added));
    }
    return (void *)(uintptr_t)fault;
}

static void test_look_ups_and_checks_go_on_while_catalogs_are_added(void **state)
{
    (void)state;
    pthread_t readers[READERS];
    pthread_t adders[2];
    void *fault;
    for (size_t i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, look_up, (void *)(2 * i + 1)), 0);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(
            pthread_create(&adders[i], NULL, add_catalogs, i == 0 ? NULL : (void *)&done), 0);
    for (size_t i = 0; i < 2; i++) {
        pthread_join(adders[i], &fault);
        if (fault != NULL)
            fail_msg("%s: %s", (const char *)fault, oyez_error_detail());
    }
    atomic_store(&done, true);
    for (size_t i = 0; i < READERS; i++) {
        pthread_join(readers[i], &fault);
        if (fault != NULL)
            fail_msg("%s", (const char *)fault);
    }
}

static size_t count_catalogs(void)
{
    size_t count = 0;
    while (oyez_catalog_at(count) != NULL)
        count++;
    return count;
}

static void test_the_same_bytes_or_others_of_one_version_are_not_kept(void **state)
{
    (void)state;
    struct compiled_catalog first = make("again", "1.0.0", "");
    struct compiled_catalog other =
        make("again", "1.0.0", "// N.\noptional int32 number_of_something_else = 1;");
    assert_int_equal(oyez_catalog_add(first.bytes, first.size, "journal", true), OYEZ_OK);
    size_t catalogs = count_catalogs();
    const struct catalog_snapshot *before = catalog_snapshot();
    size_t used = 0;
    for (int i = 0; i < 300; i++) {
        assert_int_equal(oyez_catalog_add(first.bytes, first.size, "journal", true), OYEZ_OK);
        assert_int_equal(oyez_catalog_add(other.bytes, other.size, "bus", true), OYEZ_OK);
        if (i == 10)
            used = mallinfo2().uordblks;
    }
    assert_int_equal(count_catalogs(), catalogs);
    assert_ptr_equal(catalog_snapshot(), before);
    // What a sanitizer counts is nothing.
    assert_true(mallinfo2().uordblks <= used + 64 * 1024);
    free(first.bytes);
    free(other.bytes);
}

static void test_builds_of_one_version_are_two_versions(void **state)
{
    (void)state;
    struct compiled_catalog a = make("built", "1.0.0+a", "");
    struct compiled_catalog b = make("built", "1.0.0+b", "");
    assert_int_equal(oyez_catalog_add(a.bytes, a.size, "journal", true), OYEZ_OK);
    assert_int_equal(oyez_catalog_add(b.bytes, b.size, "journal", true), OYEZ_OK);
    assert_string_equal(oyez_type_find_version("built.a", 7, "1.0.0+a")->version, "1.0.0+a");
    assert_string_equal(oyez_type_find_version("built.a", 7, "1.0.0+b")->version, "1.0.0+b");
    free(a.bytes);
    free(b.bytes);
}

// A set of `size` bytes: what one catalog has, and a file without anything but a long name of an
// option that nobody reads.
static void pad(struct compiled_catalog *set, size_t size)
{
    static const uint8_t head[] = {0x0a, 0x05, 'p', '.', 'x', 'y', 'z', 0x42};
    size_t rest = size - set->size - 5 - sizeof head - 4 - 1 - 4;
    size_t file = sizeof head + 4 + 1 + 4 + rest;
    uint8_t *bytes = calloc(1, size);
    assert_non_null(bytes);
    memcpy(bytes, set->bytes, set->size);
    uint8_t *at = bytes + set->size;
    *at++ = 0x0a;
    for (size_t left = file, i = 0; i < 4; i++, left >>= 7)
        *at++ = (uint8_t)((left & 0x7f) | (i < 3 ? 0x80 : 0));
    memcpy(at, head, sizeof head);
    at += sizeof head;
    for (size_t left = rest + 5, i = 0; i < 4; i++, left >>= 7)
        *at++ = (uint8_t)((left & 0x7f) | (i < 3 ? 0x80 : 0));
    *at++ = 0x7a;
    for (size_t left = rest, i = 0; i < 4; i++, left >>= 7)
        *at++ = (uint8_t)((left & 0x7f) | (i < 3 ? 0x80 : 0));
    free(set->bytes);
    set->bytes = bytes;
    set->size = (size_t)(at - bytes) + rest;
}

static void test_catalogs_of_strangers_fill_no_memory(void **state)
{
    (void)state;
    oyez_err err = OYEZ_OK;
    unsigned count = 0;
    struct compiled_catalog big = {0};
    for (; err == OYEZ_OK && count < 40; count++) {
        char version[16];
        snprintf(version, sizeof version, "1.0.%u", count);
        free(big.bytes);
        big = make("big", version, "");
        pad(&big, 4u * 1024u * 1024u - 16);
        err = oyez_catalog_add(big.bytes, big.size, "bus", true);
    }
    assert_int_equal(err, OYEZ_ERR_TOO_LARGE);
    assert_non_null(strstr(oyez_error_detail(), "bus: catalogs that serve reading take more than"));
    assert_true(count > 20 && count <= 32);
    // What is there is there again, and what is small has room.
    assert_int_equal(oyez_catalog_add(compiled[0].bytes, compiled[0].size, "race", false), OYEZ_OK);
    assert_string_equal(oyez_type_find_version("big.a", 5, "1.0.3")->version, "1.0.3");
    free(big.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_look_ups_and_checks_go_on_while_catalogs_are_added),
        cmocka_unit_test(test_the_same_bytes_or_others_of_one_version_are_not_kept),
        cmocka_unit_test(test_builds_of_one_version_are_two_versions),
        cmocka_unit_test(test_catalogs_of_strangers_fill_no_memory),
    };
    return cmocka_run_group_tests(tests, compile_all, free_all);
}
