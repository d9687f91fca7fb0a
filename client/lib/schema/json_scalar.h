// SPDX-License-Identifier: MIT
// JSON values read as protobuf's scalars: what checking and converting have in common.
#ifndef OYEZ_SCHEMA_JSON_SCALAR_H
#define OYEZ_SCHEMA_JSON_SCALAR_H

#include <stdbool.h>
#include <stdint.h>

#include "json_walk.h"
#include "schema/plan.h"
#include "schema/well_known.h"

struct json_scalar {
    int64_t integer; // of integers, bools and enums; 64 unsigned bits are kept as they are
    double number;   // of PLAN_DOUBLE and PLAN_FLOAT
    struct well_known moment;
};

// json_scalar_read reads a value of any kind but strings, bytes and ordinary messages. NULL, or
// what is wrong with it: "is not a whole number".
const char *json_scalar_read(const struct plan_field *field, const struct oyez_json_slice *value,
                             struct json_scalar *out);

// json_key_read reads a map's key that is no string: whole numbers in their shortest form, true
// and false.
const char *json_key_read(const struct plan_field *field, const struct oyez_json_slice *key,
                          struct json_scalar *out);

// plan_kind_is_unsigned: whether an integer of that kind is.
bool plan_kind_is_unsigned(enum plan_kind kind);

#endif
