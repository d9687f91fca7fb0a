# SPDX-License-Identifier: MIT
"""Bad lines are named by number, each with its own error; the good lines arrive; exit 4."""
import os
import re
import subprocess
import threading

from harness import SANITIZED, Scenario, equal, wait_until

MEGA = 1024 * 1024
# What each line of the file is; a function writes those that are too big to be held here.
LINES = (
    (b'{"event_type":"tool.invoked","details":{"tool":"1"}}\n', None),
    (b'{"event_type":"tool.invoked","details":{"tool":\n', r"JSON"),
    (b'{"event_type":"plan.invented","details":{}}\n', r"plan\.invented"),
    (b'{"event_type":"tool.invoked","details":{"big":"' + b"x" * 2 * MEGA + b'"}}\n', r"details"),
    (b'{"event_type":"tool.invoked","details":{"text":"\xff\xfe"}}\n', r"UTF-8"),
    (100 * MEGA, r"long|large|limit|bytes"),
    (b"\n", None),
    (b'{"event_type":"tool.invoked","details":{"tool":"2"}}\r\n', None),
    (b"\r\n", None),
    (b'{"type":"tool.invoked","details":{"tool":"3"}}\r\n', None),
    (b'{"event_type":"tool.invoked","surprise":1,"details":{}}\n', r"surprise"),
    (b'{"event_type":"tool.invoked","details":[1]}\n', r"details"),
    (b'{"event_type":"tool.invoked","details":{"tool":"5"},"plan_id":"' + b"p" * 5000 + b'"}\n',
     r"header|plan_id"),
    (b'{"event_type":"tool.invoked","details":{"tool":"4"}}', None),  # the last one without its end
)


def write_lines(stdin):
    for content, _ in LINES:
        if isinstance(content, int):
            stdin.write(b'{"event_type":"tool.invoked","details":{"huge":"')
            for _ in range(content // MEGA):
                stdin.write(b"y" * MEGA)
            stdin.write(b'"}}\n')
        else:
            stdin.write(content)
    stdin.close()


def complaints(text):
    """Line number -> what was said of it."""
    return {int(number): rest for number, rest in re.findall(r"\bline (\d+)\b(.*)", text)}


with Scenario() as s:
    s.start_broker()
    tail = s.start_tail("tool.*")
    emit = s.start_oyez("emit", "--from", "-", stdin=subprocess.PIPE)
    writer = threading.Thread(target=write_lines, args=(emit.stdin,), daemon=True)
    writer.start()
    _, status, usage = os.wait4(emit.pid, 0)
    emit.popen.returncode = os.waitstatus_to_exitcode(status)
    writer.join()
    equal(emit.popen.returncode, 4, "exit status of emit")
    said = complaints(emit.stderr())
    bad = {number: pattern for number, (_, pattern) in enumerate(LINES, 1) if pattern}
    equal(sorted(said), sorted(bad), "lines complained of")
    for number, pattern in bad.items():
        if not re.search(pattern, said[number], re.I):
            raise AssertionError(f"line {number}: {said[number]!r} does not say {pattern}")
    equal(len(set(said.values())), len(bad), "different errors")
    s.emit("tool.completed", {"tool": "last"})
    wait_until(lambda: b'"last"' in tail.out.read_bytes(), "the tail has the last event")
    equal([e["details"]["tool"] for e in tail.events()], ["1", "2", "3", "4", "last"], "good lines")
    if not SANITIZED and usage.ru_maxrss > 64 * 1024:
        raise AssertionError(f"emit held {usage.ru_maxrss} kB for a line of 100 MB")
