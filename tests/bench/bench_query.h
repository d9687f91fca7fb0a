// SPDX-License-Identifier: MIT
// What the parts of bench_query share: the events, and the two that are asked for them.
#ifndef OYEZ_BENCH_QUERY_H
#define OYEZ_BENCH_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"
#include "oyez/event.h"

#define BENCH_EPOCH UINT64_C(1763629200000000)
#define BENCH_RANGE_EVENTS 10000u
#define BENCH_TEXT_SIZE 48u

// An event and what its pointers lead to.
struct bench_event {
    struct oyez_event event;
    char correlation[BENCH_TEXT_SIZE], plan[BENCH_TEXT_SIZE], session[BENCH_TEXT_SIZE];
    char run[BENCH_TEXT_SIZE], user[BENCH_TEXT_SIZE], tag[BENCH_TEXT_SIZE];
    uint8_t details[256];
    uint8_t encoded[1024]; // the Event message
    size_t size;
    const uint8_t *header; // in it
    size_t header_size;
};

// bench_event_make makes event number `n` from 1: the same one every time.
void bench_event_make(struct bench_event *out, uint64_t n);

// bench_draw is the next number below `end` of a sequence that `state` begins.
uint64_t bench_draw(uint64_t *state, uint64_t end);

enum bench_question {
    BENCH_BY_EVENT_ID,
    BENCH_BY_CORRELATION,
    BENCH_BY_TAG,
    BENCH_RANGE, // of BENCH_RANGE_EVENTS, from the event on
    BENCH_STATS_BY_TYPE,
    BENCH_STATS_BY_ACTOR,
    BENCH_QUESTIONS,
};

// What came: both sides have to agree.
struct bench_answer {
    uint64_t count;     // events, or groups
    uint64_t positions; // their sum, or that of the groups' counts
};

// Both sides: what event `about` is found by is asked for. They end the program where they fail.
struct bench_ours;
struct bench_ours *bench_ours_open(const char *directory);
struct bench_answer bench_ours_ask(struct bench_ours *ours, enum bench_question question,
                                   const struct bench_event *about);
void bench_ours_close(struct bench_ours **ours);

struct bench_built {
    double seconds; // of all
    double index_seconds;
    double index_cpu_seconds;
    uint64_t bytes; // without indexes
    uint64_t index_bytes;
    uint64_t indexed; // events: those of an open segment are indexed in memory
};

// bench_ours_make writes the journal, then makes its indexes anew.
struct bench_built bench_ours_make(const char *directory, uint64_t events);

struct bench_sqlite;
struct bench_built bench_sqlite_make(const char *path, uint64_t events);
// `mapped`: the file is read through a mapping, as much of it as this build of SQLite allows.
struct bench_sqlite *bench_sqlite_open(const char *path, bool mapped);
struct bench_answer bench_sqlite_ask(struct bench_sqlite *sqlite, enum bench_question question,
                                     const struct bench_event *about);
void bench_sqlite_close(struct bench_sqlite **sqlite);

double bench_now(void); // seconds
double bench_cpu(void); // of the calling thread, seconds
void bench_require(bool holds, const char *what);

// bench_drop_caches writes every file of a directory to the disk and takes it out of the page cache.
void bench_drop_caches(const char *directory);

// bench_fill_caches reads every file of a directory once.
void bench_fill_caches(const char *directory);

// bench_size_of is the bytes of the files of a directory whose names end so.
uint64_t bench_size_of(const char *directory, const char *ending);

#endif
