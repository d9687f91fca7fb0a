# SPDX-License-Identifier: MIT
"""Manual pages and completions, from what the programs say of themselves.

usage: generate.py VERSION OYEZ OYEZ-BROKER OYEZ-RECORDER OUTDIR
"""
import pathlib
import sys

import completions
import man_pages
import tables


def pages(version, oyez, broker, recorder):
    commands = tables.commands(oyez)
    programs = {program.name: program for program in map(tables.program, (broker, recorder))}
    yield "oyez.1", man_pages.main_page(commands, tables.exit_codes(oyez), version)
    for command in commands:
        name = f"oyez-{command.name}"
        # A command that becomes a program has the program's page.
        if name in programs:
            summary = command.summary.split(":")[0]
            yield f"{name}.1", man_pages.program_page(programs[name], summary, version)
        else:
            yield f"{name}.1", man_pages.command_page(command, version)
    yield "oyez.ini.5", man_pages.configuration_page(tables.settings(oyez), version)
    yield "oyez.bash", completions.bash(commands)
    yield "_oyez", completions.zsh(commands)
    yield "oyez.fish", completions.fish(commands)


def main():
    version, oyez, broker, recorder, out = sys.argv[1:]
    directory = pathlib.Path(out)
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in pages(version, oyez, broker, recorder):
        (directory / name).write_text(text, encoding="utf-8")
    (directory / "generated").touch()


if __name__ == "__main__":
    main()
