// SPDX-License-Identifier: MIT
// A walk over a journal that grows while it is read: a writer commits in the middle of each of its
// reads in turn. What the walk says it has looked at, it must have looked at.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/query/walk.h"
#include "journal_directory.h"

#define COMMITTED 5u // before the walk
#define READS_MAX 200u

// The disk of the reader: the same as the writer's, who acts at one of its reads.
struct busy_disk {
    struct oyez_disk table;
    struct fake_disk *fake;
    oyez_journal *writer;
    uint64_t written;
    unsigned reads_left; // before the writer acts
    bool acted;
};

static void let_writer_act(struct busy_disk *busy)
{
    if (busy->acted || busy->reads_left-- > 0)
        return;
    busy->acted = true;
    commit_events(busy->writer, busy->written + 1, busy->written + 3);
    busy->written += 3;
}

static ssize_t read_busily(void *context, int fd, void *data, size_t size, off_t offset)
{
    struct busy_disk *busy = context;
    const struct oyez_disk *disk = fake_disk_table(busy->fake);
    let_writer_act(busy);
    return disk->pread(disk->context, fd, data, size, offset);
}

static off_t size_busily(void *context, int fd)
{
    struct busy_disk *busy = context;
    const struct oyez_disk *disk = fake_disk_table(busy->fake);
    let_writer_act(busy);
    return disk->size(disk->context, fd);
}

static int open_through(void *context, const char *path, int flags, mode_t mode)
{
    const struct oyez_disk *disk = fake_disk_table(((struct busy_disk *)context)->fake);
    return disk->open(disk->context, path, flags, mode);
}

static int close_through(void *context, int fd)
{
    const struct oyez_disk *disk = fake_disk_table(((struct busy_disk *)context)->fake);
    return disk->close(disk->context, fd);
}

static int list_through(void *context, const char *path, oyez_disk_name *name, void *arg)
{
    const struct oyez_disk *disk = fake_disk_table(((struct busy_disk *)context)->fake);
    return disk->list(disk->context, path, name, arg);
}

static uint64_t names_through(void *context, const char *path)
{
    const struct oyez_disk *disk = fake_disk_table(((struct busy_disk *)context)->fake);
    return disk->names(disk->context, path);
}

// Walks on from behind `position`, and returns how far the walk says that it came.
static uint64_t walk_from(struct oyez_walk *walk, uint64_t position, uint64_t *last)
{
    const struct oyez_walk_start start = {.epoch = SAMPLE_EPOCH, .position = position + 1};
    struct oyez_journal_record record;
    uint64_t epoch, complete;
    oyez_err err = oyez_walk_begin(walk, &start);
    while (err == OYEZ_OK) {
        err = oyez_walk_next(walk, &record);
        if (err == OYEZ_OK) {
            assert_int_equal(record.position, *last + 1);
            *last = record.position;
        }
    }
    assert_int_equal(err, OYEZ_ERR_NOT_FOUND);
    oyez_walk_complete(walk, &epoch, &complete);
    assert_int_equal(epoch, SAMPLE_EPOCH);
    return complete;
}

// True while the writer still acted during the walk.
static bool try_once(unsigned reads_before)
{
    struct busy_disk busy = {.fake = fake_disk_new(), .written = COMMITTED, .acted = true};
    busy.table = *fake_disk_table(busy.fake);
    busy.table.context = &busy;
    busy.table.open = open_through;
    busy.table.close = close_through;
    busy.table.list = list_through;
    busy.table.names = names_through;
    busy.table.pread = read_busily;
    busy.table.size = size_busily;
    busy.writer = open_small(busy.fake, NULL);
    commit_events(busy.writer, 1, COMMITTED);

    oyez_journal_reader *reader;
    struct oyez_walk walk;
    uint64_t last = COMMITTED;
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", &busy.table), OYEZ_OK);
    oyez_walk_open(&walk, reader);
    busy.acted = false;
    busy.reads_left = reads_before;
    uint64_t complete = walk_from(&walk, COMMITTED, &last);
    bool acted = busy.acted;
    assert_int_equal(complete, last);
    walk_from(&walk, complete, &last);
    assert_int_equal(last, busy.written);
    oyez_journal_reader_close(&reader);
    (void)oyez_journal_close(&busy.writer);
    fake_disk_free(busy.fake);
    return acted;
}

static void test_what_is_committed_during_a_walk_is_not_jumped_over(void **state)
{
    (void)state;
    unsigned reads = 0;
    while (reads < READS_MAX && try_once(reads))
        reads++;
    // Otherwise this was no test of anything.
    assert_in_range(reads, 3, READS_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_committed_during_a_walk_is_not_jumped_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
