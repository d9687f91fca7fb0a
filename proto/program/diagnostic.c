// SPDX-License-Identifier: MIT
#include "program/diagnostic.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "wire/envelope.h"

#define NS_PER_SECOND 1000000000u
#define NS_PER_MS 1000000u
#define ESCAPED_MAX 7u // "\u001f" and a NUL
#define END_ROOM 4u    // closing quote and brace, newline, NUL
#define TIME_TEXT_MAX 40u

struct writing {
    char *out;
    size_t size;
};

static const char *const severity_names[] = {"info", "warning", "error"};

static void put(struct writing *writing, const char *text)
{
    size_t room = DIAGNOSTIC_SIZE_MAX - END_ROOM - writing->size;
    size_t size = strlen(text);
    size = size < room ? size : room;
    memcpy(writing->out + writing->size, text, size);
    writing->size += size;
}

static bool is_plain(unsigned char byte, bool is_utf8)
{
    return byte >= 0x20 && byte != 0x7f && (byte < 0x80 || is_utf8);
}

// Both quoted forms escape alike; \x7f and bytes that are no UTF-8 become their code points.
static void put_escaped(struct writing *writing, const char *text, bool quoted)
{
    bool is_utf8 = oyez_utf8_is_valid(text, strlen(text));
    for (; *text != '\0' && writing->size + ESCAPED_MAX + END_ROOM < DIAGNOSTIC_SIZE_MAX; text++) {
        unsigned char byte = (unsigned char)*text;
        if (!is_plain(byte, is_utf8)) {
            char escaped[ESCAPED_MAX];
            snprintf(escaped, sizeof escaped, "\\u%04x", byte);
            put(writing, escaped);
            continue;
        }
        if (quoted && (byte == '"' || byte == '\\'))
            writing->out[writing->size++] = '\\';
        writing->out[writing->size++] = *text;
    }
    // What was cut may end within a character.
    while (is_utf8 && *text != '\0' && writing->size > 0 &&
           !oyez_utf8_is_valid(writing->out, writing->size))
        writing->size--;
}

static void write_time(char out[TIME_TEXT_MAX], uint64_t time_ns)
{
    time_t seconds = (time_t)(time_ns / NS_PER_SECOND);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    size_t size = strftime(out, TIME_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(out + size, TIME_TEXT_MAX - size, ".%03uZ",
             (unsigned)(time_ns % NS_PER_SECOND / NS_PER_MS));
}

static void write_text(struct writing *writing, const struct diagnostic *diagnostic)
{
    put(writing, diagnostic->program);
    put(writing, ": ");
    if (diagnostic->severity != OYEZ_INFO) {
        put(writing, severity_names[diagnostic->severity]);
        put(writing, ": ");
    }
    put_escaped(writing, diagnostic->line, false);
}

static void write_fields(struct writing *writing, const struct diagnostic *diagnostic,
                         const char *const names[4])
{
    char time[TIME_TEXT_MAX];
    write_time(time, diagnostic->time_ns);
    const char *values[4] = {time, severity_names[diagnostic->severity], diagnostic->program,
                             diagnostic->line};
    for (size_t i = 0; i < 4; i++) {
        put(writing, names[i]);
        put_escaped(writing, values[i], true);
    }
}

size_t diagnostic_write(char out[DIAGNOSTIC_SIZE_MAX], enum diagnostic_format format,
                        const struct diagnostic *diagnostic)
{
    static const char *const logfmt[4] = {"time=", " level=", " program=\"", "\" msg=\""};
    static const char *const json[4] = {"{\"time\":\"", "\",\"level\":\"", "\",\"program\":\"",
                                        "\",\"msg\":\""};
    static const char *const ends[] = {"\n", "\"\n", "\"}\n"};
    struct writing writing = {.out = out};
    if (format == DIAGNOSTIC_TEXT)
        write_text(&writing, diagnostic);
    else
        write_fields(&writing, diagnostic, format == DIAGNOSTIC_JSON ? json : logfmt);
    size_t size = strlen(ends[format]);
    memcpy(out + writing.size, ends[format], size + 1);
    return writing.size + size;
}
