# SPDX-License-Identifier: MIT
"""What a handler has failed for good is listed and shown by id; retry reaches the handler wherever its
process is, and says what came of it; discard resolves a letter; all of it is on record."""
import json
import subprocess

from harness import BIN, Scenario, equal, wait_until
from record import start_server


def start_mailer(s, down):
    mailer = s.start("mailer", BIN / "example-mailer", down, stdin=subprocess.PIPE)
    wait_until(lambda: "ready" in mailer.stderr(), "the mailer is ready")
    return mailer


def order(s, number, who):
    s.oyez("emit", "order.created", json.dumps({"order_id": str(number), "amount": 1}),
           "--correlation-id", who, "--level", "recorded")


def letters(s):
    return s.oyez("deadletter", "list", "--json").events()


def await_letters(s, count):
    return wait_until(lambda: (found := letters(s)) and len(found) == count and found,
                      f"{count} dead letters")


def recorded(s):
    lines = s.oyez("query", "oyez.dead_letter*", "--json").events()
    return [(e["event_type"], e["details"].get("outcome")) for e in lines]


def check_list(s):
    letter, = await_letters(s, 1)
    equal({k: letter[k] for k in ("handler", "event_type", "attempts", "timed_out", "error",
                                  "error_text")},
          {"handler": "mail", "event_type": "order.created", "attempts": 3, "timed_out": False,
           "error": "no broker answered", "error_text": "the mail server does not answer"},
          "the letter")
    equal(letter["process"].startswith("mailer["), True, "whose it is")
    text = s.oyez("deadletter", "list").stdout()
    equal(letter["id"] in text and "the mail server does not answer" in text, True, "the table")
    shown = s.oyez("deadletter", "show", letter["id"], "--json").events()
    equal([e["event_type"] for e in shown], ["oyez.dead_letter", "order.created"],
          "the letter and its event")
    equal(shown[1]["event_id"], letter["event_id"], "its event")
    equal("amount" in json.dumps(shown[0]), False, "a letter copies nothing of the event")
    return letter["id"]


def check_retry(s, letter, mailer, down):
    s.oyez("deadletter", "retry", letter, expect=1)
    again, = await_letters(s, 1)
    equal(again["id"] == letter, False, "failed again it has a new letter")
    mailer.stdin.close()
    mailer.ends_with(0)
    s.oyez("deadletter", "retry", again["id"], "--timeout", "300", expect=3)
    down.unlink()
    other = start_mailer(s, down)
    s.oyez("deadletter", "retry", again["id"])
    wait_until(lambda: other.lines() == [b"mail: order.created of ada"], "the mail goes out")
    equal(letters(s), [], "no letter is left")
    s.oyez("deadletter", "retry", again["id"], expect=1)
    return other


def check_discard(s, down):
    down.touch()
    order(s, 2, "eve")
    order(s, 3, "eve")
    await_letters(s, 2)
    s.oyez("deadletter", "discard", "--all", "--reason", "eve has called")
    equal(letters(s), [], "both are discarded")


def check_usage(s):
    for words in (["burn"], ["list", "x"], ["show"], ["retry", "x"], ["list", "--all"],
                  ["retry", "--all", "--reason", "x"]):
        s.oyez("deadletter", *words, expect=2)
    s.oyez("deadletter", "show", "019a0000-1111-7222-8333-444444444444", expect=1)
    s.oyez("emit", "oyez.dead_letter", "{}", expect=4)


with Scenario() as scenario:
    server_is_down = scenario.directory / "down"
    server_is_down.touch()
    start_server(scenario, scenario.directory / "data")
    first = start_mailer(scenario, server_is_down)
    order(scenario, 1, "ada")
    second = check_retry(scenario, check_list(scenario), first, server_is_down)
    check_discard(scenario, server_is_down)
    check_usage(scenario)
    equal(recorded(scenario)[-2:], [("oyez.dead_letter_resolved", "discarded")] * 2, "the record")
    equal(len([1 for kind, _ in recorded(scenario) if kind == "oyez.dead_letter"]), 4, "letters")
    second.stdin.close()
    second.ends_with(0)
