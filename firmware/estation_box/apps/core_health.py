"""What core tells of itself: the health message, as the centre and the `estation` command see it."""

from __future__ import annotations

from typing import Final

from estation_box.apps.core_parts import Parts
from estation_box.clock.moment import Moment
from estation_wire.messages import Health, Playing
from estation_wire.values import CONTRACT_MAJOR, Trust

CARD_MOVED: Final = "card-moved"
CARD_ROTS: Final = "card-rots"
"""Faults of the card, by the names that the centre knows."""


def health(parts: Parts, moment: Moment, fault: str | None) -> Health:
    """What may be known of this box now. ``fault``: what is wrong besides the card."""
    rooms = parts.rooms
    catalogue, programme = parts.library.versions()
    start = rooms.starts.plan(moment).start
    trouble = parts.journal.trouble
    return Health(
        v=CONTRACT_MAJOR,
        at=moment.at,
        trust=moment.trust,
        boot=moment.boot,
        up=round(moment.up, 1),
        undelivered=parts.journal.undelivered(),
        tv=parts.television.evidence(),
        catalogue=catalogue,
        programme=programme,
        disk_free_bytes=parts.free_bytes(),
        playing=_playing(parts),
        next_session=start.at if start and moment.trust is not Trust.GUESS else None,
        fault=str(trouble) if trouble else fault,
    )


def _playing(parts: Parts) -> Playing | None:
    playout = parts.rooms.playout
    show = playout.show
    if show is None or not playout.on_screen:
        return None
    clip = show.current
    return Playing(
        session=show.session,
        content=clip.content if clip else None,
        title=clip.title if clip else "",
        position=round(clip.position, 1) if clip else 0.0,
    )
