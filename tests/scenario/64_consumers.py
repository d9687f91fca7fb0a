# SPDX-License-Identifier: MIT
"""A named consumer killed between handling and commit sees that event again and no other twice;
another process takes the name over within its lease; it goes on through restarts of broker and
recorder; and it is listed, reset and deleted."""
import signal
import subprocess
import time

from counted import counted, number_of
from harness import BIN, SLOW, Scenario, equal, free_port, wait_until
from record import start_server

LEASE = 5.0


def start_consumer(s, name, *patterns):
    return s.start(f"consume-{name}", BIN / "example-consume", name, *patterns,
                   stdin=subprocess.PIPE)


def handle(consumer, count=1):
    consumer.stdin.write(b"\n" * count)
    consumer.stdin.flush()


def numbers(consumer):
    return [number_of(e) for e in consumer.events()]


def await_numbers(consumer, expected, what):
    wait_until(lambda: len(numbers(consumer)) >= len(expected), what)
    equal(numbers(consumer), expected, what)


def emit(s, first, last):
    path = s.write_jsonl(f"events-{first}.jsonl",
                         [counted(n) for n in range(first, last + 1)])
    s.oyez("emit", "--from", path, "--level", "recorded")


def listed(s):
    return {c["name"]: c for c in s.oyez("consumer", "list", "--json").events()}


def killed_between_handling_and_commit(s):
    emit(s, 1, 5)
    first = start_consumer(s, "billing", "tool.*")
    await_numbers(first, [1], "the first event")
    handle(first, 2)
    await_numbers(first, [1, 2, 3], "two are handled, and the third is shown")
    first.kill()
    began = time.monotonic()
    second = start_consumer(s, "billing", "tool.*")
    await_numbers(second, [3], "the third comes again, to whoever takes the name over")
    took = time.monotonic() - began
    if took > (LEASE + 2) * SLOW:
        raise AssertionError(f"the name was taken over after {took:.1f} s")
    handle(second, 2)
    await_numbers(second, [3, 4, 5], "and no other comes twice")
    return second


def told_who_holds_it(s, consumer):
    billing = listed(s)["billing"]
    equal((billing["held"], billing["lag"], billing["lag_is_bound"], billing["patterns"]),
          (True, 1, False, ["tool.*"]), "as it is listed while it is held")
    equal(f"[{consumer.pid}]" in billing["holder"], True, "its holder is named with its process")
    for words in (("reset", "billing", "first"), ("delete", "billing")):
        refused = s.oyez("consumer", *words, expect=4)
        equal("held by" in refused.stderr(), True, f"{words[0]} says why it is refused")


def handed_over_at_once(s, consumer):
    """A clean end gives the name free; the event that was not handled comes again."""
    consumer.stdin.close()
    consumer.ends_with(0)
    began = time.monotonic()
    third = start_consumer(s, "billing", "tool.*")
    await_numbers(third, [5], "the event that was shown and not handled")
    if time.monotonic() - began > (LEASE - 1) * SLOW:
        raise AssertionError("a name that was given back was not free at once")
    return third


def through_restarts(s, data, listen, consumer):
    handle(consumer)
    s.broker.kill()
    start_server(s, data, listen)
    emit(s, 6, 8)
    await_numbers(consumer, [5, 6], "after a kill of broker and recorder")
    handle(consumer)
    await_numbers(consumer, [5, 6, 7], "handled and committed to the new one")
    equal(s.broker.stop(), 0, "exit status of the server")
    handle(consumer)  # nobody is there to commit to
    start_server(s, data, listen)
    await_numbers(consumer, [5, 6, 7, 8], "committed once the recorder is back")
    handle(consumer)
    emit(s, 9, 9)
    await_numbers(consumer, [5, 6, 7, 8, 9], "live again")
    handle(consumer)
    wait_until(lambda: listed(s)["billing"]["lag"] == 0, "everything is handled")


def stopped_holder_is_told(s, consumer):
    """Without a sign of life its lease runs out; when it goes on it must not hand out another."""
    consumer.send_signal(signal.SIGSTOP)
    other = start_consumer(s, "billing", "tool.*")
    wait_until(lambda: "consuming" in other.stderr(), "the name is taken over", LEASE + 10)
    consumer.send_signal(signal.SIGCONT)
    emit(s, 10, 10)
    await_numbers(other, [10], "the new holder gets it")
    consumer.ends_with(1)
    equal("held by" in consumer.stderr(), True, "the old one is told who holds it")
    equal(numbers(consumer)[-1], 9, "and has handed out nothing more")
    return other


def reset_and_deleted(s, consumer):
    consumer.stdin.close()
    consumer.ends_with(0)
    s.oyez("consumer", "reset", "billing", "first")
    equal(listed(s)["billing"]["lag"], 10, "reset to the first")
    again = start_consumer(s, "billing", "tool.*")
    await_numbers(again, [1], "it begins anew")
    handle(again)
    await_numbers(again, [1, 2], "and goes on")
    again.stdin.close()
    again.ends_with(0)
    s.oyez("consumer", "reset", "billing", "latest")
    equal(listed(s)["billing"]["lag"], 0, "reset to the latest")
    equal("billing" in s.oyez("consumer", "list").stdout(), True, "the list for people")
    s.oyez("consumer", "delete", "billing")
    equal(listed(s), {}, "deleted")
    s.oyez("consumer", "delete", "billing", expect=1)
    s.oyez("consumer", "reset", "billing", "first", expect=1)


with Scenario() as s:
    data = s.directory / "data"
    listen = f"tcp://127.0.0.1:{free_port()}"
    start_server(s, data, listen)
    equal(listed(s), {}, "no consumers")
    second = killed_between_handling_and_commit(s)
    told_who_holds_it(s, second)
    third = handed_over_at_once(s, second)
    through_restarts(s, data, listen, third)
    last = stopped_holder_is_told(s, third)
    reset_and_deleted(s, last)
    s.oyez("verify", data)
