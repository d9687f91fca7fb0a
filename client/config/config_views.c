// SPDX-License-Identifier: MIT
#include "oyez/config_views.h"

#include <stdlib.h>
#include <string.h>

#include "oyez/pattern.h"
#include "view_set.h"

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789-"
#define BLANKS " \t\r\f\v"

oyez_err oyez_config_views_open(oyez_config_views **out, const char *file)
{
    *out = calloc(1, sizeof **out);
    if (*out != NULL) {
        (*out)->file = strdup(file);
    }
    if (*out == NULL || (*out)->file == NULL) {
        oyez_config_views_close(out);
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: no memory for its views", file);
    }
    return OYEZ_OK;
}

void oyez_config_views_close(oyez_config_views **views)
{
    if (views == NULL || *views == NULL) {
        return;
    }
    for (size_t i = 0; i < (*views)->count; i++) {
        struct view *view = &(*views)->views[i];
        for (size_t k = 0; k < view->count; k++) {
            free(view->words[k].text);
        }
        free(view->words);
    }
    free((*views)->views);
    free((*views)->file);
    free(*views);
    *views = NULL;
}

const char *oyez_config_view_name(const char *pattern)
{
    size_t size = strlen(OYEZ_CONFIG_VIEW_PREFIX);
    return strncmp(pattern, OYEZ_CONFIG_VIEW_PREFIX, size) == 0 ? pattern + size : NULL;
}

size_t view_set_find(const oyez_config_views *views, const char *name)
{
    for (size_t i = 0; i < views->count; i++) {
        if (strcmp(views->views[i].name, name) == 0) {
            return i;
        }
    }
    return VIEW_NONE;
}

bool oyez_config_views_have(const oyez_config_views *views, const char *name)
{
    return view_set_find(views, name) != VIEW_NONE;
}

const char *oyez_config_views_name(const oyez_config_views *views, size_t i, unsigned *line)
{
    if (i >= views->count) {
        return NULL;
    }
    if (line != NULL) {
        *line = views->views[i].line;
    }
    return views->views[i].name;
}

static bool is_name(const char *name)
{
    size_t size = strlen(name);
    return size >= 1 && size <= OYEZ_CONFIG_NAME_SIZE_MAX && strspn(name, NAME_CHARACTERS) == size;
}

static oyez_err fail_name(const char *name)
{
    return oyez_fail(OYEZ_ERR_INVALID, "'%.80s' is no name of a view: 1 to %u of a-z 0-9 -", name,
                     OYEZ_CONFIG_NAME_SIZE_MAX);
}

static oyez_err check_word(const char *view, const char *word)
{
    const char *name = oyez_config_view_name(word);
    if (name != NULL) {
        return is_name(name) ? OYEZ_OK : fail_name(name);
    }
    // Which domains there are depends on the catalogs of whoever uses the view.
    if (word[0] == '@' && word[1] != '\0') {
        return OYEZ_OK;
    }
    oyez_err err = oyez_pattern_check(word);
    return err == OYEZ_OK ? OYEZ_OK
                          : oyez_fail(err, "view %s: '%.64s': %s", view, word, oyez_error_detail());
}

static oyez_err add_view(oyez_config_views *views, const struct oyez_config_entry *entry)
{
    if (!is_name(entry->name)) {
        return fail_name(entry->name);
    }
    size_t same = view_set_find(views, entry->name);
    if (same != VIEW_NONE) {
        return oyez_fail(OYEZ_ERR_INVALID, "view %s: a second time; first in line %u", entry->name,
                         views->views[same].line);
    }
    if (views->count == OYEZ_CONFIG_VIEWS_MAX) {
        return oyez_fail(OYEZ_ERR_INVALID, "more than %u views", OYEZ_CONFIG_VIEWS_MAX);
    }
    if (views->count == views->capacity) {
        size_t capacity = views->capacity != 0 ? views->capacity * 2 : 16;
        struct view *more = realloc(views->views, capacity * sizeof *more);
        if (more == NULL) {
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu views", capacity);
        }
        views->views = more;
        views->capacity = capacity;
    }
    struct view *view = &views->views[views->count++];
    *view = (struct view){.line = entry->line};
    memcpy(view->name, entry->name, strlen(entry->name) + 1);
    return OYEZ_OK;
}

// Takes over the text.
static oyez_err add_word(struct view *view, char *text, unsigned line)
{
    if (view->count == view->capacity) {
        size_t capacity = view->capacity != 0 ? view->capacity * 2 : 8;
        struct view_word *more = realloc(view->words, capacity * sizeof *more);
        if (more == NULL) {
            free(text);
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu patterns", capacity);
        }
        view->words = more;
        view->capacity = capacity;
    }
    view->words[view->count++] = (struct view_word){.text = text, .line = line, .view = VIEW_NONE};
    return OYEZ_OK;
}

static oyez_err add_words(struct view *view, const struct oyez_config_entry *entry)
{
    const char *word = entry->value + strspn(entry->value, BLANKS);
    while (*word != '\0') {
        size_t size = strcspn(word, BLANKS);
        char *text = strndup(word, size);
        if (text == NULL) {
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a pattern");
        }
        oyez_err err = check_word(view->name, text);
        if (err != OYEZ_OK) {
            free(text);
            return err;
        }
        err = add_word(view, text, entry->line);
        if (err != OYEZ_OK) {
            return err;
        }
        word += size + strspn(word + size, BLANKS);
    }
    return OYEZ_OK;
}

oyez_err oyez_config_views_take(void *views, const struct oyez_config_entry *entry)
{
    oyez_config_views *set = views;
    oyez_err err = entry->continued ? OYEZ_OK : add_view(set, entry);
    return err == OYEZ_OK ? add_words(&set->views[set->count - 1], entry) : err;
}
