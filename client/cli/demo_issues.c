// SPDX-License-Identifier: MIT
// The autonomous loop takes an issue, and in the end a pull request is merged (catalog tamma).
#include "demo_issue.h"
#include "demo_plots.h"

#include <stdio.h>

enum twist { TWIST_PLAIN, TWIST_REJECTED, TWIST_ESCALATED };
#define TWISTS_COUNT 3u

#define CI_ATTEMPTS_MAX 3u

static const struct demo_defect defects[] = {
    {"shop/checkout", "Total is wrong by a cent for three items", "bug", "src/cart/total.ts",
     "test/cart/rounding.test.ts", NULL, "cart: sum in cents, not in euros"},
    {"shop/search", "Search for \"C++\" finds nothing", "bug", "src/query/escape.py",
     "tests/test_escape.py", "src/query/legacy_escape.py", "query: keep plus signs"},
    {"infra/agent", "Agent does not stop within 10 s", "enhancement", "agent/stop.go",
     "agent/stop_test.go", "agent/signals_old.go", "agent: wake all loops on stop"},
    {"shop/mail", "Invoice mail lacks the order number", "good first issue", "mail/invoice.rb",
     "spec/invoice_spec.rb", NULL, "mail: name the order in the subject"},
};

static const char *const people[] = {"acct-1007", "acct-1031", "acct-1188"};

static void begin(struct issue *issue, struct story *story)
{
    story_begin(&issue->flow, story);
    issue->flow.event.app_version = "0.9.3";
    issue->flow.event.environment = "demo";
}

// Now and then an operator changes how the loop works: a workflow of its own.
static void tell_configuration(struct story *story)
{
    struct issue change = {.person = STORY_PICK(story, people)};
    begin(&change, story);
    issue_act_as_person(&change);
    change.flow.event.source = "cli";
    if (story->turn % 2 == 0) {
        story_tell(&change.flow, "CONFIG.PROVIDER.ADDED",
                   "{'provider':'local','endpoint':'unix socket','models':['coder-%ub']}",
                   story_between(story, 7, 70));
        story_tell(&change.flow, "CONFIG.CHANGED",
                   "{'key':'ai.providers','from_value':'atlas,borealis',"
                   "'to_value':'atlas,borealis,local'}");
    } else {
        story_tell(&change.flow, "CONFIG.PLATFORM.ADDED",
                   "{'platform':'forgejo','repositories':%u}", story_between(story, 3, 60));
        story_tell(&change.flow, "CONFIG.CHANGED",
                   "{'key':'loop.max_issues','from_value':'2','to_value':'%u'}",
                   story_between(story, 3, 6));
    }
}

static void take_up(struct issue *issue)
{
    struct story *story = issue->flow.story;
    issue_step(issue);
    issue_act_as_orchestrator(issue);
    story_tell(&issue->flow, "ISSUE.SELECTED.SUCCESS",
               "{'repository':'%s','issue_number':%u,'title':'%s','labels':['%s'],'score':%.2f}",
               issue->defect->repository, issue->number, issue->defect->title, issue->defect->label,
               story_amount(story, 0.4, 0.99));
    story_tell(&issue->flow, "ISSUE.ANALYSIS.COMPLETED",
               "{'complexity':'%s','files_considered':%u,'estimate_minutes':%u}",
               story_chance(story, 60) ? "low" : "medium", story_between(story, 4, 90),
               story_between(story, 5, 120));
    story_tell(&issue->flow, "ISSUE.ASSIGNED.SUCCESS",
               "{'repository':'%s','issue_number':%u,'assignee':'tamma-bot'}",
               issue->defect->repository, issue->number);
}

// Checks fail again and again, until a person looks at them.
static void escalate(struct issue *issue)
{
    struct story *story = issue->flow.story;
    issue_step(issue);
    issue_act_as_worker(issue);
    for (unsigned attempt = 1; attempt <= CI_ATTEMPTS_MAX; attempt++)
        story_tell(&issue->flow, "SYSTEM.ERROR.OCCURRED",
                   "{'component':'ci','error_message':'%s','attempt':%u,'retryable':true}",
                   "Runner lost contact after 300 s", attempt);
    story_tell(&issue->flow, "SYSTEM.RETRY.EXHAUSTED",
               "{'operation':'ci run','attempts':%u,'last_error':'%s'}", CI_ATTEMPTS_MAX,
               "Runner lost contact after 300 s");
    issue_act_as_orchestrator(issue);
    story_tell(&issue->flow, "SYSTEM.ESCALATION.TRIGGERED",
               "{'reason':'retries exhausted','pull_request_number':%u,'escalated_to':['%s']}",
               issue->pull_request, issue->person);
    story_pause(story, 1000, 2500);
    issue_act_as_person(issue);
    story_tell(&issue->flow, "SYSTEM.ESCALATION.RESOLVED",
               "{'resolution':'%s','resolved_by':'%s','waited_ms':%u}",
               "Runner's disk was full, now cleared", issue->person,
               story_between(story, 40000, 900000));
}

static void ask_for_merge(struct issue *issue)
{
    issue_step(issue);
    issue_act_as_orchestrator(issue);
    story_tell(&issue->flow, "APPROVAL.REQUESTED",
               "{'subject':'merge','pull_request_number':%u,'requested_from':['%s'],'risk':'%s'}",
               issue->pull_request, issue->person,
               story_chance(issue->flow.story, 70) ? "low" : "medium");
    story_pause(issue->flow.story, 800, 2500);
    issue_act_as_person(issue);
}

static void review(struct issue *issue, bool rejects_first)
{
    ask_for_merge(issue);
    if (rejects_first) {
        story_tell(&issue->flow, "APPROVAL.REJECTED",
                   "{'subject':'merge','pull_request_number':%u,'decided_by':'%s','reason':'%s'}",
                   issue->pull_request, issue->person,
                   "The test would pass without the change: assert on the result");
        issue_ask_ai(issue, "rework", false);
        issue_rework(issue, "review");
        ask_for_merge(issue);
    }
    story_tell(&issue->flow, "APPROVAL.PROVIDED",
               "{'subject':'merge','pull_request_number':%u,'decided_by':'%s','comment':'%s'}",
               issue->pull_request, issue->person, "Good. Thank you");
}

static void merge(struct issue *issue)
{
    char sha[STORY_HEX_SIZE];
    story_hex(issue->flow.story, 40, sha);
    issue_act_as_worker(issue);
    story_tell(&issue->flow, "GIT.PULL_REQUEST.MERGED",
               "{'repository':'%s','pull_request_number':%u,'merge_commit_id':'%s',"
               "'method':'squash','issue_number':%u}",
               issue->defect->repository, issue->pull_request, sha, issue->number);
}

void demo_issues_tell(struct story *story)
{
    struct issue issue = {.person = STORY_PICK(story, people)};
    enum twist twist = (enum twist)(story->turn % TWISTS_COUNT);
    issue.defect = &defects[story->turn % STORY_COUNT(defects)];
    issue.number = 400 + 13 * story->turn + story_between(story, 0, 3);
    snprintf(issue.number_text, sizeof issue.number_text, "%u", issue.number);
    begin(&issue, story);
    story_tag(&issue.flow, "repository", issue.defect->repository);
    story_tag(&issue.flow, "issue_number", issue.number_text);
    take_up(&issue);
    issue_ask_ai(&issue, "plan", false);
    issue_ask_ai(&issue, "implement", story_chance(story, 50));
    issue_propose(&issue);
    if (twist == TWIST_ESCALATED)
        escalate(&issue);
    review(&issue, twist == TWIST_REJECTED);
    merge(&issue);
    tell_configuration(story);
    story_pause(story, 500, 2000);
}
