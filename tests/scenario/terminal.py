# SPDX-License-Identifier: MIT
"""`oyez tui` in a terminal that a scenario can type into and read: a tmux server of its own."""
import contextlib
import difflib
import os
import pathlib
import re
import shutil
import subprocess
import time

from harness import BIN, ROOT, skip, wait_until

if shutil.which("tmux") is None:
    skip("tmux is not installed")

SCREENS = ROOT / "tests" / "scenario" / "screens"
CONFIGURATION = """
set -g status off
set -g default-terminal {kind}
set -s escape-time 0
set -s set-clipboard on
set -g history-limit 0
"""
# What differs from run to run, and what stands for it.
MASKS = [
    (r"^(5 min|errors)\b.*", r"\1 BARS"),
    (r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "TIME"),
    (r"\d\d:\d\d:\d\d\.\d{3}", "HH:MM:SS.mmm"),
    (r"oyez/[0-9a-f+]{6,}…?", "KEY"),
    (r"\d{4}-\d\d-\d\d", "YYYY-MM-DD"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID"),
    (r"\b\d{16}:", "EPOCH:"),
    (r"tcp://[0-9.:]+…?", "ENDPOINT"),
    (r"\b[0-9,]+/s\b", "RATE"),
    (r"[▁▂▃▄▅▆▇█·▲]+[▁▂▃▄▅▆▇█·▲ ]*", "BARS"),
]


def mask(lines):
    """The lines with times, ids and rates replaced."""
    masked = []
    for line in lines:
        for pattern, name in MASKS:
            line = re.sub(pattern, name, line)
        masked.append(line.rstrip())
    return masked


def compare_screen(lines, name):
    """Fails where a screen is not the one that is kept under this name."""
    path = SCREENS / f"{name}.txt"
    found = mask(lines)
    if os.environ.get("OYEZ_TEST_WRITE_SCREENS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(found) + "\n", encoding="utf-8")
    expected = path.read_text(encoding="utf-8").split("\n")[:-1]
    if found != expected:
        diff = difflib.unified_diff(expected, found, str(path), "found", lineterm="")
        raise AssertionError("a screen differs:\n" + "\n".join(diff))


class Terminal(contextlib.AbstractContextManager):
    """A shell in a terminal, in which `oyez tui` is started."""

    number = 0

    def __init__(self, s, *arguments, columns=80, rows=24, kind="tmux-256color", start=True, **more):
        Terminal.number += 1
        self.s = s
        self.socket = s.directory / f"tmux-{Terminal.number}"
        configuration = s.directory / f"tmux-{Terminal.number}.conf"
        configuration.write_text(CONFIGURATION.format(kind=kind))
        environment = dict(s.environment, TERM="xterm-256color", TZ="UTC",
                           PATH=f"{BIN}:{os.environ['PATH']}",
                           OYEZ_TUI_FILTERS=str(s.directory / "filters"), **more)
        environment.pop("TMUX", None)
        environment.pop("NO_COLOR", None)
        environment.update(more)
        self.errors = s.directory / f"tui-{Terminal.number}.err"
        subprocess.run(["tmux", "-S", self.socket, "-f", configuration, "new-session", "-d",
                        "-x", str(columns), "-y", str(rows), "bash --norc --noprofile"],
                       env=environment, cwd=s.directory, check=True)
        self.wait_for(re.compile(r"[#$]$", re.M))
        if start:
            self.start(*arguments)

    def __exit__(self, kind, error, trace):
        if error is not None:
            with contextlib.suppress(Exception):
                print("\n".join(self.screen()))
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], check=False)

    def tmux(self, *arguments):
        return subprocess.run(["tmux", "-S", self.socket, *map(str, arguments)], check=True,
                              capture_output=True, text=True).stdout

    def start(self, *arguments):
        words = " ".join(f"'{a}'" for a in arguments)
        self.type(f"clear; oyez tui {words} 2>{self.errors}; echo ended $?")
        self.keys("Enter")
        self.wait(lambda lines: any("oyez  " in line and "ended" not in line for line in lines[:1]),
                  "the program has drawn its header")

    def keys(self, *names):
        self.tmux("send-keys", *names)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def screen(self):
        """The rows of the screen, without the spaces at their ends."""
        return [line.rstrip() for line in self.tmux("capture-pane", "-p").split("\n")[:-1]]

    def coloured(self):
        return self.tmux("capture-pane", "-p", "-e", "-N")

    def wait(self, condition, what, seconds=20.0):
        """The first screen for which the condition holds."""
        def look():
            lines = self.screen()
            return lines if condition(lines) else None
        try:
            return wait_until(look, what, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n" + "\n".join(self.screen())) from None

    def wait_for(self, text, seconds=20.0):
        """Waits until a text, or a match of a pattern, is on the screen."""
        def has(lines):
            whole = "\n".join(lines)
            return text.search(whole) if isinstance(text, re.Pattern) else text in whole
        return self.wait(has, f"{text!r} is on the screen", seconds)

    def wait_gone(self, text, seconds=20.0):
        return self.wait(lambda lines: text not in "\n".join(lines), f"{text!r} is gone", seconds)

    def still(self):
        """A screen that two looks find the same."""
        last = None
        def look():
            nonlocal last
            before, last = last, self.screen()
            time.sleep(0.1)
            return last if last == before else None
        return wait_until(look, "the screen stands still")

    def resize(self, columns, rows):
        self.tmux("resize-window", "-x", columns, "-y", rows)

    def rows_of_list(self):
        """The rows of the list: behind its titles, before the last line."""
        lines = self.screen()
        titles = [i for i, line in enumerate(lines) if line.startswith("time ")]
        return [line for line in lines[titles[0] + 1:-1] if line] if titles else []

    @property
    def pid(self):
        """Of the program, a child of the shell."""
        shell = self.tmux("display-message", "-p", "#{pane_pid}").strip()
        def find():
            children = pathlib.Path(f"/proc/{shell}/task/{shell}/children").read_text().split()
            for child in children:
                with contextlib.suppress(OSError):
                    words = pathlib.Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
                    if b"tui" in words:
                        return int(child)
            return None
        return wait_until(find, "the program runs")

    def quit(self):
        self.keys("q")
        self.wait_for("ended 0")

    def is_usable(self):
        """The shell's terminal is as it was: it echoes, and takes lines."""
        self.type("clear; stty -a | grep -o ' icanon\\| echo ' | tr -d '\\n'; echo; echo us''able")
        self.keys("Enter")
        lines = self.wait(lambda lines: "usable" in lines, "the shell answers")
        assert any("icanon" in line and "echo" in line for line in lines), lines
        return True
