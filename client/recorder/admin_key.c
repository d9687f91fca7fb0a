// SPDX-License-Identifier: MIT
// `rotate-key`
#include "admin_verb.h"
#include "duty.h"
#include "writer.h"

static oyez_err rotate(struct recorder_writer *writer, void *key)
{
    return oyez_journal_rotate_key(writer->journal, key);
}

static void answer_rotate(struct oyez_recorder *recorder, struct recorder_request *request,
                          struct recorder_reply *reply)
{
    struct oyez_note_verifier key = {.key_id = 0};
    char text[OYEZ_NOTE_VKEY_SIZE];
    (void)request;
    oyez_err err = recorder_duty_do(recorder, rotate, &key);
    if (err != OYEZ_OK) {
        recorder_reply_fail(reply, err);
        return;
    }
    oyez_note_verifier_write(&key, text);
    recorder_reply_text(reply, "key", text);
}

const struct recorder_verb recorder_verb_rotate_key = {.name = "rotate-key",
                                                       .answer = answer_rotate};
