// SPDX-License-Identifier: MIT
#include "oyez/config_file.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_value.h"

#define LINE_END_SIZE 3 // CR, LF, NUL

// A text on its way through the parser, which asks for lines and gives pairs.
struct reading {
    const char *file;
    const struct oyez_config_section *sections;
    const struct oyez_config_section *section; // that of the line; NULL before the first
    uint64_t seen[OYEZ_CONFIG_SECTIONS_MAX];   // a bit a key
    const char *at, *end;                      // what the parser has not got yet
    unsigned line;                             // the number of what it got last
    bool continues;                            // that line goes on with the value before it
    char name[OYEZ_CONFIG_NAME_SIZE_MAX + 1];  // of the last pair; "" = none in this section
    oyez_err err;
};

static oyez_err fail(const struct reading *reading, oyez_err err)
{
    // Without memory no line is to blame.
    return err == OYEZ_ERR_NO_MEMORY
               ? err
               : oyez_fail(err, "%s:%u: %s", reading->file, reading->line, oyez_error_detail());
}

static bool is_blank(char c)
{
    return isspace((unsigned char)c) != 0;
}

static bool is_comment(char c)
{
    return c == ';' || c == '#';
}

static const struct oyez_config_section *find_section(const struct reading *reading,
                                                      const char *name, size_t size)
{
    const struct oyez_config_section *section = reading->sections;
    while (section->name != NULL &&
           (strlen(section->name) != size || memcmp(section->name, name, size) != 0)) {
        section++;
    }
    return section->name != NULL ? section : NULL;
}

static oyez_err fail_section(const struct reading *reading, const char *name, size_t size)
{
    char known[256];
    size_t used = 0;
    for (const struct oyez_config_section *s = reading->sections; s->name != NULL; s++) {
        int added = snprintf(known + used, sizeof known - used, " [%s]", s->name);
        used += (size_t)added;
        assert(used < sizeof known);
    }
    return oyez_fail(OYEZ_ERR_INVALID, "there is no section [%.*s]; there is%s",
                     (int)(size < 64 ? size : 64), name, known);
}

// The parser tells of sections only with their first pair, cuts their names, and overlooks what
// stands behind them. A line that it cannot read is left to it.
static oyez_err look_at_section(struct reading *reading, const char *line, size_t size)
{
    const char *close = memchr(line, ']', size);
    if (close == NULL) {
        return OYEZ_OK;
    }
    const char *name = line + 1;
    const char *rest = close + 1;
    while (rest < line + size && is_blank(*rest)) {
        rest++;
    }
    if (rest < line + size && !is_comment(*rest)) {
        return oyez_fail(OYEZ_ERR_INVALID, "something stands behind the section's ]");
    }
    reading->name[0] = '\0';
    reading->section = find_section(reading, name, (size_t)(close - name));
    return reading->section != NULL ? OYEZ_OK : fail_section(reading, name, (size_t)(close - name));
}

static oyez_err look_at_line(struct reading *reading, const char *line, size_t size)
{
    size_t indent = 0;
    reading->continues = false;
    if (size > OYEZ_CONFIG_LINE_SIZE_MAX) {
        return oyez_fail(OYEZ_ERR_INVALID,
                         "longer than %u bytes; a value may go on in a line that "
                         "begins with a blank",
                         OYEZ_CONFIG_LINE_SIZE_MAX);
    }
    if (memchr(line, '\0', size) != NULL) {
        return oyez_fail(OYEZ_ERR_INVALID, "a NUL byte: this is no text");
    }
    while (indent < size && is_blank(line[indent])) {
        indent++;
    }
    if (indent == size || is_comment(line[indent])) {
        return OYEZ_OK;
    }
    reading->continues = indent > 0 && reading->name[0] != '\0';
    bool is_section = line[indent] == '[' && !reading->continues;
    return is_section ? look_at_section(reading, line + indent, size - indent) : OYEZ_OK;
}

// As fgets. NULL also ends the parsing after an error.
static char *take_line(char *out, int room, void *arg)
{
    struct reading *reading = arg;
    if (reading->err != OYEZ_OK || reading->at == reading->end) {
        return NULL;
    }
    size_t left = (size_t)(reading->end - reading->at);
    const char *feed = memchr(reading->at, '\n', left);
    size_t size = feed != NULL ? (size_t)(feed - reading->at) : left;
    reading->line++;
    oyez_err err = look_at_line(reading, reading->at, size);
    if (err != OYEZ_OK) {
        reading->err = fail(reading, err);
        return NULL;
    }
    assert(room > 0 && size + 2 <= (size_t)room);
    memcpy(out, reading->at, size);
    memcpy(out + size, "\n", 2);
    reading->at += size + (feed != NULL);
    return out;
}

static oyez_err take_known(struct reading *reading, const struct oyez_config_entry *entry)
{
    const struct oyez_config_section *section = reading->section;
    const struct oyez_config_key *key = section->keys;
    while (key->name != NULL && strcmp(key->name, entry->name) != 0) {
        key++;
    }
    size_t bit = (size_t)(key - section->keys);
    uint64_t *seen = &reading->seen[section - reading->sections];
    assert(bit < OYEZ_CONFIG_KEYS_MAX);
    if (key->name == NULL) {
        return config_value_fail_key(section, entry->name);
    }
    if (entry->continued) {
        return oyez_fail(OYEZ_ERR_INVALID, "%s: its value stands in one line", entry->name);
    }
    if ((*seen >> bit & 1) != 0) {
        return oyez_fail(OYEZ_ERR_INVALID, "%s: a second time", entry->name);
    }
    *seen |= (uint64_t)1 << bit;
    return config_value_set(key, section->values, entry->value);
}

static oyez_err take_entry(struct reading *reading, struct oyez_config_entry *entry)
{
    if (reading->section == NULL) {
        return oyez_fail(OYEZ_ERR_INVALID, "%.64s stands before the first [section]", entry->name);
    }
    if (entry->name[0] == '\0') {
        return oyez_fail(OYEZ_ERR_INVALID, "a value without a name");
    }
    if (strlen(entry->name) > OYEZ_CONFIG_NAME_SIZE_MAX) {
        return oyez_fail(OYEZ_ERR_INVALID, "%.16s...: a name longer than %u bytes", entry->name,
                         OYEZ_CONFIG_NAME_SIZE_MAX);
    }
    if (!entry->continued) {
        memcpy(reading->name, entry->name, strlen(entry->name) + 1);
    }
    return reading->section->keys != NULL ? take_known(reading, entry)
                                          : reading->section->take(reading->section->values, entry);
}

// In a continued line the parser leaves a comment in the value.
static void cut_comment(char *value)
{
    for (char *c = value; *c != '\0'; c++) {
        if (*c == ';' && (c == value || is_blank(c[-1]))) {
            *c = '\0';
            return;
        }
    }
}

// What the parser calls the name of a continued line is cut; that of the line before is whole.
static int take_pair(void *arg, const char *section, const char *name, const char *value)
{
    struct reading *reading = arg;
    char text[OYEZ_CONFIG_LINE_SIZE_MAX + LINE_END_SIZE];
    struct oyez_config_entry entry = {.name = reading->continues ? reading->name : name,
                                      .value = text,
                                      .line = reading->line,
                                      .continued = reading->continues};
    (void)section;
    size_t size = strlen(value);
    assert(size < sizeof text);
    memcpy(text, value, size + 1);
    if (entry.continued) {
        cut_comment(text);
    }
    oyez_err err = take_entry(reading, &entry);
    if (err != OYEZ_OK) {
        reading->err = fail(reading, err);
    }
    return err == OYEZ_OK;
}

static oyez_err refuse_marks(const char *file, const char *text, size_t size)
{
    static const char *const marks[] = {"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        size_t length = strlen(marks[i]);
        if (size >= length && memcmp(text, marks[i], length) == 0) {
            return oyez_fail(OYEZ_ERR_INVALID,
                             "%s:1: begins with a byte order mark; save it as plain UTF-8", file);
        }
    }
    return OYEZ_OK;
}

oyez_err oyez_config_file_parse(const char *file, const char *text, size_t size,
                                const struct oyez_config_section *sections)
{
    struct reading reading = {.file = file, .sections = sections, .at = text, .end = text + size};
    if (size > OYEZ_CONFIG_FILE_SIZE_MAX) {
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "%s: more than %u bytes", file,
                         OYEZ_CONFIG_FILE_SIZE_MAX);
    }
    oyez_err err = refuse_marks(file, text, size);
    if (err != OYEZ_OK) {
        return err;
    }
    // On the stack it would take lines of 200 bytes.
    ini_use_stack = false;
    ini_initial_alloc = OYEZ_CONFIG_LINE_SIZE_MAX + LINE_END_SIZE;
    ini_max_line = OYEZ_CONFIG_LINE_SIZE_MAX + LINE_END_SIZE;
    int first_bad = ini_parse_stream(take_line, &reading, take_pair, &reading);
    if (first_bad < 0) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: no memory to read it", file);
    }
    // The line of an error of ours counts as bad too, unless the parser never got it.
    bool is_unread =
        first_bad > 0 && (reading.err == OYEZ_OK || (unsigned)first_bad < reading.line);
    if (is_unread) {
        return oyez_fail(OYEZ_ERR_INVALID,
                         "%s:%d: neither a [section] nor NAME = VALUE nor a comment", file,
                         first_bad);
    }
    return reading.err;
}

oyez_err oyez_config_file_read(const char *file, const struct oyez_config_section *sections)
{
    oyez_err err = OYEZ_OK;
    char *text = malloc(OYEZ_CONFIG_FILE_SIZE_MAX + 1);
    FILE *stream = NULL;
    if (text == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: no memory to read it", file);
    }
    stream = fopen(file, "rbe");
    if (stream == NULL) {
        err = oyez_fail(errno == ENOENT ? OYEZ_ERR_NOT_FOUND : OYEZ_ERR_IO, "%s: %s", file,
                        strerror(errno));
        goto done;
    }
    size_t size = fread(text, 1, OYEZ_CONFIG_FILE_SIZE_MAX + 1, stream);
    err = ferror(stream) ? oyez_fail(OYEZ_ERR_IO, "%s: %s", file, strerror(errno))
                         : oyez_config_file_parse(file, text, size, sections);
done:
    if (stream != NULL) {
        fclose(stream);
    }
    free(text);
    return err;
}
