# SPDX-License-Identifier: MIT
"""Events that their catalogs take and that carry a number, and whatever else a test wants."""

FAST = "system.health_check"  # a fast type: no emitter waits for its receipt

# What a type needs, and its field that takes any object.
SHAPES = {
    "tool.invoked": ({"tool": "counter"}, "arguments"),
    "tool.retried": ({"tool": "counter", "attempt": 2}, "changed"),
    "deal.updated": ({"deal_id": "0192f3a4-7c1e-7b52-9d0e-3f6a1c5b2e01"}, "changes"),
    FAST: ({"status": "healthy"}, "components"),
}


def counted_details(number, event_type="tool.invoked", **more):
    needed, free = SHAPES[event_type]
    return {**needed, free: {"n": number, **more}}


def counted(number, event_type="tool.invoked", **more):
    return {"event_type": event_type, "details": counted_details(number, event_type, **more)}


def number_of(event):
    """None of an event that carries none."""
    _, free = SHAPES.get(event["event_type"], ({}, ""))
    return event["details"].get(free, {}).get("n")
