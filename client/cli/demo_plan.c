// SPDX-License-Identifier: MIT
// What sub-plans of the demo do: actors, tools, resources, sandboxes and checks.
#include "demo_plan.h"

#define WARNING_SHARE 0.8

static void act_as_planner(struct plan *plan)
{
    story_act(&plan->flow, "agent", "agent-planner", "planner");
}

static void act_as_coder(struct plan *plan)
{
    story_act(&plan->flow, "agent", "agent-coder", "coder");
}

void plan_open(struct plan *plan, struct plan *root, const struct demo_project *project,
               const char *goal)
{
    struct story *story = plan->flow.story;
    plan->project = project;
    plan->goal = goal;
    plan->root = root != NULL ? root : plan;
    story_id(story, "p", plan->id);
    plan->flow.event.plan_id = plan->id;
    plan->flow.event.root_plan_id = plan->root->id;
    plan->flow.event.project_name = project->name;
    plan->flow.event.phase = "strategize";
    plan->flow.event.state = "queued";
    act_as_planner(plan);
    story_tell(&plan->flow, "plan.created",
               "{'goal':'%s','trigger':'%s','automation':'%s','budget_usd':%.2f}", goal,
               root != NULL ? "decision" : "user", root != NULL ? "auto" : "review",
               plan->root->budget_usd);
}

void plan_enter(struct plan *plan, const char *phase)
{
    const char *before = plan->flow.event.phase;
    act_as_planner(plan);
    plan->flow.event.phase = phase;
    plan->flow.event.state = "queued";
    story_tell(&plan->flow, "plan.phase_changed", "{'from_phase':'%s','to_phase':'%s'}", before,
               phase);
}

void plan_become(struct plan *plan, const char *state)
{
    const char *before = plan->flow.event.state;
    act_as_planner(plan);
    plan->flow.event.state = state;
    story_tell(&plan->flow, "plan.state_changed", "{'from_state':'%s','to_state':'%s'}", before,
               state);
}

void plan_spend(struct plan *plan, double cost_usd)
{
    struct plan *root = plan->root;
    root->spent_usd += cost_usd;
    double share = root->spent_usd / root->budget_usd;
    struct story_flow flow = plan->flow;
    story_act(&flow, "service", "cost-tracker", "costs");
    if (share >= WARNING_SHARE && !root->warned) {
        root->warned = true;
        story_tell(&flow, "budget.warning",
                   "{'scope':'plan','resource':'money','used':%.4f,'limit':%.2f,'unit':'usd',"
                   "'used_percent':%.1f,'threshold_percent':80}",
                   root->spent_usd, root->budget_usd, 100 * share);
    }
    if (share >= 1 && !root->exceeded) {
        root->exceeded = true;
        story_tell(&flow, "budget.exceeded",
                   "{'scope':'plan','resource':'money','used':%.4f,'limit':%.2f,'unit':'usd',"
                   "'action':'held_back','held_back_calls':%u}",
                   root->spent_usd, root->budget_usd, story_between(flow.story, 1, 4));
        // What the platform does next, it does because of this.
        plan->flow.cause = flow.cause;
    }
}

void plan_prepare(struct plan *plan)
{
    struct story *story = plan->flow.story;
    story_id(story, "sbx", plan->sandbox_id);
    plan_enter(plan, "execute");
    plan_become(plan, "processing");
    story_act(&plan->flow, "service", "sandbox-manager", "sandbox");
    story_tell(&plan->flow, "sandbox.created",
               "{'sandbox_id':'%s','strategy':'git_worktree','files':%u,'duration_ms':%u}",
               plan->sandbox_id, story_between(story, 120, 2400), story_between(story, 40, 700));
}

static void build_context(struct plan *plan)
{
    struct story *story = plan->flow.story;
    unsigned hits = story_between(story, 3, 28);
    story_act(&plan->flow, "service", "context-builder", "context");
    story_tell(&plan->flow, "context.query_executed",
               "{'query':'%s','strategy':'%s','hits':%u,'duration_ms':%u}", plan->goal,
               story_chance(story, 50) ? "semantic" : "keyword", hits, story_between(story, 8, 95));
    story_tell(&plan->flow, "context.built", "{'fragments':%u,'tokens':%u,'limit_tokens':32000}",
               hits > 12 ? 12 : hits, story_between(story, 2100, 29500));
}

// A tool call that fails is tried once more.
static void read_file(struct plan *plan, bool fails)
{
    struct story *story = plan->flow.story;
    act_as_coder(plan);
    story_tell(&plan->flow, "tool.invoked",
               "{'tool':'read_file','arguments':{'path':'%s'},'attempt':1}", plan->file);
    if (fails) {
        story_tell(&plan->flow, "tool.errored",
                   "{'tool':'read_file','error_type':'TimeoutError',"
                   "'error_message':'No answer within 2000 ms','retryable':true,'attempt':1,"
                   "'duration_ms':2000}");
        story_tell(&plan->flow, "tool.retried", "{'tool':'read_file','attempt':2,'waited_ms':%u}",
                   story_between(story, 200, 800));
    }
    unsigned bytes = story_between(story, 1800, 42000);
    story_tell(&plan->flow, "resource.accessed",
               "{'resource':'%s','kind':'file','mode':'read','size_bytes':%u}", plan->file, bytes);
    story_tell(&plan->flow, "tool.completed",
               "{'tool':'read_file','attempt':%u,'duration_ms':%u,'result_bytes':%u}",
               fails ? 2u : 1u, story_between(story, 4, 120), bytes);
}

void plan_read(struct plan *plan)
{
    struct story *story = plan->flow.story;
    build_context(plan);
    act_as_planner(plan);
    story_tell(&plan->flow, "actor.invoked",
               "{'actor':'coder','model':'large-2','prompt_tokens':%u,'task':'%s'}",
               story_between(story, 3000, 30000), plan->goal);
    read_file(plan, story_chance(story, 45));
}

void plan_guard(struct plan *plan)
{
    story_act(&plan->flow, "service", "invariant-checker", "rules");
    story_tell(&plan->flow, "invariant.violated",
               "{'invariant':'%s','resource':'%s','severity':'high','violated_by':'coder'}",
               plan->project->invariant, plan->file);
    story_tell(&plan->flow, "invariant.enforced",
               "{'invariant':'%s','action':'refused','enforced_on':'coder'}",
               plan->project->invariant);
}

void plan_edit(struct plan *plan)
{
    struct story *story = plan->flow.story;
    story_id(story, "ckpt", plan->checkpoint_id);
    story_act(&plan->flow, "service", "sandbox-manager", "sandbox");
    story_tell(&plan->flow, "checkpoint.created",
               "{'checkpoint_id':'%s','sandbox_id':'%s','size_bytes':%u}", plan->checkpoint_id,
               plan->sandbox_id, story_between(story, 9000, 480000));
    act_as_coder(plan);
    story_tell(&plan->flow, "tool.invoked",
               "{'tool':'apply_patch','arguments':{'path':'%s'},'attempt':1}", plan->file);
    story_tell(&plan->flow, "resource.modified",
               "{'resource':'%s','change':'updated','lines_added':%u,'lines_removed':%u}",
               plan->file, story_between(story, 6, 140), story_between(story, 0, 60));
    story_tell(&plan->flow, "tool.completed",
               "{'tool':'apply_patch','attempt':1,'duration_ms':%u,'result_bytes':%u}",
               story_between(story, 3, 60), story_between(story, 60, 900));
    double cost_usd = story_amount(story, 0.09, 0.42);
    act_as_planner(plan);
    story_tell(&plan->flow, "actor.completed",
               "{'actor':'coder','completion_tokens':%u,'cost_usd':%.4f,'duration_ms':%u}",
               story_between(story, 400, 5200), cost_usd, story_between(story, 2400, 41000));
    plan_spend(plan, cost_usd);
}

// Back to the checkpoint, and the change made once more.
static void mend(struct plan *plan)
{
    struct story *story = plan->flow.story;
    story_act(&plan->flow, "service", "sandbox-manager", "sandbox");
    story_tell(&plan->flow, "checkpoint.restored", "{'checkpoint_id':'%s','sandbox_id':'%s'}",
               plan->checkpoint_id, plan->sandbox_id);
    act_as_planner(plan);
    story_tell(&plan->flow, "actor.invoked",
               "{'actor':'coder','model':'large-2','prompt_tokens':%u,'task':'%s'}",
               story_between(story, 3000, 30000), "Mend what the check has found");
    plan_edit(plan);
}

static void start_check(struct plan *plan)
{
    story_act(&plan->flow, "service", "validator", "checks");
    story_tell(&plan->flow, "validation.started", "{'check':'%s','kind':'test','required':true}",
               plan->project->check);
}

void plan_check(struct plan *plan, bool fails_first)
{
    struct story *story = plan->flow.story;
    unsigned total = story_between(story, 24, 420);
    start_check(plan);
    if (fails_first) {
        story_tell(&plan->flow, "validation.failed",
                   "{'check':'%s','total':%u,'failed':%u,'first_failure':'%s'}",
                   plan->project->check, total, story_between(story, 1, 5),
                   "expected \"pending\", got \"active\"");
        mend(plan);
        start_check(plan);
    }
    story_tell(&plan->flow, "validation.passed", "{'check':'%s','total':%u,'duration_ms':%u}",
               plan->project->check, total, story_between(story, 900, 38000));
}

void plan_finish(struct plan *plan)
{
    struct story *story = plan->flow.story;
    plan_enter(plan, "apply");
    story_act(&plan->flow, "service", "sandbox-manager", "sandbox");
    story_tell(&plan->flow, "sandbox.committed", "{'sandbox_id':'%s','files_changed':%u}",
               plan->sandbox_id, story_between(story, 1, 6));
    story_act(&plan->flow, "service", "indexer", "indexer");
    story_tell(&plan->flow, "resource.indexed", "{'resource':'%s','chunks':%u,'lag_ms':%u}",
               plan->file, story_between(story, 3, 60), story_between(story, 150, 4000));
    plan_become(plan, "complete");
    story_tell(&plan->flow, "plan.applied", "{'target':'%s','files_changed':%u}", plan->root->id,
               story_between(story, 1, 6));
}

void plan_fail(struct plan *plan)
{
    struct story *story = plan->flow.story;
    for (unsigned attempt = 1; attempt <= 2; attempt++) {
        act_as_planner(plan);
        if (attempt > 1)
            story_tell(&plan->flow, "actor.invoked",
                       "{'actor':'coder','model':'large-2','prompt_tokens':%u,'attempt':%u}",
                       story_between(story, 3000, 30000), attempt);
        story_tell(&plan->flow, "actor.errored",
                   "{'actor':'coder','attempt':%u,'error_type':'InvalidPatchError',"
                   "'error_message':'%s','duration_ms':%u}",
                   attempt, "Model answered with no valid patch",
                   story_between(story, 9000, 60000));
    }
    story_act(&plan->flow, "service", "sandbox-manager", "sandbox");
    story_tell(&plan->flow, "sandbox.rolled_back", "{'sandbox_id':'%s','target':'start'}",
               plan->sandbox_id);
    act_as_planner(plan);
    plan->flow.event.state = "errored";
    story_tell(&plan->flow, "plan.errored",
               "{'error_type':'ActorError','error_message':'%s','attempts':2}",
               "Actor \"coder\" gave no valid patch");
}
