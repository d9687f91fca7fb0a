// SPDX-License-Identifier: MIT
// Version 7, RFC 9562 section 6.2 method 3: 48 bits of milliseconds, 12 bits of the millisecond's
// 4096 parts, then six bits of counter behind the variant, then 56 random bits.
//
// Time and counter are one number in one atomic word, in the order in which ids compare. Each id
// takes the clock's number or the last one plus 1, whichever is greater: a full counter carries
// into the time, and a clock set back is waited out. No lock, so no thread ever blocks.
#include "oyez/uuid.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "uuid_clock.h"

#define COUNTER_BITS 6
#define PART_BITS 12
#define NS_PER_MS 1000000
#define RANDOM_BYTES 7
#define RANDOM_BLOCK_SIZE (RANDOM_BYTES * 64)

struct random_block {
    unsigned process; // of `processes`, when the block was filled
    size_t left;
    uint8_t bytes[RANDOM_BLOCK_SIZE];
};

static _Thread_local struct random_block block;
static _Atomic uint64_t last_number;
static _Atomic unsigned processes; // grows in every forked child: its blocks are its parent's
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;
static bool forks_are_seen;

static int64_t read_system_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

static _Atomic(oyez_uuid_clock *) current_clock = read_system_clock;

void oyez_uuid_set_clock(oyez_uuid_clock *clock)
{
    atomic_store(&current_clock, clock != NULL ? clock : read_system_clock);
}

static uint64_t number_of_now(void)
{
    int64_t ns = atomic_load_explicit(&current_clock, memory_order_relaxed)();
    uint64_t past = ns > 0 ? (uint64_t)ns : 0;
    uint64_t part = ((past % NS_PER_MS) << PART_BITS) / NS_PER_MS;

    return (past / NS_PER_MS << PART_BITS | part) << COUNTER_BITS;
}

static uint64_t take_number(void)
{
    uint64_t now = number_of_now();
    uint64_t last = atomic_load_explicit(&last_number, memory_order_relaxed);
    uint64_t next;

    do
        next = now > last ? now : last + 1;
    while (!atomic_compare_exchange_weak(&last_number, &last, next));
    return next;
}

static void note_fork(void)
{
    atomic_fetch_add_explicit(&processes, 1, memory_order_relaxed);
}

static void watch_forks(void)
{
    forks_are_seen = pthread_atfork(NULL, NULL, note_fork) == 0;
}

// Before the system has gathered entropy (early boot) an id still has to come, and need not be
// secret: mix what differs between processes, threads and calls (SplitMix64).
static void fill_without_entropy(uint8_t *out, size_t size)
{
    struct timespec now;
    uint64_t state;

    clock_gettime(CLOCK_MONOTONIC, &now);
    state = (uint64_t)now.tv_sec << 30 ^ (uint64_t)now.tv_nsec ^ (uint64_t)getpid() << 40 ^
            (uint64_t)(uintptr_t)out;
    for (size_t i = 0; i < size; i++) {
        uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);

        z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
        z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
        out[i] = (uint8_t)(z >> 56);
    }
}

static void fill_block(void)
{
    pthread_once(&fork_once, watch_forks);
    ssize_t got = getrandom(block.bytes, sizeof(block.bytes), GRND_NONBLOCK);
    size_t filled = got > 0 ? (size_t)got : 0;

    if (filled < sizeof(block.bytes))
        fill_without_entropy(block.bytes + filled, sizeof(block.bytes) - filled);
    block.process = atomic_load_explicit(&processes, memory_order_relaxed);
    // Where forks go unseen nothing may be kept for the next call.
    block.left = forks_are_seen ? sizeof(block.bytes) : RANDOM_BYTES;
}

static void take_random(uint8_t out[RANDOM_BYTES])
{
    if (block.left == 0 || block.process != atomic_load_explicit(&processes, memory_order_relaxed))
        fill_block();
    block.left -= RANDOM_BYTES;
    memcpy(out, block.bytes + block.left, RANDOM_BYTES);
}

struct oyez_uuid oyez_uuid_new(void)
{
    struct oyez_uuid uuid;
    uint64_t number = take_number();
    uint64_t part = number >> COUNTER_BITS & ((1u << PART_BITS) - 1);
    uint64_t ms = number >> COUNTER_BITS >> PART_BITS;

    for (unsigned i = 0; i < 6; i++)
        uuid.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    uuid.bytes[6] = (uint8_t)(0x70 | part >> 8);
    uuid.bytes[7] = (uint8_t)part;
    uuid.bytes[8] = (uint8_t)(0x80 | (number & ((1u << COUNTER_BITS) - 1)));
    take_random(uuid.bytes + 9);
    return uuid;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

// A dash stands before these bytes.
static bool follows_dash(unsigned byte)
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

oyez_err oyez_uuid_from_text(struct oyez_uuid *out, const char *text)
{
    struct oyez_uuid uuid;
    const char *at = text;

    if (text == NULL)
        return oyez_fail(OYEZ_ERR_INVALID, "UUID: no text");
    for (unsigned i = 0; i < OYEZ_UUID_SIZE; i++) {
        if (follows_dash(i) && *at++ != '-')
            goto bad;
        int high = hex_value(at[0]);
        int low = high < 0 ? -1 : hex_value(at[1]);
        if (low < 0)
            goto bad;
        uuid.bytes[i] = (uint8_t)(high << 4 | low);
        at += 2;
    }
    if (*at != '\0')
        goto bad;
    *out = uuid;
    return OYEZ_OK;
bad:
    return oyez_fail(OYEZ_ERR_INVALID, "UUID \"%.64s\": expected 8-4-4-4-12 hexadecimal digits",
                     text);
}

void oyez_uuid_to_text(struct oyez_uuid uuid, char text[OYEZ_UUID_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";

    for (unsigned i = 0; i < OYEZ_UUID_SIZE; i++) {
        if (follows_dash(i))
            *text++ = '-';
        *text++ = digits[uuid.bytes[i] >> 4];
        *text++ = digits[uuid.bytes[i] & 0x0F];
    }
    *text = '\0';
}

bool oyez_uuid_is_zero(struct oyez_uuid uuid)
{
    static const struct oyez_uuid zero;

    return oyez_uuid_equal(uuid, zero);
}

bool oyez_uuid_equal(struct oyez_uuid a, struct oyez_uuid b)
{
    return memcmp(a.bytes, b.bytes, OYEZ_UUID_SIZE) == 0;
}
