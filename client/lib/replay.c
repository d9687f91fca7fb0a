// SPDX-License-Identifier: MIT
// A socket of its own: what is replayed has no place in the windows of the client, which keep events
// until they are safe, and must not stand in the way of its live ones.
#include "oyez/replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <zmq.h>

#include "argument.h"
#include "client_state.h"
#include "replay_echo.h"
#include "sockets.h"
#include "wire/batch.h"
#include "wire/clock.h"
#include "wire/envelope.h"
#include "wire/topic.h"

// Frames that wait in the socket; an event may have a megabyte.
#define WAITING_MAX 256
// Events on their way, at most: a tenth of what the broker keeps for a subscriber, so that one who
// reads as fast as we publish loses nothing.
#define ON_THEIR_WAY_MAX 1000u
#define RETRY_MS 1u // poll cannot say when a NODROP socket has room again
#define CURSOR_TAG "replay.cursor"
#define CURSOR_SIZE 48u
#define RUN_CHARACTERS "abcdefghijklmnopqrstuvwxyz234567" // 32: five bits each

struct oyez_replay {
    oyez_client *client;
    void *zmq_context;
    bool owns_context;
    void *socket;
    struct replay_echo echo;
    char run[OYEZ_REPLAY_RUN_SIZE + 1];
    bool ready;   // the broker's subscription is there: sending means sending
    bool broken;  // it was, and went
    uint64_t seq; // of the next event
    uint8_t *frame;
    size_t room;
};

static oyez_err choose_run(struct oyez_replay *replay, const char *run)
{
    uint8_t random[OYEZ_REPLAY_RUN_SIZE];
    if (run != NULL && !oyez_topic_is_run(run))
        return oyez_fail(OYEZ_ERR_INVALID, "run '%.40s': not 8 of A-Z a-z 0-9 _ -", run);
    if (run != NULL) {
        memcpy(replay->run, run, sizeof replay->run);
        return OYEZ_OK;
    }
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return oyez_fail(OYEZ_ERR_SYSTEM, "no random bytes: %s", strerror(errno));
    for (size_t i = 0; i < sizeof random; i++)
        replay->run[i] = RUN_CHARACTERS[random[i] % (sizeof RUN_CHARACTERS - 1)];
    return OYEZ_OK;
}

static void sleep_ms(uint32_t ms)
{
    const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    (void)nanosleep(&time, NULL);
}

// Whether a session is open, and where its broker takes events.
static bool find_ingress(struct oyez_client *client, char *endpoint)
{
    pthread_mutex_lock(&client->lock);
    bool open = client->session.open;
    pthread_mutex_unlock(&client->lock);
    client_ingress_endpoint(client, endpoint);
    return open && endpoint[0] != '\0';
}

static oyez_err fail_unreachable(struct oyez_client *client, uint32_t timeout_ms)
{
    pthread_mutex_lock(&client->lock);
    oyez_err err = client_end_of_wait(client, "the broker takes no events", timeout_ms);
    pthread_mutex_unlock(&client->lock);
    return err == OYEZ_ERR_TIMEOUT ? OYEZ_ERR_UNREACHABLE : err;
}

static oyez_err open_socket(struct oyez_replay *replay, uint64_t deadline_ms, uint32_t timeout_ms)
{
    char endpoint[OYEZ_ENDPOINT_SIZE_MAX];
    while (!find_ingress(replay->client, endpoint)) {
        if (oyez_clock_monotonic_ms() >= deadline_ms)
            return fail_unreachable(replay->client, timeout_ms);
        sleep_ms(RETRY_MS);
    }
    // Of an application that brought its context the socket must live in it, as inproc wants.
    replay->owns_context = replay->client->owns_context;
    replay->zmq_context = replay->owns_context ? zmq_ctx_new() : replay->client->zmq_context;
    if (replay->zmq_context == NULL)
        return oyez_fail(OYEZ_ERR_SYSTEM, "no ZeroMQ context: %s", zmq_strerror(errno));
    oyez_err err = socket_open(&replay->socket, replay->zmq_context, ZMQ_XPUB);
    if (err != OYEZ_OK)
        return err;
    // NODROP makes a full queue an error instead of a silent loss.
    socket_set(replay->socket, ZMQ_XPUB_NODROP, 1);
    socket_set(replay->socket, ZMQ_IMMEDIATE, 1);
    socket_set(replay->socket, ZMQ_SNDHWM, WAITING_MAX);
    socket_set_max_size(replay->socket, OYEZ_SUBSCRIPTION_FRAME_SIZE_MAX);
    return socket_connect(replay->socket, endpoint);
}

static void read_notices(struct oyez_replay *replay)
{
    uint8_t notice[8];
    int size;
    while ((size = zmq_recv(replay->socket, notice, sizeof notice, ZMQ_DONTWAIT)) >= 0) {
        // The broker subscribes to everything: one byte, 1 = there, 0 = gone.
        if (size != 1)
            continue;
        replay->broken = replay->broken || (replay->ready && notice[0] == 0);
        replay->ready = notice[0] == 1;
    }
}

static oyez_err await_broker(struct oyez_replay *replay, uint64_t deadline_ms, uint32_t timeout_ms)
{
    for (read_notices(replay); !replay->ready; read_notices(replay)) {
        uint64_t now_ms = oyez_clock_monotonic_ms();
        if (now_ms >= deadline_ms)
            return fail_unreachable(replay->client, timeout_ms);
        zmq_pollitem_t item = {.socket = replay->socket, .events = ZMQ_POLLIN};
        (void)zmq_poll(&item, 1, (long)(deadline_ms - now_ms));
    }
    char egress[OYEZ_ENDPOINT_SIZE_MAX];
    char prefix[OYEZ_TOPIC_SIZE_MAX];
    client_egress_endpoint(replay->client, egress);
    snprintf(prefix, sizeof prefix, "%s%s.", OYEZ_REPLAY_PREFIX, replay->run);
    oyez_err err = replay_echo_open(&replay->echo, replay->zmq_context, egress, prefix,
                                    replay->client->id.bytes);
    if (err == OYEZ_OK && !replay_echo_await(&replay->echo, deadline_ms))
        err = fail_unreachable(replay->client, timeout_ms);
    return err;
}

static void free_replay(struct oyez_replay *replay)
{
    socket_close(&replay->socket);
    replay_echo_close(&replay->echo);
    if (replay->owns_context && replay->zmq_context != NULL)
        zmq_ctx_term(replay->zmq_context);
    free(replay->frame);
    free(replay);
}

oyez_err oyez_replay_open(oyez_replay **out, oyez_client *client, const char *run,
                          uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(out);
    *out = NULL;
    REQUIRE_ARGUMENT(client);
    uint64_t deadline_ms = oyez_clock_monotonic_ms() + timeout_ms;
    oyez_err err = client_check_fork(client);
    if (err != OYEZ_OK)
        return err;
    struct oyez_replay *replay = calloc(1, sizeof *replay);
    if (replay == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a replay");
    replay->client = client;
    replay->seq = 1;
    err = choose_run(replay, run);
    if (err == OYEZ_OK)
        err = open_socket(replay, deadline_ms, timeout_ms);
    if (err == OYEZ_OK)
        err = await_broker(replay, deadline_ms, timeout_ms);
    if (err != OYEZ_OK) {
        free_replay(replay);
        return err;
    }
    *out = replay;
    return OYEZ_OK;
}

const char *oyez_replay_run(const oyez_replay *replay)
{
    if (replay == NULL)
        return "";
    return replay->run;
}

// The event with its place in the record as a tag; without, where there is no room for one more.
static size_t measure(struct oyez_event *event, const struct oyez_event *recorded,
                      char cursor[CURSOR_SIZE], size_t *header_size)
{
    size_t tags = 0;
    *event = *recorded;
    while (tags < OYEZ_TAGS_MAX && event->tags[tags].key != NULL)
        tags++;
    if (tags < OYEZ_TAGS_MAX) {
        snprintf(cursor, CURSOR_SIZE, "%" PRIu64 ":%" PRIu64, recorded->stamp.epoch,
                 recorded->stamp.position);
        event->tags[tags] = (struct oyez_tag){CURSOR_TAG, cursor};
    }
    size_t size = oyez_event_measure(event, header_size);
    if (*header_size <= OYEZ_HEADER_SIZE_MAX || tags == OYEZ_TAGS_MAX)
        return size;
    event->tags[tags] = (struct oyez_tag){0};
    return oyez_event_measure(event, header_size);
}

static bool make_room(struct oyez_replay *replay, size_t size)
{
    if (size <= replay->room)
        return true;
    uint8_t *grown = realloc(replay->frame, size);
    if (grown == NULL)
        return false;
    replay->frame = grown;
    replay->room = size;
    return true;
}

static oyez_err write_frame(struct oyez_replay *replay, const struct oyez_event *recorded,
                            size_t *size)
{
    char topic[OYEZ_TOPIC_SIZE_MAX + 1], cursor[CURSOR_SIZE];
    struct oyez_event event;
    size_t header_size;
    const char *type = recorded->event_type != NULL ? recorded->event_type : "";
    int topic_size =
        snprintf(topic, sizeof topic, "%s%s.%s", OYEZ_REPLAY_PREFIX, replay->run, type);
    if (topic_size < 0 || topic_size >= (int)sizeof topic ||
        oyez_topic_replayed(topic, (size_t)topic_size) == NULL)
        return oyez_fail(OYEZ_ERR_INVALID, "'%.80s': no type of a recorded event", type);
    size_t event_size = measure(&event, recorded, cursor, &header_size);
    *size =
        (size_t)topic_size + 1 + OYEZ_BATCH_PREFIX_SIZE + oyez_batch_event_field_size(event_size);
    if (*size > OYEZ_FRAME_SIZE_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "a frame of %zu bytes; the limit is %u", *size,
                         OYEZ_FRAME_SIZE_MAX);
    if (!make_room(replay, *size))
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for an event of %zu bytes", *size);
    uint32_t flags = OYEZ_FLAG_FAST | (recorded->stamp.flags & OYEZ_FLAG_PERSONAL);
    uint8_t *at = replay->frame;
    at += oyez_batch_begin(at, topic, (size_t)topic_size, replay->client->id.bytes, replay->seq,
                           flags);
    at += oyez_batch_begin_event(at, event_size);
    (void)oyez_event_encode(&event, header_size, at);
    return OYEZ_OK;
}

static oyez_err fail_broken(const struct oyez_replay *replay)
{
    return oyez_fail(OYEZ_ERR_UNREACHABLE,
                     "the connection to the broker broke: %" PRIu64 " of %" PRIu64
                     " events were passed on",
                     replay->echo.through - replay->echo.lost, replay->seq - 1);
}

static uint64_t on_their_way(const struct oyez_replay *replay)
{
    return replay->seq - 1 - replay->echo.through;
}

oyez_err oyez_replay_publish(oyez_replay *replay, const struct oyez_event *event,
                             uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(replay);
    REQUIRE_ARGUMENT(event);
    uint64_t deadline_ms = oyez_clock_monotonic_ms() + timeout_ms;
    size_t size;
    oyez_err err = client_check_fork(replay->client);
    if (err == OYEZ_OK)
        err = write_frame(replay, event, &size);
    if (err != OYEZ_OK)
        return err;
    for (;;) {
        read_notices(replay);
        replay_echo_hear(&replay->echo, 0);
        if (replay->broken)
            return fail_broken(replay);
        if (on_their_way(replay) < ON_THEIR_WAY_MAX &&
            zmq_send(replay->socket, replay->frame, size, ZMQ_DONTWAIT) >= 0)
            break;
        if (oyez_clock_monotonic_ms() >= deadline_ms)
            return oyez_fail(OYEZ_ERR_TIMEOUT, "the broker took nothing for %u ms", timeout_ms);
        replay_echo_hear(&replay->echo, RETRY_MS);
    }
    replay->seq++;
    return OYEZ_OK;
}

oyez_err oyez_replay_flush(oyez_replay *replay, uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(replay);
    uint64_t deadline_ms = oyez_clock_monotonic_ms() + timeout_ms;
    oyez_err err = client_check_fork(replay->client);
    if (err != OYEZ_OK)
        return err;
    while (on_their_way(replay) > 0 && !replay->broken) {
        uint64_t now_ms = oyez_clock_monotonic_ms();
        if (now_ms >= deadline_ms)
            return oyez_fail(OYEZ_ERR_TIMEOUT,
                             "%" PRIu64 " of %" PRIu64 " events were not passed on within %u ms",
                             on_their_way(replay), replay->seq - 1, timeout_ms);
        replay_echo_hear(&replay->echo, (uint32_t)(deadline_ms - now_ms));
        read_notices(replay);
    }
    if (on_their_way(replay) > 0)
        return fail_broken(replay);
    if (replay->echo.lost > 0)
        return oyez_fail(OYEZ_ERR_FULL,
                         "%" PRIu64 " of %" PRIu64 " events found no room on the bus",
                         replay->echo.lost, replay->seq - 1);
    return OYEZ_OK;
}

void oyez_replay_close(oyez_replay **replay_p)
{
    if (replay_p == NULL || *replay_p == NULL)
        return;
    oyez_replay *replay = *replay_p;
    *replay_p = NULL;
    // In a child the sockets are the parent's: leave its memory alone.
    if (client_check_fork(replay->client) == OYEZ_OK)
        free_replay(replay);
}
