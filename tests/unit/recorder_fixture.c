// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "oyez/journal.h"
#include "recorder_fixture.h"
#include "wire/envelope.h"
#include "wire/topic.h"

static int sync_or_wait(void *context, int fd)
{
    struct recorder_fixture *fixture = context;
    pthread_mutex_lock(&fixture->lock);
    fixture->syncs++;
    pthread_cond_broadcast(&fixture->changed);
    while (fixture->hold_sync && fixture->let_syncs == 0)
        pthread_cond_wait(&fixture->changed, &fixture->lock);
    if (fixture->hold_sync)
        fixture->let_syncs--;
    int error = fixture->sync_error;
    pthread_mutex_unlock(&fixture->lock);
    errno = error;
    return error != 0 ? -1 : oyez_disk_system()->fdatasync(NULL, fd);
}

static ssize_t write_or_fail(void *context, int fd, const void *data, size_t size, off_t offset)
{
    struct recorder_fixture *fixture = context;
    pthread_mutex_lock(&fixture->lock);
    int error = fixture->write_error;
    pthread_mutex_unlock(&fixture->lock);
    errno = error;
    return error != 0 ? -1 : oyez_disk_system()->pwrite(NULL, fd, data, size, offset);
}

static uint64_t stopped_clock(void *context)
{
    (void)context;
    return FIXTURE_NOW;
}

static void keep_line(void *arg, enum oyez_severity severity, const char *line)
{
    struct recorder_fixture *fixture = arg;
    (void)severity;
    pthread_mutex_lock(&fixture->lock);
    size_t used = strlen(fixture->log);
    snprintf(fixture->log + used, sizeof fixture->log - used, "%s\n", line);
    pthread_mutex_unlock(&fixture->lock);
}

static void keep_failure(void *arg, oyez_err err, const char *line)
{
    struct recorder_fixture *fixture = arg;
    pthread_mutex_lock(&fixture->lock);
    fixture->failures++;
    fixture->failed = err;
    snprintf(fixture->failure, sizeof fixture->failure, "%s", line);
    pthread_cond_broadcast(&fixture->changed);
    pthread_mutex_unlock(&fixture->lock);
}

int recorder_fixture_open(void **state)
{
    struct recorder_fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    fake_broker_open(&fixture->broker);
    fixture->disk = *oyez_disk_system();
    fixture->disk.context = fixture;
    fixture->disk.fdatasync = sync_or_wait;
    fixture->disk.pwrite = write_or_fail;
    fixture->disk.now = stopped_clock;
    pthread_mutex_init(&fixture->lock, NULL);
    pthread_cond_init(&fixture->changed, NULL);
    snprintf(fixture->directory, sizeof fixture->directory, "/tmp/oyez-recorder-XXXXXX");
    assert_non_null(mkdtemp(fixture->directory));
    fixture->options = (struct oyez_recorder_options){.endpoint = fixture->broker.control_endpoint,
                                                      .directory = fixture->directory,
                                                      .disk = &fixture->disk,
                                                      // Syncs are counted: none by the clock.
                                                      .checkpoint_ms = 3600000,
                                                      .on_log = keep_line,
                                                      .on_failed = keep_failure,
                                                      .arg = fixture};
    *state = fixture;
    return 0;
}

void recorder_remove_directory(const char *path)
{
    char command[600];
    snprintf(command, sizeof command, "rm -rf %s %s.key", path, path);
    assert_int_equal(system(command), 0);
}

int recorder_fixture_close(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_hold_syncs(fixture, false);
    oyez_recorder_close(&fixture->recorder);
    fake_broker_close(&fixture->broker);
    recorder_remove_directory(fixture->directory);
    pthread_mutex_destroy(&fixture->lock);
    pthread_cond_destroy(&fixture->changed);
    free(fixture);
    return 0;
}

void recorder_start(struct recorder_fixture *fixture)
{
    pthread_mutex_lock(&fixture->lock);
    fixture->syncs = 0;
    pthread_mutex_unlock(&fixture->lock);
    assert_int_equal(oyez_recorder_open(&fixture->recorder, &fixture->options), OYEZ_OK);
}

void recorder_stop(struct recorder_fixture *fixture)
{
    oyez_recorder_close(&fixture->recorder);
    assert_null(fixture->recorder);
}

void recorder_kill(struct recorder_fixture *fixture)
{
    // What would be written while closing is not.
    pthread_mutex_lock(&fixture->lock);
    fixture->write_error = EIO;
    pthread_mutex_unlock(&fixture->lock);
    oyez_recorder_close(&fixture->recorder);
    pthread_mutex_lock(&fixture->lock);
    fixture->write_error = 0;
    fixture->failures = 0;
    pthread_mutex_unlock(&fixture->lock);
    // Its goodbye and all before it were never said.
    while (fake_broker_hears_within(&fixture->broker, oyez_v1_ToBroker_goodbye_tag, 20))
        ;
}

void recorder_welcome(struct recorder_fixture *fixture, uint64_t position)
{
    fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_hello_tag, &fixture->heard);
    recorder_answer_hello(fixture, fixture->heard.request_id, position);
}

void recorder_answer_hello(struct recorder_fixture *fixture, uint64_t request_id, uint64_t position)
{
    struct fake_broker *broker = &fixture->broker;
    static oyez_v1_FromBroker message;
    memset(&message, 0, sizeof message);
    message.request_id = request_id;
    message.which_body = oyez_v1_FromBroker_welcome_tag;
    oyez_v1_Welcome *welcome = &message.body.welcome;
    welcome->epoch = broker->epoch;
    welcome->instance = broker->instance;
    snprintf(welcome->control_endpoint, sizeof welcome->control_endpoint, "%s",
             broker->control_endpoint);
    snprintf(welcome->ingress_endpoint, sizeof welcome->ingress_endpoint, "%s",
             broker->ingress_endpoint);
    snprintf(welcome->egress_endpoint, sizeof welcome->egress_endpoint, "%s",
             broker->egress_endpoint);
    welcome->position = position;
    welcome->heartbeat_ms = 1000;
    fake_broker_say(broker, &message);
}

// A frame of the broker's own.
static void publish_heads(struct recorder_fixture *fixture, const char *topic,
                          const uint8_t *details, size_t size)
{
    static uint8_t frame[4096];
    static const uint8_t emitter_id[OYEZ_UUID_SIZE] = {1};
    struct oyez_event event = {.event_id = recorder_event_id(99, 1),
                               .event_type = topic,
                               .occurred_at = 1,
                               .details_format = OYEZ_DETAILS_PROTOBUF,
                               .details = details,
                               .details_size = size};
    size_t header_size, used = oyez_batch_begin(frame, topic, strlen(topic), emitter_id, 1, 1);
    size_t event_size = oyez_event_measure(&event, &header_size);
    used += oyez_batch_begin_event(frame + used, event_size);
    used += oyez_event_encode(&event, header_size, frame + used);
    oyez_batch_stamp(frame, strlen(topic) + 1, fixture->broker.epoch, 0, 0, 1);
    fake_broker_publish_raw(&fixture->broker, frame, used);
}

void recorder_beacon(struct recorder_fixture *fixture, uint64_t position)
{
    char topic[64];
    uint8_t details[64];
    size_t size;
    struct oyez_heads_message message = {.instance = fixture->broker.instance,
                                         .position = position};
    fake_broker_await_nonce(&fixture->broker, topic);
    assert_int_equal(oyez_beacon_encode(&message, NULL, 0, details, sizeof details, &size),
                     OYEZ_OK);
    publish_heads(fixture, topic, details, size);
}

void recorder_heartbeat(struct recorder_fixture *fixture, uint64_t position, bool ending)
{
    uint8_t details[64];
    size_t size;
    struct oyez_heads_message message = {.instance = fixture->broker.instance,
                                         .position = position};
    assert_int_equal(oyez_heartbeat_encode(&message, NULL, 0, details, sizeof details - 2, &size),
                     OYEZ_OK);
    if (ending) { // field 6, a varint
        details[size++] = 6 << 3;
        details[size++] = 1;
    }
    publish_heads(fixture, OYEZ_TOPIC_HEARTBEAT, details, size);
}

void recorder_attach(struct recorder_fixture *fixture, uint64_t position)
{
    recorder_welcome(fixture, position);
    recorder_beacon(fixture, position);
}

void recorder_begin(struct recorder_fixture *fixture)
{
    recorder_start(fixture);
    recorder_attach(fixture, 0);
}

struct oyez_uuid recorder_emitter_id(uint64_t emitter)
{
    return (struct oyez_uuid){{1, [15] = (uint8_t)emitter}};
}

struct oyez_uuid recorder_event_id(uint64_t emitter, uint64_t seq)
{
    return (struct oyez_uuid){
        {2, [6] = 0x70, [13] = (uint8_t)(seq >> 8), [14] = (uint8_t)seq, [15] = (uint8_t)emitter}};
}

static struct oyez_event make_event(const struct recorder_batch *batch, unsigned i)
{
    static const uint8_t salt[OYEZ_SALT_SIZE] = {3};
    const char *type = batch->type != NULL ? batch->type : "plan.created";
    const char *details = batch->details != NULL ? batch->details : "{}";
    struct oyez_event event = {.event_id = recorder_event_id(batch->emitter, batch->seq + i),
                               .event_type = batch->header_type != NULL ? batch->header_type : type,
                               .occurred_at = 1,
                               .details_format = OYEZ_DETAILS_JSON,
                               .details = details,
                               .details_size = strlen(details)};
    if (!oyez_uuid_is_zero(batch->event_id))
        event.event_id = batch->event_id;
    if ((batch->flags & OYEZ_FLAG_PERSONAL) != 0 && !batch->no_salt)
        event.salt = salt;
    return event;
}

size_t recorder_frame(struct recorder_fixture *fixture, const struct recorder_batch *batch,
                      uint8_t *out)
{
    const char *type = batch->type != NULL ? batch->type : "plan.created";
    struct oyez_uuid emitter = recorder_emitter_id(batch->emitter);
    size_t used =
        oyez_batch_begin(out, type, strlen(type), emitter.bytes, batch->seq, batch->flags);
    for (unsigned i = 0; i < (batch->count > 0 ? batch->count : 1); i++) {
        struct oyez_event event = make_event(batch, i);
        size_t header_size, size = oyez_event_measure(&event, &header_size);
        used += oyez_batch_begin_event(out + used, size);
        size_t written = oyez_event_encode(&event, header_size, out + used);
        if (batch->rubbish)
            memset(out + used, 0xff, written);
        used += written;
        assert_true(used < 4096);
    }
    oyez_batch_stamp(out, strlen(type) + 1, fixture->broker.epoch, batch->position, batch->position,
                     100 + batch->position);
    return used;
}

void recorder_publish(struct recorder_fixture *fixture, const struct recorder_batch *batch)
{
    static uint8_t frame[4096];
    size_t size = recorder_frame(fixture, batch, frame);
    fake_broker_publish_raw(&fixture->broker, frame, size);
}

void recorder_publish_run(struct recorder_fixture *fixture, uint64_t position, unsigned count)
{
    for (uint64_t i = position; i < position + count; i++)
        recorder_publish(fixture, &(struct recorder_batch){.position = i, .emitter = 1, .seq = i});
}

void recorder_expect_repair(struct recorder_fixture *fixture, uint64_t from, uint64_t to)
{
    fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_repair_request_tag, &fixture->heard);
    const oyez_v1_RepairRequest *request = &fixture->heard.body.repair_request;
    assert_int_equal(request->epoch, fixture->broker.epoch);
    assert_int_equal(request->from, from);
    assert_int_equal(request->to, to);
}

void recorder_repair(struct recorder_fixture *fixture, uint64_t through, uint64_t oldest,
                     uint64_t head, const struct recorder_batch *batches, size_t frames)
{
    struct fake_broker *broker = &fixture->broker;
    const oyez_v1_RepairRequest *request = &fixture->heard.body.repair_request;
    static oyez_v1_FromBroker message;
    static uint8_t frame[4096];
    size_t size;
    memset(&message, 0, sizeof message);
    message.which_body = oyez_v1_FromBroker_repair_tag;
    message.body.repair = (oyez_v1_Repair){.epoch = request->epoch,
                                           .from = request->from,
                                           .to = request->to,
                                           .through = through,
                                           .oldest = oldest,
                                           .head = head};
    assert_int_equal(oyez_from_broker_encode(&message, frame, sizeof frame, &size), OYEZ_OK);
    assert_true(zmq_send(broker->control, broker->peer, broker->peer_size, ZMQ_SNDMORE) >= 0);
    assert_true(zmq_send(broker->control, frame, size, frames > 0 ? ZMQ_SNDMORE : 0) >= 0);
    for (size_t i = 0; i < frames; i++) {
        size = recorder_frame(fixture, &batches[i], frame);
        assert_true(zmq_send(broker->control, frame, size, i + 1 < frames ? ZMQ_SNDMORE : 0) >= 0);
    }
}

void recorder_await_confirm(struct recorder_fixture *fixture, uint64_t position)
{
    oyez_v1_Confirm *told = &fixture->told;
    const oyez_v1_Confirm *confirm = &fixture->heard.body.confirm;
    do {
        fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_confirm_tag, &fixture->heard);
        assert_int_equal(confirm->epoch, fixture->broker.epoch);
        assert_true(confirm->epoch != told->epoch || confirm->position >= told->position);
        told->epoch = confirm->epoch;
        told->position = confirm->position;
        for (pb_size_t i = 0; i < confirm->decided_count; i++) {
            told->decided_count %= 128;
            told->decided[told->decided_count++] = confirm->decided[i];
        }
        for (pb_size_t i = 0; i < confirm->told_count; i++) {
            told->told_count %= 128;
            told->told[told->told_count++] = confirm->told[i];
        }
    } while (confirm->position < position);
    assert_int_equal(confirm->position, position);
}

const oyez_v1_Decided *recorder_decided(const struct recorder_fixture *fixture, uint64_t emitter)
{
    for (size_t i = fixture->told.decided_count; i > 0; i--) {
        if (fixture->told.decided[i - 1].emitter_id[15] == emitter)
            return &fixture->told.decided[i - 1];
    }
    fail_msg("nothing was confirmed of emitter %" PRIu64, emitter);
    return NULL;
}

static struct timespec patience(void)
{
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 20;
    return deadline;
}

unsigned recorder_syncs(struct recorder_fixture *fixture)
{
    pthread_mutex_lock(&fixture->lock);
    unsigned syncs = fixture->syncs;
    pthread_mutex_unlock(&fixture->lock);
    return syncs;
}

void recorder_await_syncs(struct recorder_fixture *fixture, unsigned syncs)
{
    struct timespec deadline = patience();
    int waited = 0;
    pthread_mutex_lock(&fixture->lock);
    while (fixture->syncs < syncs && waited == 0)
        waited = pthread_cond_timedwait(&fixture->changed, &fixture->lock, &deadline);
    pthread_mutex_unlock(&fixture->lock);
    assert_int_equal(waited, 0);
}

void recorder_await_failure(struct recorder_fixture *fixture)
{
    struct timespec deadline = patience();
    int waited = 0;
    pthread_mutex_lock(&fixture->lock);
    while (fixture->failures == 0 && waited == 0)
        waited = pthread_cond_timedwait(&fixture->changed, &fixture->lock, &deadline);
    pthread_mutex_unlock(&fixture->lock);
    assert_int_equal(waited, 0);
}

void recorder_hold_syncs(struct recorder_fixture *fixture, bool hold)
{
    pthread_mutex_lock(&fixture->lock);
    fixture->hold_sync = hold;
    pthread_cond_broadcast(&fixture->changed);
    pthread_mutex_unlock(&fixture->lock);
}

void recorder_let_one_sync(struct recorder_fixture *fixture)
{
    pthread_mutex_lock(&fixture->lock);
    fixture->let_syncs++;
    pthread_cond_broadcast(&fixture->changed);
    pthread_mutex_unlock(&fixture->lock);
}

// Acts stand before the first events; what is expected does not count them.
struct acts {
    uint64_t indexes[64];
    size_t count;
};

static uint64_t without_acts(const struct acts *acts, uint64_t index)
{
    uint64_t before = 0;
    for (size_t i = 0; i < acts->count; i++)
        before += acts->indexes[i] < index;
    return index - before;
}

static void print_record(const struct oyez_journal_record *record, const struct acts *acts,
                         char *out, size_t room)
{
    static const char *const kinds[] = {"", "event", "personal", "repeat", "personal-repeat"};
    switch (record->kind) {
    case OYEZ_RECORD_GAP:
        snprintf(out, room, "gap %" PRIu64 ":%" PRIu64 "-%" PRIu64 " %s @%" PRIu64 "\n",
                 record->epoch, record->position, record->last_position,
                 record->reason == OYEZ_GAP_ABSENT ? "absent" : "overwritten", record->broker_time);
        return;
    case OYEZ_RECORD_EPOCH_END:
        snprintf(out, room,
                 "end %" PRIu64 ":%" PRIu64 " highest %" PRIu64 "%s next %" PRIu64 " @%" PRIu64
                 "\n",
                 record->epoch, record->position, record->highest_position,
                 record->clean ? " clean" : "", record->next_epoch, record->broker_time);
        return;
    default:
        break;
    }
    int used =
        snprintf(out, room, "%s %" PRIu64 ":%" PRIu64 " %u#%" PRIu64 "%s%s%s", kinds[record->kind],
                 record->epoch, record->position, record->emitter_id.bytes[15], record->emitter_seq,
                 (record->flags & OYEZ_RECORD_FAST) != 0 ? " fast" : "",
                 (record->flags & OYEZ_RECORD_CONFLICT) != 0 ? " conflict" : "",
                 (record->flags & OYEZ_RECORD_INVALID) != 0 ? " invalid" : "");
    if (record->kind == OYEZ_RECORD_REPEAT || record->kind == OYEZ_RECORD_PERSONAL_REPEAT)
        used += snprintf(out + used, room - (size_t)used, " of %" PRIu64,
                         without_acts(acts, record->first_index));
    snprintf(out + used, room - (size_t)used, "\n");
}

void recorder_expect_journal(struct recorder_fixture *fixture, const char *lines)
{
    oyez_journal_reader *reader;
    struct oyez_journal_record record;
    struct oyez_journal_verdict verdict;
    char text[8192] = "";
    struct acts acts = {.count = 0};
    assert_int_equal(oyez_journal_reader_open(&reader, fixture->directory, NULL), OYEZ_OK);
    while (oyez_journal_reader_next(reader, &record) == OYEZ_OK) {
        size_t used = strlen(text);
        if (record.kind == OYEZ_RECORD_CATALOG_ADDED)
            acts.indexes[acts.count++ % 64] = record.index;
        else
            print_record(&record, &acts, text + used, sizeof text - used);
    }
    oyez_journal_reader_close(&reader);
    assert_string_equal(text, lines);
    const struct oyez_journal_verify_options options = {.disk = NULL};
    assert_int_equal(oyez_journal_verify(fixture->directory, &options, &verdict), OYEZ_OK);
    assert_int_equal(verdict.problems, 0);
}
