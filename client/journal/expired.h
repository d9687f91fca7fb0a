// SPDX-License-Identifier: MIT
// The act that says what retention removed, and where it is.
//
//   before INDEX                records with a lower index were removed
//   last EPOCH:POSITION         reached by them; position 2^64 - 1: the epoch had ended
//   next EPOCH                  of an epoch that had ended
//   time RFC3339                of the last event among them
//   rotated INDEX OLD NEW       each rotation of keys among them
//   by WHO
//   why TEXT
#ifndef OYEZ_JOURNAL_EXPIRED_H
#define OYEZ_JOURNAL_EXPIRED_H

#include "oyez/expire.h"
#include "segment.h"

#define OYEZ_EXPIRED_FILE "expired.state"
#define OYEZ_EXPIRED_LINE_MAX 1024u

// oyez_expired_next_line gives one line of an act after another, without its newline: start with
// *at = 0. False: there is no other. A line that is longer is cut.
bool oyez_expired_next_line(const struct oyez_journal_record *act, size_t *at,
                            char line[OYEZ_EXPIRED_LINE_MAX]);

// oyez_expired_find finds the act that covers all records before `first`: by the file, or by reading
// the journal. OYEZ_ERR_NOT_FOUND: there is none. Errors of reading.
oyez_err oyez_expired_find(struct oyez_expired *out, const struct oyez_disk *disk,
                           const char *directory, uint64_t first);

// oyez_expired_note writes into the file where the act is. That it cannot be written is no error.
void oyez_expired_note(const struct oyez_disk *disk, const char *directory, uint64_t act);

#endif
