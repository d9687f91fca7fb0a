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

#include "client/query/catalog_act.h"
#include "compiled_catalog.h"
#include "oyez/catalog.h"
#include "recorded_events.h"

static const struct oyez_type *find(const char *name)
{
    return oyez_type_find_version(name, strlen(name), NULL);
}

// The act that holds `part_size` bytes of a set from `offset` on.
static size_t make_act(uint8_t *out, const struct compiled_catalog *set, size_t offset,
                       size_t part_size)
{
    static const char head[] = "\1\6stored\0051.0.0";
    uint8_t *at = out + sizeof head - 1;
    memcpy(out, head, sizeof head - 1);
    assert_true(oyez_catalog_digest(at, set->bytes, set->size));
    at = put_number(at + OYEZ_CATALOG_DIGEST_SIZE, set->size, 4);
    at = put_number(at, offset, 4);
    memcpy(at, set->bytes + offset, part_size);
    return (size_t)(at - out) + part_size;
}

static void add_act(struct recorded *recorded, const uint8_t *bytes, size_t size)
{
    const struct oyez_journal_record act = {.kind = OYEZ_RECORD_CATALOG_ADDED,
                                            .broker_time = 1,
                                            .details = bytes,
                                            .details_size = size};
    recorded_add_record(recorded, &act);
}

static void add_part(struct recorded *recorded, const struct compiled_catalog *set, size_t offset,
                     size_t part_size)
{
    static uint8_t act[OYEZ_LEAF_SIZE_MAX];
    add_act(recorded, act, make_act(act, set, offset, part_size));
}

static void add_event(struct recorded *recorded)
{
    struct oyez_event event = recorded_event("plan.created", NULL);
    recorded_add(recorded, &event);
}

static void read_catalogs(const struct recorded *recorded, struct oyez_journal_catalogs *out)
{
    oyez_journal_reader *reader;
    assert_int_equal(oyez_journal_reader_open(&reader, recorded->directory, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_catalogs_read(out, reader, recorded->directory, NULL), OYEZ_OK);
    oyez_journal_reader_close(&reader);
}

static struct compiled_catalog compile(const char *name)
{
    char body[256];
    snprintf(body, sizeof body,
             "// A test.\nmessage A { option (oyez.type) = {name: '%s.a' domain: 'test'};\n"
             "// How many.\noptional int32 n = 1; }\n",
             name);
    return compile_catalog(name, "1.0.0", "", body);
}

static void test_a_journal_s_catalog_is_known_for_reading(void **state)
{
    (void)state;
    struct recorded recorded;
    struct oyez_journal_catalogs catalogs;
    struct compiled_catalog set = compile("whole");
    recorded_open(&recorded);
    add_event(&recorded);
    add_part(&recorded, &set, 0, OYEZ_CATALOG_PART_SIZE < set.size ? 60000 : set.size);
    if (set.size > 60000)
        add_part(&recorded, &set, 60000, set.size - 60000);
    recorded_commit(&recorded);
    read_catalogs(&recorded, &catalogs);
    assert_int_equal(catalogs.digest_count, 1);
    assert_true(catalogs.acts.stale);
    const struct oyez_type *type = find("whole.a");
    assert_non_null(type);
    assert_string_equal(type->catalog->origin, "journal");
    assert_true(type->catalog->reading_only);
    assert_null(oyez_type_find("whole.a", 7));
    oyez_journal_catalogs_free(&catalogs);
    free(set.bytes);
    recorded_close(&recorded);
}

static void test_a_catalog_in_parts_is_put_together_and_a_half_one_begun_again(void **state)
{
    (void)state;
    struct recorded recorded;
    struct oyez_journal_catalogs catalogs;
    struct compiled_catalog set = compile("parts");
    size_t half = set.size / 2;
    recorded_open(&recorded);
    add_part(&recorded, &set, half, set.size - half); // without its first
    add_part(&recorded, &set, 0, half);
    recorded_commit(&recorded);
    read_catalogs(&recorded, &catalogs);
    assert_int_equal(catalogs.digest_count, 0);
    assert_null(find("parts.a"));
    oyez_journal_catalogs_free(&catalogs);
    add_part(&recorded, &set, 0, half);
    add_event(&recorded);
    add_part(&recorded, &set, half, set.size - half);
    recorded_commit(&recorded);
    read_catalogs(&recorded, &catalogs);
    assert_int_equal(catalogs.digest_count, 1);
    assert_int_equal(catalogs.acts.count, 4);
    assert_non_null(find("parts.a"));
    oyez_journal_catalogs_free(&catalogs);
    free(set.bytes);
    recorded_close(&recorded);
}

static void test_what_is_not_the_set_of_its_digest_is_not_used(void **state)
{
    (void)state;
    struct recorded recorded;
    struct oyez_journal_catalogs catalogs;
    struct compiled_catalog set = compile("forged");
    static uint8_t act[OYEZ_LEAF_SIZE_MAX];
    size_t size = make_act(act, &set, 0, set.size < 60000 ? set.size : 60000);
    recorded_open(&recorded);
    act[14] ^= 1; // of the digest
    add_act(&recorded, act, size);
    for (size_t cut = 0; cut < 60; cut += 7)
        add_act(&recorded, act, cut);
    act[0] = 2;
    add_act(&recorded, act, size);
    recorded_commit(&recorded);
    read_catalogs(&recorded, &catalogs);
    assert_int_equal(catalogs.digest_count, 0);
    assert_null(find("forged.a"));
    oyez_journal_catalogs_free(&catalogs);
    free(set.bytes);
    recorded_close(&recorded);
}

static void path_of(const struct recorded *recorded, char path[128])
{
    snprintf(path, 128, "%s/catalogs.state", recorded->directory);
}

static void test_the_file_spares_reading_and_serves_only_its_journal(void **state)
{
    (void)state;
    struct recorded recorded;
    struct oyez_journal_catalogs catalogs;
    struct oyez_journal_catalogs again;
    struct compiled_catalog set = compile("filed");
    char path[128];
    recorded_open(&recorded);
    add_event(&recorded);
    add_part(&recorded, &set, 0, 40000 < set.size ? 40000 : set.size);
    if (set.size > 40000)
        add_part(&recorded, &set, 40000, set.size - 40000);
    add_event(&recorded);
    recorded_commit(&recorded);
    read_catalogs(&recorded, &catalogs);
    assert_int_equal(oyez_journal_catalogs_save(&catalogs, recorded.directory, oyez_disk_system()),
                     OYEZ_OK);
    read_catalogs(&recorded, &again);
    assert_false(again.acts.stale);
    assert_int_equal(again.acts.records, catalogs.acts.records);
    assert_int_equal(again.acts.count, catalogs.acts.count);
    assert_int_equal(again.digest_count, 1);
    oyez_journal_catalogs_free(&again);
    // What came later is read besides.
    add_event(&recorded);
    recorded_commit(&recorded);
    read_catalogs(&recorded, &again);
    assert_true(again.acts.stale);
    assert_int_equal(again.acts.records, catalogs.acts.records + 1);
    oyez_journal_catalogs_free(&again);
    // Of another journal: its records are not these.
    catalogs.acts.anchor[0] ^= 1;
    catalogs.acts.count = 0;
    assert_int_equal(oyez_journal_catalogs_save(&catalogs, recorded.directory, oyez_disk_system()),
                     OYEZ_OK);
    read_catalogs(&recorded, &again);
    assert_int_equal(again.digest_count, 1);
    oyez_journal_catalogs_free(&again);
    path_of(&recorded, path);
    for (off_t size = 0; size < 100; size += 33) {
        assert_int_equal(truncate(path, size), 0);
        read_catalogs(&recorded, &again);
        assert_int_equal(again.digest_count, 1);
        oyez_journal_catalogs_free(&again);
    }
    oyez_journal_catalogs_free(&catalogs);
    free(set.bytes);
    recorded_close(&recorded);
}

static void test_a_stored_catalog_has_no_comments_and_fits_into_leaves(void **state)
{
    (void)state;
    static uint8_t act[OYEZ_LEAF_SIZE_MAX];
    static uint8_t joined[OYEZ_CATALOG_SET_SIZE_MAX];
    for (size_t i = 0; oyez_catalog_at(i) != NULL; i++) {
        struct oyez_stored_catalog stored;
        struct oyez_catalog_part part;
        size_t size, come = 0;
        assert_int_equal(oyez_stored_catalog_open(&stored, oyez_catalog_at(i)), OYEZ_OK);
        while (oyez_stored_catalog_next(&stored, act, &size)) {
            assert_true(size + 26 <= OYEZ_LEAF_SIZE_MAX);
            assert_true(oyez_catalog_part_read(&part, act, size));
            assert_int_equal(part.offset, come);
            assert_int_equal(part.size, stored.size);
            assert_int_equal(part.name_size, strlen(stored.catalog->name));
            assert_memory_equal(part.name, stored.catalog->name, part.name_size);
            memcpy(joined + come, part.bytes, part.part_size);
            come += part.part_size;
        }
        assert_int_equal(come, stored.size);
        assert_memory_equal(joined, stored.bytes, come);
        const void *whole;
        size_t whole_size;
        oyez_catalog_descriptor_set(stored.catalog, &whole, &whole_size);
        assert_true(stored.size < whole_size);
        assert_int_equal(oyez_catalog_add(joined, come, "journal", true), OYEZ_OK);
        if (i < 6)
            print_message("%s: %zu of %zu bytes\n", stored.catalog->name, stored.size, whole_size);
        oyez_stored_catalog_close(&stored);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stored_catalog_has_no_comments_and_fits_into_leaves),
        cmocka_unit_test(test_a_journal_s_catalog_is_known_for_reading),
        cmocka_unit_test(test_a_catalog_in_parts_is_put_together_and_a_half_one_begun_again),
        cmocka_unit_test(test_what_is_not_the_set_of_its_digest_is_not_used),
        cmocka_unit_test(test_the_file_spares_reading_and_serves_only_its_journal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
