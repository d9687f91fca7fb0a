// SPDX-License-Identifier: MIT
#include "schema/violation.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "oyez/limits.h"
#include "schema/characters.h"

// Levels that a path shows; JSON may go deeper than the messages of a plan.
#define STEPS_MAX 64u
#define KEY_CHARACTERS_MAX 40u

static size_t print_step(char *path, size_t at, const struct violation_step *step)
{
    size_t room = OYEZ_VIOLATION_PATH_SIZE - at;
    if (room <= 8)
        return at;
    path[at++] = '.';
    at += characters_print(path + at, room - 1, SIZE_MAX, step->field->name.text,
                           step->field->name.size);
    room = OYEZ_VIOLATION_PATH_SIZE - at;
    bool indexed = step->key != NULL || step->element != SIZE_MAX;
    if (!indexed || room <= 8)
        return at;
    path[at++] = '[';
    char digits[24];
    snprintf(digits, sizeof digits, "%zu", step->element);
    const char *inside = step->key != NULL ? step->key : digits;
    size_t size = step->key != NULL ? step->key_size : strlen(digits);
    at += characters_print(path + at, room - 2, KEY_CHARACTERS_MAX, inside, size);
    path[at++] = ']';
    path[at] = '\0';
    return at;
}

static size_t print_path(char *path, const struct violation_step *step)
{
    const struct violation_step *steps[STEPS_MAX];
    size_t count = 0;
    for (; step != NULL && count < STEPS_MAX; step = step->parent)
        steps[count++] = step;
    size_t at = (size_t)snprintf(path, OYEZ_VIOLATION_PATH_SIZE, "details");
    while (count > 0)
        at = print_step(path, at, steps[--count]);
    return at;
}

// A rule may show what a catalog allows, and a stranger may have written that.
static void print_rule(struct violation *violation, const char *rule, va_list arguments)
{
    char text[sizeof violation->rule];
    vsnprintf(text, sizeof text, rule, arguments);
    characters_print(violation->rule, sizeof violation->rule, SIZE_MAX, text, strlen(text));
}

static void note_value(struct violation *violation, const char *value, size_t value_size)
{
    violation->value[0] = '\0';
    if (value != NULL && value_size == 0)
        memcpy(violation->value, "\"\"", 3);
    else if (value != NULL)
        characters_print(violation->value, sizeof violation->value, OYEZ_VIOLATION_VALUE_CHARACTERS,
                         value, value_size);
}

bool violation_begin(struct violation *violation, size_t details_size)
{
    violation->wrong = violation->missing = false;
    violation->deprecated = NULL;
    if (details_size > OYEZ_DETAILS_SIZE_MAX)
        violation_wrong(violation, NULL, NULL, 0, "are larger than %u bytes",
                        OYEZ_DETAILS_SIZE_MAX);
    return !violation->wrong;
}

void violation_wrong(struct violation *violation, const struct violation_step *step,
                     const char *value, size_t value_size, const char *rule, ...)
{
    if (violation->wrong)
        return;
    violation->wrong = true;
    print_path(violation->path, step);
    va_list arguments;
    va_start(arguments, rule);
    print_rule(violation, rule, arguments);
    va_end(arguments);
    note_value(violation, value, value_size);
}

void violation_wrong_header(struct violation *violation, const char *name, const char *value,
                            size_t value_size, const char *rule, ...)
{
    if (violation->wrong)
        return;
    violation->wrong = true;
    snprintf(violation->path, sizeof violation->path, "%s", name);
    va_list arguments;
    va_start(arguments, rule);
    print_rule(violation, rule, arguments);
    va_end(arguments);
    note_value(violation, value, value_size);
}

static void note_missing(struct violation *violation)
{
    violation->missing = true;
    snprintf(violation->rule, sizeof violation->rule, "is required");
    violation->value[0] = '\0';
}

void violation_missing_header(struct violation *violation, const char *name)
{
    if (violation->wrong || violation->missing)
        return;
    snprintf(violation->path, sizeof violation->path, "%s", name);
    note_missing(violation);
}

void violation_missing(struct violation *violation, const struct violation_step *parent,
                       const struct plan_field *field)
{
    if (violation->wrong || violation->missing)
        return;
    struct violation_step step = {.parent = parent, .field = field, .element = SIZE_MAX};
    print_path(violation->path, &step);
    note_missing(violation);
}

void violation_note_deprecated(struct violation *violation, const struct plan_field *field)
{
    if (violation->deprecated == NULL && !atomic_load(field->deprecated_told))
        violation->deprecated = field;
}

oyez_err violation_fail(const struct violation *violation, const struct oyez_type *type)
{
    if (!violation->wrong && !violation->missing)
        return OYEZ_OK;
    return oyez_fail(OYEZ_ERR_INVALID, "%s: %s: %s: %s%s%s", type->catalog->name, type->name,
                     violation->path, violation->value, violation->value[0] != '\0' ? " " : "",
                     violation->rule);
}
