# SPDX-License-Identifier: MIT
"""With 16,384 sessions open the next hello is refused by name, and the open sessions go on."""
import resource
import time

from harness import QUICK, SANITIZED, Scenario, equal, skip, wait_until
from hostile import RawDealer, port_of, wire

SESSIONS_MAX = 16384
PING_EVERY_S = 4
HANDSHAKE_S = 10  # then the broker cuts these peers off
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


def ping_all(dealers):
    """A session from which nothing comes for 15 seconds would make room."""
    message = wire.control_pb2.ToBroker(protocol_version=1, ping={}).SerializeToString()
    for dealer in dealers:
        dealer.send(message)
    for dealer in dealers:
        equal(answer(dealer).WhichOneof("body"), "pong", "answer to a ping")


def fill_the_table(s):
    broker = s.start_broker()
    port = port_of(s.endpoint)
    dealers, pinged_at = [], time.monotonic()
    for number in range(SESSIONS_MAX):
        dealer = say_hello(port, number)
        equal(answer(dealer).WhichOneof("body"), "welcome", "answer to a hello")
        dealers.append(dealer)
        if time.monotonic() > pinged_at + PING_EVERY_S:
            pinged_at = time.monotonic()
            ping_all(dealers)
    one_more = say_hello(port, SESSIONS_MAX)
    refusal = answer(one_more).refusal
    equal(refusal.reason, wire.control_pb2.REFUSAL_REASON_SESSIONS, "reason of the refusal")
    equal("session" in refusal.text, True, f"the text names the table: {refusal.text!r}")
    refused = s.oyez("emit", "session.created", "{}", "--timeout", "20000", expect=4)
    equal("session" in refused.stderr(), True, f"emit says so: {refused.stderr()!r}")
    ping_all(dealers)  # the sessions that were there go on
    dealers[1].send(wire.control_pb2.ToBroker(protocol_version=1, goodbye={}).SerializeToString())
    wait_until(lambda: answer(say_hello(port, SESSIONS_MAX + 1)).WhichOneof("body") == "welcome",
               "a goodbye makes room")
    print(f"broker: {broker.resident_bytes() >> 20} MiB")
    for dealer in dealers:
        dealer.close()


with Scenario() as scenario:
    started = time.monotonic()
    try:
        fill_the_table(scenario)
    except ConnectionError:
        # libzmq 4.3.4 takes who speaks ZMTP 2.0 for one who never ends his handshake.
        if time.monotonic() < started + HANDSHAKE_S:
            raise
        too_slow = True
    else:
        too_slow = False
if too_slow:
    skip(f"the machine is too busy to open {SESSIONS_MAX} sessions within {HANDSHAKE_S} s")
