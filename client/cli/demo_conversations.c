// SPDX-License-Identifier: MIT
// People register, log in and talk to the assistant, which remembers (catalog projectai: users
// and memory).
#include "demo_plots.h"

#include <stdio.h>

#define TURNS 2u

struct talk {
    const char *questions[TURNS];
    const char *answers[TURNS];
    const char *category;
    const char *knowledge;
};

static const struct talk talks[] = {
    {{"When does the library on Elm Street open?", "And on Sundays?"},
     {"At 9:30, from Tuesday to Saturday.", "It is closed on Sundays."},
     "preferences",
     "Asks for places nearby, prefers mornings"},
    {{"Which of my plants needs \"indirect light\"?", "How often do I water it?"},
     {"The fern by the window.", "Every third day, less in winter."},
     "facts",
     "Keeps a fern by the window"},
    {{"Remind me of Ada's birthday.", "Make it a week before."},
     {"I will, on 10 December.", "Done: on 3 December."},
     "people",
     "Ada's birthday is on 10 December"},
};

static const char *const names[] = {"mika", "rosa", "elif", "tom", "noor", "jules", "anke"};

struct visit {
    struct story_flow flow;
    const char *name;
    char user_id[STORY_ID_SIZE];
    char session_id[STORY_ID_SIZE];
    char conversation_id[STORY_ID_SIZE];
    char entry_ids[TURNS][STORY_ID_SIZE];
    char knowledge_id[STORY_ID_SIZE];
};

static void act_as_user(struct visit *visit, const char *source)
{
    visit->flow.event.source = source;
    story_act(&visit->flow, "user", visit->user_id, visit->name);
}

static void set_aggregate(struct visit *visit, const char *type, const char *id, uint64_t version)
{
    visit->flow.event.aggregate_type = type;
    visit->flow.event.aggregate_id = id;
    visit->flow.event.aggregate_version = version;
    visit->flow.event.has_aggregate_version = true;
}

static void arrive(struct visit *visit)
{
    struct story *story = visit->flow.story;
    story_id(story, "u", visit->user_id);
    story_id(story, "sess", visit->session_id);
    visit->flow.event.user_id = visit->user_id;
    set_aggregate(visit, "User", visit->user_id, 1);
    act_as_user(visit, "users");
    story_tell(&visit->flow, "UserRegisteredEvent",
               "{'username':'%s','email':'%s@mail.example','role':'member'}", visit->name,
               visit->name);
    visit->flow.event.session_id = visit->session_id;
    story_tell(&visit->flow, "UserLoggedInEvent",
               "{'username':'%s','session_id':'%s','ip_address':'198.51.100.%u'}", visit->name,
               visit->session_id, story_between(story, 2, 250));
}

static void talk_over(struct visit *visit, const struct talk *talk)
{
    struct story *story = visit->flow.story;
    story_id(story, "c", visit->conversation_id);
    set_aggregate(visit, "Conversation", visit->conversation_id, 1);
    act_as_user(visit, "memory");
    story_tell(&visit->flow, "ConversationStartedEvent", "{'user_id':'%s','initial_message':'%s'}",
               visit->user_id, talk->questions[0]);
    for (unsigned i = 0; i < TURNS; i++) {
        story_id(story, "m", visit->entry_ids[i]);
        set_aggregate(visit, "Conversation", visit->conversation_id, 2 + i);
        story_tell(&visit->flow, "MemoryEntryCreatedEvent",
                   "{'entry_id':'%s','user_message':'%s','ai_response':'%s'}", visit->entry_ids[i],
                   talk->questions[i], talk->answers[i]);
    }
}

static void consolidate(struct visit *visit, const struct talk *talk)
{
    story_id(visit->flow.story, "k", visit->knowledge_id);
    set_aggregate(visit, "Knowledge", visit->knowledge_id, 1);
    visit->flow.event.source = "memory";
    story_act(&visit->flow, "service", "memory", "memory");
    story_tell(&visit->flow, "KnowledgeConsolidatedEvent",
               "{'knowledge_id':'%s','category':'%s','content':'%s','confidence':%.2f,"
               "'source_entries':['%s','%s']}",
               visit->knowledge_id, talk->category, talk->knowledge,
               story_amount(visit->flow.story, 0.6, 0.99), visit->entry_ids[0],
               visit->entry_ids[1]);
}

static void look_after_account(struct visit *visit)
{
    bool grants = visit->flow.story->turn % 2 == 0;
    set_aggregate(visit, "User", visit->user_id, 2);
    visit->flow.event.source = "users";
    if (grants) {
        story_act(&visit->flow, "user", "admin-sato", "sato");
        story_tell(&visit->flow, "PermissionGrantedEvent",
                   "{'username':'%s','resource':'calendar','action':'write',"
                   "'granted_by':'admin-sato'}",
                   visit->name);
    } else {
        act_as_user(visit, "users");
        story_tell(&visit->flow, "PasswordChangedEvent", "{'username':'%s','changed_by':'%s'}",
                   visit->name, visit->name);
    }
}

void demo_conversations_tell(struct story *story)
{
    struct visit visit = {.name = STORY_PICK(story, names)};
    const struct talk *talk = &STORY_PICK(story, talks);
    story_begin(&visit.flow, story);
    visit.flow.event.environment = "demo";
    arrive(&visit);
    look_after_account(&visit);
    talk_over(&visit, talk);
    consolidate(&visit, talk);
}
