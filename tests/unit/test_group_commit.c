// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "client/recorder/catalogs.h"
#include "client/recorder/writer.h"
#include "recorder_fixture.h"
#include "tests/fault/fake_disk.h"

#define BATCH 5u

// A writer without its thread, and without anybody who syncs.
struct fixture {
    struct fake_disk *disk;
    struct oyez_recorder recorder;
    struct recorder_writer writer;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->disk = fake_disk_new();
    const struct oyez_journal_options options = {.group_size = 1, // the least there is
                                                 .disk = fake_disk_table(f->disk)};
    assert_int_equal(oyez_journal_open(&f->recorder.journal, "journal", &options, NULL), OYEZ_OK);
    pthread_mutex_init(&f->recorder.lock, NULL);
    pthread_cond_init(&f->recorder.for_sync, NULL);
    f->recorder.disk = options.disk;
    memcpy(f->recorder.directory, "journal", sizeof "journal");
    assert_int_equal(recorder_catalogs_open(&f->recorder.catalogs, &f->recorder), OYEZ_OK);
    f->writer.recorder = &f->recorder;
    f->writer.journal = f->recorder.journal;
    assert_int_equal(recorder_emitters_open(&f->writer.emitters, RECORDER_EMITTERS_MAX), OYEZ_OK);
    assert_int_equal(oyez_leaf_hasher_open(&f->writer.hasher), OYEZ_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    recorder_commit_free(&f->writer.group);
    recorder_commit_free(&f->recorder.written);
    recorder_arrivals_free(&f->writer.arrivals);
    oyez_leaf_hasher_close(&f->writer.hasher);
    recorder_emitters_close(&f->writer.emitters);
    recorder_catalogs_close(&f->recorder.catalogs);
    oyez_journal_close(&f->recorder.journal);
    pthread_cond_destroy(&f->recorder.for_sync);
    pthread_mutex_destroy(&f->recorder.lock);
    fake_disk_free(f->disk);
    free(f);
    return 0;
}

static void write_batch(struct fixture *f, uint64_t first)
{
    static char details[601];
    static struct recorder_fixture bus = {.broker.epoch = 1000};
    uint8_t frame[4096];
    memset(details, ' ', sizeof details - 1);
    details[0] = '{';
    details[sizeof details - 2] = '}';
    const struct recorder_batch batch = {.position = first,
                                         .emitter = 1,
                                         .seq = first,
                                         .count = BATCH,
                                         .flags = OYEZ_FLAG_TELL,
                                         .details = details};
    const struct recorder_item item = {.kind = RECORDER_ITEM_FRAME,
                                       .epoch = bus.broker.epoch,
                                       .frame = frame,
                                       .frame_size = recorder_frame(&bus, &batch, frame)};
    assert_int_equal(recorder_write_item(&f->writer, &item), OYEZ_OK);
}

static void test_a_group_that_fills_within_a_batch_tells_the_places_of_what_it_decides(void **state)
{
    struct fixture *f = *state;
    const struct recorder_commit *written = &f->recorder.written;
    for (uint64_t first = 1; !written->any; first += BATCH)
        write_batch(f, first);
    assert_int_equal(written->decided_count, 1);
    uint64_t decided = written->decided[0].through;
    assert_int_not_equal(decided % BATCH, 0);
    uint64_t told = 0;
    uint64_t acts = written->told[0].index;
    for (size_t i = 0; i < written->told_count; i++) {
        const oyez_v1_Told *run = &written->told[i];
        assert_int_equal(run->emitter_seq, told + 1);
        assert_int_equal(run->position, told + 1);
        assert_int_equal(run->index, told + acts);
        told += run->count;
    }
    assert_int_equal(told, decided);
    // The rest of the batch is told with the group that decides it.
    assert_int_equal(f->writer.group.told[0].emitter_seq, decided + 1);
    assert_int_equal(f->writer.group.told[0].count, BATCH - decided % BATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_a_group_that_fills_within_a_batch_tells_the_places_of_what_it_decides, set_up,
            tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
