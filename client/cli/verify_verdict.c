// SPDX-License-Identifier: MIT
#include "verify_verdict.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "inert.h"
#include "root_text.h"

static const char *const tier_names[] = {"unsigned", "detecting", "evident"};

enum verdict_tier verdict_tier_of(const struct oyez_journal_verdict *verdict,
                                  const struct verifying_key *key)
{
    if (!key->found || verdict->signed_checkpoints == 0) {
        return VERDICT_UNSIGNED;
    }
    return key->outside || verdict->outside > 0 ? VERDICT_EVIDENT : VERDICT_DETECTING;
}

static void print_count(const char *one, const char *many, uint64_t count)
{
    if (count > 0) {
        printf(", %" PRIu64 " %s", count, count == 1 ? one : many);
    }
}

static void print_summary(const char *directory, const struct oyez_journal_verdict *verdict)
{
    inert_write(stdout, directory, strlen(directory));
    if (verdict->problems == 0) {
        printf(": good");
    } else {
        printf(": %" PRIu64 " problem%s", verdict->problems, verdict->problems == 1 ? "" : "s");
    }
    printf(": %" PRIu64 " event%s", verdict->events, verdict->events == 1 ? "" : "s");
    print_count("repeat", "repeats", verdict->repeats);
    print_count("gap", "gaps", verdict->gaps);
    print_count("missing position", "missing positions", verdict->missing);
    print_count("ended epoch", "ended epochs", verdict->epoch_ends);
    print_count("act of the journal", "acts of the journal", verdict->acts);
    print_count("redacted event", "redacted events", verdict->erased);
    print_count("event in conflict", "events in conflict", verdict->conflicts);
    print_count("invalid event", "invalid events", verdict->invalid);
    printf("; %" PRIu64 " record%s, %" PRIu64 " segment%s, %" PRIu64 " bytes\n", verdict->records,
           verdict->records == 1 ? "" : "s", verdict->segments, verdict->segments == 1 ? "" : "s",
           verdict->bytes);
    if (verdict->expired > 0) {
        printf("%" PRIu64
               " record%s before the first expired, by an act of the journal; the proofs "
               "of them hold\n",
               verdict->expired, verdict->expired == 1 ? "" : "s");
    }
    if (verdict->missing > 0) {
        printf("%" PRIu64 " event%s provably missing: the journal says so itself, in %" PRIu64
               " gap%s\n",
               verdict->missing, verdict->missing == 1 ? "" : "s", verdict->gaps,
               verdict->gaps == 1 ? "" : "s");
    }
}

static void print_redacted(const struct oyez_journal_verdict *verdict)
{
    if (verdict->erased > 0 && verdict->problems == 0) {
        printf("%" PRIu64
               " event%s redacted, proof intact: each is named by an act that says who and "
               "why\n",
               verdict->erased, verdict->erased == 1 ? "" : "s");
    }
    if (verdict->being_erased > 0) {
        printf("%" PRIu64 " event%s being erased: the act is recorded, and whoever next writes the "
               "journal carries it out\n",
               verdict->being_erased, verdict->being_erased == 1 ? " is" : "s are");
    }
}

static void print_against(const struct oyez_journal_verdict *verdict,
                          const struct verifying_key *key)
{
    switch (verdict_tier_of(verdict, key)) {
    case VERDICT_UNSIGNED:
        puts("against: accidents alone. No signature was checked: whoever can write the files can "
             "make them anew");
        return;
    case VERDICT_DETECTING:
        puts("against: whoever changes the files and has not the key (tamper-detecting). Key and "
             "checkpoints\nlie on one machine: keep the verifier key and a checkpoint elsewhere, "
             "and give them with --key\nand --checkpoint, to prove more");
        return;
    case VERDICT_EVIDENT:
        break;
    }
    if (verdict->outside > 0) {
        printf("against: everybody, whoever has the key too, for the first %" PRIu64
               " records, since the checkpoint\nthat was given was taken away (tamper-evident); "
               "for the others, whoever has not the private key\n",
               verdict->outside_records);
    } else {
        puts("against: whoever has not the private key (tamper-evident). Who has it can make a "
             "journal anew:\na --checkpoint that was kept elsewhere would show that");
    }
}

static void print_proven(const struct oyez_journal_verdict *verdict,
                         const struct verifying_key *key)
{
    char root[ROOT_TEXT_SIZE];
    root_text(root, verdict->root);
    uint64_t end = verdict->expired + verdict->records;
    if (verdict->problems == 0) {
        printf("proven: ");
        if (verdict->signed_checkpoints > 0) {
            printf("%" PRIu64 " records are those that ", verdict->signed_records);
            inert_write(stdout, verdict->origin, strlen(verdict->origin));
            printf(" signed, key %s%s; %" PRIu64 " checkpoint%s, each consistent with the next\n",
                   key->file == NULL ? "as given" : "from ", key->file == NULL ? "" : key->file,
                   verdict->checkpoints, verdict->checkpoints == 1 ? "" : "s");
        } else {
            printf("the files do not contradict themselves%s\n",
                   verdict->checkpoints == 0 ? "; there is no checkpoint" : "");
        }
        print_against(verdict, key);
        puts("times are as broker and emitters told them: nobody attests them");
    }
    if (verdict->unread > 0 && verdict->covered > 0) {
        printf("%" PRIu64 " record%s cannot be read; with the hash files in their place the first "
               "%" PRIu64 " lead to their\ncheckpoint's root: the others among these are as they "
               "were\n",
               verdict->unread, verdict->unread == 1 ? "" : "s", verdict->covered);
    }
    if (verdict->problems == 0 && verdict->signed_checkpoints > 0 &&
        end > verdict->signed_records) {
        printf("%" PRIu64 " record%s behind the newest checkpoint: not signed yet\n",
               end - verdict->signed_records, end - verdict->signed_records == 1 ? "" : "s");
    }
    if (verdict->has_root) {
        printf("root of %" PRIu64 " records: %s\n", end, root);
    }
}

void verdict_print(const char *directory, const struct oyez_journal_verdict *verdict,
                   const struct verifying_key *key)
{
    print_summary(directory, verdict);
    print_redacted(verdict);
    print_proven(verdict, key);
}

void verdict_print_json(const char *directory, const struct oyez_journal_verdict *verdict,
                        const struct verifying_key *key)
{
    char root[ROOT_TEXT_SIZE];
    const struct {
        const char *name;
        uint64_t value;
    } counts[] = {
        {"problems", verdict->problems},
        {"segments", verdict->segments},
        {"bytes", verdict->bytes},
        {"records", verdict->records},
        {"events", verdict->events},
        {"repeats", verdict->repeats},
        {"gaps", verdict->gaps},
        {"missing", verdict->missing},
        {"epoch_ends", verdict->epoch_ends},
        {"acts", verdict->acts},
        {"erased", verdict->erased},
        {"being_erased", verdict->being_erased},
        {"expired", verdict->expired},
        {"conflicts", verdict->conflicts},
        {"invalid", verdict->invalid},
        {"torn_bytes", verdict->torn_bytes},
        {"torn_records", verdict->torn_records},
        {"unread", verdict->unread},
        {"rebuildable", verdict->derived},
        {"checkpoints", verdict->checkpoints},
        {"signed_records", verdict->signed_records},
        {"outside_records", verdict->outside_records},
        {"key_rotations", verdict->rotations},
    };
    root_text(root, verdict->root);
    json_t *object =
        json_pack("{s:s, s:b, s:b, s:s, s:s}", "directory", directory, "good",
                  verdict->problems == 0, "clean", verdict->clean ? 1 : 0, "tier",
                  tier_names[verdict_tier_of(verdict, key)], "origin", verdict->origin);
    if (verdict->has_root) {
        json_object_set_new(object, "root", json_string(root));
    }
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        json_object_set_new(object, counts[i].name, json_integer((json_int_t)counts[i].value));
    }
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}
