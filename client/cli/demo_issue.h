// SPDX-License-Identifier: MIT
// An issue on its way to a merged pull request, and the scenes of that way.
#ifndef OYEZ_DEMO_ISSUE_H
#define OYEZ_DEMO_ISSUE_H

#include "demo_story.h"

struct demo_defect {
    const char *repository;
    const char *title;
    const char *label;
    const char *file;
    const char *test_file;
    const char *obsolete_file;
    const char *commit; // its message
};

struct issue {
    struct story_flow flow;
    const struct demo_defect *defect;
    const char *person;   // account id of who is asked
    const char *provider; // of the AI, as selected last
    unsigned number;
    unsigned pull_request;
    char number_text[12];
    char branch[24];
    char step_id[STORY_ID_SIZE];
};

void issue_act_as_orchestrator(struct issue *issue);
void issue_act_as_worker(struct issue *issue);
void issue_act_as_person(struct issue *issue);

// issue_step gives what follows a step id of its own.
void issue_step(struct issue *issue);

// issue_ask_ai selects a provider, asks it and gets an answer, from the second provider where the
// first one fails.
void issue_ask_ai(struct issue *issue, const char *task, bool fails);

// issue_write changes the code and commits it: the first time with a new test and without the
// obsolete file.
void issue_write(struct issue *issue, bool first);

// issue_propose creates branch, code and pull request.
void issue_propose(struct issue *issue);

// issue_rework commits again and updates the pull request.
void issue_rework(struct issue *issue, const char *reason);

#endif
