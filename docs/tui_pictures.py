#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes the pictures of docs/tui.md: real screens of `oyez tui` beside the demonstration, as SVG.

usage: OYEZ_BIN=build/release/bin docs/tui_pictures.py    writes docs/pictures/tui-*.svg
"""
import html
import pathlib
import re
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "scenario"))

from harness import Scenario, wait_until  # noqa: E402
from record import start_server  # noqa: E402
from terminal import Terminal  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
COLUMNS, ROWS = 112, 30
WIDTH, HEIGHT, BASE = 8.4, 18, 13.5  # of a character, in pixels; where its letters stand
BACKGROUND, FOREGROUND = "#1b1d23", "#d0d0d0"
EIGHT = ["#000000", "#cd5c5c", "#87d787", "#ffd75f", "#5fafff", "#d787d7", "#5fd7d7", "#e4e4e4"]


def colour(number):
    """One of the 256 colours of terminals."""
    if number < 16:
        return EIGHT[number % 8]
    if number < 232:
        number -= 16
        parts = [0 if p == 0 else 55 + 40 * p for p in (number // 36, number // 6 % 6, number % 6)]
        return "#%02x%02x%02x" % tuple(parts)
    return "#" + "%02x" % (8 + 10 * (number - 232)) * 3


class Style:
    def __init__(self):
        self.front, self.back, self.bold, self.reverse = None, None, False, False

    def take(self, codes):
        """One sequence of ECMA-48 SGR, as tmux writes it."""
        codes = [int(c) for c in re.split("[;:]", codes) if c] or [0]
        while codes:
            code = codes.pop(0)
            if code == 0:
                self.__init__()
            elif code == 1:
                self.bold = True
            elif code == 7:
                self.reverse = True
            elif code in (38, 48) and len(codes) >= 2 and codes.pop(0) == 5:
                value = colour(codes.pop(0))
                self.front, self.back = (value, self.back) if code == 38 else (self.front, value)
            elif 30 <= code <= 37:
                self.front = EIGHT[code - 30]
            elif 40 <= code <= 47:
                self.back = EIGHT[code - 40]
            elif code == 39:
                self.front = None
            elif code == 49:
                self.back = None

    def seen(self):
        front, back = self.front or FOREGROUND, self.back
        if self.reverse:
            front, back = back or BACKGROUND, front
        return front, back, self.bold


def runs(line, style):
    """Texts of one look in a row, from left to right. Wide characters are not in these screens."""
    column = 0
    for part in re.split(r"(\x1b\[[0-9;:]*m|\x1b[^\[]..?)", line):
        match = re.fullmatch(r"\x1b\[([0-9;:]*)m", part)
        if match:
            style.take(match[1])
        elif part and not part.startswith("\x1b"):
            yield column, part, style.seen()
            column += len(part)


def draw(screen, title):
    width, height = COLUMNS * WIDTH + 24, ROWS * HEIGHT + 48
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
           f'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">',
           f"<title>{html.escape(title)}</title>",
           f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>']
    for i, shade in enumerate(("#ff5f57", "#febc2e", "#28c840")):
        out.append(f'<circle cx="{20 + 18 * i}" cy="16" r="5.5" fill="{shade}"/>')
    style = Style()
    for row, line in enumerate(screen.split("\n")[:ROWS]):
        y = 32 + row * HEIGHT
        for column, text, (front, back, bold) in runs(line, style):
            x, size = 12 + column * WIDTH, len(text) * WIDTH
            if back:
                out.append(f'<rect x="{x:.1f}" y="{y}" width="{size:.1f}" height="{HEIGHT}" '
                           f'fill="{back}"/>')
            if text.strip():
                weight = ' font-weight="bold"' if bold else ""
                out.append(f'<text x="{x:.1f}" y="{y + BASE}" fill="{front}"{weight} '
                           f'textLength="{size:.1f}" xml:space="preserve">'
                           f"{html.escape(text)}</text>")
    return "\n".join(out + ["</svg>"]) + "\n"


def keep(t, name, title):
    time.sleep(0.3)  # what is typed last is drawn
    text = re.sub(r"tcp://127\.0\.0\.1:\d+", "tcp://127.0.0.1:5570", t.coloured())
    (PICTURES / f"tui-{name}.svg").write_text(draw(text, title), encoding="utf-8")
    print(f"docs/pictures/tui-{name}.svg")


def take_pictures(t):
    t.wait(lambda lines: "✗" in lines[1] and len(t.rows_of_list()) >= ROWS - 6, "some life", 120)
    keep(t, "live", "oyez tui: live events")
    t.keys("/")
    t.type("tool.errored")
    t.wait(lambda lines: "tool.errored" in "\n".join(lines[5:-1]), "a failure", 120)
    keep(t, "search", "oyez tui: searching")
    t.keys("Enter", "t")
    t.wait(lambda lines: re.search(r"[1-9]\d events, [1-9]", lines[1]), "a workflow", 60)
    keep(t, "trace", "oyez tui: a workflow as a tree of causes")
    t.keys("q", "Enter")
    t.wait_for("under the checkpoint", 60)
    t.keys("v")
    t.wait_for("checked: it is one")
    keep(t, "event", "oyez tui: one event")
    t.keys("q", "f")
    t.type("@tool plan.ph")
    t.keys("Tab", "Enter")
    t.wait_for("filter: @tool plan.phase_changed")
    keep(t, "filter", "oyez tui: a filter")
    t.keys("c", "Home")
    t.wait(lambda lines: len(t.rows_of_list()) >= ROWS - 6, "the beginning")
    t.keys("p")
    t.wait(lambda lines: "▶" in lines[0] and len(t.rows_of_list()) > 12, "the past goes on", 60)
    keep(t, "time", "oyez tui: the past, played again")
    t.keys("End", "s")
    t.wait_for("are signed for")
    keep(t, "system", "oyez tui: the system")


with Scenario() as s:
    PICTURES.mkdir(exist_ok=True)
    start_server(s, s.directory / "data", "tcp://127.0.0.1:*", "--demo")
    key = s.oyez("key", "show", "--dir", s.directory / "data").stdout().split()[0]
    wait_until(lambda: len(s.oyez("query", "tool.errored").lines()) > 0, "something fails", 120)
    with Terminal(s, "--key", key, columns=COLUMNS, rows=ROWS) as terminal:
        take_pictures(terminal)
        terminal.keys("q")
        terminal.quit()
