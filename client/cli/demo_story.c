// SPDX-License-Identifier: MIT
#include "demo_story.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "demo_details.h"
#include "oyez/json.h"

#define NANOSECONDS_PER_SECOND 1000000000

// SplitMix64: small, and good enough for stories.
static uint64_t draw(struct story *story)
{
    story->random += 0x9E3779B97F4A7C15u;
    uint64_t z = story->random;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

unsigned story_between(struct story *story, unsigned least, unsigned most)
{
    assert(least <= most);
    return least + (unsigned)(draw(story) % ((uint64_t)most - least + 1));
}

double story_amount(struct story *story, double least, double most)
{
    double fraction = (double)(draw(story) >> 11) / (double)(UINT64_C(1) << 53);
    return least + (most - least) * fraction;
}

bool story_chance(struct story *story, unsigned percent)
{
    return story_between(story, 1, 100) <= percent;
}

void story_hex(struct story *story, size_t digits, char text[STORY_HEX_SIZE])
{
    assert(digits < STORY_HEX_SIZE);
    for (size_t i = 0; i < digits; i++)
        text[i] = "0123456789abcdef"[draw(story) >> 60];
    text[digits] = '\0';
}

void story_id(struct story *story, const char *prefix, char id[STORY_ID_SIZE])
{
    char text[OYEZ_UUID_TEXT_SIZE];
    oyez_uuid_to_text(story->emitter.new_id(story->emitter.arg), text);
    // The last digits of a UUID of version 7 are its random ones.
    int size = snprintf(id, STORY_ID_SIZE, "%.4s-%s", prefix, text + strlen(text) - 7);
    assert(size > 0 && (size_t)size < STORY_ID_SIZE);
}

void story_uuid(struct story *story, char text[OYEZ_UUID_TEXT_SIZE])
{
    oyez_uuid_to_text(story->emitter.new_id(story->emitter.arg), text);
}

void story_time(struct story *story, int64_t seconds, char text[31])
{
    _Static_assert(OYEZ_TIME_TEXT_SIZE == 31, "the size that this function's contract gives");
    int64_t now = story->emitter.now(story->emitter.arg);
    oyez_time_to_text(now + seconds * NANOSECONDS_PER_SECOND, text);
}

void story_pause(struct story *story, uint32_t milliseconds_min, uint32_t milliseconds_max)
{
    uint32_t time = story_between(story, milliseconds_min, milliseconds_max);
    if (!story->over && !story->emitter.wait(story->emitter.arg, time))
        story->over = true;
}

void story_begin(struct story_flow *flow, struct story *story)
{
    *flow = (struct story_flow){.story = story};
    oyez_uuid_to_text(story->emitter.new_id(story->emitter.arg), flow->correlation_id);
}

void story_act(struct story_flow *flow, const char *type, const char *id, const char *name)
{
    flow->event.actor_type = type;
    flow->event.actor_id = id;
    flow->event.actor_name = name;
}

void story_tag(struct story_flow *flow, const char *key, const char *value)
{
    size_t i = 0;
    while (i < OYEZ_TAGS_MAX && flow->event.tags[i].key != NULL &&
           strcmp(flow->event.tags[i].key, key) != 0)
        i++;
    assert(i < OYEZ_TAGS_MAX);
    flow->event.tags[i] = (struct oyez_tag){.key = key, .value = value};
}

struct oyez_uuid story_tell(struct story_flow *flow, const char *event_type, const char *format,
                            ...)
{
    struct story *story = flow->story;
    struct oyez_uuid event_id = {{0}};
    story_pause(story, story->gap_ms_min, story->gap_ms_max);
    if (story->over)
        return event_id;

    char details[DEMO_DETAILS_SIZE_MAX];
    va_list arguments;
    va_start(arguments, format);
    size_t size = demo_details_format(details, format, arguments);
    va_end(arguments);

    char cause[OYEZ_UUID_TEXT_SIZE];
    oyez_uuid_to_text(flow->cause, cause);
    struct oyez_event event = flow->event;
    event.event_type = event_type;
    event.correlation_id = flow->correlation_id;
    event.causation_id = oyez_uuid_is_zero(flow->cause) ? NULL : cause;
    event.details = details;
    event.details_size = size;
    story->err = story->emitter.emit(story->emitter.arg, &event, &event_id);
    if (story->err != OYEZ_OK) {
        story->over = true;
        return (struct oyez_uuid){{0}};
    }
    flow->cause = event_id;
    return event_id;
}
