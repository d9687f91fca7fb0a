// SPDX-License-Identifier: MIT
// Whatever the readers of control messages, heartbeats and beacons take can be written, and reads
// the same again. The first byte of an input chooses the reader. tests/fuzz/run runs it.
#include <stdlib.h>
#include <string.h>

#include "oyez/limits.h"
#include "wire/control.h"

#define HEADS_MAX 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t first[OYEZ_CONTROL_SIZE_MAX];
static uint8_t second[OYEZ_CONTROL_SIZE_MAX];

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void require_known(oyez_err err)
{
    require(err == OYEZ_OK || err == OYEZ_ERR_MALFORMED || err == OYEZ_ERR_VERSION);
}

// Structs have bytes between their members, so messages are compared as written: what is read from
// the first writing must be written the same.
static void check_to_broker(const uint8_t *data, size_t size)
{
    static oyez_v1_ToBroker message;
    size_t first_size;
    size_t second_size;
    oyez_err err = oyez_to_broker_decode(&message, data, size);
    require_known(err);
    if (err)
        return;
    require(oyez_to_broker_encode(&message, first, sizeof first, &first_size) == OYEZ_OK);
    require(oyez_to_broker_decode(&message, first, first_size) == OYEZ_OK);
    require(oyez_to_broker_encode(&message, second, sizeof second, &second_size) == OYEZ_OK);
    require(first_size == second_size && memcmp(first, second, first_size) == 0);
}

static void check_from_broker(const uint8_t *data, size_t size)
{
    static oyez_v1_FromBroker message;
    size_t first_size;
    size_t second_size;
    oyez_err err = oyez_from_broker_decode(&message, data, size);
    require_known(err);
    if (err)
        return;
    require(oyez_from_broker_encode(&message, first, sizeof first, &first_size) == OYEZ_OK);
    require(oyez_from_broker_decode(&message, first, first_size) == OYEZ_OK);
    require(oyez_from_broker_encode(&message, second, sizeof second, &second_size) == OYEZ_OK);
    require(first_size == second_size && memcmp(first, second, first_size) == 0);
}

struct collected {
    struct oyez_head heads[HEADS_MAX];
    size_t count;
};

static void collect(void *arg, const struct oyez_head *head)
{
    struct collected *collected = arg;
    require(head->event_type != NULL && head->event_type_size <= OYEZ_EVENT_TYPE_SIZE_MAX);
    if (collected->count < HEADS_MAX)
        collected->heads[collected->count++] = *head;
}

typedef oyez_err decode_heads(struct oyez_heads_message *out, const uint8_t *details, size_t size,
                              oyez_head_each *each, void *arg);
typedef oyez_err encode_heads(const struct oyez_heads_message *message,
                              const struct oyez_head *heads, size_t count, uint8_t *out,
                              size_t capacity, size_t *size);

static void check_heads(decode_heads *decode, encode_heads *encode, const uint8_t *data,
                        size_t size)
{
    static struct collected read;
    static struct collected again;
    struct oyez_heads_message message = {0};
    struct oyez_heads_message message_again = {0};
    size_t written;
    read.count = 0;
    again.count = 0;
    oyez_err err = decode(&message, data, size, collect, &read);
    require_known(err);
    if (err || encode(&message, read.heads, read.count, first, sizeof first, &written))
        return;
    require(decode(&message_again, first, written, collect, &again) == OYEZ_OK);
    require(message.instance == message_again.instance);
    require(message.position == message_again.position);
    require(message.recorded_position == message_again.recorded_position);
    require(message.heads_complete == message_again.heads_complete);
    require(read.count == again.count);
    for (size_t i = 0; i < read.count; i++) {
        const struct oyez_head *a = &read.heads[i];
        const struct oyez_head *b = &again.heads[i];
        require(a->type_seq == b->type_seq && a->event_type_size == b->event_type_size);
        require(memcmp(a->event_type, b->event_type, a->event_type_size) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    switch (data[0] % 4) {
    case 0:
        check_to_broker(data + 1, size - 1);
        break;
    case 1:
        check_from_broker(data + 1, size - 1);
        break;
    case 2:
        check_heads(oyez_heartbeat_decode, oyez_heartbeat_encode, data + 1, size - 1);
        break;
    case 3:
        check_heads(oyez_beacon_decode, oyez_beacon_encode, data + 1, size - 1);
        break;
    }
    return 0;
}
