// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stdio.h>

#include "verify_state.h"

static void tell(const struct oyez_verify_report *report, struct oyez_journal_problem *problem,
                 const char *format, va_list list)
{
    char what[1024];

    vsnprintf(what, sizeof(what), format, list);
    problem->what = what;
    if (problem->derived)
        report->verdict->derived++;
    else
        report->verdict->problems++;
    if (report->options->problem != NULL)
        report->options->problem(report->options->arg, problem);
    problem->what = NULL;
}

void oyez_verify_tell(const struct oyez_verify_report *report, const char *file, uint64_t offset,
                      uint64_t index, const char *format, ...)
{
    struct oyez_journal_problem problem = {.file = file, .offset = offset, .index = index};
    va_list list;

    va_start(list, format);
    tell(report, &problem, format, list);
    va_end(list);
}

void oyez_verify_tell_history(const struct oyez_verify_report *report, uint64_t index,
                              const char *format, ...)
{
    struct oyez_journal_problem problem = {
        .file = OYEZ_CHECKPOINT_HISTORY_FILE, .index = index, .history = true};
    va_list list;

    va_start(list, format);
    tell(report, &problem, format, list);
    va_end(list);
}

void oyez_verify_tell_derived(const struct oyez_verify_report *report, const char *file,
                              uint64_t offset, uint64_t index, const char *format, ...)
{
    struct oyez_journal_problem problem = {
        .file = file, .offset = offset, .index = index, .derived = true};
    va_list list;

    va_start(list, format);
    tell(report, &problem, format, list);
    va_end(list);
}
