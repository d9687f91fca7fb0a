// SPDX-License-Identifier: MIT
// The file catalogs.state: where a journal's catalogs are. It is no part of the record: whatever is
// wrong with it, the journal is read instead.
#ifndef OYEZ_CATALOGS_FILE_H
#define OYEZ_CATALOGS_FILE_H

#include "oyez/journal_catalogs.h"

#define OYEZ_CATALOGS_FILE "catalogs.state"

// oyez_catalogs_file_load fills records, indexes and anchor. False: it is of no use.
bool oyez_catalogs_file_load(struct oyez_journal_catalogs *out, const char *directory,
                             const struct oyez_disk *disk);

#endif
