// SPDX-License-Identifier: MIT
// Included before every file that clang-tidy reads: it cannot see in another file that oyez_fail
// returns the error it is given, and would follow paths on which a failure returns OYEZ_OK.
#include "oyez/error.h"

#define oyez_fail(err, ...) (oyez_fail(err, __VA_ARGS__), (err))
