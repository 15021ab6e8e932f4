"""What core tells of itself: the health message, as the centre and the `estation` command see it."""

from __future__ import annotations

from typing import Final

from estation_box.apps.core_parts import Parts
from estation_box.clock.moment import Moment
from estation_box.playout.interfaces import Witness
from estation_box.playout.leads import Lack
from estation_wire.messages import Health, Playing
from estation_wire.records import Fault, Recovered
from estation_wire.values import CONTRACT_MAJOR, Trust

CARD_MOVED: Final = "card-moved"
CARD_ROTS: Final = "card-rots"
"""Faults of the card, by the names that the centre knows."""


TV_LEAD: Final = "tv-lead"
_LACKS: Final[dict[Lack, str]] = {
    "composite": "box.toml asks for composite, and this board shows none: the picture is on HDMI",
    "hdmi-sound": "box.toml asks for sound by HDMI, and the kernel has no such card: it goes elsewhere",
    "jack-sound": "box.toml asks for sound by the jack, and the kernel has no such card: it goes elsewhere",
}


class Lacking:
    """The leads that `box.toml` asks for and the player does not find: a fault, told once, and its end."""

    def __init__(self) -> None:
        self.lacks: tuple[Lack, ...] = ()
        self._since = 0.0

    def told(self, lacks: tuple[Lack, ...], moment: Moment, diary: Witness) -> None:
        """What the player says now."""
        if lacks == self.lacks:
            return
        if lacks:
            self._since = moment.up if not self.lacks else self._since
            diary.append(moment, Fault, what=TV_LEAD, detail="; ".join(_LACKS[each] for each in lacks))
        else:
            diary.append(moment, Recovered, what=TV_LEAD, after=round(moment.up - self._since, 1))
        self.lacks = lacks

    @property
    def fault(self) -> str | None:
        """The fault's name, where there is one."""
        return TV_LEAD if self.lacks else None


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
