// SPDX-License-Identifier: MIT
// The pace: some six events a second over all plots, and each has begun within a second.
#include "demo_plots.h"

#define TURN_FIRST_MOST 59u // every twist and every project may come first

const struct demo_plot demo_plots[DEMO_PLOTS_COUNT] = {
    {"demo plans", demo_plans_tell, 0, 300, 700},
    {"demo deals", demo_deals_tell, 100, 500, 1300},
    {"demo issues", demo_issues_tell, 200, 500, 1400},
    {"demo orders", demo_orders_tell, 50, 1400, 2400},
    {"demo governance", demo_governance_tell, 300, 800, 2000},
    {"demo conversations", demo_conversations_tell, 500, 1000, 2200},
    {"demo services", demo_services_tell, 0, 300, 2600},
};

oyez_err demo_plot_play(const struct demo_plot *plot, const struct demo_emitter *emitter,
                        uint64_t seed)
{
    // Plots must not draw alike: names and amounts would match across them.
    struct story story = {
        .emitter = *emitter,
        .random = seed ^ ((uint64_t)(plot - demo_plots + 1) * 0xD1342543DE82EF95u),
        .gap_ms_min = plot->gap_ms_min,
        .gap_ms_max = plot->gap_ms_max,
    };
    story.turn = story_between(&story, 0, TURN_FIRST_MOST);
    story_pause(&story, plot->first_ms, plot->first_ms);
    while (!story.over) {
        plot->tell(&story);
        story.round++;
        story.turn++;
    }
    return story.err;
}
