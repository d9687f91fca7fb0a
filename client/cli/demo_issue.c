// SPDX-License-Identifier: MIT
// What the loop does with AI providers, code and Git.
#include "demo_issue.h"

#include <stdio.h>

struct provider {
    const char *name;
    const char *model;
};

static const struct provider providers[] = {
    {"atlas", "atlas-large-2"}, {"borealis", "borealis-pro"}, {"local", "coder-30b"}};

void issue_act_as_orchestrator(struct issue *issue)
{
    issue->flow.event.source = "orchestrator";
    story_act(&issue->flow, "system", "orchestrator", "tamma");
}

void issue_act_as_worker(struct issue *issue)
{
    issue->flow.event.source = "worker";
    story_act(&issue->flow, "service", "worker-2", "worker-2");
}

void issue_act_as_person(struct issue *issue)
{
    issue->flow.event.source = "api";
    story_act(&issue->flow, "user", issue->person, issue->person);
}

void issue_step(struct issue *issue)
{
    story_id(issue->flow.story, "step", issue->step_id);
    issue->flow.event.step_id = issue->step_id;
}

static void select_provider(struct issue *issue, const struct provider *provider, const char *task,
                            const char *reason)
{
    const char *other = provider == &providers[0] ? providers[1].name : providers[0].name;
    issue->provider = provider->name;
    issue_act_as_orchestrator(issue);
    story_tell(&issue->flow, "AI.PROVIDER.SELECTED",
               "{'task':'%s','provider':'%s','model':'%s','reason':'%s','candidates':['%s','%s']}",
               task, provider->name, provider->model, reason, provider->name, other);
}

static void send_request(struct issue *issue, const struct provider *provider, const char *task,
                         char request_id[STORY_ID_SIZE])
{
    story_id(issue->flow.story, "req", request_id);
    issue_act_as_worker(issue);
    story_tell(&issue->flow, "AI.REQUEST.STARTED",
               "{'request_id':'%s','task':'%s','model':'%s','prompt_tokens':%u}", request_id, task,
               provider->model, story_between(issue->flow.story, 1800, 26000));
    // What comes back, the provider has done.
    story_act(&issue->flow, "ai", provider->name, provider->name);
}

void issue_ask_ai(struct issue *issue, const char *task, bool fails)
{
    struct story *story = issue->flow.story;
    char request_id[STORY_ID_SIZE];
    unsigned choice = story_between(story, 0, STORY_COUNT(providers) - 1);
    const struct provider *provider = &providers[choice];
    issue_step(issue);
    select_provider(issue, provider, task, "lowest price for this task");
    send_request(issue, provider, task, request_id);
    if (fails) {
        story_tell(&issue->flow, "AI.ERROR.OCCURRED",
                   "{'request_id':'%s','provider':'%s','error_message':'%s','duration_ms':%u}",
                   request_id, provider->name, "overloaded, try again later",
                   story_between(story, 200, 9000));
        provider = &providers[(choice + 1) % STORY_COUNT(providers)];
        select_provider(issue, provider, task, "the first choice is overloaded");
        send_request(issue, provider, task, request_id);
    }
    story_tell(&issue->flow, "AI.RESPONSE.RECEIVED",
               "{'request_id':'%s','completion_tokens':%u,'duration_ms':%u,'cost_usd':%.4f,"
               "'finish_reason':'stop'}",
               request_id, story_between(story, 250, 4800), story_between(story, 1200, 24000),
               story_amount(story, 0.004, 0.21));
}

static void change_files(struct issue *issue, bool first)
{
    struct story *story = issue->flow.story;
    const struct demo_defect *defect = issue->defect;
    story_tell(&issue->flow, "CODE.FILE.UPDATED",
               "{'path':'%s','lines_added':%u,'lines_removed':%u}", defect->file,
               story_between(story, 3, 70), story_between(story, 1, 30));
    if (!first)
        return;
    story_tell(&issue->flow, "CODE.FILE.CREATED", "{'path':'%s','lines':%u}", defect->test_file,
               story_between(story, 20, 120));
    if (defect->obsolete_file != NULL)
        story_tell(&issue->flow, "CODE.FILE.DELETED", "{'path':'%s','reason':'%s'}",
                   defect->obsolete_file, "Nothing uses it any more");
}

void issue_write(struct issue *issue, bool first)
{
    struct story *story = issue->flow.story;
    char sha[STORY_HEX_SIZE];
    issue_act_as_worker(issue);
    change_files(issue, first);
    story_hex(story, 40, sha);
    story_tell(&issue->flow, "CODE.COMMIT.CREATED",
               "{'commit_id':'%s','message':'%s','files_changed':%u,'lines_added':%u,"
               "'lines_removed':%u,'author':'%s'}",
               sha, first ? issue->defect->commit : "address review", first ? 2u : 1u,
               story_between(story, 10, 160), story_between(story, 1, 40), issue->provider);
}

void issue_propose(struct issue *issue)
{
    issue_step(issue);
    issue_act_as_worker(issue);
    snprintf(issue->branch, sizeof issue->branch, "fix/%u", issue->number);
    story_tell(&issue->flow, "GIT.BRANCH.CREATED",
               "{'repository':'%s','branch':'%s','base':'main'}", issue->defect->repository,
               issue->branch);
    issue_write(issue, true);
    issue->pull_request = issue->number + story_between(issue->flow.story, 1, 9);
    story_tell(&issue->flow, "GIT.PULL_REQUEST.CREATED",
               "{'repository':'%s','pull_request_number':%u,'title':'%s','head':'%s','base':'main',"
               "'issue_number':%u}",
               issue->defect->repository, issue->pull_request, issue->defect->title, issue->branch,
               issue->number);
}

void issue_rework(struct issue *issue, const char *reason)
{
    issue_step(issue);
    issue_write(issue, false);
    story_tell(&issue->flow, "GIT.PULL_REQUEST.UPDATED",
               "{'repository':'%s','pull_request_number':%u,'change':'commits','reason':'%s'}",
               issue->defect->repository, issue->pull_request, reason);
}
