// SPDX-License-Identifier: MIT
// Archiving: a sealed segment is compressed into the directory `archive`, and read from there as
// before. What takes long is done beside the writer, what the writer does is short.
#ifndef OYEZ_ARCHIVE_H
#define OYEZ_ARCHIVE_H

#include "oyez/journal.h"

#ifdef __cplusplus
extern "C" {
#endif

// A segment that was compressed.
struct oyez_archive_report {
    uint64_t first_index;
    uint64_t records;
    uint64_t size;   // bytes of the segment
    uint64_t packed; // bytes of its archived file
};

// oyez_journal_archive_prepare compresses a sealed segment, and reads the result back: it is held
// against the segment byte by byte, and its leaves against the hash files, where the journal keeps
// them. Nothing of the journal changes yet. Any thread; one at a time, another waits. Blocks for
// long. OYEZ_ERR_NOT_FOUND: no such segment, or it is archived, or something of it was erased
// meanwhile. OYEZ_ERR_INVALID: it is not sealed. OYEZ_ERR_CORRUPT; errors of reading and writing.
oyez_err oyez_journal_archive_prepare(oyez_journal *journal, uint64_t first_index,
                                      struct oyez_archive_report *report);

// oyez_journal_archive puts what was prepared in the segment's place, with an act: its bytes are the
// lines `records FIRST LAST`, `bytes SIZE ARCHIVED` and `by WHO`. `by` NULL = without an act, which is
// how a mirror archives: its records are its primary's. Nothing waits to be written, and all that was
// written is safe. A crash leaves it done, or not begun. The writer's thread. Blocks shortly.
// OYEZ_ERR_NOT_FOUND: something of it was erased since it was prepared: nothing was done.
// OYEZ_ERR_INVALID: `by` is no line of text. Other errors: as oyez_journal_write.
oyez_err oyez_journal_archive(oyez_journal *journal, const struct oyez_archive_report *prepared,
                              const char *by);

// oyez_journal_archive_forget removes what was prepared and is not to be put in place. Any thread.
oyez_err oyez_journal_archive_forget(oyez_journal *journal, uint64_t first_index);

// How a segment is kept.
struct oyez_journal_storage {
    uint64_t size;   // bytes of the segment
    uint64_t packed; // bytes of its archived file; 0 = it is not archived
};

// oyez_journal_reader_storage tells it of segment `i`, as oyez_journal_reader_segment counts them.
// Leaves the reader where it stands.
oyez_err oyez_journal_reader_storage(oyez_journal_reader *reader, size_t i,
                                     struct oyez_journal_storage *out);

#ifdef __cplusplus
}
#endif

#endif
