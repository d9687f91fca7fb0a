// SPDX-License-Identifier: MIT
#include "print_invalid.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "inert.h"
#include "message.h"
#include "oyez/catalog.h"
#include "oyez/json.h"

// What the record alone knows is not told with the event.
static const char *find_reason(const struct oyez_event *event)
{
    oyez_err err = oyez_event_judge(event);
    return err == OYEZ_ERR_INVALID || err == OYEZ_ERR_TOO_LARGE
               ? oyez_error_detail()
               : "a rule of every event: personal without a salt, without an id, or sent as "
                 "another type";
}

static void write_text(FILE *out, const struct terminal *terminal, const char *text)
{
    if (terminal->is_tty) {
        inert_write(out, text, strlen(text));
    } else {
        fputs(text, out);
    }
}

bool print_invalid(FILE *out, const struct terminal *terminal, const struct oyez_event *event)
{
    fputs("    invalid: ", out);
    write_text(out, terminal, find_reason(event));
    return fputc('\n', out) != EOF;
}

// The reason as JSON text; the caller frees. NULL: no memory, or no text.
static char *quote_reason(const struct oyez_event *event)
{
    json_t *value = json_string(find_reason(event));
    char *text = value != NULL ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    json_decref(value);
    return text;
}

bool print_invalid_json(FILE *out, const struct terminal *terminal, const struct oyez_event *event)
{
    char *text = NULL;
    size_t size = 0;
    char *reason = quote_reason(event);
    oyez_err err = oyez_event_to_json(event, &text, &size);
    if (err != OYEZ_OK) {
        message_print("%s: %s", event->event_type, command_reason(err));
    } else {
        text[size - 1] = '\0'; // its closing brace
        write_text(out, terminal, text);
        fputs(",\"invalid\":", out);
        write_text(out, terminal, reason != NULL ? reason : "\"\"");
        fputs("}\n", out);
    }
    free(text);
    free(reason);
    return ferror(out) == 0;
}
