#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The disk is gone: a journal from BACKUP, in the new directory DATA, and the key that signed last.
# Afterwards the server is started on DATA as before.
set -euo pipefail
data=${DATA:-oyez-data} backup=${BACKUP:-backup} kept=${KEPT:-kept}

cp "$kept/signing-key-2" "$data.key"
oyez restore "$backup" "$data" --key "$kept/key"
oyez verify "$data" --key "$kept/key" --checkpoint "$kept/checkpoint-1"
