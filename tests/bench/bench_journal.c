// SPDX-License-Identifier: MIT
// What it costs to keep a journal that proves itself, and how fast it is verified: beside
// `openssl dgst -sha256` over the same bytes, in one run, turn by turn.
// cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release && ninja -C build/bench bench_journal
// build/bench/bin/bench_journal [EVENTS] [DIRECTORY]
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "oyez/journal.h"

#define ROUNDS 5
#define HEADER_SIZE 120u
#define DETAILS_SIZE 200u
#define GROUP 1000u
#define EPOCH UINT64_C(1763629200000000)
#ifdef __OPTIMIZE__
#define OPTIMISED ""
#else
#define OPTIMISED ", NOT OPTIMISED"
#endif

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void demand(oyez_err err, const char *what)
{
    if (err == OYEZ_OK)
        return;
    fprintf(stderr, "bench_journal: %s: %s\n", what, oyez_error_detail());
    exit(1);
}

static void run(const char *command)
{
    char *argv[] = {"sh", "-c", (char *)(uintptr_t)command, NULL};
    pid_t pid;
    int status = 1;
    if (posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ) == 0)
        waitpid(pid, &status, 0);
    if (status != 0) {
        fprintf(stderr, "bench_journal: failed: %s\n", command);
        exit(1);
    }
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
                                         .header = header,
                                         .header_size = sizeof header,
                                         .details = details,
                                         .details_size = sizeof details,
                                         .details_format = 1};
    memcpy(header + 2, &number, sizeof number);
    memcpy(details, &number, sizeof number);
    memcpy(record.event_id.bytes, header + 2, OYEZ_UUID_SIZE);
    demand(oyez_journal_append(journal, &record, NULL), "append");
}

// Returns the CPU time of an event, without the disk's syncs: they are the same for both.
static double make(const char *directory, const char *key, uint64_t events)
{
    const struct oyez_journal_options options = {.key = key};
    oyez_journal *journal = NULL;
    demand(oyez_journal_open(&journal, directory, &options, NULL), "open");
    double begun = seconds(CLOCK_PROCESS_CPUTIME_ID), checkpoint = seconds(CLOCK_MONOTONIC);
    for (uint64_t n = 1; n <= events; n++) {
        append(journal, n);
        if (n % GROUP != 0)
            continue;
        demand(oyez_journal_commit(journal, NULL), "commit");
        if (key == NULL || seconds(CLOCK_MONOTONIC) < checkpoint + 1)
            continue;
        demand(oyez_journal_checkpoint(journal), "checkpoint");
        checkpoint = seconds(CLOCK_MONOTONIC);
    }
    demand(oyez_journal_close(&journal), "close");
    return (seconds(CLOCK_PROCESS_CPUTIME_ID) - begun) / (double)events;
}

static double cpu_of(int who)
{
    struct rusage usage;
    getrusage(who, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

static double verify(const char *directory, unsigned threads, struct oyez_journal_verdict *verdict)
{
    const struct oyez_journal_verify_options options = {.threads = threads};
    double begun = seconds(CLOCK_MONOTONIC);
    demand(oyez_journal_verify(directory, &options, verdict), "verify");
    if (verdict->problems != 0 || verdict->derived != 0 || verdict->covered != verdict->records) {
        fprintf(stderr, "bench_journal: the journal is not good\n");
        exit(1);
    }
    return (double)verdict->bytes / (seconds(CLOCK_MONOTONIC) - begun);
}

static double digest(const char *command, uint64_t bytes)
{
    double begun = seconds(CLOCK_MONOTONIC);
    run(command);
    return (double)bytes / (seconds(CLOCK_MONOTONIC) - begun);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double values[ROUNDS])
{
    qsort(values, ROUNDS, sizeof *values, compare);
    return values[ROUNDS / 2];
}

int main(int argc, char **argv)
{
    uint64_t events = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    char base[256], plain[300], signed_[300], key[300], command[800];
    struct oyez_journal_verdict verdict;
    double ours[ROUNDS], theirs[ROUNDS], alone[ROUNDS];
    snprintf(base, sizeof base, "%s/oyez-bench-XXXXXX", argc > 2 ? argv[2] : "/tmp");
    if (mkdtemp(base) == NULL)
        return perror("bench_journal: no directory"), 1;
    snprintf(plain, sizeof plain, "%s/plain", base);
    snprintf(signed_, sizeof signed_, "%s/signed", base);
    snprintf(key, sizeof key, "%s/signed.key", base);
    double without = make(plain, NULL, events), with = make(signed_, key, events);
    printf("%" PRIu64 " events of %u + %u bytes, groups of %u%s\n", events, HEADER_SIZE,
           DETAILS_SIZE, GROUP, OPTIMISED);
    printf("CPU an event: %.2f us, with tree and checkpoints %.2f us: %.2f us for these\n",
           without * 1e6, with * 1e6, (with - without) * 1e6);

    snprintf(command, sizeof command, "cat %s/*.seg | wc -c | grep -q . ", signed_);
    run(command); // warm
    snprintf(command, sizeof command, "openssl dgst -sha256 %s/*.seg > /dev/null", signed_);
    double cpu[2] = {-cpu_of(RUSAGE_SELF), -cpu_of(RUSAGE_CHILDREN)};
    for (unsigned i = 0; i < ROUNDS; i++) {
        ours[i] = verify(signed_, 0, &verdict);
        theirs[i] = digest(command, verdict.bytes);
        alone[i] = verify(signed_, 1, &verdict);
    }
    double ratio = median(ours) / median(theirs);
    printf("verify: %.0f MB/s; with one thread for hashes %.0f MB/s; openssl dgst -sha256: "
           "%.0f MB/s; ratio %.2f (aim: 0.5)\n",
           median(ours) / 1e6, median(alone) / 1e6, median(theirs) / 1e6, ratio);
    printf("CPU: %.2f ns a byte, openssl %.2f\n",
           (cpu[0] + cpu_of(RUSAGE_SELF)) * 1e9 / 2 / ROUNDS / (double)verdict.bytes,
           (cpu[1] + cpu_of(RUSAGE_CHILDREN)) * 1e9 / ROUNDS / (double)verdict.bytes);
    printf("%" PRIu64 " records, %" PRIu64 " checkpoints, %" PRIu64 " bytes, %ld processors\n",
           verdict.records, verdict.checkpoints, verdict.bytes, sysconf(_SC_NPROCESSORS_ONLN));
    snprintf(command, sizeof command, "rm -rf %s", base);
    run(command);
    return ratio < 0.5;
}
