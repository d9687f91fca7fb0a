// SPDX-License-Identifier: MIT
#include "erasure_act.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD "event "

size_t oyez_erasure_put_event(char out[OYEZ_ERASURE_LINE_MAX],
                              const struct oyez_journal_record *event)
{
    char id[OYEZ_UUID_TEXT_SIZE];

    oyez_uuid_to_text(event->event_id, id);
    return (size_t)snprintf(out, OYEZ_ERASURE_LINE_MAX, WORD "%" PRIu64 ":%" PRIu64 " %s\n",
                            event->epoch, event->position, id);
}

static bool read_number(const char **at, char end, uint64_t *out)
{
    char *behind;

    if (**at < '0' || **at > '9')
        return false;
    errno = 0;
    *out = strtoull(*at, &behind, 10);
    if (errno != 0 || *behind != end)
        return false;
    *at = behind + 1;
    return true;
}

bool oyez_erasure_next_event(const struct oyez_journal_record *act, size_t *at,
                             struct oyez_erasure_event *out)
{
    char line[OYEZ_ERASURE_LINE_MAX];
    const char *from = (const char *)act->details + *at, *rest = line + strlen(WORD);
    size_t left = act->details_size - *at;
    const char *newline = left > 0 ? memchr(from, '\n', left) : NULL;

    if (newline == NULL || (size_t)(newline - from) >= sizeof(line))
        return false;
    size_t size = (size_t)(newline - from);
    memcpy(line, from, size);
    line[size] = '\0';
    if (strncmp(line, WORD, strlen(WORD)) != 0 || !read_number(&rest, ':', &out->epoch) ||
        !read_number(&rest, ' ', &out->position) ||
        oyez_uuid_from_text(&out->event_id, rest) != OYEZ_OK)
        return false;
    *at += size + 1;
    return true;
}
