// SPDX-License-Identifier: MIT
// The index of a segment as table and as file, side by side, in a directory of its own.
#ifndef OYEZ_INDEX_FILES_H
#define OYEZ_INDEX_FILES_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/query/index_file.h"
#include "recorded_events.h"

#define INDEX_ROOM (256u * 1024u * 1024u)
#define WHOLE SIZE_MAX // of a filter
#define HOUR UINT64_C(3600000000000)
#define FIRST_INDEX 4711u
#define NAME "00000000000000004711"

static struct oyez_event_view view;
static char directory[64];
static char path[128];
static uint8_t bytes[64 * 1024];

static inline const struct oyez_disk *disk(void)
{
    return oyez_disk_system();
}

static inline void in_directory(char out[128], const char *suffix)
{
    snprintf(out, 128, "%s/" NAME "%s", directory, suffix);
}

static inline int make_directory(void **state)
{
    (void)state;
    char segment[128];
    strcpy(directory, "/tmp/oyez-index-XXXXXX");
    assert_non_null(mkdtemp(directory));
    in_directory(segment, ".seg");
    in_directory(path, ".idx");
    int fd = open(segment, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    close(fd);
    return 0;
}

static inline int remove_directory(void **state)
{
    (void)state;
    char file[128];
    in_directory(file, ".seg");
    unlink(file);
    unlink(path);
    assert_int_equal(rmdir(directory), 0); // so nothing else was left in it
    return 0;
}

static inline struct oyez_journal_segment segment_of(const oyez_index_table *table)
{
    return (struct oyez_journal_segment){.first_index = FIRST_INDEX,
                                         .records = oyez_index_table_records(table),
                                         .sealed = true,
                                         .header_sum = 0xAABBCCDD,
                                         .seal_chain = 0x11223344};
}

static inline oyez_index_table *open_table(void)
{
    oyez_index_table *table = NULL;
    assert_int_equal(oyez_index_table_open(&table, INDEX_ROOM), OYEZ_OK);
    return table;
}

static inline uint64_t key_of(enum oyez_index_field field, unsigned number)
{
    char text[16];
    return oyez_index_key(field, text, (size_t)snprintf(text, sizeof text, "%u", number));
}

static const enum oyez_index_field fields[] = {OYEZ_INDEX_EVENT_TYPE, OYEZ_INDEX_SESSION_ID,
                                               OYEZ_INDEX_PLAN_ID, OYEZ_INDEX_STEP_ID};
static const unsigned distinct[] = {7, 400, 30000, 1000000};

// Seeded: keys of all frequencies, and some records without any.
static inline oyez_index_table *fill(size_t events)
{
    const struct oyez_journal_record record = {.kind = OYEZ_RECORD_EVENT};
    const struct oyez_journal_record repeat = {.kind = OYEZ_RECORD_REPEAT};
    oyez_index_table *table = open_table();
    char text[4][16];
    unsigned seed = 5;
    view.event = (struct oyez_event){
        .event_type = text[0], .session_id = text[1], .plan_id = text[2], .step_id = text[3]};
    view.event.actor_id = text[1];
    for (size_t i = 0; i < events; i++) {
        for (size_t f = 0; f < 4; f++)
            snprintf(text[f], sizeof text[f], "%u", (unsigned)rand_r(&seed) % distinct[f]);
        view.event.stamp.broker_time = RECORDED_TIME + i * (HOUR / 1000);
        assert_int_equal(oyez_index_table_add(table, &record, &view), OYEZ_OK);
        if (i % 11 == 0)
            assert_int_equal(oyez_index_table_add(table, &repeat, NULL), OYEZ_OK);
    }
    return table;
}

static inline void write_file(const oyez_index_table *table)
{
    struct oyez_journal_segment segment = segment_of(table);
    assert_int_equal(oyez_index_file_write(disk(), directory, &segment, table, 0), OYEZ_OK);
}

static inline oyez_err open_file(oyez_index_file **file, const oyez_index_table *table,
                                 size_t filter_max)
{
    struct oyez_journal_segment segment = segment_of(table);
    return oyez_index_file_open(file, disk(), directory, &segment, filter_max);
}

static inline oyez_index_file *open_good(const oyez_index_table *table, size_t filter_max)
{
    oyez_index_file *file = NULL;
    assert_int_equal(open_file(&file, table, filter_max), OYEZ_OK);
    return file;
}

// Sums of what is told, in which any difference shows.
struct told {
    uint64_t groups;
    uint64_t events;
    uint64_t mixed;
};

static inline bool hear(void *arg, const char *name, size_t size, uint64_t count)
{
    struct told *told = arg;
    told->groups++;
    told->events += count;
    told->mixed += oyez_index_key(OYEZ_INDEX_TAG, name, size) * (count * 2 + 1);
    return true;
}

static inline oyez_err compare_counts(oyez_index_file *file, const oyez_index_table *table,
                                      enum oyez_index_count_by by)
{
    struct told expected = {0}, told = {0};
    assert_true(oyez_index_table_tell(table, by, hear, &expected));
    oyez_err err = oyez_index_file_tell(file, by, hear, &told);
    if (err)
        assert_int_equal(told.groups, 0);
    else
        assert_memory_equal(&expected, &told, sizeof told);
    return err;
}

// What the file says of a key is what the table does, or that it is damaged.
static inline oyez_err compare_key(oyez_index_file *file, const oyez_index_table *table,
                                   uint64_t key)
{
    struct oyez_record_list expected = {0}, found = {0};
    uint32_t count = 0;
    bool has = true;
    assert_int_equal(oyez_index_table_find(table, key, &expected), OYEZ_OK);
    oyez_err err = oyez_index_file_has(file, key, &has);
    if (err == OYEZ_OK)
        assert_true(has || expected.count == 0);
    if (err == OYEZ_OK)
        err = oyez_index_file_count(file, key, &count);
    if (err == OYEZ_OK)
        assert_int_equal(count, expected.count);
    if (err == OYEZ_OK)
        err = oyez_index_file_find(file, key, &found);
    if (err) {
        assert_int_equal(found.count, 0);
    } else {
        assert_int_equal(found.count, expected.count);
        if (found.count > 0)
            assert_memory_equal(found.items, expected.items, found.count * sizeof(uint32_t));
    }
    free(expected.items);
    free(found.items);
    return err;
}

static inline size_t read_bytes(void)
{
    int fd = open(path, O_RDONLY);
    ssize_t size = read(fd, bytes, sizeof bytes);
    assert_true(size > 0 && size < (ssize_t)sizeof bytes);
    close(fd);
    return (size_t)size;
}

static inline void write_bytes(size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, bytes, size), size);
    close(fd);
}

static inline void compare_all(const oyez_index_table *table, size_t filter_max, unsigned rounds)
{
    oyez_index_file *file = open_good(table, filter_max);
    unsigned seed = 9, wrong = 0;
    bool has;
    for (unsigned round = 0; round < rounds; round++) {
        unsigned f = round % 4;
        uint64_t key = key_of(fields[f], (unsigned)rand_r(&seed) % (2 * distinct[f]));
        assert_int_equal(compare_key(file, table, key), OYEZ_OK);
        assert_int_equal(oyez_index_file_has(file, key, &has), OYEZ_OK);
        wrong += has && oyez_index_table_count(table, key) == 0;
    }
    assert_true(wrong < rounds / 20);
    assert_int_equal(compare_key(file, table, 0), OYEZ_OK);
    assert_int_equal(compare_key(file, table, UINT64_MAX), OYEZ_OK);
    for (unsigned by = 0; by < OYEZ_INDEX_COUNTS; by++)
        assert_int_equal(compare_counts(file, table, by), OYEZ_OK);
    assert_int_equal(oyez_index_file_check(file), OYEZ_OK);
    oyez_index_file_close(&file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

#endif
