// SPDX-License-Identifier: MIT
// Hashing leaves costs more than all other checks together, and every segment can be hashed by
// itself: threads do that ahead of the one that judges.
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "leaf.h"
#include "scan.h"
#include "verify_state.h"

#define THREADS_MAX 64u
#define AHEAD 2u // segments, besides those that are being hashed: a bound for memory

struct work {
    struct oyez_verify_hashes hashes;
    bool done;
    oyez_err err;
    char detail[256];
};

struct oyez_verify_pool {
    const struct oyez_disk *disk;
    char directory[OYEZ_JOURNAL_PATH_SIZE];
    uint64_t *first;
    struct work *work;
    size_t count;
    pthread_t threads[THREADS_MAX];
    unsigned thread_count;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    // Under lock.
    size_t next;  // segment that nobody has begun
    size_t taken; // segments below this are over
    bool ended;
};

static void drop(struct oyez_verify_hashes *hashes)
{
    free(hashes->hashes);
    free(hashes->known);
    *hashes = (struct oyez_verify_hashes){0};
}

static oyez_err put(struct oyez_verify_hashes *hashes, size_t at, const struct oyez_hash *hash)
{
    if (at >= hashes->room) {
        size_t room = hashes->room == 0 ? 4096 : hashes->room * 2;
        room = room > at ? room : at + 1;
        struct oyez_hash *grown = realloc(hashes->hashes, room * sizeof(*grown));
        if (grown != NULL)
            hashes->hashes = grown;
        uint8_t *known = realloc(hashes->known, room);
        if (known != NULL)
            hashes->known = known;
        if (grown == NULL || known == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "hashes of %zu leaves", room);
        memset(known + hashes->room, 0, room - hashes->room);
        hashes->room = room;
    }
    hashes->hashes[at] = *hash;
    hashes->known[at] = 1;
    hashes->count = at + 1;
    return OYEZ_OK;
}

static oyez_err hash_group(const struct oyez_scan *scan, const struct oyez_group *group,
                           oyez_leaf_hasher *hasher, struct oyez_verify_hashes *hashes)
{
    struct oyez_journal_record record;
    struct oyez_frame frame;
    struct oyez_hash hash;
    oyez_err err = OYEZ_OK;
    size_t at = 0;

    while (err == OYEZ_OK && oyez_scan_next_frame(scan, group, &at, &frame)) {
        if (scan->skip_bodies &&
            oyez_frame_check_body(&frame, scan->segment->header.sum) != OYEZ_FRAME_OK)
            continue;
        oyez_frame_record(&frame, &record);
        err = oyez_leaf_hash_record(hasher, &record, hash.bytes);
        if (err == OYEZ_OK)
            err = put(hashes, (size_t)(frame.index - scan->segment->header.first_index), &hash);
    }
    return err;
}

static oyez_err hash_segment(const struct oyez_verify_pool *pool, size_t i,
                             oyez_leaf_hasher *hasher, struct oyez_verify_hashes *hashes)
{
    struct oyez_segment segment = {.fd = -1};
    struct oyez_scan scan = {0};
    struct oyez_scan_stop stop;
    struct oyez_group group;
    oyez_err err =
        oyez_segment_open(&segment, pool->disk, pool->directory, pool->first[i], O_RDONLY);

    if (err != OYEZ_OK)
        return err;
    oyez_scan_begin(&scan, pool->disk, &segment);
    while (err == OYEZ_OK) {
        err = oyez_scan_next(&scan, &group, &stop);
        if (err == OYEZ_OK) {
            err = hash_group(&scan, &group, hasher, hashes);
        } else if (err == OYEZ_ERR_NOT_FOUND && !scan.skip_bodies &&
                   (stop.fault == OYEZ_FRAME_BODY_SUM || stop.fault == OYEZ_FRAME_FIELDS)) {
            scan.skip_bodies = true;
            err = OYEZ_OK;
        }
    }
    oyez_scan_end(&scan);
    oyez_segment_close(&segment, pool->disk);
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

// The next segment to be hashed; false when there is none.
static bool begin_work(struct oyez_verify_pool *pool, size_t *i)
{
    pthread_mutex_lock(&pool->lock);
    while (!pool->ended && pool->next < pool->count &&
           pool->next >= pool->taken + pool->thread_count + AHEAD)
        pthread_cond_wait(&pool->changed, &pool->lock);
    bool more = !pool->ended && pool->next < pool->count;
    if (more)
        *i = pool->next++;
    pthread_mutex_unlock(&pool->lock);
    return more;
}

static void *run(void *arg)
{
    struct oyez_verify_pool *pool = arg;
    oyez_leaf_hasher *hasher = NULL;
    oyez_err opened = oyez_leaf_hasher_open(&hasher);
    size_t i;

    while (begin_work(pool, &i)) {
        struct work *work = &pool->work[i];
        oyez_err err = opened == OYEZ_OK ? hash_segment(pool, i, hasher, &work->hashes) : opened;
        if (err != OYEZ_OK)
            memccpy(work->detail, oyez_error_detail(), '\0', sizeof(work->detail) - 1);
        pthread_mutex_lock(&pool->lock);
        work->err = err;
        work->done = true;
        pthread_cond_broadcast(&pool->changed);
        pthread_mutex_unlock(&pool->lock);
    }
    oyez_leaf_hasher_close(&hasher);
    return NULL;
}

static unsigned processors(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);

    return count < 1 ? 1 : (unsigned)count;
}

oyez_err oyez_verify_pool_open(oyez_verify_pool **out, const struct oyez_disk *disk,
                               const char *directory, const uint64_t *first, size_t count,
                               unsigned threads)
{
    oyez_verify_pool *pool = calloc(1, sizeof(*pool));

    *out = NULL;
    if (pool != NULL) {
        pool->first = calloc(count + 1, sizeof(*pool->first));
        pool->work = calloc(count + 1, sizeof(*pool->work));
    }
    if (pool == NULL || pool->first == NULL || pool->work == NULL ||
        strlen(directory) >= sizeof(pool->directory)) {
        if (pool != NULL) {
            free(pool->first);
            free(pool->work);
        }
        free(pool);
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "verification");
    }
    pool->disk = disk;
    pool->count = count;
    memcpy(pool->directory, directory, strlen(directory) + 1);
    if (count > 0)
        memcpy(pool->first, first, count * sizeof(*first));
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->changed, NULL);
    threads = threads == 0 ? processors() : threads;
    threads = threads < THREADS_MAX ? threads : THREADS_MAX;
    *out = pool;
    pthread_mutex_lock(&pool->lock);
    while (pool->thread_count < threads && pool->thread_count < count &&
           pthread_create(&pool->threads[pool->thread_count], NULL, run, pool) == 0)
        pool->thread_count++;
    pthread_mutex_unlock(&pool->lock);
    if (count > 0 && pool->thread_count == 0) {
        oyez_verify_pool_close(out);
        return oyez_fail(OYEZ_ERR_SYSTEM, "no thread for verification");
    }
    return OYEZ_OK;
}

oyez_err oyez_verify_pool_take(oyez_verify_pool *pool, size_t i,
                               const struct oyez_verify_hashes **out)
{
    struct work *work = &pool->work[i];

    pthread_mutex_lock(&pool->lock);
    while (pool->taken < i)
        drop(&pool->work[pool->taken++].hashes);
    pthread_cond_broadcast(&pool->changed);
    while (!work->done)
        pthread_cond_wait(&pool->changed, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
    *out = &work->hashes;
    return work->err == OYEZ_OK ? OYEZ_OK : oyez_fail(work->err, "%s", work->detail);
}

void oyez_verify_pool_close(oyez_verify_pool **closing)
{
    oyez_verify_pool *pool = *closing;

    *closing = NULL;
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->ended = true;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->thread_count; i++)
        pthread_join(pool->threads[i], NULL);
    for (size_t i = 0; i < pool->count; i++)
        drop(&pool->work[i].hashes);
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->lock);
    free(pool->first);
    free(pool->work);
    free(pool);
}
