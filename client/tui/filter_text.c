// SPDX-License-Identifier: MIT
#include "filter_text.h"

#include <string.h>

#include "wire/topic.h"

struct reader {
    const char *at;
    char *to;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

// One word without its quotes; *is_condition: it has a = outside of quotes.
static oyez_err read_word(struct reader *reader, const char **word, bool *is_condition)
{
    const char *began = reader->at;
    bool quoted = false;
    *word = reader->to;
    *is_condition = false;
    for (; *reader->at != '\0' && (quoted || !is_space(*reader->at)); reader->at++) {
        char c = *reader->at;
        if (c == '"') {
            quoted = !quoted;
            continue;
        }
        if (quoted && c == '\\' && (reader->at[1] == '"' || reader->at[1] == '\\')) {
            c = *++reader->at;
        }
        *is_condition = *is_condition || (c == '=' && !quoted);
        *reader->to++ = c;
    }
    *reader->to++ = '\0';
    return quoted ? oyez_fail(OYEZ_ERR_INVALID, "%.64s: a quote has no end", began) : OYEZ_OK;
}

static oyez_err take_pattern(struct filter_text *filter, const char *word)
{
    if (filter->pattern_count == FILTER_PATTERNS_MAX) {
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "more than %u patterns", FILTER_PATTERNS_MAX);
    }
    filter->patterns[filter->pattern_count++] = word;
    return oyez_pattern_check(word);
}

static oyez_err take_condition(struct filter_text *filter, const char *word)
{
    if (filter->condition_count == FILTER_CONDITIONS_MAX) {
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "more than %u conditions", FILTER_CONDITIONS_MAX);
    }
    filter->conditions[filter->condition_count++] = word;
    return OYEZ_OK;
}

oyez_err filter_text_read(struct filter_text *out, const char *text)
{
    struct reader reader = {.at = out->text, .to = out->words};
    memset(out, 0, sizeof *out);
    if (strlen(text) >= FILTER_TEXT_SIZE) {
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "a filter is shorter than %u bytes", FILTER_TEXT_SIZE);
    }
    memcpy(out->text, text, strlen(text));
    oyez_err err = OYEZ_OK;
    while (err == OYEZ_OK) {
        const char *word;
        bool is_condition;
        while (is_space(*reader.at)) {
            reader.at++;
        }
        if (*reader.at == '\0') {
            break;
        }
        err = read_word(&reader, &word, &is_condition);
        if (err == OYEZ_OK) {
            err = is_condition ? take_condition(out, word) : take_pattern(out, word);
        }
    }
    if (err == OYEZ_OK && out->condition_count > 0) {
        err = oyez_filter_open(&out->compiled, out->conditions, out->condition_count);
    }
    return err;
}

void filter_text_close(struct filter_text *filter)
{
    oyez_filter_close(&filter->compiled);
    memset(filter, 0, sizeof *filter);
}

bool filter_text_is_empty(const struct filter_text *filter)
{
    return filter->pattern_count == 0 && filter->condition_count == 0;
}

bool filter_text_matches(const struct filter_text *filter, const struct oyez_event *event)
{
    const char *type = event->event_type != NULL ? event->event_type : "";
    bool matches = filter->pattern_count == 0 && !oyez_topic_is_reserved(type, strlen(type));
    for (size_t i = 0; i < filter->pattern_count && !matches; i++) {
        matches = oyez_pattern_matches(filter->patterns[i], type);
    }
    return matches && (filter->compiled == NULL || oyez_filter_matches(filter->compiled, event));
}

// Appends a part of a word, in quotes where it needs them. Keeps room for the NUL.
static bool put_part(char *out, size_t size, size_t *at, const char *part, size_t part_size)
{
    bool quoted = false;
    for (size_t i = 0; i < part_size; i++) {
        quoted = quoted || is_space(part[i]) || part[i] == '"' || part[i] == '\\';
    }
    for (size_t i = 0; i < part_size; i++) {
        if (*at + 4 > size) {
            return false;
        }
        if (quoted && i == 0) {
            out[(*at)++] = '"';
        }
        if (part[i] == '"' || part[i] == '\\') {
            out[(*at)++] = '\\';
        }
        out[(*at)++] = part[i];
    }
    if (*at + 2 > size) {
        return false;
    }
    if (quoted) {
        out[(*at)++] = '"';
    }
    out[*at] = '\0';
    return true;
}

bool filter_text_quote(char *out, size_t size, const char *word)
{
    size_t at = 0;
    size_t name = strcspn(word, "=");
    if (!put_part(out, size, &at, word, name)) {
        return false;
    }
    if (word[name] == '\0') {
        return true;
    }
    if (at + 2 > size) {
        return false;
    }
    out[at++] = '=';
    return put_part(out, size, &at, word + name + 1, strlen(word + name + 1));
}

bool filter_text_write(const struct filter_text *filter, char *out, size_t size)
{
    size_t at = 0;
    size_t words = filter->pattern_count + filter->condition_count;
    out[0] = '\0';
    for (size_t i = 0; i < words; i++) {
        bool is_pattern = i < filter->pattern_count;
        const char *word =
            is_pattern ? filter->patterns[i] : filter->conditions[i - filter->pattern_count];
        if (i > 0 && at + 1 < size) {
            out[at++] = ' ';
        }
        if (!filter_text_quote(out + at, size - at, word)) {
            return false;
        }
        at += strlen(out + at);
    }
    return true;
}
