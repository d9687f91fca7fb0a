// SPDX-License-Identifier: MIT
// A walk over FileDescriptorSet: files, messages and enums get their names and places; fields,
// values and options stay bytes until a plan is made.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "schema/descriptor.h"
#include "schema/options.h"
#include "wire/field.h"

// Numbers of google/protobuf/descriptor.proto.
enum { SET_FILE = 1 };
enum {
    FILE_NAME = 1,
    FILE_PACKAGE = 2,
    FILE_IMPORT = 3,
    FILE_MESSAGE = 4,
    FILE_ENUM = 5,
    FILE_OPTIONS = 8,
    FILE_SOURCE_INFO = 9,
    FILE_SYNTAX = 12,
};
enum { MESSAGE_NAME = 1, MESSAGE_FIELD = 2, MESSAGE_MESSAGE = 3, MESSAGE_ENUM = 4 };
enum { MESSAGE_OPTIONS = 7 };
enum { ENUM_NAME = 1, ENUM_VALUE = 2 };

// Where a message stands: in a file, perhaps in another message.
struct place {
    uint32_t file;
    uint32_t parent;
    const char *prefix; // of its full name: the package or the parent's name
    struct descriptor_slice path;
};

// Room for one more in an array that doubles at powers of two.
static bool grow(void **array, size_t count, size_t size)
{
    if (count != 0 && (count & (count - 1)) != 0)
        return true;
    void *larger = realloc(*array, (count == 0 ? 1 : count * 2) * size);
    if (larger == NULL)
        return false;
    *array = larger;
    return true;
}

static oyez_err malformed(const struct descriptor_set *set, const struct descriptor_file *file)
{
    return descriptor_fail(OYEZ_ERR_MALFORMED, set, file, NULL, NULL, "it is not a descriptor set");
}

static oyez_err too_many(const struct descriptor_set *set, const char *what, unsigned max)
{
    return descriptor_fail(OYEZ_ERR_TOO_LARGE, set, NULL, NULL, NULL, "more than %u %s", max, what);
}

// An identifier of protobuf, or several between dots.
static bool is_name(const uint8_t *bytes, size_t size, bool dotted)
{
    bool begins = true;
    for (size_t i = 0; i < size; i++) {
        uint8_t c = bytes[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool digit = c >= '0' && c <= '9';
        if (c == '.' && dotted && !begins) {
            begins = true;
            continue;
        }
        if (!letter && (!digit || begins))
            return false;
        begins = false;
    }
    return size > 0 && !begins;
}

// "prefix.name" in the arena.
static oyez_err make_full_name(struct descriptor_set *set, const struct descriptor_file *file,
                               const char *prefix, struct descriptor_slice name, const char **out)
{
    size_t prefix_size = strlen(prefix);
    size_t dot = prefix_size > 0;
    if (!is_name(name.bytes, name.size, false))
        return descriptor_fail(OYEZ_ERR_MALFORMED, set, file, NULL, NULL,
                               "a message or enum without a name of letters, digits and _");
    if (prefix_size + name.size + dot > DESCRIPTOR_NAME_SIZE_MAX)
        return descriptor_fail(OYEZ_ERR_TOO_LARGE, set, file, NULL, NULL,
                               "a name of more than %u bytes", DESCRIPTOR_NAME_SIZE_MAX);
    char *full = arena_take(&set->arena, prefix_size + dot + name.size + 1, 1);
    if (full == NULL)
        return descriptor_no_memory(set);
    assert(name.bytes != NULL);
    memcpy(full, prefix, prefix_size);
    if (dot)
        full[prefix_size] = '.';
    memcpy(full + prefix_size + dot, name.bytes, name.size);
    *out = full;
    return OYEZ_OK;
}

static oyez_err read_enum(struct descriptor_set *set, const struct place *place,
                          struct descriptor_slice bytes)
{
    const struct descriptor_file *file = &set->files[place->file];
    if (set->enum_count == DESCRIPTOR_ENUMS_MAX)
        return too_many(set, "enums", DESCRIPTOR_ENUMS_MAX);
    if (!grow((void **)&set->enums, set->enum_count, sizeof *set->enums))
        return descriptor_no_memory(set);
    struct descriptor_enum *e = &set->enums[set->enum_count++];
    *e = (struct descriptor_enum){.bytes = bytes};
    struct descriptor_slice name = {0};
    struct wire_reader reader = descriptor_reader(bytes);
    struct wire_field field;
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &field))
            return malformed(set, file);
        if (field.number == ENUM_NAME && field.type == WIRE_BYTES)
            name = (struct descriptor_slice){field.bytes, field.size};
        if (field.number == ENUM_VALUE && field.type == WIRE_BYTES)
            e->value_count++;
    }
    set->value_count += e->value_count;
    if (set->value_count > DESCRIPTOR_ENUM_VALUES_MAX)
        return too_many(set, "values of enums", DESCRIPTOR_ENUM_VALUES_MAX);
    return make_full_name(set, file, place->prefix, name, &e->name);
}

// A path in the comments: `path`, then a part and its index.
static bool extend_path(struct descriptor_set *set, struct descriptor_slice path, uint32_t part,
                        uint32_t index, struct descriptor_slice *out)
{
    uint8_t *bytes = arena_take(&set->arena, path.size + 10, 1);
    if (bytes == NULL)
        return false;
    if (path.size > 0)
        memcpy(bytes, path.bytes, path.size);
    uint8_t *end = wire_write_varint(bytes + path.size, part);
    end = wire_write_varint(end, index);
    *out = (struct descriptor_slice){bytes, (size_t)(end - bytes)};
    return true;
}

// The message's own fields; what is declared inside it comes after it has its name.
static oyez_err read_message_head(struct descriptor_set *set, struct descriptor_message *message,
                                  struct descriptor_slice *name)
{
    struct wire_reader reader = descriptor_reader(message->bytes);
    struct wire_field field;
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &field))
            return malformed(set, &set->files[message->file]);
        if (field.type != WIRE_BYTES)
            continue;
        struct descriptor_slice slice = {field.bytes, field.size};
        if (field.number == MESSAGE_NAME)
            *name = slice;
        else if (field.number == MESSAGE_FIELD)
            message->field_count++;
        else if (field.number == MESSAGE_OPTIONS)
            message->options = slice;
    }
    set->field_count += message->field_count;
    if (set->field_count > DESCRIPTOR_FIELDS_MAX)
        return too_many(set, "fields", DESCRIPTOR_FIELDS_MAX);
    return OYEZ_OK;
}

static oyez_err add_message(struct descriptor_set *set, const struct place *place,
                            struct descriptor_slice bytes, uint32_t *index)
{
    const struct descriptor_file *file = &set->files[place->file];
    if (set->message_count == DESCRIPTOR_MESSAGES_MAX)
        return too_many(set, "messages", DESCRIPTOR_MESSAGES_MAX);
    if (!grow((void **)&set->messages, set->message_count, sizeof *set->messages))
        return descriptor_no_memory(set);
    *index = (uint32_t)set->message_count++;
    struct descriptor_message *message = &set->messages[*index];
    *message = (struct descriptor_message){.bytes = bytes,
                                           .file = place->file,
                                           .parent = place->parent,
                                           .path = place->path,
                                           .pending = DESCRIPTOR_NONE};
    struct descriptor_slice name = {0};
    oyez_err err = read_message_head(set, message, &name);
    if (err == OYEZ_OK)
        err = make_full_name(set, file, place->prefix, name, &message->name);
    if (err != OYEZ_OK)
        return err;
    size_t package_size = strlen(file->package);
    message->short_name = message->name + package_size + (package_size > 0);
    return options_read_message(set, message);
}

// Recursion ends at DESCRIPTOR_NESTING_MAX.
static oyez_err read_message(struct descriptor_set *set, const struct place *place,
                             struct descriptor_slice bytes, unsigned nesting)
{
    uint32_t index = DESCRIPTOR_NONE;
    uint32_t inner = 0;
    if (nesting == DESCRIPTOR_NESTING_MAX)
        return descriptor_fail(OYEZ_ERR_INVALID, set, &set->files[place->file], NULL, NULL,
                               "messages declared more than %u deep", DESCRIPTOR_NESTING_MAX);
    oyez_err err = add_message(set, place, bytes, &index);
    struct wire_reader reader = descriptor_reader(bytes);
    struct wire_field field;
    struct place inside = {.file = place->file, .parent = index};
    if (err == OYEZ_OK)
        inside.prefix = set->messages[index].name;
    while (err == OYEZ_OK && reader.at < reader.end && wire_read_field(&reader, &field)) {
        if (field.type != WIRE_BYTES)
            continue;
        struct descriptor_slice slice = {field.bytes, field.size};
        if (field.number == MESSAGE_ENUM)
            err = read_enum(set, &inside, slice);
        if (field.number != MESSAGE_MESSAGE)
            continue;
        if (!extend_path(set, place->path, MESSAGE_MESSAGE, inner++, &inside.path))
            return descriptor_no_memory(set);
        err = read_message(set, &inside, slice, nesting + 1);
    }
    return err;
}

static oyez_err read_file_text(struct descriptor_set *set, const struct descriptor_file *file,
                               const struct wire_field *field, const char **out)
{
    if (field->size > DESCRIPTOR_NAME_SIZE_MAX || memchr(field->bytes, 0, field->size) != NULL)
        return descriptor_fail(OYEZ_ERR_INVALID, set, file, NULL, NULL,
                               "a name of more than %u bytes, or with a NUL",
                               DESCRIPTOR_NAME_SIZE_MAX);
    *out = arena_text(&set->arena, field->bytes, field->size);
    return *out != NULL ? OYEZ_OK : descriptor_no_memory(set);
}

// What a file says of itself, before what it holds: packages stand before names.
static oyez_err read_file_head(struct descriptor_set *set, struct descriptor_file *file)
{
    struct wire_reader reader = descriptor_reader(file->bytes);
    struct wire_field field;
    oyez_err err = OYEZ_OK;
    while (err == OYEZ_OK && reader.at < reader.end) {
        if (!wire_read_field(&reader, &field))
            return malformed(set, file);
        if (field.type != WIRE_BYTES)
            continue;
        struct descriptor_slice slice = {field.bytes, field.size};
        if (field.number == FILE_NAME)
            err = read_file_text(set, file, &field, &file->name);
        else if (field.number == FILE_PACKAGE)
            err = read_file_text(set, file, &field, &file->package);
        else if (field.number == FILE_SYNTAX)
            err = read_file_text(set, file, &field, &file->syntax);
        else if (field.number == FILE_OPTIONS)
            file->options = slice;
        else if (field.number == FILE_SOURCE_INFO)
            file->source_info = slice;
        else if (field.number == FILE_IMPORT)
            file->import_count++;
    }
    if (err == OYEZ_OK && file->name[0] == '\0')
        return malformed(set, file);
    size_t package_size = strlen(file->package);
    if (err == OYEZ_OK && package_size > 0 &&
        !is_name((const uint8_t *)file->package, package_size, true))
        return malformed(set, file);
    return err;
}

static oyez_err read_file_content(struct descriptor_set *set, uint32_t index)
{
    struct descriptor_slice bytes = set->files[index].bytes;
    struct wire_reader reader = descriptor_reader(bytes);
    struct wire_field field;
    struct place place = {index, DESCRIPTOR_NONE, set->files[index].package, {0}};
    uint32_t messages = 0;
    oyez_err err = OYEZ_OK;
    while (err == OYEZ_OK && reader.at < reader.end && wire_read_field(&reader, &field)) {
        if (field.type != WIRE_BYTES)
            continue;
        struct descriptor_slice slice = {field.bytes, field.size};
        if (field.number == FILE_ENUM)
            err = read_enum(set, &place, slice);
        if (field.number != FILE_MESSAGE)
            continue;
        if (!extend_path(set, (struct descriptor_slice){0}, FILE_MESSAGE, messages++, &place.path))
            return descriptor_no_memory(set);
        err = read_message(set, &place, slice, 0);
    }
    return err;
}

static oyez_err read_file(struct descriptor_set *set, struct descriptor_slice bytes)
{
    if (set->file_count == DESCRIPTOR_FILES_MAX)
        return too_many(set, "files", DESCRIPTOR_FILES_MAX);
    if (!grow((void **)&set->files, set->file_count, sizeof *set->files))
        return descriptor_no_memory(set);
    uint32_t index = (uint32_t)set->file_count++;
    struct descriptor_file *file = &set->files[index];
    *file = (struct descriptor_file){.name = "", .package = "", .syntax = "proto2", .bytes = bytes};
    oyez_err err = read_file_head(set, file);
    if (err == OYEZ_OK)
        err = options_read_file(set, file);
    return err == OYEZ_OK ? read_file_content(set, index) : err;
}

static oyez_err find_import(struct descriptor_set *set, const struct descriptor_file *file,
                            const struct wire_field *name, uint32_t *out)
{
    for (uint32_t i = 0; i < set->file_count; i++) {
        const char *other = set->files[i].name;
        *out = i;
        if (strlen(other) == name->size && memcmp(other, name->bytes, name->size) == 0)
            return OYEZ_OK;
    }
    return descriptor_fail(OYEZ_ERR_INVALID, set, file, NULL, NULL,
                           "its import %.*s is not in the set: protoc needs --include_imports",
                           (int)(name->size < 100 ? name->size : 100), (const char *)name->bytes);
}

static oyez_err resolve_imports(struct descriptor_set *set, struct descriptor_file *file)
{
    if (file->import_count > DESCRIPTOR_FILES_MAX)
        return too_many(set, "imports of one file", DESCRIPTOR_FILES_MAX);
    file->imports = arena_take(&set->arena, file->import_count, sizeof *file->imports);
    if (file->imports == NULL)
        return descriptor_no_memory(set);
    struct wire_reader reader = descriptor_reader(file->bytes);
    struct wire_field field;
    size_t i = 0;
    oyez_err err = OYEZ_OK;
    while (err == OYEZ_OK && reader.at < reader.end && wire_read_field(&reader, &field)) {
        if (field.number == FILE_IMPORT && field.type == WIRE_BYTES)
            err = find_import(set, file, &field, &file->imports[i++]);
    }
    return err;
}

static int compare_messages(const void *left, const void *right, void *arg)
{
    const struct descriptor_set *set = arg;
    return strcmp(set->messages[*(const uint32_t *)left].name,
                  set->messages[*(const uint32_t *)right].name);
}

static int compare_enums(const void *left, const void *right, void *arg)
{
    const struct descriptor_set *set = arg;
    return strcmp(set->enums[*(const uint32_t *)left].name,
                  set->enums[*(const uint32_t *)right].name);
}

static oyez_err claimed_twice(const struct descriptor_set *set, const char *name)
{
    return descriptor_fail(OYEZ_ERR_INVALID, set, NULL, NULL, NULL, "%s is there twice", name);
}

static oyez_err sort_names(struct descriptor_set *set)
{
    set->messages_by_name = arena_take(&set->arena, set->message_count, sizeof(uint32_t));
    set->enums_by_name = arena_take(&set->arena, set->enum_count, sizeof(uint32_t));
    if (set->messages_by_name == NULL || set->enums_by_name == NULL)
        return descriptor_no_memory(set);
    for (uint32_t i = 0; i < set->message_count; i++)
        set->messages_by_name[i] = i;
    for (uint32_t i = 0; i < set->enum_count; i++)
        set->enums_by_name[i] = i;
    qsort_r(set->messages_by_name, set->message_count, sizeof(uint32_t), compare_messages, set);
    qsort_r(set->enums_by_name, set->enum_count, sizeof(uint32_t), compare_enums, set);
    for (size_t i = 1; i < set->message_count; i++) {
        if (compare_messages(&set->messages_by_name[i - 1], &set->messages_by_name[i], set) == 0)
            return claimed_twice(set, set->messages[set->messages_by_name[i]].name);
    }
    for (size_t i = 1; i < set->enum_count; i++) {
        if (compare_enums(&set->enums_by_name[i - 1], &set->enums_by_name[i], set) == 0)
            return claimed_twice(set, set->enums[set->enums_by_name[i]].name);
    }
    return OYEZ_OK;
}

static oyez_err read_set(struct descriptor_set *set, const uint8_t *bytes, size_t size)
{
    struct wire_reader reader = {bytes, bytes + size};
    struct wire_field field;
    oyez_err err = OYEZ_OK;
    while (err == OYEZ_OK && reader.at < reader.end) {
        if (!wire_read_field(&reader, &field) || field.number != SET_FILE ||
            field.type != WIRE_BYTES)
            return malformed(set, NULL);
        err = read_file(set, (struct descriptor_slice){field.bytes, field.size});
    }
    if (err == OYEZ_OK && set->file_count == 0)
        return malformed(set, NULL);
    for (size_t i = 0; err == OYEZ_OK && i < set->file_count; i++)
        err = resolve_imports(set, &set->files[i]);
    return err == OYEZ_OK ? sort_names(set) : err;
}

oyez_err descriptor_set_read(struct descriptor_set **out, const void *bytes, size_t size,
                             const char *origin, bool copy)
{
    *out = NULL;
    struct descriptor_set *set = calloc(1, sizeof *set);
    if (set == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "%.100s: no memory for its catalogs", origin);
    pthread_mutex_init(&set->lock, NULL);
    set->origin = arena_text(&set->arena, origin, strlen(origin));
    if (copy)
        set->copy = malloc(size + 1);
    oyez_err err = OYEZ_OK;
    if (set->origin == NULL || (copy && set->copy == NULL)) {
        err = oyez_fail(OYEZ_ERR_NO_MEMORY, "%.100s: no memory for its catalogs", origin);
    } else if (size > DESCRIPTOR_SET_SIZE_MAX) {
        err = descriptor_fail(OYEZ_ERR_TOO_LARGE, set, NULL, NULL, NULL,
                              "%zu bytes of descriptor set; the limit is %u", size,
                              DESCRIPTOR_SET_SIZE_MAX);
    } else {
        if (copy && size > 0)
            memcpy(set->copy, bytes, size);
        set->copy_size = copy ? size : 0;
        err = read_set(set, copy ? set->copy : bytes, size);
    }
    if (err != OYEZ_OK)
        descriptor_set_free(&set);
    *out = set;
    return err;
}
