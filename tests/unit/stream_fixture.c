// SPDX-License-Identifier: MIT
#include "stream_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

static oyez_err receive(void *arg, const struct oyez_event **event)
{
    struct scripted_source *source = arg;
    if (source->taken < source->given) {
        *event = &source->events[source->taken++];
        return OYEZ_OK;
    }
    return source->end != OYEZ_OK ? oyez_fail(source->end, "the source has ended")
                                  : OYEZ_ERR_TIMEOUT;
}

static void watch(void *arg, struct inbox_watch *watch)
{
    ((struct scripted_source *)arg)->watch = watch;
}

static void close_source(void *arg)
{
    ((struct scripted_source *)arg)->closed = true;
}

static void announce_end(void *arg)
{
    (void)arg;
}

static uint64_t tell_time(void *arg)
{
    return ((struct scripted_source *)arg)->now_ms;
}

oyez_stream *stream_of(struct scripted_source *source)
{
    oyez_stream *stream = NULL;
    const struct stream_source from = {.receive = receive,
                                       .watch = watch,
                                       .announce_end = announce_end,
                                       .close = close_source,
                                       .arg = source};
    assert_int_equal(stream_new(&stream, &from), OYEZ_OK);
    assert_int_equal(oyez_stream_set_clock(stream, tell_time, source), OYEZ_OK);
    return stream;
}

void give_type(struct scripted_source *source, const char *event_type)
{
    assert_true(source->given < SOURCE_EVENTS_MAX);
    size_t i = source->given++;
    snprintf(source->ids[i], sizeof source->ids[i], "%zu", i + 1);
    source->events[i] = (struct oyez_event){
        .event_type = event_type, .plan_id = source->ids[i], .event_id.bytes = {1, (uint8_t)i}};
    if (source->watch != NULL)
        inbox_watch_tell(source->watch);
}

void give(struct scripted_source *source, size_t count)
{
    for (size_t i = 0; i < count; i++)
        give_type(source, "plan.created");
}

uint64_t number_of(const struct oyez_event *event)
{
    return strtoull(event->plan_id, NULL, 10);
}

uint64_t next_number(oyez_stream *stream)
{
    struct oyez_stream_item item;
    oyez_err err = oyez_stream_next(stream, &item, 0);
    if (err != OYEZ_OK)
        fail_msg("no item: %s: %s", oyez_strerror(err), oyez_error_detail());
    return number_of(item.event);
}

oyez_err next_error(oyez_stream *stream)
{
    struct oyez_stream_item item;
    return oyez_stream_next(stream, &item, 0);
}
