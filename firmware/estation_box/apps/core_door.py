"""Core and the door: who came to the session that runs, as far as the supervisor's light barrier tells."""

from __future__ import annotations

from msgspec.structs import replace

from estation_box.clock.moment import Moment
from estation_box.guarding.door import Door
from estation_box.playout.attendance import looked
from estation_box.playout.interfaces import Witness
from estation_box.playout.service import Playout
from estation_wire.records import AttendanceCounted


def look(door: Door, moment: Moment, playout: Playout, diary: Witness) -> None:
    """About once a second. The number is written down when it is known, unless a person has counted.

    People who come back after a cut were counted before it: only the first part of a session has comings.
    """
    show, counters = playout.show, door.counters(moment.up)
    if show is None or counters is None or show.part > 1:
        return
    after = replace(show, coming=looked(show.coming, counters, door.gathered(), shown=show.shown, length=show.length))
    playout.revise(after)
    if show.attendance is None and after.attendance is not None:
        diary.append(moment, AttendanceCounted, session=show.session, number=after.attendance, source="beam")
