// SPDX-License-Identifier: MIT
// A shop whose workflow steps publish orders (catalog tasker).
#include "demo_plots.h"

struct article {
    const char *sku;
    const char *name;
    double price;
};

static const struct article articles[] = {
    {"LMP-210", "Desk lamp, brass", 79.90},       {"CHR-044", "Oak chair", 189.00},
    {"CUP-007", "Set of 6 cups", 34.50},          {"RUG-120", "Wool rug 1.2 m", 249.00},
    {"PEN-001", "Fountain pen \"No. 1\"", 58.00}, {"BAG-033", "Canvas bag", 24.95},
};

static const char *const cities[] = {"Utrecht", "Göteborg", "Porto", "Graz", "Kraków"};

void demo_orders_tell(struct story *story)
{
    struct story_flow flow;
    char order_id[STORY_ID_SIZE];
    char run_id[STORY_ID_SIZE];
    char worker[] = "worker-1";
    story_begin(&flow, story);
    story_id(story, "o", order_id);
    story_id(story, "run", run_id);
    worker[sizeof worker - 2] = (char)('1' + story_between(story, 0, 2));

    const struct article *article = &STORY_PICK(story, articles);
    unsigned quantity = story_between(story, 1, 4);
    flow.event.aggregate_id = order_id;
    flow.event.aggregate_type = "order";
    flow.event.aggregate_version = 1;
    flow.event.has_aggregate_version = true;
    flow.event.run_id = run_id;
    flow.event.step_id = "store_order";
    flow.event.project_name = "shop";
    flow.event.source = "tasker";
    flow.event.environment = "demo";
    story_act(&flow, "service", worker, worker);
    story_tell(&flow, "order.created",
               "{'order_id':'%s','amount':%.2f,'currency':'EUR','channel':'%s','items':[{'sku':'%s'"
               ",'name':'%s',"
               "'quantity':%u,'unit_price':%.2f}],'ship_to':'%s','customer_id':'cust-%u'}",
               order_id, article->price * quantity, story_chance(story, 70) ? "web" : "phone",
               article->sku, article->name, quantity, article->price, STORY_PICK(story, cities),
               story_between(story, 1000, 4999));
}
