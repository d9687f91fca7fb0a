// SPDX-License-Identifier: MIT
// The defences against silent loss. A build for tests leaves one out (cmake -DOYEZ_WITHOUT=NACK), and
// then a test has to fail: tests/fault/without_defences. Each is asked for at one place. In any other
// build all are there, and the question is a constant.
#ifndef OYEZ_DEFENCE_H
#define OYEZ_DEFENCE_H

enum oyez_defence {
    OYEZ_DEFENCE_NONE,
    OYEZ_DEFENCE_ORDER,    // the broker takes an emitter's durable numbers one after the other
    OYEZ_DEFENCE_NACK,     // it asks for a missing one
    OYEZ_DEFENCE_RESEND,   // an emitter sends to a new epoch what it still keeps
    OYEZ_DEFENCE_REFILL,   // a subscriber reads in the record what did not reach it
    OYEZ_DEFENCE_HEADS,    // heartbeats name the newest event of each type that moved
    OYEZ_DEFENCE_QUESTION, // behind a missing heartbeat a subscriber asks for all heads
    OYEZ_DEFENCE_HOLD,     // the broker does not overwrite what is not recorded
    OYEZ_DEFENCE_REPEAT,   // the recorder takes what it has recorded before for a repeat
};

#ifndef OYEZ_WITHOUT
#define OYEZ_WITHOUT NONE
#endif

#define OYEZ_DEFENCE_CALLED(name) OYEZ_DEFENCE_##name
#define OYEZ_DEFENCE_NAMED(name) OYEZ_DEFENCE_CALLED(name)
#define OYEZ_HAS(name) (OYEZ_DEFENCE_##name != OYEZ_DEFENCE_NAMED(OYEZ_WITHOUT))

#endif
