// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "recorder_fixture.h"
#include "wire/envelope.h"

#define LARGE (900u * 1024u)

static void publish_large(struct recorder_fixture *fixture, uint64_t position)
{
    static const char type[] = "plan.created";
    uint8_t *frame = malloc(LARGE + 4096);
    char *details = malloc(LARGE);
    memset(details, ' ', LARGE);
    memcpy(details, "{}", 2);
    struct oyez_uuid emitter = recorder_emitter_id(1);
    struct oyez_event event = {.event_id = recorder_event_id(1, position),
                               .event_type = type,
                               .occurred_at = 1,
                               .details_format = OYEZ_DETAILS_JSON,
                               .details = details,
                               .details_size = LARGE};
    size_t header_size, size = oyez_event_measure(&event, &header_size);
    size_t used = oyez_batch_begin(frame, type, strlen(type), emitter.bytes, position, 0);
    used += oyez_batch_begin_event(frame + used, size);
    used += oyez_event_encode(&event, header_size, frame + used);
    oyez_batch_stamp(frame, sizeof type, fixture->broker.epoch, position, position, 1);
    fake_broker_publish_raw(&fixture->broker, frame, used);
    free(frame);
    free(details);
}

// The disk stands still: what has no room stays with the broker, and control is answered.
static void test_intake_goes_on_when_the_disk_stands_still(void **state)
{
    struct recorder_fixture *fixture = *state;
    struct oyez_recorder_counters counters;
    const unsigned all = 80; // 72 MB: more than all buffers of a recorder hold
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 1);
    recorder_await_confirm(fixture, 1);
    recorder_hold_syncs(fixture, true);
    // Pings are sent and answered all the while; without an answer it gives up after 3 s.
    for (uint64_t i = 2; i <= all; i++) {
        publish_large(fixture, i);
        assert_false(fake_broker_hears_within(&fixture->broker, oyez_v1_ToBroker_hello_tag, 0));
    }
    assert_false(fake_broker_hears_within(&fixture->broker, oyez_v1_ToBroker_hello_tag, 3500));
    oyez_recorder_get_counters(fixture->recorder, &counters);
    assert_true(counters.attached);
    assert_true(counters.events < all / 2);
    assert_int_equal(counters.position, 1);
    recorder_hold_syncs(fixture, false);
    recorder_await_confirm(fixture, all);
    recorder_stop(fixture);
}

#define FIXED(test)                                                                                \
    cmocka_unit_test_setup_teardown(test, recorder_fixture_open, recorder_fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_intake_goes_on_when_the_disk_stands_still),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
