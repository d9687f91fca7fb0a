// SPDX-License-Identifier: MIT
// The attributes of a CloudEvent: which header field each is, and what its value may be.
#ifndef OYEZ_CLOUDEVENT_ATTRIBUTES_H
#define OYEZ_CLOUDEVENT_ATTRIBUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/uuid.h"
#include "wire/header.h"

// Where an event has no source, or one that is no URI-reference: a CloudEvent has one always.
#define CLOUDEVENT_NO_SOURCE "oyez:unknown"
// Followed by the event type, a slash and the schema version, escaped as in a URI.
#define CLOUDEVENT_SCHEMA "oyez:catalog/"
// Extensions that hold a JSON object as text: what has no attribute of its own.
#define CLOUDEVENT_HEADER "oyezheader"
#define CLOUDEVENT_TAGS "oyeztags"

#define CLOUDEVENT_NAME_SIZE 24

// cloudevent_field_name writes the name of the attribute that a header field is.
void cloudevent_field_name(char name[CLOUDEVENT_NAME_SIZE], const struct oyez_header_field *field);

// cloudevent_field_find: NULL = no header field is this attribute.
const struct oyez_header_field *cloudevent_field_find(const char *name);

// cloudevent_is_name: a-z and 0-9 alone.
bool cloudevent_is_name(const char *name);

// cloudevent_next_character reads a character of valid UTF-8 and returns what stands behind it.
const char *cloudevent_next_character(const char *text, uint32_t *character);

// cloudevent_may_hold: no control character and no noncharacter of Unicode.
bool cloudevent_may_hold(uint32_t character);

// cloudevent_is_string: a CloudEvents String that is not empty. `text` is valid UTF-8.
bool cloudevent_is_string(const char *text);

// cloudevent_is_uri_reference judges by RFC 3986; addresses in brackets are passed over as none.
bool cloudevent_is_uri_reference(const char *text);

// cloudevent_id_of makes the event id of a CloudEvent whose id is no UUID: version 5 of the id, in
// the name space that is version 5 of the source in the name space of URLs (RFC 9562). False: no
// memory.
bool cloudevent_id_of(struct oyez_uuid *out, const char *source, const char *id);

#endif
