// SPDX-License-Identifier: MIT
// Converts details, a line at a time, for the test that compares with python3-protobuf:
//   details_oracle SET...
//   json TYPE HEX      protobuf to JSON: "ok HEX UNKNOWN" or "refused WHY"
//   protobuf TYPE HEX    JSON to protobuf: "ok HEX" or "refused WHY"
//   check TYPE HEX     judges JSON and protobuf that it was made to: "ok" or "refused WHY"
//   cross TYPE HEX     judges protobuf and the JSON that it was made to: "ok", "refused WHY" when
//                      both are, "differs WHY" when one is
//   cross_json TYPE HEX  judges JSON, protobuf that it was made to, and JSON again: the same
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/catalog.h"
#include "schema/details.h"

static void print_hex(const void *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++) {
        putchar(digits[at[i] >> 4]);
        putchar(digits[at[i] & 15]);
    }
}

static unsigned digit_of(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

// Exactly its size, so that a sanitizer sees a step beyond it.
static uint8_t *read_hex(const char *hex, size_t *size)
{
    *size = strlen(hex) / 2;
    uint8_t *bytes = malloc(*size > 0 ? *size : 1);
    if (bytes == NULL)
        abort();
    for (size_t i = 0; i < *size; i++)
        bytes[i] = (uint8_t)(digit_of(hex[2 * i]) << 4 | digit_of(hex[2 * i + 1]));
    return bytes;
}

static void tell(const struct violation *violation)
{
    printf("refused %s: %s %s\n", violation->path, violation->value, violation->rule);
}

static void to_json(const struct plan *plan, const uint8_t *bytes, size_t size)
{
    char *text = NULL;
    size_t text_size;
    uint64_t unknown;
    if (details_to_json(plan, bytes, size, &text, &text_size, &unknown)) {
        printf("refused %s\n", oyez_error_detail());
        return;
    }
    printf("ok ");
    print_hex(text, text_size);
    printf(" %" PRIu64 "\n", unknown);
    free(text);
}

static void to_protobuf(const struct plan *plan, const uint8_t *text, size_t size)
{
    uint8_t *bytes = NULL;
    size_t bytes_size;
    struct violation violation;
    if (details_from_json(plan, (const char *)text, size, &bytes, &bytes_size, &violation)) {
        tell(&violation);
        return;
    }
    printf("ok ");
    print_hex(bytes, bytes_size);
    putchar('\n');
    free(bytes);
}

static void check(const struct plan *plan, const uint8_t *text, size_t size)
{
    struct violation violation;
    uint8_t *bytes = NULL;
    size_t bytes_size;
    oyez_err err =
        details_from_json(plan, (const char *)text, size, &bytes, &bytes_size, &violation);
    if (err == OYEZ_OK)
        err = details_check_protobuf(plan, bytes, bytes_size, &violation);
    if (err)
        tell(&violation);
    else
        puts("ok");
    free(bytes);
}

static bool passes(const struct violation *violation)
{
    return !violation->wrong && !violation->missing;
}

static void tell_difference(const struct violation *protobuf, const struct violation *json)
{
    printf("differs protobuf %s: %s %s; JSON %s: %s %s\n", passes(protobuf) ? "ok" : protobuf->path,
           passes(protobuf) ? "" : protobuf->value, passes(protobuf) ? "" : protobuf->rule,
           passes(json) ? "ok" : json->path, passes(json) ? "" : json->value,
           passes(json) ? "" : json->rule);
}

// What was refused may not be convertible, and a field that nobody knows goes on the way.
static void cross(const struct plan *plan, const uint8_t *bytes, size_t size)
{
    struct violation as_protobuf = {.wrong = false};
    struct violation as_json = {.wrong = false};
    char *text = NULL;
    size_t text_size;
    uint64_t unknown;
    (void)details_check_protobuf(plan, bytes, size, &as_protobuf);
    if (details_to_json(plan, bytes, size, &text, &text_size, &unknown)) {
        if (passes(&as_protobuf))
            printf("differs no JSON: %s\n", oyez_error_detail());
        else
            tell(&as_protobuf);
        return;
    }
    (void)details_check_json(plan, text, text_size, &as_json);
    if (passes(&as_protobuf) != passes(&as_json) && unknown == 0)
        tell_difference(&as_protobuf, &as_json);
    else if (passes(&as_protobuf))
        puts("ok");
    else
        tell(&as_protobuf);
    free(text);
}

static void cross_json(const struct plan *plan, const uint8_t *text, size_t size)
{
    struct violation as_json = {.wrong = false};
    struct violation as_protobuf = {.wrong = false};
    uint8_t *bytes = NULL;
    char *again = NULL;
    size_t bytes_size;
    size_t again_size;
    if (details_from_json(plan, (const char *)text, size, &bytes, &bytes_size, &as_json)) {
        tell(&as_json);
        return;
    }
    (void)details_check_protobuf(plan, bytes, bytes_size, &as_protobuf);
    bool same = passes(&as_protobuf);
    oyez_err err = OYEZ_OK;
    if (same)
        err = details_to_json(plan, bytes, bytes_size, &again, &again_size, NULL);
    if (same && err == OYEZ_OK)
        same = details_check_json(plan, again, again_size, &as_json) == OYEZ_OK;
    if (!same)
        tell_difference(&as_protobuf, &as_json);
    else if (err != OYEZ_OK)
        printf("differs no JSON again: %s\n", oyez_error_detail());
    else
        puts("ok");
    free(again);
    free(bytes);
}

static bool obey(char *line)
{
    char *rest = line;
    const char *command = strsep(&rest, " ");
    const char *name = strsep(&rest, " ");
    const char *hex = rest ? strsep(&rest, "\n") : NULL;
    const struct oyez_type *type = name ? oyez_type_find_version(name, strlen(name), NULL) : NULL;
    const struct plan *plan = type ? type_plan(type) : NULL;
    if (plan == NULL || hex == NULL)
        return false;
    size_t size;
    uint8_t *bytes = read_hex(hex, &size);
    if (strcmp(command, "json") == 0)
        to_json(plan, bytes, size);
    else if (strcmp(command, "protobuf") == 0)
        to_protobuf(plan, bytes, size);
    else if (strcmp(command, "cross") == 0)
        cross(plan, bytes, size);
    else if (strcmp(command, "cross_json") == 0)
        cross_json(plan, bytes, size);
    else
        check(plan, bytes, size);
    free(bytes);
    fflush(stdout);
    return true;
}

// For reading only: catalogs that emit would not take are read too.
static bool load(const char *path)
{
    FILE *file = fopen(path, "rb");
    static uint8_t bytes[4u << 20];
    size_t size = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file)
        fclose(file);
    if (size > 0 && oyez_catalog_add(bytes, size, path, true) == OYEZ_OK)
        return true;
    fprintf(stderr, "%s: %s\n", path, oyez_error_detail());
    return false;
}

int main(int count, char **arguments)
{
    char *line = NULL;
    size_t room = 0;
    int status = 0;
    for (int i = 1; status == 0 && i < count; i++)
        status = load(arguments[i]) ? 0 : 2;
    while (status == 0 && getline(&line, &room, stdin) > 0) {
        if (!obey(line)) {
            fprintf(stderr, "no such type: %.80s\n", line);
            status = 2;
        }
    }
    free(line);
    return status;
}
