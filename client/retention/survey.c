// SPDX-License-Identifier: MIT
// What goes by the rules, what holds keep of it, and what has to be recorded once more before.
#include <stdlib.h>
#include <string.h>

#include "by_type.h"
#include "catalog_act.h"
#include "oyez/archive.h"
#include "oyez/journal_catalogs.h"

struct survey {
    oyez_journal_reader *reader;
    oyez_holds *holds;
    struct oyez_journal_catalogs catalogs;
    struct oyez_retention_plan *plan;
    size_t segments;
    const char *hold; // that kept something
};

static bool keep(void *arg, const struct oyez_journal_record *record)
{
    struct survey *survey = arg;
    return oyez_holds_cover(survey->holds, record, &survey->hold);
}

// The segments whose events are all older, and those without any that stand before them.
static oyez_err find_by_age(struct survey *survey, uint64_t before_time, uint64_t *before)
{
    struct oyez_journal_segment segment;
    oyez_err err = OYEZ_OK;
    for (size_t i = 0; i + 1 < survey->segments; i++) {
        err = oyez_journal_reader_segment(survey->reader, i, &segment);
        if (err != OYEZ_OK || segment.time_max >= before_time)
            return err;
        if (segment.time_max > 0)
            *before = segment.first_index + segment.records;
    }
    return err;
}

static oyez_err size_of(struct survey *survey, size_t i, uint64_t *size)
{
    struct oyez_journal_storage storage;
    oyez_err err = oyez_journal_reader_storage(survey->reader, i, &storage);
    *size = storage.packed > 0 ? storage.packed : storage.size;
    return err;
}

// The oldest segments, until the others have no more bytes than they may. Acts alone do not make room:
// what of them has to stay would be recorded once more, again and again.
static oyez_err find_by_size(struct survey *survey, uint64_t keep_size, uint64_t *before)
{
    struct oyez_journal_segment segment;
    uint64_t size, all = 0;
    oyez_err err = OYEZ_OK;
    // The last one stays, and its file is filled ahead with zeros.
    for (size_t i = 0; err == OYEZ_OK && i + 1 < survey->segments; i++) {
        err = size_of(survey, i, &size);
        all += size;
    }
    for (size_t i = 0; err == OYEZ_OK && i + 1 < survey->segments && all > keep_size; i++) {
        err = size_of(survey, i, &size);
        if (err == OYEZ_OK)
            err = oyez_journal_reader_segment(survey->reader, i, &segment);
        all -= size;
        if (err == OYEZ_OK && segment.time_max > 0 &&
            segment.first_index + segment.records > *before)
            *before = segment.first_index + segment.records;
    }
    return err;
}

static oyez_err digest_at(struct survey *survey, uint64_t index,
                          uint8_t digest[OYEZ_CATALOG_DIGEST_SIZE])
{
    struct oyez_journal_record record;
    oyez_err err = oyez_journal_reader_read(survey->reader, index, &record);
    if (err == OYEZ_OK && !oyez_catalog_digest(digest, record.details, record.details_size))
        err = oyez_fail(OYEZ_ERR_SYSTEM, "SHA-256 failed in libcrypto");
    return err;
}

// Whether an act that stays says the same: then it was recorded once more before.
static oyez_err is_carried(struct survey *survey, uint64_t index, bool *carried)
{
    const struct oyez_act_list *acts = &survey->catalogs.acts;
    uint8_t digest[OYEZ_CATALOG_DIGEST_SIZE], other[OYEZ_CATALOG_DIGEST_SIZE];
    oyez_err err = digest_at(survey, index, digest);
    *carried = false;
    for (size_t i = acts->count; err == OYEZ_OK && !*carried && i > 0; i--) {
        if (acts->indexes[i - 1] < survey->plan->expiry.before)
            break;
        err = digest_at(survey, acts->indexes[i - 1], other);
        *carried = err == OYEZ_OK && memcmp(digest, other, sizeof digest) == 0;
    }
    return err;
}

static bool is_listed(const struct oyez_act_list *acts, uint64_t index)
{
    for (size_t i = 0; i < acts->count; i++)
        if (acts->indexes[i] == index)
            return true;
    return false;
}

static bool is_standing(const oyez_holds *holds, uint64_t index)
{
    for (size_t i = 0; i < oyez_holds_count(holds); i++)
        if (oyez_holds_at(holds, i)->index == index)
            return true;
    return false;
}

static oyez_err list_carried(struct survey *survey)
{
    struct oyez_retention_plan *plan = survey->plan;
    const struct oyez_expiry *expiry = &plan->expiry;
    oyez_err err = OYEZ_OK;
    bool carried;
    if (expiry->act_count == 0)
        return OYEZ_OK;
    plan->carried = calloc(expiry->act_count, sizeof *plan->carried);
    if (plan->carried == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu acts", expiry->act_count);
    for (size_t i = 0; err == OYEZ_OK && i < expiry->act_count; i++) {
        if (!is_listed(&survey->catalogs.acts, expiry->acts[i]))
            continue;
        err = is_carried(survey, expiry->acts[i], &carried);
        if (err == OYEZ_OK && !carried)
            plan->carried[plan->carried_count++] = expiry->acts[i];
    }
    plan->carried_catalogs = plan->carried_count;
    for (size_t i = 0; err == OYEZ_OK && i < expiry->act_count; i++)
        if (is_standing(survey->holds, expiry->acts[i]))
            plan->carried[plan->carried_count++] = expiry->acts[i];
    return err;
}

static void note_held(struct survey *survey, uint64_t before)
{
    struct oyez_retention_plan *plan = survey->plan;
    if (survey->hold == NULL)
        return;
    plan->held_from = plan->expiry.before;
    plan->held_until = before;
    if (strlen(survey->hold) < sizeof plan->hold)
        memcpy(plan->hold, survey->hold, strlen(survey->hold) + 1);
}

static oyez_err find_segments(struct survey *survey, const char *directory,
                              const struct oyez_disk *disk,
                              const struct oyez_retention_rules *rules, uint64_t now,
                              size_t segments_max)
{
    struct oyez_journal_begin begin;
    oyez_err err = oyez_journal_reader_begin(survey->reader, &begin);
    uint64_t before = begin.index;
    if (err == OYEZ_OK && rules->keep_for > 0 && rules->keep_for < now)
        err = find_by_age(survey, now - rules->keep_for, &before);
    if (err == OYEZ_OK && rules->keep_size > 0)
        err = find_by_size(survey, rules->keep_size, &before);
    if (err != OYEZ_OK)
        return err;
    const struct oyez_expiry_limits limits = {
        .before = before, .segments = segments_max, .keep = keep, .arg = survey};
    err = oyez_expiry_survey(&survey->plan->expiry, directory, disk, &limits);
    note_held(survey, before);
    survey->plan->more = survey->hold == NULL && survey->plan->expiry.before < before;
    return err == OYEZ_OK ? list_carried(survey) : err;
}

static oyez_err open_survey(struct survey *survey, const char *directory,
                            const struct oyez_disk *disk)
{
    oyez_err err = oyez_journal_reader_open(&survey->reader, directory, disk);
    // Patterns by domain need them.
    if (err == OYEZ_OK)
        err = oyez_journal_catalogs_read(&survey->catalogs, survey->reader, directory, disk);
    if (err == OYEZ_OK)
        err = oyez_journal_reader_end(survey->reader, &survey->plan->known);
    if (err == OYEZ_OK)
        err = oyez_holds_load(&survey->holds, survey->reader, directory, disk);
    return err == OYEZ_OK ? oyez_journal_reader_refresh(survey->reader, &survey->segments) : err;
}

oyez_err oyez_retention_survey(struct oyez_retention_plan *out, const char *directory,
                               const struct oyez_disk *disk,
                               const struct oyez_retention_rules *rules, uint64_t now,
                               const struct oyez_retention_limits *limits)
{
    static const struct oyez_retention_limits none;
    struct survey survey = {.plan = out};
    *out = (struct oyez_retention_plan){.held_from = UINT64_MAX};
    if (limits == NULL)
        limits = &none;
    size_t blanks = limits->blanks;
    if (blanks == 0 || blanks > OYEZ_RETENTION_BLANKS_MAX)
        blanks = OYEZ_RETENTION_BLANKS_MAX;
    oyez_err err = open_survey(&survey, directory, disk);
    if (err == OYEZ_OK)
        err = find_segments(&survey, directory, disk, rules, now, limits->segments);
    // What stands in segments that go with the next plan is not blanked before.
    if (err == OYEZ_OK && rules->type_count > 0 && !out->more)
        err = oyez_by_type_find(out, survey.holds, survey.reader, directory, rules, now, blanks);
    oyez_holds_close(&survey.holds);
    oyez_journal_catalogs_free(&survey.catalogs);
    oyez_journal_reader_close(&survey.reader);
    return err;
}

void oyez_retention_plan_free(struct oyez_retention_plan *plan)
{
    oyez_expiry_free(&plan->expiry);
    free(plan->carried);
    free(plan->blanks);
    *plan = (struct oyez_retention_plan){.held_from = UINT64_MAX};
}
