// SPDX-License-Identifier: MIT
// The deal desk's services (catalog zakops): they start, say how they are, and are replaced by a
// new version one at a time.
#include "demo_plots.h"

#include <stdio.h>

struct service {
    const char *name;
    const char *error; // what it now and then meets
    const char *component;
};

static const struct service services[] = {
    {"deal-api", "Connection to the database was reset by the peer", "database"},
    {"worker", "Temporary directory is 91 % full", "queue"},
    {"mailer", "TLS certificate expires in 6 days", "smtp"},
};

static void begin_as(struct story_flow *flow, struct story *story, const struct service *service)
{
    story_begin(flow, story);
    story_act(flow, "service", service->name, service->name);
    flow->event.source = service->name;
    flow->event.environment = "demo";
    story_tag(flow, "host", "node-a");
}

static void tell_startup(struct story *story, const struct service *service)
{
    struct story_flow flow;
    begin_as(&flow, story, service);
    flow.event.app_version = "2.4.0";
    story_tell(&flow, "system.startup", "{'service':'%s','version':'2.4.0','ready_after_ms':%u}",
               service->name, story_between(story, 180, 900));
}

static void tell_replacement(struct story *story, const struct service *service)
{
    struct story_flow flow;
    char before[16];
    char after[16];
    unsigned patch = story->round / STORY_COUNT(services);
    snprintf(before, sizeof before, "2.4.%u", patch);
    snprintf(after, sizeof after, "2.4.%u", patch + 1);
    begin_as(&flow, story, service);
    flow.event.app_version = before;
    story_tell(&flow, "system.shutdown",
               "{'service':'%s','version':'%s','reason':'Rolling update','jobs_drained':%u}",
               service->name, before, story_between(story, 0, 12));
    flow.event.app_version = after;
    story_tell(&flow, "system.startup", "{'service':'%s','version':'%s','ready_after_ms':%u}",
               service->name, after, story_between(story, 180, 900));
}

static void tell_health(struct story *story, const struct service *service)
{
    struct story_flow flow;
    char checked[31];
    bool degraded = story_chance(story, 15);
    begin_as(&flow, story, service);
    if (degraded)
        story_tell(&flow, "system.error", "{'service':'%s','component':'%s','error_message':'%s'}",
                   service->name, service->component, service->error);
    story_time(story, 0, checked);
    story_tell(&flow, "system.health_check",
               "{'status':'%s','worker_id':'%s','cpu_percent':%.1f,'memory_bytes':%u,"
               "'components':{'%s':{'status':'%s','message':'%.1f ms','last_check':'%s'}}}",
               degraded ? "degraded" : "healthy", service->name, story_amount(story, 2, 61),
               story_between(story, 90, 640) << 20, service->component,
               degraded ? "degraded" : "healthy",
               degraded ? story_amount(story, 250, 900) : story_amount(story, 1, 20), checked);
}

void demo_services_tell(struct story *story)
{
    if (story->round == 0) {
        for (unsigned i = 0; i < STORY_COUNT(services); i++)
            tell_startup(story, &services[i]);
    }
    for (unsigned i = 0; i < 3 * STORY_COUNT(services); i++)
        tell_health(story, &services[i % STORY_COUNT(services)]);
    tell_replacement(story, &services[story->round % STORY_COUNT(services)]);
}
