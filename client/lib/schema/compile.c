// SPDX-License-Identifier: MIT
// Plans from descriptors. A message may refer to itself, directly or round about, so every plan has
// its address before any is filled, and none is given out before all that it refers to are whole.
#include "schema/compile.h"

#include <stdlib.h>
#include <string.h>

#include "wire/field.h"

enum { MESSAGE_FIELD = 2 };
#define WELL_KNOWN "google.protobuf."

static enum plan_special special_of(const char *name)
{
    if (strcmp(name, WELL_KNOWN "Timestamp") == 0)
        return PLAN_TIMESTAMP;
    return strcmp(name, WELL_KNOWN "Duration") == 0 ? PLAN_DURATION : PLAN_ORDINARY;
}

static oyez_err refuse(const struct compile *compile, const char *what)
{
    const struct descriptor_message *message = compile->message;
    return descriptor_fail(OYEZ_ERR_INVALID, compile->set, &compile->set->files[message->file],
                           message, NULL, "%s", what);
}

static oyez_err check_message(const struct compile *compile)
{
    const struct descriptor_message *message = compile->message;
    const struct descriptor_file *file = &compile->set->files[message->file];
    bool well_known = strncmp(message->name, WELL_KNOWN, strlen(WELL_KNOWN)) == 0;
    if (well_known && special_of(message->name) == PLAN_ORDINARY)
        return refuse(compile, "only Timestamp and Duration of google.protobuf can be details: use "
                               "a string field with (oyez.rules).json");
    if (strcmp(file->syntax, "proto3") != 0)
        return refuse(compile, "its file is not of syntax proto3");
    if (message->field_count > OYEZ_PLAN_FIELDS_MAX)
        return descriptor_fail(OYEZ_ERR_TOO_LARGE, compile->set, file, message, NULL,
                               "more than %u fields", OYEZ_PLAN_FIELDS_MAX);
    return OYEZ_OK;
}

static oyez_err read_fields(struct compile *compile)
{
    struct descriptor_slice bytes = compile->message->bytes;
    struct wire_reader reader = descriptor_reader(bytes);
    struct wire_field field;
    uint32_t i = 0;
    oyez_err err = OYEZ_OK;
    while (err == OYEZ_OK && reader.at < reader.end && wire_read_field(&reader, &field)) {
        if (field.number != MESSAGE_FIELD || field.type != WIRE_BYTES)
            continue;
        err = compile_field(&compile->fields[i], compile, i,
                            (struct descriptor_slice){field.bytes, field.size});
        i++;
    }
    return err;
}

static int compare_numbers(const void *left, const void *right)
{
    const struct plan_field *a = left;
    const struct plan_field *b = right;
    return (a->number > b->number) - (a->number < b->number);
}

static int compare_names(const void *left, const void *right, void *arg)
{
    const struct plan_field *fields = arg;
    const struct plan_text *other = &fields[*(const uint16_t *)right].name;
    return plan_text_compare(&fields[*(const uint16_t *)left].name, other->text, other->size);
}

static oyez_err index_fields(struct compile *compile, struct plan *plan)
{
    struct descriptor_set *set = compile->set;
    struct plan_field *fields = compile->fields;
    size_t count = plan->field_count;
    uint16_t *by_name = arena_take(&set->arena, count, sizeof *by_name);
    uint32_t last = count > 0 ? fields[count - 1].number : 0;
    plan->by_number_count = last < 4 * count + 64 ? last + 1 : 0;
    uint16_t *by_number = arena_take(&set->arena, plan->by_number_count, sizeof *by_number);
    if (by_name == NULL || by_number == NULL)
        return descriptor_no_memory(set);
    for (size_t i = 0; i < count; i++) {
        by_name[i] = (uint16_t)i;
        if (fields[i].number < plan->by_number_count)
            by_number[fields[i].number] = (uint16_t)(i + 1);
    }
    qsort_r(by_name, count, sizeof *by_name, compare_names, fields);
    for (size_t i = 1; i < count; i++) {
        if (fields[i - 1].number == fields[i].number)
            return compile_fail(compile, fields[i].name.text, "its number is that of %s",
                                fields[i - 1].name.text);
        if (compare_names(&by_name[i - 1], &by_name[i], fields) == 0)
            return compile_fail(compile, fields[by_name[i]].name.text, "is there twice");
    }
    plan->by_name = by_name;
    plan->by_number = by_number;
    return OYEZ_OK;
}

static oyez_err number_places(struct compile *compile, struct plan *plan)
{
    for (size_t i = 0; i < plan->field_count; i++) {
        struct plan_field *field = &compile->fields[i];
        field->place = (uint16_t)i;
        if (field->repeated) {
            if (plan->repeated_count == OYEZ_PLAN_REPEATED_MAX)
                return compile_fail(compile, field->name.text,
                                    "more than %u repeated fields in one message",
                                    OYEZ_PLAN_REPEATED_MAX);
            field->repeated_place = plan->repeated_count++;
        }
        if (field->rules.required) {
            plan->required[i / 64] |= UINT64_C(1) << (i % 64);
            plan->has_required = true;
        }
        plan->truncates = plan->truncates || field->rules.truncate > 0;
    }
    return OYEZ_OK;
}

static oyez_err check_special(const struct compile *compile, const struct plan *plan)
{
    if (plan->special == PLAN_ORDINARY)
        return OYEZ_OK;
    const struct plan_field *fields = plan->fields;
    bool good = plan->field_count == 2 && fields[0].number == 1 && fields[1].number == 2 &&
                fields[0].kind == PLAN_INT64 && fields[1].kind == PLAN_INT32 &&
                !fields[0].repeated && !fields[1].repeated;
    return good ? OYEZ_OK : refuse(compile, "is not the message of that name");
}

static bool is_key_kind(enum plan_kind kind)
{
    return kind != PLAN_DOUBLE && kind != PLAN_FLOAT && kind != PLAN_BYTES && kind != PLAN_ENUM &&
           kind != PLAN_MESSAGE;
}

static oyez_err check_entry(const struct compile *compile, const struct plan *plan)
{
    if (!compile->message->map_entry)
        return OYEZ_OK;
    const struct plan_field *fields = plan->fields;
    bool good = plan->field_count == 2 && fields[0].number == 1 && fields[1].number == 2 &&
                is_key_kind(fields[0].kind) && !fields[0].repeated && !fields[1].repeated;
    return good ? OYEZ_OK : refuse(compile, "is no entry of a map");
}

static oyez_err fill_plan(struct compile *compile)
{
    struct plan *plan = compile->message->plan;
    oyez_err err = check_message(compile);
    if (err != OYEZ_OK)
        return err;
    plan->name = compile->message->name;
    plan->special = special_of(plan->name);
    plan->field_count = compile->message->field_count;
    compile->fields = arena_take(&compile->set->arena, plan->field_count, sizeof *compile->fields);
    if (compile->fields == NULL)
        return descriptor_no_memory(compile->set);
    plan->fields = compile->fields;
    err = read_fields(compile);
    if (err == OYEZ_OK && plan->field_count > 1)
        qsort(compile->fields, plan->field_count, sizeof *compile->fields, compare_numbers);
    if (err == OYEZ_OK)
        err = number_places(compile, plan);
    if (err == OYEZ_OK)
        err = index_fields(compile, plan);
    if (err == OYEZ_OK)
        err = check_special(compile, plan);
    return err == OYEZ_OK ? check_entry(compile, plan) : err;
}

oyez_err compile_want(struct compile *compile, uint32_t index, const struct plan **out)
{
    struct descriptor_message *message = &compile->set->messages[index];
    if (message->plan == NULL) {
        message->plan = arena_take(&compile->set->arena, 1, sizeof *message->plan);
        if (message->plan == NULL)
            return descriptor_no_memory(compile->set);
        // A list without an order of its own: the newest wanted is made next.
        message->pending = compile->pending;
        compile->pending = index;
    }
    *out = message->plan;
    return OYEZ_OK;
}

// Cutting is asked of a whole message: whoever holds one that cuts, cuts. Stable after as many
// rounds as references lead back.
static void spread_truncation(const uint32_t *made, size_t count, struct descriptor_set *set)
{
    bool changed = true;
    while (changed) {
        changed = false;
        for (size_t i = count; i > 0; i--) {
            struct plan *plan = set->messages[made[i - 1]].plan;
            for (size_t f = 0; f < plan->field_count && !plan->truncates; f++) {
                const struct plan *inner = plan->fields[f].message;
                plan->truncates = inner != NULL && inner->truncates;
                changed = changed || plan->truncates;
            }
        }
    }
}

// On failure nothing of the round stays: half a plan must not be found by the next.
static void forget(const struct compile *compile, const uint32_t *made, size_t count)
{
    for (size_t i = 0; i < count; i++)
        compile->set->messages[made[i]].plan = NULL;
    for (uint32_t i = compile->pending; i != DESCRIPTOR_NONE;) {
        struct descriptor_message *message = &compile->set->messages[i];
        i = message->pending;
        message->plan = NULL;
    }
}

static oyez_err make_all(struct compile *compile, uint32_t *made)
{
    size_t count = 0;
    oyez_err err = OYEZ_OK;
    while (err == OYEZ_OK && compile->pending != DESCRIPTOR_NONE) {
        uint32_t index = compile->pending;
        compile->message = &compile->set->messages[index];
        compile->pending = compile->message->pending;
        made[count++] = index;
        err = fill_plan(compile);
    }
    if (err == OYEZ_OK)
        spread_truncation(made, count, compile->set);
    else
        forget(compile, made, count);
    return err;
}

oyez_err plan_make(const struct plan **out, struct descriptor_set *set, uint32_t message)
{
    struct compile compile = {.set = set, .pending = DESCRIPTOR_NONE};
    uint32_t *made = malloc((set->message_count + 1) * sizeof *made);
    if (made == NULL)
        return descriptor_no_memory(set);
    pthread_mutex_lock(&set->lock);
    oyez_err err = compile_want(&compile, message, out);
    if (err == OYEZ_OK)
        err = make_all(&compile, made);
    pthread_mutex_unlock(&set->lock);
    free(made);
    return err;
}
