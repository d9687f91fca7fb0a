// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "handler_state.h"
#include "oyez/pattern.h"
#include "wire/topic.h"

#define NAME_DEFAULT "handler"
#define RETRIES_MAX 100u
#define FIRST_MS_DEFAULT 100u
#define MAX_MS_DEFAULT 30000u

static oyez_err check_name(const char *name)
{
    if (name == NULL)
        return OYEZ_OK;
    size_t size = strnlen(name, OYEZ_HANDLER_NAME_SIZE_MAX + 1);
    if (size > OYEZ_HANDLER_NAME_SIZE_MAX || !oyez_topic_is_valid(name, size))
        return oyez_fail(OYEZ_ERR_INVALID, "name: \"%.80s\" is not 1 to %u of [A-Za-z0-9._-]", name,
                         OYEZ_HANDLER_NAME_SIZE_MAX);
    return OYEZ_OK;
}

static oyez_err check_retry(const struct oyez_handler_options *options)
{
    const struct oyez_retry *retry = &options->retry;
    if (retry->count > RETRIES_MAX)
        return oyez_fail(OYEZ_ERR_INVALID, "retry.count: %u is above %u", retry->count,
                         RETRIES_MAX);
    if (retry->count > 0 && options->mode == OYEZ_HANDLER_INLINE)
        return oyez_fail(OYEZ_ERR_INVALID, "retry.count: an inline handler is tried once");
    if (retry->error_count > HANDLER_ERRORS_MAX)
        return oyez_fail(OYEZ_ERR_INVALID, "retry.error_count: %zu is above %u", retry->error_count,
                         HANDLER_ERRORS_MAX);
    if (retry->error_count > 0 && retry->errors == NULL)
        return argument_missing("retry.errors");
    if (retry->max_ms != 0 && retry->first_ms > retry->max_ms)
        return oyez_fail(OYEZ_ERR_INVALID, "retry.first_ms: %u is above retry.max_ms, %u",
                         retry->first_ms, retry->max_ms);
    return OYEZ_OK;
}

static oyez_err check_mode(const struct oyez_handler_options *options)
{
    bool inlined = options->mode == OYEZ_HANDLER_INLINE;
    if (options->mode < OYEZ_HANDLER_DISPATCHED || options->mode > OYEZ_HANDLER_POOL)
        return argument_out_of_range("mode", options->mode);
    if (options->key < OYEZ_KEY_TYPE || options->key > OYEZ_KEY_AGGREGATE)
        return argument_out_of_range("key", options->key);
    if (options->threads > OYEZ_HANDLER_THREADS_MAX)
        return oyez_fail(OYEZ_ERR_INVALID, "threads: %u is above %u", options->threads,
                         OYEZ_HANDLER_THREADS_MAX);
    if (options->threads > 0 && options->mode != OYEZ_HANDLER_POOL)
        return oyez_fail(OYEZ_ERR_INVALID, "threads: only a pool has a number of them");
    if (inlined && (options->from != OYEZ_FROM_LIVE || options->only_recorded))
        return oyez_fail(OYEZ_ERR_INVALID, "%s: an inline handler sees what is emitted, only",
                         options->only_recorded ? "only_recorded" : "from");
    if (inlined && (options->on_gap != NULL || options->on_epoch_changed != NULL))
        return oyez_fail(OYEZ_ERR_INVALID, "%s: an inline handler has none",
                         options->on_gap != NULL ? "on_gap" : "on_epoch_changed");
    return OYEZ_OK;
}

oyez_err handler_options_check(const struct oyez_handler_options *options)
{
    if (options->run == NULL)
        return argument_missing("run");
    if (options->pattern_count > OYEZ_PATTERNS_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "patterns: %zu; the limit is %u",
                         options->pattern_count, OYEZ_PATTERNS_MAX);
    oyez_err err = argument_check_texts("patterns", options->patterns, options->pattern_count);
    if (err == OYEZ_OK)
        err = check_name(options->name);
    if (err == OYEZ_OK)
        err = check_mode(options);
    return err == OYEZ_OK ? check_retry(options) : err;
}

static oyez_err copy_patterns(struct oyez_handler *handler,
                              const struct oyez_handler_options *options)
{
    static const char *const everything[] = {"*"};
    const char *const *patterns = options->pattern_count > 0 ? options->patterns : everything;
    size_t count = options->pattern_count > 0 ? options->pattern_count : 1;
    handler->patterns = calloc(count, sizeof *handler->patterns);
    oyez_err err = handler->patterns != NULL ? OYEZ_OK : OYEZ_ERR_NO_MEMORY;
    for (size_t i = 0; i < count && err == OYEZ_OK; i++) {
        err = oyez_pattern_check(patterns[i]);
        if (err != OYEZ_OK)
            return err;
        handler->patterns[i] = strdup(patterns[i]);
        err = handler->patterns[i] != NULL ? OYEZ_OK : OYEZ_ERR_NO_MEMORY;
        handler->pattern_count += err == OYEZ_OK;
    }
    return err == OYEZ_OK ? err : oyez_fail(err, "no memory for %zu patterns", count);
}

// A pool has one more, which hands out what comes.
static size_t count_threads(const struct oyez_handler_options *options,
                            const oyez_settings *settings)
{
    if (options->mode != OYEZ_HANDLER_POOL)
        return options->mode == OYEZ_HANDLER_INLINE ? 0 : 1;
    return options->threads > 0
               ? options->threads + 1
               : oyez_settings_number(settings, OYEZ_SETTING_CLIENT_CONCURRENT_HANDLERS) + 1;
}

oyez_err handler_options_take(struct oyez_handler *handler,
                              const struct oyez_handler_options *options)
{
    const oyez_settings *settings = handler->client->settings;
    snprintf(handler->name, sizeof handler->name, "%s",
             options->name != NULL ? options->name : NAME_DEFAULT);
    handler->run = options->run;
    handler->arg = options->arg;
    handler->mode = options->mode;
    handler->key = options->key;
    handler->timeout_ms =
        options->timeout_ms > 0
            ? options->timeout_ms
            : (uint32_t)oyez_settings_number(settings, OYEZ_SETTING_CLIENT_HANDLER_TIMEOUT);
    handler->no_dead_letters = options->no_dead_letters;
    handler->retry = options->retry;
    handler->retry.errors = handler->errors;
    if (options->retry.error_count > 0)
        memcpy(handler->errors, options->retry.errors,
               options->retry.error_count * sizeof handler->errors[0]);
    if (handler->retry.first_ms == 0)
        handler->retry.first_ms = FIRST_MS_DEFAULT;
    if (handler->retry.max_ms == 0)
        handler->retry.max_ms = MAX_MS_DEFAULT;
    if (handler->retry.max_ms < handler->retry.first_ms)
        handler->retry.max_ms = handler->retry.first_ms;
    handler->thread_count = count_threads(options, settings);
    return options->mode == OYEZ_HANDLER_INLINE ? copy_patterns(handler, options) : OYEZ_OK;
}
