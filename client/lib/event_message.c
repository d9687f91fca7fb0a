// SPDX-License-Identifier: MIT
#include "argument.h"
#include "oyez/message.h"

#include <stdlib.h>

#include <pb_decode.h>
#include <pb_encode.h>

#include "oyez/catalog.h"
#include "oyez/limits.h"

#define SMALL_SIZE 2048u // bytes on the stack, which most details fit

struct encoded {
    uint8_t small[SMALL_SIZE];
    uint8_t *large; // NULL = small has it
    struct oyez_event event;
};

static oyez_err invalid(const struct oyez_event *event, const pb_ostream_t *stream)
{
    return oyez_fail(OYEZ_ERR_INVALID, "%s: details: the message can not be written: %s",
                     event->event_type ? event->event_type : "", PB_GET_ERROR(stream));
}

// The event with the message's bytes as its details.
static oyez_err encode(struct encoded *encoded, const struct oyez_event *event,
                       const pb_msgdesc_t *fields, const void *message)
{
    encoded->large = NULL;
    pb_ostream_t sizing = PB_OSTREAM_SIZING;
    if (!pb_encode(&sizing, fields, message))
        return invalid(event, &sizing);
    size_t size = sizing.bytes_written;
    if (size > OYEZ_DETAILS_SIZE_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "%s: details: larger than %u bytes",
                         event->event_type ? event->event_type : "", OYEZ_DETAILS_SIZE_MAX);
    uint8_t *bytes = encoded->small;
    if (size > sizeof encoded->small) {
        bytes = encoded->large = malloc(size);
        if (bytes == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for details of %zu bytes", size);
    }
    pb_ostream_t stream = pb_ostream_from_buffer(bytes, size);
    if (!pb_encode(&stream, fields, message)) {
        free(encoded->large);
        return invalid(event, &stream);
    }
    encoded->event = *event;
    encoded->event.details = bytes;
    encoded->event.details_size = size;
    encoded->event.details_format = OYEZ_DETAILS_PROTOBUF;
    return OYEZ_OK;
}

oyez_err oyez_client_emit_message(oyez_client *client, const struct oyez_event *event,
                                  const pb_msgdesc_t *fields, const void *message,
                                  struct oyez_uuid *event_id)
{
    REQUIRE_ARGUMENT(client);
    REQUIRE_ARGUMENT(event);
    REQUIRE_ARGUMENT(fields);
    REQUIRE_ARGUMENT(message);
    struct encoded encoded;
    oyez_err err = encode(&encoded, event, fields, message);
    if (err)
        return err;
    err = oyez_client_emit(client, &encoded.event, event_id);
    free(encoded.large);
    return err;
}

oyez_err oyez_client_emit_message_wait(oyez_client *client, const struct oyez_event *event,
                                       const pb_msgdesc_t *fields, const void *message,
                                       enum oyez_level level, uint32_t timeout_ms,
                                       struct oyez_receipt *receipt)
{
    REQUIRE_ARGUMENT(client);
    REQUIRE_ARGUMENT(event);
    REQUIRE_ARGUMENT(fields);
    REQUIRE_ARGUMENT(message);
    struct encoded encoded;
    oyez_err err = encode(&encoded, event, fields, message);
    if (err)
        return err;
    err = oyez_client_emit_wait(client, &encoded.event, level, timeout_ms, receipt);
    free(encoded.large);
    return err;
}

oyez_err oyez_event_message(const struct oyez_event *event, const pb_msgdesc_t *fields,
                            void *message)
{
    REQUIRE_ARGUMENT(event);
    REQUIRE_ARGUMENT(fields);
    REQUIRE_ARGUMENT(message);
    // Emptied here, so that a caller who releases after an error frees nothing.
    pb_istream_t nothing = pb_istream_from_buffer(NULL, 0);
    if (!pb_decode(&nothing, fields, message))
        return oyez_fail(OYEZ_ERR_MALFORMED, "details: %s", PB_GET_ERROR(&nothing));

    uint8_t *converted = NULL;
    const uint8_t *bytes = event->details;
    size_t size = event->details != NULL ? event->details_size : 0;
    if (event->details_format != OYEZ_DETAILS_PROTOBUF) {
        oyez_err err = oyez_event_details_protobuf(event, &converted, &size);
        if (err)
            return err;
        bytes = converted;
    }
    pb_istream_t stream = pb_istream_from_buffer(bytes, size);
    oyez_err err = OYEZ_OK;
    if (!pb_decode(&stream, fields, message))
        err = oyez_fail(OYEZ_ERR_MALFORMED, "%s: details: %s",
                        event->event_type ? event->event_type : "", PB_GET_ERROR(&stream));
    free(converted);
    return err;
}

void oyez_message_release(const pb_msgdesc_t *fields, void *message)
{
    if (fields == NULL || message == NULL)
        return;
    pb_release(fields, message);
}
