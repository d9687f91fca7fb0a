// SPDX-License-Identifier: MIT
#include "ledger.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define LINE_MAX_SIZE 512

static int fd = -1;

bool ledger_open(const char *path)
{
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    return fd >= 0;
}

// One write, so that lines of two threads do not mix.
static void write_line(char *line, int size)
{
    line[size++] = '\n';
    if (write(fd, line, (size_t)size) != size)
        _exit(5);
}

void ledger_write(const char *format, ...)
{
    char line[LINE_MAX_SIZE];
    va_list list;
    va_start(list, format);
    int size = vsnprintf(line, sizeof line - 1, format, list);
    va_end(list);
    if (size >= 0 && size < (int)sizeof line - 1)
        write_line(line, size);
}

struct ledger_id ledger_id(const struct oyez_uuid *id)
{
    struct ledger_id hex;
    for (size_t i = 0; i < OYEZ_UUID_SIZE; i++)
        snprintf(hex.text + 2 * i, 3, "%02x", id->bytes[i]);
    return hex;
}

static const char *kind_name(enum oyez_notice_kind kind)
{
    switch (kind) {
    case OYEZ_NOTICE_CONNECTED:
        return "connected";
    case OYEZ_NOTICE_DISCONNECTED:
        return "disconnected";
    case OYEZ_NOTICE_EPOCH_CHANGED:
        return "epoch_changed";
    case OYEZ_NOTICE_GAP:
        return "gap";
    case OYEZ_NOTICE_OVERFLOW:
        return "overflow";
    case OYEZ_NOTICE_FAST_LOST:
        return "fast_lost";
    case OYEZ_NOTICE_REFUSED:
        return "refused";
    case OYEZ_NOTICE_MALFORMED:
        return "malformed";
    case OYEZ_NOTICE_UNSENT:
        return "unsent";
    case OYEZ_NOTICE_REEMITTED:
        return "reemitted";
    case OYEZ_NOTICE_WAITING:
        return "waiting";
    default:
        return "other";
    }
}

void ledger_notice(void *arg, const struct oyez_notice *notice)
{
    (void)arg;
    ledger_write("N %s %s %llu %llu %llu %llu %llu", kind_name(notice->kind),
                 notice->event_type == NULL ? "-" : notice->event_type,
                 (unsigned long long)notice->first, (unsigned long long)notice->last,
                 (unsigned long long)notice->count, (unsigned long long)notice->epoch,
                 (unsigned long long)notice->previous_epoch);
}
