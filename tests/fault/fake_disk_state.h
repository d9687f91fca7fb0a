// SPDX-License-Identifier: MIT
// Files have bytes as programs see them and bytes as they are on the disk, and between the two the
// changes that no sync has covered; so have the directories.
#ifndef OYEZ_FAKE_DISK_STATE_H
#define OYEZ_FAKE_DISK_STATE_H

#include <pthread.h>

#include "fake_disk.h"

#define FILES_MAX 512
#define FDS_MAX 512
#define NAME_SIZE 48
#define SECTOR 512u

struct bytes {
    uint8_t *data;
    size_t size;
};

struct change {
    unsigned when; // in the order of all that happened
    bool truncate;
    size_t offset;
    struct bytes bytes; // of a truncation: its size
};

enum place {
    OUTSIDE, // the directory that the journal's is in
    INSIDE,
    ARCHIVE, // the directory of that name inside
    PLACES,
};

struct file {
    bool exists; // as programs see it
    char name[NAME_SIZE];
    bool durable_exists;
    char durable_name[NAME_SIZE];
    struct bytes now, durable;
    struct change *changes;
    size_t change_count;
    int locks;
    enum place place;
    mode_t mode;
};

// A name that came, went or changed, and that no sync of its directory has covered.
struct naming {
    unsigned when;
    struct file *file;                   // NULL: a directory was made
    enum place place;                    // where the name is
    char from[NAME_SIZE], to[NAME_SIZE]; // "" = it had none, it has none
};

struct handle {
    struct file *file;
    bool locked;
};

struct fake_disk {
    struct oyez_disk table;
    pthread_mutex_t lock; // readers come from several threads
    struct file files[FILES_MAX];
    struct handle fds[FDS_MAX];
    bool has_directory[PLACES], durable_directory[PLACES]; // not asked for OUTSIDE
    enum fake_call fail_call;
    unsigned fail_nth;
    int fail_error;
    bool fail_for_ever;
    unsigned calls[FAKE_CALLS];
    unsigned changes;
    unsigned stop_after; // 0 = never
    uint64_t clock;
    unsigned happened;
    struct naming *namings;
    size_t naming_count;
    fake_sync_called *sync_called;
    void *sync_called_arg;
};

void fake_bytes_resize(struct bytes *bytes, size_t size);
void fake_bytes_overwrite(struct bytes *bytes, size_t offset, const void *data, size_t size);
void fake_bytes_copy(struct bytes *to, const struct bytes *from);
void fake_file_forget_changes(struct file *file);
struct file *fake_file_find(struct fake_disk *fake, const char *name);
struct file *fake_file_make(struct fake_disk *fake, const char *path);
void fake_file_wipe(struct file *file);
void fake_forget_namings(struct fake_disk *fake);
bool fake_file_is_durable(const struct fake_disk *fake, const struct file *file);
// All is closed, nothing is locked or refused.
void fake_power_on(struct fake_disk *fake);

#endif
