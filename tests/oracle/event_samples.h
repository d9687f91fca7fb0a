// SPDX-License-Identifier: MIT
// What the tests of the envelope have in common: events, and strict ways there and back.
#ifndef OYEZ_EVENT_SAMPLES_H
#define OYEZ_EVENT_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "wire/envelope.h"

#define DETAILS_ROOM 70000u

extern uint8_t details_room[DETAILS_ROOM];
extern uint8_t encoded[OYEZ_HEADER_SIZE_MAX + DETAILS_ROOM];

// Encodes to `encoded`; fails the test when more or less is written than was measured.
size_t encode(const struct oyez_event *event);

// Decodes a copy of exactly that size, so that a sanitizer sees each step beyond it. What the
// event points to lives until the next call.
oyez_err decode(struct oyez_event *out, const uint8_t *bytes, size_t size);

// An event with every field.
struct oyez_event full_event(void);

// Small numbers of a seeded sequence: the same in every run.
void seed_random(uint64_t seed);
uint64_t next_random(void);
size_t random_below(size_t end);

#endif
