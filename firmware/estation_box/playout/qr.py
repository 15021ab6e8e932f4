"""QR codes, by segno: words become rows of modules, which `drawing.qr_square` draws. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

MAX_BYTES: Final = 200  # version 10 at the level M holds 213: 57 modules, which a phone reads from a screen
Modules = tuple[tuple[bool, ...], ...]


@lru_cache(maxsize=4)  # a card is laid out again whenever its clock moves
def modules(words: str) -> Modules:
    """Rows of modules, True for a dark one, without the quiet zone. Words beyond `MAX_BYTES` are left out.

    They are in UTF-8 whatever they are: by itself segno writes some of them in Latin-1, and telephones guess.
    """
    import segno  # noqa: PLC0415 - 7 MB, only where a code is shown

    kept = words.encode()[:MAX_BYTES].decode("utf-8", "ignore").encode()
    code = segno.make(kept, micro=False, mode="byte", error="m", boost_error=False)
    return tuple(tuple(bool(module) for module in row) for row in code.matrix)
