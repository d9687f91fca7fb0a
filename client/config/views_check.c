// SPDX-License-Identifier: MIT
// Views that name views: each of them there, in no circle, and not too deep.
#include <stdio.h>
#include <string.h>

#include "view_set.h"

// The views from the one that is judged down to the one that is looked at.
struct chain {
    size_t views[OYEZ_CONFIG_VIEW_DEPTH_MAX];
    unsigned count;
};

static oyez_err fail_missing(const oyez_config_views *views, const struct view *view,
                             const struct view_word *word)
{
    return oyez_fail(OYEZ_ERR_INVALID, "%s:%u: view %s: there is no %s", views->file, word->line,
                     view->name, word->text);
}

// Writes "a > b > " from the chain's `first` on.
static void write_chain(char *out, size_t size, const oyez_config_views *views,
                        const struct chain *chain, unsigned first)
{
    size_t used = 0;
    for (unsigned i = first; i < chain->count && used < size; i++) {
        int added = snprintf(out + used, size - used, "%s > ", views->views[chain->views[i]].name);
        used += added > 0 ? (size_t)added : size;
    }
}

static oyez_err fail_circle(const oyez_config_views *views, const struct view_word *word,
                            const struct chain *chain, unsigned first)
{
    char text[320];
    write_chain(text, sizeof text, views, chain, first);
    return oyez_fail(OYEZ_ERR_INVALID, "%s:%u: views name each other in a circle: %s%s",
                     views->file, word->line, text, views->views[word->view].name);
}

static oyez_err fail_depth(const oyez_config_views *views, unsigned line, const char *name)
{
    return oyez_fail(OYEZ_ERR_INVALID, "%s:%u: view %s: views name views more than %u deep",
                     views->file, line, name, OYEZ_CONFIG_VIEW_DEPTH_MAX);
}

static bool find_in_chain(const struct chain *chain, size_t view, unsigned *at)
{
    for (*at = 0; *at < chain->count; (*at)++) {
        if (chain->views[*at] == view) {
            return true;
        }
    }
    return false;
}

static oyez_err judge(oyez_config_views *views, size_t index, struct chain *chain);

static oyez_err judge_word(oyez_config_views *views, struct view *view, struct view_word *word,
                           struct chain *chain)
{
    const char *name = oyez_config_view_name(word->text);
    unsigned first;
    if (name == NULL) {
        return OYEZ_OK;
    }
    word->view = view_set_find(views, name);
    if (word->view == VIEW_NONE) {
        return fail_missing(views, view, word);
    }
    if (find_in_chain(chain, word->view, &first)) {
        return fail_circle(views, word, chain, first);
    }
    struct view *named = &views->views[word->view];
    if (named->height == 0) {
        if (chain->count == OYEZ_CONFIG_VIEW_DEPTH_MAX) {
            return fail_depth(views, word->line, view->name);
        }
        oyez_err err = judge(views, word->view, chain);
        if (err != OYEZ_OK) {
            return err;
        }
    }
    return OYEZ_OK;
}

// Calls itself through judge_word, at most OYEZ_CONFIG_VIEW_DEPTH_MAX deep: the chain ends there.
static oyez_err judge(oyez_config_views *views, size_t index, struct chain *chain)
{
    struct view *view = &views->views[index];
    unsigned height = 1;
    chain->views[chain->count++] = index;
    for (size_t i = 0; i < view->count; i++) {
        struct view_word *word = &view->words[i];
        oyez_err err = judge_word(views, view, word, chain);
        if (err != OYEZ_OK) {
            return err;
        }
        if (word->view != VIEW_NONE && views->views[word->view].height >= height) {
            height = views->views[word->view].height + 1;
        }
        // Views that were judged before may be deep themselves.
        if (height > OYEZ_CONFIG_VIEW_DEPTH_MAX) {
            return fail_depth(views, word->line, view->name);
        }
    }
    chain->count--;
    view->height = height;
    return OYEZ_OK;
}

oyez_err oyez_config_views_check(oyez_config_views *views)
{
    for (size_t i = 0; i < views->count; i++) {
        struct chain chain = {.count = 0};
        const struct view *view = &views->views[i];
        // Without a pattern it would stand for everything.
        if (view->count == 0) {
            return oyez_fail(OYEZ_ERR_INVALID, "%s:%u: view %s: no pattern", views->file,
                             view->line, view->name);
        }
        oyez_err err = view->height == 0 ? judge(views, i, &chain) : OYEZ_OK;
        if (err != OYEZ_OK) {
            return err;
        }
    }
    return OYEZ_OK;
}
