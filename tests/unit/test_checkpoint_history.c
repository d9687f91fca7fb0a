// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "checkpointed_journal.h"

static struct fake_disk *fake;
static const struct oyez_disk *disk;

// A history of 41 checkpoints, each over one record more.
static int set_up(void **state)
{
    (void)state;
    fake = fake_disk_new();
    disk = fake_disk_table(fake);
    oyez_journal *journal = open_keyed(fake, NULL, NULL);
    for (uint64_t number = 1; number <= 40; number++) {
        commit_events(journal, number, number);
        assert_int_equal(oyez_journal_checkpoint(journal), OYEZ_OK);
    }
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fake_disk_free(fake);
    return 0;
}

// Reads to the end: how many were good, and what ended it.
static oyez_err read_all(size_t *count, uint64_t *torn)
{
    oyez_checkpoint_history *history = NULL;
    struct oyez_checkpoint_entry entry;
    oyez_err err = oyez_checkpoint_history_open(&history, "journal", disk);

    for (*count = 0, *torn = 0; err == OYEZ_OK; *count += err == OYEZ_OK)
        err = oyez_checkpoint_history_next(history, &entry, torn);
    oyez_checkpoint_history_close(&history);
    return err;
}

static void test_a_history_is_read_to_its_end(void **state)
{
    size_t count;
    uint64_t torn;

    (void)state;
    assert_int_equal(read_all(&count, &torn), OYEZ_ERR_NOT_FOUND);
    assert_int_equal(count, 41);
    assert_int_equal(torn, 0);
}

static void test_each_flipped_bit_is_found(void **state)
{
    size_t size, count;
    uint64_t torn;
    uint8_t *bytes = fake_disk_file(fake, "checkpoints", &size);

    (void)state;
    size_t last = size - (size - 32) / 41;
    for (size_t i = 0; i < size * 8; i += 3) {
        bytes[i / 8] ^= (uint8_t)(1 << i % 8);
        oyez_err err = read_all(&count, &torn);
        if (i / 8 >= last - 64) // the last entry is as if torn
            assert_true(err == OYEZ_ERR_CORRUPT || (err == OYEZ_ERR_NOT_FOUND && torn > 0));
        else
            assert_true(err == OYEZ_ERR_CORRUPT || err == OYEZ_ERR_VERSION);
        assert_true(count < 41);
        bytes[i / 8] ^= (uint8_t)(1 << i % 8);
    }
}

static void test_each_cut_is_told_as_torn(void **state)
{
    size_t size, count;
    uint64_t torn;

    (void)state;
    (void)fake_disk_file(fake, "checkpoints", &size);
    for (size_t cut = size; cut >= 32; cut -= cut > 1000 ? 7 : 1) {
        fake_disk_resize(fake, "checkpoints", cut);
        assert_int_equal(read_all(&count, &torn), OYEZ_ERR_NOT_FOUND);
        assert_true(count <= 41 && torn < 400);
    }
    fake_disk_resize(fake, "checkpoints", 31);
    assert_int_equal(read_all(&count, &torn), OYEZ_ERR_CORRUPT);
}

static void test_an_entry_in_another_place_is_none(void **state)
{
    size_t size, count;
    uint64_t torn;
    uint8_t *bytes = fake_disk_file(fake, "checkpoints", &size);
    uint32_t first;

    (void)state;
    memcpy(&first, bytes + 32, sizeof(first));
    memmove(bytes + 32, bytes + 32 + first, size - 32 - first); // one is dropped
    fake_disk_resize(fake, "checkpoints", size - first);
    assert_int_not_equal(read_all(&count, &torn), OYEZ_OK);
    assert_int_equal(count, 0);
}

int main(void)
{
#define IN_MEMORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_MEMORY(test_a_history_is_read_to_its_end),
        IN_MEMORY(test_each_flipped_bit_is_found),
        IN_MEMORY(test_each_cut_is_told_as_torn),
        IN_MEMORY(test_an_entry_in_another_place_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
