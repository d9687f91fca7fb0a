// SPDX-License-Identifier: MIT
// Every limit of the bus: a name, a unit, a reason. Both ends enforce them.
#ifndef OYEZ_LIMITS_H
#define OYEZ_LIMITS_H

// Version of the wire protocol; peers of different versions refuse each other by name.
#define OYEZ_PROTOCOL_VERSION 1u

// Event types. libzmq 4.3.4 breaks connections on subscriptions of 246 to 255 bytes; the rest
// of the room is for reserved prefixes.
#define OYEZ_EVENT_TYPE_SIZE_MAX 200u

// A topic on the bus: an event type, or that of a replayed event behind "replay.RUN.".
#define OYEZ_TOPIC_SIZE_MAX 216u

// Header of one event, encoded, bytes. The journal's leaf carries it and must stay below 64 KiB;
// every subscriber decodes it, so it stays small.
#define OYEZ_HEADER_SIZE_MAX 4096u
#define OYEZ_TAGS_MAX 32u

// Details of one event, bytes. Larger payloads belong into a blob store, referred to by hash.
#define OYEZ_DETAILS_SIZE_MAX (1024u * 1024u)
#define OYEZ_SALT_SIZE 16u
#define OYEZ_SIGNATURE_SIZE_MAX 128u

// A batch of several events, whole frame, bytes: bounds what one message can cost a queue.
// One event alone may exceed it up to OYEZ_FRAME_SIZE_MAX.
#define OYEZ_BATCH_SIZE_MAX (256u * 1024u)
#define OYEZ_BATCH_EVENTS_MAX 4096u

// The largest frame: one event of the largest header and details, and its wrapping.
#define OYEZ_FRAME_SIZE_MAX (OYEZ_DETAILS_SIZE_MAX + OYEZ_HEADER_SIZE_MAX + 1024u)

// Control messages, bytes.
#define OYEZ_CONTROL_SIZE_MAX (64u * 1024u)

// Frames that follow a control message, bytes: a question; an answer, of which a page is the
// largest; what a repair brings, where one frame alone may exceed it.
#define OYEZ_ASK_SIZE_MAX (64u * 1024u)
#define OYEZ_ANSWER_SIZE_MAX (2u * 1024u * 1024u)
#define OYEZ_ANSWER_FRAMES_MAX 513u
#define OYEZ_REPAIR_SIZE_MAX (256u * 1024u) // a slow link must carry it within the pings' patience
#define OYEZ_REPAIR_FRAMES_MAX 1024u

// What a session may report of itself, and what the broker keeps of it, bytes; parts of one answer,
// and event types that the broker tells of.
#define OYEZ_METRICS_REPORT_SIZE_MAX 4096u
#define OYEZ_METRICS_PARTS_MAX 64u
#define OYEZ_METRICS_TYPES_MAX 1000u

// A subscription on the egress socket: one byte and a topic.
#define OYEZ_SUBSCRIPTION_FRAME_SIZE_MAX 512u

// Emitter's resend window, per lane.
#define OYEZ_WINDOW_BYTES_MAX (8u * 1024u * 1024u)
#define OYEZ_WINDOW_EVENTS_MAX 65536u

// Broker: ring of recent frames, bytes. At least four of the largest frames.
#define OYEZ_RING_BYTES_DEFAULT (64u * 1024u * 1024u)
#define OYEZ_RING_BYTES_MIN (4u * OYEZ_FRAME_SIZE_MAX)

// Broker tables. A full table refuses the new one and says so; what is live stays.
#define OYEZ_SESSIONS_MAX 16384u
#define OYEZ_EMITTERS_MAX 65536u
#define OYEZ_TYPES_MAX 65536u

// Broker: egress. Messages queued for one subscriber; a subscriber that does not answer
// transport heartbeats is cut off after OYEZ_TRANSPORT_TIMEOUT_MS and its queue freed. With 1,000
// a healthy subscriber lost 24,000 of 300,000 events sent at full speed; with 10,000 none. Small
// frames at most, so a stuck one costs up to 10,000 x OYEZ_EGRESS_LARGE_FRAME_SIZE = 80 MiB.
#define OYEZ_EGRESS_MESSAGES_MAX 10000u
// Frames above this size are accounted in bytes over all subscribers, up to OYEZ_EGRESS_BYTES_MAX:
// beyond it a large frame is stamped and kept in the ring but not published (and counted).
#define OYEZ_EGRESS_LARGE_FRAME_SIZE 8192u
#define OYEZ_EGRESS_BYTES_MAX (256u * 1024u * 1024u)

// Subscriber: bytes waiting for one subscription's handler.
#define OYEZ_SUBSCRIPTION_BYTES_MAX (16u * 1024u * 1024u)
// Live frames that wait until the record has told what is before them, bytes; beyond it the newest
// are dropped, and read from the record later.
#define OYEZ_HELD_BYTES_MAX (4u * 1024u * 1024u)
// Pairs of emitter and type whose numbers one subscription remembers across epochs, so that nothing
// comes twice; those not seen for longest go first.
#define OYEZ_DELIVERED_MAX 65536u
#define OYEZ_PATTERNS_MAX 10000u

// Times, milliseconds.
#define OYEZ_HEARTBEAT_MS 1000u           // broker's heartbeat event
#define OYEZ_MARK_MS 5u                   // recorded marks are at least so far apart
#define OYEZ_PING_MS 1000u                // client's control ping
#define OYEZ_SYNC_MS 200u                 // silence after which unaccepted events are asked about
#define OYEZ_SYNC_MS_MAX 5000u            // its back-off
#define OYEZ_NACK_REPEAT_MS 100u          // one NACK per expected number, repeated at most so often
#define OYEZ_SESSION_TIMEOUT_MS 15000u    // a session without a ping is dropped
#define OYEZ_TRANSPORT_HEARTBEAT_MS 5000u // ZMTP PING
// After so long a connection is tried anew. A packet to an address that nobody has any more is
// answered by nobody, and the system would send it again for two minutes, to that address.
#define OYEZ_TRANSPORT_CONNECT_MS 5000u
#define OYEZ_TRANSPORT_TIMEOUT_MS 15000u // without an answer the connection is cut
#define OYEZ_DRAIN_MS 2000u              // a stopping broker's wait for frames on their way
#define OYEZ_RECORDER_WAIT_MS 2000u      // a starting broker's wait for its recorder
#define OYEZ_FINAL_CONFIRM_MS 2000u      // a stopping broker's wait for the last confirm
#define OYEZ_ASK_TIMEOUT_MS 10000u       // after it a client may ask again without an answer

#define OYEZ_ENDPOINT_DEFAULT "tcp://127.0.0.1:5570"
#define OYEZ_ENDPOINT_SIZE_MAX 256u

#endif
