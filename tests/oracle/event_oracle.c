// SPDX-License-Identifier: MIT
#include "event_oracle.h"

#include <assert.h>
#include <pb_decode.h>
#include <pb_encode.h>
#include <string.h>

// Every text of the header: the message that it stands in there, its name there, its name here.
#define EACH_TEXT(X)                                                                               \
    X(*header, event_type, event_type)                                                             \
    X(*header, schema_version, schema_version)                                                     \
    X(*header, correlation_id, correlation_id)                                                     \
    X(*header, causation_id, causation_id)                                                         \
    X(*header, step_id, step_id)                                                                   \
    X(header->actor, type, actor_type)                                                             \
    X(header->actor, id, actor_id)                                                                 \
    X(header->actor, name, actor_name)                                                             \
    X(header->plan, plan_id, plan_id)                                                              \
    X(header->plan, root_plan_id, root_plan_id)                                                    \
    X(header->plan, phase, phase)                                                                  \
    X(header->plan, state, state)                                                                  \
    X(*header, session_id, session_id)                                                             \
    X(*header, project_name, project_name)                                                         \
    X(header->run, run_id, run_id)                                                                 \
    X(header->run, thread_id, thread_id)                                                           \
    X(*header, user_id, user_id)                                                                   \
    X(header->aggregate, id, aggregate_id)                                                         \
    X(header->aggregate, type, aggregate_type)                                                     \
    X(header->origin, source, source)                                                              \
    X(header->origin, app_version, app_version)                                                    \
    X(header->origin, environment, environment)                                                    \
    X(*header, traceparent, traceparent)

static void fill_text(bool *present, char *out, size_t capacity, const char *text)
{
    *present = text != NULL;
    if (!text)
        return;
    size_t size = strlen(text);
    assert(size < capacity);
    memcpy(out, text, size + 1);
}

static bool same_text(bool present, const char *text, const char *expected)
{
    return present ? expected && strcmp(text, expected) == 0 : expected == NULL;
}

static void fill_tags(oyez_v1_EventHeader *header, const struct oyez_event *event)
{
    for (size_t i = 0; i < OYEZ_TAGS_MAX && event->tags[i].key; i++) {
        oyez_v1_Tag *tag = &header->tags[header->tags_count++];
        fill_text(&tag->has_key, tag->key, sizeof tag->key, event->tags[i].key);
        fill_text(&tag->has_value, tag->value, sizeof tag->value, event->tags[i].value);
    }
}

static void fill_header(oyez_v1_EventHeader *header, const struct oyez_event *event)
{
#define FILL(message, theirs, ours)                                                                \
    fill_text(&(message).has_##theirs, (message).theirs, sizeof(message).theirs, event->ours);
    EACH_TEXT(FILL)
#undef FILL
    header->has_event_id = !oyez_uuid_is_zero(event->event_id);
    memcpy(header->event_id, event->event_id.bytes, sizeof header->event_id);
    header->has_occurred_at = event->occurred_at != 0;
    header->occurred_at = event->occurred_at;
    header->aggregate.has_version = event->has_aggregate_version;
    header->aggregate.version = event->aggregate_version;
    header->has_actor = event->actor_type || event->actor_id || event->actor_name;
    header->has_plan = event->plan_id || event->root_plan_id || event->phase || event->state;
    header->has_run = event->run_id || event->thread_id;
    header->has_aggregate =
        event->aggregate_id || event->aggregate_type || event->has_aggregate_version;
    header->has_origin = event->source || event->app_version || event->environment;
    fill_tags(header, event);
}

void oracle_fill(struct oracle_event *out, const struct oyez_event *event)
{
    memset(out, 0, sizeof *out);
    oyez_v1_EventHeader *header = &out->header;
    fill_header(header, event);
    out->has_header = header->has_event_id || header->has_event_type || header->has_occurred_at ||
                      header->has_schema_version || header->has_correlation_id ||
                      header->has_causation_id || header->has_step_id || header->has_actor ||
                      header->has_plan || header->has_session_id || header->has_project_name ||
                      header->has_run || header->has_user_id || header->has_aggregate ||
                      header->has_origin || header->has_traceparent || header->tags_count > 0;
    out->details = event->details;
    out->details_size = event->details_size;
    out->details_format = event->details_format;
    out->has_salt = event->salt != NULL;
    if (event->salt)
        memcpy(out->salt, event->salt, sizeof out->salt);
    out->signature_size = event->signature_size;
    if (event->signature_size > 0)
        memcpy(out->signature, event->signature, event->signature_size);
}

static bool same_tags(const oyez_v1_EventHeader *header, const struct oyez_event *event)
{
    for (size_t i = 0; i < header->tags_count; i++) {
        const oyez_v1_Tag *tag = &header->tags[i];
        if (!same_text(tag->has_key, tag->key, event->tags[i].key) ||
            !same_text(tag->has_value, tag->value, event->tags[i].value))
            return false;
    }
    return header->tags_count == OYEZ_TAGS_MAX || !event->tags[header->tags_count].key;
}

static bool same_header(const oyez_v1_EventHeader *header, const struct oyez_event *event)
{
#define COMPARE(message, theirs, ours)                                                             \
    if (!same_text((message).has_##theirs, (message).theirs, event->ours))                         \
        return false;
    EACH_TEXT(COMPARE)
#undef COMPARE
    struct oyez_uuid id = {{0}};
    if (header->has_event_id)
        memcpy(id.bytes, header->event_id, sizeof id.bytes);
    return oyez_uuid_equal(id, event->event_id) &&
           (header->has_occurred_at ? header->occurred_at : 0) == event->occurred_at &&
           header->aggregate.has_version == event->has_aggregate_version &&
           (!event->has_aggregate_version ||
            header->aggregate.version == event->aggregate_version) &&
           same_tags(header, event);
}

static bool same_bytes(const void *a, size_t a_size, const void *b, size_t b_size)
{
    return a_size == b_size && (a_size == 0 || memcmp(a, b, a_size) == 0);
}

bool oracle_equals(const struct oracle_event *oracle, const struct oyez_event *event)
{
    return same_header(&oracle->header, event) &&
           same_bytes(oracle->details, oracle->details_size, event->details, event->details_size) &&
           oracle->details_format == event->details_format &&
           oracle->has_salt == (event->salt != NULL) &&
           (!oracle->has_salt || memcmp(oracle->salt, event->salt, OYEZ_SALT_SIZE) == 0) &&
           same_bytes(oracle->signature, oracle->signature_size, event->signature,
                      event->signature_size);
}

static bool write_header(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
    return pb_encode_tag_for_field(stream, field) &&
           pb_encode_submessage(stream, oyez_v1_EventHeader_fields, *arg);
}

static bool write_details(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
    const struct oracle_event *oracle = *arg;
    return pb_encode_tag_for_field(stream, field) &&
           pb_encode_string(stream, oracle->details, oracle->details_size);
}

size_t oracle_encode(const struct oracle_event *oracle, uint8_t *out, size_t capacity)
{
    oyez_v1_Event event;
    event.header = (pb_callback_t){0};
    event.details = (pb_callback_t){0};
    if (oracle->has_header)
        event.header =
            (pb_callback_t){.funcs.encode = write_header, .arg = (void *)&oracle->header};
    if (oracle->details_size > 0)
        event.details = (pb_callback_t){.funcs.encode = write_details, .arg = (void *)oracle};
    event.has_details_format = oracle->details_format != 0;
    event.details_format = (oyez_v1_DetailsFormat)oracle->details_format;
    event.has_salt = oracle->has_salt;
    memcpy(event.salt, oracle->salt, sizeof event.salt);
    event.has_signature = oracle->signature_size > 0;
    event.signature.size = (pb_size_t)oracle->signature_size;
    memcpy(event.signature.bytes, oracle->signature, oracle->signature_size);
    pb_ostream_t stream = pb_ostream_from_buffer(out, capacity);
    return pb_encode(&stream, oyez_v1_Event_fields, &event) ? stream.bytes_written : 0;
}

static bool read_header(pb_istream_t *stream, const pb_field_t *field, void **arg)
{
    (void)field;
    struct oracle_event *oracle = *arg;
    oracle->has_header = true;
    return pb_decode(stream, oyez_v1_EventHeader_fields, &oracle->header);
}

static bool read_details(pb_istream_t *stream, const pb_field_t *field, void **arg)
{
    (void)field;
    struct oracle_event *oracle = *arg;
    oracle->details = stream->state; // where a stream over a buffer stands
    oracle->details_size = stream->bytes_left;
    return pb_read(stream, NULL, stream->bytes_left);
}

bool oracle_decode(struct oracle_event *out, const uint8_t *bytes, size_t size)
{
    oyez_v1_Event event;
    event.header = (pb_callback_t){.funcs.decode = read_header, .arg = out};
    event.details = (pb_callback_t){.funcs.decode = read_details, .arg = out};
    out->has_header = false;
    out->details = NULL;
    out->details_size = 0;
    pb_istream_t stream = pb_istream_from_buffer(bytes, size);
    if (!pb_decode(&stream, oyez_v1_Event_fields, &event))
        return false;
    if (!out->has_header)
        memset(&out->header, 0, sizeof out->header);
    out->details_format =
        event.has_details_format ? (enum oyez_details_format)event.details_format : 0;
    out->has_salt = event.has_salt;
    memcpy(out->salt, event.salt, sizeof out->salt);
    out->signature_size = event.has_signature ? event.signature.size : 0;
    memcpy(out->signature, event.signature.bytes, out->signature_size);
    return true;
}
