// SPDX-License-Identifier: MIT
#include "notices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOTICES_MAX 1024u

struct entry {
    struct oyez_notice notice;
    struct notice_storage storage;
};

struct notice_queue {
    struct entry entries[NOTICES_MAX];
    uint64_t first;
    uint64_t end;
    uint64_t dropped;
};

oyez_err notices_open(struct notice_queue **out)
{
    // A large block of malloc is mapped pages: entries never used cost nothing.
    *out = malloc(sizeof **out);
    if (*out == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for notices");
    (*out)->first = (*out)->end = (*out)->dropped = 0;
    return OYEZ_OK;
}

void notices_close(struct notice_queue **notices)
{
    free(*notices);
    *notices = NULL;
}

void notice_add(struct oyez_client *client, const struct oyez_notice *notice)
{
    pthread_mutex_lock(&client->inbox_lock);
    notice_add_locked(client, notice);
    pthread_mutex_unlock(&client->inbox_lock);
}

void notice_add_locked(struct oyez_client *client, const struct oyez_notice *notice)
{
    if (client->on_notice == NULL)
        return;
    struct notice_queue *queue = client->notices;
    if (queue->end - queue->first == NOTICES_MAX) {
        queue->dropped++;
    } else {
        struct entry *entry = &queue->entries[queue->end++ % NOTICES_MAX];
        entry->notice = *notice;
        const char *text = notice->text != NULL ? notice->text : "";
        if (queue->dropped > 0)
            snprintf(entry->storage.text, sizeof entry->storage.text,
                     "%.180s (and %llu notices that nobody took)", text,
                     (unsigned long long)queue->dropped);
        else
            snprintf(entry->storage.text, sizeof entry->storage.text, "%s", text);
        queue->dropped = 0;
        entry->storage.event_type[0] = '\0';
        if (notice->event_type != NULL)
            snprintf(entry->storage.event_type, sizeof entry->storage.event_type, "%s",
                     notice->event_type);
        pthread_cond_broadcast(&client->inbox_changed);
    }
}

bool notice_take(struct oyez_client *client, struct oyez_notice *notice,
                 struct notice_storage *storage)
{
    struct notice_queue *queue = client->notices;
    if (queue->first == queue->end)
        return false;
    const struct entry *entry = &queue->entries[queue->first++ % NOTICES_MAX];
    *notice = entry->notice;
    *storage = entry->storage;
    notice->text = storage->text;
    notice->event_type = storage->event_type[0] != '\0' ? storage->event_type : NULL;
    return true;
}
