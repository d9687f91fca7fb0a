// SPDX-License-Identifier: MIT
// The segments of a journal: how old each is, and how it is kept.
#ifndef OYEZ_ARCHIVE_LIST_H
#define OYEZ_ARCHIVE_LIST_H

#include "oyez/archive.h"

struct archive_item {
    struct oyez_journal_segment segment;
    struct oyez_journal_storage storage;
};

// archive_list_read reads them, the oldest first. Free *out in any case. The errors of reading a
// journal; OYEZ_ERR_NO_MEMORY.
oyez_err archive_list_read(struct archive_item **out, size_t *count, const char *directory);

// archive_list is `oyez archive list`: an exit code.
int archive_list(const char *directory, bool json);

#endif
