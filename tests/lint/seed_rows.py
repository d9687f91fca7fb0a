# SPDX-License-Identifier: MIT
"""Every row of docs/from-the-seeds.md is shown by programs that a scenario runs, or says why not.

usage: seed_rows.py [ROOT]    names every breach; exit 1 if there is one
The last cell of a row: links to client/examples/NAME.c; or "later: WHAT", of a few things; or
"differently: WHY". A scenario runs NAME where it says "NAME" or example-NAME.
"""
import pathlib
import re
import sys

HEAD = "| asks for | with Oyez | shown by |"
LINK = re.compile(r"\[(\w+)\.c\]\(\.\./client/examples/(\w+)\.c\)")
LATER = {"REST and dashboard", "event-sourced aggregates", "emitter signatures", "blobs"}
SECTIONS = 5


def tables(text):
    """The rows of each table of that head, with the numbers of their lines."""
    rows = None
    for number, line in enumerate(text.splitlines(), 1):
        if line == HEAD:
            rows = []
        elif rows is not None and line.startswith("|"):
            rows.append((number, re.split(r"(?<!\\)\|", line)[1:-1]))
        elif rows is not None:
            yield rows[1:]
            rows = None
    if rows is not None:
        yield rows[1:]


def fault_of(root, scenarios, cell):
    """What is wrong with the last cell of a row; None = nothing."""
    cell = cell.strip()
    if cell.startswith("later: "):
        return None if cell[7:] in LATER else f"later is one of {', '.join(sorted(LATER))}"
    if cell.startswith("differently: "):
        return None if len(cell.split()) > 5 else "differently: why?"
    links = LINK.findall(cell)
    if not links or LINK.sub("", cell).strip(", ") != "":
        return "neither programs, nor later, nor differently"
    for shown, name in links:
        if shown != name or not (root / "client" / "examples" / f"{name}.c").exists():
            return f"there is no client/examples/{name}.c"
        if not re.search(rf'"{name}"|example-{name}\b', scenarios):
            return f"no scenario runs {name}"
    return None


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    text = (root / "docs" / "from-the-seeds.md").read_text(encoding="utf-8")
    scenarios = "".join(path.read_text(encoding="utf-8")
                        for path in sorted((root / "tests" / "scenario").glob("*.py")))
    found = list(tables(text))
    faults = [] if len(found) == SECTIONS else [f"{len(found)} tables in place of {SECTIONS}"]
    for rows in found:
        for number, cells in rows:
            fault = "not three cells" if len(cells) != 3 else fault_of(root, scenarios, cells[2])
            if fault:
                faults.append(f"docs/from-the-seeds.md:{number}: {fault}")
    print("\n".join(faults) or f"{sum(len(rows) for rows in found)} rows")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
