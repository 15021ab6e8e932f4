"""A bare box before people: the welcome, which station it is, and how that ended. Pure: one table and what it shows.

Waiting chooses nothing: among several profiles only a long press does. What sync found on the stick reaches core as
one small document in the runtime folder (`Told`); a real one::

    {"candidates":[{"station":"room-01","name":"一年级一班","done":"10:42"},{"station":"room-02","name":"一年级二班"}]}
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from estation_box.programme.courtesy import Press
from estation_wire.values import Station, Title

WORKS_SECONDS: Final = 5.0  # how long the welcome card says that the button works
ENDED_SECONDS: Final = 120.0  # the green card stays long enough to write six digits down, twice
MAX_TOLD: Final = 100  # profiles of one stick; the rest is not looked at
MAX_WORDS: Final = 200


class Scene(StrEnum):
    """What people see of a box that has no name, or has just got one."""

    WELCOME = "welcome"
    WORKS = "works"
    CHOOSING = "choosing"
    READING = "reading"
    NAMED = "named"
    REFUSED = "refused"


class Deed(StrEnum):
    """What a press does there."""

    WORKS = "the button works"
    NEXT = "the next station"
    CHOOSE = "this is the station"
    SEEN = "the check code was seen"


_DEEDS: Final[Mapping[tuple[Scene, Press], Deed]] = {
    (Scene.WELCOME, Press.SHORT): Deed.WORKS,
    (Scene.WELCOME, Press.LONG): Deed.WORKS,
    (Scene.WORKS, Press.SHORT): Deed.WORKS,
    (Scene.WORKS, Press.LONG): Deed.WORKS,
    (Scene.CHOOSING, Press.SHORT): Deed.NEXT,
    (Scene.CHOOSING, Press.LONG): Deed.CHOOSE,
    (Scene.NAMED, Press.SHORT): Deed.SEEN,
    (Scene.NAMED, Press.LONG): Deed.SEEN,
}


class Candidate(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One profile of the stick that is signed and fits. ``done``: when a box took it, local time; empty if none did."""

    station: Station
    name: Title
    done: Annotated[str, Meta(max_length=16)] = ""


class Named(Struct, frozen=True, kw_only=True):
    """The box is this station now; ``code`` is its check code, empty where the box's key could not be used."""

    station: Station
    name: Title
    code: Annotated[str, Meta(max_length=6)] = ""


class Told(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the visit of a stick made of a bare box: several to choose from, a name, or a refusal (zh, en)."""

    candidates: Annotated[tuple[Candidate, ...], Meta(max_length=MAX_TOLD)] = ()
    named: Named | None = None
    refused: tuple[Annotated[str, Meta(max_length=MAX_WORDS)], Annotated[str, Meta(max_length=MAX_WORDS)]] | None = None


class View(Struct, frozen=True, kw_only=True):
    """What the card shows. ``number`` of ``count``: the place of ``candidate`` among those that nobody has taken."""

    scene: Scene
    candidate: Candidate | None = None
    number: int = 0
    count: int = 0
    done: tuple[Candidate, ...] = ()
    named: Named | None = None
    refused: tuple[str, str] = ("", "")

    @property
    def says_more(self) -> bool:
        """Whether it says more than «welcome»."""
        return self.scene is not Scene.WELCOME


class Choosing:
    """Which scene it is, and which candidate is offered. Every method is told the time in monotonic seconds."""

    def __init__(self) -> None:
        self._told = Told()
        self._at = 0
        self._reading = False
        self._pressed = -WORKS_SECONDS
        self._ended = 0.0

    @property
    def asking(self) -> bool:
        """Whether people are asked which station this is."""
        return self._reading or any(not each.done for each in self._told.candidates)

    def told(self, told: Told, up: float) -> None:
        """Sync has read a stick."""
        if told == Told() and self._told.named is not None:
            return  # the same stick, read again: its green card stays
        self._told, self._at, self._reading, self._ended = told, 0, False, up

    def refused(self, words: tuple[str, str], up: float) -> None:
        """The box could not do as it was told."""
        self.told(Told(refused=words), up)

    def pulled(self) -> None:
        """The stick is gone: nothing is asked any more, and what was refused is forgotten; a check code stays."""
        self._told, self._reading = Told(named=self._told.named), False

    def press(self, press: Press, up: float, *, bare: bool) -> Deed | None:
        """What a press does; None where the rest of the box decides."""
        view = self.view(up, bare=bare)
        deed = _DEEDS.get((view.scene, press)) if view else None
        if deed is Deed.WORKS:
            self._pressed = up
        elif deed is Deed.NEXT:
            self._at += 1
        elif deed is Deed.CHOOSE:
            self._reading = True
        elif deed is Deed.SEEN:
            self._told = Told()
        return deed

    def view(self, up: float, *, bare: bool) -> View | None:
        """What is shown now; None where the box has a name and nothing more is to be said of it."""
        told = self._told
        if told.named is not None and up - self._ended < ENDED_SECONDS:
            return View(scene=Scene.NAMED, named=told.named)
        if not bare:
            return None
        free = [each for each in told.candidates if not each.done]
        if free:
            at = self._at % len(free)
            scene = Scene.READING if self._reading else Scene.CHOOSING
            done = tuple(each for each in told.candidates if each.done)
            return View(scene=scene, candidate=free[at], number=at + 1, count=len(free), done=done)
        if told.refused is not None:
            return View(scene=Scene.REFUSED, refused=told.refused)
        return View(scene=Scene.WORKS if up - self._pressed < WORKS_SECONDS else Scene.WELCOME)
