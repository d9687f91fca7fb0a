// SPDX-License-Identifier: MIT
#include "record_player.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <pb_decode.h>
#include <pb_encode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/envelope.h"
#include "wire/topic.h"

#define PATIENCE_MS 20000u
#define A_WHILE_MS 100u

static const char *type_of(char letter)
{
    return letter == 'a' ? "tool.invoked" : letter == 'b' ? "tool.retried" : "plan.created";
}

static size_t write_frame(uint8_t *out, const char *type, const struct oyez_event *event,
                          const struct oyez_batch *stamp)
{
    static const uint8_t emitter_id[OYEZ_UUID_SIZE] = {1};
    size_t header_size;
    size_t event_size = oyez_event_measure(event, &header_size);
    size_t size =
        oyez_batch_begin(out, type, strlen(type), emitter_id, stamp->emitter_seq, stamp->flags);
    oyez_batch_stamp(out, strlen(type) + 1, stamp->epoch, stamp->position, stamp->type_seq, 1);
    size += oyez_batch_begin_event(out + size, event_size);
    return size + oyez_event_encode(event, header_size, out + size);
}

static size_t write_played(uint8_t *out, uint64_t epoch, struct played played)
{
    const char *type = type_of(played.type);
    struct oyez_event event = {.event_id = oyez_uuid_new(),
                               .event_type = type,
                               .occurred_at = 1,
                               .details_format = OYEZ_DETAILS_JSON,
                               .details = "{}",
                               .details_size = 2};
    struct oyez_batch stamp = {.epoch = epoch,
                               .position = played.position,
                               .type_seq = played.type_seq,
                               .emitter_seq = played.emitter_seq};
    return write_frame(out, type, &event, &stamp);
}

void player_publish(struct player *player, struct played event)
{
    uint8_t frame[512];
    struct fake_broker *broker = &player->fixture->broker;
    size_t size = write_played(frame, broker->epoch, event);
    fake_broker_publish_raw(broker, frame, size);
}

static void publish_heads(struct player *player, const char *topic, uint64_t number,
                          const struct oyez_heads_message *message, uint64_t head_a,
                          uint64_t head_b)
{
    struct fake_broker *broker = &player->fixture->broker;
    bool heartbeat = strcmp(topic, OYEZ_TOPIC_HEARTBEAT) == 0;
    struct oyez_head heads[2];
    size_t count = 0;
    uint8_t details[512];
    uint8_t frame[1024];
    size_t size;
    if (head_a > 0)
        heads[count++] = head(type_of('a'), head_a);
    if (head_b > 0)
        heads[count++] = head(type_of('b'), head_b);
    oyez_err err =
        heartbeat ? oyez_heartbeat_encode(message, heads, count, details, sizeof details, &size)
                  : oyez_beacon_encode(message, heads, count, details, sizeof details, &size);
    assert_int_equal(err, OYEZ_OK);
    struct oyez_event event = {.event_id = oyez_uuid_new(),
                               .event_type = topic,
                               .occurred_at = 1,
                               .details_format = OYEZ_DETAILS_PROTOBUF,
                               .details = details,
                               .details_size = size};
    struct oyez_batch stamp = {
        .epoch = broker->epoch, .type_seq = number, .emitter_seq = number, .flags = OYEZ_FLAG_FAST};
    size = write_frame(frame, topic, &event, &stamp);
    fake_broker_publish_raw(broker, frame, size);
}

void player_heartbeat(struct player *player, uint64_t position, uint64_t recorded, uint64_t head_a,
                      uint64_t head_b, uint64_t lost)
{
    struct fake_broker *broker = &player->fixture->broker;
    struct oyez_heads_message message = {.instance = broker->instance,
                                         .position = position,
                                         .recorded_position = recorded,
                                         .heads_complete = true};
    broker->heartbeat += lost + 1;
    publish_heads(player, OYEZ_TOPIC_HEARTBEAT, broker->heartbeat, &message, head_a, head_b);
}

void player_beacon(struct player *player, uint64_t position, uint64_t head_a, uint64_t head_b)
{
    struct fake_broker *broker = &player->fixture->broker;
    char topic[64];
    fake_broker_await_nonce(broker, topic);
    struct oyez_heads_message message = {
        .instance = broker->instance, .position = position, .heads_complete = !player->many_types};
    publish_heads(player, topic, 0, &message, head_a, head_b);
}

void player_begin_epoch(struct player *player, uint64_t epoch)
{
    struct fake_broker *broker = &player->fixture->broker;
    broker->epoch = epoch;
    broker->instance = epoch;
    broker->heartbeat = 0;
}

static void tell_gap(void *arg, const struct oyez_gap *gap)
{
    static const char *const kinds[] = {"", "lost", "overflow", "unrecorded", "expired"};
    struct player *player = arg;
    size_t used = strlen(player->told);
    snprintf(player->told + used, sizeof player->told - used, "gap %s%s%s %" PRIu64 "-%" PRIu64 " ",
             kinds[gap->kind], gap->event_type != NULL ? " " : "",
             gap->event_type != NULL ? gap->event_type : "", gap->first, gap->last);
}

static void tell_epoch(void *arg, const struct oyez_epoch_change *change)
{
    struct player *player = arg;
    size_t used = strlen(player->told);
    snprintf(player->told + used, sizeof player->told - used,
             "epoch %" PRIu64 "-%" PRIu64 " %s %" PRIu64 " seen %" PRIu64 " phantoms %" PRIu64 " ",
             change->previous_epoch, change->epoch, change->recorded ? "end" : "unrecorded",
             change->recorded_end, change->last_seen, change->phantoms);
}

static struct player *open_player(struct client_fixture *fixture,
                                  const struct oyez_subscription_options *options)
{
    struct oyez_subscription_options with = {0};
    struct player *player = calloc(1, sizeof *player);
    assert_non_null(player);
    player->fixture = fixture;
    if (options != NULL)
        with = *options;
    static const char *const pattern = "tool.*";
    with.patterns = &pattern;
    with.pattern_count = 1;
    with.handler_arg = player;
    with.on_gap = tell_gap;
    with.on_epoch_changed = tell_epoch;
    welcome(fixture, 1);
    assert_int_equal(oyez_subscription_open(&fixture->subscription, fixture->client, &with, 0),
                     OYEZ_OK);
    return player;
}

struct player *player_open(struct client_fixture *fixture,
                           const struct oyez_subscription_options *options, uint64_t position,
                           uint64_t head_a, uint64_t head_b)
{
    struct player *player = open_player(fixture, options);
    player_beacon(player, position, head_a, head_b);
    return player;
}

struct player *player_open_among_many(struct client_fixture *fixture, uint64_t position)
{
    struct player *player = open_player(fixture, NULL);
    player->many_types = true;
    player_beacon(player, position, 0, 0);
    return player;
}

void player_close(struct player **player)
{
    free(*player);
    *player = NULL;
}

const oyez_v1_Query *player_hear(struct player *player)
{
    static uint8_t question[65536];
    static oyez_v1_QueryRequest request;
    size_t size = fake_broker_hear_question(&player->fixture->broker, question, sizeof question,
                                            &player->question_id);
    pb_istream_t stream = pb_istream_from_buffer(question, size);
    memset(&request, 0, sizeof request);
    assert_true(pb_decode(&stream, oyez_v1_QueryRequest_fields, &request));
    assert_int_equal(request.which_body, oyez_v1_QueryRequest_query_tag);
    player->request_id = request.request_id;
    player->asked = request.body.query;
    memset(&player->answer, 0, sizeof player->answer);
    return &player->asked;
}

bool player_hears_none(struct player *player)
{
    return !fake_broker_hears_within(&player->fixture->broker, oyez_v1_ToBroker_ask_tag,
                                     A_WHILE_MS);
}

void player_record(struct player *player, uint64_t epoch, struct played event)
{
    size_t i = player->answer.indexes_count++;
    player->answer.indexes[i] = 100 + i;
    player->sizes[i] = write_played(player->frames[i], epoch, event);
}

void player_mark_gap(struct player *player, uint64_t epoch, uint64_t first, uint64_t last)
{
    player->answer.marks[player->answer.marks_count++] = (oyez_v1_Mark){
        .kind = oyez_v1_MarkKind_MARK_KIND_GAP, .epoch = epoch, .first = first, .last = last};
}

void player_mark_end(struct player *player, uint64_t epoch, uint64_t last, uint64_t next_epoch)
{
    player->answer.marks[player->answer.marks_count++] =
        (oyez_v1_Mark){.kind = oyez_v1_MarkKind_MARK_KIND_EPOCH_END,
                       .epoch = epoch,
                       .last = last,
                       .next_epoch = next_epoch};
}

void player_answer(struct player *player, uint64_t complete_epoch, uint64_t complete_position)
{
    static uint8_t first[oyez_v1_QueryAnswer_size];
    struct oyez_query_frame frames[17];
    oyez_v1_QueryAnswer *answer = &player->answer;
    answer->request_id = player->request_id;
    answer->complete_epoch = complete_epoch;
    answer->complete_position = complete_position;
    pb_ostream_t stream = pb_ostream_from_buffer(first, sizeof first);
    assert_true(pb_encode(&stream, oyez_v1_QueryAnswer_fields, answer));
    frames[0] = (struct oyez_query_frame){first, stream.bytes_written};
    for (size_t i = 0; i < answer->indexes_count; i++)
        frames[1 + i] = (struct oyez_query_frame){player->frames[i], player->sizes[i]};
    fake_broker_answer(&player->fixture->broker, frames, 1u + answer->indexes_count);
}

void player_answer_not_yet(struct player *player, uint64_t epoch, uint64_t position)
{
    player_hear(player);
    player_answer(player, epoch, position);
}

void player_expect(struct player *player, const char *told, char type, uint64_t position)
{
    const struct oyez_event *event;
    assert_int_equal(oyez_subscription_receive(player->fixture->subscription, &event, PATIENCE_MS),
                     OYEZ_OK);
    assert_string_equal(player->told, told);
    assert_string_equal(event->event_type, type_of(type));
    assert_int_equal(event->stamp.position, position);
    player->told[0] = '\0';
}

void player_expect_none(struct player *player, const char *told)
{
    const struct oyez_event *event;
    assert_int_equal(oyez_subscription_receive(player->fixture->subscription, &event, A_WHILE_MS),
                     OYEZ_ERR_TIMEOUT);
    assert_string_equal(player->told, told);
    player->told[0] = '\0';
}
