// SPDX-License-Identifier: MIT
#include "repair.h"

#include "reply.h"

// Frames for one answer: from a cursor on, in order.
struct selection {
    struct oyez_ring_cursor cursor;
    unsigned count;
    size_t size;
    uint64_t through; // 0 = none
};

static uint64_t higher(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

// The frames from `from` to `to` that one answer holds: one at least, where there is one.
static struct selection select_frames(const struct oyez_ring *ring, uint64_t from, uint64_t to)
{
    struct selection selection = {0};
    if (!oyez_ring_find(ring, from, &selection.cursor))
        return selection;
    struct oyez_ring_cursor cursor = selection.cursor;
    struct oyez_ring_frame frame;
    while (oyez_ring_next(ring, &cursor, &frame) && frame.position <= to) {
        bool fits = selection.size + frame.size <= OYEZ_REPAIR_SIZE_MAX &&
                    selection.count < OYEZ_REPAIR_FRAMES_MAX;
        if (selection.count > 0 && !fits)
            break;
        selection.count++;
        selection.size += frame.size;
        selection.through = frame.position + frame.count - 1;
    }
    return selection;
}

static size_t send_frames(struct oyez_broker *broker, uint32_t session,
                          const struct selection *selection)
{
    if (oyez_reply_send_to(broker, session, &broker->answer, selection->count > 0) != OYEZ_PAID) {
        oyez_counter_add(&broker->counters, OYEZ_COUNT_CONTROL_UNSENT, 1);
        return 0;
    }
    oyez_counter_add(&broker->counters, OYEZ_COUNT_REPAIRS, 1);
    oyez_counter_add(&broker->counters, OYEZ_COUNT_REPAIR_FRAMES, selection->count);
    struct oyez_ring_cursor cursor = selection->cursor;
    struct oyez_ring_frame frame;
    for (unsigned left = selection->count; left > 0; left--) {
        oyez_ring_next(&broker->ingress.ring, &cursor, &frame);
        oyez_reply_copy(broker, frame.data, frame.size, left > 1);
    }
    return selection->size;
}

size_t oyez_repair_answer(struct oyez_broker *broker, uint32_t session)
{
    const oyez_v1_RepairRequest *request = &broker->request.body.repair_request;
    const struct oyez_ingress *ingress = &broker->ingress;
    if (request->from == 0 || request->to < request->from) {
        oyez_counter_add(&broker->counters, OYEZ_COUNT_BAD_CONTROL, 1);
        return 0;
    }
    broker->answer.protocol_version = OYEZ_PROTOCOL_VERSION;
    broker->answer.request_id = broker->request.request_id;
    broker->answer.which_body = oyez_v1_FromBroker_repair_tag;
    oyez_v1_Repair *repair = &broker->answer.body.repair;
    *repair = (oyez_v1_Repair){.epoch = request->epoch, .from = request->from, .to = request->to};
    struct selection selection = {0};
    // The ring holds nothing of another epoch.
    if (request->epoch == ingress->epoch) {
        repair->oldest = oyez_ring_first_position(&ingress->ring);
        repair->head = ingress->position;
        selection =
            select_frames(&ingress->ring, higher(request->from, repair->oldest), request->to);
        repair->through = selection.through;
    }
    return send_frames(broker, session, &selection);
}
