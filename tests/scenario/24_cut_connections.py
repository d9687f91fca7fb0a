# SPDX-License-Identifier: MIT
"""Connections that are cut again and again: every durable event is stamped, once, in order."""
import itertools
import random
import subprocess
import threading

from counted import counted, number_of
from harness import QUICK, Scenario, equal, free_port, told_lost, wait_until
from proxy import Proxy

COUNT = 2000 if QUICK else 10000
CUT_AFTER_S = (0.05, 0.3)  # at random between these
CONTROL_CUT_EVERY = 8  # a session needs more than that to be there at all


def go_through_cuts(start_emitter, cut_control):
    """Only what the emitter sends goes through the proxy; the tail listens directly."""
    with Scenario() as s:
        port = free_port()
        s.start_broker(f"tcp://127.0.0.1:{port}")
        tail = s.start_tail("tool.*")
        near = free_port()
        proxies = [Proxy(near + i, port + i) for i in range(3)]
        lines = s.write_jsonl("lines.jsonl", (counted(n) for n in range(COUNT)))
        emit = start_emitter(s, f"tcp://127.0.0.1:{near}")
        over = threading.Event()
        chance = random.Random(COUNT)

        def cut_now_and_then():
            for round_number in itertools.count(1):
                if over.wait(chance.uniform(*CUT_AFTER_S)):
                    return
                proxies[1].cut()
                if cut_control and round_number % CONTROL_CUT_EVERY == 0:
                    proxies[0].cut()

        cutter = threading.Thread(target=cut_now_and_then, daemon=True)
        cutter.start()
        with open(lines, "rb") as file:
            batch = max(1, COUNT // 100)
            for number, line in enumerate(file):
                emit.stdin.write(line)
                if number % batch == 0:
                    emit.stdin.flush()
                    over.wait(0.03)
        emit.stdin.close()
        over.set()
        cutter.join()
        emit.ends_with(0, 60)

        def lost():
            return told_lost(tail, "tool.invoked")

        wait_until(lambda: tail.line_count() + lost() >= COUNT, "the tail is told all")
        numbers = [number_of(e) for e in tail.events()]
        equal(numbers, sorted(set(numbers)), "events come in order, each once")
        equal(len(numbers) + lost(), COUNT, "events seen and losses told")
        counters = s.counters()
        equal(counters["events"], COUNT, "events stamped")
        if proxies[1].cuts < 5 or counters["nacks"] == 0:
            raise AssertionError(f"only {proxies[1].cuts} cuts, {counters['nacks']} NACKs")
        print(f"{proxies[1].cuts} cuts of ingress, {proxies[0].cuts} of control, "
              f"{proxies[1].bytes_lost} bytes lost, {counters['nacks']} NACKs, "
              f"{counters['out_of_order']} batches out of order, "
              f"{counters['duplicate']} duplicates, {lost()} told lost by the tail")
        for proxy in proxies:
            proxy.close()


def start_in_c(s, endpoint):
    return s.start_oyez("emit", "--from", "-", "--timeout", "60000", "--endpoint", endpoint,
                        stdin=subprocess.PIPE)


def start_in_python(s, endpoint):
    return s.start_python("emitter.py", "--timeout", "60", "--endpoint", endpoint,
                          stdin=subprocess.PIPE)


for start in (start_in_c, start_in_python):
    for with_control in (False, True):
        go_through_cuts(start, with_control)
