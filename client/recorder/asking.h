// SPDX-License-Identifier: MIT
// A mirror's questions to its primary, over the broker's relay: records, page by page. One question
// is under way at a time, and its answer is in the queue before the next is asked, so a primary
// that is away costs no memory. Intake's thread.
#ifndef OYEZ_RECORDER_ASKING_H
#define OYEZ_RECORDER_ASKING_H

#include "record_message.h"

struct recorder_intake;

struct recorder_asking {
    uint64_t next;       // index to ask for
    uint64_t request_id; // of the question under way, or of the last one
    bool under_way;
    uint64_t due_ms;   // ask, or ask again
    uint64_t wait_ms;  // for an answer, before the question is said again
    uint64_t heard_ms; // an answer came, or the mirror had nobody to ask
    bool told;         // that no answer comes
    unsigned frames;   // read of the answer that is coming
    bool ours;         // that it is the answer to the question under way
    bool full;         // it is whole, and waits for room in the queue
    struct recorder_bytes answer;
    bool caught_up_known;  // since this session began
    uint64_t caught_up_at; // records that the primary had when it first answered
};

void recorder_asking_begin(struct recorder_intake *intake, uint64_t next_index);
void recorder_asking_end(struct recorder_intake *intake);

// recorder_asking_attached: there is a new session, to which no answer is on its way.
void recorder_asking_attached(struct recorder_intake *intake, uint64_t now_ms);

// recorder_asking_tick hands on an answer that waits, and asks when that is due.
void recorder_asking_tick(struct recorder_intake *intake, uint64_t now_ms);

// recorder_asking_is_caught_up: everything that the primary had when it first answered is safe here.
bool recorder_asking_is_caught_up(const struct recorder_intake *intake, uint64_t safe_records);

// recorder_asking_refused: nobody is there to answer.
void recorder_asking_refused(struct recorder_intake *intake, uint64_t now_ms);

// An answer: its frames in order, then its end.
void recorder_asking_answered(struct recorder_intake *intake);
void recorder_asking_frame(struct recorder_intake *intake, const void *frame, size_t size);
void recorder_asking_answer_end(struct recorder_intake *intake, uint64_t now_ms);

#endif
