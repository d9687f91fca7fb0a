// SPDX-License-Identifier: MIT
// Answers questions from a journal directory, live or at rest. The recorder answers with it, and
// the command line does with --dir: the same code, so the same answers.
//
// Events are what readers see: no repeats, gaps, ends of epochs or acts of the journal; not what was
// erased; not what is flagged invalid because its envelope cannot be read. Events in conflict are
// shown by a query and counted; a get finds the event that an id stands for.
#ifndef OYEZ_QUERY_ENGINE_H
#define OYEZ_QUERY_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"
#include "oyez/query_page.h"

typedef struct oyez_query_engine oyez_query_engine;

// oyez_query_engine_open opens a directory for reading; where it may be written, missing and bad
// index files are made anew. `notice` is told, in a line for people, what was wrong with one, from
// within a question; may be NULL. The errors of oyez_journal_reader_open. An engine belongs to one
// thread. The caller owns *out.
oyez_err oyez_query_engine_open(oyez_query_engine **out, const char *directory,
                                void (*notice)(void *arg, const char *text), void *arg);
void oyez_query_engine_close(oyez_query_engine **engine);

// oyez_query_engine_ask answers one encoded QueryRequest (proto/query.proto) with one page, which
// is valid until the next question. What is wrong with the question, or with the journal, stands
// in the answer (QueryAnswer.fault). OYEZ_ERR_MALFORMED: no such message. OYEZ_ERR_NO_MEMORY.
// Blocks on the disk; looks at a bounded number of records, makes one index at most, so that one question takes a bounded
// time: an answer without events and with next_index means "nothing yet, ask on".
oyez_err oyez_query_engine_ask(oyez_query_engine *engine, const uint8_t *request, size_t size,
                               struct oyez_query_page *page);

#endif
