// SPDX-License-Identifier: MIT
#include "selection.h"

#include <stdio.h>
#include <string.h>

#include "message.h"
#include "name_hint.h"
#include "oyez/catalog.h"
#include "oyez/limits.h"
#include "time_argument.h"
#include "wire/header.h"
#include "wire/topic.h"

// Whether an event type could have the open prefix "github.*" and match the pattern: judged by what
// stands before the first *, so rather yes than no.
static bool may_be_open(const char *pattern, const char *open_name)
{
    size_t literal = strcspn(pattern, "*");
    size_t prefix = strlen(open_name) - 1;
    bool is_glob = pattern[literal] == '*';
    if (literal > prefix || !is_glob) {
        return literal > prefix && strncmp(pattern, open_name, prefix) == 0;
    }
    return strncmp(pattern, open_name, literal) == 0;
}

bool selection_is_known(const char *pattern)
{
    const struct oyez_type *type;
    if (pattern[0] == '@' || oyez_topic_is_reserved(pattern, strlen(pattern))) {
        return true;
    }
    for (size_t i = 0; (type = oyez_type_at(i)) != NULL; i++) {
        if (type->open ? may_be_open(pattern, type->name)
                       : oyez_pattern_matches(pattern, type->name)) {
            return true;
        }
    }
    return false;
}

void selection_tell_unknown(const char *pattern)
{
    size_t size = strlen(pattern);
    bool is_name = strchr(pattern, '*') == NULL && size <= OYEZ_EVENT_TYPE_SIZE_MAX;
    const char *hint = is_name ? oyez_name_hint(pattern, size) : NULL;
    if (!selection_is_known(pattern)) {
        message_print("%s matches no event type of the catalogs here%s%s%s", pattern,
                      hint != NULL ? "; did you mean " : "", hint != NULL ? hint : "",
                      hint != NULL ? "?" : "");
    }
}

static const char *next_field(void *arg, size_t i)
{
    (void)arg;
    return i < OYEZ_HEADER_FIELD_COUNT ? oyez_header_fields[i].name : NULL;
}

// The header field that the first unknown one of the conditions is near to.
static bool find_field_hint(char hint[COMMAND_WORD_SIZE], const struct text_list *where)
{
    char name[COMMAND_WORD_SIZE];
    for (size_t i = 0; i < where->count; i++) {
        size_t size = strcspn(where->items[i], "=");
        bool is_field = memchr(where->items[i], '.', size) == NULL && size < sizeof name;
        snprintf(name, sizeof name, "%.*s", (int)size, where->items[i]);
        if (is_field && strcmp(name, "type") != 0 && oyez_header_field_find(name, size) == NULL) {
            return command_nearest(hint, name, next_field, NULL);
        }
    }
    return false;
}

int selection_check(const struct arguments *arguments, const struct text_list *where,
                    oyez_filter **filter)
{
    char hint[COMMAND_WORD_SIZE];
    *filter = NULL;
    for (size_t i = 0; i < arguments->positional_count; i++) {
        if (oyez_pattern_check(arguments->positional[i]) != OYEZ_OK) {
            return command_usage_error(arguments->command, "%s", oyez_error_detail());
        }
    }
    if (where->count > 0 && oyez_filter_open(filter, where->items, where->count) != OYEZ_OK) {
        bool has_hint =
            strstr(oyez_error_detail(), "unknown field") != NULL && find_field_hint(hint, where);
        return command_usage_error(arguments->command, "--where: %s%s%s%s", oyez_error_detail(),
                                   has_hint ? "; did you mean " : "", has_hint ? hint : "",
                                   has_hint ? "?" : "");
    }
    for (size_t i = 0; i < arguments->positional_count; i++) {
        selection_tell_unknown(arguments->positional[i]);
    }
    return EXIT_DONE;
}

int selection_times(const struct arguments *arguments, const char *since_text,
                    const char *until_text, int64_t *since, int64_t *until)
{
    int64_t now = time_argument_now();
    if (since_text != NULL && time_argument_read(since, since_text, now)) {
        return command_usage_error(arguments->command, "--since: %s", oyez_error_detail());
    }
    if (until_text != NULL && time_argument_read(until, until_text, now)) {
        return command_usage_error(arguments->command, "--until: %s", oyez_error_detail());
    }
    return EXIT_DONE;
}
