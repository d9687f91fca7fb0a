// SPDX-License-Identifier: MIT
// What the makers of plans share.
#ifndef OYEZ_SCHEMA_COMPILE_H
#define OYEZ_SCHEMA_COMPILE_H

#include "schema/descriptor.h"
#include "schema/plan.h"

struct compile {
    struct descriptor_set *set;
    struct descriptor_message *message; // whose plan is being made
    struct plan_field *fields;
    uint32_t pending; // first of the messages whose plans are wanted
};

// compile_want gives the address of a message's plan, and sees to it that it is made.
oyez_err compile_want(struct compile *compile, uint32_t index, const struct plan **out);

// compile_field fills field number `index` of the message from its FieldDescriptorProto.
oyez_err compile_field(struct plan_field *out, struct compile *compile, uint32_t index,
                       struct descriptor_slice bytes);

// compile_enum makes the plan of an enum, or finds it.
oyez_err compile_enum(const struct plan_enum **out, struct compile *compile, uint32_t index);

// compile_rules judges the rules of a field, and sorts what is allowed. `kind` is that of the values
// (of a map, too). `presence`: an absent value and a zero are two things on the wire.
oyez_err compile_rules(struct plan_field *field, struct compile *compile, enum plan_kind kind,
                       bool presence);

// compile_fail: OYEZ_ERR_INVALID with the place before what is wrong with the field.
oyez_err compile_fail(const struct compile *compile, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
