// SPDX-License-Identifier: MIT
// Queues of subscribers are bounded in messages by ZeroMQ. Large frames are bounded in bytes
// besides, over all queues: each travels as a message whose free callback gives its bytes back
// once the last subscriber has it.
#include "egress.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/limits.h"

struct large_account {
    atomic_size_t bytes;
    atomic_size_t holders; // the egress and each large frame
};

struct large_frame {
    zmq_msg_t message; // as it came
    struct large_account *account;
    size_t size;
};

static void leave_account(struct large_account *account)
{
    if (atomic_fetch_sub_explicit(&account->holders, 1, memory_order_acq_rel) == 1)
        free(account);
}

// Runs on a thread of ZeroMQ, perhaps after the broker is gone.
static void free_large(void *data, void *hint)
{
    (void)data;
    struct large_frame *frame = hint;
    atomic_fetch_sub_explicit(&frame->account->bytes, frame->size, memory_order_relaxed);
    leave_account(frame->account);
    zmq_msg_close(&frame->message);
    free(frame);
}

// Wraps a large message so that its bytes are accounted. False when there is no room for it.
static bool account_large(struct oyez_egress *egress, zmq_msg_t *message)
{
    size_t size = zmq_msg_size(message);
    if (oyez_egress_large_bytes(egress) + size > egress->large_bytes_max)
        return false;
    struct large_frame *frame = malloc(sizeof *frame);
    if (frame == NULL)
        return false;
    frame->account = egress->account;
    frame->size = size;
    zmq_msg_init(&frame->message);
    zmq_msg_move(&frame->message, message);
    zmq_msg_close(message);
    if (zmq_msg_init_data(message, zmq_msg_data(&frame->message), size, free_large, frame) != 0) {
        zmq_msg_close(&frame->message);
        free(frame);
        zmq_msg_init(message);
        return false;
    }
    atomic_fetch_add_explicit(&egress->account->bytes, size, memory_order_relaxed);
    atomic_fetch_add_explicit(&egress->account->holders, 1, memory_order_relaxed);
    return true;
}

oyez_err oyez_egress_open(struct oyez_egress *egress, void *socket, struct oyez_counters *counters,
                          size_t large_bytes_max)
{
    memset(egress, 0, sizeof *egress);
    egress->socket = socket;
    egress->counters = counters;
    egress->large_bytes_max = large_bytes_max;
    egress->account = malloc(sizeof *egress->account);
    if (egress->account == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for the broker's egress");
    atomic_init(&egress->account->bytes, 0);
    atomic_init(&egress->account->holders, 1);
    return OYEZ_OK;
}

void oyez_egress_close(struct oyez_egress *egress)
{
    if (egress->account != NULL)
        leave_account(egress->account);
    egress->account = NULL;
}

size_t oyez_egress_large_bytes(const struct oyez_egress *egress)
{
    return atomic_load_explicit(&egress->account->bytes, memory_order_relaxed);
}

void oyez_egress_publish(struct oyez_egress *egress, zmq_msg_t *message)
{
    if (zmq_msg_size(message) > OYEZ_EGRESS_LARGE_FRAME_SIZE && !account_large(egress, message)) {
        oyez_counter_add(egress->counters, OYEZ_COUNT_EGRESS_LARGE_DROPPED, 1);
    } else if (zmq_msg_send(message, egress->socket, ZMQ_DONTWAIT) < 0) {
        oyez_counter_add(egress->counters, OYEZ_COUNT_EGRESS_SEND_FAILED, 1);
    } else {
        return;
    }
    zmq_msg_close(message);
    zmq_msg_init(message);
}

// The nonce of a beacon's topic, or NULL.
static const char *find_nonce(const char *topic, size_t size)
{
    const size_t prefix = strlen(OYEZ_TOPIC_BEACON_PREFIX);
    if (size != prefix + OYEZ_BEACON_NONCE_SIZE + 1 || topic[size - 1] != '\0')
        return NULL;
    const char *nonce = topic + prefix;
    return strspn(nonce, "0123456789abcdef") == OYEZ_BEACON_NONCE_SIZE ? nonce : NULL;
}

static bool is_beacon_request(const char *notice, size_t size)
{
    const size_t prefix = strlen(OYEZ_TOPIC_BEACON_PREFIX);
    return notice[0] == 1 && size - 1 > prefix &&
           memcmp(notice + 1, OYEZ_TOPIC_BEACON_PREFIX, prefix) == 0;
}

// Subscriptions themselves are ZeroMQ's business; here they are counted, and beacons noted.
static enum oyez_counter read_notice(struct oyez_egress *egress, const char *notice, size_t size)
{
    if (size == 0 || (notice[0] != 0 && notice[0] != 1) || size > OYEZ_TOPIC_SIZE_MAX + 2)
        return OYEZ_COUNT_BAD_SUBSCRIPTION;
    if (size == sizeof OYEZ_TOPIC_RECORDED + 1 &&
        memcmp(notice + 1, OYEZ_TOPIC_RECORDED, sizeof OYEZ_TOPIC_RECORDED) == 0) {
        egress->marks_wanted = notice[0] == 1; // 0 comes when the last one has left
        egress->marks_asked += egress->marks_wanted;
    }
    if (!is_beacon_request(notice, size))
        return OYEZ_COUNT_SUBSCRIPTIONS;
    const char *nonce = find_nonce(notice + 1, size - 1);
    if (nonce == NULL)
        return OYEZ_COUNT_BAD_SUBSCRIPTION;
    if (egress->nonces_count == OYEZ_BEACONS_MAX)
        return OYEZ_COUNT_BEACONS_DROPPED;
    memcpy(egress->nonces[egress->nonces_count++], nonce, OYEZ_BEACON_NONCE_SIZE);
    return OYEZ_COUNT_SUBSCRIPTIONS;
}

bool oyez_egress_read_notices(struct oyez_egress *egress, unsigned limit)
{
    bool more = true;
    zmq_msg_t message;
    zmq_msg_init(&message);
    for (unsigned i = 0; i < limit && more; i++) {
        more = zmq_msg_recv(&message, egress->socket, ZMQ_DONTWAIT) >= 0;
        if (more)
            oyez_counter_add(egress->counters,
                             read_notice(egress, zmq_msg_data(&message), zmq_msg_size(&message)),
                             1);
    }
    zmq_msg_close(&message);
    return more;
}
