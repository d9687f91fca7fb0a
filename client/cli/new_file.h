// SPDX-License-Identifier: MIT
// A file that gets its name when it is complete, and replaces none.
#ifndef OYEZ_NEW_FILE_H
#define OYEZ_NEW_FILE_H

#include "oyez/error.h"

struct new_file {
    const char *path; // the caller's
    char *partial;    // PATH.partial; NULL = none is being written
    int fd;           // of it, locked
};

// new_file_open makes PATH.partial, empty, for others to write by its name. OYEZ_ERR_IN_USE: there
// is a PATH, or another process writes the same one; what a killed process left is written over.
// OYEZ_ERR_IO, OYEZ_ERR_NO_MEMORY; the detail names the file. new_file_close either way.
oyez_err new_file_open(struct new_file *file, const char *path);

// new_file_keep syncs it and gives it its name. OYEZ_ERR_IN_USE: a PATH has come meanwhile.
// OYEZ_ERR_IO.
oyez_err new_file_keep(struct new_file *file);

// new_file_close deletes what was not kept.
void new_file_close(struct new_file *file);

#endif
