// SPDX-License-Identifier: MIT
#include "outcome.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static bool contains_one_of(const char *text, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcasestr(text, *words) != NULL) {
            return true;
        }
    }
    return false;
}

enum outcome outcome_of(const char *event_type)
{
    static const char *const bad[] = {"error",   "fail",       "reject", "exhaust",
                                      "violat",  "denied",     "exceed", "escalation.triggered",
                                      "blocked", "deadletter", "abort",  NULL};
    static const char *const good[] = {"complet", "success",  "approved", "merged",
                                       "passed",  "provided", "resolved", NULL};
    if (contains_one_of(event_type, bad)) {
        return OUTCOME_BAD;
    }
    return contains_one_of(event_type, good) ? OUTCOME_GOOD : OUTCOME_NONE;
}
