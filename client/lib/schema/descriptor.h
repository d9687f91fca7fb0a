// SPDX-License-Identifier: MIT
// A descriptor set (google.protobuf.FileDescriptorSet), read as far as catalogs need it. Sets come
// from users, from journals and from the bus, so whatever stands in one is bounded and judged.
#ifndef OYEZ_SCHEMA_DESCRIPTOR_H
#define OYEZ_SCHEMA_DESCRIPTOR_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"
#include "schema/arena.h"
#include "schema/plan.h"
#include "wire/field.h"

// The largest catalog that ships has some 200 KiB; a set of this size is read in milliseconds.
#define DESCRIPTOR_SET_SIZE_MAX (4u * 1024u * 1024u)
#define DESCRIPTOR_FILES_MAX 256u
#define DESCRIPTOR_MESSAGES_MAX 8192u
#define DESCRIPTOR_ENUMS_MAX 4096u
#define DESCRIPTOR_FIELDS_MAX 65536u // of all messages together: a plan is larger than its bytes
#define DESCRIPTOR_ENUM_VALUES_MAX 65536u
#define DESCRIPTOR_NESTING_MAX 16u // messages declared inside one another
#define DESCRIPTOR_NAME_SIZE_MAX 255u
#define DESCRIPTOR_DOC_SIZE_MAX 4096u

struct descriptor_slice {
    const uint8_t *bytes;
    size_t size;
};

// What is absent has no bytes to add its size to.
static inline struct wire_reader descriptor_reader(struct descriptor_slice slice)
{
    return (struct wire_reader){slice.bytes,
                                slice.size > 0 ? slice.bytes + slice.size : slice.bytes};
}

// Above a message, a field, an enum or a value, or behind it on its line.
struct descriptor_comment {
    struct descriptor_slice path; // as SourceCodeInfo.Location.path encodes it
    struct descriptor_slice text;
};

struct descriptor_file {
    const char *name;
    const char *package;
    const char *syntax;
    struct descriptor_slice bytes;   // the FileDescriptorProto
    struct descriptor_slice options; // its FileOptions
    uint32_t *imports;               // indexes of files
    size_t import_count;
    struct descriptor_slice source_info; // its SourceCodeInfo
    struct descriptor_comment *comments; // sorted by path; NULL = not read yet
    size_t comment_count;
    bool catalog; // it has option (oyez.catalog)
};

#define DESCRIPTOR_NONE UINT32_MAX

struct descriptor_message {
    const char *name;       // "oyez.catalogs.tamma.PullRequestMerged"
    const char *short_name; // what stands behind the package
    const char *type_name;  // of option (oyez.type); NULL = it has none
    uint32_t file;
    uint32_t parent; // the message that it is declared in, or DESCRIPTOR_NONE
    struct descriptor_slice bytes;
    struct descriptor_slice options;
    struct descriptor_slice path; // in the file's comments
    uint32_t field_count;
    bool map_entry;
    bool used; // by a field of its own file

    // Of plan_make, under the set's lock.
    struct plan *plan;
    uint32_t pending; // the next message whose plan is wanted
};

struct descriptor_enum {
    const char *name;
    struct descriptor_slice bytes;
    uint32_t value_count;
    const struct plan_enum *plan;
};

struct descriptor_set {
    struct arena arena;
    uint8_t *copy; // the bytes, where they are the set's own
    size_t copy_size;
    const char *origin;
    // Made by the build, which has judged it. Its plans are made when they are needed first.
    bool trusted;
    bool for_reading; // it was taken once, so rules of style that came later do not hold for it
    struct descriptor_file *files;
    struct descriptor_message *messages;
    struct descriptor_enum *enums;
    size_t file_count, message_count, enum_count;
    size_t field_count, value_count;
    uint32_t *messages_by_name, *enums_by_name;
    pthread_mutex_t lock;
};

// descriptor_set_read reads a set. With `copy` the bytes are copied, else they must live as long.
// OYEZ_ERR_MALFORMED (no descriptor set), OYEZ_ERR_INVALID (it says what no catalog may),
// OYEZ_ERR_TOO_LARGE, OYEZ_ERR_NO_MEMORY; the detail begins with `origin`. The caller owns *out.
oyez_err descriptor_set_read(struct descriptor_set **out, const void *bytes, size_t size,
                             const char *origin, bool copy);
void descriptor_set_free(struct descriptor_set **set);

// Names are full, without a dot before them. DESCRIPTOR_NONE = there is none.
uint32_t descriptor_message_find(const struct descriptor_set *set, const char *name);
uint32_t descriptor_enum_find(const struct descriptor_set *set, const char *name);

// descriptor_doc is the comment of what stands at `path` and, with a `part` of it that is not 0, at
// its part number `index`, as one line of single spaces. "" = none; NULL = no memory.
const char *descriptor_doc(struct descriptor_set *set, uint32_t file, struct descriptor_slice path,
                           uint32_t part, uint32_t index);

// descriptor_fail says what is wrong: "origin: file: Message (type): field: ...". Message and field
// may be NULL.
oyez_err descriptor_fail(oyez_err err, const struct descriptor_set *set,
                         const struct descriptor_file *file,
                         const struct descriptor_message *message, const char *field,
                         const char *format, ...) __attribute__((format(printf, 6, 7)));

oyez_err descriptor_no_memory(const struct descriptor_set *set);

// plan_make makes the plan of a message and of those that it refers to. Any thread. OYEZ_ERR_INVALID
// names the field that breaks a rule.
oyez_err plan_make(const struct plan **out, struct descriptor_set *set, uint32_t message);

#endif
