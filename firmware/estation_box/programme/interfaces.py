"""What the programme needs from outside."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Protocol

from estation_wire.library import Item
from estation_wire.planner import Slot


class Shelf(Protocol):
    """What sync has put on the shelf: the table of slots, the catalogue's items, and what is held."""

    def slots(self, after: datetime, until: datetime) -> list[Slot]:
        """The planned sessions that start in ``after`` <= start < ``until``, by start."""
        ...

    def items(self, ids: tuple[str, ...]) -> dict[str, Item]:
        """The catalogue's items among ``ids``."""
        ...

    def held(self, content_id: str) -> Path | None:
        """Where the verified bytes are; None where they are not held."""
        ...

    def series_titles(self, series: str) -> dict[str, str]:
        """A series' titles by language; empty where it is not known."""
        ...
