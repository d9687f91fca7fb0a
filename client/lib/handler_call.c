// SPDX-License-Identifier: MIT
#include "handler_call.h"

#include <stddef.h>

#include "oyez/handler.h"
#include "wire/clock.h"

static _Thread_local const struct handler_call *innermost;

void handler_call_enter(struct handler_call *call, const struct oyez_client *client,
                        const struct oyez_handler *handler, uint64_t deadline_ms)
{
    *call = (struct handler_call){
        .outer = innermost, .client = client, .handler = handler, .deadline_ms = deadline_ms};
    innermost = call;
}

void handler_call_leave(const struct handler_call *call)
{
    innermost = call->outer;
}

bool handler_call_is_of_client(const struct oyez_client *client)
{
    const struct handler_call *call = innermost;
    while (call != NULL && call->client != client)
        call = call->outer;
    return call != NULL;
}

unsigned handler_call_count(const struct oyez_handler *handler)
{
    unsigned count = 0;
    for (const struct handler_call *call = innermost; call != NULL; call = call->outer)
        count += call->handler == handler;
    return count;
}

bool handler_call_is_of(const struct oyez_handler *handler)
{
    return handler_call_count(handler) > 0;
}

uint32_t oyez_handler_time_left(void)
{
    if (innermost == NULL || innermost->deadline_ms == UINT64_MAX)
        return UINT32_MAX;
    uint64_t now_ms = oyez_clock_monotonic_ms();
    return now_ms < innermost->deadline_ms ? (uint32_t)(innermost->deadline_ms - now_ms) : 0;
}
