"""What the programme needs from outside."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from estation_box.clock.moment import Moment
from estation_wire.bulletins import Bulletin
from estation_wire.library import Item
from estation_wire.planner import Slot
from estation_wire.records import Record


class Shelf(Protocol):
    """What sync has put on the shelf: the table of slots, the catalogue's items, and what is held. Never raises."""

    def slots(self, after: datetime, until: datetime, *, yielding: bool = False) -> list[Slot]:
        """The planned sessions in ``after`` <= start < ``until``, by start; as asked, those that yield too."""
        ...

    def closed(self) -> dict[str, str]:
        """The weeks that the programme closes for this station, with their reasons."""
        ...

    def notices(self) -> list[Bulletin]:
        """The bulletins that this station may be shown."""
        ...

    def items(self, ids: tuple[str, ...]) -> dict[str, Item]:
        """The catalogue's items among ``ids``."""
        ...

    def held(self, content_id: str) -> Path | None:
        """Where the verified bytes are; None where they are not held."""
        ...

    def films(self, seconds: float = math.inf) -> list[tuple[str, float]]:
        """Content id and counting seconds of films that are held and count, until they last for ``seconds``."""
        ...

    def series_titles(self, series: str) -> dict[str, str]:
        """A series' titles by language; empty where it is not known."""
        ...


class Diary(Protocol):
    """The journal, as far as the programme writes in it."""

    def append(self, moment: Moment, kind: type[Record], **body: Any) -> None:
        """Write one record down. Never raises: where the card refuses, the record waits in memory."""
        ...
