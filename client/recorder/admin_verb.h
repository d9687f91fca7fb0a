// SPDX-License-Identifier: MIT
// What the socket DIR/admin is asked, and what it answers (docs/journal.md has the requests). A verb of
// one line, or a verb followed by lines up to an empty one.
#ifndef OYEZ_RECORDER_ADMIN_VERB_H
#define OYEZ_RECORDER_ADMIN_VERB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"

#define RECORDER_REQUEST_MAX (1024u * 1024u) // bytes of one request
#define RECORDER_REPLY_SIZE 8192u

struct oyez_recorder;

// One object of JSON on its way out. What does not fit is left out, and texts are cut.
struct recorder_reply {
    char text[RECORDER_REPLY_SIZE];
    size_t size;
};

void recorder_reply_text(struct recorder_reply *reply, const char *name, const char *text);
void recorder_reply_number(struct recorder_reply *reply, const char *name, uint64_t number);
// recorder_reply_error makes it {"error": TEXT}, whatever was in it.
__attribute__((format(printf, 2, 3))) void recorder_reply_error(struct recorder_reply *reply,
                                                                const char *format, ...);
// recorder_reply_fail does so with the thread's last error.
void recorder_reply_fail(struct recorder_reply *reply, oyez_err err);

// The lines of a request, one by one.
struct recorder_request {
    char *next; // NUL at the end of all
};

// recorder_request_line gives the next line without its newline; NULL: there is none. It is the
// caller's to write into.
char *recorder_request_line(struct recorder_request *request);

struct recorder_verb {
    const char *name;
    bool has_lines;
    bool for_mirrors; // false: a mirror takes the acts of the journal from its primary, and refuses
    // On the thread of the socket, which answers one request at a time; it may block.
    void (*answer)(struct oyez_recorder *recorder, struct recorder_request *request,
                   struct recorder_reply *reply);
};

// recorder_verb_find: NULL = there is no such verb.
const struct recorder_verb *recorder_verb_find(const char *name);

// The verbs; the table of them is in admin_verb.c.
extern const struct recorder_verb recorder_verb_rotate_key; // admin_key.c
extern const struct recorder_verb recorder_verb_archive;    // admin_archive.c
extern const struct recorder_verb recorder_verb_erase;      // admin_erase.c
extern const struct recorder_verb recorder_verb_hold;       // admin_hold.c
extern const struct recorder_verb recorder_verb_release;
extern const struct recorder_verb recorder_verb_retain; // admin_retain.c

#endif
