// SPDX-License-Identifier: MIT
// Laws judge what agents want to do; a council and an operator may set them aside for a time
// (catalog projectai: governance and agents).
#include "demo_plots.h"

#include <stdio.h>

#define OVERRIDE_SECONDS (15 * 60)
#define RETENTION_SECONDS (90 * 24 * 3600)

struct dilemma {
    const char *task;
    const char *harmless;
    const char *action;
    const char *law;
    const char *rationale;
    const char *justification;
};

static const struct dilemma dilemmas[] = {
    {"Restore the archive of the water works", "read_backup_catalogue", "overwrite_live_database",
     "SECOND_LAW", "Overwrites records that people have asked to keep",
     "Live data are damaged; the backup is from last night"},
    {"Warn all users of the recalled charger", "draft_warning", "message_all_users", "THIRD_LAW",
     "More than 1,000 people would be written to without having asked",
     "Risk of fire outweighs the nuisance"},
    {"Find the cause of the night's outage", "read_diagnostics", "capture_network_traffic",
     "FIRST_LAW", "Traffic may hold private words of users",
     "Outage of the emergency line; capture limited to headers"},
};

static const char *const admins[][2] = {
    {"admin-okafor", "okafor"}, {"admin-lindqvist", "lindqvist"}, {"admin-sato", "sato"}};

struct agent_work {
    struct story_flow flow;
    const struct dilemma *dilemma;
    const char *const *admin; // id and name
    char agent_id[STORY_ID_SIZE];
    char task_id[STORY_ID_SIZE];
    char council_id[STORY_ID_SIZE];
};

static void act_as_governance(struct agent_work *work)
{
    work->flow.event.source = "governance";
    story_act(&work->flow, "service", "governance", "laws");
}

static void act_as_agents(struct agent_work *work)
{
    work->flow.event.source = "agents";
    story_act(&work->flow, "agent", work->agent_id, work->agent_id);
}

static void set_aggregate(struct agent_work *work, const char *type, const char *id)
{
    work->flow.event.aggregate_type = type;
    work->flow.event.aggregate_id = id;
    work->flow.event.aggregate_version = 1;
    work->flow.event.has_aggregate_version = true;
}

static void create_agent(struct agent_work *work)
{
    char workflow_id[STORY_ID_SIZE];
    struct story *story = work->flow.story;
    story_id(story, "a", work->agent_id);
    story_id(story, "t", work->task_id);
    story_id(story, "wf", workflow_id);
    act_as_agents(work);
    set_aggregate(work, "Agent", work->agent_id);
    story_tell(&work->flow, "AgentCreatedEvent",
               "{'agent_name':'%s','agent_type':'operations','capabilities':['read','plan','act']}",
               work->agent_id);
    story_tell(&work->flow, "WorkflowStartedEvent",
               "{'workflow_id':'%s','workflow_type':'incident','input_params':{'task_id':'%s',"
               "'timeout_seconds':%u}}",
               workflow_id, work->task_id, 60 * story_between(story, 10, 90));
    story_tell(&work->flow, "TaskAssignedEvent",
               "{'agent_id':'%s','task_id':'%s','task_description':'%s','priority':'%s'}",
               work->agent_id, work->task_id, work->dilemma->task,
               story_chance(story, 40) ? "high" : "normal");
}

static void judge(struct agent_work *work, const char *action, const char *law,
                  const char *rationale)
{
    act_as_governance(work);
    set_aggregate(work, "Action", work->task_id);
    story_tell(&work->flow, "ActionEvaluatedEvent",
               "{'action':'%s','decision':'%s','violated_law':'%s','rationale':'%s',"
               "'context':{'agent_id':'%s','task_id':'%s'}}",
               action, law[0] == '\0' ? "ALLOW" : "DENY", law, rationale, work->agent_id,
               work->task_id);
}

// Returns whether the council would have the law set aside.
static bool ask_council(struct agent_work *work)
{
    struct story *story = work->flow.story;
    bool third = story_chance(story, 60);
    // The first two rounds show both outcomes, whatever the seed.
    bool yes = story->round < 2 ? story->round == 0 : story_chance(story, 60);
    const char *vote = yes ? "override" : "uphold";
    story_id(story, "c", work->council_id);
    work->flow.event.source = "council";
    story_act(&work->flow, "agent", "council", "council");
    set_aggregate(work, "Council", work->council_id);
    story_tell(&work->flow, "CouncilDecisionMadeEvent",
               "{'council_id':'%s','decision':'%s','votes':{'ethics':'%s','safety':'%s',"
               "'service':'%s'},'consensus_reached':%s}",
               work->council_id, vote, vote, vote, third ? "override" : "uphold",
               third == yes ? "true" : "false");
    return yes;
}

static void set_law_aside(struct agent_work *work)
{
    char expires_at[31];
    story_time(work->flow.story, OVERRIDE_SECONDS, expires_at);
    work->flow.event.source = "governance";
    work->flow.event.user_id = work->admin[0];
    story_act(&work->flow, "user", work->admin[0], work->admin[1]);
    story_tell(&work->flow, "OverrideActivatedEvent",
               "{'override_type':'emergency','justification':'%s','activated_by':'%s',"
               "'expires_at':'%s'}",
               work->dilemma->justification, work->admin[0], expires_at);
    work->flow.event.user_id = NULL;
    judge(work, work->dilemma->action, "", "Override in force");
}

static void complete_task(struct agent_work *work, const char *outcome)
{
    act_as_agents(work);
    set_aggregate(work, "Task", work->task_id);
    story_tell(&work->flow, "TaskCompletedEvent",
               "{'agent_id':'%s','task_id':'%s','result':{'outcome':'%s'},"
               "'execution_time_ms':%u}",
               work->agent_id, work->task_id, outcome, story_between(work->flow.story, 800, 90000));
}

// What must never be said again is barred, and only its hash is kept.
static void bar_content(struct agent_work *work)
{
    char hash[STORY_HEX_SIZE];
    story_hex(work->flow.story, 40, hash);
    act_as_governance(work);
    set_aggregate(work, "BlackVault", "vault-1");
    story_tell(&work->flow, "BlackVaultEntryAddedEvent",
               "{'content_hash':'%s','reason':'%s','added_by':'%s'}", hash,
               "A way around the access rules", work->admin[0]);
}

static void purge_memory(struct story *story)
{
    struct story_flow flow;
    char before[31];
    story_begin(&flow, story);
    flow.event.source = "memory";
    flow.event.environment = "demo";
    story_act(&flow, "service", "retention", "retention");
    story_time(story, -RETENTION_SECONDS, before);
    story_tell(&flow, "MemoryPurgedEvent", "{'purged_count':%u,'before_date':'%s'}",
               story_between(story, 12, 900), before);
}

void demo_governance_tell(struct story *story)
{
    struct agent_work work = {.dilemma = &dilemmas[story->turn % STORY_COUNT(dilemmas)]};
    work.admin = STORY_PICK(story, admins);
    story_begin(&work.flow, story);
    work.flow.event.environment = "demo";
    create_agent(&work);
    judge(&work, work.dilemma->harmless, "", "No law speaks against it");
    judge(&work, work.dilemma->action, work.dilemma->law, work.dilemma->rationale);
    if (ask_council(&work)) {
        set_law_aside(&work);
        complete_task(&work, "done under an override");
    } else {
        bar_content(&work);
        complete_task(&work, "done without the denied action");
    }
    purge_memory(story);
}
