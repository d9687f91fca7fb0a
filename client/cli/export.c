// SPDX-License-Identifier: MIT
#include "export.h"

#include <string.h>

#include "oyez/catalog.h"
#include "oyez/limits.h"
#include "record_source.h"

// A pattern in the place of the file is a file that was forgotten.
static bool is_pattern(const char *word)
{
    const struct oyez_type *type;
    for (size_t i = 0; (type = oyez_type_at(i)) != NULL; i++) {
        if (strcmp(word, type->name) == 0) {
            return true;
        }
    }
    return strchr(word, '*') != NULL || word[0] == '@';
}

static int run_database(const struct arguments *arguments)
{
    size_t count = arguments->positional_count;
    if (count == 0 || is_pattern(arguments->positional[count - 1])) {
        return command_usage_error(arguments->command,
                                   "--format sqlite: the FILE is missing, after the patterns");
    }
    return export_database(arguments);
}

static int run_tiles(const struct arguments *arguments)
{
    const struct export_values *values = arguments->values;
    if (arguments->positional_count != 1) {
        return command_usage_error(arguments->command, "--format tlog-tiles: one OUTDIR, %s",
                                   arguments->positional_count == 0 ? "which is missing"
                                                                    : "and no patterns");
    }
    if (values->where.count > 0 || values->since != NULL || values->until != NULL) {
        return command_usage_error(arguments->command,
                                   "--format tlog-tiles: the whole journal, without --where, "
                                   "--since and --until");
    }
    return export_tiles(arguments);
}

static int run(const struct arguments *arguments)
{
    const struct export_values *values = arguments->values;
    switch ((enum export_format)values->format) {
    case EXPORT_JSONL:
    case EXPORT_CLOUDEVENTS:
        return export_lines(arguments);
    case EXPORT_SQLITE:
        return run_database(arguments);
    case EXPORT_TLOG_TILES:
        return run_tiles(arguments);
    }
    return EXIT_USAGE;
}

static const struct export_values defaults = {.timeout_ms = RECORD_SOURCE_TIMEOUT_MS};

static const char *const usage[] = {
    "[PATTERN]... [--where K=V]... [--since T] [--until T] [--format jsonl|cloudevents] "
    "[--dir DIR]",
    "[PATTERN]... [--where K=V]... [--since T] [--until T] --format sqlite FILE [--dir DIR]",
    "--format tlog-tiles OUTDIR [--dir DIR]", NULL};

static const struct command_option options[] = {
    {"--format", "jsonl|cloudevents|sqlite|tlog-tiles", "in which form (default: jsonl)",
     OPTION_CHOICE, offsetof(struct export_values, format)},
    {"--where", "K=V", "only events with this FIELD, tag.KEY or details.PATH; all must hold",
     OPTION_LIST, offsetof(struct export_values, where)},
    {"--since", "TIME", "only events stamped at this time or later", OPTION_TEXT,
     offsetof(struct export_values, since)},
    {"--until", "TIME", "only events stamped before this time", OPTION_TEXT,
     offsetof(struct export_values, until)},
    {"--dir", "DIR",
     "read this journal instead of asking the server; of tlog-tiles the journal (default: "
     "OYEZ_DATA, else ./oyez-data)",
     OPTION_TEXT, offsetof(struct export_values, directory)},
    {"--timeout", "MS", "how long to wait for each part of the answer (default: 5000)",
     OPTION_MILLISECONDS, offsetof(struct export_values, timeout_ms)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command export_command = {
    .name = "export",
    .summary = "write recorded events in a form that other tools read",
    .usage = usage,
    .notes =
        "PATTERN, FIELD and TIME are those of oyez query --help. Oldest first; events that were\n"
        "erased are not there.\n"
        "jsonl: a line for each event on standard output, as oyez query --json prints it.\n"
        "cloudevents: the same as CloudEvents 1.0.2 in JSON. oyez emit --from takes both back:\n"
        "emitted elsewhere it is the same event, with the same id.\n"
        "sqlite: a new database FILE with the tables events and tags; it appears when it is\n"
        "complete.\n"
        "tlog-tiles: the journal as a C2SP tiled log, static files that stock tools verify.\n"
        "OUTDIR is made, or is empty. It gets what the newest checkpoint covers: checkpoint,\n"
        "tile/LEVEL/N and tile/entries/N, where an entry is a record's leaf. May be run while\n"
        "a server writes the journal.",
    .options = options,
    .positional_max = OYEZ_PATTERNS_MAX,
    .takes_patterns = true,
    .values_size = sizeof(struct export_values),
    .defaults = &defaults,
    .run = run,
};
