"""What to do with a batch and with a hello, against the watermark. Pure: values in, decisions out."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from msgspec import Struct

from estation_wire import codec
from estation_wire.errors import MalformedError, WireError
from estation_wire.messages import Events, JournalState, Picture
from estation_wire.records import KINDS, SessionStarted, Stamp
from estation_wire.values import CONTRACT_MAJOR, Trust

AHEAD: Final = timedelta(seconds=60)  # a box's clock may be this far before ours and its start still be «now»


class Key(NamedTuple):
    """One journal of one station; ordered as watermark rows are locked."""

    station: str
    journal: str


class Mark(NamedTuple):
    """Everything up to ``watermark`` is stored; ``hash`` is of the record there, empty where it is not known."""

    watermark: int
    hash: str


NOTHING: Final = Mark(0, "")
_KINDS: Final[dict[type[Stamp], str]] = {each: str(each.__struct_config__.tag) for each in KINDS}
BEGUN: Final = _KINDS[SessionStarted]


class Row(NamedTuple):
    """One record as it is stored: the head in columns, and the very text that the box sent.

    ``understood`` is false for a kind or a body that this centre does not know: kept, for a later centre to read.
    """

    seq: int
    at: datetime
    boot: str
    up: float
    trust: str
    kind: str
    understood: bool
    raw: str


class Batch(NamedTuple):
    """A readable batch: rows of one journal, numbered without gaps."""

    key: Key
    rows: tuple[Row, ...]


class Taken(Struct, frozen=True, kw_only=True):
    """What becomes of a batch: rows to store, the mark afterwards, and whether it is refused or of another card."""

    rows: tuple[Row, ...]
    mark: Mark
    refused: bool = False
    theirs: str = ""
    """The hash of their record at our watermark, where it differs from ours: a cloned card."""


class Greeted(Struct, frozen=True, kw_only=True):
    """What a hello says of one journal: the mark afterwards, the range that is lost, and whether a card was cloned."""

    mark: Mark
    lost: tuple[int, int] | None = None
    mismatch: bool = False


class PictureOrder(NamedTuple):
    """A picture to ask for at ``due``; it is of no use after ``expires``."""

    command: str
    session: str
    due: datetime
    expires: datetime
    body: str


def read_batch(station: str, events: Events) -> Batch:
    """The batch of a message; raises `MalformedError` where a head does not parse or a number is missing."""
    rows: list[Row] = []
    for each in events.records:
        row = read_row(bytes(each))
        if rows and row.seq != rows[-1].seq + 1:
            msg = f"record {row.seq} follows {rows[-1].seq}"
            raise MalformedError(msg)
        rows.append(row)
    return Batch(Key(station, events.journal), tuple(rows))


def read_row(raw: bytes) -> Row:
    """One record; raises `MalformedError` or `TooLargeError` only where its head or its text cannot be read.

    Nearly every record is of a known kind, and is decoded once; only of the others the head is asked.
    """
    head: Stamp
    try:
        head, understood = codec.decode_record(raw), True
        kind = _KINDS[type(head)]
    except WireError:
        head, understood = codec.decode_head(raw), False
        kind = head.kind
    return Row(head.seq, head.at, head.boot, head.up, head.trust.value, kind, understood, storable(raw))


def storable(raw: bytes) -> str:
    """The text of a message or record; raises `MalformedError` for what no text column of a database takes.

    The decoder passes over fields that it does not know, and so over what is wrong inside them.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        msg = "not UTF-8"
        raise MalformedError(msg) from None
    if "\0" in text:
        msg = "holds a NUL"
        raise MalformedError(msg)
    return text


def take(mark: Mark, batch: Batch) -> Taken:
    """Store what is above the watermark, refuse what would leave a gap, drop what is there already."""
    first, last = batch.rows[0].seq, batch.rows[-1].seq
    if first > mark.watermark + 1:
        return Taken(rows=(), mark=mark, refused=True)
    theirs = ""
    if first <= mark.watermark <= last and mark.hash:
        same = codec.record_hash(batch.rows[mark.watermark - first].raw.encode())
        theirs = "" if same == mark.hash else same
    rows = batch.rows[max(0, mark.watermark + 1 - first) :]
    if rows:
        mark = Mark(last, codec.record_hash(rows[-1].raw.encode()))
    return Taken(rows=rows, mark=mark, theirs=theirs)


def begins_late(state: JournalState) -> bool:
    """Whether the box holds this journal's beginning no more, so that something may be lost."""
    return _begins(state) > 1


def _begins(state: JournalState) -> int:
    return state.first or state.watermark + 1  # a box that holds nothing goes on above its watermark


def greet(mark: Mark, state: JournalState, ours: str | None) -> Greeted:
    """What the box declares as held no more is lost; a differing hash is a cloned card.

    ``ours`` is the hash of our record at the box's watermark, None where we hold none. Our own watermark decides
    what is lost, not the box's: a centre that was restored from a copy gets again what the box still holds.
    """
    mismatch = bool(ours and state.hash and ours != state.hash)
    begins = _begins(state)
    if begins > mark.watermark + 1:
        lost = mark.watermark + 1, begins - 1
        known = state.hash if state.hash and state.watermark == begins - 1 else ""
        return Greeted(mark=Mark(begins - 1, known), lost=lost, mismatch=mismatch)
    return Greeted(mark=mark, mismatch=mismatch)


def picture_order(station: str, row: Row, now: datetime) -> PictureOrder | None:
    """The order for a picture at the middle of the session that ``row`` says has just begun, if it does.

    A start told late, or by a clock that is guessed, orders none: its middle is past or not known.
    """
    if row.kind != BEGUN or not row.understood or row.trust == Trust.GUESS:
        return None
    started = codec.decode_record(row.raw.encode())
    if not isinstance(started, SessionStarted) or not started.length:
        return None
    due = started.at + timedelta(seconds=started.length / 2)
    expires = started.at + timedelta(seconds=started.length)
    if not started.at - AHEAD <= now < expires:
        return None
    name = hashlib.sha256(f"picture {station} {started.session}".encode()).hexdigest()[:32]
    command = Picture(v=CONTRACT_MAJOR, id=name, issued=min(now, due), expires=expires)
    return PictureOrder(name, started.session, due, expires, codec.encode(command).decode())
