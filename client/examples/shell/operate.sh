#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A day of an operator, beside a running `oyez serve` or recorder: DATA is its journal, BACKUP a
# directory on another disk, KEPT a place that whoever runs the server cannot write to.
set -euo pipefail
data=${DATA:-oyez-data} backup=${BACKUP:-backup} kept=${KEPT:-kept}
mkdir -p "$kept"

# What auditors need, kept elsewhere: the public key, and from time to time a signed statement of
# how much is recorded.
oyez key show --dir "$data" >"$kept/key"
oyez checkpoint >"$kept/checkpoint-1"

# The first backup copies everything, the next ones what is new. The signing key is in none: keep a
# copy of it apart.
oyez backup "$backup" --dir "$data"
cp "$data.key" "$kept/signing-key"

# A new signing key. Whoever trusts the old one learns of it from the record.
oyez key rotate --dir "$data" >"$kept/key-2"
cp "$data.key" "$kept/signing-key-2"
oyez backup "$backup" --dir "$data" --verify

# All that was ever said of this journal still holds.
oyez verify "$data" --key "$kept/key" --checkpoint "$kept/checkpoint-1"
