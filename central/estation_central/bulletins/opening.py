"""What the code on a screen opens: a bulletin that was written here, or one of the signed library.

It is found by the name that its writer gave it here, or by the one under which boxes show it: that is ``flood-1`` of
the publisher's, ``653101:flood-1`` of a county's. Whoever writes a bulletin into the studio's library gives it the
address of its page here as its ``link``; a box's code holds what was signed and nothing else.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from estation_central.bulletins.models import Notice
from estation_central.publication import library
from estation_wire import bulletin_letter
from estation_wire.bulletins import Bulletin


class Opened(Struct, frozen=True, kw_only=True):
    """A bulletin for everybody. ``shown_as``: the name by which boxes tell of it; ``over``: its time is past."""

    shown_as: str
    said: Bulletin
    over: bool


def opened(name: str, now: datetime) -> Opened | None:
    """The bulletin that is called ``name``; None where there is none, it is not out yet, or it was recalled."""
    notices = Notice.objects.filter(sent__isnull=False)
    notice = notices.filter(pk=name).first() or notices.filter(shown_as=name).first()
    if notice is not None and notice.ending:  # the end of a letter ends the library's bulletin of that name as well
        return None
    if notice is not None:
        return _opened(notice.shown_as, bulletin_letter.read(notice.payload.encode()).bulletin, now)
    said = library.bulletin(name, now)
    return None if said is None else _opened(name, said, now)


def _opened(shown_as: str, said: Bulletin, now: datetime) -> Opened:
    return Opened(shown_as=shown_as, said=said, over=said.not_after is not None and said.not_after <= now)
