#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Listens to what happens to plans, emits such an event, and prints it as it arrives."""
import json
import os

import oyez_wire
from emitter import Emitter
from subscriber import Subscriber

endpoint = os.environ.get("OYEZ_ENDPOINT", oyez_wire.DEFAULT_ENDPOINT)

subscriber = Subscriber(endpoint, ["plan.*"])
while not subscriber.listening:  # from then on nothing is missed
    subscriber.turn(50)

emitter = Emitter(endpoint)
emitter.emit({"event_type": "plan.created", "plan_id": "plan-1", "phase": "strategize",
              "state": "queued", "details": {"goal": "Water the plants"}})
while emitter.window:  # empty: the broker has stamped it
    emitter.turn(50)

events = []
while not events:
    events = subscriber.turn(50)
for event in events:
    print(json.dumps(event))

emitter.close()
subscriber.close()
