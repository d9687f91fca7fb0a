# SPDX-License-Identifier: MIT
"""The rules of docs/style.md that no other tool checks.

usage: house_rules.py [ROOT]    names every breach as FILE:LINE: rule; exit 1 if there is one
"""
import os
import re
import sys

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70

TOP_LEVEL = {
    "proto", "broker", "client", "tests", "deploy", "docs",
    "CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE", "CHANGELOG.md",
}
NOT_OURS = {"build", "oyez-data", ".git", "__pycache__"}
BYTES_NOT_TEXT = (os.path.join("tests", "fuzz", "corpus", ""),
                  os.path.join("tests", "golden", "journal-0"))
VAGUE_NAMES = {"util", "utils", "common", "misc", "helper", "helpers", "stuff"}
# A path of one machine is wrong on every other.
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:work|home|root|Users)/\w")
COMMENTED = (".c", ".h", ".py", ".proto", ".options", ".cmake", ".sh", ".supp", ".go")


def ours(root):
    """All files of the checkout, as paths relative to it."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in NOT_OURS)
        for name in sorted(files):
            yield os.path.relpath(os.path.join(folder, name), root)


def check_names(path):
    parts = path.split(os.sep)
    if not parts[0].startswith(".") and parts[0] not in TOP_LEVEL:
        yield 1, f"top-level name {parts[0]} is none of the layout's"
    for part in parts:
        if os.path.splitext(part)[0] in VAGUE_NAMES:
            yield 1, f"{part} says nothing about what is in it"


def check_text(path, lines, raw):
    if b"\r" in raw:
        yield 1 + raw[: raw.index(b"\r")].count(b"\n"), "carriage return"
    if raw and not raw.endswith(b"\n"):
        yield len(lines), "no newline at the end"
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield number, "white space at the end of the line"
        if "\t" in line and not path.endswith((".go", "/rules")):  # gofmt and make ask for them
            yield number, "tab"
        if MACHINE_PATH.search(line):
            yield number, "path of one machine"


def check_licence(path, lines):
    is_script = bool(lines) and lines[0].startswith("#!")
    if not (is_script or path.endswith(COMMENTED) or path.endswith("CMakeLists.txt")):
        return
    place = 1 if is_script else 0
    if len(lines) <= place or not re.fullmatch(
        r"(//|#) SPDX-License-Identifier: MIT", lines[place]
    ):
        yield place + 1, "SPDX-License-Identifier: MIT does not stand on this line"


def check_c(lines):
    """Sizes. Functions begin and end with a brace in column 0: the format check sees to that."""
    if len(lines) > FILE_LINES_MAX:
        yield FILE_LINES_MAX + 1, f"file of {len(lines)} lines, {FILE_LINES_MAX} allowed"
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line.startswith("}") and start is not None:
            size = number - start - 1
            if size > FUNCTION_LINES_MAX:
                yield start, f"function of {size} lines, {FUNCTION_LINES_MAX} allowed"
            start = None


def breaches(root, path):
    with open(os.path.join(root, path), "rb") as file:
        raw = file.read()
    yield from check_names(path)
    if path.startswith(BYTES_NOT_TEXT):
        return
    try:
        lines = raw.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        yield 1 + raw[: error.start].count(b"\n"), "not UTF-8"
        return
    if lines and lines[-1] == "":
        lines.pop()
    yield from check_text(path, lines, raw)
    yield from check_licence(path, lines)
    if path.endswith((".c", ".h")):
        yield from check_c(lines)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    count = 0
    for path in ours(root):
        if os.path.islink(os.path.join(root, path)):
            continue
        for line, rule in breaches(root, path):
            print(f"{path}:{line}: {rule}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
