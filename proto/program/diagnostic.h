// SPDX-License-Identifier: MIT
// One line of diagnostics a fact.
#ifndef OYEZ_DIAGNOSTIC_H
#define OYEZ_DIAGNOSTIC_H

#include <stddef.h>
#include <stdint.h>

#include "oyez/severity.h"

// In the order of the setting log-format.
enum diagnostic_format { DIAGNOSTIC_TEXT, DIAGNOSTIC_LOGFMT, DIAGNOSTIC_JSON };

struct diagnostic {
    const char *program;
    enum oyez_severity severity;
    uint64_t time_ns; // since 1970-01-01T00:00:00Z; DIAGNOSTIC_TEXT has none
    const char *line;
};

#define DIAGNOSTIC_SIZE_MAX 4096u // bytes with the newline; what is longer is cut

// diagnostic_write gives one line with its newline, and its size: text that is no UTF-8, and
// characters that a terminal would obey, are escaped.
size_t diagnostic_write(char out[DIAGNOSTIC_SIZE_MAX], enum diagnostic_format format,
                        const struct diagnostic *diagnostic);

#endif
