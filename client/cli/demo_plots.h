// SPDX-License-Identifier: MIT
// The demo's stories, each for a thread of its own.
#ifndef OYEZ_DEMO_PLOTS_H
#define OYEZ_DEMO_PLOTS_H

#include "demo_story.h"

struct demo_plot {
    const char *name;                  // of the emitter, for people
    void (*tell)(struct story *story); // one workflow from its beginning to its end
    uint32_t first_ms;                 // before the first workflow
    uint32_t gap_ms_min;               // before each event
    uint32_t gap_ms_max;
};

#define DEMO_PLOTS_COUNT 7u
extern const struct demo_plot demo_plots[DEMO_PLOTS_COUNT];

// demo_plot_play tells one workflow after another until the emitter's wait says that it is over,
// then returns OYEZ_OK, or the error of the emit that ended it. The same seed makes the same
// events, but for ids and times.
oyez_err demo_plot_play(const struct demo_plot *plot, const struct demo_emitter *emitter,
                        uint64_t seed);

void demo_plans_tell(struct story *story);
void demo_deals_tell(struct story *story);
void demo_issues_tell(struct story *story);
void demo_governance_tell(struct story *story);
void demo_conversations_tell(struct story *story);
void demo_orders_tell(struct story *story);
void demo_services_tell(struct story *story);

#endif
