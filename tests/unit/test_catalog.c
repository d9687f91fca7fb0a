// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "oyez/catalog.h"
#include "oyez/types.h"
#include "wire/topic.h"

#define CLOSED_TYPES 110u
#define NAMES_SHA256 "426d6e33d49f08db4c747e5a4825e57f7cdc3f338fb18a0ff8d153ff869a4bb1"

// Oyez's own types come last; they are no part of any source's catalog.
#define OWN_CATALOG "oyez"

static size_t count_types(void)
{
    size_t count = 0;
    while (oyez_type_at(count) != NULL &&
           strcmp(oyez_type_at(count)->catalog->name, OWN_CATALOG) != 0)
        count++;
    return count;
}

static const struct oyez_type *find(const char *name)
{
    return oyez_type_find(name, strlen(name));
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void test_there_are_110_types_and_one_open_prefix(void **state)
{
    (void)state;
    size_t open = 0;
    for (size_t i = 0; i < oyez_type_count(); i++)
        open += oyez_type_at(i)->open;
    assert_int_equal(open, 1);
    assert_int_equal(count_types(), CLOSED_TYPES + open);
}

static void test_each_catalog_has_the_types_of_its_source(void **state)
{
    (void)state;
    static const struct {
        const char *catalog;
        size_t types;
    } expected[] = {{"cleveragents", 38}, {"zakops", 30},    {"tamma", 25},
                    {"tasker", 1},        {"projectai", 16}, {"github", 1}};
    size_t i = 0;
    for (size_t c = 0; c < sizeof expected / sizeof *expected; c++)
        for (size_t n = 0; n < expected[c].types; n++)
            assert_string_equal(oyez_type_at(i++)->catalog->name, expected[c].catalog);
    assert_int_equal(i, count_types());
    for (; i < oyez_type_count(); i++)
        assert_string_equal(oyez_type_at(i)->catalog->name, OWN_CATALOG);
}

static void test_the_names_hash_to_the_agreed_sum(void **state)
{
    (void)state;
    const char *names[CLOSED_TYPES];
    size_t count = 0;
    for (size_t i = 0; i < count_types(); i++) {
        if (oyez_type_at(i)->open)
            continue;
        assert_true(count < CLOSED_TYPES);
        names[count++] = oyez_type_at(i)->name;
    }
    assert_int_equal(count, CLOSED_TYPES);
    qsort(names, count, sizeof *names, compare_names);

    char path[] = "/tmp/oyez-names-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    for (size_t i = 0; i < count; i++)
        assert_true(dprintf(fd, "%s\n", names[i]) > 0);
    assert_int_equal(close(fd), 0);

    char command[sizeof path + 16];
    assert_true(snprintf(command, sizeof command, "sha256sum < %s", path) > 0);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    char sum[65] = "";
    assert_int_equal(fread(sum, 1, 64, pipe), 64);
    assert_int_equal(pclose(pipe), 0);
    assert_int_equal(unlink(path), 0);
    assert_string_equal(sum, NAMES_SHA256);
}

static void test_every_type_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < oyez_type_count(); i++) {
        const struct oyez_type *type = oyez_type_at(i);
        assert_true(type->open || oyez_topic_is_valid(type->name, strlen(type->name)));
        assert_int_equal(oyez_topic_is_reserved(type->name, strlen(type->name)),
                         strcmp(type->catalog->name, OWN_CATALOG) == 0);
        assert_true(strlen(type->domain) > 0);
        assert_string_equal(type->version, "1.0.0");
        assert_string_equal(type->catalog->version, "1.0.0");
        assert_true(strlen(type->catalog->title) > 0);
        assert_true(strlen(type->doc) > 20);
    }
}

static void test_past_the_end_there_is_no_type(void **state)
{
    (void)state;
    assert_null(oyez_type_at(oyez_type_count()));
    assert_null(oyez_type_at(SIZE_MAX));
}

static void test_the_enum_numbers_the_types(void **state)
{
    (void)state;
    assert_string_equal(oyez_type_at(OYEZ_TYPE_CLEVERAGENTS_PLAN_PHASE_CHANGED)->name,
                        "plan.phase_changed");
    assert_string_equal(oyez_type_at(OYEZ_TYPE_ZAKOPS_WORKER_JOB_DLQ)->name, "worker.job_dlq");
    assert_string_equal(oyez_type_at(OYEZ_TYPE_TAMMA_GIT_PULL_REQUEST_MERGED)->name,
                        "GIT.PULL_REQUEST.MERGED");
    assert_string_equal(oyez_type_at(OYEZ_TYPE_TASKER_ORDER_CREATED)->name, "order.created");
    assert_string_equal(oyez_type_at(OYEZ_TYPE_PROJECTAI_USER_LOGGED_IN_EVENT)->name,
                        "UserLoggedInEvent");
    assert_string_equal(oyez_type_at(OYEZ_TYPE_GITHUB_GITHUB_ANY)->name, "github.*");
}

static void test_every_closed_type_is_found_by_its_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < oyez_type_count(); i++)
        if (!oyez_type_at(i)->open)
            assert_ptr_equal(find(oyez_type_at(i)->name), oyez_type_at(i));
}

static void test_a_name_is_found_by_its_size_not_by_a_nul(void **state)
{
    (void)state;
    assert_ptr_equal(oyez_type_find("plan.created.later", 12), find("plan.created"));
    assert_null(oyez_type_find("plan.created", 11));
    assert_null(oyez_type_find("plan.created", 13));
}

static void test_an_open_prefix_covers_what_begins_with_it(void **state)
{
    (void)state;
    const struct oyez_type *github = oyez_type_at(OYEZ_TYPE_GITHUB_GITHUB_ANY);
    assert_ptr_equal(find("github.push"), github);
    assert_ptr_equal(find("github.pull_request.opened"), github);
    assert_ptr_equal(find("github.a"), github);
}

static void test_an_open_prefix_alone_is_no_type(void **state)
{
    (void)state;
    assert_null(find("github."));
    assert_null(find("github"));
    assert_null(find("githubx.push"));
}

static void test_an_unknown_name_is_not_found(void **state)
{
    (void)state;
    static const char *const unknown[] = {
        "",          "x",           "plan",        "plan.",        "plan.createe",  "Plan.created",
        "plan.zzzz", "aaaaaaaaaaa", "~~~~~~~~~~~", "oyez.created", "plan.created ", "GITHUB.push",
    };
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_null(find(unknown[i]));

    char longest[5000];
    memset(longest, 'a', sizeof longest);
    for (size_t size = 0; size < sizeof longest; size++)
        assert_null(oyez_type_find(longest, size));
}

static void test_the_domain_is_that_of_the_source(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *domain;
    } expected[] = {
        {"plan.created", "plan"},
        {"checkpoint.restored", "checkpoint"},
        {"budget.exceeded", "budget"},
        {"agent.thinking", "agent"},
        {"worker.job_queued", "worker"},
        {"ISSUE.SELECTED.SUCCESS", "issue"},
        {"AI.ERROR.OCCURRED", "ai"},
        {"CONFIG.CHANGED", "config"},
        {"order.created", "order"},
        {"OverrideActivatedEvent", "governance"},
        {"MemoryPurgedEvent", "memory"},
        {"PermissionGrantedEvent", "user"},
        {"CouncilDecisionMadeEvent", "agent"},
        {"github.push", "github"},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_string_equal(find(expected[i].name)->domain, expected[i].domain);
}

static void test_a_dotted_name_begins_with_its_domain(void **state)
{
    (void)state;
    for (size_t i = 0; i < oyez_type_count(); i++) {
        const struct oyez_type *type = oyez_type_at(i);
        size_t size = strcspn(type->name, ".");
        if (type->name[size] == '\0')
            continue;
        assert_int_equal(strlen(type->domain), size);
        assert_int_equal(strncasecmp(type->domain, type->name, size), 0);
    }
}

static void test_only_what_is_worthless_when_late_is_fast(void **state)
{
    (void)state;
    for (size_t i = 0; i < oyez_type_count(); i++) {
        const struct oyez_type *type = oyez_type_at(i);
        bool fast = strcmp(type->name, "agent.thinking") == 0 ||
                    strcmp(type->name, "system.health_check") == 0;
        assert_int_equal(type->delivery, fast ? OYEZ_LANE_FAST : OYEZ_LANE_DURABLE);
    }
}

static void test_what_a_person_says_or_is_called_is_personal(void **state)
{
    (void)state;
    static const char *const personal[] = {
        "session.message_sent",
        "action.approved",
        "action.rejected",
        "ConversationStartedEvent",
        "MemoryEntryCreatedEvent",
        "KnowledgeConsolidatedEvent",
        "UserRegisteredEvent",
        "UserLoggedInEvent",
        "PasswordChangedEvent",
        "PermissionGrantedEvent",
        "github.push",
    };
    size_t expected = sizeof personal / sizeof *personal;
    for (size_t i = 0; i < expected; i++)
        assert_true(find(personal[i])->personal);
    size_t found = 0;
    for (size_t i = 0; i < oyez_type_count(); i++)
        found += oyez_type_at(i)->personal;
    assert_int_equal(found, expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_are_110_types_and_one_open_prefix),
        cmocka_unit_test(test_each_catalog_has_the_types_of_its_source),
        cmocka_unit_test(test_the_names_hash_to_the_agreed_sum),
        cmocka_unit_test(test_every_type_is_whole),
        cmocka_unit_test(test_past_the_end_there_is_no_type),
        cmocka_unit_test(test_the_enum_numbers_the_types),
        cmocka_unit_test(test_every_closed_type_is_found_by_its_name),
        cmocka_unit_test(test_a_name_is_found_by_its_size_not_by_a_nul),
        cmocka_unit_test(test_an_open_prefix_covers_what_begins_with_it),
        cmocka_unit_test(test_an_open_prefix_alone_is_no_type),
        cmocka_unit_test(test_an_unknown_name_is_not_found),
        cmocka_unit_test(test_the_domain_is_that_of_the_source),
        cmocka_unit_test(test_a_dotted_name_begins_with_its_domain),
        cmocka_unit_test(test_only_what_is_worthless_when_late_is_fast),
        cmocka_unit_test(test_what_a_person_says_or_is_called_is_personal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
