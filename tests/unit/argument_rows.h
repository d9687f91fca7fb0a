// SPDX-License-Identifier: MIT
// Rows of the tests that call public functions with what they must not be called with.
#ifndef OYEZ_ARGUMENT_ROWS_H
#define OYEZ_ARGUMENT_ROWS_H

#include <string.h>

#include "oyez/error.h"

static inline void refused(oyez_err err, const char *words, const char *call)
{
    if (err != OYEZ_ERR_INVALID)
        fail_msg("%s: %s", call, oyez_strerror(err));
    if (strncmp(oyez_error_detail(), words, strlen(words)) != 0)
        fail_msg("%s: \"%s\" does not begin with \"%s\"", call, oyez_error_detail(), words);
    (void)oyez_fail(OYEZ_ERR_SYSTEM, "something else");
}

// The call is OYEZ_ERR_INVALID with a detail that begins with these words.
#define REFUSED(words, call) refused(call, words, #call)

#endif
