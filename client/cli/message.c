// SPDX-License-Identifier: MIT
#include "message.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "inert.h"
#include "program/diagnostic.h"
#include "progress.h"
#include "wire/clock.h"

#define MESSAGE_SIZE_MAX 2048

static char beginning[64] = "oyez: ";
static atomic_bool was_disconnected;
static atomic_uint log_format;
static atomic_uint log_level;

void message_open(const char *command)
{
    if (command == NULL) {
        snprintf(beginning, sizeof beginning, "oyez: ");
    } else {
        snprintf(beginning, sizeof beginning, "oyez %s: ", command);
    }
}

static void print(const char *start, const char *format, va_list list)
{
    char text[MESSAGE_SIZE_MAX];
    vsnprintf(text, sizeof text, format, list);
    flockfile(stderr);
    progress_hide();
    fputs(start, stderr);
    inert_write(stderr, text, strlen(text));
    fputc('\n', stderr);
    fflush(stderr);
    funlockfile(stderr);
}

void message_print(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    print(beginning, format, list);
    va_end(list);
}

void message_line(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    print("", format, list);
    va_end(list);
}

void message_log_set(const oyez_settings *settings)
{
    atomic_store(&log_format, (unsigned)oyez_settings_number(settings, OYEZ_SETTING_LOG_FORMAT));
    atomic_store(&log_level, (unsigned)oyez_settings_number(settings, OYEZ_SETTING_LOG_LEVEL));
}

void message_log(enum oyez_severity severity, const char *line)
{
    static const char *const names[] = {"", "warning: ", "error: "};
    char out[DIAGNOSTIC_SIZE_MAX];
    if ((unsigned)severity < log_level) {
        return;
    }
    if (log_format == DIAGNOSTIC_TEXT) {
        message_print("%s%s", names[severity <= OYEZ_ERROR ? severity : OYEZ_ERROR], line);
        return;
    }
    const struct diagnostic diagnostic = {.program = "oyez serve",
                                          .severity = severity,
                                          .time_ns = oyez_clock_realtime_ns(),
                                          .line = line};
    size_t size = diagnostic_write(out, (enum diagnostic_format)log_format, &diagnostic);
    fwrite(out, 1, size, stderr);
}

static const char *describe(enum oyez_notice_kind kind)
{
    switch (kind) {
    case OYEZ_NOTICE_CONNECTED:
        return "the broker answers again";
    case OYEZ_NOTICE_DISCONNECTED:
        return "the broker does not answer; trying on";
    case OYEZ_NOTICE_EPOCH_CHANGED:
        return "the broker restarted";
    case OYEZ_NOTICE_GAP:
        return "events were lost on the way";
    case OYEZ_NOTICE_OVERFLOW:
        return "events were dropped because they are read too slowly";
    case OYEZ_NOTICE_FAST_LOST:
        return "own fast events were lost";
    case OYEZ_NOTICE_REFUSED:
        return "the broker refused events";
    case OYEZ_NOTICE_MALFORMED:
        return "something could not be read";
    case OYEZ_NOTICE_UNSENT:
        return "events did not reach their level";
    case OYEZ_NOTICE_REEMITTED:
        return "events were lost before the recorder and are emitted again";
    case OYEZ_NOTICE_WAITING:
        return "the recorder does not answer; asking on";
    case OYEZ_NOTICE_DEPRECATED:
        return "a type or field that is deprecated was emitted";
    case OYEZ_NOTICE_NOT_EMITTED:
        return "an event of an operation could not be emitted";
    case OYEZ_NOTICE_CLOSED:
        return "closed";
    }
    return "notice";
}

void message_notice(const struct oyez_notice *notice)
{
    if (notice->kind == OYEZ_NOTICE_DISCONNECTED) {
        atomic_store(&was_disconnected, true);
    }
    if (notice->kind == OYEZ_NOTICE_CONNECTED && !atomic_exchange(&was_disconnected, false)) {
        return;
    }
    // Of a connection the text is only the endpoint.
    bool is_told = notice->kind != OYEZ_NOTICE_CONNECTED && notice->text != NULL;
    const char *text = is_told ? notice->text : describe(notice->kind);
    bool is_loss = notice->kind == OYEZ_NOTICE_GAP || notice->kind == OYEZ_NOTICE_OVERFLOW;
    if (is_loss && notice->event_type != NULL) {
        message_print("%s: %s (numbers %" PRIu64 " to %" PRIu64 " of the type)", notice->event_type,
                      text, notice->first, notice->last);
    } else {
        message_print("%s", text);
    }
}
