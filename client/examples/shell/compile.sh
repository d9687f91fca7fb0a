#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Compiles the example emit.c into ./emit, as a program of your own would be: in the root of the
# checkout, against what deploy/quickstart has built.
set -euo pipefail

gcc -std=c11 -I client/include -I proto/include client/examples/emit.c -o emit \
    build/release/client/lib/liboyez.a build/release/proto/liboyez_settings.a \
    build/release/proto/liboyez_proto.a \
    -lzmq -ljansson -linih -lprotobuf-nanopb -lpthread -lm
