// SPDX-License-Identifier: MIT
// Events in a new SQLite database: the tables events and tags. docs/cloudevents.md has the columns.
#ifndef OYEZ_EXPORT_SQLITE_H
#define OYEZ_EXPORT_SQLITE_H

#include "oyez/event.h"

#define EXPORT_SQLITE_VERSION 1 // PRAGMA user_version

struct export_sqlite;

// export_sqlite_open begins FILE.partial. OYEZ_ERR_IN_USE: there is a FILE, or somebody else writes
// one; what a killed export left is written over. OYEZ_ERR_IO, OYEZ_ERR_NO_SPACE,
// OYEZ_ERR_NO_MEMORY; the detail names the file.
oyez_err export_sqlite_open(struct export_sqlite **out, const char *path);

// export_sqlite_put adds an event. OYEZ_ERR_MALFORMED: it has no JSON form, and nothing was added.
oyez_err export_sqlite_put(struct export_sqlite *database, const struct oyez_event *event);

// export_sqlite_finish makes the indices, writes everything to disk and gives the file its name.
// OYEZ_ERR_IN_USE: another FILE has come meanwhile.
oyez_err export_sqlite_finish(struct export_sqlite *database);

// export_sqlite_close frees; what was not finished is deleted. NULL-safe, sets NULL.
void export_sqlite_close(struct export_sqlite **database);

#endif
