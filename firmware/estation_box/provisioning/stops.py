"""A mobile station before people: in which village does it stand today? Pure.

Waiting chooses nothing: sessions are shown all the same, and are booked nowhere. A choice holds until another is made,
or until the power-on day is over.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from msgspec import Struct

from estation_box.programme.courtesy import Press
from estation_wire.profile import Stop
from estation_wire.records import Day, PlaceChosen, Record

ASKED_SECONDS: Final = 60.0  # a question that somebody asked for, and nobody answers, goes; the old choice holds


class StopDeed(StrEnum):
    """What a press does about the village."""

    NEXT = "the next village"
    CHOOSE = "this is the village"
    ASK = "ask again which village"


class StopView(Struct, frozen=True, kw_only=True):
    """What the card asks: ``number`` of ``count`` villages."""

    stop: Stop
    number: int
    count: int


class Stopping:
    """Which village is chosen, and which is offered. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._stops: tuple[Stop, ...] = ()
        self._chosen: Stop | None = None
        self._at = 0
        self._asked: float | None = None

    def serves(self, stops: tuple[Stop, ...]) -> None:
        """The profile's villages; a choice among others is none any more."""
        self._stops = stops
        if self._chosen not in stops:
            self._chosen = None

    def remember(self, records: Iterable[Record]) -> None:
        """Take up the choice of the running power-on day from the journal."""
        place = ""
        for record in records:
            if isinstance(record, PlaceChosen):
                place = record.place
            elif isinstance(record, Day):
                place = ""
        self._chosen = next((stop for stop in self._stops if stop.id == place), None)

    def day_over(self) -> None:
        """Another power-on day: the bus may stand elsewhere."""
        self._chosen, self._asked = None, None

    @property
    def chosen(self) -> Stop | None:
        """The village of today; None where nobody chose."""
        return self._chosen

    def view(self, up: float) -> StopView | None:
        """What is asked now; None where nothing is."""
        again = self._asked is not None and up - self._asked < ASKED_SECONDS
        if not self._stops or (self._chosen is not None and not again):
            return None
        at = self._at % len(self._stops)
        return StopView(stop=self._stops[at], number=at + 1, count=len(self._stops))

    def press(self, press: Press, up: float) -> StopDeed | None:
        """What a press on the quiet card does; None where the rest of the box decides."""
        view = self.view(up)
        if view is None:
            if self._chosen is None or press is not Press.LONG:
                return None
            self._at, self._asked = self._stops.index(self._chosen), up
            return StopDeed.ASK
        if press is Press.SHORT:
            self._at += 1
            self._asked = up
            return StopDeed.NEXT
        self._chosen, self._asked = view.stop, None
        return StopDeed.CHOOSE
