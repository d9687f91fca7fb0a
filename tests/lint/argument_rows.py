# SPDX-License-Identifier: MIT
"""Every public function of liboyez is called with wrong arguments by tests/unit/test_argument*.c.

usage: argument_rows.py [ROOT]    names every function without a row; exit 1 if there is one
"""
import pathlib
import re
import sys

COMMENT = re.compile(r"//[^\n]*")
EXPORTED = re.compile(r"OYEZ_EXPORT\s+[^;(]*?\b(oyez_\w+)\s*\(")
# No arguments, or none that could be wrong.
WITHOUT = {"oyez_handler_time_left"}


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    rows = "".join(path.read_text(encoding="utf-8")
                   for path in sorted((root / "tests/unit").glob("test_argument*.c")))
    seen, missing = 0, []
    for header in sorted((root / "client/include/oyez").glob("*.h")):
        text = COMMENT.sub("", header.read_text(encoding="utf-8"))
        for name in EXPORTED.findall(text):
            seen += 1
            if name not in WITHOUT and not re.search(rf"\b{name}\(", rows):
                missing.append(f"{header.name}: {name}: no row in tests/unit/test_argument*.c")
    print("\n".join(missing) or f"{seen} public functions")
    return 1 if missing or seen == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
