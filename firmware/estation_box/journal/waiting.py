"""Records that are not stored yet, and how each becomes bytes once it gets its number."""

from __future__ import annotations

import logging
from collections import deque
from typing import Any, Final, NamedTuple

from estation_box.clock.moment import Moment
from estation_box.journal import rules
from estation_box.journal.rules import Row
from estation_wire import codec
from estation_wire.errors import WireError
from estation_wire.records import Fault, Record

DETAIL_CHARACTERS: Final = 300
log = logging.getLogger(__name__)


class Pending(NamedTuple):
    """A record without its number."""

    moment: Moment
    kind: type[Record]
    body: dict[str, Any]


class Waiting:
    """A bounded queue: what comes first stays, what does not fit is counted as lost."""

    def __init__(self, limit: int = rules.WAITING_RECORDS) -> None:
        self._limit = limit
        self._pending: deque[Pending] = deque()
        self.lost = 0

    def __len__(self) -> int:
        return len(self._pending)

    def put(self, moment: Moment, kind: type[Record], body: dict[str, Any]) -> None:
        """Take one record in, or count it as lost."""
        if len(self._pending) < self._limit:
            self._pending.append(Pending(moment, kind, body))
        else:
            self.lost += 1

    def rows(self, after: int) -> list[Row]:
        """Every record as it shall be stored, numbered from ``after`` + 1."""
        return [Row(seq, encode(seq, each)) for seq, each in enumerate(self._pending, after + 1)]

    def stored(self) -> None:
        """All that waited is stored."""
        self._pending.clear()
        self.lost = 0


def encode(seq: int, pending: Pending) -> bytes:
    """The record's bytes. One that the contract refuses is told as a fault: it would block the journal for ever."""
    try:
        raw = codec.encode(_stamped(seq, pending))
        codec.decode_record(raw)
    except (WireError, TypeError, ValueError) as error:
        log.exception("a record of kind %s was refused", pending.kind.__struct_config__.tag)
        detail = f"{pending.kind.__struct_config__.tag}: {error}"[:DETAIL_CHARACTERS].replace("\0", "")
        return codec.encode(_stamped(seq, Pending(pending.moment, Fault, {"what": "record-refused", "detail": detail})))
    return raw


def _stamped(seq: int, pending: Pending) -> Record:
    at, up, boot, trust = pending.moment
    return pending.kind(seq=seq, at=at, boot=boot, up=round(up, 3), trust=trust, **pending.body)
