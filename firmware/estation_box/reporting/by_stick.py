"""Reports that travel on a stick, for sites without a network: signed by the box, acknowledged by the next stick.

Core alone holds the journal, sync alone holds the stick: they meet in two small files of the runtime folder. The same
records may come to the centre by network too, in any order: its watermark counts each once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from estation_box.journal.rules import BATCH_RECORDS, Row, bounded
from estation_box.library.interfaces import MissingError, RefusedError, Stick, StickError
from estation_box.library.said import Line
from estation_box.words import say
from estation_wire import stick as layout
from estation_wire.errors import WireError
from estation_wire.messages import Health, JournalState, Stored
from estation_wire.records import Fault
from estation_wire.values import CONTRACT_MAJOR

MAX_LETTERS: Final = 100  # of one visit: 10,000 records are a year of a busy box; the rest goes with the next stick
MAX_FAULTS: Final = 20  # as many as the document holds
MAX_LETTER_BYTES: Final = 4 * 1024 * 1024  # of one visit, in the memory of sync: 20,000 records of 200 bytes

REPORTS_LEFT: Final = say("{count} records are on the stick; take it back to the office")
ACK_TAKEN: Final = say("The office has the records of last time")
ACK_REFUSED: Final = say("The office's acknowledgement is not signed by it; not taken")


class Letter(Struct, frozen=True):
    """One batch: records from ``first`` on, as the very bytes that are stored."""

    journal: str
    first: int
    records: tuple[bytes, ...]

    @property
    def last(self) -> int:
        """The number of the last record."""
        return self.first + len(self.records) - 1


class Condition(Struct, frozen=True):
    """How the box is: see `layout.Diagnostics`."""

    firmware: str
    health: Health
    faults: tuple[Fault, ...]


class Outgoing(Struct, frozen=True):
    """What core gives sync to take along, at ``at`` by the box's clock. ``condition``: how the box is.

    ``left``: records that the centre lacks and that do not go along: too many, or the card does not give them.
    """

    at: datetime
    letters: tuple[Letter, ...]
    condition: Condition | None = None
    left: int = 0


class Signing(Protocol):
    """The box's key, and the centre's."""

    def sign(self, message: bytes) -> bytes:
        """An ECDSA signature with SHA-256, DER. Raises `CardError`."""
        ...

    def vouched(self, authority: str, signature: bytes, message: bytes) -> bool:
        """Whether the key of ``authority``'s certificate (PEM) made this signature."""
        ...


class SyncPostbox(Protocol):
    """Where sync meets core about reports. No method raises."""

    def outgoing(self) -> Outgoing | None:
        """What core wants to be taken along; None where there is nothing."""
        ...

    def acknowledged(self, journals: tuple[Stored, ...]) -> None:
        """The centre has this much, by a stick."""
        ...


class CorePostbox(Protocol):
    """Where core meets sync about reports. No method raises."""

    def send(self, outgoing: Outgoing) -> None:
        """Have this taken along with the next visit."""
        ...

    def acknowledgements(self) -> tuple[Stored, ...]:
        """What a stick acknowledged since the last call."""
        ...


def letters(state: JournalState | None, read: Callable[[int, int], list[Row]]) -> tuple[Letter, ...]:
    """The journal's undelivered records in batches, as many as one visit takes. ``read`` is `JournalStore.read`."""
    if state is None:
        return ()
    chosen: list[Letter] = []
    after, size = max(state.watermark, state.first - 1), 0
    while len(chosen) < MAX_LETTERS and after < state.last:
        rows = bounded(read(after, BATCH_RECORDS))
        size += sum(len(row.raw) + 1 for row in rows)
        if not rows or (chosen and size > MAX_LETTER_BYTES):
            break
        chosen.append(Letter(state.journal, rows[0].seq, tuple(row.raw for row in rows)))
        after = rows[-1].seq
    return tuple(chosen)


class StickPost:
    """What a stick carries home and brings back. See `Post`."""

    def __init__(self, signing: Signing, postbox: SyncPostbox) -> None:
        self._signing = signing
        self._postbox = postbox

    def visit(self, stick: Stick, station: str, authority: str) -> tuple[Line, ...]:
        """See `Post.visit`."""
        lines: list[Line] = []
        known = self._acknowledge(stick, station, authority, lines)
        outgoing = self._postbox.outgoing()
        if outgoing is None:
            return tuple(lines)
        fresh = [letter for letter in outgoing.letters if letter.last > known.get(letter.journal, 0)]
        try:
            for letter in fresh:
                condition = outgoing.condition if letter is fresh[-1] else None
                self._leave(stick, station, letter, outgoing.at, condition.health if condition else None)
            if outgoing.condition is not None:
                name = f"{layout.returned(station)}/{layout.DIAGNOSTICS}"
                stick.write(name, _diagnostics(station, outgoing.condition))
        except StickError as error:
            return (*lines, Line(ok=False, said=error.said))
        count = sum(len(letter.records) for letter in fresh)
        return (*lines, Line(ok=True, said=REPORTS_LEFT.about(count=count))) if count else tuple(lines)

    def complete(self) -> bool:
        """See `Post.complete`."""
        outgoing = self._postbox.outgoing()
        return outgoing is not None and outgoing.left == 0

    def _leave(self, stick: Stick, station: str, letter: Letter, at: datetime, health: Health | None) -> None:
        head, body = layout.report_head(station, letter.journal, letter.first, letter.records, at, health=health)
        signature = self._signing.sign(layout.signed_message(layout.REPORT_KIND, head))
        name = f"{layout.reports(station)}/{letter.journal}-{letter.first}{layout.REPORT_SUFFIX}"
        stick.write(name, layout.seal(head, signature, body))

    def _acknowledge(self, stick: Stick, station: str, authority: str, lines: list[Line]) -> dict[str, int]:
        try:
            raw = stick.read(layout.ack(station), layout.ACK_LIMIT_BYTES)
            sealed = layout.unseal(raw, layout.ACK_KIND, layout.ACK_LIMIT_BYTES)
            head = layout.read_ack(sealed)
        except MissingError:
            return {}
        except (WireError, RefusedError):
            lines.append(Line(ok=False, said=ACK_REFUSED))
            return {}
        except StickError as error:
            lines.append(Line(ok=False, said=error.said))
            return {}
        vouched = self._signing.vouched(authority, sealed.signature, sealed.message)
        if not vouched or head.station != station or head.v > CONTRACT_MAJOR:
            lines.append(Line(ok=False, said=ACK_REFUSED))
            return {}
        self._postbox.acknowledged(head.journals)
        lines.append(Line(ok=True, said=ACK_TAKEN))
        return watermarks(head.journals)


def _diagnostics(station: str, condition: Condition) -> bytes:
    told = layout.Diagnostics(
        v=CONTRACT_MAJOR,
        station=station,
        firmware=condition.firmware,
        health=condition.health,
        faults=condition.faults[-MAX_FAULTS:],
    )
    return msgspec.json.format(msgspec.json.encode(told), indent=2)


def watermarks(journals: Iterable[Stored]) -> dict[str, int]:
    """The watermark of each journal."""
    return {stored.journal: stored.watermark for stored in journals}
