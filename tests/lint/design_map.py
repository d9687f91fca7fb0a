# SPDX-License-Identifier: MIT
"""The map in docs/design.md has one line for every source file, and no other.

usage: design_map.py [--write] [ROOT]
A line of the map: "| `path/of/file.c` | what it is for |", between the two map comments; a pair of
files that are for one thing is written `path/of/file.{c,h}`. --write keeps the lines that are right,
drops those without a file, and drafts the missing ones from the first comment of the file.
"""
import os
import re
import sys

FOLDERS = ("proto", "broker", "client")
SUFFIXES = (".c", ".h", ".proto", ".py", ".sh")
BEGIN, END = "<!-- map -->", "<!-- end of map -->"


def in_tree(root):
    for folder in FOLDERS:
        for place, _, names in os.walk(os.path.join(root, folder)):
            for name in names:
                if name.endswith(SUFFIXES):
                    yield os.path.relpath(os.path.join(place, name), root)


def read_design(root):
    with open(os.path.join(root, "docs/design.md"), encoding="utf-8") as file:
        before, rest = file.read().split(BEGIN, 1)
    part, after = rest.split(END, 1)
    return before, dict(re.findall(r"^\| `([^`]+)` \| (\S.*) \|$", part, re.M)), part, after


def files_of(name):
    pair = re.fullmatch(r"(.*)\{(\w+),(\w+)\}", name)
    return [pair[1] + pair[2], pair[1] + pair[3]] if pair else [name]


def names_of(tree):
    """What the lines are called: pairs together, folder by folder, outermost first."""
    names = []
    for path in tree:
        stem, suffix = os.path.splitext(path)
        other = {".c": ".h", ".h": ".c"}.get(suffix)
        if other is None or stem + other not in tree:
            names.append(path)
        elif suffix == ".c":
            names.append(stem + ".{c,h}")
    return sorted(names, key=lambda name: (FOLDERS.index(name.split("/")[0]), folder_of(name),
                                           name.count("/"), name))


def folder_of(name):
    """Under which heading a line stands: each program or library is one."""
    parts = name.split("/")
    return "/".join(parts[:2]) if parts[0] == "client" else parts[0]


def draft(root, name):
    """The first sentence that the file says of itself; a pair's header speaks for both."""
    path = files_of(name)[-1]
    with open(os.path.join(root, path), encoding="utf-8") as file:
        lines = [line for line in file.read().splitlines()[:12] if "SPDX" not in line]
    said = re.match(r'(?:#!.*\n)?(?:"""|// ?|# )(.*(?:\n(?://|#) .*)*)', "\n".join(lines))
    text = re.sub(r"\n(//|#) ", " ", said[1]) if said else "?"
    return re.split(r'[.:;](?:\s|$)|"""', text)[0]


def write(root):
    before, lines, _, after = read_design(root)
    text, last = "", None
    for name in names_of(set(in_tree(root))):
        if folder_of(name) != last:
            last = folder_of(name)
            text += f"\n### {last}\n\n| file | what it is for |\n|---|---|\n"
        text += f"| `{name}` | {lines.get(name) or draft(root, name)} |\n"
    with open(os.path.join(root, "docs/design.md"), "w", encoding="utf-8") as file:
        file.write(f"{before}{BEGIN}{text}\n{END}{after}")


def compare(root):
    part = read_design(root)[2]
    tree = set(in_tree(root))
    names = re.findall(r"^\| `([^`]+)` \| \S.* \|$", part, re.M)
    listed = [path for name in names for path in files_of(name)]
    wrong = [f"no line for {path}" for path in sorted(tree - set(listed))]
    wrong += [f"{path} is not there" for path in sorted(set(listed) - tree)]
    wrong += [f"{path} twice" for path in sorted(set(listed)) if listed.count(path) > 1]
    for rule in wrong:
        print(f"docs/design.md: {rule} (tests/lint/design_map.py --write drafts)")
    return 1 if wrong else 0


def main():
    arguments = sys.argv[1:]
    root = next((word for word in arguments if word != "--write"), ".")
    if "--write" in arguments:
        write(root)
        return 0
    return compare(root)


if __name__ == "__main__":
    sys.exit(main())
