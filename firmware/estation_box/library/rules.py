"""Pure decisions of the library: what to copy first, what to plan anew, how a file of ours must begin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from estation_wire.bulletins import Bulletin
from estation_wire.counts import week_of
from estation_wire.hours import Hours
from estation_wire.planner import FILL_MARGIN, LATE_AFTER, Length, Slot, Why, order, standing

HEAD_BYTES: Final = 12  # as far as every mark below reaches
_MARKS: Final[tuple[tuple[int, bytes], ...]] = (
    (4, b"ftyp"),  # MP4
    (0, b"\x1a\x45\xdf\xa3"),  # Matroska, WebM
    (0, b"\x89PNG\r\n\x1a\n"),
    (0, b"\xff\xd8\xff"),  # JPEG
)


class Planned(Struct, frozen=True, kw_only=True):
    """What is planned for this station in ``after`` <= start < ``until``, as sync worked it out."""

    after: datetime
    until: datetime
    slots: tuple[Slot, ...] = ()
    closed: Mapping[str, str] = msgspec.field(default_factory=dict)
    bulletins: tuple[Bulletin, ...] = ()


def known_container(head: bytes) -> bool:
    """Whether a file that begins with ``head`` can be one of MP4, Matroska, WebM, PNG or JPEG."""
    return any(head[at : at + len(mark)] == mark for at, mark in _MARKS)


class Demand(Struct, frozen=True, kw_only=True):
    """What this station has a use for, as content ids by need.

    ``this_week``: what the sessions of the running week show; ``due``: those of the table's horizon, and bulletins;
    ``named``: what any rule may show here. ``others``: what rules name, but none that is meant for this place.
    ``minimum_seconds``: counting seconds of a session that counts.
    """

    this_week: tuple[str, ...] = ()
    due: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()
    minimum_seconds: float = 0.0


def with_versions(demand: Demand, better: Mapping[str, str]) -> Demand:
    """The demand of a place whose people need other versions of some films: each comes right behind its film.

    The film comes, too: a stick may lack the version, and something shall be shown.
    """

    def behind(contents: Iterable[str]) -> tuple[str, ...]:
        return tuple(each for content in contents for each in (content, better.get(content)) if each is not None)

    due, named = behind(demand.due), behind(demand.named)
    return msgspec.structs.replace(demand, this_week=behind(demand.this_week), due=due, named=named)


class Order(NamedTuple):
    """What is to be copied: ``first`` what this week needs, then the ``rest``; each once, none that is held."""

    first: tuple[str, ...]
    rest: tuple[str, ...]


def shown_soon(slots: Iterable[Slot], now: datetime, hours: Hours, minimum_seconds: float) -> list[str]:
    """What the sessions that are still to come in the running week show, the next one's first.

    Where the week holds none any more, those of the next: who loads a box on a Sunday night wants a Monday that plays.
    """
    shown = [slot for slot in slots if standing(slot, hours, minimum_seconds).why is Why.PLANNED]
    running = week_of(now, hours.zone)
    following = week_of(hours.bounds(running).end, hours.zone)
    by_week = {
        week: [slot for slot in shown if week_of(slot.start, hours.zone) == week] for week in (running, following)
    }
    return order(by_week[running], now) or order(by_week[following], now)


def to_copy(
    sizes: Mapping[str, int],
    lengths: Mapping[str, Length],
    demand: Demand,
    *,
    held: frozenset[str],
    absent: frozenset[str] = frozenset(),
) -> Order:
    """What to copy of a catalogue that gives ``sizes`` and ``lengths``. ``absent``: what this source could not give.

    First this week's films, with the films that make a made-up session possible where those held and these do not
    last for one; then what is due, what any rule names, and the rest of use. Only ids that the catalogue names.

    An item has no audience of its own: its rules have. What rules name for other places alone is not copied: a make-up
    draws on every held film that counts, and would show it here. What no rule names is of use to make-ups where it
    counts; where it does not, nothing ever shows it.
    """
    here = [content for content in dict.fromkeys((*demand.due, *demand.named)) if content in sizes]
    spare = [
        content
        for content, length in lengths.items()
        if length.counting > 0 and content not in demand.others and content in sizes
    ]
    week = [content for content in dict.fromkeys(demand.this_week) if content in sizes]
    at_hand = held | frozenset(week) - absent
    lasting = sum(length.counting for content, length in lengths.items() if content in at_hand)
    films = {
        content: (sizes[content], lengths[content].counting)
        for content in dict.fromkeys((*(each for each in here if each in lengths), *spare))
        if lengths[content].counting > 0 and content not in at_hand | absent
    }
    fill = cheapest(films, demand.minimum_seconds * FILL_MARGIN - lasting)
    first = tuple(content for content in (*week, *fill) if content not in held)
    rest = tuple(content for content in dict.fromkeys((*here, *spare)) if content not in held and content not in first)
    return Order(first, rest)


def cheapest(films: Mapping[str, tuple[int, float]], seconds: float) -> tuple[str, ...]:
    """Films (id: bytes and counting seconds) that last for ``seconds``, in few bytes; none where all do not last.

    Near enough to the fewest: the best by bytes a second until they last, less what proves superfluous, or the one
    film that is enough alone.
    """
    if seconds <= 0 or sum(length for _, length in films.values()) < seconds:
        return ()
    chosen: dict[str, tuple[int, float]] = {}
    lasting = 0.0
    for content, (size, length) in sorted(films.items(), key=lambda film: film[1][0] / film[1][1]):
        if lasting >= seconds:
            break
        chosen[content] = (size, length)
        lasting += length
    for content, (_, length) in sorted(chosen.items(), key=lambda film: -film[1][0]):
        if lasting - length >= seconds:
            del chosen[content]
            lasting -= length
    alone = min((film for film in films.items() if film[1][1] >= seconds), key=lambda film: film[1][0], default=None)
    if alone is not None and alone[1][0] < sum(size for size, _ in chosen.values()):
        return (alone[0],)
    return tuple(chosen)


def planned_after(now: datetime, planned_until: datetime | None, week_began: datetime) -> datetime:
    """From when on the table is worked out anew; what is older stays as it was planned, so that a miss is a miss.

    A box that was dark for longer than its table reached learns what it missed of the running week; a new one owes
    nothing of what was before it.
    """
    fresh = now - LATE_AFTER
    return fresh if planned_until is None else min(fresh, max(planned_until, week_began))
