// SPDX-License-Identifier: MIT
// The scanner says what jansson says, and an event that was read is written and read the same.
// tests/fuzz/run runs it.
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "json_scan.h"
#include "oyez/catalog.h"
#include "oyez/json.h"
#include "oyez/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void compare_with_jansson(const char *text, size_t size)
{
    struct oyez_json_fault fault = {0};
    bool accepted = oyez_json_scan(text, size, OYEZ_JSON_DEPTH_MAX, &fault);
    require(accepted || (fault.byte >= 1 && fault.byte <= size + 1));
    if (!accepted && strstr(fault.rule, "nested"))
        return;
    // jansson 2.14 loses a NUL that stands behind a number or literal.
    require(!accepted || !memchr(text, 0, size));
    if (memchr(text, 0, size))
        return;
    json_error_t error;
    json_t *value =
        json_loadb(text, size, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &error);
    require(accepted == json_is_object(value));
    json_decref(value);
}

static void read_write_read(const char *text, size_t size)
{
    struct oyez_event *first;
    struct oyez_event *second;
    char *once;
    char *twice;
    size_t once_size;
    size_t twice_size;
    if (oyez_event_from_json(&first, text, size))
        return;
    oyez_event_check(first);
    require(oyez_event_to_json(first, &once, &once_size) == OYEZ_OK);
    require(memchr(once, '\n', once_size) == NULL);
    require(oyez_event_from_json(&second, once, once_size) == OYEZ_OK);
    require(oyez_event_to_json(second, &twice, &twice_size) == OYEZ_OK);
    require(once_size == twice_size && memcmp(once, twice, once_size) == 0);
    free(once);
    free(twice);
    oyez_event_free(&first);
    oyez_event_free(&second);
}

static void filter_details(const char *text, size_t size)
{
    static const char *const conditions[] = {"details.a=1", "details.a.b=[1]"};
    struct oyez_event event = {.details = text, .details_size = size};
    for (size_t i = 0; i < 2; i++) {
        oyez_filter *filter;
        require(oyez_filter_open(&filter, &conditions[i], 1) == OYEZ_OK);
        oyez_filter_matches(filter, &event);
        oyez_filter_close(&filter);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    compare_with_jansson(text, size);
    read_write_read(text, size);
    // A size of 0 would mean text with a NUL.
    if (size > 0)
        filter_details(text, size);
    return 0;
}
