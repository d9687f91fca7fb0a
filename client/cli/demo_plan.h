// SPDX-License-Identifier: MIT
// A plan of the demo's agent platform, and the scenes it is played in.
#ifndef OYEZ_DEMO_PLAN_H
#define OYEZ_DEMO_PLAN_H

#include "demo_story.h"

#define DEMO_SUB_PLANS 2u

struct demo_project {
    const char *name;
    const char *goal;
    const char *sub_goals[DEMO_SUB_PLANS];
    const char *files[DEMO_SUB_PLANS];
    const char *invariant;
    const char *check;
};

struct plan {
    struct story_flow flow;
    const struct demo_project *project;
    struct plan *root; // itself in a root plan
    const char *goal;
    const char *file;
    char id[STORY_ID_SIZE];
    char sandbox_id[STORY_ID_SIZE];
    char checkpoint_id[STORY_ID_SIZE];
    double budget_usd; // a root plan's, for all of its sub-plans
    double spent_usd;
    bool warned;
    bool exceeded;
};

// plan_open gives a plan its id and its root (NULL: it is one) and tells plan.created. A sub-plan
// is caused by what its root told last.
void plan_open(struct plan *plan, struct plan *root, const struct demo_project *project,
               const char *goal);

// plan_enter and plan_become tell of another phase and another state.
void plan_enter(struct plan *plan, const char *phase);
void plan_become(struct plan *plan, const char *state);

// plan_spend takes money from the root's budget and tells when it runs low or is exceeded.
void plan_spend(struct plan *plan, double cost_usd);

// The scenes of a sub-plan, in this order.
void plan_prepare(struct plan *plan);
void plan_read(struct plan *plan);
void plan_guard(struct plan *plan); // an invariant stands in the way of a change
void plan_edit(struct plan *plan);
void plan_check(struct plan *plan, bool fails_first);
void plan_finish(struct plan *plan);

// plan_fail ends a sub-plan that its actor cannot save.
void plan_fail(struct plan *plan);

#endif
