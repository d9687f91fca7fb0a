// SPDX-License-Identifier: MIT
#include "consumer_lease.h"

#include <pb_decode.h>
#include <stdio.h>
#include <string.h>

#include "client_state.h"
#include "oyez/uuid.h"
#include "wire/clock.h"
#include "wire/topic.h"

static oyez_v1_ConsumerRequest *body(struct consumer_lease *lease)
{
    return &lease->question.request.body.consumer;
}

oyez_err consumer_lease_init(struct consumer_lease *lease, oyez_query_ask *ask, void *arg,
                             const char *name, const char *holder_name)
{
    memset(lease, 0, sizeof *lease);
    lease->question.ask = ask;
    lease->question.arg = arg;
    lease->question.request.which_body = oyez_v1_QueryRequest_consumer_tag;
    oyez_v1_ConsumerRequest *request = body(lease);
    if (strlen(name) >= sizeof request->name || !oyez_topic_is_valid(name, strlen(name)))
        return oyez_fail(OYEZ_ERR_INVALID,
                         "a consumer's name is 1 to 64 of A-Z a-z 0-9 . _ -, and not \"%.80s\"",
                         name);
    snprintf(request->name, sizeof request->name, "%s", name);
    snprintf(request->holder_name, sizeof request->holder_name, "%s", holder_name);
    // Random bytes are wanted, and an id of version 7 has 74 of them and the time besides.
    struct oyez_uuid holder = oyez_uuid_new();
    memcpy(request->holder, holder.bytes, sizeof request->holder);
    return OYEZ_OK;
}

oyez_err consumer_lease_read(const struct question *question, size_t i, oyez_v1_Consumer *out)
{
    const struct oyez_query_frame *frame = &question->page.frames[i];
    pb_istream_t stream = pb_istream_from_buffer(frame->bytes, frame->size);
    memset(out, 0, sizeof *out);
    if (!pb_decode(&stream, oyez_v1_Consumer_fields, out))
        return oyez_fail(OYEZ_ERR_MALFORMED, "a consumer that cannot be read: %s",
                         PB_GET_ERROR(&stream));
    return OYEZ_OK;
}

static oyez_err put(struct consumer_lease *lease, oyez_v1_ConsumerVerb verb, uint64_t epoch,
                    uint64_t position, uint32_t timeout_ms)
{
    oyez_v1_ConsumerRequest *request = body(lease);
    request->verb = verb;
    request->epoch = epoch;
    request->position = position;
    lease->has_told = false;
    uint64_t asked_ms = oyez_clock_monotonic_ms();
    oyez_err err = question_put(&lease->question, timeout_ms);
    if (err == OYEZ_OK && lease->question.page.count > 1) {
        err = consumer_lease_read(&lease->question, 1, &lease->told);
        lease->has_told = err == OYEZ_OK;
    }
    if (err == OYEZ_OK)
        lease->until_ms = asked_ms + lease->lease_ms;
    return err;
}

static uint32_t choose_lease(uint32_t wanted)
{
    if (wanted == 0)
        return CONSUMER_LEASE_MS_DEFAULT;
    if (wanted < CONSUMER_LEASE_MS_MIN)
        return CONSUMER_LEASE_MS_MIN;
    return wanted < CONSUMER_LEASE_MS_MAX ? wanted : CONSUMER_LEASE_MS_MAX;
}

oyez_err consumer_lease_open(struct consumer_lease *lease, const oyez_v1_Query *patterns,
                             uint32_t lease_ms, uint64_t epoch, uint64_t position,
                             uint32_t timeout_ms)
{
    oyez_v1_ConsumerRequest *request = body(lease);
    lease->lease_ms = choose_lease(lease_ms);
    request->lease_ms = lease->lease_ms;
    request->patterns_count = patterns->patterns_count;
    memcpy(request->patterns, patterns->patterns, sizeof request->patterns);
    oyez_err err = put(lease, oyez_v1_ConsumerVerb_CONSUMER_VERB_OPEN, epoch, position, timeout_ms);
    request->patterns_count = 0;
    if (err == OYEZ_OK && !lease->has_told)
        err = oyez_fail(OYEZ_ERR_MALFORMED, "an answer that says nothing of the consumer");
    return err;
}

oyez_err consumer_lease_commit(struct consumer_lease *lease, uint64_t epoch, uint64_t position,
                               uint32_t timeout_ms)
{
    return put(lease, oyez_v1_ConsumerVerb_CONSUMER_VERB_COMMIT, epoch, position, timeout_ms);
}

oyez_err consumer_lease_close(struct consumer_lease *lease, uint32_t timeout_ms)
{
    return put(lease, oyez_v1_ConsumerVerb_CONSUMER_VERB_CLOSE, 0, 0, timeout_ms);
}

oyez_err consumer_lease_reset(struct consumer_lease *lease, uint64_t epoch, uint64_t position,
                              uint32_t timeout_ms)
{
    return put(lease, oyez_v1_ConsumerVerb_CONSUMER_VERB_RESET, epoch, position, timeout_ms);
}

oyez_err consumer_lease_delete(struct consumer_lease *lease, uint32_t timeout_ms)
{
    return put(lease, oyez_v1_ConsumerVerb_CONSUMER_VERB_DELETE, 0, 0, timeout_ms);
}
