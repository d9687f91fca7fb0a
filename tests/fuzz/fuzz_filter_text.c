// SPDX-License-Identifier: MIT
// Filters that somebody types: whatever stands in one, it is understood or refused with a reason. What
// is understood is written again, shortest, and then means the same; completion of any part of it stays
// within its bounds. tests/fuzz/run runs it.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/tui/filter_completion.h"
#include "client/tui/filter_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_same(const struct filter_text *a, const struct filter_text *b)
{
    require(a->pattern_count == b->pattern_count && a->condition_count == b->condition_count);
    for (size_t i = 0; i < a->pattern_count; i++) {
        require(strcmp(a->patterns[i], b->patterns[i]) == 0);
    }
    for (size_t i = 0; i < a->condition_count; i++) {
        require(strcmp(a->conditions[i], b->conditions[i]) == 0);
    }
}

static void check_written(const struct filter_text *filter)
{
    // Quotes and backslashes at most double a text, and each word gets quotes.
    char written[4 * FILTER_TEXT_SIZE];
    struct filter_text again;
    require(filter_text_write(filter, written, sizeof written));
    if (strlen(written) < FILTER_TEXT_SIZE) {
        require(filter_text_read(&again, written) == OYEZ_OK);
        check_same(filter, &again);
        filter_text_close(&again);
    }
}

static void check_completion(const char *text, size_t size)
{
    static struct filter_completion completion;
    filter_completion_find(&completion, text, size);
    require(completion.count <= COMPLETIONS_MAX && completion.word_at <= size);
    for (size_t i = 0; i < completion.count; i++) {
        require(strncmp(completion.words[i], text + completion.word_at,
                        size - completion.word_at) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct filter_text filter;
    struct oyez_event event = {.event_type = "plan.created",
                               .plan_id = "P7",
                               .details_format = OYEZ_DETAILS_JSON,
                               .details = "{\"a\":{\"b\":1}}",
                               .details_size = 13,
                               .tags = {{"env", "prod"}}};
    char *text = malloc(size + 1);
    require(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    if (filter_text_read(&filter, text) == OYEZ_OK) {
        check_written(&filter);
        (void)filter_text_matches(&filter, &event);
    } else {
        require(oyez_error_detail()[0] != '\0');
    }
    filter_text_close(&filter);
    if (strlen(text) < FILTER_TEXT_SIZE) {
        check_completion(text, strlen(text));
    }
    free(text);
    return 0;
}
