// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "journal_samples.h"
#include "oyez/compare.h"

static char base[64];
static struct oyez_journal_difference found;

static int set_up(void **state)
{
    (void)state;
    snprintf(base, sizeof(base), "/tmp/oyez-compare-XXXXXX");
    return mkdtemp(base) == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    char command[192];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf %s", base);
    return system(command);
}

static void make(const char *name, const struct oyez_journal_record *records, size_t count)
{
    const struct oyez_journal_options options = {.journal_id = (const uint8_t *)"journal-id-bytes"};
    oyez_journal *journal = NULL;
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", base, name);
    assert_int_equal(oyez_journal_open(&journal, path, &options, NULL), OYEZ_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(oyez_journal_append(journal, &records[i], NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

// Compares two journals that begin alike and go on with these; a kind 0 ends it.
static void compare(struct oyez_journal_record a, struct oyez_journal_record b)
{
    struct oyez_journal_record records[2] = {sample_event(1), a};
    char paths[2][128];
    char command[192];

    snprintf(command, sizeof(command), "rm -rf %s/a %s/b", base, base);
    assert_int_equal(system(command), 0);
    make("a", records, a.kind == 0 ? 1 : 2);
    records[1] = b;
    make("b", records, b.kind == 0 ? 1 : 2);
    snprintf(paths[0], sizeof(paths[0]), "%s/a", base);
    snprintf(paths[1], sizeof(paths[1]), "%s/b", base);
    assert_int_equal(oyez_journal_compare(paths[0], paths[1], NULL, NULL, NULL, &found), OYEZ_OK);
}

static void assert_why(const char *why)
{
    assert_false(found.equal);
    assert_int_equal(found.records, 1);
    assert_string_equal(found.why, why);
}

static void test_the_same_stream_is_the_same_journal(void **state)
{
    (void)state;
    compare(sample_event(2), sample_event(2));
    assert_true(found.equal);
    assert_int_equal(found.records, 2);
}

static void test_an_erasure_changes_nothing(void **state)
{
    struct oyez_journal_record erased = sample_event(2);
    oyez_leaf_hasher *hasher = NULL;
    uint8_t commitment[OYEZ_LEAF_HASH_SIZE];

    (void)state;
    assert_int_equal(oyez_leaf_hasher_open(&hasher), OYEZ_OK);
    assert_int_equal(oyez_leaf_commit(hasher, &erased, commitment), OYEZ_OK);
    oyez_leaf_hasher_close(&hasher);
    erased.commitment = commitment;
    compare(sample_event(2), erased);
    assert_true(found.equal);
}

static void test_the_kind_of_difference_is_named(void **state)
{
    const struct oyez_journal_record none = {.kind = 0};

    (void)state;
    compare(sample_event(2), none);
    assert_why("the second ends here, the other goes on");
    assert_int_equal(found.position_a, 2);
    compare(sample_gap(2, 3), sample_event(2));
    assert_why("the first has a gap, the second an event");
    compare(sample_event(2), sample_event(3));
    assert_why("the second lacks what the other has at 1763629200000000:2");
    compare(sample_event(2), sample_act());
    assert_why("the second has an act of the journal here, the other has none");
    compare(sample_gap(2, 3), sample_gap(2, 4));
    assert_why("the last missing position, or why differs");
}

static void test_the_field_that_differs_is_named(void **state)
{
    struct oyez_journal_record other = sample_event(2);

    (void)state;
    other.broker_time++;
    compare(sample_event(2), other);
    assert_why("broker time differs");
    other = sample_event(2);
    other.emitter_id.bytes[0] ^= 1;
    compare(sample_event(2), other);
    assert_why("emitter differs");
    other = sample_event(2);
    other.flags = OYEZ_RECORD_CONFLICT;
    compare(sample_event(2), other);
    assert_why("lane or flags differs");
    other = sample_event(2);
    other.emitter_seq++;
    compare(sample_event(2), other);
    assert_why("emitter number differs");
    other = sample_event(2);
    other.type_seq++;
    compare(sample_event(2), other);
    assert_why("type sequence differs");
    other = sample_event(2);
    other.details = (const uint8_t *)"{}";
    other.details_size = 2;
    compare(sample_event(2), other);
    assert_why("details, salt or signature differs");
    other = sample_event(2);
    other.header_size--;
    compare(sample_event(2), other);
    assert_why("header differs");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_the_same_stream_is_the_same_journal),
        TEST(test_an_erasure_changes_nothing),
        TEST(test_the_kind_of_difference_is_named),
        TEST(test_the_field_that_differs_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
