#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A first subscribe and a first emit, beside a running broker (deploy/quickstart starts one).
set -euo pipefail

oyez health --wait 10 # until the broker answers

# In the background: what happened to plans since the record began, and then live, until two such
# events have come.
oyez tail 'plan.*' --from first --count 2 &

oyez emit plan.created '{"goal": "Water the plants"}' --plan-id plan-1 --actor-id planner \
    --phase strategize --state queued
oyez emit plan.phase_changed '{"from_phase": "strategize", "to_phase": "execute"}' \
    --plan-id plan-1 --phase execute --state queued

wait # the tail ends by itself
