// SPDX-License-Identifier: MIT
// Details as protobuf bytes: the first two bytes choose a type of the built-in catalogs, the rest is
// judged. What is well can be written as JSON, and that is well too. tests/fuzz/run runs it.
#include <stdlib.h>
#include <string.h>

#include "catalog_set.h"
#include "schema/details.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_words(const struct violation *violation)
{
    require(violation->wrong || violation->missing);
    require(strncmp(violation->path, "details", 7) == 0);
    require(violation->rule[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct violation violation;
    char *text = NULL;
    size_t text_size;
    uint64_t unknown = 0;
    if (size < 2)
        return 0;
    const struct oyez_type *type = oyez_type_at((data[0] | data[1] << 8) % oyez_type_count());
    const struct plan *plan = type_plan(type);
    if (plan == NULL || plan->field_count == 0)
        return 0;
    // A copy of its own size, so that a byte too far is seen.
    uint8_t *bytes = malloc(size - 2 + (size == 2));
    require(bytes != NULL);
    memcpy(bytes, data + 2, size - 2);
    oyez_err err = details_check_protobuf(plan, bytes, size - 2, &violation);
    require(err == OYEZ_OK || err == OYEZ_ERR_INVALID);
    if (err != OYEZ_OK) {
        check_words(&violation);
    } else {
        require(details_to_json(plan, bytes, size - 2, &text, &text_size, &unknown) == OYEZ_OK);
        require(unknown == 0);
        require(details_check_json(plan, text, text_size, &violation) == OYEZ_OK);
    }
    free(text);
    free(bytes);
    return 0;
}
