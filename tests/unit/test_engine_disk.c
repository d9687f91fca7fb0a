// SPDX-License-Identifier: MIT
// Questions to a journal of which the disk does not give a part.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "indexed_journal.h"
#include "oyez/reindex.h"

#define SEGMENT_SIZE 40000u
#define BROKEN_AT 20000 // offset within the segment
#define PAGES_MAX 200u

static char broken[64]; // name of the file

static bool is_broken(int fd, size_t size, off_t offset)
{
    char entry[64], target[256] = "";
    if (broken[0] == '\0' || offset > BROKEN_AT || offset + (off_t)size <= BROKEN_AT)
        return false;
    snprintf(entry, sizeof entry, "/proc/self/fd/%d", fd);
    return readlink(entry, target, sizeof target - 1) > 0 && strstr(target, broken) != NULL;
}

// Stands before that of libc.
ssize_t pread(int fd, void *buf, size_t nbytes, off_t offset)
{
    if (is_broken(fd, nbytes, offset)) {
        errno = EIO;
        return -1;
    }
    return syscall(SYS_pread64, fd, buf, nbytes, offset);
}

// Its index has to be made again, by an engine that was opened before.
static void break_segment(struct indexed *indexed, unsigned n)
{
    char path[256];
    indexed_path(indexed, ".idx", n, path);
    assert_int_equal(unlink(path), 0);
    indexed_reopen(indexed);
    memcpy(strrchr(path, '.'), ".seg", 5);
    snprintf(broken, sizeof broken, "%.63s", strrchr(path, '/') + 1);
}

static void assert_ends_with_the_error(struct indexed *indexed, oyez_v1_QueryRequest *request)
{
    uint64_t *next = request->which_body == oyez_v1_QueryRequest_query_tag
                         ? &request->body.query.next_index
                         : &request->body.stats.next_index;
    for (unsigned pages = 0; pages < PAGES_MAX; pages++) {
        const struct answer *answer = recorded_ask(&indexed->recorded, request);
        if (answer->head.fault != 0) {
            assert_int_equal(answer->head.fault, oyez_v1_QueryFault_QUERY_FAULT_IO);
            return;
        }
        assert_true(answer->head.next_index != 0);
        *next = answer->head.next_index;
    }
    fail_msg("no end after %u pages", PAGES_MAX);
}

static void test_what_cannot_be_read_is_said_once_it_is_met(void **state)
{
    (void)state;
    static struct found found;
    for (unsigned kind = 0; kind < 3; kind++) {
        struct indexed indexed;
        indexed_open(&indexed, SEGMENT_SIZE);
        indexed_add(&indexed, 1500);
        oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_query_tag);
        strcpy(request->body.query.conditions[request->body.query.conditions_count++],
               "actor_id=actor-3");
        indexed_find(&indexed, request, &found); // makes the indexes
        break_segment(&indexed, 3);
        if (kind == 2) {
            request = recorded_request(oyez_v1_QueryRequest_stats_tag);
        } else {
            request->body.query.next_index = 0;
            request->body.query.reverse = kind == 1;
        }
        assert_ends_with_the_error(&indexed, request);
        broken[0] = '\0';
        indexed_close(&indexed);
    }
}

static void test_the_segments_behind_one_that_cannot_be_read_get_their_indexes(void **state)
{
    (void)state;
    struct indexed indexed;
    struct oyez_reindex_report report;
    const struct oyez_reindex_options options = {.all = true};
    indexed_open(&indexed, SEGMENT_SIZE);
    indexed_add(&indexed, 1500);
    assert_int_equal(oyez_reindex(indexed.recorded.directory, &options, &report), 0);
    break_segment(&indexed, 3);
    assert_int_equal(oyez_reindex(indexed.recorded.directory, &options, &report), 0);
    assert_int_equal(report.unwritten, 1);
    assert_int_equal(report.written, report.segments - 1);
    broken[0] = '\0';
    indexed_close(&indexed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_cannot_be_read_is_said_once_it_is_met),
        cmocka_unit_test(test_the_segments_behind_one_that_cannot_be_read_get_their_indexes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
