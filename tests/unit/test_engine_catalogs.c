// SPDX-License-Identifier: MIT
// What an engine knows of catalogs: it gives them out, and judges events by them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "oyez/catalog.h"
#include "recorded_events.h"

static const struct answer *ask_catalog(struct recorded *recorded, const char *type,
                                        const char *version)
{
    oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_catalog_tag);
    snprintf(request->body.catalog.event_type, sizeof request->body.catalog.event_type, "%s", type);
    snprintf(request->body.catalog.schema_version, sizeof request->body.catalog.schema_version,
             "%s", version);
    return recorded_ask(recorded, request);
}

static void test_a_catalog_is_given_out_by_type_and_version(void **state)
{
    (void)state;
    struct recorded recorded;
    const void *bytes;
    size_t size;
    recorded_open(&recorded);
    const struct oyez_type *type = oyez_type_find("plan.created", 12);
    oyez_catalog_descriptor_set(type->catalog, &bytes, &size);
    const char *const versions[] = {"", type->version};
    for (size_t i = 0; i < 2; i++) {
        const struct answer *answer = ask_catalog(&recorded, "plan.created", versions[i]);
        assert_int_equal(answer->head.fault, 0);
        assert_int_equal(answer->page.count, 2);
        assert_int_equal(answer->page.frames[1].size, size);
        assert_memory_equal(answer->page.frames[1].bytes, bytes, size);
    }
    assert_int_equal(ask_catalog(&recorded, "plan.created", "77.0.0")->head.fault,
                     oyez_v1_QueryFault_QUERY_FAULT_NOT_FOUND);
    assert_int_equal(ask_catalog(&recorded, "nobody.knows", "")->head.fault,
                     oyez_v1_QueryFault_QUERY_FAULT_NOT_FOUND);
    recorded_close(&recorded);
}

static void flag_invalid(struct oyez_journal_record *record)
{
    record->flags |= OYEZ_RECORD_INVALID;
}

static void test_a_query_for_invalid_events_judges_them_again(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open(&recorded);
    struct oyez_event good = recorded_event("session.created", "{}");
    struct oyez_event bad = recorded_event("tool.retried", "{\"attempt\":0}");
    struct oyez_event other_version = recorded_event("tool.retried", "{\"attempt\":0}");
    struct oyez_event unknown = recorded_event("nobody.knows", "{}");
    struct oyez_event flagged = recorded_event("nobody.knows", "{}");
    other_version.schema_version = "77.0.0";
    bool good_is_good = oyez_event_judge(&good) == OYEZ_OK;
    recorded_add(&recorded, &good);
    recorded_add(&recorded, &bad);
    recorded_add(&recorded, &other_version);
    recorded_add(&recorded, &unknown);
    recorded_add_as(&recorded, &flagged, flag_invalid);
    recorded_commit(&recorded);
    oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_query_tag);
    request->body.query.invalid = true;
    const struct answer *answer = recorded_ask(&recorded, request);
    assert_int_equal(answer->head.fault, 0);
    assert_true(good_is_good);
    assert_int_equal(answer->count, 2);
    assert_int_equal(recorded_read(answer, 0)->stamp.position, 2);
    assert_int_equal(recorded_read(answer, 1)->stamp.position, 5);
    request->body.query.invalid = false;
    assert_int_equal(recorded_ask(&recorded, request)->count, 5);
    recorded_close(&recorded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_catalog_is_given_out_by_type_and_version),
        cmocka_unit_test(test_a_query_for_invalid_events_judges_them_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
