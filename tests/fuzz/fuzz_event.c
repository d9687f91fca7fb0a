// SPDX-License-Identifier: MIT
// Whatever the reader of events takes, the writer can write, and it reads the same again.
// tests/fuzz/run runs it.
#include <stdlib.h>
#include <string.h>

#include "wire/envelope.h"
#include "wire/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void require_same_text(const char *a, const char *b)
{
    require((a == NULL) == (b == NULL) && (!a || strcmp(a, b) == 0));
}

static void require_same_bytes(const void *a, size_t a_size, const void *b, size_t b_size)
{
    require(a_size == b_size && (a == NULL) == (b == NULL));
    require(!a || memcmp(a, b, a_size) == 0);
}

static void require_same(const struct oyez_event *a, const struct oyez_event *b)
{
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        const struct oyez_header_field *field = &oyez_header_fields[i];
        if (field->kind == OYEZ_HEADER_TEXT)
            require_same_text(oyez_header_text(a, field), oyez_header_text(b, field));
    }
    for (size_t i = 0; i < OYEZ_TAGS_MAX; i++) {
        require_same_text(a->tags[i].key, b->tags[i].key);
        require_same_text(a->tags[i].value, b->tags[i].value);
    }
    require(memcmp(a->event_id.bytes, b->event_id.bytes, OYEZ_UUID_SIZE) == 0);
    require(a->occurred_at == b->occurred_at);
    require(a->has_aggregate_version == b->has_aggregate_version);
    require(a->aggregate_version == b->aggregate_version);
    require(a->details_format == b->details_format);
    require_same_bytes(a->details, a->details_size, b->details, b->details_size);
    require_same_bytes(a->salt, a->salt ? OYEZ_SALT_SIZE : 0, b->salt,
                       b->salt ? OYEZ_SALT_SIZE : 0);
    require_same_bytes(a->signature, a->signature_size, b->signature, b->signature_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct oyez_event event = {0};
    struct oyez_event again = {0};
    uint8_t *bytes = NULL;
    char *scratch = malloc(OYEZ_DECODE_SCRATCH_SIZE);
    char *scratch_again = malloc(OYEZ_DECODE_SCRATCH_SIZE);
    require(scratch && scratch_again);
    oyez_err err = oyez_event_decode(&event, data, size, scratch);
    require(err == OYEZ_OK || err == OYEZ_ERR_MALFORMED || err == OYEZ_ERR_TOO_LARGE);
    if (err)
        goto done;
    size_t header_size;
    size_t written = oyez_event_measure(&event, &header_size);
    require(header_size <= size && written <= size); // minimal: never longer than what was read
    bytes = malloc(written + (written == 0));
    require(bytes != NULL);
    require(oyez_event_encode(&event, header_size, bytes) == written);
    require(oyez_event_decode(&again, bytes, written, scratch_again) == OYEZ_OK);
    require_same(&event, &again);
done:
    free(bytes);
    free(scratch_again);
    free(scratch);
    return 0;
}
