"""Pure decisions of the library: what to copy first, what to plan anew, how a file of ours must begin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from estation_wire.bulletins import Bulletin
from estation_wire.planner import LATE_AFTER, Slot

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


def to_copy(
    catalogue: Mapping[str, int], *, due: Iterable[str], planned: Iterable[str], held: frozenset[str]
) -> list[str]:
    """The ids to copy, in order: what the next slots need, what any rule names, the rest; each once, none held.

    Only ids that the verified catalogue names.
    """
    wanted = dict.fromkeys((*due, *planned, *catalogue))
    return [content for content in wanted if content in catalogue and content not in held]


def planned_after(now: datetime, planned_until: datetime | None, week_began: datetime) -> datetime:
    """From when on the table is worked out anew; what is older stays as it was planned, so that a miss is a miss.

    A box that was dark for longer than its table reached learns what it missed of the running week; a new one owes
    nothing of what was before it.
    """
    fresh = now - LATE_AFTER
    return fresh if planned_until is None else min(fresh, max(planned_until, week_began))
