// SPDX-License-Identifier: MIT
// A plan with a field of every kind, made by hand, for the tests of what works by plans.
#ifndef OYEZ_SAMPLE_PLAN_H
#define OYEZ_SAMPLE_PLAN_H

#include "schema/plan.h"

// Numbers of its fields; names are the same in lower case.
enum sample_field {
    SAMPLE_NAME = 1, // string of 2 to 10 characters
    SAMPLE_COUNT,    // int32, 1 to 10
    SAMPLE_BIG,      // int64
    SAMPLE_UBIG,     // uint64
    SAMPLE_RATIO,    // double
    SAMPLE_SMALL,    // float
    SAMPLE_FLAG,     // bool
    SAMPLE_DATA,     // bytes
    SAMPLE_COLOUR,   // enum: NONE = 0, RED = 1, BLUE = -2
    SAMPLE_TAGS,     // repeated string, at most 3
    SAMPLE_NUMBERS,  // repeated sint32, packed
    SAMPLE_VOTES,    // map<string, string>
    SAMPLE_CHILDREN, // map<int32, Sample>
    SAMPLE_CHILD,    // Sample
    SAMPLE_AT,       // Timestamp
    SAMPLE_LASTS,    // Duration
    SAMPLE_EXTRA,    // string marked json
    SAMPLE_THIS,     // string, or
    SAMPLE_THAT,     // string: one choice
    SAMPLE_STORY,    // string, truncate 40
    SAMPLE_MAIL,     // string, an email address
    SAMPLE_NARROW,   // uint32
    SAMPLE_FIXED,    // sfixed64
    SAMPLE_END,
};

// sample_plan makes the plan at its first call. sample_required is the same, with `name` and
// `count` required.
const struct plan *sample_plan(void);
const struct plan *sample_required(void);

#endif
