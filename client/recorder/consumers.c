// SPDX-License-Identifier: MIT
#include "consumers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/pattern.h"
#include "wire/topic.h"

static const uint8_t nobody[OYEZ_UUID_SIZE];

static bool is_held(const struct recorder_consumer *consumer, uint64_t now_ms)
{
    return memcmp(consumer->holder, nobody, sizeof nobody) != 0 && now_ms < consumer->lease_end_ms;
}

static bool is_holder(const struct recorder_consumer *consumer, const uint8_t *holder)
{
    return memcmp(consumer->holder, holder, OYEZ_UUID_SIZE) == 0 &&
           memcmp(holder, nobody, OYEZ_UUID_SIZE) != 0;
}

bool recorder_consumers_is_name(const char *name)
{
    return oyez_topic_is_valid(name, strlen(name));
}

size_t recorder_consumers_behind(const struct recorder_consumers *consumers, const char *name)
{
    size_t low = 0, high = consumers->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(consumers->sorted[middle]->name, name) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct recorder_consumer *find(const struct recorder_consumers *consumers, const char *name)
{
    size_t behind = recorder_consumers_behind(consumers, name);
    struct recorder_consumer *found = behind > 0 ? consumers->sorted[behind - 1] : NULL;
    return found != NULL && strcmp(found->name, name) == 0 ? found : NULL;
}

static void free_consumer(struct recorder_consumer *consumer)
{
    if (consumer != NULL)
        free(consumer->patterns);
    free(consumer);
}

void recorder_consumers_free(struct recorder_consumers *consumers)
{
    for (size_t i = 0; i < consumers->count; i++)
        free_consumer(consumers->sorted[i]);
    consumers->count = 0;
}

void recorder_consumers_remove(struct recorder_consumers *consumers, const char *name)
{
    size_t behind = recorder_consumers_behind(consumers, name);
    if (find(consumers, name) == NULL)
        return;
    free_consumer(consumers->sorted[behind - 1]);
    memmove(&consumers->sorted[behind - 1], &consumers->sorted[behind],
            (consumers->count - behind) * sizeof(void *));
    consumers->count--;
}

static bool add(struct recorder_consumers *consumers, struct recorder_consumer *consumer)
{
    if (consumers->count == RECORDER_CONSUMERS_MAX)
        return false;
    size_t behind = recorder_consumers_behind(consumers, consumer->name);
    memmove(&consumers->sorted[behind + 1], &consumers->sorted[behind],
            (consumers->count - behind) * sizeof(void *));
    consumers->sorted[behind] = consumer;
    consumers->count++;
    return true;
}

static bool set_patterns(struct recorder_consumer *consumer, const char *patterns, size_t size)
{
    char *copy = malloc(size);
    if (copy == NULL)
        return false;
    memcpy(copy, patterns, size);
    free(consumer->patterns);
    consumer->patterns = copy;
    consumer->patterns_size = size;
    return true;
}

bool recorder_consumers_put(struct recorder_consumers *consumers,
                            const struct recorder_consumer *entry)
{
    struct recorder_consumer *made = malloc(sizeof *made);
    if (made == NULL)
        return false;
    *made = *entry;
    made->patterns = NULL;
    if (set_patterns(made, entry->patterns, entry->patterns_size)) {
        recorder_consumers_remove(consumers, entry->name);
        if (add(consumers, made))
            return true;
    }
    free_consumer(made);
    return false;
}

void recorder_consumers_tell(const struct recorder_consumer *consumer, uint64_t now_ms,
                             oyez_v1_Consumer *out)
{
    memset(out, 0, sizeof *out);
    memcpy(out->name, consumer->name, sizeof out->name);
    for (size_t at = 0; at < consumer->patterns_size; at += strlen(consumer->patterns + at) + 1)
        snprintf(out->patterns[out->patterns_count++], sizeof out->patterns[0], "%s",
                 consumer->patterns + at);
    out->epoch = consumer->epoch;
    out->position = consumer->position;
    out->last_seen = consumer->last_seen;
    out->held = is_held(consumer, now_ms);
    memcpy(out->holder_name, consumer->holder_name, sizeof out->holder_name);
}

static void refuse(struct recorder_consumers_verdict *out, oyez_v1_QueryFault fault,
                   const char *name, const char *why)
{
    out->fault = fault;
    snprintf(out->text, sizeof out->text, "consumer %s: %s", name, why);
}

static void refuse_held(struct recorder_consumers_verdict *out,
                        const struct recorder_consumer *consumer, uint64_t now_ms)
{
    out->fault = oyez_v1_QueryFault_QUERY_FAULT_BUSY;
    snprintf(out->text, sizeof out->text,
             "consumer %s is held by %s; its lease ends in %" PRIu64 " ms unless it is renewed",
             consumer->name, consumer->holder_name[0] != '\0' ? consumer->holder_name : "another",
             consumer->lease_end_ms - now_ms);
}

// The patterns of a question as an entry keeps them. False: `out` says what is wrong.
static bool join_patterns(const oyez_v1_ConsumerRequest *request, char *joined, size_t *size,
                          struct recorder_consumers_verdict *out)
{
    *size = 0;
    for (size_t i = 0; i < request->patterns_count; i++) {
        size_t text_size = strlen(request->patterns[i]) + 1;
        if (oyez_pattern_check(request->patterns[i]) != OYEZ_OK) {
            refuse(out, oyez_v1_QueryFault_QUERY_FAULT_INVALID, request->name,
                   "a pattern that is none");
            return false;
        }
        if (text_size > RECORDER_CONSUMER_PATTERNS_SIZE_MAX - *size) {
            refuse(out, oyez_v1_QueryFault_QUERY_FAULT_INVALID, request->name,
                   "its patterns are longer together than 4096 bytes");
            return false;
        }
        memcpy(joined + *size, request->patterns[i], text_size);
        *size += text_size;
    }
    if (request->patterns_count == 0) {
        memcpy(joined, "*", 2);
        *size = 2;
    }
    return true;
}

static uint32_t choose_lease(uint32_t wanted)
{
    if (wanted == 0)
        return RECORDER_LEASE_MS_DEFAULT;
    if (wanted < RECORDER_LEASE_MS_MIN)
        return RECORDER_LEASE_MS_MIN;
    return wanted < RECORDER_LEASE_MS_MAX ? wanted : RECORDER_LEASE_MS_MAX;
}

// A new entry that nobody holds yet. NULL: no memory.
static struct recorder_consumer *make(struct recorder_consumers *consumers,
                                      const oyez_v1_ConsumerRequest *request)
{
    struct recorder_consumer *made = calloc(1, sizeof *made);
    if (made == NULL)
        return NULL;
    memcpy(made->name, request->name, sizeof made->name);
    made->epoch = request->epoch;
    made->position = request->position;
    bool added = add(consumers, made);
    if (!added)
        free_consumer(made);
    return added ? made : NULL;
}

static void take_over(struct recorder_consumer *consumer, const oyez_v1_ConsumerRequest *request,
                      uint64_t now_ms, uint64_t time)
{
    memcpy(consumer->holder, request->holder, sizeof consumer->holder);
    memcpy(consumer->holder_name, request->holder_name, sizeof consumer->holder_name);
    consumer->lease_ms = choose_lease(request->lease_ms);
    consumer->lease_end_ms = now_ms + consumer->lease_ms;
    consumer->last_seen = time;
}

static bool apply_open(struct recorder_consumers *consumers, const oyez_v1_ConsumerRequest *request,
                       uint64_t now_ms, uint64_t time, struct recorder_consumers_verdict *out)
{
    char patterns[RECORDER_CONSUMER_PATTERNS_SIZE_MAX];
    size_t size;
    struct recorder_consumer *consumer = find(consumers, request->name);
    if (consumer != NULL && is_held(consumer, now_ms) && !is_holder(consumer, request->holder)) {
        refuse_held(out, consumer, now_ms);
        return true;
    }
    if (memcmp(request->holder, nobody, sizeof nobody) == 0) {
        refuse(out, oyez_v1_QueryFault_QUERY_FAULT_INVALID, request->name, "opened by nobody");
        return true;
    }
    if (!join_patterns(request, patterns, &size, out))
        return true;
    if (consumer == NULL && consumers->count == RECORDER_CONSUMERS_MAX) {
        refuse(out, oyez_v1_QueryFault_QUERY_FAULT_UNAVAILABLE, request->name,
               "this recorder keeps 4096 already; delete some");
        return true;
    }
    if (consumer == NULL)
        consumer = make(consumers, request);
    if (consumer == NULL)
        return false;
    out->has_told = true;
    recorder_consumers_tell(consumer, now_ms, &out->told); // with the patterns so far
    if (!set_patterns(consumer, patterns, size)) {
        if (consumer->patterns == NULL)
            recorder_consumers_remove(consumers, request->name);
        return false;
    }
    take_over(consumer, request, now_ms, time);
    out->changed = consumer;
    return true;
}

static void apply_commit(struct recorder_consumer *consumer, const oyez_v1_ConsumerRequest *request,
                         uint64_t now_ms, uint64_t time, struct recorder_consumers_verdict *out)
{
    if (!is_holder(consumer, request->holder)) {
        if (is_held(consumer, now_ms))
            refuse_held(out, consumer, now_ms);
        else
            refuse(out, oyez_v1_QueryFault_QUERY_FAULT_BUSY, consumer->name,
                   "held by another since, or reset");
        return;
    }
    // Nobody took it over, so a lease that has run out goes on. A commit that comes twice, or late,
    // takes nothing back.
    bool further = request->epoch != consumer->epoch ? request->epoch > consumer->epoch
                                                     : request->position > consumer->position;
    if (further) {
        consumer->epoch = request->epoch;
        consumer->position = request->position;
        out->changed = consumer;
    }
    consumer->lease_end_ms = now_ms + consumer->lease_ms;
    consumer->last_seen = time;
    out->has_told = true;
    recorder_consumers_tell(consumer, now_ms, &out->told);
}

static void leave(struct recorder_consumer *consumer)
{
    memset(consumer->holder, 0, sizeof consumer->holder);
    consumer->lease_end_ms = 0;
}

static void apply_close(struct recorder_consumer *consumer, const oyez_v1_ConsumerRequest *request,
                        uint64_t time, struct recorder_consumers_verdict *out)
{
    if (!is_holder(consumer, request->holder))
        return;
    leave(consumer);
    consumer->last_seen = time;
    out->changed = consumer;
}

static void apply_reset(struct recorder_consumer *consumer, const oyez_v1_ConsumerRequest *request,
                        uint64_t now_ms, struct recorder_consumers_verdict *out)
{
    if (is_held(consumer, now_ms)) {
        refuse_held(out, consumer, now_ms);
        return;
    }
    // Whoever held it before must not commit what was handled before this.
    leave(consumer);
    consumer->epoch = request->epoch;
    consumer->position = request->position;
    out->changed = consumer;
    out->has_told = true;
    recorder_consumers_tell(consumer, now_ms, &out->told);
}

static void apply_delete(struct recorder_consumers *consumers, struct recorder_consumer *consumer,
                         const oyez_v1_ConsumerRequest *request, uint64_t now_ms,
                         struct recorder_consumers_verdict *out)
{
    if (is_held(consumer, now_ms)) {
        refuse_held(out, consumer, now_ms);
        return;
    }
    recorder_consumers_remove(consumers, request->name);
    memcpy(consumers->deleted_by, request->holder, sizeof consumers->deleted_by);
    out->deleted = true;
}

static void apply_missing(const struct recorder_consumers *consumers,
                          const oyez_v1_ConsumerRequest *request,
                          struct recorder_consumers_verdict *out)
{
    bool again = request->verb == oyez_v1_ConsumerVerb_CONSUMER_VERB_DELETE &&
                 memcmp(request->holder, nobody, sizeof nobody) != 0 &&
                 memcmp(request->holder, consumers->deleted_by, sizeof nobody) == 0;
    if (!again && request->verb != oyez_v1_ConsumerVerb_CONSUMER_VERB_CLOSE)
        refuse(out, oyez_v1_QueryFault_QUERY_FAULT_NOT_FOUND, request->name, "there is none");
}

bool recorder_consumers_apply(struct recorder_consumers *consumers,
                              const oyez_v1_ConsumerRequest *request, uint64_t now_ms,
                              uint64_t time, struct recorder_consumers_verdict *out)
{
    *out = (struct recorder_consumers_verdict){0};
    if (!recorder_consumers_is_name(request->name)) {
        out->fault = oyez_v1_QueryFault_QUERY_FAULT_INVALID;
        snprintf(out->text, sizeof out->text, "a consumer's name is 1 to 64 of A-Z a-z 0-9 . _ -");
        return true;
    }
    if (request->verb == oyez_v1_ConsumerVerb_CONSUMER_VERB_OPEN)
        return apply_open(consumers, request, now_ms, time, out);
    struct recorder_consumer *consumer = find(consumers, request->name);
    if (consumer == NULL) {
        apply_missing(consumers, request, out);
        return true;
    }
    switch (request->verb) {
    case oyez_v1_ConsumerVerb_CONSUMER_VERB_COMMIT:
        apply_commit(consumer, request, now_ms, time, out);
        break;
    case oyez_v1_ConsumerVerb_CONSUMER_VERB_CLOSE:
        apply_close(consumer, request, time, out);
        break;
    case oyez_v1_ConsumerVerb_CONSUMER_VERB_RESET:
        apply_reset(consumer, request, now_ms, out);
        break;
    case oyez_v1_ConsumerVerb_CONSUMER_VERB_DELETE:
        apply_delete(consumers, consumer, request, now_ms, out);
        break;
    default:
        refuse(out, oyez_v1_QueryFault_QUERY_FAULT_INVALID, request->name,
               "this recorder does not know the question");
    }
    return true;
}
