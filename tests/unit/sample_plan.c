// SPDX-License-Identifier: MIT
#include "sample_plan.h"

#include <stdlib.h>
#include <string.h>

#include "wire/field.h"

#define FIELD_COUNT (SAMPLE_END - 1)

static struct plan plan;
static struct plan required;
static const struct plan time_plan = {.name = "Timestamp", .special = PLAN_TIMESTAMP};
static const struct plan duration_plan = {.name = "Duration", .special = PLAN_DURATION};

static const struct plan_enum_value colours[] = {
    {{"BLUE", 4}, -2}, {{"NONE", 4}, 0}, {{"RED", 3}, 1}};
static const uint16_t colours_by_name[] = {2, 0, 1};
static const struct plan_enum colour = {colours, 3, colours_by_name};

#define TEXT(words)                                                                                \
    {                                                                                              \
        (words), sizeof(words) - 1                                                                 \
    }
static const struct plan_field vote_fields[] = {
    {.name = TEXT("key"), .number = 1, .kind = PLAN_STRING, .wire_type = WIRE_BYTES},
    {.name = TEXT("value"), .number = 2, .kind = PLAN_STRING, .wire_type = WIRE_BYTES, .place = 1},
};
static const struct plan_field child_fields[] = {
    {.name = TEXT("key"), .number = 1, .kind = PLAN_INT32},
    {.name = TEXT("value"),
     .number = 2,
     .kind = PLAN_MESSAGE,
     .wire_type = WIRE_BYTES,
     .place = 1,
     .message = &plan},
};
static const struct plan votes = {.name = "VotesEntry", .fields = vote_fields, .field_count = 2};
static const struct plan children = {
    .name = "ChildrenEntry", .fields = child_fields, .field_count = 2};

#define FIELD(n, words, ...)                                                                       \
    {                                                                                              \
        .name = TEXT(words), .number = n, .place = n - 1, __VA_ARGS__                              \
    }
static const struct plan_field fields[FIELD_COUNT] = {
    FIELD(SAMPLE_NAME, "name", .kind = PLAN_STRING, .wire_type = WIRE_BYTES, .has_rules = true,
          .rules = {.min_length = 2, .max_length = 10, .has_max_length = true}),
    FIELD(SAMPLE_COUNT, "count", .kind = PLAN_INT32, .has_rules = true,
          .rules = {.has_min = true, .min = 1, .has_max = true, .max = 10}),
    FIELD(SAMPLE_BIG, "big", .kind = PLAN_INT64),
    FIELD(SAMPLE_UBIG, "ubig", .kind = PLAN_UINT64),
    FIELD(SAMPLE_RATIO, "ratio", .kind = PLAN_DOUBLE, .wire_type = WIRE_FIXED64),
    FIELD(SAMPLE_SMALL, "small", .kind = PLAN_FLOAT, .wire_type = WIRE_FIXED32),
    FIELD(SAMPLE_FLAG, "flag", .kind = PLAN_BOOL),
    FIELD(SAMPLE_DATA, "data", .kind = PLAN_BYTES, .wire_type = WIRE_BYTES),
    FIELD(SAMPLE_COLOUR, "colour", .kind = PLAN_ENUM, .enumeration = &colour),
    FIELD(SAMPLE_TAGS, "tags", .kind = PLAN_STRING, .wire_type = WIRE_BYTES, .repeated = true,
          .has_rules = true, .rules = {.max_length = 3, .has_max_length = true}),
    FIELD(SAMPLE_NUMBERS, "numbers", .kind = PLAN_SINT32, .repeated = true, .packed = true),
    FIELD(SAMPLE_VOTES, "votes", .kind = PLAN_MESSAGE, .wire_type = WIRE_BYTES, .repeated = true,
          .map = true, .message = &votes),
    FIELD(SAMPLE_CHILDREN, "children", .kind = PLAN_MESSAGE, .wire_type = WIRE_BYTES,
          .repeated = true, .map = true, .message = &children),
    FIELD(SAMPLE_CHILD, "child", .kind = PLAN_MESSAGE, .wire_type = WIRE_BYTES, .message = &plan),
    FIELD(SAMPLE_AT, "at", .kind = PLAN_MESSAGE, .wire_type = WIRE_BYTES, .message = &time_plan),
    FIELD(SAMPLE_LASTS, "lasts", .kind = PLAN_MESSAGE, .wire_type = WIRE_BYTES,
          .message = &duration_plan),
    FIELD(SAMPLE_EXTRA, "extra", .kind = PLAN_STRING, .wire_type = WIRE_BYTES, .has_rules = true,
          .rules = {.json = true}),
    FIELD(SAMPLE_THIS, "this", .kind = PLAN_STRING, .wire_type = WIRE_BYTES, .oneof = 1),
    FIELD(SAMPLE_THAT, "that", .kind = PLAN_STRING, .wire_type = WIRE_BYTES, .oneof = 1),
    FIELD(SAMPLE_STORY, "story", .kind = PLAN_STRING, .wire_type = WIRE_BYTES, .has_rules = true,
          .rules = {.truncate = 40}),
    FIELD(SAMPLE_MAIL, "mail", .kind = PLAN_STRING, .wire_type = WIRE_BYTES, .has_rules = true,
          .rules = {.format = PLAN_FORMAT_EMAIL}),
    FIELD(SAMPLE_NARROW, "narrow", .kind = PLAN_UINT32),
    FIELD(SAMPLE_FIXED, "fixed", .kind = PLAN_SFIXED64, .wire_type = WIRE_FIXED64),
};

static uint16_t by_name[FIELD_COUNT];
static uint16_t by_number[SAMPLE_END];

static int compare_names(const void *a, const void *b)
{
    const struct plan_text *a_name = &fields[*(const uint16_t *)a].name;
    const struct plan_text *b_name = &fields[*(const uint16_t *)b].name;
    if (a_name->size != b_name->size)
        return a_name->size < b_name->size ? -1 : 1;
    return memcmp(a_name->text, b_name->text, a_name->size);
}

const struct plan *sample_plan(void)
{
    if (plan.fields)
        return &plan;
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        by_name[i] = (uint16_t)i;
        by_number[i + 1] = (uint16_t)(i + 1);
    }
    qsort(by_name, FIELD_COUNT, sizeof by_name[0], compare_names);
    plan = (struct plan){.name = "Sample",
                         .fields = fields,
                         .field_count = FIELD_COUNT,
                         .by_number = by_number,
                         .by_number_count = SAMPLE_END,
                         .by_name = by_name,
                         .truncates = true};
    return &plan;
}

const struct plan *sample_required(void)
{
    required = *sample_plan();
    required.has_required = true;
    required.required[0] = 3;
    return &required;
}
