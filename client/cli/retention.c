// SPDX-License-Identifier: MIT
#include "oyez/retention.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act_place.h"
#include "command.h"
#include "data_directory.h"
#include "inert.h"
#include "message.h"
#include "oyez/json.h"
#include "oyez/recorder.h"
#include "retention_place.h"

#define REASON "the rules of retention"

struct retention_values {
    const char *keep_for;
    uint64_t keep_size;
    struct text_list keep_type;
    const char *reason;
    const char *directory;
    const char *key;
    bool yes;
    bool json;
};

static oyez_err read_rules(const struct arguments *arguments, struct oyez_retention_rules *rules)
{
    const struct retention_values *values = arguments->values;
    oyez_err err = OYEZ_OK;
    if (values->keep_for == NULL && values->keep_size == 0 && values->keep_type.count == 0) {
        return oyez_retention_rules_read(rules, arguments->settings);
    }
    *rules = (struct oyez_retention_rules){.keep_size = values->keep_size};
    if (values->keep_for != NULL) {
        err = oyez_age_read(&rules->keep_for, values->keep_for);
    }
    for (size_t i = 0; err == OYEZ_OK && i < values->keep_type.count; i++) {
        err = oyez_retention_add_type(rules, values->keep_type.items[i]);
    }
    return err;
}

static void print_plan_json(const struct oyez_retention_plan *plan)
{
    const struct oyez_expiry *expiry = &plan->expiry;
    printf("{\"records\":%" PRIu64 ",\"events\":%" PRIu64 ",\"segments\":%zu,\"bytes\":%" PRIu64
           ",\"blanks\":%zu,\"held_records\":%" PRIu64 ",\"held_events\":%" PRIu64
           ",\"hold\":\"%s\"}\n",
           expiry->before - expiry->first, expiry->events, expiry->segments, expiry->bytes,
           plan->blank_count,
           plan->held_from == UINT64_MAX ? 0 : plan->held_until - plan->held_from,
           plan->held_events, plan->hold);
}

static void print_times(const struct oyez_expiry *expiry)
{
    char first[OYEZ_TIME_TEXT_SIZE], last[OYEZ_TIME_TEXT_SIZE];
    if (expiry->time_first == 0) {
        return;
    }
    oyez_time_to_text((int64_t)expiry->time_first, first);
    oyez_time_to_text((int64_t)expiry->time_last, last);
    printf(", from %s to %s", first, last);
}

static void print_held(const struct oyez_retention_plan *plan)
{
    if (plan->held_from != UINT64_MAX) {
        printf("the hold %s keeps the records %" PRIu64 " to %" PRIu64 "\n", plan->hold,
               plan->held_from, plan->held_until - 1);
    }
    if (plan->held_events > 0) {
        printf("holds keep %" PRIu64 " events by type%s%s\n", plan->held_events,
               plan->held_from == UINT64_MAX ? ": " : "",
               plan->held_from == UINT64_MAX ? plan->hold : "");
    }
}

static void print_plan(const struct oyez_retention_plan *plan)
{
    const struct oyez_expiry *expiry = &plan->expiry;
    if (expiry->before > expiry->first) {
        printf("would remove %zu segments with %" PRIu64 " records, %" PRIu64 " of them events",
               expiry->segments, expiry->before - expiry->first, expiry->events);
        print_times(expiry);
        printf("; %" PRIu64 " bytes\n", expiry->bytes);
    }
    if (plan->blank_count > 0) {
        printf("would blank %zu%s events by type\n", plan->blank_count, plan->more ? "+" : "");
    }
    if (expiry->before == expiry->first && plan->blank_count == 0) {
        printf("nothing would go\n");
    }
    print_held(plan);
}

static int show(const struct retention_values *values, const char *directory,
                const struct oyez_retention_rules *rules)
{
    struct oyez_retention_plan plan;
    oyez_err err = oyez_retention_survey(&plan, directory, NULL, rules, act_place_now(), NULL);
    if (err == OYEZ_OK && values->json) {
        print_plan_json(&plan);
    } else if (err == OYEZ_OK) {
        print_plan(&plan);
        if (plan.expiry.before > plan.expiry.first || plan.blank_count > 0) {
            message_print("nothing was changed: --yes does it");
        }
    }
    oyez_retention_plan_free(&plan);
    return err == OYEZ_OK ? EXIT_DONE : command_fail_at(directory, err);
}

static void print_done(const struct retention_values *values, const struct retention_done *done)
{
    const struct oyez_retention_report *report = &done->report;
    if (values->json) {
        printf("{\"records\":%" PRIu64 ",\"events\":%" PRIu64 ",\"segments\":%zu,\"bytes\":%" PRIu64
               ",\"blanked\":%" PRIu64 ",\"unblanked\":%" PRIu64 ",\"hold\":\"%s\"}\n",
               report->records, report->events, report->segments, report->bytes, report->blanked,
               report->unblanked, done->hold);
        return;
    }
    printf("removed %zu segments with %" PRIu64 " records, %" PRIu64 " bytes; blanked %" PRIu64
           " events\n",
           report->segments, report->records, report->bytes, report->blanked);
    if (done->hold[0] != '\0') {
        printf("the hold %s keeps the rest\n", done->hold);
    }
}

static int apply(const struct retention_values *values, const char *directory,
                 const struct oyez_retention_rules *rules)
{
    struct retention_done done;
    oyez_err err = retention_place_do(&done, directory, values->key, rules,
                                      values->reason != NULL ? values->reason : REASON);
    print_done(values, &done);
    if (err == OYEZ_OK && done.report.unblanked > 0) {
        err = oyez_fail(OYEZ_ERR_FORBIDDEN,
                        "%" PRIu64 " events were not blanked: files that a repair set aside "
                        "(….seg.damaged) may hold them too; move those out of the directory, and "
                        "ask again",
                        done.report.unblanked);
    }
    return err == OYEZ_OK ? EXIT_DONE : command_fail_at(directory, err);
}

static int run(const struct arguments *arguments)
{
    const struct retention_values *values = arguments->values;
    const char *directory = data_directory(values->directory);
    struct oyez_retention_rules rules;
    if (read_rules(arguments, &rules) != OYEZ_OK) {
        return command_usage_error(arguments->command, "%s", oyez_error_detail());
    }
    if (!oyez_retention_has_rules(&rules)) {
        return command_usage_error(arguments->command, "no rule: --keep-for, --keep-size or "
                                                       "--keep-type, here or in the settings");
    }
    return values->yes ? apply(values, directory, &rules) : show(values, directory, &rules);
}

static const char *const usage[] = {
    "[--keep-for AGE] [--keep-size BYTES] [--keep-type PATTERN=AGE]... "
    "[--reason TEXT] [--yes] [--dir DIR] [--key FILE] [--json]",
    NULL};

static const struct command_option options[] = {
    {"--keep-for", "AGE", "segments whose events are all older go: 90s, 15m, 12h or 30d",
     OPTION_TEXT, offsetof(struct retention_values, keep_for)},
    {"--keep-size", "BYTES", "the oldest segments go while all of them have more", OPTION_COUNT,
     offsetof(struct retention_values, keep_size)},
    {"--keep-type", "PATTERN=AGE", "older events of these types are blanked; may be given again",
     OPTION_LIST, offsetof(struct retention_values, keep_type)},
    {"--reason", "TEXT", "why: a line that the journal keeps", OPTION_TEXT,
     offsetof(struct retention_values, reason)},
    {"--yes", NULL, "do it; without it only what would go is told", OPTION_FLAG,
     offsetof(struct retention_values, yes)},
    {"--dir", "DIR", "the journal (default: OYEZ_DATA, else ./oyez-data)", OPTION_TEXT,
     offsetof(struct retention_values, directory)},
    {"--key", "FILE", "where no recorder runs: the key that signs (default: DIR.key)", OPTION_TEXT,
     offsetof(struct retention_values, key)},
    {"--json", NULL, "one JSON object", OPTION_FLAG, offsetof(struct retention_values, json)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command retention_command = {
    .name = "retention",
    .summary = "tell what may leave a journal by age, size or type, or let it go",
    .usage = usage,
    .notes =
        "Without rules here those of the settings hold: keep-for, keep-size and keep-type, which\n"
        "a recorder follows by itself. Whole sealed segments go, the oldest first, and the one\n"
        "that is written stays; single events by type lose what they hold. Each is an act in\n"
        "the journal, and every proof stays. Legal holds (oyez hold) keep what they cover. A\n"
        "recorder that writes DIR does it itself, asked over the socket DIR/admin.",
    .options = options,
    .needs_configuration = true,
    .values_size = sizeof(struct retention_values),
    .run = run,
};
