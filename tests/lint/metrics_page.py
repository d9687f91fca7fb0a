# SPDX-License-Identifier: MIT
"""The table of docs/metrics.md, from what `oyez metrics --list` says.

usage: metrics_page.py PROGRAM [--write]    compares, or writes it; exit 1 where they differ
"""
import json
import pathlib
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "metrics.md"
BEGIN, END = "<!-- metrics -->\n", "<!-- end of metrics -->\n"
TITLES = {"client": "Of each client", "subscription": "Of each subscription and handler",
          "recorder": "Of each recorder", "type": "Of each event type", "broker": "Of the broker"}


def table(rows):
    text = ""
    for scope, title in TITLES.items():
        text += f"\n### {title}\n\n| metric | kind | meaning |\n|---|---|---|\n"
        for row in rows:
            if row["of"] == scope:
                text += f"| `{row['metric']}` | {row['kind']} | {row['help']} |\n"
    return text + "\n"


def main():
    told = subprocess.run([sys.argv[1], "metrics", "--list"], check=True, capture_output=True,
                          text=True).stdout
    wanted = table([json.loads(row) for row in told.splitlines()])
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    found, after = rest.split(END)
    if "--write" in sys.argv:
        PAGE.write_text(before + BEGIN + wanted + END + after, encoding="utf-8")
    elif found != wanted:
        sys.exit(f"{PAGE}: not what the metrics are; tests/lint/metrics_page.py PROGRAM --write")


if __name__ == "__main__":
    main()
