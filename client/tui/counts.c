// SPDX-License-Identifier: MIT
#include "counts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outcome.h"
#include "oyez/catalog.h"

#define NANOSECONDS_PER_SECOND INT64_C(1000000000)
#define OTHERS "others"

void counts_clear(struct counts *counts)
{
    for (size_t i = 0; i < COUNTS_TYPES_MAX; i++) {
        free(counts->types[i].name);
    }
    *counts = (struct counts){0};
}

static size_t find_domain(struct counts *counts, const char *name)
{
    size_t i = 0;
    while (i < counts->domain_count && strcmp(counts->domains[i].name, name) != 0) {
        i++;
    }
    if (i == counts->domain_count && i < COUNTS_DOMAINS_MAX) {
        const char *kept = i == COUNTS_DOMAINS_MAX - 1 ? OTHERS : name;
        snprintf(counts->domains[i].name, COUNTS_NAME_SIZE, "%s", kept);
        counts->domain_count++;
    }
    return i < COUNTS_DOMAINS_MAX ? i : COUNTS_DOMAINS_MAX - 1;
}

// A type that no catalog has is of the domain that its name begins with.
static size_t domain_of(struct counts *counts, const char *event_type)
{
    char name[COUNTS_NAME_SIZE];
    const struct oyez_type *type = oyez_type_find(event_type, strlen(event_type));
    if (type != NULL) {
        return find_domain(counts, type->domain);
    }
    snprintf(name, sizeof name, "%.*s", (int)strcspn(event_type, "."), event_type);
    return find_domain(counts, name);
}

static size_t hash_of(const char *text)
{
    size_t hash = 1469598103934665603u;
    for (; *text != '\0'; text++) {
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    }
    return hash ^ hash >> 29;
}

static struct type_known describe(struct counts *counts, const char *event_type)
{
    struct type_known known = {.domain = (uint16_t)domain_of(counts, event_type),
                               .failed = outcome_of(event_type) == OUTCOME_BAD};
    return known;
}

static struct type_known look_up(struct counts *counts, const char *event_type)
{
    size_t i = hash_of(event_type) % COUNTS_TYPES_MAX;
    while (counts->types[i].name != NULL) {
        if (strcmp(counts->types[i].name, event_type) == 0) {
            return counts->types[i];
        }
        i = (i + 1) % COUNTS_TYPES_MAX;
    }
    struct type_known known = describe(counts, event_type);
    // Never quite full, so that the search ends.
    if (counts->type_count < COUNTS_TYPES_MAX / 2) {
        known.name = strdup(event_type);
        if (known.name != NULL) {
            counts->types[i] = known;
            counts->type_count++;
        }
    }
    return known;
}

static void count_second(struct counts *counts, int64_t second, bool failed)
{
    struct second_count *slot = &counts->seconds[(uint64_t)second % COUNTS_SECONDS];
    if (slot->second > second) {
        return; // older than what is remembered
    }
    if (slot->second != second) {
        *slot = (struct second_count){.second = second};
    }
    slot->total++;
    slot->failed += failed;
    if (second > counts->last_second) {
        counts->last_second = second;
    }
}

void counts_add(struct counts *counts, const struct oyez_event *event)
{
    struct type_known known = look_up(counts, event->event_type != NULL ? event->event_type : "?");
    counts->total++;
    counts->failed += known.failed;
    counts->domains[known.domain].total++;
    counts->domains[known.domain].failed += known.failed;
    count_second(counts, (int64_t)event->stamp.broker_time / NANOSECONDS_PER_SECOND, known.failed);
}

struct second_count counts_second(const struct counts *counts, int64_t second)
{
    const struct second_count *slot = &counts->seconds[(uint64_t)second % COUNTS_SECONDS];
    struct second_count none = {.second = second};
    return slot->second == second ? *slot : none;
}

double counts_rate(const struct counts *counts, int64_t now, unsigned seconds)
{
    uint64_t sum = 0;
    for (unsigned i = 1; i <= seconds; i++) {
        sum += counts_second(counts, now - (int64_t)i).total;
    }
    return seconds > 0 ? (double)sum / seconds : 0;
}

size_t counts_sort_domains(const struct counts *counts, size_t order[COUNTS_DOMAINS_MAX])
{
    for (size_t i = 0; i < counts->domain_count; i++) {
        size_t at = i;
        while (at > 0 && counts->domains[order[at - 1]].total < counts->domains[i].total) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = i;
    }
    return counts->domain_count;
}
