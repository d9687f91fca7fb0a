# SPDX-License-Identifier: MIT
"""The map in docs/design.md has one line for every source file, and no other.

usage: design_map.py [ROOT]
A line of the map: "| `path/of/file.c` | what it is for |", between the two map comments; a pair of
files that are for one thing is written `path/of/file.{c,h}`.
"""
import os
import re
import sys

FOLDERS = ("proto", "broker", "client")
SUFFIXES = (".c", ".h", ".proto", ".py", ".sh")


def in_tree(root):
    for folder in FOLDERS:
        for place, _, names in os.walk(os.path.join(root, folder)):
            for name in names:
                if name.endswith(SUFFIXES):
                    yield os.path.relpath(os.path.join(place, name), root)


def in_map(root):
    with open(os.path.join(root, "docs/design.md"), encoding="utf-8") as file:
        text = file.read()
    part = text.split("<!-- map -->", 1)[1].split("<!-- end of map -->", 1)[0]
    for name in re.findall(r"^\| `([^`]+)` \| \S.* \|$", part, re.M):
        pair = re.fullmatch(r"(.*)\{(\w+),(\w+)\}", name)
        yield from (pair[1] + suffix for suffix in pair.groups()[1:]) if pair else (name,)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    tree, listed = set(in_tree(root)), list(in_map(root))
    wrong = [f"docs/design.md: no line for {path}" for path in sorted(tree - set(listed))]
    wrong += [f"docs/design.md: {path} is not there" for path in sorted(set(listed) - tree)]
    wrong += [f"docs/design.md: {path} twice" for path in sorted(set(listed))
              if listed.count(path) > 1]
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
