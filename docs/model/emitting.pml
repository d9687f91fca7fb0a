// SPDX-License-Identifier: MIT
// From emitters through the broker to the recorder's disk, and receipts back.
//
// Each step below is atomic and stands for one thing that a program does without being interrupted.
// Every channel may lose, and any process may be killed, as often as the configuration allows. A
// defence is left out with -DWITHOUT_<NAME>; then something below must go wrong.

#ifndef EMITTERS
#define EMITTERS 1
#endif
#ifndef EVENTS
#define EVENTS 2 // that each emitter has to say
#endif
#ifndef NUMBERS
#define NUMBERS EVENTS // that it may need for them: an event that is lost gets a new one
#endif
#ifndef PAIRS
#define PAIRS 0 // 1: it may put two events into one batch
#endif
#ifndef FASTS
#define FASTS 0 // events in the fast lane
#endif
#ifndef POSITIONS
#define POSITIONS 4 // in one epoch, at most
#endif
#ifndef EPOCHS
#define EPOCHS 3
#endif
#ifndef FIRST_EPOCH
#define FIRST_EPOCH 1 // 2: a later broker may have a clock that says 1
#endif
#ifndef RING
#define RING 2 // events that the broker can give again
#endif
#ifndef QUEUE
#define QUEUE 3 // messages on the way to the broker
#endif
#ifndef SLOW
#define SLOW 6 // questions in vain before an emitter counts as stuck
#endif

// How often each fault may happen.
#ifndef LOSSES
#define LOSSES 0 // a message on ingress or egress
#endif
#ifndef CUTS
#define CUTS 0 // a control connection, and what is on it
#endif
#ifndef BROKER_KILLS
#define BROKER_KILLS 0
#endif
#ifndef RECORDER_KILLS
#define RECORDER_KILLS 0
#endif
#ifndef EMITTER_KILLS
#define EMITTER_KILLS 0
#endif
#ifndef EVICTIONS
#define EVICTIONS 0 // the broker forgets an emitter whose session ended
#endif
#ifndef OVERRUNS
#define OVERRUNS 0 // the broker no longer waits for its recorder
#endif
#ifndef EARLY
#define EARLY 0 // a question that is asked again before the answer had time to come
#endif
#ifndef SWAPS
#define SWAPS 0 // two messages on ingress, when an old connection is read beside its successor
#endif

mtype = { FIRST, AGAIN, SYNC, FAST, WELCOME, MARK, NACK, RECEIPT, CONFIRM, REPAIR, HELLO };

#define BIT(n) (1 << (n))
#define UP_TO(n) ((BIT((n) + 1)) - 1)
#define RANGE(from, to) (UP_TO(to) & ~UP_TO((from) - 1))
#define MAX(a, b) ((a) > (b) -> (a) : (b))
#define MIN(a, b) ((a) < (b) -> (a) : (b))

// What a batch holds: numbers n and, when it is a pair, n + 1.
#define SIZE(e, n) (1 + ((em[e].pairs >> (n)) & 1))

typedef Emitter {
    byte next = 1;    // number of the next event
    byte floor = 1;   // lowest number that is kept
    byte send = 1;    // number of the batch to send next
    byte accepted;    // through
    byte epoch;       // of its session
    bool open;        // it has one
    bool dead;
    byte said;        // events emitted so far
    byte pairs;       // numbers at which a batch of two begins
    byte again;       // numbers of events emitted again: sent as RESENT from the first time on
    byte id[NUMBERS + 2];
    byte fast = 1;    // next fast number
    byte vain;        // questions without progress
};

typedef Entry {       // what the broker knows of an emitter
    bool session;
    bool cut;         // its connection is dead; the broker does not know
    byte expected;    // 0: unknown
    byte fast_expected;
    byte receipted;   // through
    byte decided;     // through, as the recorder says
    byte lost;        // numbers
    byte accepted_at; // position of its last accepted event
    bool awaits;      // a decision on it
    bool owes_mark;
    bool owes_nack;
    bool owes_receipt;
    byte stamped;     // for the properties: numbers stamped in this epoch
};

typedef Journal {     // as far as anybody asks for it
    byte epoch;
    byte position;
    byte ids[EMITTERS];     // events recorded
    byte numbers[EMITTERS]; // emitter numbers recorded as events
    byte here[EMITTERS];    // emitter numbers with a leaf in this epoch
    byte fasts;
};

Emitter em[EMITTERS];
Entry known[EMITTERS];

chan in[EMITTERS] = [QUEUE] of { mtype, byte };               // ingress: kind, number
chan to_broker[EMITTERS] = [1] of { byte, byte, byte };       // hello: floor, highest epoch, fast floor
chan to_emitter[EMITTERS] = [1] of { mtype, byte, byte, byte }; // kind, epoch, number, lost

byte epoch = FIRST_EPOCH;
byte highest_epoch = FIRST_EPOCH; // ever
byte head[EPOCHS + 1];            // positions given out
byte first_in_ring = 1;
byte recorded;                    // the recorded mark
bool overrun;
bool overran[EPOCHS + 1];         // for the properties: the ring overwrote what was not recorded
byte fast_lost;

// What stands at a position: emitter 128, resent 64, second of a batch 32, fast 16, number 15.
byte at[EPOCHS * POSITIONS];
#define AT(ep, p) at[((ep) - 1) * POSITIONS + (p) - 1]
#define AT_EMITTER(x) ((x) >> 7)
#define AT_RESENT(x) (((x) >> 6) & 1)
#define AT_SECOND(x) (((x) >> 5) & 1)
#define AT_FAST(x) (((x) >> 4) & 1)
#define AT_NUMBER(x) ((x) & 15)

// The recorder.
bool up = true;
byte stream_epoch;       // of what it takes in
byte next_position = 1;
byte wanted;             // it misses something up to here
byte read_epoch = FIRST_EPOCH; // how far it has read on egress
byte read_position;
bool attached;
byte attached_epoch;
bool recorder_cut;
bool recorder_session;   // the broker knows it
bool asked;              // for a repair
bool owes_confirm;
bool gap_pending;
Journal written;         // handed to the disk
Journal disk;            // safe there

chan from_recorder = [1] of { mtype, byte, byte, byte, byte }; // kind, epoch, position, decided...
chan to_recorder = [1] of { mtype, byte, byte, byte, byte };   // kind, epoch, from, oldest, through

byte losses = LOSSES, cuts = CUTS, broker_kills = BROKER_KILLS, recorder_kills = RECORDER_KILLS;
byte emitter_kills = EMITTER_KILLS, evictions = EVICTIONS, overruns = OVERRUNS, swaps = SWAPS;
byte early = EARLY;

// What a step needs while it runs is no part of the state.
byte i, n, m, x, y, z, w, last;
mtype kind;
#define STEP d_step {
#define DONE ; i = 0; n = 0; m = 0; x = 0; y = 0; z = 0; w = 0; last = 0; kind = 0 }
#define AWAITS(c) (len(c) > 0)

#define REPAIRING (wanted >= next_position && !(attached && attached_epoch > stream_epoch))
#define BATCH (1 + PAIRS)
#ifdef WITHOUT_HOLD
#define HELD false
#else
#define HELD (head[epoch] + BATCH - recorded > RING && !overrun)
#endif

// ---- emitter

inline progress(e)
{
    em[e].vain = 0;
}

inline accept_through(e, through)
{
    if
    :: through > em[e].accepted -> em[e].accepted = through; progress(e)
    :: else
    fi;
#ifdef WITHOUT_RECORDER
    if
    :: through >= em[e].floor -> em[e].floor = through + 1
    :: else
    fi;
    if
    :: em[e].send < em[e].floor -> em[e].send = em[e].floor
    :: else
    fi
#endif
}

// Batches are sent as wholes, so from the beginning of the one that holds the number.
inline rewind(e, from)
{
    n = from;
    if
    :: n > 1 && n <= em[e].next && SIZE(e, n - 1) == 2 -> n--
    :: else
    fi;
    if
    :: n < em[e].send -> em[e].send = n
    :: else
    fi;
    if
    :: from <= em[e].accepted -> em[e].accepted = from - 1
    :: else
    fi
}

inline take_welcome(e, ep, expected)
{
    if
    :: ep < em[e].epoch // a broker of the past
    :: else ->
        assert(expected <= em[e].next);
        m = MAX(expected, em[e].floor);
#ifndef WITHOUT_RESEND
        if
        :: ep != em[e].epoch || m <= em[e].accepted -> rewind(e, m)
        :: else
        fi;
#endif
        accept_through(e, m - 1);
        em[e].epoch = ep;
        em[e].open = true
    fi
}

inline take_nack(e, expected)
{
    if
    :: expected < em[e].floor ->
#ifdef WITHOUT_REHELLO
        skip
#else
        em[e].open = false
#endif
    :: else -> accept_through(e, expected - 1); rewind(e, expected)
    fi
}

// Lets go of what is recorded, emits again what is lost.
inline take_receipt(e, through, lost)
{
    last = through;
    if
    :: last >= em[e].floor && SIZE(e, last) == 2 -> last-- // the rest of the batch is not decided
    :: else
    fi;
    accept_through(e, last);
    n = em[e].floor;
    w = em[e].next;
    do
    :: n <= last ->
        if
        :: lost & BIT(n) ->
            assert(overran[x]); // only what the ring overwrote is named as lost
#ifndef WITHOUT_REEMIT
            assert(em[e].next <= NUMBERS); // else the configuration is too small
            em[e].id[em[e].next] = em[e].id[n];
            em[e].again = em[e].again | BIT(em[e].next);
            em[e].next++
#else
            skip
#endif
        :: else ->
            assert(disk.ids[e] & BIT(em[e].id[n])) // receipted, so it is on disk
        fi;
        n++
    :: else -> break
    od;
    if
    :: last >= em[e].floor ->
        em[e].floor = last + 1;
        progress(e);
        if
        :: em[e].send < em[e].floor -> em[e].send = em[e].floor
        :: else
        fi
    :: else
    fi
}

inline emit(e, count)
{
    n = em[e].next;
    em[e].said++;
    em[e].id[n] = em[e].said;
    em[e].next++;
    if
    :: count == 2 ->
        em[e].pairs = em[e].pairs | BIT(n);
        em[e].said++;
        em[e].id[n + 1] = em[e].said;
        em[e].next++
    :: else
    fi;
    em[e].send = em[e].next;
    in[e]!FIRST, n
}

#define IS_KNOWN(e) (known[e].session && !known[e].cut && em[e].epoch == epoch)

proctype Emitting(byte e)
{
end:
    do
    :: STEP em[e].open && !em[e].dead && em[e].send == em[e].next && em[e].said < EVENTS &&
                em[e].next <= NUMBERS && nfull(in[e]) -> emit(e, 1) DONE
#if PAIRS
    :: STEP em[e].open && !em[e].dead && em[e].send == em[e].next && em[e].said + 1 < EVENTS &&
                em[e].next < NUMBERS && nfull(in[e]) -> emit(e, 2) DONE
#endif
#if FASTS
    :: STEP em[e].open && !em[e].dead && em[e].fast <= FASTS && nfull(in[e]) ->
#ifdef WITHOUT_LANES
                n = em[e].next; em[e].next++; em[e].send = em[e].next; in[e]!FAST, n;
                em[e].fast++
#else
                in[e]!FAST, em[e].fast; em[e].fast++
#endif
        DONE
#endif
    // What was sent before, or is emitted again.
    :: STEP em[e].open && !em[e].dead && em[e].send < em[e].next && nfull(in[e]) ->
                n = em[e].send;
#ifdef WITHOUT_BOUNDARIES
                if
                :: n + 1 < em[e].next && SIZE(e, n) == 1 && SIZE(e, n + 1) == 1 ->
                    em[e].pairs = em[e].pairs | BIT(n)
                :: else
                fi;
#endif
                in[e]!AGAIN, n;
                em[e].send = n + SIZE(e, n) DONE
    // Behind the data, and not while anything is on the way.
    :: STEP em[e].open && !em[e].dead && em[e].send == em[e].next &&
                em[e].accepted + 1 < em[e].next && empty(in[e]) && empty(to_emitter[e]) &&
                IS_KNOWN(e) && !(known[e].owes_mark || known[e].owes_nack) ->
                em[e].vain++;
                assert(em[e].vain < SLOW);
#ifndef WITHOUT_SYNC
                in[e]!SYNC, em[e].send
#endif
        DONE
#if EARLY
    // The broker was slow: the question overtook nothing, but it was asked for nothing.
    :: STEP early > 0 && em[e].open && !em[e].dead && em[e].send == em[e].next &&
                em[e].accepted + 1 < em[e].next && AWAITS(in[e]) && nfull(in[e]) ->
                early--;
                in[e]!SYNC, em[e].send DONE
    :: STEP early > 0 && !em[e].open && !em[e].dead && empty(to_broker[e]) && AWAITS(to_emitter[e]) ->
                early--;
                to_broker[e]!em[e].floor, em[e].epoch, 0 DONE
#endif
    :: STEP !em[e].open && !em[e].dead && empty(to_broker[e]) && empty(to_emitter[e]) ->
                em[e].vain++;
                assert(em[e].vain < SLOW);
                to_broker[e]!em[e].floor, em[e].epoch, 0 DONE
    // A ping finds out that the broker does not know it.
    :: STEP em[e].open && !em[e].dead && !IS_KNOWN(e) ->
                em[e].open = false DONE
    :: STEP AWAITS(to_emitter[e]) ->
        to_emitter[e]?kind, x, y, z;
        if
        :: em[e].dead
        :: kind == WELCOME && !em[e].dead -> take_welcome(e, x, y)
#ifdef WITHOUT_EPOCH_TAG
        :: kind == MARK && !em[e].dead -> last = MIN(y, em[e].next - 1); accept_through(e, last)
        :: kind == NACK && !em[e].dead && y <= em[e].next -> take_nack(e, y)
#else
        :: kind == MARK && !em[e].dead && em[e].open && x == em[e].epoch -> accept_through(e, y)
        :: kind == NACK && !em[e].dead && em[e].open && x == em[e].epoch -> take_nack(e, y)
#endif
        :: kind == RECEIPT && !em[e].dead && x == em[e].epoch -> take_receipt(e, y, z)
        :: else
        fi DONE
    od
}

// ---- broker

inline forget_entry(e)
{
    known[e].session = false;
    known[e].expected = 0;
    known[e].fast_expected = 0;
    known[e].receipted = 0;
    known[e].decided = 0;
    known[e].lost = 0;
    known[e].accepted_at = 0;
    known[e].awaits = false;
    known[e].owes_mark = false;
    known[e].owes_nack = false;
    known[e].owes_receipt = false;
    known[e].stamped = 0
}

inline begin_epoch(ep)
{
    assert(ep <= EPOCHS); // else the configuration is too small
    epoch = ep;
    highest_epoch = MAX(highest_epoch, ep);
    first_in_ring = 1;
    recorded = 0;
    overrun = false;
    recorder_session = false;
    i = 0;
    do
    :: i < EMITTERS -> forget_entry(i); i++
    :: else -> break
    od
}

inline greet(e, floor)
{
    known[e].session = true;
    known[e].cut = false;
    known[e].expected = MAX(known[e].expected, 1);
    known[e].fast_expected = MAX(known[e].fast_expected, 1);
#ifndef WITHOUT_FLOOR
    known[e].expected = MAX(known[e].expected, floor);
#endif
    known[e].receipted = MAX(known[e].receipted, floor - 1);
    known[e].lost = known[e].lost & ~UP_TO(floor - 1);
    if
    :: known[e].receipted >= floor -> known[e].owes_receipt = true
    :: else
    fi;
    to_emitter[e]!WELCOME, epoch, known[e].expected, 0
}

inline put(content)
{
    head[epoch]++;
    assert(head[epoch] <= POSITIONS); // else the configuration is too small
    AT(epoch, head[epoch]) = content
}

// Whole frames make room for whole frames.
inline overwrite(size)
{
    do
    :: head[epoch] + size - first_in_ring + 1 > RING && first_in_ring <= head[epoch] ->
        if
        :: first_in_ring > recorded ->
            assert(overrun); // not before it has waited for the recorder as long as it may
            overran[epoch] = true
        :: else
        fi;
        first_in_ring++
    :: first_in_ring > 1 && first_in_ring <= head[epoch] &&
       head[epoch] + size - first_in_ring + 1 <= RING && AT_SECOND(AT(epoch, first_in_ring)) ->
        if
        :: first_in_ring > recorded ->
            assert(overrun); // not before it has waited for the recorder as long as it may
            overran[epoch] = true
        :: else
        fi;
        first_in_ring++
    :: else -> break
    od
}

inline stamp(e, number, size, resent)
{
    overwrite(size);
    put(e * 128 + resent * 64 + number);
    known[e].stamped = known[e].stamped | BIT(number);
    if
    :: size == 2 ->
        put(e * 128 + resent * 64 + 32 + number + 1);
        known[e].stamped = known[e].stamped | BIT(number + 1)
    :: else
    fi;
    known[e].accepted_at = head[epoch];
    known[e].awaits = true;
    known[e].owes_mark = true
}

inline take_durable(e, number, resent)
{
    m = SIZE(e, number);
    if
#ifdef WITHOUT_ORDER
    :: true -> known[e].expected = MAX(known[e].expected, number + m); stamp(e, number, m, resent)
#else
    :: number == known[e].expected ->
        assert(!(known[e].stamped & BIT(number))); // once in an epoch
        known[e].expected = number + m;
        stamp(e, number, m, resent)
    :: number > known[e].expected -> known[e].owes_nack = true
    :: number < known[e].expected -> known[e].owes_mark = true
#endif
    fi
}

inline take_fast(e, number)
{
    if
    :: number < known[e].fast_expected
    :: else ->
        fast_lost = fast_lost + number - known[e].fast_expected;
        known[e].fast_expected = number + 1;
        overwrite(1);
        put(e * 128 + 16 + number);
        known[e].owes_mark = true
    fi
}

// Of the recorder: which numbers of this emitter have a leaf in this epoch, up to a position.
inline decide(e, position, numbers)
{
    if
    :: numbers != 0 ->
        x = 1; // lowest
        do
        :: !(numbers & BIT(x)) -> x++
        :: else -> break
        od;
        y = NUMBERS; // highest
        do
        :: !(numbers & BIT(y)) -> y--
        :: else -> break
        od;
#ifdef WITHOUT_DECIDED
        // Only what is contiguous counts.
        y = x;
        do
        :: numbers & BIT(y + 1) -> y++
        :: else -> break
        od;
        if
        :: x > known[e].receipted + 1 -> y = 0
        :: else
        fi;
#endif
        known[e].decided = MAX(known[e].decided, y);
        y = MIN(y, known[e].expected - 1);
        if
        :: known[e].expected > 0 && y > known[e].receipted ->
#ifndef WITHOUT_LOST
            known[e].lost = known[e].lost | (RANGE(known[e].receipted + 1, y) & ~numbers);
#endif
            known[e].receipted = y;
            known[e].owes_receipt = true
        :: else
        fi
    :: else
    fi;
#ifndef WITHOUT_DECIDED
    // Accepted up to there, and not named: lost.
    if
    :: known[e].awaits && known[e].accepted_at <= position ->
        known[e].awaits = false;
        y = known[e].expected - 1;
        x = MAX(known[e].receipted, MIN(known[e].decided, y));
        if
        :: x < y ->
#ifndef WITHOUT_LOST
            known[e].lost = known[e].lost | RANGE(x + 1, y)
#endif
        :: else
        fi;
        if
        :: y > known[e].receipted -> known[e].receipted = y; known[e].owes_receipt = true
        :: else
        fi
    :: else
    fi
#endif
}

inline take_hello(e)
{
    to_broker[e]?x, y, z;
    if
    :: y > epoch ->
#ifdef WITHOUT_ROLLOVER
        to_emitter[e]!WELCOME, epoch, 1, 0
#else
        begin_epoch(y + 1)
#endif
    :: else -> greet(e, x)
    fi
}

proctype Broking(byte e)
{
end:
    do
    :: STEP AWAITS(to_broker[e]) && nfull(to_emitter[e]) -> take_hello(e) DONE
    :: STEP AWAITS(in[e]) && !HELD ->
        in[e]?kind, n;
        if
        :: !known[e].session // no hello in this epoch
#ifdef WITHOUT_FLOOR
            -> // the first that comes is where it begins
            if
            :: kind != FAST && kind != SYNC ->
               known[e].session = true; known[e].cut = false;
               known[e].expected = n; take_durable(e, n, (kind == AGAIN))
            :: else
            fi
#endif
        :: known[e].session && kind == SYNC ->
            if
            :: n <= known[e].expected -> known[e].owes_mark = true
            :: else -> known[e].owes_nack = true
            fi
        :: known[e].session && kind == FAST ->
#ifdef WITHOUT_LANES
            if
            :: n == known[e].expected -> known[e].expected = n + 1; known[e].owes_mark = true
            :: n > known[e].expected -> known[e].owes_nack = true
            :: else
            fi
#else
            take_fast(e, n)
#endif
        :: else -> take_durable(e, n, (kind == AGAIN))
        fi DONE
    // Its debts. On a dead connection they vanish.
    :: STEP known[e].owes_mark && known[e].session && nfull(to_emitter[e]) ->
        known[e].owes_mark = false;
        if
        :: !known[e].cut -> to_emitter[e]!MARK, epoch, known[e].expected - 1, 0
        :: else
        fi DONE
    :: STEP known[e].owes_nack && known[e].session && nfull(to_emitter[e]) ->
        known[e].owes_nack = false;
#ifndef WITHOUT_NACK
        if
        :: !known[e].cut -> to_emitter[e]!NACK, epoch, known[e].expected, 0
        :: else
        fi
#endif
        DONE
    :: STEP known[e].owes_receipt && known[e].session && nfull(to_emitter[e]) ->
        known[e].owes_receipt = false;
        if
        :: !known[e].cut -> to_emitter[e]!RECEIPT, epoch, known[e].receipted, known[e].lost
        :: else
        fi DONE
    od
}

// The broker and its recorder.
proctype Serving()
{
end:
    do
    :: STEP AWAITS(from_recorder) && nfull(to_recorder) ->
        from_recorder?kind, n, m, z, w;
        if
        :: kind == HELLO && n > epoch -> begin_epoch(n + 1)
        :: kind == HELLO && n <= epoch ->
            recorder_session = true;
            recorder_cut = false;
            to_recorder!WELCOME, epoch, 0, 0, 0
        :: kind == CONFIRM && recorder_session && !recorder_cut && n == epoch ->
            assert(m <= head[epoch]);
            if
            :: m > recorded -> recorded = m; overrun = false
            :: else
            fi;
            decide(0, recorded, z)
#if EMITTERS > 1
            ;
            decide(1, recorded, w)
#endif
        :: kind == REPAIR && recorder_session && !recorder_cut ->
            if
            :: n == epoch -> to_recorder!REPAIR, n, m, first_in_ring, head[epoch]
            :: else -> to_recorder!REPAIR, n, m, 0, 0
            fi
        :: else
        fi DONE
    od
}

// ---- recorder

inline write_place(ep, p)
{
    if
    :: ep != written.epoch -> // an epoch end stands behind the last leaf of the epoch before
        assert(ep > written.epoch);
        written.epoch = ep;
        written.position = 0;
        i = 0;
        do
        :: i < EMITTERS -> written.here[i] = 0; i++
        :: else -> break
        od
    :: else
    fi;
    assert(p == written.position + 1); // every position has a leaf
    written.position = p
}

// Whether the recorder asks its index for an event's id: when it says that it was sent before, or
// when its number is known. The first copy may come behind the second one, by an old connection.
#ifdef WITHOUT_LOOK_UP
#define IS_LOOKED_UP(x, e, number) false
#elif defined(WITHOUT_LOOK_UP_BY_NUMBER)
#define IS_LOOKED_UP(x, e, number) AT_RESENT(x)
#else
#define IS_LOOKED_UP(x, e, number) (AT_RESENT(x) || (written.numbers[e] & BIT(number)))
#endif

inline write_event(ep, p)
{
    x = AT(ep, p);
    y = AT_EMITTER(x);
    z = AT_NUMBER(x);
    if
    :: AT_FAST(x) ->
        assert(!(written.fasts & BIT(z))); // once
        write_place(ep, p);
        written.fasts = written.fasts | BIT(z)
    :: !AT_FAST(x) && IS_LOOKED_UP(x, y, z) && (written.ids[y] & BIT(em[y].id[z])) ->
#ifndef WITHOUT_REPEAT
        write_place(ep, p);
        written.here[y] = written.here[y] | BIT(z)
#else
        skip
#endif
    :: else ->
        write_place(ep, p);
        assert(!(written.ids[y] & BIT(em[y].id[z]))); // recorded once
        assert(!(written.numbers[y] & BIT(z)));       // one number, one event
        written.ids[y] = written.ids[y] | BIT(em[y].id[z]);
        written.numbers[y] = written.numbers[y] | BIT(z);
        written.here[y] = written.here[y] | BIT(z)
    fi
}

inline write_gap(ep, p)
{
    assert(overran[ep]); // only what the ring overwrote
    write_place(ep, p)
}

inline stream_begin(ep)
{
    stream_epoch = ep;
    next_position = 1;
    wanted = 0;
    asked = false;
    if
    :: attached && attached_epoch < ep -> attached = false
    :: else
    fi
}

inline take_repair(ep, from, oldest, through)
{
    asked = false;
    if
    :: ep == stream_epoch && from == next_position && through > 0 && wanted >= next_position ->
        last = MIN(oldest - 1, wanted);
        do
        :: next_position <= last -> write_gap(ep, next_position); next_position++
        :: else -> break
        od;
        last = MIN(through, wanted);
        do
        :: next_position <= last -> write_event(ep, next_position); next_position++
        :: else -> break
        od
    :: else
    fi
}

proctype Recording()
{
end:
    do
    // A frame from egress. Frames of two are taken in one by one, so that a commit may divide them.
    :: STEP up && !REPAIRING && read_position < head[read_epoch] ->
        read_position++;
        if
        :: read_epoch < stream_epoch // fenced
        :: else ->
            if
            :: read_epoch > stream_epoch -> stream_begin(read_epoch)
            :: else
            fi;
            if
            :: read_position < next_position
            :: read_position == next_position ->
                write_event(stream_epoch, next_position);
                next_position++
            :: read_position > next_position ->
#ifndef WITHOUT_REPAIR
                wanted = MAX(wanted, read_position)
#else
                next_position = read_position;
                write_event(stream_epoch, next_position);
                next_position++
#endif
            fi
        fi DONE
    // A heartbeat behind all frames tells the head.
    :: STEP up && !REPAIRING && read_epoch == epoch && read_position == head[epoch] &&
                (stream_epoch < epoch ||
                 (stream_epoch == epoch && next_position <= head[epoch])) &&
                epoch >= stream_epoch ->
        if
        :: stream_epoch < epoch -> stream_begin(epoch)
        :: else
        fi;
        wanted = MAX(wanted, head[epoch]) DONE
    // What an epoch's broker had sent ends anywhere when it dies.
    :: STEP up && !REPAIRING && read_epoch != epoch -> read_epoch = epoch; read_position = 0 DONE
    :: STEP up && attached && attached_epoch == stream_epoch && REPAIRING && !asked &&
                nfull(from_recorder) ->
        asked = true;
        from_recorder!REPAIR, stream_epoch, next_position, 0, 0 DONE
    // A group commit.
    :: STEP up && (disk.epoch != written.epoch || disk.position != written.position) ->
        disk.epoch = written.epoch;
        disk.position = written.position;
        disk.fasts = written.fasts;
        i = 0;
        do
        :: i < EMITTERS ->
            disk.ids[i] = written.ids[i];
            disk.numbers[i] = written.numbers[i];
            disk.here[i] = written.here[i];
            i++
        :: else -> break
        od;
        owes_confirm = true DONE
    :: STEP up && attached && owes_confirm && nfull(from_recorder) ->
        owes_confirm = false;
        if
        :: disk.epoch == attached_epoch ->
#if EMITTERS > 1
            from_recorder!CONFIRM, disk.epoch, disk.position, disk.here[0], disk.here[1]
#else
            from_recorder!CONFIRM, disk.epoch, disk.position, disk.here[0], 0
#endif
        :: else
        fi DONE
    :: STEP up && !attached && empty(from_recorder) && empty(to_recorder) ->
        from_recorder!HELLO, MAX(stream_epoch, attached_epoch), 0, 0, 0 DONE
    :: STEP up && attached && (recorder_cut || !recorder_session || attached_epoch != epoch) ->
        attached = false DONE
    :: STEP up && AWAITS(to_recorder) ->
        to_recorder?kind, m, n, i, w;
        if
        :: kind == WELCOME && m >= stream_epoch && m >= attached_epoch ->
            attached = true;
            attached_epoch = m;
            asked = false;
            owes_confirm = true
        :: kind == REPAIR ->
            x = i;
            take_repair(m, n, x, w)
        :: else
        fi DONE
    :: STEP !up -> // it starts again, where its journal ends
        up = true;
        stream_epoch = disk.epoch;
        next_position = disk.position + 1;
        read_epoch = epoch;
        read_position = head[epoch] DONE
    od
}

// ---- faults

inline again_from_the_start()
{
    i = 0;
    do
    :: i < EMITTERS -> em[i].vain = 0; i++
    :: else -> break
    od
}

inline kill_broker(ep, flush)
{
    broker_kills--;
    again_from_the_start();
    begin_epoch(ep);
    i = 0;
    do
    :: i < EMITTERS && flush ->
        do
        :: AWAITS(in[i]) -> in[i]?kind, n
        :: else -> break
        od;
        do
        :: AWAITS(to_broker[i]) -> to_broker[i]?n, m, z
        :: else -> break
        od;
        do
        :: AWAITS(to_emitter[i]) -> to_emitter[i]?kind, n, m, z
        :: else -> break
        od;
        i++
    :: else -> break
    od;
    do
    :: AWAITS(from_recorder) && flush -> from_recorder?kind, n, m, z, w
    :: AWAITS(to_recorder) && flush -> to_recorder?kind, n, m, z, w
    :: else -> break
    od
}

inline kill_recorder()
{
    recorder_kills--;
    again_from_the_start();
    up = false;
    attached = false;
    attached_epoch = 0;
    asked = false;
    wanted = 0;
    owes_confirm = false;
    do
    :: AWAITS(from_recorder) -> from_recorder?kind, n, m, z, w
    :: AWAITS(to_recorder) -> to_recorder?kind, n, m, z, w
    :: else -> break
    od;
    written.epoch = disk.epoch;
    written.position = disk.position;
    written.fasts = disk.fasts;
    i = 0;
    do
    :: i < EMITTERS ->
        written.ids[i] = disk.ids[i];
        written.numbers[i] = disk.numbers[i];
        written.here[i] = disk.here[i];
        i++
    :: else -> break
    od
}

proctype Failing()
{
    byte e;
    do
#if LOSSES
    :: STEP losses > 0 && AWAITS(in[0]) -> losses--; again_from_the_start(); in[0]?kind, n DONE
#if EMITTERS > 1
    :: STEP losses > 0 && AWAITS(in[1]) -> losses--; again_from_the_start(); in[1]?kind, n DONE
#endif
    // A whole frame on egress.
    :: STEP losses > 0 && up && read_position < head[read_epoch] &&
                !AT_SECOND(AT(read_epoch, read_position + 1)) ->
        losses--;
        again_from_the_start();
        read_position++;
        if
        :: read_position < head[read_epoch] && AT_SECOND(AT(read_epoch, read_position + 1)) ->
            read_position++
        :: else
        fi DONE
#endif
#if CUTS
    // Of what is on a connection that breaks nothing reaches the emitter; a hello may still.
    :: STEP cuts > 0 && known[0].session && !known[0].cut ->
        cuts--; again_from_the_start(); known[0].cut = true;
        do
        :: AWAITS(to_emitter[0]) -> to_emitter[0]?kind, n, m, z
        :: else -> break
        od DONE
#if EMITTERS > 1
    :: STEP cuts > 0 && known[1].session && !known[1].cut ->
        cuts--; again_from_the_start(); known[1].cut = true;
        do
        :: AWAITS(to_emitter[1]) -> to_emitter[1]?kind, n, m, z
        :: else -> break
        od DONE
#endif
    :: STEP cuts > 0 && recorder_session && !recorder_cut ->
        cuts--; again_from_the_start(); recorder_cut = true;
        do
        :: AWAITS(from_recorder) -> from_recorder?kind, n, m, z, w
        :: AWAITS(to_recorder) -> to_recorder?kind, n, m, z, w
        :: else -> break
        od DONE
#endif
#if BROKER_KILLS
    :: STEP broker_kills > 0 -> kill_broker(highest_epoch + 1, false) DONE
    :: STEP broker_kills > 0 -> kill_broker(highest_epoch + 1, true) DONE
#if FIRST_EPOCH > 1
    :: STEP broker_kills > 0 && head[1] == 0 && epoch != 1 -> kill_broker(1, true) DONE
#endif
#endif
#if RECORDER_KILLS
    :: STEP recorder_kills > 0 && up -> kill_recorder() DONE
#endif
#if EMITTER_KILLS
    :: STEP emitter_kills > 0 && !em[0].dead ->
        emitter_kills--; again_from_the_start(); em[0].dead = true DONE
#endif
#if EVICTIONS
    :: STEP evictions > 0 && known[0].expected > 0 ->
        evictions--; again_from_the_start(); forget_entry(0) DONE
#endif
#if OVERRUNS
    :: STEP overruns > 0 && HELD && recorded < head[epoch] ->
        overruns--; again_from_the_start(); overrun = true DONE
#endif
#if SWAPS
    :: STEP swaps > 0 && len(in[0]) >= 2 ->
        swaps--; again_from_the_start();
        in[0]?kind, n;
        m = len(in[0]);
        if
        :: kind == FIRST -> z = 1
        :: kind == AGAIN -> z = 2
        :: kind == SYNC -> z = 3
        :: else -> z = 4
        fi;
        x = n;
        in[0]?kind, n;
        in[0]!kind, n;
        if
        :: z == 1 -> in[0]!FIRST, x
        :: z == 2 -> in[0]!AGAIN, x
        :: z == 3 -> in[0]!SYNC, x
        :: else -> in[0]!FAST, x
        fi;
        m--;
        do
        :: m > 0 -> in[0]?kind, n; in[0]!kind, n; m--
        :: else -> break
        od DONE
#endif
    :: STEP // and then no more
        losses = 0; cuts = 0; broker_kills = 0; recorder_kills = 0; emitter_kills = 0;
        evictions = 0; overruns = 0; swaps = 0; early = 0 DONE -> break
    od
}

// ---- everything settles

#define SETTLED(e) (em[e].dead || (em[e].floor == em[e].next && em[e].said == EVENTS))

proctype Watching()
{
end:
    do
    :: atomic { timeout ->
        assert(SETTLED(0)); // nobody is stuck
        assert(em[0].dead || disk.ids[0] == RANGE(1, EVENTS)); // all that was said is recorded
#if EMITTERS > 1
        assert(SETTLED(1));
        assert(em[1].dead || disk.ids[1] == RANGE(1, EVENTS));
#endif
        assert(disk.epoch == epoch || head[epoch] == 0);
        assert(head[epoch] == 0 || (disk.position == head[epoch] && recorded == head[epoch])) } -> break
    od
}

init
{
    atomic {
        run Emitting(0);
        run Broking(0);
#if EMITTERS > 1
        run Emitting(1);
        run Broking(1);
#endif
        run Serving();
        run Recording();
        run Failing();
        run Watching()
    }
}
