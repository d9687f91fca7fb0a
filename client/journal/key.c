// SPDX-License-Identifier: MIT
#include "oyez/key.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "key_file.h"
#include "oyez/disk.h"

#define RANDOM_SIZE 16u

static const struct oyez_disk *or_system(const struct oyez_disk *disk)
{
    return disk != NULL ? disk : oyez_disk_system();
}

oyez_err oyez_key_default_path(char out[OYEZ_JOURNAL_PATH_SIZE], const char *directory)
{
    size_t size = strlen(directory);

    while (size > 1 && directory[size - 1] == '/')
        size--;
    int length = snprintf(out, OYEZ_JOURNAL_PATH_SIZE, "%.*s.key", (int)size, directory);
    if (length < 0 || (size_t)length >= OYEZ_JOURNAL_PATH_SIZE)
        return oyez_fail(OYEZ_ERR_INVALID, "path too long: %.200s", directory);
    return OYEZ_OK;
}

oyez_err oyez_key_next_path(char out[OYEZ_JOURNAL_PATH_SIZE], const char *path)
{
    int length = snprintf(out, OYEZ_JOURNAL_PATH_SIZE, "%s.next", path);

    if (length < 0 || (size_t)length >= OYEZ_JOURNAL_PATH_SIZE)
        return oyez_fail(OYEZ_ERR_INVALID, "path too long: %.200s", path);
    return OYEZ_OK;
}

static oyez_err check_permissions(const struct oyez_disk *disk, int fd, const char *path)
{
    int permissions = disk->permissions(disk->context, fd);

    if (permissions < 0)
        return oyez_disk_fail(path, "asking for its permissions");
    if ((permissions & 077) != 0)
        return oyez_fail(OYEZ_ERR_FORBIDDEN,
                         "%s: others than its owner may use this key (mode %04o): chmod 600 it",
                         path, (unsigned)permissions);
    return OYEZ_OK;
}

static oyez_err read_key(struct oyez_note_signer *out, const char *path, char *text, size_t size)
{
    char detail[256];

    text[size] = '\0';
    if (strlen(text) != size || size == 0 || text[size - 1] != '\n')
        return oyez_fail(OYEZ_ERR_MALFORMED, "%s: not one line with a signing key", path);
    text[size - 1] = '\0';
    oyez_err err = oyez_note_signer_read(out, text);
    if (err == OYEZ_OK)
        return OYEZ_OK;
    snprintf(detail, sizeof(detail), "%s", oyez_error_detail());
    return oyez_fail(err, "%s: %s", path, detail);
}

oyez_err oyez_key_load(struct oyez_note_signer *out, const char *path, const struct oyez_disk *disk)
{
    char text[OYEZ_NOTE_SKEY_SIZE + 2];
    size_t size = 0;

    disk = or_system(disk);
    *out = (struct oyez_note_signer){0};
    int fd = disk->open(disk->context, path, O_RDONLY, 0);
    if (fd < 0 && errno == ENOENT)
        return oyez_fail(OYEZ_ERR_NOT_FOUND, "%s: no such key", path);
    if (fd < 0)
        return oyez_disk_fail(path, "opening");
    oyez_err err = check_permissions(disk, fd, path);
    if (err == OYEZ_OK)
        err = oyez_disk_read(disk, fd, path, text, sizeof(text) - 1, 0, &size);
    if (err == OYEZ_OK)
        err = read_key(out, path, text, size);
    OPENSSL_cleanse(text, sizeof(text));
    disk->close(disk->context, fd);
    return err;
}

oyez_err oyez_key_save(const struct oyez_note_signer *signer, const char *path,
                       const struct oyez_disk *disk)
{
    char text[OYEZ_NOTE_SKEY_SIZE + 1];

    oyez_note_signer_write(signer, text);
    size_t size = strlen(text);
    text[size++] = '\n';
    oyez_err err = oyez_disk_replace(or_system(disk), path, text, size);
    OPENSSL_cleanse(text, sizeof(text));
    return err;
}

static oyez_err make_origin(char out[OYEZ_NOTE_NAME_SIZE])
{
    uint8_t bytes[RANDOM_SIZE];

    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        return oyez_fail(OYEZ_ERR_SYSTEM, "no random bytes for an origin");
    memcpy(out, "oyez/", 6);
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(out + 5 + 2 * i, 3, "%02x", bytes[i]);
    return OYEZ_OK;
}

oyez_err oyez_key_make(struct oyez_note_signer *out, const char *path, const char *origin,
                       const struct oyez_disk *disk)
{
    char own[OYEZ_NOTE_NAME_SIZE];
    oyez_err err = OYEZ_OK;

    disk = or_system(disk);
    int fd = disk->open(disk->context, path, O_RDONLY, 0);
    if (fd >= 0) {
        disk->close(disk->context, fd);
        return oyez_fail(OYEZ_ERR_IN_USE, "%s: there is a file of that name", path);
    }
    if (errno != ENOENT)
        return oyez_disk_fail(path, "opening");
    if (origin == NULL) {
        err = make_origin(own);
        origin = own;
    }
    if (err == OYEZ_OK)
        err = oyez_note_signer_make(out, origin);
    return err == OYEZ_OK ? oyez_key_save(out, path, disk) : err;
}
