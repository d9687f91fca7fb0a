# SPDX-License-Identifier: MIT
"""The reader written from docs/journal.md reads the golden files, and the page's own example."""
import os
import re
import subprocess
import sys
import tempfile
import unittest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
GOLDEN = os.path.join(TESTS, "golden", "journal-v1")
READER = os.path.join(TESTS, "decode", "journal.py")
PAGE = os.path.join(os.path.dirname(TESTS), "docs", "journal.md")


def text_of(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def golden_bytes(folder):
    """Name and bytes of each segment."""
    for name in sorted(os.listdir(os.path.join(GOLDEN, folder))):
        if name.endswith(".hex"):
            yield name[:-4], bytes.fromhex(text_of(GOLDEN, folder, name))


def decode(segments):
    with tempfile.TemporaryDirectory() as directory:
        for name, data in segments:
            with open(os.path.join(directory, name), "wb") as file:
                file.write(data)
        return subprocess.run([sys.executable, READER, directory], capture_output=True,
                              check=False, text=True)


class JournalDecode(unittest.TestCase):
    def test_it_prints_the_golden_records(self):
        for folder in ("kinds", "example"):
            result = decode(golden_bytes(folder))
            self.assertEqual(result.stderr, "")
            self.assertEqual(result.returncode, 0)
            self.assertEqual(result.stdout, text_of(GOLDEN, folder, "records.txt"))

    def test_the_pages_example_is_the_golden_one(self):
        page = text_of(PAGE)
        rows = re.search(r"```hex\n(.*?)```", page, re.DOTALL)
        data = bytes.fromhex("".join(row[6:] for row in rows.group(1).splitlines()))
        (golden,) = golden_bytes("example")
        self.assertEqual(data, golden[1])
        printed = re.search(r"```text\n(0 event .*?)```", page, re.DOTALL).group(1)
        self.assertEqual(printed, text_of(GOLDEN, "example", "records.txt"))

    def test_it_names_damage_before_the_last_segment(self):
        segments = list(golden_bytes("kinds"))
        name, data = segments[0]
        segments[0] = (name, data[:150] + bytes([data[150] ^ 1]) + data[151:])
        result = decode(segments)
        self.assertEqual(result.returncode, 1)
        self.assertIn("no seal", result.stderr)

    def test_it_tells_of_a_torn_tail(self):
        segments = list(golden_bytes("kinds"))
        name, data = segments[-1]
        segments[-1] = (name, data[:-70])
        result = decode(segments)
        self.assertEqual(result.returncode, 0)
        self.assertIn("not closed cleanly", result.stderr)


if __name__ == "__main__":
    unittest.main()
