// SPDX-License-Identifier: MIT
// Details as JSON, by a plan with every kind of field: judging and converting are of one mind, and
// what was converted comes back the same. The same bytes are taken for a message, too.
// tests/fuzz/run runs it.
#include <stdlib.h>
#include <string.h>

#include "json_scan.h"
#include "sample_plan.h"
#include "schema/details.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void require_equal(const void *a, size_t a_size, const void *b, size_t b_size)
{
    require(a_size == b_size && memcmp(a, b, a_size) == 0);
}

// JSON that is sound becomes a message, which becomes JSON, which becomes the same message.
static void there_and_back(const char *text, size_t size)
{
    struct violation violation;
    uint8_t *bytes;
    uint8_t *again;
    char *shown;
    size_t bytes_size;
    size_t again_size;
    size_t shown_size;
    uint64_t unknown = 0;
    oyez_err err = details_check_json(sample_plan(), text, size, &violation);
    require(err == OYEZ_OK || (err == OYEZ_ERR_INVALID && violation.rule[0] != '\0'));
    require(details_from_json(sample_plan(), text, size, &bytes, &bytes_size, &violation) == err);
    if (err)
        return;
    require(details_to_json(sample_plan(), bytes, bytes_size, &shown, &shown_size, &unknown) ==
            OYEZ_OK);
    require(unknown == 0 && strlen(shown) == shown_size);
    require(details_from_json(sample_plan(), shown, shown_size, &again, &again_size, &violation) ==
            OYEZ_OK);
    require_equal(bytes, bytes_size, again, again_size);
    free(bytes);
    free(again);
    free(shown);
}

// A message that can be shown is shown as JSON that everybody can read.
static void show(const uint8_t *bytes, size_t size)
{
    struct oyez_json_fault fault;
    char *text;
    size_t text_size;
    if (details_to_json(sample_plan(), bytes, size, &text, &text_size, NULL))
        return;
    require(oyez_json_scan(text, text_size, OYEZ_JSON_DEPTH_MAX, &fault));
    there_and_back(text, text_size);
    free(text);
}

// What is cut is sound where it was before, and needs no second cut.
static void truncate_details(enum oyez_details_format format, const uint8_t *data, size_t size)
{
    struct violation violation;
    uint8_t *bytes;
    uint8_t *again;
    size_t bytes_size;
    size_t again_size;
    unsigned cut;
    if (details_truncate(sample_plan(), format, data, size, &bytes, &bytes_size, &cut))
        return;
    require((bytes != NULL) == (cut > 0));
    if (bytes == NULL)
        return;
    require(details_truncate(sample_plan(), format, bytes, bytes_size, &again, &again_size, &cut) ==
            OYEZ_OK);
    require(again == NULL);
    if (format == OYEZ_DETAILS_JSON &&
        details_check_json(sample_plan(), (const char *)data, size, &violation) == OYEZ_OK)
        require(details_check_json(sample_plan(), (const char *)bytes, bytes_size, &violation) ==
                OYEZ_OK);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    there_and_back((const char *)data, size);
    show(data, size);
    truncate_details(OYEZ_DETAILS_JSON, data, size);
    truncate_details(OYEZ_DETAILS_PROTOBUF, data, size);
    return 0;
}
