// SPDX-License-Identifier: MIT
// The events of bench_query: some dozens of plans at a time, each with correlations of about 20
// events, which come mixed. Whatever an event has follows from its number.
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bench_query.h"
#include "wire/envelope.h"

#define AT_A_TIME 64u       // correlations
#define PER_CORRELATION 20u // events
#define PLANS_AT_A_TIME 16u
#define PER_PLAN 200u
#define PER_SESSION 500u
#define PER_RUN 50u
#define PER_TAG 10u
#define USERS 5000u
#define ACTORS 50u
#define PATH_SIZE 4096u

static const char *const types[] = {
    "tool.invoked",   "tool.succeeded", "tool.invoked",           "decision.made",
    "plan.created",   "tool.invoked",   "plan.phase_changed",     "actor.invoked",
    "tool.failed",    "actor.finished", "resource.access_denied", "session.created",
    "tool.succeeded", "plan.completed", "sandbox.created",
};

static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xBF58476D1CE4E5B9);
    x ^= x >> 27;
    x *= UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

uint64_t bench_draw(uint64_t *state, uint64_t end)
{
    *state += UINT64_C(0x9E3779B97F4A7C15);
    return mix(*state) % end;
}

// A group of about `size` events, `at_a_time` of which go on at once.
static uint64_t group(uint64_t n, uint64_t size, uint64_t at_a_time, uint64_t salt)
{
    return n / (size * at_a_time) * at_a_time + mix(n * 31 + salt) % at_a_time;
}

static const char *name(char out[BENCH_TEXT_SIZE], const char *prefix, uint64_t number)
{
    snprintf(out, BENCH_TEXT_SIZE, "%s-%08" PRIx64, prefix, mix(number) >> 16);
    return out;
}

// Field 1 a name, field 2 the id of a call, field 4 a text: 120 to 200 bytes.
static size_t write_details(uint8_t *out, uint64_t n)
{
    size_t text = 90 + mix(n + 5) % 80;
    uint8_t *at = out;
    memcpy(at, "\x0a\x09read_file\x12\x10", 13);
    at += 13;
    for (unsigned i = 0; i < 16; i++)
        *at++ = (uint8_t) "0123456789abcdef"[mix(n) >> 4 * i & 15];
    *at++ = 0x22;
    if (text > 127)
        *at++ = (uint8_t)(text | 0x80);
    *at++ = (uint8_t)(text > 127 ? text >> 7 : text);
    for (size_t i = 0; i < text; i++)
        *at++ = (uint8_t)('a' + mix(n + i) % 26);
    return (size_t)(at - out);
}

static void fill_header(struct bench_event *out, uint64_t n)
{
    static char actors[ACTORS][BENCH_TEXT_SIZE];
    struct oyez_event *event = &out->event;
    uint64_t milliseconds = BENCH_EPOCH / 1000 + n / 10, random = mix(n);
    char *actor = actors[mix(n + 7) % ACTORS];
    snprintf(actor, BENCH_TEXT_SIZE, "agent-%02u", (unsigned)(mix(n + 7) % ACTORS));
    for (unsigned i = 0; i < 6; i++)
        event->event_id.bytes[i] = (uint8_t)(milliseconds >> (40 - 8 * i));
    memcpy(event->event_id.bytes + 6, &random, sizeof random);
    memcpy(event->event_id.bytes + 14, &n, 2);
    event->event_id.bytes[6] = (uint8_t)((event->event_id.bytes[6] & 0x0F) | 0x70);
    event->event_id.bytes[8] = (uint8_t)((event->event_id.bytes[8] & 0x3F) | 0x80);
    event->event_type = types[mix(n + 3) % (sizeof types / sizeof types[0])];
    event->occurred_at = (int64_t)(BENCH_EPOCH * 1000 + n * 100000);
    event->schema_version = "1.0.0";
    event->correlation_id = name(out->correlation, "corr", group(n, PER_CORRELATION, AT_A_TIME, 1));
    event->plan_id = name(out->plan, "plan", group(n, PER_PLAN, PLANS_AT_A_TIME, 2));
    event->actor_type = "agent";
    event->actor_name = actor;
    event->session_id = name(out->session, "session", n / PER_SESSION);
    event->run_id = name(out->run, "run", n / PER_RUN);
    event->user_id = name(out->user, "user", mix(n + 11) % USERS);
    event->tags[0] =
        (struct oyez_tag){"decision_id", name(out->tag, "dec", group(n, PER_TAG, AT_A_TIME, 4))};
}

void bench_event_make(struct bench_event *out, uint64_t n)
{
    struct oyez_event_parts parts;
    size_t header_size;
    memset(&out->event, 0, sizeof out->event);
    fill_header(out, n);
    out->event.details_format = OYEZ_DETAILS_PROTOBUF;
    out->event.details = out->details;
    out->event.details_size = write_details(out->details, n);
    out->event.stamp.epoch = BENCH_EPOCH;
    out->event.stamp.position = n;
    out->event.stamp.broker_time = BENCH_EPOCH * 1000 + n * 100000 + 50000;
    out->size = oyez_event_measure(&out->event, &header_size);
    bench_require(out->size <= sizeof out->encoded, "an event is too large");
    oyez_event_encode(&out->event, header_size, out->encoded);
    bench_require(oyez_event_split(&parts, out->encoded, out->size) == OYEZ_OK, "event");
    out->header = parts.header;
    out->header_size = parts.header_size;
}

double bench_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double bench_cpu(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void bench_require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "bench_query: %s: %s\n", what, oyez_error_detail());
    exit(1);
}

static void each_file(const char *directory, void (*take)(void *arg, const char *path), void *arg)
{
    char path[PATH_SIZE];
    DIR *files = opendir(directory);
    bench_require(files != NULL, directory);
    for (const struct dirent *file; (file = readdir(files)) != NULL;) {
        snprintf(path, sizeof path, "%s/%s", directory, file->d_name);
        if (file->d_name[0] != '.')
            take(arg, path);
    }
    closedir(files);
}

static void drop(void *arg, const char *path)
{
    (void)arg;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bench_require(fd >= 0 && fdatasync(fd) == 0, path);
    bench_require(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0, path);
    close(fd);
}

void bench_drop_caches(const char *directory)
{
    each_file(directory, drop, NULL);
}

static void fetch(void *arg, const char *path)
{
    static uint8_t buffer[1u << 20];
    (void)arg;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bench_require(fd >= 0, path);
    while (read(fd, buffer, sizeof buffer) > 0)
        continue;
    close(fd);
}

void bench_fill_caches(const char *directory)
{
    each_file(directory, fetch, NULL);
}

struct sum {
    const char *ending;
    uint64_t bytes;
};

static void add(void *arg, const char *path)
{
    struct sum *sum = arg;
    struct stat status;
    size_t size = strlen(path), ending = strlen(sum->ending);
    if (size >= ending && strcmp(path + size - ending, sum->ending) == 0 &&
        stat(path, &status) == 0)
        sum->bytes += (uint64_t)status.st_size;
}

uint64_t bench_size_of(const char *directory, const char *ending)
{
    struct sum sum = {ending, 0};
    each_file(directory, add, &sum);
    return sum.bytes;
}
