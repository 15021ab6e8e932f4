"""QR codes, by segno: words become rows of modules, which `playout.cards` draws."""

from __future__ import annotations

from typing import Final

import segno

MAX_BYTES: Final = 134  # what version 6 holds at the level L: 41 modules. A screen has no scratches to be mended
Modules = tuple[tuple[bool, ...], ...]


def modules(words: str) -> Modules:
    """Rows of modules, True for a dark one, without the quiet zone. Words beyond `MAX_BYTES` are left out."""
    kept = words.encode()[:MAX_BYTES].decode("utf-8", "ignore")
    code = segno.make(kept.encode(), micro=False, mode="byte", error="l", boost_error=False)  # UTF-8, as phones expect
    return tuple(tuple(bool(module) for module in row) for row in code.matrix)
