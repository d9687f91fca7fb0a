// SPDX-License-Identifier: MIT
// What a command line's words mean once each view is replaced by its patterns.
#include <assert.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/limits.h"
#include "oyez/pattern.h"
#include "view_set.h"

struct expansion {
    const oyez_config_views *views;
    bool *seen; // which views are in it already
    void *tree; // of the patterns, by tsearch
    const char **patterns;
    size_t count;
    size_t capacity;
};

static int compare_texts(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void keep_node(void *node)
{
    (void)node;
}

static oyez_err fail_memory(void)
{
    return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for patterns");
}

static oyez_err add_pattern(struct expansion *expansion, const char *pattern)
{
    if (tfind(pattern, &expansion->tree, compare_texts) != NULL) {
        return OYEZ_OK;
    }
    if (expansion->count == OYEZ_PATTERNS_MAX) {
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "more than %u patterns", OYEZ_PATTERNS_MAX);
    }
    if (expansion->count == expansion->capacity) {
        size_t capacity = expansion->capacity != 0 ? expansion->capacity * 2 : 32;
        const char **more = realloc(expansion->patterns, capacity * sizeof *more);
        if (more == NULL) {
            return fail_memory();
        }
        expansion->patterns = more;
        expansion->capacity = capacity;
    }
    if (tsearch(pattern, &expansion->tree, compare_texts) == NULL) {
        return fail_memory();
    }
    expansion->patterns[expansion->count++] = pattern;
    return OYEZ_OK;
}

static oyez_err check_domain(const oyez_config_views *views, const struct view *view,
                             const struct view_word *word)
{
    oyez_err err = word->text[0] == '@' ? oyez_pattern_check(word->text) : OYEZ_OK;
    return err == OYEZ_OK ? OYEZ_OK
                          : oyez_fail(err, "%s:%u: view %s: %s", views->file, word->line,
                                      view->name, oyez_error_detail());
}

// Calls itself at most OYEZ_CONFIG_VIEW_DEPTH_MAX deep: the set is checked.
static oyez_err add_view(struct expansion *expansion, size_t index)
{
    const struct view *view = &expansion->views->views[index];
    assert(view->height > 0);
    oyez_err err = OYEZ_OK;
    // What is in it once is in it; so each view is walked once, however many name it.
    if (expansion->seen[index]) {
        return OYEZ_OK;
    }
    expansion->seen[index] = true;
    for (size_t i = 0; err == OYEZ_OK && i < view->count; i++) {
        const struct view_word *word = &view->words[i];
        if (word->view != VIEW_NONE) {
            err = add_view(expansion, word->view);
            continue;
        }
        err = check_domain(expansion->views, view, word);
        if (err == OYEZ_OK) {
            err = add_pattern(expansion, word->text);
        }
    }
    return err;
}

static oyez_err add_word(struct expansion *expansion, const char *word)
{
    const char *name = oyez_config_view_name(word);
    if (name == NULL) {
        return add_pattern(expansion, word);
    }
    size_t index = view_set_find(expansion->views, name);
    return index != VIEW_NONE ? add_view(expansion, index)
                              : oyez_fail(OYEZ_ERR_NOT_FOUND, "there is no view '%.80s'", name);
}

oyez_err oyez_config_views_expand(const oyez_config_views *views, const char *const *words,
                                  size_t word_count, const char ***patterns, size_t *pattern_count)
{
    struct expansion expansion = {.views = views};
    oyez_err err = OYEZ_OK;
    *patterns = NULL;
    *pattern_count = 0;
    expansion.seen = calloc(views->count + 1, sizeof *expansion.seen);
    if (expansion.seen == NULL) {
        return fail_memory();
    }
    for (size_t i = 0; err == OYEZ_OK && i < word_count; i++) {
        err = add_word(&expansion, words[i]);
    }
    if (err == OYEZ_OK) {
        *patterns = expansion.patterns;
        *pattern_count = expansion.count;
    } else {
        free(expansion.patterns);
    }
    tdestroy(expansion.tree, keep_node);
    free(expansion.seen);
    return err;
}
