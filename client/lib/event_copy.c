// SPDX-License-Identifier: MIT
#include "event_copy.h"

#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "wire/header.h"

// A copy is one block: the struct, then everything it points to. The same walk first counts
// (`to` is NULL) and then copies.
struct block {
    char *to;
    size_t size;
};

static void *put_bytes(struct block *block, const void *bytes, size_t size)
{
    void *copy = NULL;
    if (block->to) {
        copy = block->to + block->size;
        memcpy(copy, bytes, size);
    }
    block->size += size;
    return copy;
}

static const char *put_text(struct block *block, const char *text)
{
    return put_bytes(block, text, strlen(text) + 1);
}

static void put_header(struct block *block, struct oyez_event *copy, const struct oyez_event *event)
{
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        const struct oyez_header_field *field = &oyez_header_fields[i];
        if (field->kind != OYEZ_HEADER_TEXT)
            continue;
        const char *text = oyez_header_text(event, field);
        if (text)
            oyez_header_set_text(copy, field, put_text(block, text));
    }
    for (size_t i = 0; i < OYEZ_TAGS_MAX && event->tags[i].key; i++) {
        copy->tags[i].key = put_text(block, event->tags[i].key);
        if (event->tags[i].value)
            copy->tags[i].value = put_text(block, event->tags[i].value);
    }
}

static void put_payload(struct block *block, struct oyez_event *copy,
                        const struct oyez_event *event)
{
    if (event->details) {
        size_t size = event->details_size;
        if (size == 0 && event->details_format != OYEZ_DETAILS_PROTOBUF)
            size = strlen(event->details);
        copy->details_size = size;
        copy->details = put_bytes(block, event->details, size);
        // Text that ended at its NUL goes on doing so.
        put_bytes(block, "", 1);
    }
    if (event->salt)
        copy->salt = put_bytes(block, event->salt, OYEZ_SALT_SIZE);
    if (event->signature)
        copy->signature = put_bytes(block, event->signature, event->signature_size);
}

oyez_err event_copy_sized(struct oyez_event **out, const struct oyez_event *event, size_t *size)
{
    struct oyez_event copy = *event;
    struct block block = {.size = sizeof copy};
    put_header(&block, &copy, event);
    put_payload(&block, &copy, event);
    block.to = malloc(block.size);
    if (block.to == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for an event of %zu bytes", block.size);
    block.size = sizeof copy;
    put_header(&block, &copy, event);
    put_payload(&block, &copy, event);
    memcpy(block.to, &copy, sizeof copy);
    *out = (struct oyez_event *)(void *)block.to;
    *size = block.size;
    return OYEZ_OK;
}

oyez_err oyez_event_copy(struct oyez_event **out, const struct oyez_event *event)
{
    REQUIRE_ARGUMENT(out);
    REQUIRE_ARGUMENT(event);
    size_t size;
    return event_copy_sized(out, event, &size);
}

void oyez_event_free(struct oyez_event **event)
{
    if (event == NULL)
        return;
    free(*event);
    *event = NULL;
}
