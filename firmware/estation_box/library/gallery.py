"""The small pictures of the films that are held: fetched beside them, proved, and gone with them.

A picture that is missing or wrong costs nothing but itself: the menu shows its film without one, and nobody is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from estation_box.library.interfaces import MissingError, NotPlainError, RefusedError, Stick, StickError
from estation_wire import stick as layout
from estation_wire.blocks import content_id, digest
from estation_wire.library import Poster
from estation_wire.picture import LIMIT_BYTES

MAX_AT_ONCE: Final = 2000  # of one visit; a library of the field has 1,440


class Gallery(Protocol):
    """The pictures on the card, by content id. Raises `CardError`."""

    def names(self) -> frozenset[str]:
        """Those that are there."""
        ...

    def put(self, name: str, data: bytes) -> None:
        """Keep one, whole or not at all."""
        ...

    def drop(self, name: str) -> None:
        """Keep it no more."""
        ...


def tend(gallery: Gallery, stick: Stick, posters: Mapping[str, Poster]) -> int:
    """Fetch what is missing of ``posters`` (by film) and drop what no film has any more; how many came.

    Raises `CardError`. A stick that is pulled ends it.
    """
    there, wanted = gallery.names(), {each.id: each for each in posters.values()}
    for name in there - wanted.keys():
        gallery.drop(name)
    came = 0
    for name in sorted(wanted.keys() - there)[:MAX_AT_ONCE]:
        try:
            data = stick.read(layout.content(name), LIMIT_BYTES)
        except (MissingError, NotPlainError, RefusedError):
            continue
        except StickError:
            break
        if len(data) == wanted[name].size and content_id(digest(data)) == name:
            gallery.put(name, data)
            came += 1
    return came
