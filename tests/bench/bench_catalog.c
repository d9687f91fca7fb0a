// SPDX-License-Identifier: MIT
// What details cost to judge and to convert, beside nanopb's decode of the same message in the same
// run: the smallest, the median and the largest that the catalogs' examples make.
// cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release && ninja -C build/bench bench_catalog
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <pb_decode.h>

#include "oyez/catalog.h"
#include "schema/details.h"

struct sample {
    const char *name;
    const char *event_type;
    const char *json;
    const pb_msgdesc_t *fields;
    size_t struct_size;
};

#include "catalog_samples.h"

#define ROUNDS 1001
#define CALLS_A_ROUND 100 // few, so that most rounds are not interrupted
#define STRUCT_SIZE_MAX 8192
#ifdef __OPTIMIZE__
#define OPTIMISED ""
#else
#define OPTIMISED ", NOT OPTIMISED"
#endif

// One of them at a time; what the calls below work on.
static const struct sample *sample;
static const struct plan *plan;
static size_t json_size;
static uint8_t *message;
static size_t message_size;

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_json(void)
{
    struct violation violation;
    require(details_check_json(plan, sample->json, json_size, &violation) == OYEZ_OK);
}

static void check_protobuf(void)
{
    struct violation violation;
    require(details_check_protobuf(plan, message, message_size, &violation) == OYEZ_OK);
}

static void convert_json(void)
{
    struct violation violation;
    uint8_t *bytes;
    size_t size;
    require(details_from_json(plan, sample->json, json_size, &bytes, &size, &violation) == OYEZ_OK);
    free(bytes);
}

static void convert_protobuf(void)
{
    char *text;
    size_t size;
    require(details_to_json(plan, message, message_size, &text, &size, NULL) == OYEZ_OK);
    free(text);
}

static void decode_nanopb(void)
{
    static uint64_t decoded[STRUCT_SIZE_MAX / 8];
    pb_istream_t stream = pb_istream_from_buffer(message, message_size);
    require(pb_decode(&stream, sample->fields, decoded));
    pb_release(sample->fields, decoded);
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median_ns(void (*call)(void))
{
    double rounds[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t begin = now_ns();
        for (int i = 0; i < CALLS_A_ROUND; i++)
            call();
        rounds[round] = (double)(now_ns() - begin) / CALLS_A_ROUND;
    }
    qsort(rounds, ROUNDS, sizeof rounds[0], compare);
    return rounds[ROUNDS / 2];
}

static void measure(const struct sample *which)
{
    struct violation violation;
    const struct oyez_type *type = oyez_type_find(which->event_type, strlen(which->event_type));
    sample = which;
    json_size = strlen(which->json);
    require(type != NULL && which->struct_size <= STRUCT_SIZE_MAX);
    plan = type_plan(type);
    require(plan != NULL);
    require(details_from_json(plan, which->json, json_size, &message, &message_size, &violation) ==
            OYEZ_OK);
    printf("%-9s %-32s %6zu %6zu %8.0f %8.0f %8.0f %8.0f %8.0f\n", which->name, which->event_type,
           json_size, message_size, median_ns(check_json), median_ns(check_protobuf),
           median_ns(convert_json), median_ns(convert_protobuf), median_ns(decode_nanopb));
    free(message);
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

int main(void)
{
    print_machine();
    printf("median ns of %d rounds; converting allocates its result, as nanopb does its strings\n",
           ROUNDS);
    printf("%-9s %-32s %6s %6s %8s %8s %8s %8s %8s\n", "details", "event type", "json", "proto",
           "check j", "check p", "j to p", "p to j", "nanopb");
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        measure(&samples[i]);
    return 0;
}
