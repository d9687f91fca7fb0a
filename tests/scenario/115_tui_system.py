# SPDX-License-Identifier: MIT
"""The page of the system in `oyez tui`: server, recorder, checkpoint and key, consumers with their lag,
gaps and emitters; dead letters, which are retried and discarded after a question; and the proof of an
event, checked with the key that was given."""
import json
import re
import subprocess

from counted import counted_details
from harness import BIN, Scenario, equal, wait_until
from record import start_server
from terminal import Terminal

LETTER = "mail  order.created"


def order(s, number):
    s.emit("order.created", {"order_id": str(number), "amount": 1}, "--level", "recorded")


def select_letter(t):
    t.wait_for(LETTER, 30)
    t.keys("/")
    t.type(LETTER)
    t.keys("Enter")


def settle_letters(s):
    """A handler fails for good; its event is opened, handled again in vain, then for good; another
    letter is discarded."""
    down = s.directory / "down"
    down.touch()
    mailer = s.start("mailer", BIN / "example-mailer", down, stdin=subprocess.PIPE)
    wait_until(lambda: "ready" in mailer.stderr(), "the mailer is ready")
    order(s, 1)
    with Terminal(s, columns=120, rows=40) as t:
        t.keys("s")
        select_letter(t)
        t.keys("Enter")
        t.wait_for("order_id           1")
        t.keys("q")
        t.wait_for("System")
        t.keys("r")
        t.wait_for("have handled again by mail of order.created? (y/n)")
        t.keys("y")
        t.wait_for("it has failed again", 30)
        down.unlink()

        def is_handled():
            """The letter that is shown may be the one from before for a moment."""
            select_letter(t)
            t.keys("r", "y")
            lines = t.wait(lambda lines: re.search("is handled|no dead letter", lines[-1]),
                           "an answer", 30)
            return "is handled" in lines[-1]
        wait_until(is_handled, "the event is handled")
        wait_until(lambda: mailer.line_count() == 1, "the mail goes out")
        t.wait_gone(LETTER)
        down.touch()
        order(s, 2)
        select_letter(t)
        t.keys("d")
        t.wait_for("discard the letter of mail")
        t.keys("n")
        t.wait_gone("(y/n)")
        t.wait_for(LETTER)
        t.keys("d", "y")
        t.wait_for("the dead letter is discarded", 30)
        t.wait_gone(LETTER)
        t.keys("q")
        t.quit()
    outcomes = [e["details"].get("outcome") for e in
                s.oyez("query", "oyez.dead_letter_resolved", "--json").events()]
    equal(outcomes[-1], "discarded", f"the record of {json.dumps(outcomes)}")


with Scenario() as s:
    start_server(s, s.directory / "data")
    for n in range(5):
        s.emit("tool.invoked", counted_details(n), "--level", "checkpointed")
    if (BIN / "example-consume").exists():
        consumer = s.start("consume", BIN / "example-consume", "billing", "tool.*",
                           stdin=subprocess.PIPE)
        wait_until(lambda: consumer.line_count() >= 1, "the consumer has one")
        consumer.stop()
        s.emit("tool.invoked", counted_details(5), "--level", "recorded")
    key = s.oyez("key", "show", "--dir", s.directory / "data").stdout().split()[0]
    name = key.split("+")[0]
    for columns, rows in ((80, 24), (200, 60)):
        with Terminal(s, "--key", key, columns=columns, rows=rows) as t:
            t.wait_for("tool.invoked")
            t.keys("s")
            lines = "\n".join(t.wait_for("are signed for"))
            assert re.search(r"recorder +healthy: attached", lines), lines
            assert re.search(r"recorded +[56] \(0 behind\)", lines), lines
            assert re.search(rf"by the key +{re.escape(name)}", lines), lines
            if (BIN / "example-consume").exists():
                t.wait_for(re.compile(r"billing +[1-9] behind, at \d+:\d"))
            t.keys("End")
            t.wait_for("duplicates dropped")
            t.keys("q")
            t.keys("Up", "Enter")
            t.wait_for("not asked for: press v", 60)
            t.keys("v")
            t.wait_for("checked: it is one of the")
            t.keys("q")
            t.quit()
    other = s.oyez("key", "new", "--key", s.directory / "other.key").stdout().split()[0]
    with Terminal(s, "--key", other, columns=200) as t:
        t.wait_for("tool.invoked")
        t.keys("Up", "Enter")
        t.wait_for("not asked for: press v", 60)
        t.keys("v")
        t.wait_gone("not asked for")
        equal("checked: it is one" in "\n".join(t.screen()), False, "proven by a wrong key")
        t.keys("q")
        t.quit()
    if (BIN / "example-mailer").exists():
        settle_letters(s)
