# SPDX-License-Identifier: MIT
"""Writes the smallest, the median and the largest details that the catalogs' examples make, as C.

usage: catalog_samples.py SET OUT_H
"""
import json
import sys
from pathlib import Path

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


def read(path):
    encoded = Path(path).read_bytes()
    pool = descriptor_pool.DescriptorPool()
    files = descriptor_pb2.FileDescriptorSet.FromString(encoded).file
    for file in files:
        pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    factory.GetMessages([file.name for file in files])
    set_class = factory.GetPrototype(
        pool.FindMessageTypeByName("google.protobuf.FileDescriptorSet"))
    return set_class.FromString(encoded).file, pool


def samples(path):
    files, pool = read(path)
    catalog, kind, rules = (pool.FindExtensionByName(f"oyez.{name}")
                            for name in ("catalog", "type", "rules"))
    for file in files:
        if not file.options.HasExtension(catalog):
            continue
        for message in file.message_type:
            option = message.options.Extensions[kind]
            if not option.name or option.open or not message.field:
                continue
            details = {field.name: json.loads(field.options.Extensions[rules].example)
                       for field in message.field if field.options.Extensions[rules].example}
            text = json.dumps(details, ensure_ascii=False, separators=(",", ":"))
            struct = f"{file.package}.{message.name}".replace(".", "_")
            yield len(text.encode()), option.name, text, Path(file.name).stem, struct


def main():
    source, out = sys.argv[1:]
    found = sorted(samples(source))
    chosen = zip(("smallest", "median", "largest"), (found[0], found[len(found) // 2], found[-1]))
    lines, headers = [], set()
    for name, (_, event_type, text, header, struct) in chosen:
        headers.add(f'#include "oyez/catalog/{header}.h"')
        lines.append(f'    {{"{name}", "{event_type}", {json.dumps(text, ensure_ascii=False)}, '
                     f"{struct}_fields, sizeof({struct})}},")
    Path(out).write_text("\n".join(["// SPDX-License-Identifier: MIT", *sorted(headers), "",
                                    "static const struct sample samples[] = {", *lines, "};", ""]),
                         encoding="utf-8")


if __name__ == "__main__":
    main()
