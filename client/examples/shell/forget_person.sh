#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A person asks to be forgotten, beside a running recorder: DATA is its journal, BACKUP its backup,
# PERSON a user_id. What is kept of the person is handed over first, in person.jsonl.
set -euo pipefail
data=${DATA:-oyez-data} backup=${BACKUP:-backup} person=${PERSON:?a user_id}

oyez export --dir "$data" --where "user_id=$person" >person.jsonl

# What would go; nothing is done yet.
oyez erase --dir "$data" --where "user_id=$person"

# The reason stays for as long as the journal: a number of a request, not a name.
oyez erase --dir "$data" --where "user_id=$person" --reason "request ${REQUEST:-1}" --yes

# Every proof that was ever made still holds; and the backup follows.
oyez verify "$data"
oyez backup "$backup" --dir "$data"
