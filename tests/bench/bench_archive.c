// SPDX-License-Identifier: MIT
// What archiving saves and what it costs: the ratio, making it, reading in order and at random, and
// opening, of a journal before and after. The journal is changed: give it a copy.
// cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release && ninja -C build/bench bench_archive
// build/bench/bin/bench_archive DIRECTORY [POINT READS]    (and the key, DIRECTORY.key)
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "oyez/archive.h"

#define READS 2000u

static const char *directory;
static char key[4096];
static const struct oyez_journal_options options = {.key = key};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void demand(oyez_err err, const char *what)
{
    if (err == OYEZ_OK)
        return;
    fprintf(stderr, "bench_archive: %s: %s\n", what, oyez_error_detail());
    exit(1);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static oyez_journal_reader *open_reader(void)
{
    oyez_journal_reader *reader = NULL;
    demand(oyez_journal_reader_open(&reader, directory, NULL), "open");
    return reader;
}

static uint64_t read_in_order(double *seconds)
{
    oyez_journal_reader *reader = open_reader();
    struct oyez_journal_record record;
    uint64_t count = 0;
    double began = now();
    while (oyez_journal_reader_next(reader, &record) == OYEZ_OK)
        count++;
    *seconds = now() - began;
    oyez_journal_reader_close(&reader);
    return count;
}

// The median and the slowest hundredth of so many reads, each somewhere among `records`.
static void read_at_random(uint64_t records, unsigned reads)
{
    oyez_journal_reader *reader = open_reader();
    struct oyez_journal_record record;
    double *times = calloc(reads, sizeof *times);
    uint64_t seed = 1;
    if (times == NULL || records == 0)
        exit(1);
    for (unsigned i = 0; i < reads; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        double began = now();
        demand(oyez_journal_reader_read(reader, (seed >> 33) % records, &record), "read");
        times[i] = now() - began;
    }
    qsort(times, reads, sizeof *times, compare);
    printf("  point read: median %.1f us, 99 %% below %.1f us\n", times[reads / 2] * 1e6,
           times[reads - reads / 100 - 1] * 1e6);
    free(times);
    oyez_journal_reader_close(&reader);
}

static void measure(const char *what, uint64_t bytes, unsigned reads)
{
    double seconds = 0, began = now();
    oyez_journal *journal = NULL;
    printf("%s\n", what);
    demand(oyez_journal_open(&journal, directory, &options, NULL), "open");
    printf("  opening for writing: %.1f ms\n", (now() - began) * 1e3);
    demand(oyez_journal_close(&journal), "close");
    uint64_t records = read_in_order(&seconds);
    printf("  in order: %" PRIu64 " records, %.2f million/s, %.0f MB/s\n", records,
           (double)records / seconds * 1e-6, (double)bytes / seconds * 1e-6);
    read_at_random(records, reads);
}

static uint64_t measure_size(void)
{
    oyez_journal_reader *reader = open_reader();
    struct oyez_journal_storage storage;
    size_t segments;
    uint64_t all = 0;
    demand(oyez_journal_reader_refresh(reader, &segments), "list");
    for (size_t i = 0; i < segments; i++) {
        demand(oyez_journal_reader_storage(reader, i, &storage), "size");
        all += storage.size;
    }
    oyez_journal_reader_close(&reader);
    return all;
}

static void archive_all(void)
{
    oyez_journal_reader *reader = open_reader();
    struct oyez_journal_segment segment;
    struct oyez_archive_report report;
    oyez_journal *journal = NULL;
    size_t segments, done = 0;
    uint64_t size = 0, packed = 0;
    double preparing = 0, placing = 0;
    demand(oyez_journal_reader_refresh(reader, &segments), "list");
    demand(oyez_journal_open(&journal, directory, &options, NULL), "open");
    for (size_t i = 0; i + 1 < segments; i++) {
        demand(oyez_journal_reader_segment(reader, i, &segment), "look");
        double began = now();
        oyez_err err = oyez_journal_archive_prepare(journal, segment.first_index, &report);
        if (err == OYEZ_ERR_NOT_FOUND)
            continue;
        demand(err, "prepare");
        double prepared = now();
        demand(oyez_journal_archive(journal, &report, "bench_archive"), "archive");
        placing += now() - prepared;
        preparing += prepared - began;
        size += report.size;
        packed += report.packed;
        done++;
    }
    demand(oyez_journal_close(&journal), "close");
    oyez_journal_reader_close(&reader);
    if (done == 0) {
        fprintf(stderr, "bench_archive: no sealed segment that is not archived\n");
        exit(1);
    }
    printf("archiving %zu segments: %" PRIu64 " bytes are %" PRIu64 ": %.3f\n", done, size, packed,
           (double)packed / (double)size);
    printf("  beside the writer: %.0f MB/s, read back and compared; by the writer: %.1f ms each\n",
           (double)size / preparing * 1e-6, placing / (double)done * 1e3);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench_archive DIRECTORY [POINT READS]\n");
        return 2;
    }
    directory = argv[1];
    snprintf(key, sizeof key, "%s.key", directory);
    unsigned reads = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : READS;
    uint64_t bytes = measure_size();
    measure("before", bytes, reads < 100 ? 100 : reads);
    archive_all();
    measure("after", bytes, reads < 100 ? 100 : reads);
    return 0;
}
