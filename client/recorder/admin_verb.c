// SPDX-License-Identifier: MIT
#include "admin_verb.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define END_SIZE 3u // "}\n" and NUL
#define ESCAPE_SIZE 6u

static const struct recorder_verb *const verbs[] = {
    &recorder_verb_rotate_key, &recorder_verb_archive, &recorder_verb_erase,
    &recorder_verb_hold,       &recorder_verb_release, &recorder_verb_retain,
};

const struct recorder_verb *recorder_verb_find(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (strcmp(verbs[i]->name, name) == 0)
            return verbs[i];
    return NULL;
}

char *recorder_request_line(struct recorder_request *request)
{
    char *line = request->next;
    if (*line == '\0')
        return NULL;
    char *newline = strchr(line, '\n');
    if (newline != NULL)
        *newline = '\0';
    request->next = newline != NULL ? newline + 1 : line + strlen(line);
    return line;
}

static bool begin_member(struct recorder_reply *reply, const char *name)
{
    size_t room = RECORDER_REPLY_SIZE - END_SIZE - reply->size;
    int size =
        snprintf(reply->text + reply->size, room, "%c\"%s\":", reply->size == 0 ? '{' : ',', name);
    // A quoted character at least has to fit behind it.
    if (size < 0 || (size_t)size + ESCAPE_SIZE + 2 > room)
        return false;
    reply->size += (size_t)size;
    return true;
}

static void end_object(struct recorder_reply *reply)
{
    memcpy(reply->text + reply->size, "}\n", END_SIZE);
}

void recorder_reply_text(struct recorder_reply *reply, const char *name, const char *text)
{
    if (begin_member(reply, name)) {
        char *at = reply->text + reply->size;
        const char *end = reply->text + RECORDER_REPLY_SIZE - END_SIZE - ESCAPE_SIZE - 1;
        *at++ = '"';
        for (; *text != '\0' && at < end; text++) {
            unsigned char byte = (unsigned char)*text;
            if (byte == '"' || byte == '\\')
                *at++ = '\\';
            if (byte < 0x20)
                at += sprintf(at, "\\u%04x", byte);
            else
                *at++ = *text;
        }
        *at++ = '"';
        reply->size = (size_t)(at - reply->text);
    }
    end_object(reply);
}

void recorder_reply_number(struct recorder_reply *reply, const char *name, uint64_t number)
{
    char text[24];
    int size = snprintf(text, sizeof text, "%" PRIu64, number);
    if (RECORDER_REPLY_SIZE - END_SIZE - reply->size > strlen(name) + sizeof text + 8 &&
        begin_member(reply, name)) {
        memcpy(reply->text + reply->size, text, (size_t)size);
        reply->size += (size_t)size;
    }
    end_object(reply);
}

void recorder_reply_error(struct recorder_reply *reply, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    reply->size = 0;
    recorder_reply_text(reply, "error", text);
}

void recorder_reply_fail(struct recorder_reply *reply, oyez_err err)
{
    const char *detail = oyez_error_detail();
    recorder_reply_error(reply, "%s", detail[0] != '\0' ? detail : oyez_strerror(err));
}
