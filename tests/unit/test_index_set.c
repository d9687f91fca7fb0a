// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/query/index_set.h"
#include "indexed_journal.h"
#include "oyez/erase.h"

#define SEGMENT_SIZE 40000u

struct fixture {
    struct indexed indexed;
    oyez_journal_reader *reader;
    oyez_index_set *set;
    size_t segments;
    unsigned notices;
    char notice[512];
};

static void take_notice(void *arg, const char *text)
{
    struct fixture *fixture = arg;
    fixture->notices++;
    strncpy(fixture->notice, text, sizeof fixture->notice - 1);
}

static void open_set(struct fixture *fixture)
{
    const char *directory = fixture->indexed.recorded.directory;
    fixture->notices = 0;
    assert_int_equal(oyez_journal_reader_open(&fixture->reader, directory, NULL), 0);
    assert_int_equal(
        oyez_index_set_open(&fixture->set, fixture->reader, directory, take_notice, fixture), 0);
    assert_int_equal(oyez_index_set_refresh(fixture->set, &fixture->segments), 0);
}

static void close_set(struct fixture *fixture)
{
    oyez_index_set_close(&fixture->set);
    oyez_journal_reader_close(&fixture->reader);
}

static void set_up(struct fixture *fixture, unsigned records)
{
    memset(fixture, 0, sizeof *fixture);
    indexed_open(&fixture->indexed, SEGMENT_SIZE);
    indexed_add(&fixture->indexed, records);
    open_set(fixture);
}

static void tear_down(struct fixture *fixture)
{
    close_set(fixture);
    indexed_close(&fixture->indexed);
}

// Each in a question of its own.
static void use(struct fixture *fixture, size_t i, struct oyez_index_source *source)
{
    assert_int_equal(oyez_index_set_refresh(fixture->set, &fixture->segments), 0);
    assert_int_equal(oyez_index_set_use(fixture->set, i, source), 0);
}

static void test_a_missing_file_is_made_without_a_word_and_found_the_next_time(void **state)
{
    (void)state;
    struct fixture fixture;
    struct oyez_index_source source;
    set_up(&fixture, 600);
    use(&fixture, 0, &source);
    assert_non_null(source.file);
    assert_true(source.made);
    assert_int_equal(source.known, source.segment.records);
    use(&fixture, 0, &source);
    assert_false(source.made);
    assert_false(source.moved);
    close_set(&fixture);
    open_set(&fixture);
    use(&fixture, 0, &source);
    assert_false(source.made);
    assert_int_equal(fixture.notices, 0);
    tear_down(&fixture);
}

static void test_one_question_makes_one_index(void **state)
{
    (void)state;
    struct fixture fixture;
    struct oyez_index_source source;
    set_up(&fixture, 800);
    assert_true(fixture.segments > 3);
    assert_int_equal(oyez_index_set_use(fixture.set, 0, &source), 0);
    assert_int_equal(oyez_index_set_use(fixture.set, 1, &source), OYEZ_ERR_FULL);
    assert_int_equal(oyez_index_set_use(fixture.set, 0, &source), 0);
    use(&fixture, 1, &source);
    assert_true(source.made);
    tear_down(&fixture);
}

static void test_the_open_segment_grows_and_becomes_a_file_when_it_is_sealed(void **state)
{
    (void)state;
    struct fixture fixture;
    struct oyez_index_source source;
    set_up(&fixture, 20);
    assert_int_equal(fixture.segments, 1);
    use(&fixture, 0, &source);
    assert_non_null(source.table);
    assert_int_equal(source.known, 20);
    indexed_add(&fixture.indexed, 10);
    use(&fixture, 0, &source);
    assert_int_equal(source.known, 30);
    assert_false(source.moved);
    indexed_add(&fixture.indexed, 90);
    use(&fixture, 0, &source);
    assert_int_equal(source.known, 120);
    assert_true(source.moved);
    indexed_add(&fixture.indexed, 300);
    use(&fixture, 0, &source);
    assert_true(fixture.segments > 1);
    assert_non_null(source.file);
    assert_null(source.table);
    assert_true(source.made);
    tear_down(&fixture);
}

static void test_a_bad_file_is_told_once_and_made_anew(void **state)
{
    (void)state;
    struct fixture fixture;
    struct oyez_index_source source;
    char path[256];
    set_up(&fixture, 600);
    use(&fixture, 0, &source);
    close_set(&fixture);
    indexed_path(&fixture.indexed, ".idx", 0, path);
    assert_int_equal(truncate(path, 100), 0);
    open_set(&fixture);
    use(&fixture, 0, &source);
    assert_true(source.made);
    assert_non_null(source.file);
    assert_int_equal(fixture.notices, 1);
    assert_non_null(strstr(fixture.notice, ".idx"));
    assert_non_null(strstr(fixture.notice, "made anew"));
    // And one that is found bad while it is used.
    oyez_index_set_drop(fixture.set, 0, "something");
    assert_int_equal(fixture.notices, 2);
    use(&fixture, 0, &source);
    assert_true(source.made);
    use(&fixture, 0, &source);
    assert_false(source.made);
    assert_int_equal(fixture.notices, 2);
    tear_down(&fixture);
}

// A directory stands where the file of a segment is to be written.
static void name_obstacle(const struct fixture *fixture, unsigned n, char path[256])
{
    indexed_path(&fixture->indexed, ".seg", n, path);
    strcpy(strrchr(path, '.'), ".idx.new");
}

static void test_what_cannot_be_written_is_kept_in_memory(void **state)
{
    (void)state;
    struct fixture fixture;
    struct oyez_index_source source;
    char path[256];
    set_up(&fixture, 600);
    for (unsigned i = 0; i < 2; i++) {
        name_obstacle(&fixture, i, path);
        assert_int_equal(mkdir(path, 0700), 0);
        use(&fixture, i, &source);
        assert_null(source.file);
        assert_non_null(source.table);
        assert_int_equal(source.known, source.segment.records);
    }
    assert_int_equal(fixture.notices, 1);
    assert_non_null(strstr(fixture.notice, "memory"));
    use(&fixture, 0, &source);
    assert_false(source.made);
    for (unsigned i = 0; i < 2; i++) {
        name_obstacle(&fixture, i, path);
        assert_int_equal(rmdir(path), 0);
    }
    tear_down(&fixture);
}

static void
test_what_another_makes_now_is_served_from_memory_and_taken_when_it_is_there(void **state)
{
    (void)state;
    struct fixture fixture;
    struct oyez_index_source source;
    char path[256];
    set_up(&fixture, 600);
    indexed_path(&fixture.indexed, ".seg", 0, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    for (unsigned i = 0; i < 2; i++) {
        use(&fixture, 0, &source);
        assert_null(source.file);
        assert_int_equal(source.known, source.segment.records);
        assert_int_equal(source.made, i == 0);
    }
    close(fd);
    use(&fixture, 0, &source);
    assert_non_null(source.file);
    assert_null(source.table);
    assert_int_equal(fixture.notices, 0);
    tear_down(&fixture);
}

static void test_of_a_damaged_segment_what_lies_before_the_damage_is_known(void **state)
{
    (void)state;
    struct fixture fixture;
    struct oyez_index_source source;
    char path[256];
    set_up(&fixture, 600);
    indexed_path(&fixture.indexed, ".seg", 0, path);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "damage", 6, SEGMENT_SIZE / 2), 6);
    close(fd);
    use(&fixture, 0, &source);
    assert_null(source.file);
    assert_true(source.known > 0 && source.known < source.segment.records);
    assert_int_equal(fixture.notices, 1);
    assert_non_null(strstr(fixture.notice, "not made"));
    use(&fixture, 0, &source);
    assert_false(source.made);
    assert_int_equal(fixture.notices, 1);
    assert_int_equal(indexed_files(&fixture.indexed, ".idx"), 0);
    tear_down(&fixture);
}

static bool add_count(void *arg, const char *name, size_t size, uint64_t count)
{
    (void)name;
    (void)size;
    *(uint64_t *)arg += count;
    return true;
}

static uint64_t count_events(struct fixture *fixture, size_t i)
{
    struct oyez_index_source source;
    uint64_t count = 0;
    use(fixture, i, &source);
    assert_int_equal(source.known, source.segment.records);
    assert_int_equal(oyez_index_source_tell(&source, OYEZ_INDEX_COUNT_TYPES, add_count, &count), 0);
    return count;
}

static void erase_first_event(struct fixture *fixture, size_t i)
{
    const struct oyez_erasure erasure = {.kind = OYEZ_RECORD_EXPIRED, .by = "me", .why = "a test"};
    struct oyez_index_source source;
    struct oyez_journal_record record;
    oyez_journal *journal = fixture->indexed.recorded.journal;
    use(fixture, i, &source);
    uint64_t index = source.segment.first_index;
    while (oyez_journal_read(journal, index, &record) == OYEZ_OK &&
           record.kind != OYEZ_RECORD_EVENT)
        index++;
    assert_int_equal(oyez_journal_erase(journal, &erasure, &index, 1, NULL), OYEZ_OK);
}

static void test_what_was_erased_is_known_no_longer(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture, 600);
    while (count_events(&fixture, fixture.segments - 1) < 3)
        indexed_add(&fixture.indexed, 4);
    const size_t places[] = {0, fixture.segments - 1}; // a file, and the table of the open one
    for (size_t i = 0; i < 2; i++) {
        uint64_t before = count_events(&fixture, places[i]);
        uint64_t other = count_events(&fixture, 1);
        erase_first_event(&fixture, places[i]);
        assert_int_equal(count_events(&fixture, places[i]), before - 1);
        assert_int_equal(count_events(&fixture, 1), other);
    }
    tear_down(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_missing_file_is_made_without_a_word_and_found_the_next_time),
        cmocka_unit_test(test_one_question_makes_one_index),
        cmocka_unit_test(test_the_open_segment_grows_and_becomes_a_file_when_it_is_sealed),
        cmocka_unit_test(test_a_bad_file_is_told_once_and_made_anew),
        cmocka_unit_test(test_what_cannot_be_written_is_kept_in_memory),
        cmocka_unit_test(
            test_what_another_makes_now_is_served_from_memory_and_taken_when_it_is_there),
        cmocka_unit_test(test_of_a_damaged_segment_what_lies_before_the_damage_is_known),
        cmocka_unit_test(test_what_was_erased_is_known_no_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
