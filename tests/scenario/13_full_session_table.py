# SPDX-License-Identifier: MIT
"""With 16,384 sessions open the next hello is refused by name, and the open sessions go on."""
import resource

from harness import QUICK, SANITIZED, Scenario, equal, skip, wait_until
from hostile import RawDealer, port_of, wire

SESSIONS_MAX = 16384
NEEDED = SESSIONS_MAX + 500  # file descriptors, in this process and in the broker

soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
if SANITIZED or QUICK:
    skip("too many connections for a quick run")
if hard != resource.RLIM_INFINITY and hard < NEEDED:
    skip(f"{NEEDED} open files are needed, {hard} allowed")
resource.setrlimit(resource.RLIMIT_NOFILE, (NEEDED, hard))


def say_hello(port, number):
    dealer = RawDealer(port)
    hello = wire.control_pb2.Hello(client_id=(number + 1).to_bytes(16, "big"), durable_floor=1,
                                   fast_floor=1)
    dealer.send(wire.control_pb2.ToBroker(protocol_version=1, hello=hello).SerializeToString())
    return dealer


def answer(dealer):
    return wire.control_pb2.FromBroker.FromString(dealer.receive())


def ping(dealer):
    dealer.send(wire.control_pb2.ToBroker(protocol_version=1, ping={}).SerializeToString())
    return answer(dealer).WhichOneof("body")


with Scenario() as s:
    broker = s.start_broker()
    port = port_of(s.endpoint)
    dealers = []
    for start in range(0, SESSIONS_MAX, 64):
        fresh = [say_hello(port, n) for n in range(start, min(start + 64, SESSIONS_MAX))]
        for dealer in fresh:
            equal(answer(dealer).WhichOneof("body"), "welcome", "answer to a hello")
        dealers += fresh
        # A session from which nothing comes for 15 seconds would make room.
        if start % 2048 == 0:
            for dealer in dealers:
                equal(ping(dealer), "pong", "answer to a ping")
    one_more = say_hello(port, SESSIONS_MAX)
    refusal = answer(one_more).refusal
    equal(refusal.reason, wire.control_pb2.REFUSAL_REASON_SESSIONS, "reason of the refusal")
    equal("session" in refusal.text, True, f"the text names the table: {refusal.text!r}")
    refused = s.oyez("emit", "plan.created", "{}", "--timeout", "3000", expect=4)
    equal("session" in refused.stderr(), True, f"emit says so: {refused.stderr()!r}")
    equal(ping(dealers[0]), "pong", "a session that was there goes on")
    dealers[1].send(wire.control_pb2.ToBroker(protocol_version=1, goodbye={}).SerializeToString())
    wait_until(lambda: answer(say_hello(port, SESSIONS_MAX + 1)).WhichOneof("body") == "welcome",
               "a goodbye makes room")
    print(f"broker: {broker.resident_bytes() >> 20} MiB")
    for dealer in dealers:
        dealer.close()
