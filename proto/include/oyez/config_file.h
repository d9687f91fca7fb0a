// SPDX-License-Identifier: MIT
// A configuration file: sections of NAME = VALUE, each section a table of keys. Whatever is wrong
// is told as FILE:LINE.
#ifndef OYEZ_CONFIG_FILE_H
#define OYEZ_CONFIG_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "oyez/error.h"

#define OYEZ_CONFIG_FILE_SIZE_MAX (256u * 1024u) // bytes; it is read whole
#define OYEZ_CONFIG_LINE_SIZE_MAX 4000u          // bytes; a value may go on in further lines
#define OYEZ_CONFIG_NAME_SIZE_MAX 64u            // bytes of a key
#define OYEZ_CONFIG_SECTIONS_MAX 16u
#define OYEZ_CONFIG_KEYS_MAX 64u // a section

// What a value becomes, and the type of its target.
enum oyez_config_kind {
    OYEZ_CONFIG_TEXT,  // char *, NULL before; the caller's: free()
    OYEZ_CONFIG_COUNT, // uint64_t, from 1
    OYEZ_CONFIG_FLAG,  // bool: yes or no
};

struct oyez_config_key {
    const char *name; // the table ends with NULL
    enum oyez_config_kind kind;
    size_t target; // offset in the section's values
};

// One value where it stands.
struct oyez_config_entry {
    const char *name;
    const char *value; // without blanks around it; "" where the line ends at the =
    unsigned line;     // from 1
    bool continued;    // goes on with the entry before, which has the same name
};

// Takes an entry of a section whose keys are not known beforehand. The detail of an error needs
// neither file nor line.
typedef oyez_err oyez_config_take(void *values, const struct oyez_config_entry *entry);

struct oyez_config_section {
    const char *name;                   // the table ends with NULL
    const struct oyez_config_key *keys; // NULL: any key; `take` gets it
    oyez_config_take *take;
    void *values;
};

// oyez_config_file_read reads the file into the sections' values. OYEZ_ERR_INVALID: the file is
// wrong, the detail says FILE:LINE and what. OYEZ_ERR_TOO_LARGE, OYEZ_ERR_NOT_FOUND, OYEZ_ERR_IO,
// OYEZ_ERR_NO_MEMORY. After an error the values are partly set. One thread of a process at a time:
// the parser's settings belong to the process.
oyez_err oyez_config_file_read(const char *file, const struct oyez_config_section *sections);

// oyez_config_file_parse does the same with a text; `file` is what errors call it.
oyez_err oyez_config_file_parse(const char *file, const char *text, size_t size,
                                const struct oyez_config_section *sections);

#endif
