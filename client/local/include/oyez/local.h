// SPDX-License-Identifier: MIT
// liboyez-local: a bus, and given a directory a record, inside an application's process. No daemon,
// no port; the same code and the same promises as with one. Never prints, exits or touches a
// signal.
#ifndef OYEZ_LOCAL_H
#define OYEZ_LOCAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/client.h"
#include "oyez/error.h"
#include "oyez/severity.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct oyez_local oyez_local;

struct oyez_local_options {
    const char *directory; // of the journal; made if it is not there. NULL = nothing is recorded
    const char *key;       // path of the key that signs checkpoints; NULL = beside the directory
    // Where others reach this bus too, `oyez tail` for instance: ipc or tcp, as oyez_broker_options.
    // NULL = nobody does: inproc.
    const char *listen;
    uint32_t hold_max_ms;   // how long emitters may wait for a slow disk; 0 = 30,000
    uint32_t checkpoint_ms; // from the first record not covered to a checkpoint; 0 = 900
    const void *disk;       // const struct oyez_disk *, for tests; NULL = the system's
    // Diagnostics: one line without newline, from a thread of the library; must not block. NULL = none.
    void (*on_log)(void *arg, enum oyez_severity severity, const char *line);
    // The disk has failed, or is full: nothing is recorded from here on, and the status of the
    // clients says so. Events go on to live subscribers; what waits to be recorded stays with its
    // emitter. Called once, from a thread of the library; must not block, nor close. NULL = none.
    void (*on_failed)(void *arg, oyez_err err, const char *line);
    void *arg;
};

// oyez_local_open starts a broker and, given a directory, a recorder, and waits until it has caught
// up. Options may be NULL. OYEZ_ERR_LOCKED, OYEZ_ERR_CORRUPT, OYEZ_ERR_IO, OYEZ_ERR_NO_SPACE (the
// directory), OYEZ_ERR_IN_USE, OYEZ_ERR_INVALID, OYEZ_ERR_FORBIDDEN (listen), OYEZ_ERR_TIMEOUT,
// OYEZ_ERR_SYSTEM, OYEZ_ERR_NO_MEMORY: nothing runs. The caller owns *out. Blocks.
OYEZ_EXPORT oyez_err oyez_local_open(oyez_local **out, const struct oyez_local_options *options);

// oyez_local_client opens a client of this bus, as oyez_client_open does: its endpoint and
// zmq_context are set, whatever `options` say. Options may be NULL. The caller owns *client, and
// closes it before the bus. Any thread.
OYEZ_EXPORT oyez_err oyez_local_client(oyez_local *local, oyez_client **client,
                                       const struct oyez_client_options *options);

// oyez_local_endpoint: where others reach this bus, port filled in. Text of the bus. Any thread.
OYEZ_EXPORT const char *oyez_local_endpoint(const oyez_local *local);

// oyez_local_failed tells whether the disk has failed, and why: into `text`, up to `size` bytes with
// its NUL; it may be NULL. OYEZ_OK: it has not. Any thread.
OYEZ_EXPORT oyez_err oyez_local_failed(oyez_local *local, char *text, size_t size);

// oyez_local_close ends the bus in good order: what has arrived is recorded. Its clients are closed
// before. Blocks up to some seconds. NULL-safe, sets NULL.
OYEZ_EXPORT void oyez_local_close(oyez_local **local);

#ifdef __cplusplus
}
#endif

#endif
