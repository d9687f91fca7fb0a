// SPDX-License-Identifier: MIT
#include "filter_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

static void find_path(struct filter_store *store)
{
    const char *own = getenv("OYEZ_TUI_FILTERS");
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    int size = 0;
    if (own != NULL && own[0] != '\0') {
        size = snprintf(store->path, sizeof store->path, "%s", own);
    } else if (state != NULL && state[0] == '/') {
        size = snprintf(store->path, sizeof store->path, "%s/oyez/filters", state);
    } else if (home != NULL && home[0] == '/') {
        size = snprintf(store->path, sizeof store->path, "%s/.local/state/oyez/filters", home);
    }
    if (size < 0 || (size_t)size >= sizeof store->path) {
        store->path[0] = '\0';
    }
}

static bool is_name(const char *name)
{
    size_t size = strlen(name);
    return size > 0 && size < FILTER_NAME_SIZE && strspn(name, NAME_CHARACTERS) == size;
}

static oyez_err keep(struct filter_store *store, const char *name, const char *text)
{
    size_t at = 0;
    while (at < store->count && strcmp(store->filters[at].name, name) < 0) {
        at++;
    }
    bool known = at < store->count && strcmp(store->filters[at].name, name) == 0;
    if (!known && store->count == FILTER_STORE_MAX) {
        return oyez_fail(OYEZ_ERR_FULL, "there are %u filters: delete one", FILTER_STORE_MAX);
    }
    struct named_filter *filter = &store->filters[at];
    if (!known) {
        memmove(filter + 1, filter, (store->count - at) * sizeof *filter);
        store->count++;
    }
    snprintf(filter->name, sizeof filter->name, "%s", name);
    snprintf(filter->text, sizeof filter->text, "%s", text);
    return OYEZ_OK;
}

static bool is_filter(const char *text)
{
    struct filter_text filter = {.text = ""};
    bool valid = filter_text_read(&filter, text) == OYEZ_OK;
    filter_text_close(&filter);
    return valid;
}

void filter_store_open(struct filter_store *store)
{
    char line[FILTER_NAME_SIZE + FILTER_TEXT_SIZE + 2];
    memset(store, 0, sizeof *store);
    find_path(store);
    FILE *file = store->path[0] != '\0' ? fopen(store->path, "re") : NULL;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *tab = strchr(line, '\t');
        if (tab == NULL) {
            continue;
        }
        *tab = '\0';
        if (is_name(line) && strlen(tab + 1) < FILTER_TEXT_SIZE && is_filter(tab + 1)) {
            (void)keep(store, line, tab + 1);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
}

static void make_folders(const char *path)
{
    char folder[4096];
    for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
        (void)mkdir(folder, 0700);
    }
}

// A new file takes the old one's place, so that a crash leaves one of them.
static oyez_err save(const struct filter_store *store)
{
    char path[sizeof store->path + 4];
    if (store->path[0] == '\0') {
        return oyez_fail(OYEZ_ERR_IO, "there is no HOME to keep filters in");
    }
    make_folders(store->path);
    snprintf(path, sizeof path, "%s.new", store->path);
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        return oyez_fail(OYEZ_ERR_IO, "%s: %s", path, strerror(errno));
    }
    for (size_t i = 0; i < store->count; i++) {
        fprintf(file, "%s\t%s\n", store->filters[i].name, store->filters[i].text);
    }
    bool failed = ferror(file) != 0;
    failed = fclose(file) != 0 || failed;
    if (failed || rename(path, store->path) != 0) {
        return oyez_fail(OYEZ_ERR_IO, "%s: %s", path, strerror(errno));
    }
    return OYEZ_OK;
}

oyez_err filter_store_put(struct filter_store *store, const char *name, const char *text)
{
    if (!is_name(name)) {
        return oyez_fail(OYEZ_ERR_INVALID,
                         "a filter's name is 1 to 40 letters, digits, dashes and dots");
    }
    oyez_err err = keep(store, name, text);
    return err == OYEZ_OK ? save(store) : err;
}

oyez_err filter_store_remove(struct filter_store *store, size_t at)
{
    if (at >= store->count) {
        return OYEZ_OK;
    }
    store->count--;
    memmove(&store->filters[at], &store->filters[at + 1],
            (store->count - at) * sizeof store->filters[0]);
    return save(store);
}
