# SPDX-License-Identifier: MIT
"""The pages of docs are not stale: catalogs' tables and examples, the tutorial, the upcaster.

usage: 34_catalog_pages.py [--write]    --write brings the generated parts up to date

A page of docs/catalogs is written by hand down to a mark; what follows is what the mark says.
"""
import json
import re
import subprocess
import sys

from catalogs import DESCRIPTOR_PROTO, ROOT
from harness import BIN, Scenario, equal

MARK = "<!-- from here on: oyez catalog export --format markdown {} -->\n\n"
EXAMPLE = re.compile(r"```json\n(.*?)\n```\n", re.S)
BLOCK = re.compile(r"(<!-- file: (\S+) -->\n```\w+\n)(.*?)(```\n)", re.S)
WRITE = "--write" in sys.argv


def check_text(path, fresh):
    if WRITE:
        path.write_text(fresh)
    equal(path.read_text(), fresh, f"{path.relative_to(ROOT)} is stale: "
          "tests/scenario/34_catalog_pages.py --write")


def check_catalog(s, name):
    path = ROOT / "docs" / "catalogs" / f"{name}.md"
    mark = MARK.format(name)
    by_hand = path.read_text().split(mark)[0].rstrip("\n")
    made = s.oyez("catalog", "export", "--format", "markdown", name).stdout()
    check_text(path, f"{by_hand}\n\n{mark}{made}")
    equal("```mermaid" in by_hand and "## Aggregation" in by_hand, True, f"diagrams of {name}")
    return [json.loads(text) for text in EXAMPLE.findall(made)], by_hand


def check_diagrams(by_hand, types):
    """What looks like an event type in a diagram is one."""
    for diagram in re.findall(r"```mermaid\n(.*?)```", by_hand, re.S):
        for label in re.findall(r"\[([^\]]+)\]", diagram):
            name = re.split(r"[:,]", label)[0]
            known = name in types or name.startswith(("github.", "step", "subscriber"))
            equal(known, True, f"{name} in a diagram")


def check_pages(s):
    examples, pages, types = [], [], set()
    for line in s.oyez("catalog", "list", "--json").events():
        types.add(line["event_type"])
    names = {line["catalog"] for line in s.oyez("catalog", "list", "--json").events()}
    for name in sorted(names):
        found, by_hand = check_catalog(s, name)
        examples += found
        check_diagrams(by_hand, types)
    equal(len(examples), len(types), "examples in the pages")
    path = s.write_jsonl("examples.jsonl", examples)
    equal(s.oyez("catalog", "check", path, "--json").events()[-1],
          {"checked": 111, "failed": 0}, "examples of the pages")


def check_files():
    """What pages show of examples is what the build compiles: upcasters, handlers."""
    for page, shown in (("versioning.md", "oyez_upcaster_register"),
                        ("handlers.md", "oyez_handler_open")):
        path = ROOT / "docs" / page
        text = path.read_text()
        check_text(path, BLOCK.sub(lambda m: m[1] + (ROOT / m[2]).read_text() + m[4], text))
        equal(shown in path.read_text(), True, f"{page} shows {shown}")


def run(s, command):
    directory = f"{ROOT / 'proto'}"
    done = subprocess.run(["sh", "-ec", command], cwd=s.directory, capture_output=True, text=True,
                          env=dict(s.environment, PATH=f"{BIN}:/usr/bin:/bin",
                                   PROTO=directory))
    equal(done.returncode, 0, f"{command}\n{done.stdout}{done.stderr}")
    return done.stdout


def check_tutorial(s):
    """A catalog written by docs/catalogs.md alone is compiled, checked, and emitted to."""
    text = (ROOT / "docs" / "catalogs.md").read_text()
    source = re.search(r"```proto\n(.*?)```", text, re.S)[1]
    commands = re.findall(r"```sh\n(.*?)```", text, re.S)
    (s.directory / "shop.proto").write_text(source)
    # Where no package has put descriptor.proto in protoc's own place.
    run(s, commands[0].replace("protoc ", f"protoc -I . -I {DESCRIPTOR_PROTO} "))
    again = run(s, "oyez catalog export --format proto shop --catalog shop.binpb")
    (s.directory / "again").mkdir()
    (s.directory / "again" / "shop.proto").write_text(again)
    run(s, f"cd again && protoc -I . -I .. -I {DESCRIPTOR_PROTO} --include_imports "
        "--include_source_info -o ../again.binpb shop.proto")
    equal(run(s, "oyez catalog diff shop.binpb again.binpb").splitlines()[-1],
          "0 changes, 0 versions that say otherwise", "the source made of the catalog")

    s.start_broker()
    lines = [line for line in commands[1].splitlines() if not line.startswith("oyez serve")]
    tail = s.start_tail("shop.*", "--count", "1")
    run(s, "\n".join(lines))
    tail.ends_with(0)
    equal(tail.events()[0]["details"]["bill_id"], "b-2044", "the event of the tutorial")


with Scenario() as s:
    check_pages(s)
    check_files()
    check_tutorial(s)
