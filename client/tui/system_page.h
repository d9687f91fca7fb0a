// SPDX-License-Identifier: MIT
// What is known of broker, recorder, consumers and disk, and the page that shows it.
#ifndef OYEZ_SYSTEM_PAGE_H
#define OYEZ_SYSTEM_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/client.h"
#include "oyez/consumer.h"
#include "oyez/dead_letter.h"
#include "text_lines.h"

#define SYSTEM_CONSUMERS_MAX 100u
#define SYSTEM_DEAD_LETTERS_MAX 100u

struct system_consumer {
    char name[65];
    char holder[81];
    bool held;
    uint64_t epoch;
    uint64_t position;
    uint64_t lag;
    bool lag_is_bound;
    char patterns[200]; // the first ones
};

struct system_facts {
    bool has_status;
    struct oyez_status status;
    int64_t status_time; // time of day of the last answer, nanoseconds
    char failure[200];   // of the last question; "" = none
    bool has_checkpoint;
    uint64_t checkpointed;
    char key[300];
    bool has_consumers;
    struct system_consumer consumers[SYSTEM_CONSUMERS_MAX];
    size_t consumer_count;
    bool has_disk;
    uint64_t disk_free;
    uint64_t disk_size;
    struct oyez_dead_letter dead_letters[SYSTEM_DEAD_LETTERS_MAX]; // not resolved, newest first
    size_t dead_letter_count;
    struct oyez_client_counters counters; // of the live client
};

// What the page has to tell beside the facts.
struct system_view {
    const char *endpoint;
    const char *directory;
    const char *link;
    uint64_t breaks;
    uint64_t lost;
    int64_t now; // time of day, nanoseconds
};

// system_page_build writes the lines. Subjects are dead letters.
void system_page_build(struct text_lines *out, const struct system_facts *facts,
                       const struct system_view *view);

#endif
