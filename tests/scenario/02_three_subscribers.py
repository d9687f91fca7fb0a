# SPDX-License-Identifier: MIT
"""Three subscribers, two emitters: each sees exactly its share, in each emitter's order."""
from harness import QUICK, Scenario, equal, wait_until

# As fast as two emitters can, and no more than the queue of one subscriber holds: 10,000 messages.
COUNT = 450
PLAN = {"phase": "execute", "state": "processing"}
LOOP = {"actor_type": "system", "actor_id": "loop", "correlation_id": "c-1", "source": "worker"}
# Types, and what each needs.
TYPES = (("plan.created", {**PLAN, "details": {"goal": "ship"}}), ("plan.applied", PLAN),
         ("tool.invoked", {"details": {"tool": "counter"}}),
         ("plan.created", {**PLAN, "details": {"goal": "ship"}}),
         ("decision.created", {"details": {"decision_id": "d-1", "choice": "this way"}}),
         ("GIT.BRANCH.CREATED", {**LOOP, "details": {"repository": "a/b", "branch": "c"}}),
         ("ActionEvaluatedEvent", {"details": {"action": "wait", "decision": "ALLOW"}}),
         ("plan.phase_changed", {**PLAN, "details": {"to_phase": "apply"}}),
         ("order.created", {"details": {"order_id": "123", "amount": 100}}))
WANTED = {"plan.*": lambda t: t.startswith("plan."),
          "plan.created": lambda t: t == "plan.created",
          "*": lambda t: True}

def mix(emitter):
    """What one emitter emits, in order; the two begin at different types."""
    for number in range(COUNT):
        event_type, needed = TYPES[(number * (emitter + 1) + emitter) % len(TYPES)]
        yield {"event_type": event_type, "session_id": f"emitter-{emitter}",
               "step_id": str(number), **needed}

def of_emitter(events, emitter):
    return [(e["event_type"], e["step_id"]) for e in events
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
    s.emit("plan.created", {"goal": "the last"}, "--phase", "apply", "--state", "complete")
    for pattern, tail in tails.items():
        wait_until(lambda: b'"the last"' in tail.out.read_bytes(),
                   f"tail {pattern} has the last event")
        events = tail.events()
        equal(events.pop()["details"], {"goal": "the last"}, f"last event of {pattern}")
        shares = [[(f["event_type"], f["step_id"]) for f in mix(emitter)
                   if WANTED[pattern](f["event_type"])] for emitter in (0, 1)]
        for emitter in (0, 1):
            equal(of_emitter(events, emitter), shares[emitter], f"{pattern} of emitter {emitter}")
        equal(len(events), len(shares[0]) + len(shares[1]), f"events of {pattern}")
        positions = [e["position"] for e in events]
        equal(positions, sorted(set(positions)), f"positions of {pattern} grow")
        equal(tail.stderr().count("lost"), 0, f"losses told by {pattern}")
