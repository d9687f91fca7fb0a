// SPDX-License-Identifier: MIT
#include "zmtp_way.h"

#include <stdlib.h>
#include <string.h>

#define GREETING_SIZE 64u
#define FRAME_MORE 1u
#define FRAME_LONG 2u
#define FRAME_COMMAND 4u

static bool queue(struct zmtp_way *way, const uint8_t *data, size_t size)
{
    if (way->end + size > way->room && way->begin > 0) {
        memmove(way->bytes, way->bytes + way->begin, way->end - way->begin);
        way->end -= way->begin;
        way->begin = 0;
    }
    if (way->end + size > way->room) {
        size_t room = (way->end + size) * 2;
        uint8_t *grown = realloc(way->bytes, room);
        if (grown == NULL)
            return false;
        way->bytes = grown;
        way->room = room;
    }
    if (size > 0)
        memcpy(way->bytes + way->end, data, size);
    way->end += size;
    way->put += size;
    return true;
}

static void note_release(struct zmtp_way *way, uint64_t release_ms)
{
    size_t last = (way->release_first + way->release_count + ZMTP_RELEASES - 1) % ZMTP_RELEASES;
    bool later = way->release_count == 0 || way->releases[last].at_ms < release_ms;
    if (later && way->release_count < ZMTP_RELEASES) {
        last = (way->release_first + way->release_count++) % ZMTP_RELEASES;
        way->releases[last].at_ms = release_ms;
    }
    way->releases[last].through = way->put;
}

static size_t frame_head_size(const struct zmtp_way *way)
{
    return (way->head[0] & FRAME_LONG) != 0 ? 9 : 2;
}

static uint64_t frame_body_size(const struct zmtp_way *way)
{
    if ((way->head[0] & FRAME_LONG) == 0)
        return way->head[1];
    uint64_t size = 0;
    for (size_t i = 1; i < 9; i++)
        size = size << 8 | way->head[i];
    return size;
}

// How many bytes a frame's beginning must have before it can be judged.
static size_t head_wanted(const struct zmtp_way *way)
{
    if (way->head_size == 0)
        return 1;
    size_t size = frame_head_size(way);
    if (way->head_size < size || way->inside || (way->head[0] & FRAME_COMMAND) != 0)
        return size;
    uint64_t body = frame_body_size(way);
    return size + (size_t)(body < ZMTP_TOPIC_MAX ? body : ZMTP_TOPIC_MAX);
}

static bool begin_frame(struct zmtp_way *way, zmtp_judge *judge, void *arg)
{
    size_t size = frame_head_size(way);
    bool command = (way->head[0] & FRAME_COMMAND) != 0;
    if (!command && !way->inside) {
        way->messages++;
        way->dropping = judge != NULL && judge(arg, way->head + size, way->head_size - size);
        way->dropped += way->dropping;
    }
    if (!command)
        way->inside = (way->head[0] & FRAME_MORE) != 0;
    way->body_left = frame_body_size(way) - (way->head_size - size);
    way->skipping = !command && way->dropping;
    bool taken = way->skipping || queue(way, way->head, way->head_size);
    way->head_size = 0;
    return taken;
}

static size_t take_greeting(struct zmtp_way *way, size_t size)
{
    if (!way->started) {
        way->started = true;
        way->greeting_left = GREETING_SIZE;
    }
    return size < way->greeting_left ? size : way->greeting_left;
}

// Passes the body of the frame at hand on, or not; how much of the data that was.
static bool take_body(struct zmtp_way *way, const uint8_t *data, size_t size, size_t *taken)
{
    *taken = size < way->body_left ? size : (size_t)way->body_left;
    way->body_left -= *taken;
    return way->skipping || queue(way, data, *taken);
}

static bool take_head(struct zmtp_way *way, const uint8_t *data, size_t size, size_t *taken,
                      zmtp_judge *judge, void *arg)
{
    *taken = 0;
    size_t wanted;
    while ((wanted = head_wanted(way)) > way->head_size && *taken < size) {
        size_t part = wanted - way->head_size;
        if (part > size - *taken)
            part = size - *taken;
        memcpy(way->head + way->head_size, data + *taken, part);
        way->head_size += part;
        *taken += part;
    }
    return wanted > way->head_size || begin_frame(way, judge, arg);
}

bool zmtp_way_take(struct zmtp_way *way, const uint8_t *data, size_t size, uint64_t release_ms,
                   zmtp_judge *judge, void *arg)
{
    bool good = true;
    while (good && size > 0) {
        size_t taken;
        if (!way->started || way->greeting_left > 0) {
            taken = take_greeting(way, size);
            way->greeting_left -= (unsigned)taken;
            good = queue(way, data, taken);
        } else if (way->body_left > 0) {
            good = take_body(way, data, size, &taken);
        } else {
            good = take_head(way, data, size, &taken, judge, arg);
        }
        data += taken;
        size -= taken;
    }
    note_release(way, release_ms);
    return good;
}

size_t zmtp_way_ready(struct zmtp_way *way, uint64_t now_ms, const uint8_t **data)
{
    uint64_t through = way->gone;
    for (size_t i = 0; i < way->release_count; i++) {
        const struct zmtp_release *release =
            &way->releases[(way->release_first + i) % ZMTP_RELEASES];
        if (release->at_ms > now_ms)
            break;
        through = release->through;
    }
    *data = way->bytes + way->begin;
    return (size_t)(through - way->gone);
}

void zmtp_way_sent(struct zmtp_way *way, size_t size)
{
    way->begin += size;
    way->gone += size;
    if (way->begin == way->end)
        way->begin = way->end = 0;
    while (way->release_count > 0 && way->releases[way->release_first].through <= way->gone) {
        way->release_first = (way->release_first + 1) % ZMTP_RELEASES;
        way->release_count--;
    }
}

uint64_t zmtp_way_next_ms(const struct zmtp_way *way, uint64_t now_ms)
{
    for (size_t i = 0; i < way->release_count; i++) {
        uint64_t at = way->releases[(way->release_first + i) % ZMTP_RELEASES].at_ms;
        if (at > now_ms)
            return at;
    }
    return UINT64_MAX;
}

void zmtp_way_free(struct zmtp_way *way)
{
    free(way->bytes);
    way->bytes = NULL;
}
