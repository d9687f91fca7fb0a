# SPDX-License-Identifier: MIT
"""What the programs say of themselves: commands, options, settings. Nothing is written twice."""
import collections
import json
import os
import re
import subprocess

Option = collections.namedtuple("Option", "flag value help")
Command = collections.namedtuple("Command", "name summary usage notes options")
Program = collections.namedtuple("Program", "name purpose exits options")
Setting = collections.namedtuple("Setting", "section name kind default unit values environment "
                                            "reloads help")


def ask(*argv):
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("OYEZ_")}
    return subprocess.run(argv, check=True, capture_output=True, text=True,
                          env=environment).stdout


def options_of(rows):
    return [Option(row["flag"], row["value"], row["help"]) for row in rows]


def commands(oyez):
    rows = [json.loads(line) for line in ask(oyez, "help", "--all").splitlines()]
    return [Command(row["name"], row["summary"], row["usage"], row["notes"] or "",
                    options_of(row["options"])) for row in rows]


def exit_codes(oyez):
    """The line of `oyez help` that says what its exit codes mean."""
    return re.search(r"^exit codes: (.*)", ask(oyez, "help"), re.M | re.S)[1].replace("\n", " ")


def program(path):
    """One around a core: it has no table of commands, and its options are settings."""
    text = ask(path, "--help")
    name = re.match(r"usage: (\S+)", text)[1]
    purpose, rest = text.split("\n\n", 1)[1].split("\n\n", 1)
    found = re.findall(r"^  (--[\w-]+)(?: (\S+))?\n((?:        .*\n)+)", rest, re.M)
    options = [Option(flag, value or None, " ".join(help_text.split()))
               for flag, value, help_text in found]
    return Program(name, " ".join(purpose.split()),
                   " ".join(text.split("\nexit: ", 1)[1].split()), options)


def values(row):
    if row["kind"] in ("count", "seconds"):
        return f"{row['min']} to {row['max']}"
    if row["kind"] == "choice":
        return "one of " + row["choices"].replace("|", ", ")
    return {"flag": "yes or no", "list": "texts"}.get(row["kind"], "text")


def settings(oyez):
    rows = [json.loads(line)
            for line in ask(oyez, "config", "--json", "--config", "/dev/null").splitlines()]
    return [Setting(row["section"], row["name"], row["kind"], row["default"],
                    row.get("unit") or "", values(row), row["environment"], row["reloads"],
                    row["help"]) for row in rows]
