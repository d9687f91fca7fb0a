// SPDX-License-Identifier: MIT
#include "catalog_fetch.h"

#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "ask.h"
#include "oyez/catalog.h"
#include "oyez/query.h"
#include "question.h"

// Types that are remembered as unknown; beyond that the recorder is asked again.
#define UNKNOWN_MAX 256u

struct unknown_type {
    char name[OYEZ_EVENT_TYPE_SIZE_MAX + 1];
    char version[sizeof(((oyez_v1_CatalogRequest *)0)->schema_version)];
};

struct unknown_types {
    size_t count;
    struct unknown_type types[UNKNOWN_MAX];
};

void unknown_types_free(struct unknown_types *types)
{
    free(types);
}

static bool is_unknown(oyez_client *client, const oyez_v1_CatalogRequest *request)
{
    bool found = false;
    pthread_mutex_lock(&client->lock);
    const struct unknown_types *types = client->unknown_types;
    for (size_t i = 0; types != NULL && !found && i < types->count; i++)
        found = strcmp(types->types[i].name, request->event_type) == 0 &&
                strcmp(types->types[i].version, request->schema_version) == 0;
    pthread_mutex_unlock(&client->lock);
    return found;
}

// Without memory it is asked again, which does no harm.
static void remember(oyez_client *client, const oyez_v1_CatalogRequest *request)
{
    pthread_mutex_lock(&client->lock);
    if (client->unknown_types == NULL)
        client->unknown_types = calloc(1, sizeof *client->unknown_types);
    struct unknown_types *types = client->unknown_types;
    if (types != NULL && types->count < UNKNOWN_MAX) {
        struct unknown_type *type = &types->types[types->count++];
        memcpy(type->name, request->event_type, sizeof type->name);
        memcpy(type->version, request->schema_version, sizeof type->version);
    }
    pthread_mutex_unlock(&client->lock);
}

static bool take(char *to, size_t capacity, const char *text)
{
    size_t size = text != NULL ? strlen(text) : 0;
    if (size >= capacity)
        return false;
    memcpy(to, text != NULL ? text : "", size + 1);
    return true;
}

static oyez_err ask_for(oyez_client *client, struct question *question, uint32_t timeout_ms)
{
    struct asker asker = {.client = client};
    question->ask = ask_recorder;
    question->arg = &asker;
    oyez_err err = question_put(question, timeout_ms);
    if (err == OYEZ_OK && question->page.count != 2)
        err = oyez_fail(OYEZ_ERR_MALFORMED, "an answer without a catalog");
    if (err == OYEZ_OK)
        err = oyez_catalog_add(question->page.frames[1].bytes, question->page.frames[1].size, "bus",
                               true);
    question->arg = NULL;
    ask_page_free(&asker.page);
    return err;
}

oyez_err oyez_client_fetch_catalog(oyez_client *client, const char *event_type,
                                   const char *schema_version, uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(client);
    REQUIRE_ARGUMENT(event_type);
    const struct oyez_event wanted = {.event_type = event_type, .schema_version = schema_version};
    if (!oyez_event_lacks_catalog(&wanted))
        return OYEZ_OK;
    struct question *question = calloc(1, sizeof *question);
    if (question == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a question");
    oyez_v1_CatalogRequest *request = &question->request.body.catalog;
    question->request.which_body = oyez_v1_QueryRequest_catalog_tag;
    oyez_err err = OYEZ_ERR_NOT_FOUND;
    if (!take(request->event_type, sizeof request->event_type, event_type) ||
        !take(request->schema_version, sizeof request->schema_version, schema_version) ||
        is_unknown(client, request)) {
        err = oyez_fail(OYEZ_ERR_NOT_FOUND, "%.200s: the recorder has no catalog of it either",
                        event_type);
    } else {
        err = ask_for(client, question, timeout_ms);
        if (err == OYEZ_OK && oyez_event_lacks_catalog(&wanted))
            err = oyez_fail(OYEZ_ERR_NOT_FOUND,
                            "%.200s: the recorder's catalog of this name and version differs",
                            event_type);
        // Whatever the reason: who shows events does not wait for it again and again.
        if (err != OYEZ_OK)
            remember(client, request);
    }
    free(question);
    return err;
}
