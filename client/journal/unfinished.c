// SPDX-License-Identifier: MIT
//   oyez unfinished 1
//   act INDEX
//   erase INDEX COMMITMENT      one for each record; or
//   archive INDEX               or
//   expire INDEX
//   sum CHECKSUM
#include "unfinished.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crc32c.h"
#include "oyez/base64.h"
#include "oyez/disk.h"
#include "record_kind.h"

#define FIRST_LINE "oyez unfinished 1\n"
#define LINE_SIZE 96u // at most
#define FILE_SIZE_MAX ((OYEZ_UNFINISHED_BLANKS_MAX + 4) * LINE_SIZE)
#define COMMITMENT_TEXT_SIZE 45u

static const char *const words[] = {[OYEZ_UNFINISHED_ERASE] = "erase",
                                    [OYEZ_UNFINISHED_ARCHIVE] = "archive",
                                    [OYEZ_UNFINISHED_EXPIRE] = "expire"};

// Writing.

static size_t write_text(char *out, const struct oyez_unfinished *unfinished)
{
    char commitment[COMMITMENT_TEXT_SIZE];
    const char *word = words[unfinished->work];
    size_t size = (size_t)sprintf(out, FIRST_LINE "act %" PRIu64 "\n", unfinished->act);

    if (unfinished->work != OYEZ_UNFINISHED_ERASE)
        size += (size_t)sprintf(out + size, "%s %" PRIu64 "\n", word, unfinished->segment);
    for (size_t i = 0; i < unfinished->count; i++) {
        const struct oyez_unfinished_blank *blank = &unfinished->blanks[i];
        commitment[oyez_base64_encode(commitment, blank->commitment, sizeof(blank->commitment))] =
            '\0';
        size += (size_t)sprintf(out + size, "%s %" PRIu64 " %s\n", word, blank->index, commitment);
    }
    return size +
           (size_t)sprintf(out + size, "sum %08" PRIx32 "\n", oyez_journal_crc32c(0, out, size));
}

static oyez_err check_none(const struct oyez_disk *disk, const char *directory)
{
    struct oyez_unfinished found;
    oyez_err err = oyez_unfinished_load(disk, directory, &found);

    oyez_unfinished_clear(&found);
    if (err == OYEZ_OK)
        err =
            oyez_fail(OYEZ_ERR_INVALID, "%s: an act that is not finished is in the way", directory);
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

oyez_err oyez_unfinished_write(const struct oyez_disk *disk, const char *directory,
                               const struct oyez_unfinished *unfinished)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = check_none(disk, directory);

    if (err == OYEZ_OK && unfinished->count > OYEZ_UNFINISHED_BLANKS_MAX)
        err = oyez_fail(OYEZ_ERR_TOO_LARGE, "%zu records in one act", unfinished->count);
    if (err == OYEZ_OK)
        err = oyez_disk_path(path, directory, OYEZ_UNFINISHED_FILE);
    if (err != OYEZ_OK)
        return err;
    char *text = malloc((unfinished->count + 4) * LINE_SIZE);
    if (text == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "an act on %zu records", unfinished->count);
    err = oyez_disk_replace(disk, path, text, write_text(text, unfinished));
    free(text);
    return err;
}

oyez_err oyez_unfinished_remove(const struct oyez_disk *disk, const char *directory)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_disk_path(path, directory, OYEZ_UNFINISHED_FILE);

    if (err != OYEZ_OK)
        return err;
    if (disk->unlink(disk->context, path) != 0 && errno != ENOENT)
        return oyez_disk_fail(path, "removing");
    return oyez_disk_sync_name(disk, path);
}

// Reading.

// "WORD NUMBER", and what stands behind it.
static bool read_number(const char *line, const char *word, uint64_t *out, const char **rest)
{
    size_t size = strlen(word);
    char *end;

    if (strncmp(line, word, size) != 0 || line[size] != ' ' || line[size + 1] < '0' ||
        line[size + 1] > '9')
        return false;
    errno = 0;
    *out = strtoull(line + size + 1, &end, 10);
    *rest = end;
    return errno == 0;
}

static bool read_blank(const char *line, struct oyez_unfinished *out)
{
    struct oyez_unfinished_blank *blank = &out->blanks[out->count];
    const char *rest;
    size_t size = 0;

    if (!read_number(line, words[OYEZ_UNFINISHED_ERASE], &blank->index, &rest) || *rest != ' ' ||
        (out->count > 0 && blank->index <= blank[-1].index))
        return false;
    rest++;
    if (!oyez_base64_decode(blank->commitment, sizeof(blank->commitment), &size, rest,
                            strlen(rest)) ||
        size != sizeof(blank->commitment))
        return false;
    out->work = OYEZ_UNFINISHED_ERASE;
    out->count++;
    return true;
}

static bool read_segment(const char *line, struct oyez_unfinished *out)
{
    const char *rest;

    for (enum oyez_unfinished_work work = OYEZ_UNFINISHED_ARCHIVE; work <= OYEZ_UNFINISHED_EXPIRE;
         work++)
        if (read_number(line, words[work], &out->segment, &rest) && *rest == '\0') {
            out->work = work;
            return true;
        }
    return false;
}

// The lines between the first and the last, each with a NUL for its newline.
static bool read_lines(char *at, const char *end, struct oyez_unfinished *out)
{
    const char *rest;
    bool act = true;

    while (at < end) {
        char *newline = memchr(at, '\n', (size_t)(end - at));
        if (newline == NULL)
            return false;
        *newline = '\0';
        if (act ? !read_number(at, "act", &out->act, &rest) || *rest != '\0'
                : out->work > OYEZ_UNFINISHED_ERASE || out->count == OYEZ_UNFINISHED_BLANKS_MAX ||
                      (!read_blank(at, out) && (out->count > 0 || !read_segment(at, out))))
            return false;
        act = false;
        at = newline + 1;
    }
    return out->work != 0;
}

static oyez_err read_text(char *text, size_t size, const char *path, struct oyez_unfinished *out)
{
    const char *last = size < 2 ? NULL : memrchr(text, '\n', size - 1);
    size_t covered = last == NULL ? 0 : (size_t)(last + 1 - text);
    char sum[32];

    snprintf(sum, sizeof(sum), "sum %08" PRIx32 "\n", oyez_journal_crc32c(0, text, covered));
    if (covered == 0 || strcmp(text + covered, sum) != 0)
        return oyez_fail(OYEZ_ERR_CORRUPT, "%s: its checksum does not match", path);
    if (strncmp(text, FIRST_LINE, strlen(FIRST_LINE)) != 0)
        return oyez_fail(OYEZ_ERR_VERSION, "%s: begun by another version of Oyez", path);
    // No line is shorter than its word and a digit.
    out->blanks = calloc(covered / strlen("erase 0 ") + 1, sizeof(*out->blanks));
    if (out->blanks == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "reading %s", path);
    if (!read_lines(text + strlen(FIRST_LINE), text + covered, out))
        return oyez_fail(OYEZ_ERR_CORRUPT, "%s: not what this file holds", path);
    return OYEZ_OK;
}

oyez_err oyez_unfinished_load(const struct oyez_disk *disk, const char *directory,
                              struct oyez_unfinished *out)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    uint8_t *text = NULL;
    size_t size = 0;
    oyez_err err = oyez_disk_path(path, directory, OYEZ_UNFINISHED_FILE);

    *out = (struct oyez_unfinished){0};
    if (err == OYEZ_OK)
        err = oyez_disk_load_new(disk, path, FILE_SIZE_MAX, &text, &size);
    if (err == OYEZ_OK)
        err = read_text((char *)text, size, path, out);
    free(text);
    if (err != OYEZ_OK)
        oyez_unfinished_clear(out);
    return err;
}

void oyez_unfinished_clear(struct oyez_unfinished *unfinished)
{
    free(unfinished->blanks);
    *unfinished = (struct oyez_unfinished){0};
}

static int compare_blanks(const void *a, const void *b)
{
    const struct oyez_unfinished_blank *x = a, *y = b;

    return (x->index > y->index) - (x->index < y->index);
}

const uint8_t *oyez_unfinished_find(const struct oyez_unfinished *unfinished, uint64_t index)
{
    const struct oyez_unfinished_blank wanted = {.index = index};

    if (unfinished->count == 0)
        return NULL;
    const struct oyez_unfinished_blank *found =
        bsearch(&wanted, unfinished->blanks, unfinished->count, sizeof(wanted), compare_blanks);
    return found == NULL ? NULL : found->commitment;
}

bool oyez_unfinished_mend(const struct oyez_disk *disk, const struct oyez_segment *segment,
                          uint8_t *bytes, const struct oyez_frame *frame)
{
    char directory[OYEZ_JOURNAL_PATH_SIZE];
    struct oyez_unfinished unfinished;
    const char *slash = strrchr(segment->path, '/');

    // An archived segment is another file once it is changed.
    if (slash == NULL || segment->archive != NULL || oyez_record_is_repeat(frame->kind))
        return false;
    memcpy(directory, segment->path, (size_t)(slash - segment->path));
    directory[slash - segment->path] = '\0';
    if (oyez_unfinished_load(disk, directory, &unfinished) != OYEZ_OK)
        return false;
    const uint8_t *commitment = oyez_unfinished_find(&unfinished, frame->index);
    if (commitment != NULL)
        oyez_frame_blank(bytes, frame, commitment, segment->header.sum);
    oyez_unfinished_clear(&unfinished);
    return commitment != NULL;
}
