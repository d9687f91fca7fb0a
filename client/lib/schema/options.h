// SPDX-License-Identifier: MIT
// The options of options.proto, as catalogs carry them: extensions of the options of files,
// messages and fields.
#ifndef OYEZ_SCHEMA_OPTIONS_H
#define OYEZ_SCHEMA_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"
#include "schema/descriptor.h"

#define OPTIONS_TEXT_SIZE_MAX 1024u // of a title, a version, a value that is allowed
#define OPTIONS_INDEXED_TAGS_MAX 32u
#define OPTIONS_FIRST_PARTS_MAX 64u
#define OPTIONS_HEADER_RULES_MAX 64u
#define OPTIONS_HEADER_ALLOWED_MAX 256u

enum option_delivery { DELIVERY_UNSPECIFIED = 0, DELIVERY_DURABLE = 1, DELIVERY_FAST = 2 };

enum option_name_case { NAME_CASE_ANY = 0, NAME_CASE_LOWER, NAME_CASE_UPPER, NAME_CASE_CAMEL };

// Texts that an option does not give are "". All live as long as the set.
struct naming_rule {
    uint32_t min_parts;
    uint32_t max_parts; // 0 = any
    enum option_name_case letters;
    const char *first_parts[OPTIONS_FIRST_PARTS_MAX];
    size_t first_part_count;
};

struct header_option {
    const char *field;
    const char *types;
    const char *when;
    const char *default_value;
    const char *default_from;
    bool has_default_value;
    bool required;
    struct plan_text *allowed; // sorted as all texts of a plan
    size_t allowed_count;
};

struct catalog_options {
    const char *name;
    const char *version;
    const char *title;
    enum option_delivery delivery;
    bool has_naming;
    struct naming_rule naming;
    const char *indexed_tags[OPTIONS_INDEXED_TAGS_MAX];
    size_t indexed_tag_count;
    struct header_option *header; // OPTIONS_HEADER_RULES_MAX, or NULL
    size_t header_count;
};

struct type_options {
    const char *name;
    const char *domain;
    const char *version;
    const char *deprecated; // NULL = it is not
    enum option_delivery delivery;
    bool personal;
    bool open;
};

// Set the flags of a file and a message that was just read: whether it is a catalog, an event type
// (and its name), an entry of a map.
oyez_err options_read_file(struct descriptor_set *set, struct descriptor_file *file);
oyez_err options_read_message(struct descriptor_set *set, struct descriptor_message *message);

// The whole of them. Each may write to the set's arena.
oyez_err options_read_catalog(struct catalog_options *out, struct descriptor_set *set,
                              const struct descriptor_file *file);
oyez_err options_read_type(struct type_options *out, struct descriptor_set *set,
                           const struct descriptor_message *message);

// options_read_rules reads a field's rules from its FieldOptions, and `packed`. Texts of `allowed`
// come as they stand there. Does not judge.
struct field_options {
    struct plan_rules rules;
    bool has_packed;
    bool packed;
};
oyez_err options_read_field(struct field_options *out, struct descriptor_set *set,
                            const struct descriptor_message *message, const char *field_name,
                            struct descriptor_slice options);

// A text of an option: UTF-8 without control characters. *out in the set's arena.
oyez_err options_read_text(const char **out, struct descriptor_set *set,
                           const struct descriptor_file *file,
                           const struct descriptor_message *message, const uint8_t *bytes,
                           size_t size);

#endif
