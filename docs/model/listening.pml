// SPDX-License-Identifier: MIT
// A live subscriber to one of two types, without a recorder: it delivers in order, at most once in
// an epoch, and names exactly what it has lost.
//
// What the broker publishes of the other type is seen only by what it does to heartbeats: they name
// the heads of the types that moved. The queue to the subscriber loses what it has no room for.

#ifndef EVENTS
#define EVENTS 3 // of the wanted type, in one epoch
#endif
#ifndef EPOCHS
#define EPOCHS 2
#endif
#ifndef QUEUE
#define QUEUE 2
#endif
#ifndef SLOW
#define SLOW 5 // heartbeats in vain before the subscriber counts as deaf
#endif
#ifndef LOSSES
#define LOSSES 0 // a message of the queue
#endif
#ifndef CUTS
#define CUTS 0 // the connection, and all in the queue
#endif
#ifndef BROKER_KILLS
#define BROKER_KILLS 0
#endif
#ifndef EARLY
#define EARLY 0 // heartbeats before the ones before them have been read
#endif

mtype = { EVENT, HEARTBEAT, BEACON };

#define BIT(n) (1 << (n))
#define UP_TO(n) ((BIT((n) + 1)) - 1)
#define RANGE(from, to) (UP_TO(to) & ~UP_TO((from) - 1))

chan egress = [QUEUE] of { mtype, byte, byte, byte }; // kind, epoch, number or nonce, head

// The broker.
byte epoch = 1;
byte head;           // of the wanted type
bool moved;          // since the last heartbeat
byte heartbeats;     // published in this epoch
bool subscribed;     // the connection is there
bool nonce_asked;    // a beacon
byte nonce_known;

// The subscriber.
byte sub_epoch;
byte expected;       // type sequence; 0: not known
byte heartbeat;      // the last one seen
bool heads_known;    // a first beacon has come
bool beacon_wanted = true;
bool beacon_pending;
byte nonce;
byte vain;

// For the properties, of the subscriber's epoch.
bool promised;       // where it begins is fixed
byte start;
byte delivered;      // numbers
byte told;           // as lost
byte loss_possible;  // epochs of whose end it was told that it may have lost something
byte changed;        // epochs that it left

byte losses = LOSSES, cuts = CUTS, broker_kills = BROKER_KILLS, early = EARLY;

byte n, x, y;
mtype kind;
#define STEP d_step {
#define DONE ; n = 0; x = 0; y = 0; kind = 0 }

#define CAUGHT_UP (sub_epoch == epoch && len(egress) == 0 && subscribed && !beacon_wanted && \
                   !beacon_pending && (head == 0 || expected == head + 1))

inline publish(k, number, h)
{
    if
    :: subscribed && len(egress) < QUEUE -> egress!k, epoch, number, h
    :: else // dropped, without a word
    fi
}

inline tell(first, last)
{
    assert(last <= head || sub_epoch < epoch);       // what was never published is not lost
    assert(!(delivered & RANGE(first, last)));       // nor what was delivered
    assert(!(told & RANGE(first, last)));            // and it is told once
    told = told | RANGE(first, last)
}

inline change_epoch(ep)
{
    if
    :: sub_epoch != 0 ->
        changed = changed | BIT(sub_epoch);
#ifndef WITHOUT_EPOCH_NOTICE
        loss_possible = loss_possible | BIT(sub_epoch);
#endif
        expected = (heads_known -> 1 : 0);
        beacon_wanted = true
    :: else
    fi;
    sub_epoch = ep;
    heartbeat = 0;
    delivered = 0;
    told = 0;
    // Who was listening wanted all of the new epoch.
    promised = heads_known;
    start = 1
}

// Where an event type begins that this subscriber has not seen yet. Not what comes first: when the
// first beacon has been there, it begins at 1, whether or not a further beacon is on its way.
#ifdef WITHOUT_BASELINE
#define AT_FIRST(otherwise) ((heads_known && !beacon_pending && !beacon_wanted) -> 1 : (otherwise))
#else
#define AT_FIRST(otherwise) (heads_known -> 1 : (otherwise))
#endif

inline take_event(seq)
{
    x = (expected != 0 -> expected : AT_FIRST(seq));
    if
    :: seq < x
    :: else ->
        if
        :: x == seq && expected == 0 && !heads_known -> start = seq
        :: else
        fi;
#ifndef WITHOUT_SEQUENCES
        if
        :: seq > x -> tell(x, seq - 1)
        :: else
        fi;
#endif
        assert(!(delivered & ~UP_TO(seq - 1))); // once, and in order
        delivered = delivered | BIT(seq);
        expected = seq + 1
    fi
}

inline take_head(h)
{
    x = (expected != 0 -> expected : AT_FIRST(0));
    if
    :: x != 0 && h >= x -> tell(x, h)
    :: else
    fi;
    if
    :: h + 1 > expected -> expected = h + 1
    :: else
    fi;
    if
    :: x == 0 -> start = h + 1
    :: else
    fi
}

proctype Broking()
{
end:
    do
    :: STEP head < EVENTS -> head++; moved = true; publish(EVENT, head, 0) DONE
    // About once a second, so as a rule when all before it has been read.
    :: STEP subscribed && len(egress) == 0 && !CAUGHT_UP && sub_epoch == epoch &&
                !beacon_wanted && !beacon_pending ->
        vain++;
        assert(vain < SLOW);
        heartbeats++;
#ifndef WITHOUT_HEADS
        n = (moved -> head : 0);
#endif
        publish(HEARTBEAT, heartbeats, n);
        moved = false DONE
#if EARLY
    :: STEP early > 0 ->
        early--;
        heartbeats++;
#ifndef WITHOUT_HEADS
        n = (moved -> head : 0);
#endif
        publish(HEARTBEAT, heartbeats, n);
        moved = false DONE
#endif
    :: STEP nonce_asked && subscribed ->
        nonce_asked = false;
        publish(BEACON, nonce_known, head) DONE
    // libzmq connects again by itself, and says the subscriptions again.
    :: STEP !subscribed ->
        subscribed = true;
        nonce_asked = beacon_pending;
        nonce_known = nonce DONE
    od
}

proctype Listening()
{
end:
    do
    // By its control connection, or by a frame.
    :: STEP sub_epoch < epoch -> change_epoch(epoch) DONE
    :: STEP beacon_wanted && sub_epoch > 0 ->
        beacon_wanted = false;
        beacon_pending = true;
        nonce = (nonce + 1) % 4;
        if
        :: subscribed -> nonce_asked = true; nonce_known = nonce
        :: else
        fi DONE
    // A second without an answer.
    :: STEP beacon_pending && subscribed && !nonce_asked && len(egress) == 0 ->
        vain++;
        assert(vain < SLOW);
        nonce = (nonce + 1) % 4;
        nonce_asked = true;
        nonce_known = nonce DONE
    :: STEP len(egress) > 0 ->
        egress?kind, y, n, x;
        if
        :: y < sub_epoch
        :: else ->
            if
            :: y > sub_epoch -> change_epoch(y)
            :: else
            fi;
            if
            :: kind == EVENT -> take_event(n)
            :: kind == HEARTBEAT && n > heartbeat ->
#ifndef WITHOUT_QUESTION
                // The missing one may have been the only one to name the last event; of the first
                // that comes nobody knows whether one was missing.
                if
#ifdef WITHOUT_FIRST_QUESTION
                :: heartbeat != 0 && n > heartbeat + 1 -> beacon_wanted = true
#else
                :: n > heartbeat + 1 -> beacon_wanted = true
#endif
                :: else
                fi;
#endif
                heartbeat = n;
                if
                :: x != 0 -> y = x; take_head(y)
                :: else
                fi
            :: kind == BEACON && beacon_pending && n == nonce ->
                beacon_pending = false;
                y = x;
                if
                :: y != 0 -> take_head(y)
                :: else
                fi;
                promised = true;
                heads_known = true;
                vain = 0
            :: else
            fi
        fi DONE
    od
}

proctype Failing()
{
    do
#if LOSSES
    :: STEP losses > 0 && len(egress) > 0 -> losses--; vain = 0; egress?kind, n, x, y DONE
#endif
#if CUTS
    :: STEP cuts > 0 && subscribed ->
        cuts--; vain = 0; subscribed = false; nonce_asked = false;
        do
        :: len(egress) > 0 -> egress?kind, n, x, y
        :: else -> break
        od DONE
#endif
#if BROKER_KILLS
    // What it had sent is read, all of it or nothing; single losses are told above.
    :: STEP broker_kills > 0 ->
        broker_kills--; vain = 0;
        epoch++; head = 0; moved = false; heartbeats = 0; subscribed = false; nonce_asked = false DONE
    :: STEP broker_kills > 0 ->
        broker_kills--; vain = 0;
        epoch++; head = 0; moved = false; heartbeats = 0; subscribed = false; nonce_asked = false;
        do
        :: len(egress) > 0 -> egress?kind, n, x, y
        :: else -> break
        od DONE
#endif
    :: STEP losses = 0; cuts = 0; broker_kills = 0; early = 0 DONE -> break
    od
}

proctype Watching()
{
end:
    do
    :: atomic { timeout ->
        assert(CAUGHT_UP);
        assert(promised);
        // Everything is delivered or told, and nothing both.
        assert((delivered | told) == (start > head -> 0 : RANGE(start, head)));
        assert(!(delivered & told));
        // Of an epoch's end nobody can know what it held: that is told.
        assert(changed == loss_possible) } -> break
    od
}

init
{
    atomic {
        run Broking();
        run Listening();
        run Failing();
        run Watching()
    }
}
