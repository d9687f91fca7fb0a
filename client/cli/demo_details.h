// SPDX-License-Identifier: MIT
// JSON details written as one readable line: a format in which ' stands for ".
#ifndef OYEZ_DEMO_DETAILS_H
#define OYEZ_DEMO_DETAILS_H

#include <stdarg.h>
#include <stddef.h>

#define DEMO_DETAILS_SIZE_MAX 2048u // bytes; a story's details are some hundred

// demo_details_format writes JSON text and its NUL, and returns its size without it. Of printf's
// conversions it knows %s (escaped as inside a JSON string), %u, %d, %.Nf and %%:
//     "{'tool':'%s','attempt':%u}"
// A format it cannot follow, or text that does not fit, is a bug and ends in an assert.
size_t demo_details_format(char text[DEMO_DETAILS_SIZE_MAX], const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

#endif
