// SPDX-License-Identifier: MIT
// Doc text: comments of a .proto as protoc keeps them, and how they are found again.
#include <stdlib.h>
#include <string.h>

#include "schema/characters.h"
#include "schema/descriptor.h"
#include "wire/field.h"

enum { INFO_LOCATION = 1, LOCATION_PATH = 1, LOCATION_LEADING = 3, LOCATION_TRAILING = 4 };
enum { FILE_MESSAGE = 4, FILE_ENUM = 5 };
#define PATH_SIZE_MAX 128u

static int compare_paths(const struct descriptor_slice *a, const uint8_t *path, size_t size)
{
    size_t least = a->size < size ? a->size : size;
    int order = memcmp(a->bytes, path, least);
    return order != 0 ? order : (a->size > size) - (a->size < size);
}

static int compare_comments(const void *left, const void *right)
{
    const struct descriptor_comment *a = left;
    const struct descriptor_comment *b = right;
    return compare_paths(&a->path, b->path.bytes, b->path.size);
}

// False: no such message. A comment that nobody will ask for leaves *out without text.
static bool read_location(struct descriptor_slice location, struct descriptor_comment *out)
{
    struct wire_reader reader = descriptor_reader(location);
    struct descriptor_slice trailing = {0};
    struct wire_field field;
    *out = (struct descriptor_comment){0};
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &field))
            return false;
        if (field.type != WIRE_BYTES)
            continue;
        struct descriptor_slice slice = {field.bytes, field.size};
        if (field.number == LOCATION_PATH)
            out->path = slice;
        else if (field.number == LOCATION_LEADING)
            out->text = slice;
        else if (field.number == LOCATION_TRAILING)
            trailing = slice;
    }
    if (out->text.size == 0)
        out->text = trailing;
    bool wanted = out->path.size >= 2 && out->path.size <= PATH_SIZE_MAX &&
                  (out->path.bytes[0] == FILE_MESSAGE || out->path.bytes[0] == FILE_ENUM);
    if (!wanted)
        out->text.size = 0;
    return true;
}

// Fills `out` where it is not NULL. False: no such message.
static bool walk_locations(struct descriptor_slice info, struct descriptor_comment *out,
                           size_t *count)
{
    struct wire_reader reader = descriptor_reader(info);
    struct wire_field field;
    struct descriptor_comment comment;
    *count = 0;
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &field))
            return false;
        if (field.number != INFO_LOCATION || field.type != WIRE_BYTES)
            continue;
        if (!read_location((struct descriptor_slice){field.bytes, field.size}, &comment))
            return false;
        if (comment.text.size == 0)
            continue;
        if (out != NULL)
            out[*count] = comment;
        (*count)++;
    }
    return true;
}

// At the first question: most files of a set are imports whose comments nobody asks for. What cannot
// be read has no comments. False: no memory.
static bool read_comments(struct descriptor_set *set, struct descriptor_file *file)
{
    size_t count;
    if (file->comments != NULL || file->source_info.size == 0)
        return true;
    if (!walk_locations(file->source_info, NULL, &count))
        count = 0;
    file->comments = arena_take(&set->arena, count, sizeof *file->comments);
    if (file->comments == NULL)
        return false;
    if (count == 0)
        return true;
    walk_locations(file->source_info, file->comments, &count);
    file->comment_count = count;
    bool sorted = true;
    for (size_t i = 1; i < count && sorted; i++)
        sorted = compare_comments(&file->comments[i - 1], &file->comments[i]) <= 0;
    if (!sorted)
        qsort(file->comments, count, sizeof *file->comments, compare_comments);
    return true;
}

static const struct descriptor_comment *find_comment(const struct descriptor_file *file,
                                                     const uint8_t *path, size_t size)
{
    size_t low = 0;
    size_t high = file->comment_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_paths(&file->comments[middle].path, path, size);
        if (order == 0)
            return &file->comments[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\v';
}

// One line of single spaces; `out` has room for all of it.
static size_t collapse(char *out, const char *text, size_t size)
{
    size_t written = 0;
    for (size_t i = 0; i < size; i++) {
        if (!is_space(text[i]))
            out[written++] = text[i];
        else if (written > 0 && out[written - 1] != ' ')
            out[written++] = ' ';
    }
    while (written > 0 && out[written - 1] == ' ')
        written--;
    return written;
}

const char *descriptor_doc(struct descriptor_set *set, uint32_t file_index,
                           struct descriptor_slice path, uint32_t part, uint32_t index)
{
    uint8_t whole[PATH_SIZE_MAX + 10];
    struct descriptor_file *file = &set->files[file_index];
    if (path.size > PATH_SIZE_MAX)
        return "";
    if (!read_comments(set, file))
        return NULL;
    memcpy(whole, path.bytes, path.size);
    uint8_t *end = whole + path.size;
    if (part != 0)
        end = wire_write_varint(wire_write_varint(end, part), index);
    const struct descriptor_comment *comment = find_comment(file, whole, (size_t)(end - whole));
    if (comment == NULL)
        return "";
    size_t size =
        comment->text.size < DESCRIPTOR_DOC_SIZE_MAX ? comment->text.size : DESCRIPTOR_DOC_SIZE_MAX;
    char line[DESCRIPTOR_DOC_SIZE_MAX];
    size = collapse(line, (const char *)comment->text.bytes, size);
    // A character at a time, because some are not for terminals and a cut may go through one.
    char *doc = arena_take(&set->arena, size + 8, 1);
    if (doc != NULL)
        characters_print(doc, size + 8, SIZE_MAX, line, size);
    return doc;
}
