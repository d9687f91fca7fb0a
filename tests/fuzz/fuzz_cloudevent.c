// SPDX-License-Identifier: MIT
// A CloudEvent that was read is written and read the same. tests/fuzz/run runs it.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli/cloudevent.h"
#include "oyez/catalog.h"
#include "oyez/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void write_and_read(const struct oyez_event *event)
{
    struct oyez_event *again;
    char *once;
    char *twice;
    size_t once_size;
    size_t twice_size;
    oyez_err err = cloudevent_write(event, &once, &once_size);
    // Escaped bytes of a schema version, and decoded details, are for others to judge.
    require(err == OYEZ_OK || err == OYEZ_ERR_MALFORMED);
    if (err != OYEZ_OK)
        return;
    require(memchr(once, '\n', once_size) == NULL);
    require(cloudevent_is(once, once_size));
    // A key twice in decoded details is written as it is, and not read.
    if (cloudevent_read(&again, once, once_size) == OYEZ_OK) {
        require(cloudevent_write(again, &twice, &twice_size) == OYEZ_OK);
        require(once_size == twice_size && memcmp(once, twice, once_size) == 0);
        free(twice);
        oyez_event_free(&again);
    } else {
        require(strstr(oyez_error_detail(), "a key stands twice") != NULL);
    }
    free(once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct oyez_event *event;
    char *text = malloc(size + 1);
    require(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    (void)cloudevent_is(text, size);
    if (cloudevent_read(&event, text, size) == OYEZ_OK) {
        (void)oyez_event_check(event);
        write_and_read(event);
        oyez_event_free(&event);
    }
    free(text);
    return 0;
}
