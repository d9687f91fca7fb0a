// SPDX-License-Identifier: MIT
// A subscription, its broker and its recorder, the latter two played by the test: what is published
// with which numbers, what is asked of the record and what it answers, and what comes out, as text.
#ifndef OYEZ_RECORD_PLAYER_H
#define OYEZ_RECORD_PLAYER_H

#include "client_fixture.h"
#include "query.pb.h"

#define PLAYER_EPOCH UINT64_C(1000)

struct player {
    struct client_fixture *fixture;
    oyez_v1_Query asked; // last
    uint64_t request_id;
    uint64_t question_id;
    oyez_v1_QueryAnswer answer; // that is being made
    uint8_t frames[16][512];
    size_t sizes[16];
    char told[256];  // by callbacks, since the last event came out
    bool many_types; // beacons do not list all
};

// What a test publishes or has recorded: "a" is the event type tool.invoked, "b" tool.retried,
// "x" one that the subscription does not want.
struct played {
    char type;
    uint64_t position;
    uint64_t type_seq;
    uint64_t emitter_seq; // of its one emitter, durable
};

// player_open: a session and a pulled subscription of both types (options may be changed: NULL =
// none), proved by a beacon at this position with these heads. A head of 0 is not listed.
struct player *player_open(struct client_fixture *fixture,
                           const struct oyez_subscription_options *options, uint64_t position,
                           uint64_t head_a, uint64_t head_b);
// player_open_among_many: the same on a bus of more types than its beacon can list; these two are
// not listed.
struct player *player_open_among_many(struct client_fixture *fixture, uint64_t position);
void player_close(struct player **player);

// player_publish, of the broker's present epoch. player_heartbeat as the beacon; `recorded` is the
// mark; a number is left out for each of `lost`.
void player_publish(struct player *player, struct played event);
void player_heartbeat(struct player *player, uint64_t position, uint64_t recorded, uint64_t head_a,
                      uint64_t head_b, uint64_t lost);
void player_beacon(struct player *player, uint64_t position, uint64_t head_a, uint64_t head_b);
void player_begin_epoch(struct player *player, uint64_t epoch);

// player_hear waits for a question to the record, into player->asked; player_hears_none: none comes
// within a while.
const oyez_v1_Query *player_hear(struct player *player);
bool player_hears_none(struct player *player);

// The answer to it: its parts in order, then player_answer.
void player_record(struct player *player, uint64_t epoch, struct played event);
void player_mark_gap(struct player *player, uint64_t epoch, uint64_t first, uint64_t last);
void player_mark_end(struct player *player, uint64_t epoch, uint64_t last, uint64_t next_epoch);
void player_answer(struct player *player, uint64_t complete_epoch, uint64_t complete_position);
// The same, with nothing: the recorder is not further than this.
void player_answer_not_yet(struct player *player, uint64_t epoch, uint64_t position);

// player_expect: the next event to come out has this type and position, and before it this was told
// ("" = nothing): "gap KIND FIRST-LAST " and "epoch OLD-NEW end END seen SEEN phantoms N ".
void player_expect(struct player *player, const char *told, char type, uint64_t position);
// player_expect_none: nothing comes for a while; what is told meanwhile is this.
void player_expect_none(struct player *player, const char *told);

#endif
