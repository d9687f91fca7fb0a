# SPDX-License-Identifier: MIT
"""The table of docs/configuration.md, from what `oyez config --json` says of each setting.

usage: settings_page.py PROGRAM [--write]    compares, or writes it; exit 1 where they differ
"""
import json
import os
import pathlib
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "configuration.md"
BEGIN, END = "<!-- settings -->\n", "<!-- end of settings -->\n"


def takes(row):
    if row["kind"] in ("count", "seconds"):
        return f"{row['min']} to {row['max']}"
    return {"choice": row.get("choices", "").replace("|", ", "), "flag": "yes, no",
            "list": "texts", "text": "text"}[row["kind"]]


def flag(row):
    return f"`{row['flag']}` of {', '.join(row['programs'])}" if row["flag"] else ""


def line(row):
    default = f"`{row['default']}`" if row["default"] else ""
    help_text = row["help"].replace("|", "\\|")
    cells = (f"`{row['name']}`", default, row.get("unit", ""), takes(row), flag(row),
             f"`{row['environment']}`", "yes" if row["reloads"] else "", help_text)
    return "| " + " | ".join(cells) + " |\n"


def table(rows):
    text, section = "", None
    for row in rows:
        if row["section"] != section:
            section = row["section"]
            text += f"\n### [{section}]\n\n"
            text += "| name | default | unit | values | flag | variable | SIGHUP | meaning |\n"
            text += "|---|---|---|---|---|---|---|---|\n"
        text += line(row)
    return text + "\n"


def main():
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("OYEZ_")}
    told = subprocess.run([sys.argv[1], "config", "--json", "--config", "/dev/null"], check=True,
                          capture_output=True, text=True, env=environment).stdout
    wanted = table([json.loads(row) for row in told.splitlines()])
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    found, after = rest.split(END)
    if "--write" in sys.argv:
        PAGE.write_text(before + BEGIN + wanted + END + after, encoding="utf-8")
    elif found != wanted:
        sys.exit(f"{PAGE}: not what the settings are; tests/lint/settings_page.py PROGRAM --write")


if __name__ == "__main__":
    main()
