// SPDX-License-Identifier: MIT
// The bytes of the acts of holds: lines, each with a newline behind it.
//
//   hold NAME
//   pattern PATTERN         any number of them
//   where FIELD=VALUE       any number of them
//   by WHO
//   why TEXT
//
// A release has the lines hold, by and why.
#ifndef OYEZ_HOLD_ACT_H
#define OYEZ_HOLD_ACT_H

#include "oyez/holds.h"

// A hold with the memory that it stands in.
struct oyez_hold_act {
    struct oyez_legal_hold hold;
    char *text;
    const char **patterns;
    const char **conditions;
    bool understood; // false: it has lines of a later version, or none that it needs
};

// oyez_hold_act_write makes the bytes. `out` has room for OYEZ_HOLD_ACT_SIZE_MAX.
// OYEZ_ERR_TOO_LARGE; OYEZ_ERR_INVALID: a line break, or something is missing.
oyez_err oyez_hold_act_write(const struct oyez_legal_hold *hold, uint8_t *out, size_t *size);

// oyez_hold_act_read takes an act of either kind apart. Free it in any case. OYEZ_ERR_NO_MEMORY;
// OYEZ_ERR_MALFORMED: it has not even a name.
oyez_err oyez_hold_act_read(struct oyez_hold_act *out, const struct oyez_journal_record *act);
void oyez_hold_act_free(struct oyez_hold_act *act);

#endif
