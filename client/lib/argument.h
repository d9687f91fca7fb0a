// SPDX-License-Identifier: MIT
// What a caller must not pass, found at the edge of the library and named.
#ifndef OYEZ_ARGUMENT_H
#define OYEZ_ARGUMENT_H

#include <stddef.h>

#include "oyez/error.h"

// argument_missing is OYEZ_ERR_INVALID for an argument that is NULL.
oyez_err argument_missing(const char *name);

// argument_out_of_range is OYEZ_ERR_INVALID for an enumeration's number that it does not have.
oyez_err argument_out_of_range(const char *name, long long value);

// argument_check_texts judges a list of texts: OYEZ_ERR_INVALID when it is NULL and `count` is not
// 0, or one of them is NULL.
oyez_err argument_check_texts(const char *name, const char *const *texts, size_t count);

// REQUIRE_ARGUMENT leaves the function with OYEZ_ERR_INVALID when the argument is NULL.
#define REQUIRE_ARGUMENT(argument)                                                                 \
    do {                                                                                           \
        if ((argument) == NULL)                                                                    \
            return argument_missing(#argument);                                                    \
    } while (0)

#endif
