// SPDX-License-Identifier: MIT
// Legal holds: what one covers is neither erased nor expired until it is released. Holds are acts of
// the journal; docs/journal.md has their bytes.
#ifndef OYEZ_HOLDS_H
#define OYEZ_HOLDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/journal.h"

#define OYEZ_HOLD_NAME_SIZE_MAX 64u
#define OYEZ_HOLD_ACT_SIZE_MAX 32768u // bytes of an act

struct oyez_legal_hold {
    const char *name;            // up to 64 of [A-Za-z0-9._-]
    const char *const *patterns; // any of them; none = every type
    size_t pattern_count;
    const char *const *conditions; // all of them, as in oyez_filter_open
    size_t condition_count;
    const char *by; // who set it, a line
    const char *why;
    uint64_t index; // read only: of its act
    uint64_t time;  // read only: when, ns
};

// What a journal holds. One thread.
typedef struct oyez_holds oyez_holds;

// oyez_holds_load finds the holds that stand. The reader stands anywhere afterwards. disk NULL =
// oyez_disk_system. The errors of reading a journal, OYEZ_ERR_CORRUPT also where damage may hide a hold;
// OYEZ_ERR_NO_MEMORY. Blocks; a time that grows with what holds.state does not tell of.
oyez_err oyez_holds_load(oyez_holds **out, oyez_journal_reader *reader, const char *directory,
                         const struct oyez_disk *disk);
void oyez_holds_close(oyez_holds **holds);

// oyez_holds_save writes holds.state where it lacks something. Only the journal's writer calls it.
// Errors as oyez_act_list_save.
oyez_err oyez_holds_save(const oyez_holds *holds);

size_t oyez_holds_count(const oyez_holds *holds);
// oyez_holds_at is hold `i`, by age; valid until the holds are closed.
const struct oyez_legal_hold *oyez_holds_at(const oyez_holds *holds, size_t i);
// oyez_holds_find: NULL = none has this name.
const struct oyez_legal_hold *oyez_holds_find(const oyez_holds *holds, const char *name);

// oyez_holds_cover: whether one of them covers a record, and which (name may be NULL; it is valid as
// long as the holds). Only events are covered, not what was erased or repeated. What cannot be judged
// is covered: an event whose envelope cannot be read, and every event by a hold that cannot be
// understood. Patterns by domain need the journal's catalogs (oyez_journal_catalogs_read).
bool oyez_holds_cover(oyez_holds *holds, const struct oyez_journal_record *record,
                      const char **name);

// oyez_holds_set and oyez_holds_release append the act and make it safe; the loaded holds do not know
// of it. The journal's group is empty. OYEZ_ERR_INVALID: what is wrong with name, pattern, condition
// or text; OYEZ_ERR_IN_USE: there is one of that name; OYEZ_ERR_NOT_FOUND: there is none to release;
// OYEZ_ERR_TOO_LARGE; errors of oyez_journal_commit. The writer's thread.
oyez_err oyez_holds_set(oyez_journal *journal, const oyez_holds *holds,
                        const struct oyez_legal_hold *hold, uint64_t now);
oyez_err oyez_holds_release(oyez_journal *journal, const oyez_holds *holds, const char *name,
                            const char *by, const char *why, uint64_t now);

// oyez_holds_look_on looks for acts of holds from record *known on, and moves it to the end. OYEZ_ERR_BUSY:
// there is one, so what was loaded before is not true any more. Errors of reading. The writer's thread.
oyez_err oyez_holds_look_on(oyez_journal *journal, uint64_t *known);

// oyez_holds_check is what oyez_holds_set refuses of a hold by itself.
oyez_err oyez_holds_check(const struct oyez_legal_hold *hold);

#endif
