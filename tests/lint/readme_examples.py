# SPDX-License-Identifier: MIT
"""The examples in README.md and in the pages of docs are the files that the tests run, byte for byte.

usage: readme_examples.py [--write] [ROOT]    compares; --write copies the files into the pages
An example: "<!-- file: PATH -->", then a fenced block with the whole file.
"""
import os
import re
import sys

BLOCK = re.compile(r"(<!-- file: (\S+) -->\n```(\w+)\n)(.*?)(```\n)", re.S)


MARK = "<!-- file: "


def find_pages(root):
    """README.md, and every page with an example."""
    pages = ["README.md"]
    for name in sorted(os.listdir(os.path.join(root, "docs"))):
        page = os.path.join("docs", name)
        if name.endswith(".md"):
            with open(os.path.join(root, page), encoding="utf-8") as file:
                pages += [page] * (MARK in file.read())
    return pages


def check_page(root, page, write):
    with open(os.path.join(root, page), encoding="utf-8") as file:
        text = file.read()
    differing, seen = [], []

    def with_file(match):
        path = match[2]
        seen.append(path)
        with open(os.path.join(root, path), encoding="utf-8") as file:
            source = file.read()
        if source != match[4]:
            differing.append(path)
        return match[1] + source + match[5]

    fresh = BLOCK.sub(with_file, text)
    if len(seen) != text.count(MARK):
        print(f"{page}: a file comment without a fenced block")
        return 1
    if not seen:
        print(f"{page}: no example")
        return 1
    if write:
        with open(os.path.join(root, page), "w", encoding="utf-8") as file:
            file.write(fresh)
        return 0
    for path in differing:
        print(f"{page}: differs from {path}; tests/lint/readme_examples.py --write copies it")
    return 1 if differing else 0


def main():
    arguments = sys.argv[1:]
    write = "--write" in arguments
    root = next((word for word in arguments if word != "--write"), ".")
    return max(check_page(root, page, write) for page in find_pages(root))


if __name__ == "__main__":
    sys.exit(main())
