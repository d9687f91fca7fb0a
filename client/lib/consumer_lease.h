// SPDX-License-Identifier: MIT
// A consumer's questions of itself to the recorder: to be its holder, to commit, to leave. One
// thread at a time.
#ifndef OYEZ_CONSUMER_LEASE_H
#define OYEZ_CONSUMER_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "oyez/consumer.h"
#include "question.h"

#define CONSUMER_LEASE_MS_DEFAULT 5000u
#define CONSUMER_LEASE_MS_MIN 100u
#define CONSUMER_LEASE_MS_MAX 3600000u

struct consumer_lease {
    struct question question;
    oyez_v1_Consumer told; // by the last answer that had one
    bool has_told;
    uint32_t lease_ms;
    uint64_t until_ms; // monotonic: surely the holder until then; counted from the question
};

// consumer_lease_init checks the name and says what is asked in every question.
// OYEZ_ERR_INVALID, OYEZ_ERR_TOO_LARGE.
oyez_err consumer_lease_init(struct consumer_lease *lease, oyez_query_ask *ask, void *arg,
                             const char *name, const char *holder_name);

// consumer_lease_open, _commit, _close, _reset, _delete ask. OYEZ_ERR_BUSY: another holds the name.
// Otherwise the errors of question_put. Patterns are those of an opened consumer_pages. Block.
oyez_err consumer_lease_open(struct consumer_lease *lease, const oyez_v1_Query *patterns,
                             uint32_t lease_ms, uint64_t epoch, uint64_t position,
                             uint32_t timeout_ms);
oyez_err consumer_lease_commit(struct consumer_lease *lease, uint64_t epoch, uint64_t position,
                               uint32_t timeout_ms);
oyez_err consumer_lease_close(struct consumer_lease *lease, uint32_t timeout_ms);
oyez_err consumer_lease_reset(struct consumer_lease *lease, uint64_t epoch, uint64_t position,
                              uint32_t timeout_ms);
oyez_err consumer_lease_delete(struct consumer_lease *lease, uint32_t timeout_ms);

// consumer_lease_read reads a Consumer out of frame `i` of the last answer, from 1.
oyez_err consumer_lease_read(const struct question *question, size_t i, oyez_v1_Consumer *out);

#endif
