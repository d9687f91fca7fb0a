// SPDX-License-Identifier: MIT
// How long it takes to find an event by its id, to say that an id is not there, and to read a record
// by its index, in a journal of many segments.
// cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release && ninja -C build/bench bench_event_ids
// build/bench/bin/bench_event_ids [EVENTS] [DIRECTORY]: a journal in DIRECTORY is used, or made there
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "oyez/journal.h"

#define HEADER_SIZE 120u
#define DETAILS_SIZE 200u
#define GROUP 1000u
#define EPOCH UINT64_C(1763629200000000)
#define QUESTIONS 20000u
#ifdef __OPTIMIZE__
#define OPTIMISED ""
#else
#define OPTIMISED ", NOT OPTIMISED"
#endif

static double took[QUESTIONS]; // us

static double microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

static void demand(oyez_err err, oyez_err wanted, const char *what)
{
    if (err == wanted)
        return;
    fprintf(stderr, "bench_event_ids: %s: %s\n", what, oyez_error_detail());
    exit(1);
}

static struct oyez_uuid id_of(uint64_t number)
{
    struct oyez_uuid id = {{0}};
    memcpy(id.bytes, &number, sizeof number);
    return id;
}

static void append(oyez_journal *journal, uint64_t number)
{
    static uint8_t header[HEADER_SIZE], details[DETAILS_SIZE];
    struct oyez_journal_record record = {.kind = OYEZ_RECORD_EVENT,
                                         .epoch = EPOCH,
                                         .position = number,
                                         .broker_time = number * 1000,
                                         .emitter_id = {{1}},
                                         .emitter_seq = number,
                                         .type_seq = number,
                                         .event_id = id_of(number),
                                         .header = header,
                                         .header_size = sizeof header,
                                         .details = details,
                                         .details_size = sizeof details,
                                         .details_format = 1};
    memcpy(header + 2, record.event_id.bytes, OYEZ_UUID_SIZE);
    memcpy(details, &number, sizeof number);
    demand(oyez_journal_append(journal, &record, NULL), OYEZ_OK, "append");
}

static void make(const char *directory, uint64_t events)
{
    oyez_journal *journal = NULL;
    demand(oyez_journal_open(&journal, directory, NULL, NULL), OYEZ_OK, "open");
    for (uint64_t n = oyez_journal_next_index(journal) + 1; n <= events; n++) {
        append(journal, n);
        if (n % GROUP == 0)
            demand(oyez_journal_write(journal), OYEZ_OK, "write");
    }
    demand(oyez_journal_close(&journal), OYEZ_OK, "close");
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void tell(const char *what)
{
    double sum = 0;
    for (unsigned i = 0; i < QUESTIONS; i++)
        sum += took[i];
    qsort(took, QUESTIONS, sizeof *took, compare);
    printf("%-26s mean %7.2f us, half below %7.2f us, 99 %% below %7.2f us\n", what,
           sum / QUESTIONS, took[QUESTIONS / 2], took[QUESTIONS * 99 / 100]);
}

static uint64_t any(uint64_t i, uint64_t events)
{
    return i * UINT64_C(0x9E3779B97F4A7C15) % events;
}

static void find(oyez_journal_reader *reader, uint64_t events, bool present)
{
    for (unsigned i = 0; i < QUESTIONS; i++) {
        struct oyez_uuid id = id_of(1 + any(i, events) + (present ? 0 : events));
        uint64_t index;
        double begun = microseconds();
        oyez_err err = oyez_journal_reader_find_event_id(reader, id, &index);
        took[i] = microseconds() - begun;
        demand(err, present ? OYEZ_OK : OYEZ_ERR_NOT_FOUND, "find");
    }
    tell(present ? "an id that is there" : "an id that is not there");
}

static void find_as_writer(const char *directory, uint64_t events)
{
    oyez_journal *journal = NULL;
    demand(oyez_journal_open(&journal, directory, NULL, NULL), OYEZ_OK, "open");
    for (unsigned i = 0; i < QUESTIONS; i++) {
        uint64_t index;
        double begun = microseconds();
        oyez_err err =
            oyez_journal_find_event_id(journal, id_of(1 + any(i, events) + events), &index);
        took[i] = microseconds() - begun;
        demand(err, OYEZ_ERR_NOT_FOUND, "find");
    }
    demand(oyez_journal_close(&journal), OYEZ_OK, "close");
    tell("the same for the writer");
}

static void read_each(oyez_journal_reader *reader, uint64_t events, uint64_t step)
{
    for (unsigned i = 0; i < QUESTIONS; i++) {
        struct oyez_journal_record record;
        uint64_t index = step > 0 ? i * step % events : any(i, events);
        double begun = microseconds();
        oyez_err err = oyez_journal_reader_read(reader, index, &record);
        took[i] = microseconds() - begun;
        demand(err, OYEZ_OK, "read");
    }
    tell(step > 0 ? "each 20th record by index" : "any record by its index");
}

int main(int argc, char **argv)
{
    uint64_t events = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000, index;
    char base[256] = "/tmp/oyez-bench-XXXXXX", directory[300], command[400];
    bool kept = argc > 2;
    oyez_journal_reader *reader = NULL;
    if (kept)
        snprintf(base, sizeof base, "%s", argv[2]);
    else if (mkdtemp(base) == NULL)
        return perror("bench_event_ids: no directory"), 1;
    snprintf(directory, sizeof directory, "%s/journal", base);
    make(directory, events);
    printf("%" PRIu64 " events of %u + %u bytes%s\n", events, HEADER_SIZE, DETAILS_SIZE, OPTIMISED);
    demand(oyez_journal_reader_open(&reader, directory, NULL), OYEZ_OK, "reader");
    double begun = microseconds();
    demand(oyez_journal_reader_find_event_id(reader, id_of(2 * events + 1), &index),
           OYEZ_ERR_NOT_FOUND, "find");
    printf("the first question: %.2f ms\n", (microseconds() - begun) * 1e-3);
    find(reader, events, false);
    find(reader, events, true);
    read_each(reader, events, 0);
    read_each(reader, events, 20);
    oyez_journal_reader_close(&reader);
    find_as_writer(directory, events);
    snprintf(command, sizeof command, "rm -rf %s", base);
    return kept ? 0 : system(command) != 0;
}
