# SPDX-License-Identifier: MIT
"""The examples in README.md and docs/streams.md are the files that the tests run, byte for byte.

usage: readme_examples.py [--write] [ROOT]    compares; --write copies the files into the pages
An example: "<!-- file: PATH -->", then a fenced block with the whole file.
"""
import os
import re
import sys

BLOCK = re.compile(r"(<!-- file: (\S+) -->\n```(\w+)\n)(.*?)(```\n)", re.S)


PAGES = ("README.md", os.path.join("docs", "streams.md"))


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
    if len(seen) != text.count("<!-- file: "):
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
    pages = [page for page in PAGES if os.path.exists(os.path.join(root, page))]
    return max((check_page(root, page, write) for page in pages), default=1)


if __name__ == "__main__":
    sys.exit(main())
