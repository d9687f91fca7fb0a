// SPDX-License-Identifier: MIT
// The thread that makes the indexes of segments once they are sealed, so that no question has to. It
// stands back behind all others: who asks earlier makes the index by itself.
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "oyez/reindex.h"
#include "recorder_state.h"
#include "wire/clock.h"

#define NICENESS 10
// Whoever is asked questions has most of the segment in a table already, and writes it with the next.
#define LEAD_MS 500u

static bool is_over(struct oyez_recorder *recorder)
{
    pthread_mutex_lock(&recorder->lock);
    bool over = recorder->indexing_over;
    pthread_mutex_unlock(&recorder->lock);
    return over;
}

static bool go_on(void *arg, uint64_t done, uint64_t of)
{
    (void)done;
    (void)of;
    return !is_over(arg);
}

static void tell(void *arg, const char *text)
{
    recorder_log(arg, OYEZ_WARNING, "%s", text);
}

// Without an index a question takes longer, and is answered all the same.
static void index_segments(struct oyez_recorder *recorder)
{
    struct oyez_reindex_report report;
    const struct oyez_reindex_options options = {
        .notice = tell, .progress = go_on, .arg = recorder};
    oyez_err err = oyez_reindex(recorder->directory, &options, &report);
    if (err != OYEZ_OK && !is_over(recorder))
        recorder_log(recorder, OYEZ_WARNING, "indexes cannot be made: %s", oyez_error_detail());
}

void recorder_tell_sealed(struct oyez_recorder *recorder, uint64_t before)
{
    if (recorder->sealed_before == before)
        return;
    recorder->sealed_before = before;
    pthread_cond_broadcast(&recorder->for_index);
}

// Sleeps until a segment was sealed. False: there will be no other.
static bool wait_for_sealed(struct oyez_recorder *recorder, uint64_t *before)
{
    pthread_mutex_lock(&recorder->lock);
    while (!recorder->indexing_over && recorder->sealed_before == *before)
        pthread_cond_wait(&recorder->for_index, &recorder->lock);
    struct timespec deadline = oyez_clock_deadline(LEAD_MS);
    while (!recorder->indexing_over &&
           pthread_cond_timedwait(&recorder->for_index, &recorder->lock, &deadline) == 0)
        ;
    *before = recorder->sealed_before;
    bool more = !recorder->indexing_over;
    pthread_mutex_unlock(&recorder->lock);
    return more;
}

void *recorder_indexing_run(void *arg)
{
    struct oyez_recorder *recorder = arg;
    uint64_t before = 0;
    // Of this thread alone, and where it is refused it works as the others do.
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
    do
        index_segments(recorder);
    while (wait_for_sealed(recorder, &before));
    return NULL;
}
