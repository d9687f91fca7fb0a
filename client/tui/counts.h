// SPDX-License-Identifier: MIT
// What came live, in numbers: of all events and none of them a sample. One thread at a time.
#ifndef OYEZ_COUNTS_H
#define OYEZ_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/event.h"

#define COUNTS_DOMAINS_MAX 64u // the last one takes what has no room
#define COUNTS_SECONDS 4096u   // that are remembered: more than an hour
#define COUNTS_TYPES_MAX 2048u // whose domain is remembered; others are looked up each time
#define COUNTS_NAME_SIZE 64u

struct domain_count {
    char name[COUNTS_NAME_SIZE];
    uint64_t total;
    uint64_t failed;
};

struct second_count {
    int64_t second; // of broker time
    uint32_t total;
    uint32_t failed;
};

// What is known of a type.
struct type_known {
    char *name; // NULL = free
    uint16_t domain;
    bool failed;
};

struct counts {
    uint64_t total;
    uint64_t failed;
    struct domain_count domains[COUNTS_DOMAINS_MAX];
    size_t domain_count;
    struct second_count seconds[COUNTS_SECONDS]; // by second modulo their number
    int64_t last_second;
    struct type_known types[COUNTS_TYPES_MAX];
    size_t type_count;
};

void counts_clear(struct counts *counts);
void counts_add(struct counts *counts, const struct oyez_event *event);

// counts_second: events of one second of broker time; zero where nothing is known.
struct second_count counts_second(const struct counts *counts, int64_t second);

// counts_rate: events a second over the `seconds` before `now`, a time of day in seconds. The second
// that has not ended is left out.
double counts_rate(const struct counts *counts, int64_t now, unsigned seconds);

// counts_sort_domains gives the largest first, as indexes; returns how many there are.
size_t counts_sort_domains(const struct counts *counts, size_t order[COUNTS_DOMAINS_MAX]);

#endif
