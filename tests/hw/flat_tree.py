"""Reads a compiled device tree (format 17 of the Devicetree Specification): what stands in which node."""

from __future__ import annotations

import struct
from typing import Final

MAGIC: Final = 0xD00DFEED
BEGIN, END, PROPERTY, NOTHING = 1, 2, 3, 4

Tree = dict[str, dict[str, bytes]]


def tree(blob: bytes) -> Tree:
    """Every node by its path, with its properties."""
    magic, _, at, strings = struct.unpack_from(">4I", blob)
    assert magic == MAGIC
    found: Tree = {}
    path: list[str] = []
    while True:
        (token,) = struct.unpack_from(">I", blob, at)
        at += 4
        if token == BEGIN:
            end = blob.index(b"\0", at)
            path.append(blob[at:end].decode())
            found["/".join(path) or "/"] = {}
            at = (end + 4) & ~3
        elif token == END:
            path.pop()
        elif token == PROPERTY:
            length, name = struct.unpack_from(">2I", blob, at)
            key = blob[strings + name : blob.index(b"\0", strings + name)].decode()
            found["/".join(path) or "/"][key] = blob[at + 8 : at + 8 + length]
            at = (at + 8 + length + 3) & ~3
        elif token != NOTHING:
            return found


def cells(value: bytes) -> list[int]:
    """The numbers of a property."""
    return list(struct.unpack(f">{len(value) // 4}I", value))


def words(value: bytes) -> list[str]:
    """The strings of a property."""
    return value.decode().rstrip("\0").split("\0") if value else []
