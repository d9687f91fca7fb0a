# SPDX-License-Identifier: MIT
"""A primary's journal and its mirror's: the same leaves at the same indexes, and so the same root."""
import base64
import hashlib
import pathlib

from record import records


def leaf_hashes(data):
    return [hashlib.sha256(b"\0" + record.leaf()).digest() for record in records(data)]


def root_of(hashes):
    """RFC 6962, level by level: whoever has no neighbour goes up as it is."""
    level = list(hashes)
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\1" + level[i] + level[i + 1]).digest()
                 for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2:]
    return level[0] if level else hashlib.sha256(b"").digest()


def read_checkpoint(data):
    """(size, root) of the newest one; None before there is one."""
    try:
        lines = (pathlib.Path(data) / "checkpoint").read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        return None
    return int(lines[1]), base64.b64decode(lines[2])


def agree(primary, mirror):
    """Both have signed the same root of the same size."""
    return read_checkpoint(primary) is not None and \
        read_checkpoint(primary) == read_checkpoint(mirror)


def differences(primary, mirror):
    """What keeps two closed journals from having equal roots, each a line of text."""
    ours, theirs = leaf_hashes(primary), leaf_hashes(mirror)
    if len(ours) != len(theirs):
        yield f"{len(ours)} records in the primary, {len(theirs)} in the mirror"
    for index, (one, other) in enumerate(zip(ours, theirs)):
        if one != other:
            yield f"leaf {index} differs"
            return
    for data, hashes in ((primary, ours), (mirror, theirs)):
        if read_checkpoint(data) != (len(hashes), root_of(hashes)):
            yield f"{data.name}: its last checkpoint is not of the root of its {len(hashes)} leaves"
