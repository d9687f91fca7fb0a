// SPDX-License-Identifier: MIT
#include "proof_source.h"

#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "message.h"
#include "oyez/proof.h"
#include "question.h"

static oyez_err copy(struct proof_answer *answer, const void *bytes, size_t size)
{
    answer->bytes = malloc(size + 1);
    if (answer->bytes == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a proof");
    }
    memcpy(answer->bytes, bytes, size);
    answer->size = size;
    return OYEZ_OK;
}

// The frames behind the first: the checkpoint, and the proof if one was asked for.
static oyez_err ask(oyez_client *client, struct oyez_uuid event_id, bool prove, uint32_t timeout_ms,
                    struct proof_answer *answer)
{
    struct asker asker = {.client = client};
    struct question *question = calloc(1, sizeof *question);
    if (question == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a question");
    }
    question->ask = ask_recorder;
    question->arg = &asker;
    question->request.which_body = oyez_v1_QueryRequest_proof_tag;
    if (prove) {
        question->request.body.proof.event_id.size = OYEZ_UUID_SIZE;
        memcpy(question->request.body.proof.event_id.bytes, event_id.bytes, OYEZ_UUID_SIZE);
    }
    size_t frame = prove ? 2 : 1;
    oyez_err err = question_put(question, timeout_ms);
    if (err == OYEZ_OK && question->page.count <= frame) {
        err = oyez_fail(OYEZ_ERR_MALFORMED, "an answer without what was asked for");
    }
    if (err == OYEZ_OK) {
        err = copy(answer, question->page.frames[frame].bytes, question->page.frames[frame].size);
    }
    ask_page_free(&asker.page);
    free(question);
    return err;
}

static oyez_err ask_server(const struct arguments *arguments, uint32_t timeout_ms,
                           struct oyez_uuid event_id, bool prove, struct proof_answer *answer)
{
    const struct oyez_client_options options = {
        .endpoint = arguments->endpoint, .name = arguments->command->name, .close_timeout_ms = 1};
    oyez_client *client = NULL;
    oyez_err err = oyez_client_open(&client, &options, timeout_ms);
    if (err == OYEZ_OK) {
        err = ask(client, event_id, prove, timeout_ms, answer);
    }
    oyez_client_close(&client);
    return err;
}

static oyez_err prove_from(const char *directory, struct oyez_uuid event_id,
                           struct proof_answer *answer)
{
    oyez_journal_reader *reader = NULL;
    uint64_t index;
    oyez_err err = oyez_journal_reader_open(&reader, directory, NULL);
    if (err == OYEZ_OK) {
        err = oyez_journal_reader_find_event_id(reader, event_id, &index);
        if (err == OYEZ_ERR_NOT_FOUND) {
            err = oyez_fail(err, "no event with this id is recorded");
        }
    }
    if (err == OYEZ_OK) {
        err = oyez_journal_prove(reader, index, NULL, 0, &answer->bytes, &answer->size);
    }
    oyez_journal_reader_close(&reader);
    return err;
}

static oyez_err load_from(const char *directory, struct proof_answer *answer)
{
    oyez_journal_reader *reader = NULL;
    char *note = malloc(OYEZ_NOTE_SIZE_MAX);
    size_t size;
    oyez_err err = note != NULL ? oyez_journal_reader_open(&reader, directory, NULL)
                                : oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a checkpoint");
    if (err == OYEZ_OK) {
        err = oyez_checkpoint_load(directory, NULL, note, &size);
    }
    if (err == OYEZ_OK) {
        err = copy(answer, note, size);
    }
    oyez_journal_reader_close(&reader);
    free(note);
    return err;
}

static int tell(const struct arguments *arguments, const char *directory, oyez_err err)
{
    return err == OYEZ_OK
               ? EXIT_DONE
               : command_fail_at(directory != NULL ? directory : arguments->endpoint, err);
}

int proof_source_prove(const struct arguments *arguments, const char *directory,
                       uint32_t timeout_ms, struct oyez_uuid event_id, struct proof_answer *answer)
{
    *answer = (struct proof_answer){0};
    return tell(arguments, directory,
                directory != NULL ? prove_from(directory, event_id, answer)
                                  : ask_server(arguments, timeout_ms, event_id, true, answer));
}

int proof_source_checkpoint(const struct arguments *arguments, const char *directory,
                            uint32_t timeout_ms, struct proof_answer *answer)
{
    struct oyez_uuid none = {{0}};
    *answer = (struct proof_answer){0};
    return tell(arguments, directory,
                directory != NULL ? load_from(directory, answer)
                                  : ask_server(arguments, timeout_ms, none, false, answer));
}
