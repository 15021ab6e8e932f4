"""The library's database as core reads it: slots, items, series, and what is held. Sync alone writes it.

Imports no more than SQLite and the wire: no TUF, no icalendar, no cryptography.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self

import msgspec

from estation_box.drivers.sqlite import connect
from estation_box.library import said
from estation_box.library.interfaces import CardError, CardFullError
from estation_box.library.letters import VOICES_NAME
from estation_wire.blocks import BLOCK_BYTES, MAX_BLOCKS
from estation_wire.bulletins import Bulletin
from estation_wire.decoding import decoder
from estation_wire.library import CATALOGUE_NAME, PROGRAMME_NAME, Item, Poster
from estation_wire.planner import Slot
from estation_wire.voices import Voice

MAX_SLOTS: Final = 10_000  # fourteen days of a session each two minutes; more than any screen can show
MAX_IDS: Final = 500  # far below SQLite's own limit of bound values; a session has at most 100
SCHEMA_VERSION: Final = 3
_ADDED_TO: Final = 2  # version 3 has only more tables than this one
_ANEW: Final = "".join(f"DROP TABLE IF EXISTS {name};\n" for name in ("document", "item", "series", "slot"))
"""An older table is made anew and filled by the next stick; what is held stays held."""
MAX_BULLETINS: Final = 200  # more than anybody reads in the fortnight that the table is made for
_CONTENTS: Final = msgspec.json.Decoder(tuple[str, ...])
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS document
    (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, version INTEGER NOT NULL, body BLOB) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS item (id TEXT PRIMARY KEY, size INTEGER NOT NULL, seconds REAL NOT NULL,
    counting REAL NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS item_counting ON item (id, counting) WHERE counting > 0;
CREATE TABLE IF NOT EXISTS series (id TEXT PRIMARY KEY, titles BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS slot
    (start INTEGER NOT NULL, rule TEXT NOT NULL, series TEXT NOT NULL, priority INTEGER NOT NULL,
    length REAL NOT NULL, counting REAL NOT NULL, yields_to TEXT NOT NULL, contents BLOB NOT NULL,
    PRIMARY KEY (start, rule)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS closed (week TEXT PRIMARY KEY, reason TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bulletin (id TEXT PRIMARY KEY, priority TEXT NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS held (content TEXT PRIMARY KEY, size INTEGER NOT NULL, blocks BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notice (id TEXT PRIMARY KEY, priority TEXT NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bad (content TEXT, block INTEGER, PRIMARY KEY (content, block)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS scrubbed (one INTEGER PRIMARY KEY, content TEXT NOT NULL, block INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS past (id TEXT PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 3;
"""

SOUND_SIZE: Final = f"typeof(size) = 'integer' AND size BETWEEN 1 AND {MAX_BLOCKS * BLOCK_BYTES}"
"""A rotten cell changes the type of a value too, and SQLite does not mind: such a row says nothing."""
KEPT: Final = "SELECT content, size FROM held WHERE typeof(content) = 'text' AND " + SOUND_SIZE  # noqa: S608 - our words
"""What was verified once."""
WHOLE: Final = KEPT + " AND NOT EXISTS (SELECT 1 FROM bad WHERE bad.content = held.content)"  # noqa: S608 - our words
"""What is held and may be shown, as far as the database knows."""
_NOTICES: Final = (
    "SELECT body FROM bulletin ORDER BY priority = 'emergency' DESC, priority = 'urgent' DESC, id DESC LIMIT ?"
)
_FILMS: Final = (
    "SELECT id, counting FROM item INDEXED BY item_counting"
    " WHERE counting > 0 AND typeof(counting) = 'real' AND EXISTS (SELECT 1 FROM held WHERE content = item.id)"
    " AND NOT EXISTS (SELECT 1 FROM bad WHERE content = item.id) ORDER BY id"
)

_WITH_POSTER: Final = (
    "SELECT body FROM item WHERE instr(body, '\"poster\":{') AND EXISTS (SELECT 1 FROM held WHERE content = item.id)"
)
_WITH_VERSIONS: Final = "SELECT id, body FROM item WHERE instr(body, '\"versions\":[')"


class LibraryStore:
    """See `Shelf`. Videos are looked for in ``cache`` beside the database. Closed by ``with``.

    It is opened by whoever asks first, made empty where it is missing: a card that refuses stops nobody's start. Every
    method raises `CardError` where the card or the database refuses.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._cache = path.parent / "cache"
        self._opened: sqlite3.Connection | None = None

    @property
    def _connection(self) -> sqlite3.Connection:
        """To be used in `guarded` alone."""
        if self._opened is None:
            connection = connect(self._path)
            try:
                (version,) = connection.execute("PRAGMA user_version").fetchone()
                if version != SCHEMA_VERSION:
                    connection.executescript(_SCHEMA if version == _ADDED_TO else _ANEW + _SCHEMA)
            except sqlite3.Error:
                connection.close()
                raise
            self._opened = connection
        return self._opened

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the database back."""
        if self._opened is not None:
            self._opened.close()

    def slots(self, after: datetime, until: datetime, *, yielding: bool = False) -> list[Slot]:
        """The planned sessions in ``after`` <= start < ``until``, by start; as asked, those that yield too."""
        with guarded():
            rows = self._connection.execute(
                "SELECT start, rule, series, priority, length, counting, yields_to, contents FROM slot"
                " WHERE start >= ? AND start < ? AND (yields_to = '' OR ?) ORDER BY start, priority, rule LIMIT ?",
                (seconds(after), seconds(until), yielding, MAX_SLOTS),
            ).fetchall()
            return [
                Slot(
                    rule=rule,
                    start=EPOCH + timedelta(seconds=start),
                    contents=_CONTENTS.decode(contents),
                    series=series,
                    priority=priority,
                    length=length,
                    counting=counting,
                    yields_to=yields_to,
                )
                for start, rule, series, priority, length, counting, yields_to, contents in rows
            ]

    def closed(self) -> dict[str, str]:
        """The weeks that the programme closes for this station, with their reasons."""
        with guarded():
            return dict(self._connection.execute("SELECT week, reason FROM closed").fetchall())

    def voices(self) -> tuple[Voice, ...]:
        """Who may send bulletins to this station."""
        with guarded():
            row = self._connection.execute("SELECT body FROM document WHERE name = ?", (VOICES_NAME,)).fetchone()
            return decoder(tuple[Voice, ...]).decode(row[0]) if row and row[0] else ()

    def notices(self) -> list[Bulletin]:
        """The bulletins that this station may be shown, the gravest first; at most `MAX_BULLETINS`."""
        with guarded():
            rows = self._connection.execute(_NOTICES, (MAX_BULLETINS,)).fetchall()
            return [decoder(Bulletin).decode(body) for (body,) in rows]

    def films(self, seconds: float = math.inf) -> list[tuple[str, float]]:
        """Content id and counting seconds of films that are held and count, until they last for ``seconds``."""
        found: list[tuple[str, float]] = []
        with guarded(), closing(self._connection.execute(_FILMS)) as rows:
            for content, counting in rows:
                found.append((content, counting))
                seconds -= counting
                if seconds <= 0:
                    break
        return found

    def items(self, ids: tuple[str, ...]) -> dict[str, Item]:
        """The catalogue's items among the first `MAX_IDS` of ``ids``."""
        marks = ",".join("?" * len(ids[:MAX_IDS]))
        with guarded():
            rows = self._connection.execute(
                f"SELECT id, body FROM item WHERE id IN ({marks})",  # noqa: S608 - marks are question marks
                ids[:MAX_IDS],
            ).fetchall()
            return {identity: decoder(Item).decode(body) for identity, body in rows}

    def posters(self) -> dict[str, Poster]:
        """The small pictures of the films that are held, by the film's content id."""
        with guarded():
            items = [decoder(Item).decode(body) for (body,) in self._connection.execute(_WITH_POSTER)]
        return {item.id: item.poster for item in items if item.poster is not None}

    def with_versions(self) -> dict[str, Item]:
        """The catalogue's films that have other versions, by content id."""
        with guarded():
            rows = self._connection.execute(_WITH_VERSIONS).fetchall()
            return {identity: decoder(Item).decode(body) for identity, body in rows}

    def held(self, content_id: str) -> Path | None:
        """Where the verified bytes are; None where they are not held, known to be bad, or not the size they were."""
        with guarded():
            row = self._connection.execute(f"{WHOLE} AND content = ?", (content_id,)).fetchone()
        if row is None:
            return None
        path = self._cache / content_id
        try:
            return path if path.stat().st_size == row[1] else None
        except OSError:
            return None

    def remembered(self, ids: tuple[str, ...]) -> dict[str, Item]:
        """The items among the first `MAX_IDS` of ``ids``, also those that left the catalogue: for the history."""
        marks = ",".join("?" * len(ids[:MAX_IDS]))
        with guarded():
            rows = self._connection.execute(
                f"SELECT id, body FROM past WHERE id IN ({marks})",  # noqa: S608 - marks are question marks
                ids[:MAX_IDS],
            ).fetchall()
            past = {identity: decoder(Item).decode(body) for identity, body in rows}
        return past | self.items(ids)

    def recalled(self) -> frozenset[str]:
        """What was offered once and must not be shown any more."""
        with guarded():
            row = self._connection.execute("SELECT body FROM document WHERE name = ?", (CATALOGUE_NAME,)).fetchone()
            return frozenset(_CONTENTS.decode(row[0])) if row and row[0] else frozenset()

    def versions(self) -> tuple[int, int]:
        """The versions of catalogue and programme; 0 is none."""
        with guarded():
            rows = dict(self._connection.execute("SELECT name, version FROM document").fetchall())
        return rows.get(CATALOGUE_NAME, 0), rows.get(PROGRAMME_NAME, 0)

    def series_titles(self, series: str) -> dict[str, str]:
        """A series' titles by language; empty where it is not known."""
        with guarded():
            row = self._connection.execute("SELECT titles FROM series WHERE id = ?", (series,)).fetchone()
            return decoder(dict[str, str]).decode(row[0]) if row else {}


def seconds(at: datetime) -> int:
    """Whole seconds since 1970 that ``at`` has begun."""
    return -(-(at - EPOCH) // timedelta(seconds=1)) if at.microsecond else (at - EPOCH) // timedelta(seconds=1)


@contextmanager
def guarded() -> Iterator[None]:
    """Let SQLite's errors, and those of a damaged row (of another type than it was), out as `CardError` only."""
    try:
        yield
    except (sqlite3.Error, msgspec.MsgspecError, TypeError, ValueError, OverflowError) as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise CardFullError(said.CARD_FULL, str(error)) from error
        raise CardError(said.BOX_FAULT, str(error)) from error
