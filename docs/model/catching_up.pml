// SPDX-License-Identifier: MIT
// A subscriber on a bus with a recorder: every recorded event that it wants, once, in order; what is
// in no record is told. With -DONLY_RECORDED=1 nothing besides.
//
// One emitter says numbers 1, 2, 3, … and says those again in a new epoch that have no receipt. What
// happens between it and the recorder is in emitting.pml; how a loss is noticed, in listening.pml.
// Number 2 is of a type that the subscriber does not want.

#ifndef NUMBERS
#define NUMBERS 3
#endif
#ifndef POSITIONS
#define POSITIONS 4
#endif
#ifndef EPOCHS
#define EPOCHS 2
#endif
#ifndef SLOW
#define SLOW 6 // questions in vain before the subscriber counts as stuck
#endif
#ifndef ONLY_RECORDED
#define ONLY_RECORDED 0
#endif
#ifndef LOSSES
#define LOSSES 0 // a frame to the subscriber, a question or an answer
#endif
#ifndef BROKER_KILLS
#define BROKER_KILLS 0
#endif
#ifndef GAPS
#define GAPS 0 // positions that come to no recorder
#endif

#define BIT(n) (1 << (n))
#define UP_TO(n) ((BIT((n) + 1)) - 1)
#define WANTED(n) ((n) != 2)
#define AT(ep, p) at[((ep) - 1) * POSITIONS + (p) - 1]
#define ROW(ep, p) row[((ep) - 1) * POSITIONS + (p) - 1]
#define BEFORE(e1, p1, e2, p2) ((e1) < (e2) || ((e1) == (e2) && (p1) < (p2)))

#define NOTHING 0
#define EVENT 1
#define REPEAT 2
#define GAP 3

// The broker, and its emitter.
byte epoch = 1;
byte head[EPOCHS + 1];
byte at[EPOCHS * POSITIONS]; // which number stands there
byte next_number = 1;

// The journal.
byte row[EPOCHS * POSITIONS];
byte journal_epoch = 1;
byte journal_position;
byte ended[EPOCHS + 1];   // 1 + last recorded position of an epoch that is over
byte followed[EPOCHS + 1]; // by which recorded epoch
byte recorded;            // numbers
byte decided;             // recorded, or in a gap
byte gapped;

// The subscriber.
byte sub_epoch = 1;
byte read_epoch = 1, read_position; // how far egress was read
byte next = 1;                      // type sequence
byte type_seq;                      // of the frame that egress gave last
bool reading;
byte goal_epoch, goal_position;
byte complete_epoch = 1, complete_position; // all of the record up to here was delivered
byte held_epoch, held_position, held_seq;   // 0: none
byte unheld_epoch, unheld_position;         // the newest that found no room
bool asked;
byte delivered;
byte lost;                                  // positions told as lost, for the properties

chan question = [1] of { byte, byte };          // behind which position
chan answer = [1] of { byte, byte, byte, byte }; // the same, through, the epoch that follows

byte vain;

byte losses = LOSSES, broker_kills = BROKER_KILLS, gaps = GAPS;

byte n, m, x, y, z;
#define STEP d_step {
#define DONE ; n = 0; m = 0; x = 0; y = 0; z = 0 }

inline deliver(number)
{
    if
    :: !WANTED(number)
#ifndef WITHOUT_DELIVERED
    // It came in an earlier epoch.
#ifdef WITHOUT_HOLES
    :: WANTED(number) && (delivered & ~UP_TO(number - 1)) // or a later one did
#endif
    :: WANTED(number) && (delivered & BIT(number))
#endif
    :: else ->
        // Once, and in order; but what was in a gap may come again in a later epoch.
        assert(!(delivered & BIT(number)));
        assert(!(delivered & ~UP_TO(number - 1)) || (gapped & BIT(number)));
#if ONLY_RECORDED
        assert(recorded & BIT(number));
#endif
        delivered = delivered | BIT(number)
    fi
}

inline read_to(ep, p)
{
    reading = true;
    if
    :: BEFORE(goal_epoch, goal_position, ep, p) -> goal_epoch = ep; goal_position = p
    :: else
    fi
}

inline hold(ep, p, seq)
{
    if
    :: held_epoch == 0 && unheld_epoch == 0 ->
        held_epoch = ep; held_position = p; held_seq = seq
    :: else ->
        // The oldest stay: the record is read from their side.
        unheld_epoch = ep; unheld_position = p
    fi
}

// A frame of a wanted type, not while it reads.
inline take_live(ep, p, seq)
{
    if
    :: seq < next
    :: seq == next ->
        next = seq + 1;
        deliver(AT(ep, p));
        complete_epoch = ep;
        complete_position = p
    :: seq > next ->
#ifdef WITHOUT_REFILL
        next = seq + 1;
        deliver(AT(ep, p));
        complete_epoch = ep;
        complete_position = p
#else
#ifdef WITHOUT_HOLDING
        // It asks for what is missing, but does not wait for it.
        deliver(AT(ep, p));
        read_to(ep, p)
#else
        read_to(ep, p - 1);
        hold(ep, p, seq)
#endif
#endif
    fi
}

inline begin_epoch(ep)
{
    sub_epoch = ep;
    next = 1;
#ifndef WITHOUT_EPOCH_END
    read_to(ep, 0)
#else
    complete_epoch = ep;
    complete_position = 0;
    reading = false;
    held_epoch = 0;
    unheld_epoch = 0
#endif
}

// When the goal is reached: what was held, if nothing stands in the way, and on.
inline settle()
{
    if
    :: reading && !BEFORE(complete_epoch, complete_position, goal_epoch, goal_position) ->
        reading = false;
        if
        :: held_epoch != 0 ->
            x = held_epoch; y = held_position; z = held_seq;
            held_epoch = 0; held_position = 0; held_seq = 0;
            if
            :: BEFORE(complete_epoch, complete_position, x, y) -> take_live(x, y, z)
            :: else
            fi
        :: else
        fi;
        if
        :: unheld_epoch != 0 ->
            if
            :: BEFORE(complete_epoch, complete_position, unheld_epoch, unheld_position) ->
                read_to(unheld_epoch, unheld_position)
            :: else
            fi;
            unheld_epoch = 0; unheld_position = 0
        :: else
        fi
#if ONLY_RECORDED
        ;
        reading = true
#endif
    :: else
    fi
}

// Rows of the record, up to `through`.
inline take_rows(through)
{
    do
    :: complete_position < through ->
        complete_position++;
        m = AT(complete_epoch, complete_position);
        if
        :: complete_epoch == sub_epoch && WANTED(m) -> next++
        :: else
        fi;
        if
        :: ROW(complete_epoch, complete_position) == EVENT -> deliver(m)
        :: ROW(complete_epoch, complete_position) == GAP ->
            lost = lost | BIT((complete_epoch - 1) * POSITIONS + complete_position - 1)
        :: ROW(complete_epoch, complete_position) == NOTHING -> lost = lost | 128
        :: else
        fi
    :: else -> break
    od
}

proctype Broking()
{
end:
    do
    :: STEP next_number <= NUMBERS && head[epoch] < POSITIONS ->
        head[epoch]++;
        AT(epoch, head[epoch]) = next_number;
        next_number++ DONE
    od
}

inline begin_record()
{
    if
    :: journal_epoch != epoch ->
        ended[journal_epoch] = journal_position + 1;
#ifdef WITHOUT_NEXT_RECORDED
        followed[journal_epoch] = journal_epoch + 1;
#else
        followed[journal_epoch] = epoch;
#endif
        journal_epoch = epoch;
        journal_position = 0
    :: else
    fi
}

proctype Recording()
{
end:
    do
    // What its epoch's broker had sent is still read after it has gone, as far as it came.
    :: STEP journal_position < head[journal_epoch] ->
        journal_position++;
        n = AT(journal_epoch, journal_position);
        ROW(journal_epoch, journal_position) = ((recorded & BIT(n)) -> REPEAT : EVENT);
        recorded = recorded | BIT(n);
        decided = decided | BIT(n) DONE
    :: STEP journal_epoch < epoch && head[epoch] > 0 -> begin_record() DONE
    :: STEP gaps > 0 && journal_epoch == epoch && journal_position < head[epoch] ->
        gaps--;
        journal_position++;
        ROW(epoch, journal_position) = GAP;
        gapped = gapped | BIT(AT(epoch, journal_position));
        decided = decided | BIT(AT(epoch, journal_position)) DONE
    // "Complete through", and whether the epoch ended there: never more than there is.
    :: STEP len(question) > 0 && len(answer) == 0 ->
        question?x, y;
        if
        :: x < journal_epoch && ended[x] > 0 -> answer!x, y, ended[x] - 1, followed[x]
        :: x < journal_epoch && ended[x] == 0 -> // an epoch that nobody recorded
#ifdef WITHOUT_NEXT_RECORDED
            answer!x, y, 0, 0
#else
            answer!x, y, 0, journal_epoch
#endif
        :: x == journal_epoch -> answer!x, y, journal_position, 0
        :: x > journal_epoch -> answer!x, y, 0, 0
        fi DONE
    od
}

proctype Listening()
{
end:
    do
    // A frame: only wanted types come.
    :: STEP read_position < head[read_epoch] ->
        read_position++;
        if
        :: WANTED(AT(read_epoch, read_position)) ->
            type_seq++;
            if
            :: read_epoch < sub_epoch
            :: else ->
                if
                :: read_epoch > sub_epoch -> begin_epoch(read_epoch)
                :: else
                fi;
#if ONLY_RECORDED
                read_to(read_epoch, read_position)
#else
                if
                :: reading -> hold(read_epoch, read_position, type_seq)
                :: else ->
                    n = type_seq;
                    x = read_epoch;
                    y = read_position;
                    take_live(x, y, n)
                fi
#endif
            fi
        :: else
        fi DONE
    // Heads, behind all that was published before.
    :: STEP read_epoch == epoch && read_position == head[epoch] &&
            (sub_epoch < epoch || BEFORE(complete_epoch, complete_position, epoch, head[epoch])) &&
            !(reading && goal_epoch == epoch && goal_position == head[epoch]) ->
        if
        :: sub_epoch < epoch -> begin_epoch(epoch)
        :: else
        fi;
        if
        :: reading || ONLY_RECORDED -> read_to(epoch, head[epoch])
        :: !reading && !ONLY_RECORDED && type_seq >= next ->
#ifndef WITHOUT_REFILL
            read_to(epoch, head[epoch])
#else
            next = type_seq + 1
#endif
        :: else -> complete_position = head[epoch] // nothing of it is missing
        fi DONE
    // What the broker of an epoch had sent ends anywhere when it dies.
    :: STEP read_epoch < epoch -> read_epoch = epoch; read_position = 0; type_seq = 0 DONE
    :: STEP reading && !asked && BEFORE(complete_epoch, complete_position, goal_epoch, goal_position) &&
            len(question) == 0 && len(answer) == 0 &&
            // Not again before there is more.
            (complete_epoch < journal_epoch || complete_position < journal_position ||
             ended[complete_epoch] > 0) ->
        asked = true;
        vain++;
        assert(vain < SLOW);
        question!complete_epoch, complete_position DONE
    // No answer for a while.
    :: STEP asked && len(question) == 0 && len(answer) == 0 -> asked = false DONE
    :: STEP len(answer) > 0 ->
        answer?x, y, n, z;
        asked = false;
        if
        :: x == complete_epoch && y == complete_position ->
            if
            :: n > y || z != 0 -> vain = 0
            :: else
            fi;
#ifdef WITHOUT_THROUGH
            // It takes its own goal for the end of the answer.
            n = (goal_epoch == x -> goal_position : n);
#endif
            take_rows(n);
            if
            :: z != 0 -> // the epoch ended there
                complete_epoch = z;
                complete_position = 0
            :: else
            fi;
            settle()
        :: else
        fi DONE
    od
}

proctype Failing()
{
    do
#if LOSSES
    :: STEP losses > 0 && read_position < head[read_epoch] ->
        losses--; vain = 0;
        read_position++;
        if
        :: WANTED(AT(read_epoch, read_position)) -> type_seq++
        :: else
        fi DONE
    :: STEP losses > 0 && len(question) > 0 -> losses--; vain = 0; question?x, y DONE
    :: STEP losses > 0 && len(answer) > 0 -> losses--; vain = 0; answer?x, y, n, z DONE
#endif
#if BROKER_KILLS
    // The emitter says again what has no receipt, and perhaps one more: its receipt was lost.
    :: STEP broker_kills > 0 ->
        broker_kills--; vain = 0;
        epoch++;
        next_number = 1;
        do
        :: decided & BIT(next_number) -> next_number++
        :: else -> break
        od DONE
    :: STEP broker_kills > 0 && (decided & BIT(1)) ->
        broker_kills--; vain = 0;
        epoch++;
        next_number = 1;
        do
        :: decided & BIT(next_number + 1) -> next_number++
        :: else -> break
        od DONE
#endif
    :: STEP losses = 0; broker_kills = 0; gaps = 0 DONE -> break
    od
}

proctype Watching()
{
end:
    do
    :: atomic { timeout ->
        assert(next_number > NUMBERS);
        assert(head[epoch] == 0 || (journal_epoch == epoch && journal_position == head[epoch]));
        // It has read to where the record ends, and is live again.
        assert(head[epoch] == 0 ||
               (complete_epoch == epoch && complete_position == head[epoch]));
        assert(!reading || ONLY_RECORDED || head[epoch] == 0);
        assert(!(lost & 128)); // nothing is told of what is in no gap
        n = 1;
        do
        :: n <= NUMBERS ->
            if
            :: WANTED(n) && (recorded & BIT(n)) -> assert(delivered & BIT(n))
            :: else
            fi;
            n++
        :: else -> break
        od;
        // A wanted event in a gap was seen, or its position was told.
        n = 1;
        do
        :: n <= head[1] ->
            if
            :: ROW(1, n) == GAP && WANTED(AT(1, n)) && !(delivered & BIT(AT(1, n))) ->
                assert(lost & BIT(n - 1))
            :: else
            fi;
            n++
        :: else -> break
        od } -> break
    od
}

init
{
    atomic {
        run Broking();
        run Recording();
        run Listening();
        run Failing();
        run Watching()
    }
}
