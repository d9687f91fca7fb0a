// SPDX-License-Identifier: MIT
#include <signal.h>

#include "command.h"
#include "emit.h"
#include "output.h"
#include "terminal.h"

extern const struct command serve_command;
extern const struct command broker_command;
extern const struct command recorder_command;
extern const struct command demo_command;
extern const struct command tail_command;
extern const struct command tui_command;
extern const struct command query_command;
extern const struct command get_command;
extern const struct command stats_command;
extern const struct command views_command;
extern const struct command trace_command;
extern const struct command replay_command;
extern const struct command consumer_command;
extern const struct command deadletter_command;
extern const struct command verify_command;
extern const struct command prove_command;
extern const struct command checkpoint_command;
extern const struct command key_command;
extern const struct command hold_command;
extern const struct command retention_command;
extern const struct command archive_command;
extern const struct command erase_command;
extern const struct command backup_command;
extern const struct command restore_command;
extern const struct command repair_command;
extern const struct command reindex_command;
extern const struct command export_command;
extern const struct command catalog_command;
extern const struct command config_command;
extern const struct command health_command;
extern const struct command metrics_command;
extern const struct command version_command;
extern const struct command help_command;

// One a line, however many.
// clang-format off
static const struct command *const table[] = {
    &serve_command,
    &broker_command,
    &recorder_command,
    &emit_command,
    &demo_command,
    &tail_command,
    &tui_command,
    &query_command,
    &get_command,
    &stats_command,
    &views_command,
    &trace_command,
    &replay_command,
    &consumer_command,
    &deadletter_command,
    &verify_command,
    &prove_command,
    &checkpoint_command,
    &key_command,
    &hold_command,
    &retention_command,
    &archive_command,
    &backup_command,
    &restore_command,
    &erase_command,
    &repair_command,
    &reindex_command,
    &export_command,
    &catalog_command,
    &config_command,
    &health_command,
    &metrics_command,
    &version_command,
    &help_command,
    NULL,
};
// clang-format on

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    terminal_open();
    return output_finish(command_main(table, argc, argv));
}
