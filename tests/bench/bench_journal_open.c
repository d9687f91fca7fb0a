// SPDX-License-Identifier: MIT
// How long a journal takes to open for writing: after a clean end and after a crash, its files in the
// page cache and not, for more and more events.
// cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release && ninja -C build/bench bench_journal_open
// build/bench/bin/bench_journal_open DIRECTORY [EVENTS]...
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "oyez/journal.h"

#define ROUNDS 5
#define GROUP 1000u
#define CHECKPOINT_EVENTS 500000u // about as many as come in a second
#define EPOCH UINT64_C(1763629200000000)

static char directory[3000], key[3100];

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
    fprintf(stderr, "bench_journal_open: %s: %s\n", what, oyez_error_detail());
    exit(1);
}

static void append(oyez_journal *journal, uint64_t number)
{
    static uint8_t header[120], details[200];
    struct oyez_journal_record record = {.kind = OYEZ_RECORD_EVENT,
                                         .epoch = EPOCH,
                                         .position = number,
                                         .broker_time = number * 1000,
                                         .emitter_id = {{1}},
                                         .emitter_seq = number,
                                         .type_seq = number,
                                         .header = header,
                                         .header_size = sizeof header,
                                         .details = details,
                                         .details_size = sizeof details,
                                         .details_format = 1};
    memcpy(header + 2, &number, sizeof number);
    memcpy(record.event_id.bytes, header + 2, OYEZ_UUID_SIZE);
    demand(oyez_journal_append(journal, &record, NULL), "append");
}

static oyez_journal *open_journal(struct oyez_journal_report *report)
{
    const struct oyez_journal_options options = {.key = key};
    oyez_journal *journal = NULL;
    demand(oyez_journal_open(&journal, directory, &options, report), "open");
    return journal;
}

static void add(oyez_journal *journal, uint64_t from, uint64_t to)
{
    for (uint64_t n = from; n <= to; n++) {
        append(journal, n);
        if (n % GROUP == 0)
            demand(oyez_journal_commit(journal, NULL), "commit");
        if (n % CHECKPOINT_EVENTS == 0)
            demand(oyez_journal_checkpoint(journal), "checkpoint");
    }
    demand(oyez_journal_commit(journal, NULL), "commit");
}

// All files of the directory leave the page cache.
static void cool(void)
{
    DIR *files = opendir(directory);
    struct dirent *entry;
    if (files == NULL)
        exit(1);
    while ((entry = readdir(files)) != NULL) {
        int fd = openat(dirfd(files), entry->d_name, O_RDONLY);
        if (fd < 0)
            continue;
        (void)fdatasync(fd);
        (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        close(fd);
    }
    closedir(files);
}

// A process that has recorded for a moment since the last checkpoint ends without closing.
static void crash(void)
{
    pid_t pid = fork();
    int status = 1;
    if (pid == 0) {
        struct oyez_journal_report report;
        oyez_journal *journal = open_journal(&report);
        add(journal, report.records + 1, report.records + CHECKPOINT_EVENTS / 5);
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        exit(1);
}

static void measure(bool crashed, bool cold)
{
    double least = 1e9, most = 0, sum = 0;
    struct oyez_journal_report report = {0};
    for (int i = 0; i < ROUNDS; i++) {
        if (crashed)
            crash();
        if (cold)
            cool();
        double begun = now();
        oyez_journal *journal = open_journal(&report);
        double took = (now() - begun) * 1000;
        demand(oyez_journal_close(&journal), "close");
        least = took < least ? took : least;
        most = took > most ? took : most;
        sum += took;
        if (report.clean == crashed) {
            fprintf(stderr, "bench_journal_open: found %s\n", report.clean ? "clean" : "not clean");
            exit(1);
        }
    }
    printf("  %-14s %-5s %8.1f ms (%.1f to %.1f)\n", crashed ? "after a crash" : "closed",
           cold ? "cold" : "warm", sum / ROUNDS, least, most);
}

int main(int argc, char **argv)
{
    static char *usual[] = {"100000", "1000000", "10000000"};
    if (argc < 2 || strlen(argv[1]) > sizeof directory - 16)
        return 2;
    snprintf(directory, sizeof directory, "%s/journal", argv[1]);
    snprintf(key, sizeof key, "%s/journal.key", argv[1]);
    char **counts = argc > 2 ? argv + 2 : usual;
    size_t count = argc > 2 ? (size_t)argc - 2 : sizeof usual / sizeof usual[0];
    uint64_t records = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t wanted = strtoull(counts[i], NULL, 10);
        struct oyez_journal_report report;
        oyez_journal *journal = open_journal(&report);
        add(journal, report.records + 1, wanted);
        demand(oyez_journal_close(&journal), "close");
        records = wanted > report.records ? wanted : report.records;
        printf("%" PRIu64 " events of 120 + 200 bytes\n", records);
        for (int way = 0; way < 4; way++)
            measure(way / 2 != 0, way % 2 != 0);
        fflush(stdout);
    }
    return 0;
}
