// SPDX-License-Identifier: MIT
// Intake's thread: polls the sockets, and never waits for the disk.
#include "intake.h"
#include "wire/clock.h"

#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

#define SLEEP_MS_MAX 50
#define READ_FRAMES_MAX 256 // between two looks at the other sockets
// What is on its way when the recorder is closed gets so long to come.
#define DRAIN_MS 500u
#define SYNC_MS_MAX 10000u

static bool is_stopping(struct oyez_recorder *recorder)
{
    pthread_mutex_lock(&recorder->lock);
    bool stopping = recorder->stopping || recorder->failed != OYEZ_OK;
    pthread_mutex_unlock(&recorder->lock);
    return stopping;
}

static bool may_read(const struct recorder_intake *intake)
{
    return intake->egress != NULL && !intake->repairing && !intake->asking.full &&
           intake->room >= OYEZ_FRAME_SIZE_MAX;
}

// True when there may be more.
static bool read_egress(struct recorder_intake *intake)
{
    zmq_msg_t frame;
    bool more = true;
    bool heard = !may_read(intake); // who does not read cannot know
    zmq_msg_init(&frame);
    for (int i = 0; i < READ_FRAMES_MAX && more && may_read(intake); i++) {
        more = zmq_msg_recv(&frame, intake->egress, ZMQ_DONTWAIT) >= 0;
        heard = heard || more;
        if (more && zmq_msg_more(&frame) == 0)
            recorder_stream_take(intake, zmq_msg_data(&frame), zmq_msg_size(&frame));
    }
    zmq_msg_close(&frame);
    if (heard)
        intake->egress_heard_ms = oyez_clock_monotonic_ms();
    return more && may_read(intake);
}

static void sleep_until_due(struct recorder_intake *intake, bool busy, uint64_t now_ms)
{
    zmq_pollitem_t items[3] = {
        {.fd = intake->recorder->wake_fd, .events = ZMQ_POLLIN},
        {.socket = intake->control, .events = ZMQ_POLLIN},
        {.socket = intake->egress, .events = ZMQ_POLLIN},
    };
    uint64_t due = recorder_control_due(intake);
    if (intake->recorder->mirror && intake->open && !intake->asking.full &&
        intake->asking.due_ms < due)
        due = intake->asking.due_ms;
    if (intake->repairing && intake->room >= OYEZ_FRAME_SIZE_MAX && intake->repair_due_ms < due)
        due = intake->repair_due_ms;
    long timeout_ms = due > now_ms + SLEEP_MS_MAX ? SLEEP_MS_MAX
                      : due > now_ms              ? (long)(due - now_ms)
                                                  : 1;
    (void)zmq_poll(items, may_read(intake) ? 3 : 2, busy ? 0 : timeout_ms);
    uint64_t wakes;
    if ((items[0].revents & ZMQ_POLLIN) != 0)
        (void)!read(intake->recorder->wake_fd, &wakes, sizeof wakes);
}

static void look_whether_caught_up(struct recorder_intake *intake)
{
    struct oyez_recorder *recorder = intake->recorder;
    if (!intake->open || !intake->beacon_seen || intake->epoch != intake->stream_epoch)
        return;
    pthread_mutex_lock(&recorder->lock);
    const struct oyez_recorder_counters *counters = &recorder->counters;
    bool caught_up =
        intake->beacon_position == 0 ||
        (counters->epoch == intake->stream_epoch && counters->position >= intake->beacon_position);
    if (recorder->mirror)
        caught_up = recorder_asking_is_caught_up(intake, recorder->safe_records);
    if (caught_up && !recorder->caught_up) {
        recorder->caught_up = true;
        pthread_cond_broadcast(&recorder->changed);
    }
    pthread_mutex_unlock(&recorder->lock);
}

// What would be lost with this thread.
static void keep_heard(struct recorder_intake *intake)
{
    struct oyez_recorder *recorder = intake->recorder;
    pthread_mutex_lock(&recorder->lock);
    recorder->heard = (struct recorder_heard){intake->stream_epoch, intake->highest, intake->ended};
    pthread_mutex_unlock(&recorder->lock);
}

static bool turn(struct recorder_intake *intake, bool busy)
{
    uint64_t now_ms = oyez_clock_monotonic_ms();
    recorder_stream_refresh_room(intake);
    recorder_control_tick(intake, now_ms);
    recorder_stream_ask_beacon(intake, now_ms);
    recorder_repair_tick(intake, now_ms);
    recorder_asking_tick(intake, now_ms);
    sleep_until_due(intake, busy, now_ms);
    recorder_control_read(intake, oyez_clock_monotonic_ms());
    busy = read_egress(intake);
    recorder_confirm(intake);
    if (!intake->recorder->mirror)
        recorder_send_answer(intake);
    look_whether_caught_up(intake);
    keep_heard(intake);
    return busy;
}

static bool has_synced_all(struct oyez_recorder *recorder)
{
    pthread_mutex_lock(&recorder->lock);
    bool all = recorder->syncing_ended;
    pthread_mutex_unlock(&recorder->lock);
    return all;
}

// Nothing more will be put into the queue.
static void end_queue(struct oyez_recorder *recorder)
{
    pthread_mutex_lock(&recorder->lock);
    recorder->queue_ended = true;
    pthread_cond_broadcast(&recorder->for_write);
    pthread_mutex_unlock(&recorder->lock);
}

// Takes what is on its way, waits until it is safe, confirms it, and says goodbye.
static void end_well(struct recorder_intake *intake)
{
    struct oyez_recorder *recorder = intake->recorder;
    uint64_t end_ms = oyez_clock_monotonic_ms() + DRAIN_MS;
    bool busy = true;
    // Once dry is enough: what is published from now on is nobody's promise.
    while (busy && oyez_clock_monotonic_ms() < end_ms) {
        recorder_stream_refresh_room(intake);
        bool full = intake->room < OYEZ_FRAME_SIZE_MAX;
        if (full)
            sleep_until_due(intake, false, oyez_clock_monotonic_ms());
        busy = read_egress(intake) || full;
    }
    end_queue(recorder);
    end_ms = oyez_clock_monotonic_ms() + SYNC_MS_MAX;
    while (!has_synced_all(recorder) && oyez_clock_monotonic_ms() < end_ms) {
        recorder_control_tick(intake, oyez_clock_monotonic_ms());
        sleep_until_due(intake, false, oyez_clock_monotonic_ms());
        recorder_control_read(intake, oyez_clock_monotonic_ms());
    }
    recorder_confirm(intake);
    keep_heard(intake);
    // Without a goodbye the broker knows that there is more to come from this journal.
    if (intake->open && !recorder_has_failed(recorder))
        recorder_control_goodbye(intake);
}

static void close_sockets(struct recorder_intake *intake)
{
    if (intake->control != NULL)
        zmq_close(intake->control);
    if (intake->egress != NULL)
        zmq_close(intake->egress);
}

static void begin(struct recorder_intake *intake, struct oyez_recorder *recorder)
{
    intake->recorder = recorder;
    intake->hello_first = 1;
    intake->heard_ms = oyez_clock_monotonic_ms();
    intake->stream_epoch = recorder->place.epoch;
    intake->next = recorder->place.position + 1;
    intake->highest = recorder->place.position;
    intake->told_through = recorder->place;
    // The writer is done with what it has; intake may have been in a later epoch already.
    const struct recorder_heard *heard = &recorder->heard;
    if (heard->epoch < intake->stream_epoch)
        return;
    if (heard->epoch > intake->stream_epoch) {
        intake->stream_epoch = heard->epoch;
        intake->next = 1;
        intake->highest = 0;
    }
    if (heard->highest > intake->highest)
        intake->highest = heard->highest;
    intake->ended = heard->clean;
}

void *recorder_intake_run(void *arg)
{
    struct oyez_recorder *recorder = arg;
    struct recorder_intake *intake = calloc(1, sizeof *intake);
    if (intake == NULL) {
        recorder_fail(recorder, OYEZ_ERR_NO_MEMORY, "no memory for intake");
        end_queue(recorder);
        return NULL;
    }
    begin(intake, recorder);
    recorder_asking_begin(intake, recorder->safe_records);
    oyez_err err = recorder_control_open(intake);
    if (err != OYEZ_OK)
        recorder_fail(recorder, err, oyez_error_detail());
    for (bool busy = false; !is_stopping(recorder);)
        busy = turn(intake, busy);
    if (!recorder_has_failed(recorder))
        end_well(intake);
    end_queue(recorder);
    close_sockets(intake);
    recorder_commit_free(&intake->confirming);
    recorder_asking_end(intake);
    free(intake);
    return NULL;
}
