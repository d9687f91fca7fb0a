// SPDX-License-Identifier: MIT
// One direction of a proxied connection: ZMTP 3.x parsed as far as message borders, so that whole
// messages can be left out, and a queue of bytes that go on at their time.
#ifndef OYEZ_ZMTP_WAY_H
#define OYEZ_ZMTP_WAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZMTP_TOPIC_MAX 256u // bytes of a message that a judge is shown
#define ZMTP_QUEUE_MAX (4u * 1024u * 1024u)

// Whether a message is to be left out; `start` is the beginning of its first frame's body.
typedef bool zmtp_judge(void *arg, const uint8_t *start, size_t size);

struct zmtp_release {
    uint64_t at_ms;
    uint64_t through; // bytes of the queue since the connection began
};

#define ZMTP_RELEASES 1024u

struct zmtp_way {
    // The parser.
    unsigned greeting_left;
    bool started;
    bool inside;   // between the frames of a message
    bool dropping; // the message is left out
    bool skipping; // the frame is
    uint8_t head[9 + ZMTP_TOPIC_MAX];
    size_t head_size;
    uint64_t body_left;
    // The queue.
    uint8_t *bytes;
    size_t begin, end, room;
    uint64_t put, gone; // bytes since the connection began
    struct zmtp_release releases[ZMTP_RELEASES];
    size_t release_first, release_count;
    // Figures.
    uint64_t messages, dropped;
    bool ended; // its source sends nothing more
    bool shut;  // and its destination knows
};

// zmtp_way_take parses bytes as they came and queues what is not left out, to go on at release_ms.
// False: no memory.
bool zmtp_way_take(struct zmtp_way *way, const uint8_t *data, size_t size, uint64_t release_ms,
                   zmtp_judge *judge, void *arg);

// zmtp_way_ready: the bytes that may go on now. *data is valid until the next call.
size_t zmtp_way_ready(struct zmtp_way *way, uint64_t now_ms, const uint8_t **data);

// zmtp_way_sent: so many of them have gone on.
void zmtp_way_sent(struct zmtp_way *way, size_t size);

// zmtp_way_next_ms: when bytes will be ready that are not now; UINT64_MAX = there are none.
uint64_t zmtp_way_next_ms(const struct zmtp_way *way, uint64_t now_ms);

static inline size_t zmtp_way_queued(const struct zmtp_way *way)
{
    return way->end - way->begin;
}

void zmtp_way_free(struct zmtp_way *way);

#endif
