// SPDX-License-Identifier: MIT
// `oyez emit`: one event from the command line, or a file of them.
#ifndef OYEZ_EMIT_H
#define OYEZ_EMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "command.h"
#include "oyez/event.h"
#include "wire/header.h"

struct emit_values {
    const char *header[OYEZ_HEADER_FIELD_COUNT]; // as given; NULL = not given
    struct text_list tags;
    struct text_list catalogs; // files
    const char *from;
    uint64_t rate; // events a second; 0 = as fast as it goes
    int level;     // 0 = sent
    uint32_t timeout_ms;
    bool json;
};

extern const struct command emit_command;

enum oyez_level emit_level(const struct emit_values *values);
const char *emit_level_name(enum oyez_level level);

// emit_fill sets header fields and tags of an event from the flags; texts stay the values'.
// OYEZ_ERR_INVALID names the field.
oyez_err emit_fill(struct oyez_event *event, const struct emit_values *values);

// emit_from_file is `oyez emit --from`; returns an exit code.
int emit_from_file(const struct arguments *arguments);

#endif
