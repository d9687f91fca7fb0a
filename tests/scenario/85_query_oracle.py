# SPDX-License-Identifier: MIT
"""Seeded random queries and counts, asked of a server and of its directory while both grow, with the
indexes and without, get what a naive filter over all records finds, in content and order. The
arguments are those of tests/oracle/query_oracle; by default there are few queries."""
import subprocess
import sys

from harness import BIN, QUICK, ROOT, equal, skip

for program in ("query_asker", "query_journal"):
    if not (BIN / program).exists():
        skip(f"{BIN / program} is not built")

arguments = sys.argv[1:] or ["--queries", "60" if QUICK else "200"]
run = subprocess.run([ROOT / "tests" / "oracle" / "query_oracle", *arguments], check=False)
equal(run.returncode, 0, "exit status of the oracle")
