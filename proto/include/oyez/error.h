// SPDX-License-Identifier: MIT
// The one error type. Numbers are fixed for ever; 1-99 general, 100-199 bus, 200-299 journal.
#ifndef OYEZ_ERROR_H
#define OYEZ_ERROR_H

#include "oyez/export.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum oyez_err {
    OYEZ_OK = 0,
    OYEZ_ERR_INVALID = 1,       // an argument or an event breaks a rule
    OYEZ_ERR_NO_MEMORY = 2,     // the system gave no memory
    OYEZ_ERR_TIMEOUT = 3,       // the wait ended; what was waited for may still happen
    OYEZ_ERR_FULL = 4,          // a bounded queue or window holds its limit; try again
    OYEZ_ERR_CLOSED = 5,        // the object is being closed
    OYEZ_ERR_FORKED = 6,        // used in a child of the process that opened it
    OYEZ_ERR_SYSTEM = 7,        // an operating system call failed
    OYEZ_ERR_TOO_LARGE = 8,     // above a limit of oyez/limits.h
    OYEZ_ERR_MALFORMED = 9,     // bytes that are not what they should be
    OYEZ_ERR_NOT_FOUND = 10,    // the one thing named does not exist
    OYEZ_ERR_UNKNOWN_TYPE = 11, // no catalog has this event type
    OYEZ_ERR_BUSY = 12,         // not now: another call is at it
    OYEZ_ERR_UNREACHABLE = 100, // no broker answered
    OYEZ_ERR_VERSION = 101,     // the peer speaks another protocol version
    OYEZ_ERR_REFUSED = 102,     // the broker refused, and said why
    OYEZ_ERR_NO_RECORDER = 103, // this bus has no recorder, so nothing can be recorded
    OYEZ_ERR_IN_USE = 104,      // the address is taken
    OYEZ_ERR_FORBIDDEN = 105,   // not allowed without an explicit flag
    OYEZ_ERR_IO = 200,          // reading or writing a file failed
    OYEZ_ERR_CORRUPT = 201,     // a file's content contradicts itself
    OYEZ_ERR_LOCKED = 202,      // another process writes this directory
    OYEZ_ERR_NO_JOURNAL = 203,  // the directory holds no journal
    OYEZ_ERR_NO_SPACE = 204,    // the disk is full
} oyez_err;

// oyez_strerror names an error in a few words. Static text; never NULL. Any thread.
OYEZ_EXPORT const char *oyez_strerror(oyez_err err);

// oyez_error_detail says what the last failing Oyez call of this thread found: which field,
// endpoint, file or limit. Text of the thread, valid until its next failing call; "" before any.
OYEZ_EXPORT const char *oyez_error_detail(void);

// oyez_fail keeps the detail for oyez_error_detail and returns `err`, so that a failure is
// described where it is found: return oyez_fail(OYEZ_ERR_INVALID, "plan_id: ...").
OYEZ_EXPORT oyez_err oyez_fail(oyez_err err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#ifdef __cplusplus
}
#endif

#endif
