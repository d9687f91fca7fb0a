# SPDX-License-Identifier: MIT
"""Queries that match everything and are given up half-way, by readers that are slow, stopped, gone or
killed: the memory of server and client stays bounded, no descriptor is left, and the server still
answers. The argument is how often; by default it is not."""
import os
import random
import signal
import subprocess
import sys

from counted import counted
from harness import BIN, QUICK, SANITIZED, Scenario, equal, skip, wait_until
from record import query, start_server

TIMES = int(sys.argv[1]) if len(sys.argv) > 1 else 40 if QUICK else 200
EVENTS = 3000 if QUICK else 10000  # many pages, and more than a pipe holds
AT_ONCE = 8
# What a page, a question and the allocator's leftovers may take; a leak of one page a query is more.
GROWTH_MAX = 8 * 1024 * 1024
MIB = 1024 * 1024

if not (BIN / "query_asker").exists():
    skip(f"{BIN / 'query_asker'} is not built")


def descriptors(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


class Memory:
    """Of a process, and its descriptors: as they were when it had warmed up, and at the end."""

    def __init__(self, process):
        self.process = process
        self.resident, self.open = process.resident_bytes(), descriptors(process)

    def check(self):
        name = self.process.name
        wait_until(lambda: descriptors(self.process) <= self.open, f"{name} closes descriptors")
        grown = self.process.resident_bytes() - self.resident
        print(f"{name}: {self.resident / MIB:.1f} MiB warm, {grown / MIB:+.1f} MiB at the end, "
              f"{descriptors(self.process)} descriptors, {self.open} before")
        # A sanitizer keeps for a while what was freed: hundreds of MiB.
        equal(SANITIZED or grown <= GROWTH_MAX, True,
              f"{name} stays bounded; it grew by {grown} bytes")


class Asker:
    """One process that gives up one query after the other."""

    def __init__(self, s, *arguments):
        self.process = s.start("query_asker", BIN / "query_asker", *arguments,
                               stdin=subprocess.PIPE)
        self.output = open(self.process.out, "rb")

    def tell(self, text):
        self.process.stdin.write(text + b"\n")
        self.process.stdin.flush()

    def read_until(self, word):
        part = b""

        def comes():
            nonlocal part
            part += self.output.read()
            lines = part.split(b"\n")
            part = lines.pop()
            return any(line == word for line in lines)
        wait_until(comes, f"query_asker says {word.decode()}", 60)

    def give_up(self, behind):
        self.tell(b'{"pause": %d}' % behind)
        self.read_until(b"paused")
        self.tell(b"abandon")
        self.read_until(b"done")
        # What it printed is not kept: the file would fill the disk.
        os.truncate(self.process.out, 0)


def start_reader(s, *arguments):
    """`oyez query` of everything, into a pipe that is as good as full."""
    return subprocess.Popen([BIN / "oyez", "query", "--json", *arguments], env=s.environment,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def read_some(reader, lines):
    for _ in range(lines):
        equal(reader.stdout.readline()[:1], b"{", "a line of a reader")


def give_up(reader, how):
    if how == "stopped":
        reader.send_signal(signal.SIGSTOP)
    if how == "closed":
        reader.stdout.close()
    elif how == "interrupted":
        reader.send_signal(signal.SIGINT)
        reader.stdout.close()
    else:
        reader.kill()
        reader.stdout.close()
    reader.wait(60)


def abandon(s, times):
    """Several readers at a time, each slow until it is given up."""
    draw = random.Random(86)
    for first in range(0, times, AT_ONCE):
        readers = [start_reader(s, *(("--reverse",) if draw.random() < 0.3 else ()))
                   for _ in range(min(AT_ONCE, times - first))]
        for reader in readers:
            read_some(reader, draw.choice((1, 100, EVENTS // 2)))
        for reader in readers:
            give_up(reader, draw.choice(("killed", "stopped", "closed", "interrupted")))


with Scenario() as s:
    data = s.directory / "data"
    server = start_server(s, data)
    lines = s.write_jsonl("events.jsonl", (counted(n, text="x" * 200) for n in range(EVENTS)))
    s.oyez("emit", "--from", lines, "--level", "recorded", seconds=120)

    over_the_bus, directory = Asker(s, "server", s.endpoint), Asker(s, "dir", data)
    warm_up = max(AT_ONCE, TIMES // 10)
    abandon(s, warm_up)
    for asker in (over_the_bus, directory):
        for _ in range(warm_up):
            asker.give_up(EVENTS // 2)
    kept = [Memory(process) for process in (server, over_the_bus.process, directory.process)]

    abandon(s, TIMES)
    for asker in (over_the_bus, directory):
        for n in range(TIMES):
            asker.give_up((1, EVENTS // 2, 513)[n % 3])
    for memory in kept:
        memory.check()
    equal(len(query(s)), EVENTS, "events that a query finds afterwards")
    s.oyez("emit", "--from", s.write_jsonl("one.jsonl", [counted(EVENTS)]), "--level", "recorded")
    equal(len(query(s)), EVENTS + 1, "and those that are recorded then")
    for asker in (over_the_bus, directory):
        asker.process.stdin.close()
        equal(asker.process.wait(), 0, "exit status of query_asker")
    print(f"{TIMES} readers and {2 * TIMES} queries of {EVENTS} events given up")
