// SPDX-License-Identifier: MIT
// Long texts are cut to their `truncate` rule before details are judged and sent. Most details need
// none of it: then nothing is allocated.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_scan.h"
#include "json_text.h"
#include "schema/details.h"
#include "schema/json_value.h"
#include "schema/message_field.h"
#include "schema/message_writer.h"

#define ELLIPSIS "\xe2\x80\xa6"
#define MARK_SIZE 64u

// What is left of a text, and what says so.
struct cut {
    size_t kept; // characters
    char mark[MARK_SIZE];
    size_t mark_size;
};

// The mark's own length depends on the number in it.
static void plan_cut(struct cut *cut, size_t count, uint32_t limit)
{
    for (unsigned digits = 1; digits < 20; digits++) {
        size_t mark = sizeof " [ characters cut]" - 1 + 1 + digits;
        if (mark > limit)
            break;
        cut->kept = limit - mark;
        int size =
            snprintf(cut->mark, MARK_SIZE, ELLIPSIS " [%zu characters cut]", count - cut->kept);
        cut->mark_size = (size_t)size;
        // The ellipsis has three bytes and is one character.
        if (cut->mark_size - 2 == mark)
            return;
    }
    // No room for words.
    cut->kept = limit - 1;
    cut->mark_size = sizeof ELLIPSIS - 1;
    memcpy(cut->mark, ELLIPSIS, cut->mark_size);
}

// Where the first `count` characters of UTF-8 end.
static size_t measure_characters(const uint8_t *text, size_t size, size_t count)
{
    size_t at = 0;
    while (at < size && count > 0) {
        at++;
        while (at < size && (text[at] & 0xC0) == 0x80)
            at++;
        count--;
    }
    return at;
}

static size_t count_characters(const uint8_t *text, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += (text[i] & 0xC0) != 0x80;
    return count;
}

static bool is_cut(const struct plan_rules *rules, enum plan_kind kind)
{
    return kind == PLAN_STRING && rules->truncate > 0 && !rules->json;
}

static bool has_fields(const struct plan_field *field)
{
    return field->kind == PLAN_MESSAGE && field->message->special == PLAN_ORDINARY;
}

struct json_cutting {
    struct json_text out;
    const char *copied; // up to here the text is in `out`
    unsigned cut;
};

static const char *cut_json_message(struct json_cutting *cutting, const struct plan *plan,
                                    const char *at);

static void cut_json_string(struct json_cutting *cutting, uint32_t limit,
                            const struct json_string *string)
{
    size_t count = string->size > limit ? json_string_count(string) : 0;
    if (count <= limit)
        return;
    struct cut cut;
    plan_cut(&cut, count, limit);
    const char *end = string->text;
    char character[4];
    for (size_t i = 0; i < cut.kept; i++)
        json_next_character(&end, character);
    json_text_put(&cutting->out, cutting->copied, (size_t)(end - cutting->copied));
    json_text_put(&cutting->out, cut.mark, cut.mark_size);
    cutting->copied = string->text + string->size;
    cutting->cut++;
}

// What is of another kind than it should be is left to who judges.
static const char *cut_json_value(struct json_cutting *cutting, const struct plan_rules *rules,
                                  const struct plan_field *field, const char *at)
{
    if (has_fields(field) && *at == '{')
        return cut_json_message(cutting, field->message, at);
    const char *end = oyez_json_skip(at);
    if (is_cut(rules, field->kind) && *at == '"') {
        struct oyez_json_slice value = {at, (size_t)(end - at)};
        struct json_string string = json_string_of(&value);
        cut_json_string(cutting, rules->truncate, &string);
    }
    return end;
}

static const char *cut_json_elements(struct json_cutting *cutting, const struct plan_field *field,
                                     const char *at)
{
    const struct plan_field *value = field->map ? &field->message->fields[1] : field;
    while (oyez_json_more(&at)) {
        struct oyez_json_slice key;
        if (field->map)
            at = oyez_json_read_key(at, &key);
        at = cut_json_value(cutting, &field->rules, value, at);
    }
    return at;
}

// JSON is no deeper than its scanner lets it be.
static const char *cut_json_message(struct json_cutting *cutting, const struct plan *plan,
                                    const char *at)
{
    while (oyez_json_more(&at)) {
        struct oyez_json_slice key;
        at = oyez_json_read_key(at, &key);
        const struct plan_field *field = json_field_find(plan, &key);
        if (field != NULL && !field->repeated)
            at = cut_json_value(cutting, &field->rules, field, at);
        else if (field != NULL && *at == (field->map ? '{' : '['))
            at = cut_json_elements(cutting, field, at);
        else
            at = oyez_json_skip(at);
    }
    return at;
}

static oyez_err cut_json(const struct plan *plan, const char *text, size_t size, uint8_t **bytes,
                         size_t *out_size, unsigned *cut)
{
    struct json_cutting cutting = {.copied = text};
    struct oyez_json_fault fault;
    if (!oyez_json_scan(text, size, OYEZ_JSON_DEPTH_MAX, &fault))
        return oyez_fail(OYEZ_ERR_MALFORMED, "details: %s (byte %zu)", fault.rule, fault.byte);
    cut_json_message(&cutting, plan, text);
    *cut = cutting.cut;
    if (cutting.cut == 0)
        return OYEZ_OK;
    json_text_put(&cutting.out, cutting.copied, size - (size_t)(cutting.copied - text));
    if (cutting.out.failed) {
        free(cutting.out.bytes);
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory to cut details");
    }
    *bytes = (uint8_t *)cutting.out.bytes;
    *out_size = cutting.out.size;
    return OYEZ_OK;
}

// Without a writer it only counts.
struct message_cutting {
    struct message_writer *out;
    unsigned depth;
    unsigned cut;
};

static bool cut_message(struct message_cutting *cutting, const struct plan *plan,
                        const uint8_t *bytes, size_t size);

static void cut_string(struct message_cutting *cutting, uint32_t limit,
                       const struct wire_field *value)
{
    size_t count = value->size > limit ? count_characters(value->bytes, value->size) : 0;
    struct message_writer *out = cutting->out;
    cutting->cut += count > limit;
    if (out == NULL)
        return;
    if (count <= limit) {
        message_put_varint(out, value->size);
        message_put_raw(out, value->bytes, value->size);
        return;
    }
    struct cut cut;
    plan_cut(&cut, count, limit);
    size_t kept = measure_characters(value->bytes, value->size, cut.kept);
    message_put_varint(out, kept + cut.mark_size);
    message_put_raw(out, value->bytes, kept);
    message_put_raw(out, cut.mark, cut.mark_size);
}

static bool cut_submessage(struct message_cutting *cutting, const struct plan *plan,
                           const struct wire_field *value)
{
    if (cutting->out == NULL)
        return cut_message(cutting, plan, value->bytes, value->size);
    size_t mark = message_writer_open(cutting->out);
    bool sound = cut_message(cutting, plan, value->bytes, value->size);
    message_writer_close(cutting->out, mark);
    return sound;
}

// An element of a map has the rules of the map's field for its value.
static bool cut_field(struct message_cutting *cutting, const struct plan_field *field,
                      const struct plan_rules *rules, const uint8_t *first,
                      const uint8_t *value_end, const struct wire_field *value)
{
    bool cuts = is_cut(rules, field->kind);
    if (value->type != WIRE_BYTES || (!cuts && !has_fields(field))) {
        if (cutting->out)
            message_put_raw(cutting->out, first, (size_t)(value_end - first));
        return true;
    }
    if (cutting->out)
        message_put_varint(cutting->out, (uint64_t)value->number << 3 | WIRE_BYTES);
    if (cuts) {
        cut_string(cutting, rules->truncate, value);
        return true;
    }
    return cut_submessage(cutting, field->message, value);
}

static bool cut_entry(struct message_cutting *cutting, const struct plan_field *map,
                      const struct wire_field *element)
{
    const uint8_t *end = element->bytes + element->size;
    size_t mark = 0;
    if (cutting->out) {
        message_put_varint(cutting->out, (uint64_t)element->number << 3 | WIRE_BYTES);
        mark = message_writer_open(cutting->out);
    }
    for (const uint8_t *at = element->bytes; at < end;) {
        const uint8_t *first = at;
        struct wire_field value;
        static const struct plan_rules no_rules;
        if (!message_read_field(&at, end, &value))
            return false;
        bool is_value = value.number == 2;
        if (!cut_field(cutting, &map->message->fields[is_value], is_value ? &map->rules : &no_rules,
                       first, at, &value))
            return false;
    }
    if (cutting->out)
        message_writer_close(cutting->out, mark);
    return true;
}

static bool cut_message(struct message_cutting *cutting, const struct plan *plan,
                        const uint8_t *bytes, size_t size)
{
    const uint8_t *end = bytes + size;
    if (cutting->depth == OYEZ_PLAN_DEPTH_MAX)
        return false;
    cutting->depth++;
    for (const uint8_t *at = bytes; at < end;) {
        const uint8_t *first = at;
        struct wire_field value;
        if (!message_read_field(&at, end, &value))
            return false;
        const struct plan_field *field = plan_field_by_number(plan, value.number);
        bool sound = true;
        if (field && field->map && value.type == WIRE_BYTES)
            sound = cut_entry(cutting, field, &value);
        else if (field)
            sound = cut_field(cutting, field, &field->rules, first, at, &value);
        else if (cutting->out)
            message_put_raw(cutting->out, first, (size_t)(at - first));
        if (!sound)
            return false;
    }
    cutting->depth--;
    return true;
}

static oyez_err cut_protobuf(const struct plan *plan, const uint8_t *details, size_t size,
                             uint8_t **bytes, size_t *out_size, unsigned *cut)
{
    struct message_cutting counting = {.out = NULL};
    if (!cut_message(&counting, plan, details, size))
        return oyez_fail(OYEZ_ERR_MALFORMED, "details: no protobuf message");
    *cut = counting.cut;
    if (counting.cut == 0)
        return OYEZ_OK;
    struct message_writer out = {.bytes = NULL};
    struct message_cutting writing = {.out = &out};
    cut_message(&writing, plan, details, size);
    if (out.failed) {
        free(out.bytes);
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory to cut details");
    }
    *bytes = out.bytes;
    *out_size = out.size;
    return OYEZ_OK;
}

oyez_err details_truncate(const struct plan *plan, enum oyez_details_format format,
                          const void *details, size_t size, uint8_t **bytes, size_t *out_size,
                          unsigned *cut)
{
    *bytes = NULL;
    *out_size = 0;
    *cut = 0;
    if (!plan->truncates)
        return OYEZ_OK;
    return format == OYEZ_DETAILS_PROTOBUF ? cut_protobuf(plan, details, size, bytes, out_size, cut)
                                           : cut_json(plan, details, size, bytes, out_size, cut);
}
