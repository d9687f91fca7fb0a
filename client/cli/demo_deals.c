// SPDX-License-Identifier: MIT
// A company is for sale; an agent proposes what to do, an operator decides (catalog zakops).
#include "demo_plots.h"

#include <stdio.h>

enum twist { TWIST_WON, TWIST_REJECTED, TWIST_QUARANTINED, TWIST_DEAD_LETTER };
#define TWISTS_COUNT 4u

#define JOB_ATTEMPTS_MAX 3u

struct company {
    const char *name;
    const char *sector;
    const char *city;
};

static const struct company companies[] = {
    {"Nordlicht Optics", "precision optics", "Jena"},
    {"Harbour & Sons", "cold storage", "Rotterdam"},
    {"Tessuti Valle", "technical textiles", "Biella"},
    {"Kestrel Avionics", "flight instruments", "Bristol"},
    {"Molino Real", "speciality flours", "Valladolid"},
};

static const char *const operators[][2] = {{"op-3", "dana@deals.example"},
                                           {"op-5", "henrik@deals.example"},
                                           {"op-8", "lucia@deals.example"}};

struct deal {
    struct story_flow flow;
    const struct company *company;
    const char *const *approver;
    enum twist twist;
    unsigned price_thousands;
    char id[OYEZ_UUID_TEXT_SIZE];
    char job_id[STORY_ID_SIZE];
    char run_id[STORY_ID_SIZE];
    char thread_id[STORY_ID_SIZE];
    char action_id[STORY_ID_SIZE];
};

static void act_as_service(struct deal *deal, const char *name)
{
    deal->flow.event.source = name;
    story_act(&deal->flow, "service", name, name);
}

static void act_as_agent(struct deal *deal)
{
    deal->flow.event.source = "agent-runtime";
    story_act(&deal->flow, "agent", "agent-scout", "scout");
}

static void act_as_operator(struct deal *deal)
{
    deal->flow.event.source = "deal-api";
    story_act(&deal->flow, "user", deal->approver[0], deal->approver[0]);
}

static void enter_stage(struct deal *deal, const char *from, const char *to)
{
    act_as_service(deal, "deal-api");
    deal->flow.event.aggregate_version++;
    story_tell(&deal->flow, "deal.stage_changed",
               "{'deal_id':'%s','from_stage':'%s','to_stage':'%s'}", deal->id, from, to);
}

static void update(struct deal *deal, const char *field, const char *value)
{
    act_as_service(deal, "deal-api");
    deal->flow.event.aggregate_version++;
    story_tell(&deal->flow, "deal.updated", "{'deal_id':'%s','changes':{'%s':'%s'}}", deal->id,
               field, value);
}

static void archive(struct deal *deal, const char *outcome)
{
    act_as_service(deal, "deal-api");
    deal->flow.event.aggregate_version++;
    story_tell(&deal->flow, "deal.archived", "{'deal_id':'%s','name':'%s','outcome':'%s'}",
               deal->id, deal->company->name, outcome);
}

static void open_deal(struct deal *deal)
{
    struct story *story = deal->flow.story;
    story_uuid(story, deal->id);
    deal->flow.event.aggregate_id = deal->id;
    deal->flow.event.aggregate_type = "deal";
    deal->flow.event.aggregate_version = 1;
    deal->flow.event.has_aggregate_version = true;
    deal->flow.event.environment = "demo";
    story_tag(&deal->flow, "sector", deal->company->sector);
    act_as_service(deal, "deal-api");
    story_tell(&deal->flow, "deal.created",
               "{'deal_id':'%s','name':'%s','stage':'inbound','city':'%s','currency':'EUR',"
               "'asking_price':%u,'ebitda':%u}",
               deal->id, deal->company->name, deal->company->city, 1000 * deal->price_thousands,
               1000 * (deal->price_thousands / story_between(story, 4, 9)));
}

static void fail_job(struct deal *deal, unsigned attempt)
{
    struct story *story = deal->flow.story;
    story_tell(&deal->flow, "worker.job_failed",
               "{'job_id':'%s','attempt':%u,'error_message':'%s','duration_ms':%u}", deal->job_id,
               attempt,
               story_chance(story, 50) ? "Trade register answered 503"
                                       : "Trade register did not answer in 10 s",
               story_between(story, 300, 10000));
    if (attempt < JOB_ATTEMPTS_MAX) {
        act_as_service(deal, "queue");
        story_tell(&deal->flow, "worker.job_retrying",
                   "{'job_id':'%s','next_attempt':%u,'delay_ms':%u}", deal->job_id, attempt + 1,
                   1000u << attempt);
    }
}

// Facts about the company are fetched by a worker, which may need several attempts.
static void enrich(struct deal *deal, unsigned failures)
{
    struct story *story = deal->flow.story;
    story_id(story, "job", deal->job_id);
    act_as_service(deal, "queue");
    story_tell(&deal->flow, "worker.job_queued",
               "{'job_id':'%s','queue':'enrichment','deal_id':'%s','depth':%u}", deal->job_id,
               deal->id, story_between(story, 0, 9));
    for (unsigned attempt = 1; attempt <= JOB_ATTEMPTS_MAX; attempt++) {
        act_as_service(deal, "worker");
        story_tell(&deal->flow, "worker.job_started", "{'job_id':'%s','attempt':%u}", deal->job_id,
                   attempt);
        if (attempt > failures)
            break;
        fail_job(deal, attempt);
    }
    if (failures >= JOB_ATTEMPTS_MAX) {
        act_as_service(deal, "queue");
        story_tell(&deal->flow, "worker.job_dlq", "{'job_id':'%s','attempts':%u,'last_error':'%s'}",
                   deal->job_id, JOB_ATTEMPTS_MAX, "Trade register not reachable");
        update(deal, "note", "Company data typed in by hand");
        return;
    }
    story_tell(&deal->flow, "deal.profile_enriched",
               "{'deal_id':'%s','sources':['trade_register','press'],"
               "'profile':{'employees':%u,'founded':%u}}",
               deal->id, story_between(story, 18, 640), story_between(story, 1921, 2014));
    story_tell(&deal->flow, "worker.job_completed", "{'job_id':'%s','duration_ms':%u}",
               deal->job_id, story_between(story, 700, 9000));
}

static void think(struct deal *deal, unsigned step, const char *thought)
{
    act_as_agent(deal);
    // Fast events may be lost on the way: nothing is caused by one.
    struct story_flow flow = deal->flow;
    story_tell(&flow, "agent.thinking", "{'step':%u,'thought':'%s','tokens':%u}", step, thought,
               story_between(flow.story, 20, 400));
}

static void call_tool(struct deal *deal, const char *tool, bool fails)
{
    struct story *story = deal->flow.story;
    act_as_agent(deal);
    story_tell(&deal->flow, "agent.tool_called", "{'tool':'%s','arguments':{'company':'%s'}}", tool,
               deal->company->name);
    if (fails)
        story_tell(&deal->flow, "agent.tool_failed", "{'tool':'%s','error_message':'%s'}", tool,
                   "429: too many requests, retry in 30 s");
    else
        story_tell(&deal->flow, "agent.tool_completed",
                   "{'tool':'%s','duration_ms':%u,'result_bytes':%u}", tool,
                   story_between(story, 90, 4200), story_between(story, 300, 60000));
}

static void start_run(struct deal *deal)
{
    struct story *story = deal->flow.story;
    story_id(story, "run", deal->run_id);
    story_id(story, "thr", deal->thread_id);
    deal->flow.event.run_id = deal->run_id;
    deal->flow.event.thread_id = deal->thread_id;
    act_as_agent(deal);
    story_tell(&deal->flow, "agent.run_started",
               "{'agent':'scout','deal_id':'%s','goal':'%s','max_steps':12}", deal->id,
               "Find out whether the price is fair and make contact");
    think(deal, 1, "Revenue of the last three years decides");
    call_tool(deal, "company_filings", story_chance(story, 35));
    call_tool(deal, "press_search", false);
    think(deal, 2, "The owner retires: a letter may do more than a bid");
}

static void end_run(struct deal *deal, const char *error)
{
    struct story *story = deal->flow.story;
    act_as_agent(deal);
    if (error != NULL)
        story_tell(&deal->flow, "agent.run_failed",
                   "{'agent':'scout','error_message':'%s','steps':%u}", error,
                   story_between(story, 4, 9));
    else
        story_tell(&deal->flow, "agent.run_completed",
                   "{'agent':'scout','steps':%u,'completion_tokens':%u,'cost_usd':%.4f}",
                   story_between(story, 5, 11), story_between(story, 6000, 48000),
                   story_amount(story, 0.05, 0.6));
    deal->flow.event.run_id = NULL;
    deal->flow.event.thread_id = NULL;
}

static void propose(struct deal *deal)
{
    story_id(deal->flow.story, "act", deal->action_id);
    story_tell(
        &deal->flow, "action.created",
        "{'action_id':'%s','deal_id':'%s','kind':'send_letter','risk':'medium','summary':'%s',"
        "'needs_approval':true}",
        deal->action_id, deal->id, "Letter to the owner with a first range");
    story_tell(&deal->flow, "agent.waiting_approval", "{'action_id':'%s','asked':['%s']}",
               deal->action_id, deal->approver[0]);
    // People take longer than programs.
    story_pause(deal->flow.story, 1200, 3000);
}

static void approve(struct deal *deal)
{
    act_as_operator(deal);
    story_tell(&deal->flow, "action.approved", "{'action_id':'%s','approved_by':'%s'}",
               deal->action_id, deal->approver[1]);
}

static void reject(struct deal *deal)
{
    act_as_operator(deal);
    story_tell(&deal->flow, "action.rejected",
               "{'action_id':'%s','rejected_by':'%s','reason':'%s'}", deal->action_id,
               deal->approver[1], "We spoke to the owner last month: \"not before spring\"");
}

static void execute(struct deal *deal, bool fails)
{
    unsigned attempts = fails ? 2 : 1;
    for (unsigned attempt = 1; attempt <= attempts; attempt++) {
        act_as_service(deal, "executor");
        story_tell(&deal->flow, "action.executing", "{'action_id':'%s','attempt':%u}",
                   deal->action_id, attempt);
        if (fails)
            story_tell(&deal->flow, "action.failed",
                       "{'action_id':'%s','attempt':%u,'error_message':'%s'}", deal->action_id,
                       attempt, "550 5.1.1 mailbox unavailable");
    }
    if (fails)
        story_tell(&deal->flow, "action.quarantined",
                   "{'action_id':'%s','reason':'Failed in all attempts','attempts':%u}",
                   deal->action_id, attempts);
    else
        story_tell(
            &deal->flow, "action.completed",
            "{'action_id':'%s','deal_id':'%s','kind':'send_letter','result':{'message_id':'%s'}}",
            deal->action_id, deal->id, deal->action_id);
}

static void tell_decision(struct deal *deal)
{
    start_run(deal);
    propose(deal);
    if (deal->twist == TWIST_REJECTED) {
        reject(deal);
        end_run(deal, "The proposed action was rejected");
        archive(deal, "abandoned");
        return;
    }
    approve(deal);
    execute(deal, deal->twist == TWIST_QUARANTINED);
    if (deal->twist == TWIST_QUARANTINED) {
        end_run(deal, "The action was quarantined");
        update(deal, "contact", "by telephone");
        archive(deal, "lost");
        return;
    }
    end_run(deal, NULL);
    update(deal, "next_step", "call in 14 days");
    enter_stage(deal, "screening", "negotiation");
    archive(deal, "won");
}

void demo_deals_tell(struct story *story)
{
    struct deal deal = {.twist = (enum twist)(story->turn % TWISTS_COUNT)};
    deal.company = &companies[story->turn % STORY_COUNT(companies)];
    deal.approver = STORY_PICK(story, operators);
    deal.price_thousands = story_between(story, 900, 24000);
    story_begin(&deal.flow, story);
    open_deal(&deal);
    enrich(&deal, deal.twist == TWIST_DEAD_LETTER ? JOB_ATTEMPTS_MAX : story_between(story, 0, 1));
    enter_stage(&deal, "inbound", "screening");
    tell_decision(&deal);
    story_pause(story, 500, 2000);
}
