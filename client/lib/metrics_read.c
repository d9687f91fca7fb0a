// SPDX-License-Identifier: MIT
// The metrics of a whole system, from the broker.
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "client_state.h"
#include "metrics_ask.h"
#include "metrics_report.h"
#include "metrics_samples.h"

// As many as sessions and types can fill, and no more, whatever a broker says.
#define PAGES_MAX ((OYEZ_SESSIONS_MAX + OYEZ_METRICS_TYPES_MAX) / OYEZ_METRICS_PARTS_MAX + 2u)

static oyez_err fail_memory(void)
{
    return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for metrics");
}

static bool put_page(oyez_metrics *metrics, const struct metrics_page *page)
{
    static _Thread_local oyez_v1_MetricsPart part; // too large for the stack
    const uint8_t *bytes;
    size_t offset = 0;
    size_t size;
    bool good = true;
    while (good && (bytes = metrics_page_next(page, &offset, &size)) != NULL) {
        struct oyez_uuid client;
        if (!oyez_metrics_part_decode(&part, bytes, size))
            continue;
        bool has_client = part.client_id.size == OYEZ_UUID_SIZE;
        if (has_client)
            memcpy(client.bytes, part.client_id.bytes, OYEZ_UUID_SIZE);
        good = metrics_put_sets(metrics, has_client ? &client : NULL,
                                part.role != oyez_v1_Role_ROLE_CLIENT, part.sets.bytes,
                                part.sets.size);
    }
    return good;
}

static oyez_err read_pages(oyez_metrics *metrics, oyez_client *client, uint32_t timeout_ms)
{
    struct metrics_page page = {.next = 0};
    uint64_t after = 0;
    for (unsigned i = 0; i < PAGES_MAX; i++) {
        oyez_err err = metrics_ask_page(client, after, timeout_ms, &page);
        if (err != OYEZ_OK)
            return err;
        bool good = put_page(metrics, &page);
        free(page.bytes);
        if (!good)
            return fail_memory();
        // It only goes forward.
        if (page.next <= after)
            break;
        after = page.next;
    }
    return OYEZ_OK;
}

static oyez_err read_all(oyez_metrics *metrics, oyez_client *client, uint32_t timeout_ms)
{
    struct oyez_status *status = calloc(1, sizeof *status); // too large for the stack
    if (status == NULL)
        return fail_memory();
    oyez_err err = oyez_client_status(client, status, timeout_ms);
    if (err == OYEZ_OK && !metrics_put_status(metrics, status))
        err = fail_memory();
    if (err == OYEZ_OK)
        err = read_pages(metrics, client, timeout_ms);
    free(status);
    return err;
}

static oyez_err finish(oyez_metrics **out, oyez_err err)
{
    if (err == OYEZ_OK && !metrics_sort(*out))
        err = fail_memory();
    if (err != OYEZ_OK)
        oyez_metrics_close(out);
    return err;
}

oyez_err oyez_metrics_read(oyez_metrics **out, oyez_client *client, uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(out);
    *out = NULL;
    REQUIRE_ARGUMENT(client);
    oyez_err err = client_check_fork(client);
    if (err == OYEZ_OK)
        err = metrics_open(out);
    if (err != OYEZ_OK)
        return err;
    pthread_mutex_lock(&client->metrics_lock);
    err = read_all(*out, client, timeout_ms);
    pthread_mutex_unlock(&client->metrics_lock);
    return finish(out, err);
}

oyez_err oyez_metrics_read_own(oyez_metrics **out, oyez_client *client)
{
    REQUIRE_ARGUMENT(out);
    *out = NULL;
    REQUIRE_ARGUMENT(client);
    struct oyez_metric_sets *sets = malloc(sizeof *sets);
    if (sets == NULL)
        return fail_memory();
    oyez_err err = metrics_report_fill(client, sets);
    if (err == OYEZ_OK)
        err = metrics_open(out);
    if (err == OYEZ_OK && !metrics_put_sets(*out, &client->id, false, sets->bytes, sets->size))
        err = fail_memory();
    free(sets);
    return *out != NULL ? finish(out, err) : err;
}
