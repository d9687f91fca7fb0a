// SPDX-License-Identifier: MIT
// What one event costs to write and to read, ours beside nanopb's, in one run.
// cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release && ninja -C build/bench bench_envelope
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "event_oracle.h"
#include "wire/envelope.h"

#define ROUNDS 9
#define ROUND_NS 50000000u
#ifdef __OPTIMIZE__
#define OPTIMISED ""
#else
#define OPTIMISED ", NOT OPTIMISED"
#endif
#define FRAME_ROOM (OYEZ_HEADER_SIZE_MAX + 40000u)

static uint8_t frame[FRAME_ROOM];
static char details[32768];
static struct oracle_event oracle;

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static size_t write_ours(const struct oyez_event *event)
{
    size_t header_size;
    (void)oyez_event_measure(event, &header_size);
    return oyez_event_encode(event, header_size, frame);
}

static size_t measure_ours(const struct oyez_event *event)
{
    size_t header_size;
    return oyez_event_measure(event, &header_size);
}

static size_t read_ours(size_t size)
{
    static char scratch[OYEZ_DECODE_SCRATCH_SIZE];
    static struct oyez_event event;
    if (oyez_event_decode(&event, frame, size, scratch))
        abort();
    return event.details_size;
}

static size_t write_nanopb(const struct oyez_event *event)
{
    (void)event;
    return oracle_encode(&oracle, frame, sizeof frame);
}

static size_t read_nanopb(size_t size)
{
    static struct oracle_event out;
    if (!oracle_decode(&out, frame, size))
        abort();
    return out.details_size;
}

// The quickest of some rounds: what the code costs, with the least of what else the machine did.
static double time_write(size_t (*write)(const struct oyez_event *), const struct oyez_event *event)
{
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t begin = now_ns();
        uint64_t end = begin;
        uint64_t count = 0;
        for (; end - begin < ROUND_NS; end = now_ns(), count += 1000) {
            for (int i = 0; i < 1000; i++) {
                if (write(event) == 0)
                    abort();
            }
        }
        double ns = (double)(end - begin) / (double)count;
        best = ns < best ? ns : best;
    }
    return best;
}

static double time_read(size_t (*read)(size_t), size_t size)
{
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t begin = now_ns();
        uint64_t end = begin;
        uint64_t count = 0;
        for (; end - begin < ROUND_NS; end = now_ns(), count += 1000) {
            for (int i = 0; i < 1000; i++) {
                if (read(size) == 0)
                    abort();
            }
        }
        double ns = (double)(end - begin) / (double)count;
        best = ns < best ? ns : best;
    }
    return best;
}

static void measure(const char *name, const struct oyez_event *event)
{
    size_t header_size;
    size_t size = oyez_event_measure(event, &header_size);
    oracle_fill(&oracle, event);
    double write_them = time_write(write_nanopb, event);
    double read_them = time_read(read_nanopb, size);
    double measure_us = time_write(measure_ours, event);
    double write_us = time_write(write_ours, event);
    double read_us = time_read(read_ours, size);
    printf("%-7s %6zu %7zu %12.0f %12.0f %12.0f %12.0f %12.0f\n", name, size, header_size,
           measure_us, write_us, read_us, write_them, read_them);
}

static void print_machine(void)
{
    char line[256];
    char model[256] = "unknown processor\n";
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, "model name", 10) == 0 && strchr(line, ':'))
            memcpy(model, strchr(line, ':') + 2, strlen(strchr(line, ':') + 2) + 1);
    }
    if (file)
        fclose(file);
    model[strcspn(model, "\n")] = '\0';
    printf("machine: %s, %ld processors, compiled by %s%s\n", model, sysconf(_SC_NPROCESSORS_ONLN),
           __VERSION__, OPTIMISED);
}

static struct oyez_event small_event(void)
{
    return (struct oyez_event){
        .event_id = oyez_uuid_new(),
        .event_type = "plan.created",
        .occurred_at = 1763600000123456789,
        .plan_id = "01JD8Z5W3VQ4",
        .details_format = OYEZ_DETAILS_JSON,
        .details = details,
        .details_size = 2,
    };
}

static struct oyez_event median_event(void)
{
    struct oyez_event event = small_event();
    event.schema_version = "1.0.0";
    event.correlation_id = "01934b1e-7a10-7c3d-8e5f-102132435465";
    event.causation_id = "01934b1e-7a10-7c3d-8e5f-102132435460";
    event.actor_type = "agent";
    event.actor_id = "planner-7";
    event.root_plan_id = "01JD8Z5W3VQ0";
    event.phase = "execute";
    event.state = "processing";
    event.session_id = "01934b1e-7a10-7c3d-8e5f-102132435461";
    event.project_name = "local/webshop";
    event.source = "planner";
    event.environment = "production";
    event.details_size = 300;
    return event;
}

static struct oyez_event large_event(void)
{
    struct oyez_event event = median_event();
    event.step_id = "step-12";
    event.actor_name = "The planner of the north";
    event.run_id = "01934b1e-7a10-7c3d-8e5f-102132435462";
    event.thread_id = "thread-3";
    event.user_id = "01934b1e-7a10-7c3d-8e5f-102132435463";
    event.aggregate_id = "order-123456";
    event.aggregate_type = "order";
    event.aggregate_version = 1234;
    event.has_aggregate_version = true;
    event.app_version = "2.14.3";
    event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (size_t i = 0; i < 16; i++)
        event.tags[i] = (struct oyez_tag){"a-tag-key", "and the value that goes with it"};
    event.details_size = sizeof details;
    return event;
}

int main(void)
{
    memset(details, ' ', sizeof details);
    struct oyez_event small = small_event();
    struct oyez_event median = median_event();
    struct oyez_event large = large_event();
    print_machine();
    printf("ns per event; our write includes measuring; nanopb's structs were filled before\n");
    printf("%-7s %6s %7s %12s %12s %12s %12s %12s\n", "event", "bytes", "header", "our measure",
           "our write", "our read", "nanopb write", "nanopb read");
    measure("small", &small);
    measure("median", &median);
    measure("large", &large);
    return 0;
}
