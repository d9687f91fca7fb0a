// SPDX-License-Identifier: MIT
// Somebody wants something done; a root plan with two sub-plans does it, or does not (catalog
// cleveragents).
#include <stdio.h>

#include "demo_plan.h"
#include "demo_plots.h"

enum twist { TWIST_CHECK_FAILS, TWIST_CORRECTED, TWIST_BUDGET, TWIST_GUARDED, TWIST_GIVEN_UP };
#define TWISTS_COUNT 5u

#define BUDGET_USD 1.50
#define BUDGET_TIGHT_USD 0.17 // less than two edits cost

static const struct demo_project projects[] = {
    {"billing-api",
     "Let customers pay by direct debit",
     {"Model mandates and their states", "Call the bank gateway with retries"},
     {"src/mandate/model.py", "src/gateway/client.py"},
     "No account number is written to diagnostics",
     "pytest"},
    {"search-index",
     "Rebuild the search index in 10 minutes instead of 40",
     {"Read the product table in parallel", "Swap the index without a pause"},
     {"indexer/reader.rs", "indexer/swap.rs"},
     "Searches are answered during a rebuild",
     "cargo test"},
    {"shop-app",
     "Show the order's status without a network",
     {"Keep the last 50 orders on the device", "Mark what may be out of date"},
     {"app/storage/orders.ts", "app/views/status.ts"},
     "Nothing personal is kept after logout",
     "jest"},
    {"data-exports",
     "Move the nightly exports to columnar files",
     {"Write exports with a schema", "Let old consumers read on"},
     {"exports/writer.go", "exports/compat.go"},
     "A column's type never changes",
     "go test"},
};

static const char *const people[][2] = {
    {"user-17", "amira"}, {"user-22", "jonas"}, {"user-35", "mei"}, {"user-41", "tobias"}};

struct project_work {
    struct plan root;
    struct plan subs[DEMO_SUB_PLANS];
    const char *const *person;
    enum twist twist;
    char session_id[STORY_ID_SIZE];
    char decision_id[STORY_ID_SIZE];
};

static void act_as_person(struct project_work *work, struct story_flow *flow)
{
    story_act(flow, "user", work->person[0], work->person[1]);
}

static void tell_session(struct project_work *work, const struct demo_project *project)
{
    struct story_flow *flow = &work->root.flow;
    story_id(flow->story, "sess", work->session_id);
    flow->event.session_id = work->session_id;
    flow->event.project_name = project->name;
    flow->event.user_id = work->person[0];
    act_as_person(work, flow);
    story_tell(flow, "session.created", "{'client':'%s','automation':'review'}",
               story_chance(flow->story, 60) ? "tui" : "web");
    story_tell(flow, "session.message_sent", "{'role':'user','text':'%s, please.','tokens':%u}",
               project->goal, story_between(flow->story, 9, 24));
}

// The sub-plans are caused by the decision to make them.
static void open_sub_plans(struct project_work *work, const struct demo_project *project)
{
    for (unsigned i = 0; i < DEMO_SUB_PLANS; i++) {
        struct plan *sub = &work->subs[i];
        sub->flow = work->root.flow;
        sub->file = project->files[i];
        plan_open(sub, &work->root, project, project->sub_goals[i]);
    }
}

static void decide(struct project_work *work, const char *choice, const char *why)
{
    struct story_flow *flow = &work->root.flow;
    story_id(flow->story, "dec", work->decision_id);
    story_tell(flow, "decision.created",
               "{'decision_id':'%s','choice':'%s','rationale':'%s','confidence':%.2f}",
               work->decision_id, choice, why, story_amount(flow->story, 0.55, 0.97));
}

// The person says no to the first idea; another decision takes its place.
static void correct_decision(struct project_work *work)
{
    struct story_flow *flow = &work->root.flow;
    char old_id[STORY_ID_SIZE];
    snprintf(old_id, sizeof old_id, "%s", work->decision_id);
    act_as_person(work, flow);
    story_tell(flow, "decision.corrected", "{'decision_id':'%s','to_choice':'%s'}", old_id,
               "Keep the old way behind a flag for one release");
    story_act(flow, "agent", "agent-planner", "planner");
    decide(work, "two parts behind a flag", "corrected by the user");
    struct oyez_uuid decided = flow->cause;
    story_tell(flow, "decision.superseded", "{'decision_id':'%s','superseded_by':'%s'}", old_id,
               work->decision_id);
    flow->cause = decided;
}

static void tell_strategy(struct project_work *work, const struct demo_project *project)
{
    struct plan *root = &work->root;
    decide(work, "two parts, one after the other", "each part can be checked alone");
    open_sub_plans(work, project);
    plan_become(root, "processing");
    story_act(&root->flow, "service", "invariant-checker", "rules");
    story_tell(&root->flow, "invariant.reconciled",
               "{'project_count':%u,'plan_count':%u,'conflicts':%u,'in_force':['%s']}",
               story_between(root->flow.story, 3, 9), story_between(root->flow.story, 0, 3),
               story_between(root->flow.story, 0, 1), project->invariant);
    if (work->twist == TWIST_CORRECTED)
        correct_decision(work);
    act_as_person(work, &root->flow);
    story_tell(&root->flow, "decision.approved", "{'decision_id':'%s','comment':'%s'}",
               work->decision_id, "Go ahead");
    plan_enter(root, "execute");
    for (unsigned i = 0; i < DEMO_SUB_PLANS; i++)
        work->subs[i].flow.cause = root->flow.cause;
}

// The budget is gone: the actor asks for a person, who stops the plan.
static void cancel(struct project_work *work, struct plan *sub)
{
    struct plan *root = &work->root;
    story_act(&sub->flow, "agent", "agent-coder", "coder");
    story_tell(&sub->flow, "actor.escalated", "{'actor':'coder','escalated_to':'%s','reason':'%s'}",
               work->person[1], "The budget is used up");
    story_act(&sub->flow, "service", "sandbox-manager", "sandbox");
    story_tell(&sub->flow, "sandbox.rolled_back", "{'sandbox_id':'%s','target':'start'}",
               sub->sandbox_id);
    root->flow.cause = sub->flow.cause;
    root->flow.event.state = "cancelled";
    act_as_person(work, &root->flow);
    story_tell(&root->flow, "plan.cancelled", "{'reason':'%s','cost_usd':%.4f}",
               "Not worth more money this week", root->spent_usd);
    for (unsigned i = 0; i < DEMO_SUB_PLANS; i++) {
        work->subs[i].flow.cause = root->flow.cause;
        work->subs[i].flow.event.state = "cancelled";
        act_as_person(work, &work->subs[i].flow);
        story_tell(&work->subs[i].flow, "plan.cancelled",
                   "{'reason':'root plan cancelled','cascade':true}");
    }
}

static void give_up(struct project_work *work, struct plan *sub)
{
    struct plan *root = &work->root;
    plan_fail(sub);
    root->flow.cause = sub->flow.cause;
    root->flow.event.state = "errored";
    story_act(&root->flow, "agent", "agent-planner", "planner");
    story_tell(&root->flow, "plan.errored", "{'error_message':'%s','sub_plan_id':'%s'}",
               "A sub-plan could not be saved", sub->id);
}

// Both sub-plans take turns. Returns the one that ended the work, NULL if none did.
static struct plan *play_sub_plans(struct project_work *work)
{
    struct plan *last = &work->subs[DEMO_SUB_PLANS - 1];
    for (unsigned i = 0; i < DEMO_SUB_PLANS; i++)
        plan_prepare(&work->subs[i]);
    for (unsigned i = 0; i < DEMO_SUB_PLANS; i++)
        plan_read(&work->subs[i]);
    if (work->twist == TWIST_GIVEN_UP)
        return last;
    if (work->twist == TWIST_GUARDED)
        plan_guard(last);
    for (unsigned i = 0; i < DEMO_SUB_PLANS; i++) {
        plan_edit(&work->subs[i]);
        if (work->root.exceeded)
            return &work->subs[i];
    }
    for (unsigned i = 0; i < DEMO_SUB_PLANS; i++)
        plan_check(&work->subs[i], work->twist == TWIST_CHECK_FAILS && &work->subs[i] == last);
    for (unsigned i = 0; i < DEMO_SUB_PLANS; i++)
        plan_finish(&work->subs[i]);
    work->root.flow.cause = last->flow.cause;
    return NULL;
}

static void tell_end(struct project_work *work)
{
    struct plan *root = &work->root;
    plan_enter(root, "apply");
    plan_become(root, "complete");
    story_tell(&root->flow, "plan.applied", "{'cost_usd':%.4f,'sub_plans':%u}", root->spent_usd,
               DEMO_SUB_PLANS);
    story_act(&root->flow, "agent", "agent-planner", "planner");
    story_tell(&root->flow, "session.message_sent",
               "{'role':'assistant','text':'Done: %s. All checks pass.','tokens':%u}", root->goal,
               story_between(root->flow.story, 18, 60));
}

void demo_plans_tell(struct story *story)
{
    struct project_work work = {.twist = (enum twist)(story->turn % TWISTS_COUNT)};
    const struct demo_project *project = &projects[story->turn % STORY_COUNT(projects)];
    work.person = STORY_PICK(story, people);
    story_begin(&work.root.flow, story);
    work.root.flow.event.source = "platform";
    work.root.flow.event.environment = "demo";
    story_tag(&work.root.flow, "priority", story_chance(story, 25) ? "high" : "normal");
    work.root.budget_usd = work.twist == TWIST_BUDGET ? BUDGET_TIGHT_USD : BUDGET_USD;
    tell_session(&work, project);
    plan_open(&work.root, NULL, project, project->goal);
    tell_strategy(&work, project);
    struct plan *ended_by = play_sub_plans(&work);
    if (ended_by == NULL)
        tell_end(&work);
    else if (work.root.exceeded)
        cancel(&work, ended_by);
    else
        give_up(&work, ended_by);
    story_pause(story, 500, 1500);
}
