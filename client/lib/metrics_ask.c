// SPDX-License-Identifier: MIT
#include "metrics_ask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "oyez/limits.h"
#include "wire/clock.h"
#include "wire/metric_set.h"

#define REPEAT_MS 500u // after it a question is asked again: a session may have been lost

static bool put_part(struct metrics_page *page, const void *bytes, size_t size)
{
    size_t need = page->size + sizeof size + size;
    if (need > page->capacity) {
        size_t capacity = page->capacity == 0 ? 4096 : page->capacity;
        while (capacity < need)
            capacity *= 2;
        uint8_t *more = realloc(page->bytes, capacity);
        if (more == NULL)
            return false;
        page->bytes = more;
        page->capacity = capacity;
    }
    memcpy(page->bytes + page->size, &size, sizeof size);
    memcpy(page->bytes + page->size + sizeof size, bytes, size);
    page->size = need;
    return true;
}

const uint8_t *metrics_page_next(const struct metrics_page *page, size_t *offset, size_t *size)
{
    if (*offset >= page->size)
        return NULL;
    memcpy(size, page->bytes + *offset, sizeof *size);
    const uint8_t *part = page->bytes + *offset + sizeof *size;
    *offset += sizeof *size + *size;
    return part;
}

static bool has_more(void *socket)
{
    int more = 0;
    size_t size = sizeof more;
    return zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) == 0 && more != 0;
}

bool metrics_ask_take(struct oyez_client *client, uint64_t request_id, uint64_t next)
{
    struct metrics_page page = {.next = next};
    unsigned parts = 0;
    bool good = true;
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    while (has_more(client->control) && zmq_msg_recv(&frame, client->control, ZMQ_DONTWAIT) >= 0) {
        size_t size = zmq_msg_size(&frame);
        good = good && ++parts <= OYEZ_METRICS_PARTS_MAX && size <= OYEZ_METRICS_PART_SIZE_MAX &&
               put_part(&page, zmq_msg_data(&frame), size);
    }
    zmq_msg_close(&frame);
    pthread_mutex_lock(&client->lock);
    struct metrics_asking *asking = &client->metrics_asking;
    bool awaited = good && asking->page != NULL && asking->request == request_id && !asking->done;
    if (awaited) {
        *asking->page = page;
        asking->done = true;
        pthread_cond_broadcast(&client->changed);
    }
    pthread_mutex_unlock(&client->lock);
    if (!awaited)
        free(page.bytes);
    return good;
}

void metrics_ask_tick(struct oyez_client *client, uint64_t now_ms)
{
    uint8_t frame[64];
    size_t size;
    oyez_v1_ToBroker *message = NULL;
    pthread_mutex_lock(&client->lock);
    struct metrics_asking *asking = &client->metrics_asking;
    bool due = asking->page != NULL && !asking->done && now_ms >= asking->due_ms;
    uint64_t request = asking->request;
    uint64_t after = asking->after;
    if (due)
        asking->due_ms = now_ms + REPEAT_MS;
    pthread_mutex_unlock(&client->lock);
    if (!due || !client->session.open)
        return;
    message = calloc(1, sizeof *message); // too large for the stack
    if (message == NULL)
        return;
    message->request_id = request;
    message->which_body = oyez_v1_ToBroker_metrics_request_tag;
    message->body.metrics_request.after = after;
    if (oyez_to_broker_encode(message, frame, sizeof frame, &size) == OYEZ_OK)
        (void)zmq_send(client->control, frame, size, ZMQ_DONTWAIT);
    free(message);
}

oyez_err metrics_ask_page(struct oyez_client *client, uint64_t after, uint32_t timeout_ms,
                          struct metrics_page *page)
{
    static atomic_uint_fast64_t last_request;
    struct timespec deadline = oyez_clock_deadline(timeout_ms);
    oyez_err err = OYEZ_OK;
    int waited = 0;
    pthread_mutex_lock(&client->lock);
    struct metrics_asking *asking = &client->metrics_asking;
    *page = (struct metrics_page){.bytes = NULL};
    *asking = (struct metrics_asking){.page = page, .request = ++last_request, .after = after};
    client_wake(client);
    while (!asking->done && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&client->changed, &client->lock, &deadline);
    if (!asking->done)
        err = oyez_fail(client->session.open ? OYEZ_ERR_TIMEOUT : OYEZ_ERR_UNREACHABLE,
                        "no metrics from %s within %u ms", client->endpoint, timeout_ms);
    asking->page = NULL;
    pthread_mutex_unlock(&client->lock);
    return err;
}
