// SPDX-License-Identifier: MIT
// A CloudEvent on its way in: first its members one by one, then what they are together.
#ifndef OYEZ_CLOUDEVENT_READING_H
#define OYEZ_CLOUDEVENT_READING_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "cloudevent_attributes.h"
#include "json_walk.h"
#include "oyez/event.h"

#define CLOUDEVENT_INTEGER_SIZE_MAX 11u // -2147483648

// Texts are those of the JSON that was loaded; NULL = the attribute is not there.
struct cloudevent_reading {
    struct oyez_event event; // header fields that are attributes as they are, and tags
    size_t tag_count;
    const char *specversion;
    const char *id;
    const char *source;
    const char *content_type;
    const char *schema;
    const char *header; // of CLOUDEVENT_HEADER
    const char *tags;   // of CLOUDEVENT_TAGS
    const json_t *data;
    struct oyez_json_slice data_text;
    const json_t *base64;
    char numbers[OYEZ_TAGS_MAX + OYEZ_HEADER_FIELD_COUNT][CLOUDEVENT_INTEGER_SIZE_MAX + 1];
    size_t number_count;
    // Made while settling; cloudevent_reading_release frees them.
    char *version;
    uint8_t *decoded;
    struct oyez_event *header_fields;
    struct oyez_event *tag_fields;
};

// cloudevent_settle completes the event once all members are read. The errors of cloudevent_read.
oyez_err cloudevent_settle(struct cloudevent_reading *reading);

void cloudevent_reading_release(struct cloudevent_reading *reading);

// cloudevent_add_tag: OYEZ_ERR_TOO_LARGE; OYEZ_ERR_INVALID where there is one of that key.
oyez_err cloudevent_add_tag(struct cloudevent_reading *reading, const char *key, const char *value);

// cloudevent_fail_within puts a name before the reason of the last failing call.
oyez_err cloudevent_fail_within(const char *name, oyez_err err);

#endif
