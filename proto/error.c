// SPDX-License-Identifier: MIT
#include "oyez/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DETAIL_SIZE 512

static _Thread_local char detail[DETAIL_SIZE];

const char *oyez_strerror(oyez_err err)
{
    switch (err) {
    case OYEZ_OK:
        return "no error";
    case OYEZ_ERR_INVALID:
        return "invalid argument or event";
    case OYEZ_ERR_NO_MEMORY:
        return "out of memory";
    case OYEZ_ERR_TIMEOUT:
        return "timed out";
    case OYEZ_ERR_FULL:
        return "queue or window is full";
    case OYEZ_ERR_CLOSED:
        return "closed";
    case OYEZ_ERR_FORKED:
        return "used in a forked child";
    case OYEZ_ERR_SYSTEM:
        return "operating system call failed";
    case OYEZ_ERR_TOO_LARGE:
        return "too large";
    case OYEZ_ERR_MALFORMED:
        return "malformed bytes";
    case OYEZ_ERR_NOT_FOUND:
        return "not found";
    case OYEZ_ERR_UNKNOWN_TYPE:
        return "unknown event type";
    case OYEZ_ERR_BUSY:
        return "busy";
    case OYEZ_ERR_UNREACHABLE:
        return "no broker answered";
    case OYEZ_ERR_VERSION:
        return "protocol versions differ";
    case OYEZ_ERR_REFUSED:
        return "refused by the broker";
    case OYEZ_ERR_NO_RECORDER:
        return "this bus has no recorder";
    case OYEZ_ERR_IN_USE:
        return "address in use";
    case OYEZ_ERR_FORBIDDEN:
        return "not allowed";
    case OYEZ_ERR_IO:
        return "reading or writing a file failed";
    case OYEZ_ERR_CORRUPT:
        return "file is corrupt";
    case OYEZ_ERR_LOCKED:
        return "directory is locked by another process";
    case OYEZ_ERR_NO_JOURNAL:
        return "no journal in this directory";
    case OYEZ_ERR_NO_SPACE:
        return "no space left on the disk";
    }
    return "unknown error";
}

const char *oyez_error_detail(void)
{
    return detail;
}

// A detail that was cut may end in half a UTF-8 character, and details go into JSON.
static void drop_half_character(char *text, size_t size)
{
    size_t start = size;

    while (start > 0 && size - start < 4 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t continuations = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (size - start < continuations)
        text[start - 1] = '\0';
}

oyez_err oyez_fail(oyez_err err, const char *format, ...)
{
    // Built aside, because an argument may be the previous detail: "journal: <what failed>".
    char text[DETAIL_SIZE];
    int saved_errno = errno;
    va_list args;

    va_start(args, format);
    int size = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (size < 0)
        text[0] = '\0';
    else if ((size_t)size >= sizeof(text))
        drop_half_character(text, sizeof(text) - 1);
    memcpy(detail, text, strlen(text) + 1);
    errno = saved_errno;
    return err;
}
