"""The library as core reads it: what the card refuses now is answered from what it said last."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from estation_box.library.interfaces import CardError
from estation_wire.bulletins import Bulletin
from estation_wire.library import Item
from estation_wire.planner import Slot
from estation_wire.voices import Voice

T = TypeVar("T")
log = logging.getLogger(__name__)


class Store(Protocol):
    """The library's database. Every method raises `CardError` where the card refuses."""

    def slots(self, after: datetime, until: datetime, *, yielding: bool = False) -> list[Slot]:
        """The planned sessions in ``after`` <= start < ``until``, by start; as asked, those that yield too."""
        ...

    def items(self, ids: tuple[str, ...]) -> dict[str, Item]:
        """The catalogue's items among ``ids``."""
        ...

    def held(self, content_id: str) -> Path | None:
        """Where the verified bytes are; None where they are not held."""
        ...

    def versions(self) -> tuple[int, int]:
        """The versions of catalogue and programme; 0 is none."""
        ...

    def series_titles(self, series: str) -> dict[str, str]:
        """A series' titles by language; empty where it is not known."""
        ...


class PlanStore(Protocol):
    """The rest of the same database. Every method raises `CardError` where the card refuses."""

    def closed(self) -> dict[str, str]:
        """The weeks that the programme closes for this station, with their reasons."""
        ...

    def notices(self) -> list[Bulletin]:
        """The bulletins that this station may be shown."""
        ...

    def voices(self) -> tuple[Voice, ...]:
        """Who may send bulletins to this station."""
        ...

    def recalled(self) -> frozenset[str]:
        """What was offered once and must not be shown any more."""
        ...

    def films(self, seconds: float = math.inf) -> list[tuple[str, float]]:
        """Content id and counting seconds of every film that is held and counts for the minimum."""
        ...


class SteadyShelf:
    """A store that never raises: a card that fails must not stop the box's head. ``trouble`` says what is wrong."""

    def __init__(self, store: Store, plans: PlanStore) -> None:
        self._store = store
        self._plans = plans
        self._slots: list[Slot] = []
        self._closed: dict[str, str] = {}
        self._versions = (0, 0)
        self.trouble = ""

    def slots(self, after: datetime, until: datetime, *, yielding: bool = False) -> list[Slot]:
        """See `Store.slots`; the last table that could be read where it cannot be now."""
        self._slots = self._try(lambda: self._store.slots(after, until, yielding=yielding), self._slots)
        return [slot for slot in self._slots if after <= slot.start < until and (yielding or not slot.yields_to)]

    def closed(self) -> dict[str, str]:
        """See `PlanStore.closed`."""
        self._closed = self._try(self._plans.closed, self._closed)
        return self._closed

    def notices(self) -> list[Bulletin]:
        """See `PlanStore.notices`."""
        return self._try(self._plans.notices, [])

    def voices(self) -> tuple[Voice, ...]:
        """See `PlanStore.voices`."""
        return self._try(self._plans.voices, ())

    def recalled(self) -> frozenset[str]:
        """See `PlanStore.recalled`."""
        return self._try(self._plans.recalled, frozenset())

    def films(self, seconds: float = math.inf) -> list[tuple[str, float]]:
        """See `PlanStore.films`."""
        return self._try(lambda: self._plans.films(seconds), [])

    def items(self, ids: tuple[str, ...]) -> dict[str, Item]:
        """See `Store.items`."""
        return self._try(lambda: self._store.items(ids), {})

    def held(self, content_id: str) -> Path | None:
        """See `Store.held`."""
        return self._try(lambda: self._store.held(content_id), None)

    def versions(self) -> tuple[int, int]:
        """See `Store.versions`."""
        self._versions = self._try(self._store.versions, self._versions)
        return self._versions

    def series_titles(self, series: str) -> dict[str, str]:
        """See `Store.series_titles`."""
        return self._try(lambda: self._store.series_titles(series), {})

    def _try(self, read: Callable[[], T], otherwise: T) -> T:
        try:
            answer = read()
        except CardError as error:
            if not self.trouble:
                log.warning("the library cannot be read: %s", error)
            self.trouble = str(error)
            return otherwise
        self.trouble = ""
        return answer
