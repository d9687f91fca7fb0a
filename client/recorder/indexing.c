// SPDX-License-Identifier: MIT
// The thread that makes the indexes of segments once they are sealed, so that no question has to. It
// stands back behind all others: who asks earlier makes the index by itself.
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "oyez/reindex.h"
#include "recorder_state.h"

#define NICENESS 10

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

// Sleeps until there may be a new segment. False: there never will be.
static bool wait_for_checkpoint(struct oyez_recorder *recorder, uint64_t *checkpoints)
{
    pthread_mutex_lock(&recorder->lock);
    while (!recorder->indexing_over && recorder->counters.checkpoints == *checkpoints)
        pthread_cond_wait(&recorder->for_index, &recorder->lock);
    *checkpoints = recorder->counters.checkpoints;
    bool more = !recorder->indexing_over;
    pthread_mutex_unlock(&recorder->lock);
    return more;
}

void *recorder_indexing_run(void *arg)
{
    struct oyez_recorder *recorder = arg;
    oyez_journal_reader *reader = NULL;
    uint64_t checkpoints = 0;
    size_t indexed = 0;
    // Of this thread alone, and where it is refused it works as the others do.
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
    oyez_err err = oyez_journal_reader_open(&reader, recorder->directory, NULL);
    if (err != OYEZ_OK)
        recorder_log(recorder, OYEZ_WARNING, "no indexes: %s", oyez_error_detail());
    while (err == OYEZ_OK) {
        // A segment is sealed before the checkpoint that its sealing brings, and the next one begun.
        size_t segments = 0;
        if (oyez_journal_reader_refresh(reader, &segments) == OYEZ_OK && segments != indexed) {
            index_segments(recorder);
            indexed = segments;
        }
        if (!wait_for_checkpoint(recorder, &checkpoints))
            break;
    }
    oyez_journal_reader_close(&reader);
    return NULL;
}
