"""Bulletins: short dated notices. The signed document ``bulletins.json``, and which of them is due. Pure.

A bulletin is shown from ``issued`` until ``not_after``. An `emergency` one interrupts whatever is on the screen,
which then goes on where it was; an `urgent` one is read in the lower third of it, a `normal` one between sessions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from estation_wire.audience import EVERYBODY, Audience, Place, meant_for
from estation_wire.library import Titles
from estation_wire.values import ContentId, Count, Instant, Language, Major, Name, Trust, refuse_far

BULLETINS_NAME: Final = "bulletins.json"
Paragraph = Annotated[str, Meta(max_length=1000)]
Urgency = Literal["emergency", "urgent", "normal"]


class Bulletin(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One notice: words, and as wanted pictures or clips of the catalogue (``contents``).

    It is shown once, or every ``every_minutes``; words alone stand for ``seconds``. ``link`` is what a telephone reads
    off it, to pass it on. ``wakes``: an emergency that may switch a television on in the night.
    """

    id: Name
    priority: Urgency
    titles: Titles
    issued: Instant
    not_after: Instant | None = None
    texts: Annotated[dict[Language, Paragraph], Meta(max_length=16)] = {}
    contents: Annotated[tuple[ContentId, ...], Meta(max_length=10)] = ()
    seconds: Annotated[int, Meta(ge=3, le=600)] = 30
    every_minutes: Annotated[int, Meta(ge=0, le=10080, description="0 is once")] = 0
    audience: Audience = EVERYBODY
    link: Annotated[str, Meta(max_length=200)] = ""
    wakes: bool = False

    def __post_init__(self) -> None:
        """Refuse an instant that no clock can mean."""
        refuse_far(self.issued, self.not_after)


class Bulletins(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Every bulletin of a publisher that may still be shown."""

    v: Major
    version: Count
    bulletins: Annotated[tuple[Bulletin, ...], Meta(max_length=20_000)]


def coming(document: Bulletins, place: Place, now: datetime, until: datetime) -> tuple[Bulletin, ...]:
    """The bulletins that ``place`` may be shown in ``now`` <= t < ``until``, oldest first."""
    return tuple(
        sorted(
            (
                each
                for each in document.bulletins
                if each.issued < until and (each.not_after is None or each.not_after > now)
                if meant_for(each.audience, place)
            ),
            key=lambda each: (each.issued, each.id),
        )
    )


def due(
    bulletins: Iterable[Bulletin],
    shown: Mapping[str, datetime],
    now: datetime,
    trust: Trust,
    priority: Urgency = "emergency",
) -> Bulletin | None:
    """The bulletin of ``priority`` to show at ``now``: the newest that was not yet shown, or not lately enough.

    ``shown``: when each was last shown. While the clock is a guess, only those without an end are shown, once each.
    """
    guessing = trust is Trust.GUESS
    ready = [
        each
        for each in bulletins
        if each.priority == priority
        if (guessing and each.not_after is None) or (not guessing and _current(each, now))
        if _again(each, shown.get(each.id), now, guessing=guessing)
    ]
    return max(ready, key=lambda each: (each.issued, each.id), default=None)


def may_switch_on(bulletin: Bulletin, *, polite: bool, open_now: bool) -> bool:
    """Whether a television that is off may be switched on for it.

    A polite site's is taken from nobody. A firm one's by day for every emergency; in the night, when people
    sleep beside it, for one alone that says of itself that it ``wakes``, which its two signers have signed.
    """
    return bulletin.priority == "emergency" and not polite and (open_now or bulletin.wakes)


def _current(bulletin: Bulletin, now: datetime) -> bool:
    return bulletin.issued <= now and (bulletin.not_after is None or now < bulletin.not_after)


def _again(bulletin: Bulletin, last: datetime | None, now: datetime, *, guessing: bool) -> bool:
    if last is None:
        return True
    if guessing:
        return False
    if last < bulletin.issued:  # the same name with other words, later: it was never shown
        return True
    return bulletin.every_minutes > 0 and now - last >= timedelta(minutes=bulletin.every_minutes)
