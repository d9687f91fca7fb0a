// SPDX-License-Identifier: MIT
// A hole in the stream is filled out of the broker's ring. Meanwhile egress is not read, so that
// what waits there is what comes next; what the broker drops of it is simply the next hole.
#include <string.h>
#include <zmq.h>

#include "intake.h"

// An answer that has not come yet may still be on its way: another one behind it would only make
// it longer. A new session asks at once.
#define ASK_AGAIN_MS 5000u
#define ASK_AGAIN_MS_MAX 60000u
#define RETRY_MS 50u
// An answer brings 256 KiB or one frame, and more in the queue where frames are small.
#define ROOM_TO_ASK (2u * 1024u * 1024u)
#define ROOM_FOR_GAPS 4096u

void recorder_repair_want(struct recorder_intake *intake, uint64_t through)
{
    // The ring that could fill it is gone with its epoch.
    if (intake->epoch > intake->stream_epoch)
        return;
    if (!intake->repairing) {
        intake->repairing = true;
        intake->repair_through = 0;
        intake->repair_due_ms = 0;
        intake->repair_wait_ms = ASK_AGAIN_MS;
    }
    if (through > intake->repair_through)
        intake->repair_through = through;
}

void recorder_repair_tick(struct recorder_intake *intake, uint64_t now_ms)
{
    if (!intake->repairing)
        return;
    if (intake->next > intake->repair_through || intake->epoch > intake->stream_epoch) {
        intake->repairing = false;
        return;
    }
    if (!intake->open || intake->epoch != intake->stream_epoch || now_ms < intake->repair_due_ms ||
        intake->room < ROOM_TO_ASK)
        return;
    memset(&intake->to_broker, 0, sizeof intake->to_broker);
    intake->to_broker.which_body = oyez_v1_ToBroker_repair_request_tag;
    intake->to_broker.body.repair_request = (oyez_v1_RepairRequest){
        .epoch = intake->stream_epoch, .from = intake->next, .to = intake->repair_through};
    bool said = recorder_control_say(intake, false);
    intake->repair_due_ms = now_ms + (said ? intake->repair_wait_ms : RETRY_MS);
    if (said && intake->repair_wait_ms < ASK_AGAIN_MS_MAX)
        intake->repair_wait_ms *= 2;
}

void recorder_repair_begin(struct recorder_intake *intake, const oyez_v1_Repair *repair)
{
    intake->gap_through = 0;
    // An answer to a question that was asked twice begins where nothing is missing any more.
    intake->repair_broken = !intake->repairing || repair->epoch != intake->stream_epoch ||
                            repair->from != intake->next || intake->room < ROOM_FOR_GAPS;
    if (intake->repair_broken)
        return;
    uint64_t last = repair->oldest > 0 ? repair->oldest - 1 : repair->head;
    // What follows may still wait on egress, though the ring has lost it.
    if (last > intake->repair_through)
        last = intake->repair_through;
    if (last >= intake->next)
        intake->gap_through = last;
}

void recorder_repair_frame(struct recorder_intake *intake, const void *frame, size_t size)
{
    struct oyez_batch batch;
    if (intake->repair_broken)
        return;
    if (oyez_batch_walk(&batch, frame, size) != OYEZ_BATCH_OK || batch.event_count == 0 ||
        batch.epoch != intake->stream_epoch || batch.position == 0) {
        intake->repair_broken = true;
        return;
    }
    if (intake->gap_through != 0) {
        recorder_stream_put_gap(intake, intake->gap_through, batch.broker_time);
        intake->gap_through = 0;
    }
    uint64_t before = intake->next;
    switch (recorder_stream_put(intake, &batch, frame, size)) {
    case RECORDER_PUT:
        pthread_mutex_lock(&intake->recorder->lock);
        intake->recorder->counters.repaired += intake->next - before;
        pthread_mutex_unlock(&intake->recorder->lock);
        break;
    case RECORDER_PUT_OLD:
        break;
    case RECORDER_PUT_AHEAD:
    case RECORDER_PUT_FULL:
        intake->repair_broken = true; // asked for again
        break;
    }
}

void recorder_repair_end(struct recorder_intake *intake, uint64_t now_ms)
{
    const struct oyez_disk *disk = intake->recorder->disk;
    const oyez_v1_Repair *repair = &intake->from_broker.body.repair;
    if (!intake->repairing || repair->epoch != intake->stream_epoch)
        return;
    if (intake->gap_through != 0)
        recorder_stream_put_gap(intake, intake->gap_through, disk->now(disk->context));
    intake->gap_through = 0;
    intake->repair_wait_ms = ASK_AGAIN_MS;
    // Without progress not at once again.
    if (intake->next > repair->from)
        intake->repair_due_ms = 0;
    else if (intake->repair_due_ms > now_ms + RETRY_MS)
        intake->repair_due_ms = now_ms + RETRY_MS;
    if (intake->next > intake->repair_through)
        intake->repairing = false;
}
