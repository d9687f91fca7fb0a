// SPDX-License-Identifier: MIT
// usage: example-catalog_page EVENT_TYPE
// What a reader needs to know of an event type, made from its catalog: its page, an example that is
// good by its rules, and a JSON Schema for other tools.
#include <oyez/catalog.h>
#include <oyez/catalog_tools.h>
#include <oyez/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static oyez_err check_example(const char *line)
{
    struct oyez_event *event = NULL;
    oyez_err err = oyez_event_from_json(&event, line, strlen(line));
    if (err == OYEZ_OK)
        err = oyez_event_check(event);
    oyez_event_free(&event);
    return err;
}

int main(int argc, char **argv)
{
    char *page = NULL;
    char *example = NULL;
    char *schema = NULL;
    const struct oyez_type *type = argc == 2 ? oyez_type_find(argv[1], strlen(argv[1])) : NULL;
    if (type == NULL) {
        fprintf(stderr, "usage: %s EVENT_TYPE, of a catalog\n", argv[0]);
        return 2;
    }

    oyez_err err = oyez_type_markdown(type, &page);
    if (err == OYEZ_OK)
        err = oyez_type_example(type, &example);
    if (err == OYEZ_OK)
        err = check_example(example);
    if (err == OYEZ_OK)
        err = oyez_type_json_schema(type, &schema);
    if (err == OYEZ_OK)
        printf("%s%s\n%s", page, example, schema); // two of them end in a newline
    else
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());

    free(page);
    free(example);
    free(schema);
    return err == OYEZ_OK ? 0 : 1;
}
