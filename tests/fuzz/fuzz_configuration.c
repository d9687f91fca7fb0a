// SPDX-License-Identifier: MIT
// Configuration files: whatever stands in one, it is read whole or told with file and line. What is
// read is written again, flat, and then means the same. tests/fuzz/run runs it.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/config.h"
#include "oyez/limits.h"

struct values {
    char *text;
    uint64_t count;
    bool flag;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct oyez_config_key keys[] = {
    {"text", OYEZ_CONFIG_TEXT, offsetof(struct values, text)},
    {"count", OYEZ_CONFIG_COUNT, offsetof(struct values, count)},
    {"flag", OYEZ_CONFIG_FLAG, offsetof(struct values, flag)},
    {NULL, OYEZ_CONFIG_FLAG, 0},
};

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void require_place(oyez_err err)
{
    const char *detail = oyez_error_detail();
    require(err == OYEZ_ERR_INVALID || err == OYEZ_ERR_TOO_LARGE);
    require(strncmp(detail, "f.ini:", strlen("f.ini:")) == 0);
    require(err == OYEZ_ERR_TOO_LARGE || (detail[6] >= '1' && detail[6] <= '9'));
}

static void check_keys(const char *text, size_t size)
{
    struct values values = {0};
    const struct oyez_config_section sections[] = {
        {.name = "views", .keys = keys, .values = &values}, {0}};
    oyez_err err = oyez_config_file_parse("f.ini", text, size, sections);
    if (err != OYEZ_OK) {
        require_place(err);
    }
    free(values.text);
}

// The patterns that a view means; NULL where a catalog lacks a domain.
static const char **expand(const struct oyez_config *config, const char *name, size_t *count)
{
    char word[128];
    const char *const words[] = {word};
    const char **patterns;
    snprintf(word, sizeof word, OYEZ_CONFIG_VIEW_PREFIX "%s", name);
    oyez_err err = oyez_config_views_expand(config->views, words, 1, &patterns, count);
    if (err == OYEZ_ERR_INVALID) {
        require_place(err);
        return NULL;
    }
    if (err == OYEZ_ERR_TOO_LARGE) {
        return NULL;
    }
    require(err == OYEZ_OK && *count > 0 && *count <= OYEZ_PATTERNS_MAX);
    return patterns;
}

static void check_view(const struct oyez_config *config, const char *name)
{
    struct oyez_config again;
    size_t count, again_count;
    const char **patterns = expand(config, name, &count);
    if (patterns == NULL) {
        return;
    }
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    require(memory != NULL);
    fprintf(memory, "[views]\n%s =\n", name);
    for (size_t i = 0; i < count; i++) {
        fprintf(memory, " %s\n", patterns[i]);
    }
    fclose(memory);
    if (size <= OYEZ_CONFIG_FILE_SIZE_MAX) {
        require(oyez_config_parse(&again, NULL, "f.ini", text, size) == OYEZ_OK);
        const char **same = expand(&again, name, &again_count);
        require(same != NULL && again_count == count);
        for (size_t i = 0; i < count; i++) {
            require(strcmp(same[i], patterns[i]) == 0);
        }
        free(same);
        oyez_config_free(&again);
    }
    free(text);
    free(patterns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct oyez_config config;
    char *text = malloc(size + 1);
    const char *name;
    require(text != NULL);
    memcpy(text, data, size);
    oyez_err err = oyez_config_parse(&config, NULL, "f.ini", text, size);
    if (err != OYEZ_OK) {
        require_place(err);
    } else {
        // Some of them: the cost of all would grow with the square of the input.
        for (size_t i = 0; i < 8 && (name = oyez_config_views_name(config.views, i, NULL)); i++) {
            check_view(&config, name);
        }
        oyez_config_free(&config);
    }
    check_keys(text, size);
    free(text);
    return 0;
}
