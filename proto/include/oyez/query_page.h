// SPDX-License-Identifier: MIT
// One answer to a question, as it travels: frames of bytes.
#ifndef OYEZ_QUERY_PAGE_H
#define OYEZ_QUERY_PAGE_H

#include <stddef.h>
#include <stdint.h>

// Events on one page at most, and bytes of their frames before a page ends (one event may exceed).
#define OYEZ_PAGE_EVENTS_MAX 512u
#define OYEZ_PAGE_BYTES_MAX (256u * 1024u)

struct oyez_query_frame {
    const uint8_t *bytes;
    size_t size;
};

// The first frame is a QueryAnswer; each other one is a bus frame of one event.
struct oyez_query_page {
    const struct oyez_query_frame *frames;
    size_t count;
};

#endif
