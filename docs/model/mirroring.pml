// SPDX-License-Identifier: MIT
// A mirror that began with its primary has the same leaf at every position, and the same epoch ends.
//
// Both read the same stream; the mirror's may lose. What a position holds comes from the bus or from
// the primary; what kind of leaf stands there, and where an epoch ends, only the primary says.

#ifndef POSITIONS
#define POSITIONS 3
#endif
#ifndef EPOCHS
#define EPOCHS 2
#endif
#ifndef LOSSES
#define LOSSES 0 // a frame to the mirror
#endif
#ifndef BROKER_KILLS
#define BROKER_KILLS 0
#endif
#ifndef GAPS
#define GAPS 0 // positions that come to the mirror alone
#endif

#define NOTHING 0
#define EVENT 1
#define GAP 2
#define ROW(ep, p) row[((ep) - 1) * POSITIONS + (p) - 1]
#define MIRROR_ROW(ep, p) mirror_row[((ep) - 1) * POSITIONS + (p) - 1]

byte epoch = 1;
byte head[EPOCHS + 1];

// The primary's journal.
byte row[EPOCHS * POSITIONS];
byte journal_epoch = 1, journal_position;
byte ended[EPOCHS + 1]; // 1 + last recorded position
byte followed[EPOCHS + 1];

// The mirror's.
byte mirror_row[EPOCHS * POSITIONS];
byte mirror_epoch = 1, mirror_position;
byte mirror_ended[EPOCHS + 1];
byte read_epoch = 1, read_position;
bool has[EPOCHS * POSITIONS]; // of the bus
#define HAS(ep, p) has[((ep) - 1) * POSITIONS + (p) - 1]

byte losses = LOSSES, broker_kills = BROKER_KILLS, gaps = GAPS;
byte n;
#define STEP d_step {
#define DONE ; n = 0 }

proctype Broking()
{
end:
    do
    :: STEP head[epoch] < POSITIONS -> head[epoch]++ DONE
    od
}

proctype Recording()
{
end:
    do
    :: STEP journal_position < head[journal_epoch] ->
        journal_position++;
        ROW(journal_epoch, journal_position) = EVENT DONE
    :: STEP gaps > 0 && journal_epoch == epoch && journal_position < head[epoch] ->
        gaps--;
        journal_position++;
        ROW(epoch, journal_position) = GAP DONE
    // Of an epoch that is over it may have got only a part.
    :: STEP journal_epoch < epoch && head[epoch] > 0 ->
        ended[journal_epoch] = journal_position + 1;
        followed[journal_epoch] = epoch;
        journal_epoch = epoch;
        journal_position = 0 DONE
    od
}

inline mirror(kind)
{
    mirror_position++;
    MIRROR_ROW(mirror_epoch, mirror_position) = kind
}

#define NEXT_HERE (mirror_position < head[mirror_epoch] && HAS(mirror_epoch, mirror_position + 1))
#define NEXT_ROW ROW(mirror_epoch, mirror_position + 1)
#define CAN_GO_ON (mirror_position < POSITIONS)

proctype Mirroring()
{
end:
    do
    :: STEP read_position < head[read_epoch] ->
        read_position++;
        HAS(read_epoch, read_position) = true DONE
    :: STEP read_epoch < epoch -> read_epoch = epoch; read_position = 0 DONE
    // What the primary has recorded: with the bytes of the bus, or of the primary.
    :: STEP CAN_GO_ON && NEXT_ROW != NOTHING ->
#ifdef WITHOUT_COPIED_GAPS
        n = (NEXT_HERE -> EVENT : NEXT_ROW);
#else
        n = NEXT_ROW;
#endif
        mirror(n) DONE
#ifdef WITHOUT_MARK
    :: STEP CAN_GO_ON && NEXT_HERE -> mirror(EVENT) DONE
#endif
#ifdef WITHOUT_COPIED_ENDS
    :: STEP mirror_epoch < read_epoch && head[read_epoch] > 0 ->
        mirror_ended[mirror_epoch] = mirror_position + 1;
        mirror_epoch = read_epoch;
        mirror_position = 0 DONE
#else
    :: STEP ended[mirror_epoch] == mirror_position + 1 ->
        mirror_ended[mirror_epoch] = mirror_position + 1;
        mirror_epoch = followed[mirror_epoch];
        mirror_position = 0 DONE
#endif
    od
}

proctype Failing()
{
    do
#if LOSSES
    :: STEP losses > 0 && read_position < head[read_epoch] -> losses--; read_position++ DONE
#endif
#if BROKER_KILLS
    :: STEP broker_kills > 0 -> broker_kills--; epoch++ DONE
#endif
    :: STEP losses = 0; broker_kills = 0; gaps = 0 DONE -> break
    od
}

proctype Watching()
{
end:
    do
    :: atomic { timeout ->
        assert(mirror_epoch == journal_epoch && mirror_position == journal_position);
        n = 0;
        do
        :: n < EPOCHS * POSITIONS -> assert(mirror_row[n] == row[n]); n++
        :: else -> break
        od;
        n = 1;
        do
        :: n <= EPOCHS -> assert(mirror_ended[n] == ended[n]); n++
        :: else -> break
        od } -> break
    od
}

init
{
    atomic {
        run Broking();
        run Recording();
        run Mirroring();
        run Failing();
        run Watching()
    }
}
