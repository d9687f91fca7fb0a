// SPDX-License-Identifier: MIT
#include "oyez/operation.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "client_state.h"
#include "notices.h"
#include "operation_details.h"
#include "oyez/context.h"
#include "wire/clock.h"

static uint64_t elapsed_ms(const struct oyez_operation *operation)
{
    return oyez_clock_monotonic_ms() - operation->started_ms;
}

static struct oyez_event event_of(const struct oyez_operation *operation, const char *event_type,
                                  const char *details)
{
    struct oyez_event event = {0};
    if (operation->options.fields != NULL)
        event = *operation->options.fields;
    event.event_id = (struct oyez_uuid){0};
    event.event_type = event_type;
    event.occurred_at = 0;
    event.details_format = OYEZ_DETAILS_JSON;
    event.details = details;
    event.details_size = 0;
    return event;
}

// What is emitted inside inherits the operation's fields, and has its first event as cause.
static oyez_err begin_context(struct oyez_operation *operation, const struct oyez_uuid *id)
{
    struct oyez_event inside = event_of(operation, NULL, NULL);
    char cause[OYEZ_UUID_TEXT_SIZE];
    char inherited[2 * OYEZ_UUID_TEXT_SIZE];
    if (id != NULL) {
        struct oyez_event started = inside;
        oyez_context_apply(&started, inherited);
        if (started.correlation_id == NULL && operation->client->defaults != NULL)
            started.correlation_id = operation->client->defaults->correlation_id;
        oyez_uuid_to_text(*id, cause);
        inside.causation_id = cause;
        inside.correlation_id = started.correlation_id != NULL ? started.correlation_id : cause;
    }
    oyez_err err = oyez_context_push(&inside);
    operation->context = err == OYEZ_OK;
    return err;
}

static oyez_err check_arguments(const oyez_client *client,
                                const struct oyez_operation_options *options)
{
    REQUIRE_ARGUMENT(client);
    REQUIRE_ARGUMENT(options);
    if (options->started == NULL && options->completed == NULL && options->failed == NULL)
        return oyez_fail(OYEZ_ERR_INVALID, "options: no event type: nothing would be told");
    return client_check_fork(client);
}

oyez_err oyez_operation_begin(struct oyez_operation *operation, oyez_client *client,
                              const struct oyez_operation_options *options)
{
    REQUIRE_ARGUMENT(operation);
    *operation = (struct oyez_operation){0};
    operation->err = check_arguments(client, options);
    if (operation->err != OYEZ_OK)
        return operation->err;
    operation->client = client;
    operation->options = *options;
    operation->open = true;
    operation->started_ms = oyez_clock_monotonic_ms();
    struct oyez_uuid id;
    bool started = false;
    if (options->started != NULL) {
        struct oyez_event event = event_of(operation, options->started, options->started_details);
        operation->err = oyez_client_emit(client, &event, &id);
        started = operation->err == OYEZ_OK;
    }
    oyez_err err = begin_context(operation, started ? &id : NULL);
    if (operation->err == OYEZ_OK)
        operation->err = err;
    return operation->err;
}

static void add_tag(struct oyez_event *event, const char *key, const char *value)
{
    size_t count = 0;
    while (count < OYEZ_TAGS_MAX && event->tags[count].key != NULL)
        count++;
    if (count == OYEZ_TAGS_MAX)
        return;
    event->tags[count] = (struct oyez_tag){key, value};
    if (count + 1 < OYEZ_TAGS_MAX)
        event->tags[count + 1] = (struct oyez_tag){0};
}

static oyez_err emit_outcome(struct oyez_operation *operation, const char *event_type,
                             const char *details, const char *message)
{
    const struct operation_outcome outcome = {.duration_ms = elapsed_ms(operation),
                                              .message = message};
    char *text = NULL;
    bool timed;
    oyez_err err = operation_details(event_type, details, &outcome, &text, &timed);
    if (err != OYEZ_OK)
        return err;
    struct oyez_event event = event_of(operation, event_type, text);
    char duration[24];
    if (!timed) {
        snprintf(duration, sizeof duration, "%" PRIu64, outcome.duration_ms);
        add_tag(&event, "duration_ms", duration);
    }
    err = oyez_client_emit(operation->client, &event, NULL);
    free(text);
    return err;
}

static oyez_err finish(struct oyez_operation *operation, const char *event_type,
                       const char *details, const char *message)
{
    if (!operation->open)
        return oyez_fail(OYEZ_ERR_CLOSED, "operation: it has ended, or never began");
    operation->err = OYEZ_OK;
    if (event_type != NULL)
        operation->err = emit_outcome(operation, event_type, details, message);
    if (operation->context)
        oyez_context_pop();
    operation->context = false;
    operation->open = false;
    return operation->err;
}

oyez_err oyez_operation_complete(struct oyez_operation *operation, const char *details)
{
    REQUIRE_ARGUMENT(operation);
    return finish(operation, operation->options.completed, details, NULL);
}

oyez_err oyez_operation_fail(struct oyez_operation *operation, const char *message,
                             const char *details)
{
    REQUIRE_ARGUMENT(operation);
    if (details == NULL)
        details = operation->options.failed_details;
    return finish(operation, operation->options.failed, details, message);
}

void oyez_operation_end(struct oyez_operation *operation)
{
    if (operation == NULL || !operation->open)
        return;
    const char *failed = operation->options.failed;
    oyez_err err = oyez_operation_fail(operation, "it ended without success", NULL);
    if (err == OYEZ_OK || err == OYEZ_ERR_FORKED)
        return;
    notice_add(operation->client, &(struct oyez_notice){.kind = OYEZ_NOTICE_NOT_EMITTED,
                                                        .text = oyez_error_detail(),
                                                        .event_type = failed,
                                                        .count = 1});
}
