"""Decoders of JSON by their type, made one after the other.

msgspec (0.21) looks at a type when it is asked for it first, and where two threads do that in the same moment, the
process dies of a segmentation fault. Pages, studio and the box's helpers have threads: so nobody gives a type to
``msgspec.json.decode`` himself (`tests/test_architecture.py`).
"""

from __future__ import annotations

from threading import Lock
from typing import Any, Final, TypeVar

import msgspec

T = TypeVar("T")

_LOOKING: Final = Lock()
_MADE: Final[dict[Any, msgspec.json.Decoder[Any]]] = {}


def decoder(type_: type[T]) -> msgspec.json.Decoder[T]:
    """What decodes JSON to ``type_``, always the same; may be asked for and used by any thread."""
    with _LOOKING:
        made = _MADE.get(type_)
        if made is None:
            made = _MADE[type_] = msgspec.json.Decoder(type_)
        return made
