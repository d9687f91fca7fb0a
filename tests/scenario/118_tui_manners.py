# SPDX-License-Identifier: MIT
"""The terminal is always given back by `oyez tui`: on q, SIGTERM, SIGTSTP and SIGCONT, and on abort. It
heeds NO_COLOR and the colours there are, says why a dumb terminal will not do, and shows hostile text
as text."""
import os
import re
import signal

from harness import SANITIZED, Scenario, equal
from record import start_server
from terminal import Terminal

HOSTILE = {"tool": "\x1b]0;x\x07\x1b[2J", "arguments": {"bidi": "\u202egpj.exe\u2066", "c1": "\u009b31m",
                                                       "wide": "漢字 e\u0301", "nul": "a\u0000b"}}


def colours(text):
    """Colours that a screen uses: of 8, of 256."""
    few = re.findall(r"\x1b\[(?:[0-9;]*;)?3([0-7])(?:;[0-9;]*)?m", text)
    many = re.findall(r"38;5;(\d+)", text)
    return few, many


def stops_and_goes_on(t):
    os.kill(t.pid, signal.SIGTSTP)
    t.wait_for("Stopped")
    assert t.is_usable()
    t.type("fg")
    t.keys("Enter")
    t.wait_for("● live")
    t.keys("C-z")  # the key does the same
    t.wait_for("Stopped")
    t.type("fg")
    t.keys("Enter")
    t.wait_for("tool.invoked")


def ends_by(t, number, status):
    os.kill(t.pid, number)
    t.wait_for(f"ended {status}")
    assert t.is_usable()


with Scenario() as s:
    start_server(s, s.directory / "data")
    s.emit("tool.invoked", HOSTILE, "--level", "recorded", "--actor-name", "\x1b[31mred")
    with Terminal(s) as t:
        screen = "\n".join(t.wait_for("tool.invoked"))
        assert "\\u001b[3" in screen, "the actor is shown with its escape"
        t.keys("Up")
        t.keys("Enter")
        for inert in ("\\u001b]0;x\\u0007\\u001b[2J", "\\u202egpj.exe\\u2066", "\\u009b31m", "漢字",
                      "a\\u0000b"):
            t.wait_for(inert)
            t.keys("Down")
        equal(t.tmux("display-message", "-p", "#{pane_title}").strip() == "x", False, "the title")
        t.keys("q")
        t.wait_for("belongs to")
        t.keys("End")
        t.wait_for("● live")
        stops_and_goes_on(t)
        t.keys("q")  # the shell has forgotten what was to follow
        assert t.is_usable()
        t.start()
        ends_by(t, signal.SIGTERM, 0)
        t.start()
        ends_by(t, signal.SIGHUP, 0)
        t.start()
        ends_by(t, signal.SIGABRT, 128 + signal.SIGABRT)
        t.start()
        t.quit()
        assert t.is_usable()

        # A small screen, a large one, and a very small one.
        t.start()
        for columns, rows in ((200, 60), (80, 24), (20, 5), (120, 40)):
            t.resize(columns, rows)
            t.wait(lambda lines, r=rows: len(lines) == r and lines[0].startswith(" oyez"),
                   f"drawn in {columns} columns")
        t.wait_for("tool.invoked")
        t.quit()

        for kind, sentence in (("dumb", "cannot place a cursor"), ("nonsense", "nothing is known")):
            if kind == "nonsense" and SANITIZED:
                continue  # where it knows nothing of a terminal, curses leaks a kilobyte
            t.type(f"clear; TERM={kind} oyez tui; echo ended $?")
            t.keys("Enter")
            t.wait_for(sentence)
            t.wait_for("oyez tail")
            t.wait_for("ended 5")
        t.type("clear; oyez tui </dev/null; echo ended $?")
        t.keys("Enter")
        t.wait_for("are no terminal")

        t.start()
        t.wait_for("tool.invoked")
        assert colours(t.coloured())[1], "256 colours"
        t.quit()
        t.type("export NO_COLOR=1")
        t.keys("Enter")
        t.start()
        t.wait_for("tool.invoked")
        equal(colours(t.coloured()), ([], []), "colours with NO_COLOR")
        t.quit()
        t.type("unset NO_COLOR; export TERM=xterm")
        t.keys("Enter")
        t.start()
        t.wait_for("tool.invoked")
        few, many = colours(t.coloured())
        equal((bool(few), many), (True, []), "colours of a terminal with 8")
        t.quit()
