# SPDX-License-Identifier: MIT
"""Three subscribers, two emitters: each sees exactly its share, in each emitter's order."""
from harness import QUICK, Scenario, equal, wait_until

# As fast as two emitters can, and no more than the queue of one subscriber holds: 10,000 messages.
COUNT = 450
TYPES = ("plan.created", "plan.applied", "tool.invoked", "plan.created", "decision.created",
         "GIT.BRANCH.CREATED", "ActionEvaluatedEvent", "plan.phase_changed", "order.created")
WANTED = {"plan.*": lambda t: t.startswith("plan."),
          "plan.created": lambda t: t == "plan.created",
          "*": lambda t: True}

def mix(emitter):
    """What one emitter emits, in order; the two begin at different types."""
    for number in range(COUNT):
        yield {"event_type": TYPES[(number * (emitter + 1) + emitter) % len(TYPES)],
               "session_id": f"emitter-{emitter}", "details": {"n": number}}

def of_emitter(events, emitter):
    return [(e["event_type"], e["details"]["n"]) for e in events
            if e.get("session_id") == f"emitter-{emitter}"]

with Scenario() as s:
    s.start_broker()
    tails = {pattern: s.start_tail(pattern) for pattern in WANTED}
    emitters = []
    for emitter in (0, 1):
        with open(s.write_jsonl(f"mix-{emitter}.jsonl", mix(emitter)), "rb") as file:
            emitters.append(s.start_oyez("emit", "--from", "-", stdin=file))
    for emitter in emitters:
        emitter.ends_with(0)
    s.emit("plan.created", {"last": True})
    for pattern, tail in tails.items():
        wait_until(lambda: b'"last"' in tail.out.read_bytes(), f"tail {pattern} has the last event")
        events = tail.events()
        equal(events.pop()["details"], {"last": True}, f"last event of {pattern}")
        shares = [[(f["event_type"], f["details"]["n"]) for f in mix(emitter)
                   if WANTED[pattern](f["event_type"])] for emitter in (0, 1)]
        for emitter in (0, 1):
            equal(of_emitter(events, emitter), shares[emitter], f"{pattern} of emitter {emitter}")
        equal(len(events), len(shares[0]) + len(shares[1]), f"events of {pattern}")
        positions = [e["position"] for e in events]
        equal(positions, sorted(set(positions)), f"positions of {pattern} grow")
        equal(tail.stderr().count("lost"), 0, f"losses told by {pattern}")
