// SPDX-License-Identifier: MIT
// A disk in memory for the journal's tests: it can fail a call, lose what was not synced, tear it.
#ifndef OYEZ_FAKE_DISK_H
#define OYEZ_FAKE_DISK_H

#include <stdbool.h>

#include "oyez/disk.h"

enum fake_call {
    FAKE_NONE,
    FAKE_OPEN,
    FAKE_WRITE,
    FAKE_SYNC,
    FAKE_TRUNCATE,
    FAKE_RENAME,
    FAKE_SYNC_DIRECTORY,
    FAKE_READ,
    FAKE_UNLINK,
    FAKE_CALLS,
};

// What a power cut leaves of what was not synced.
enum fake_cut {
    FAKE_CUT_NOTHING_LOST, // as after a kill -9
    FAKE_CUT_ALL_LOST,
    FAKE_CUT_SOME, // each change or not, writes torn at 512 bytes, names or not: by the seed
};

struct fake_disk;

struct fake_disk *fake_disk_new(void);
void fake_disk_free(struct fake_disk *fake);
const struct oyez_disk *fake_disk_table(struct fake_disk *fake);

// The nth call of this kind from now on (1 = the next) fails with this errno; `for_ever`: and all
// later ones. A failing write leaves the first half of its bytes.
void fake_disk_fail(struct fake_disk *fake, enum fake_call call, unsigned nth, int error,
                    bool for_ever);

// All changing calls from the nth on do nothing and fail with EIO: the power is off.
void fake_disk_stop_after(struct fake_disk *fake, unsigned changes);
unsigned fake_disk_changes(const struct fake_disk *fake);
unsigned fake_disk_calls(const struct fake_disk *fake, enum fake_call call);

// After the cut the disk works again; all files are closed, locks gone.
void fake_disk_cut(struct fake_disk *fake, enum fake_cut cut, unsigned seed);

// What no sync has covered, in the order in which it happened: writes, truncations, names. A cut keeps
// the first `kept` of them, and of the one behind those, if it is a write, as many sectors of 512 bytes.
unsigned fake_disk_pending(const struct fake_disk *fake);
unsigned fake_disk_pending_names(const struct fake_disk *fake); // of them, names
void fake_disk_cut_behind(struct fake_disk *fake, unsigned kept, unsigned sectors);
// The sectors of pending change number `n`; 0 = it is no write.
unsigned fake_disk_pending_sectors(const struct fake_disk *fake, unsigned n);
// Keeps each of them, each name and each sector of a write, or not: by the seed.
void fake_disk_cut_anyhow(struct fake_disk *fake, unsigned seed);

// Another disk with the same files, all closed.
struct fake_disk *fake_disk_copy(const struct fake_disk *fake);

// Called at each sync of a file or directory: true = it does nothing and says that it did.
typedef bool fake_sync_called(void *arg);
void fake_disk_on_sync(struct fake_disk *fake, fake_sync_called *called, void *arg);

// A file's bytes as they are now; NULL: no such name. They may be changed in place.
uint8_t *fake_disk_file(struct fake_disk *fake, const char *name, size_t *size);
void fake_disk_resize(struct fake_disk *fake, const char *name, size_t size);
// In the journal's directory; one that ends with ".seg.zst", in that of archived segments.
void fake_disk_put(struct fake_disk *fake, const char *name, const void *bytes, size_t size);
void fake_disk_set_mode(struct fake_disk *fake, const char *name, mode_t mode);
void fake_disk_remove(struct fake_disk *fake, const char *name);
// The number of files whose name ends so.
unsigned fake_disk_count(const struct fake_disk *fake, const char *suffix);
// Name number `i` of those, in order; NULL at the end.
const char *fake_disk_name(const struct fake_disk *fake, const char *suffix, unsigned i);

void fake_disk_set_clock(struct fake_disk *fake, uint64_t now);

#endif
