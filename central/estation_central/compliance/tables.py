"""Reads records, and writes what was reckoned, in the SQL of either database: Django's connection, and no models.

Everything here happens inside the caller's transaction (`django.db.transaction.atomic`).
"""
# ruff: noqa: S608 (what is put into the text are names and signs of this module)

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final, NamedTuple

from django.db import connection

from estation_central.stations.changing import Received
from estation_wire import codec
from estation_wire.dating import Journalled
from estation_wire.reckoning import KINDS

Row = tuple[Any, ...]
AT_ONCE: Final = 400  # names in one statement


class Table(NamedTuple):
    """A table of ours: its columns, the first ``keys`` of which are its key; the first of all says whose row it is."""

    name: str
    keys: int
    columns: tuple[str, ...]


_EVIDENCE: Final = ("confirmed", "unknown", "guessed", "off")
SHOWING: Final = Table(
    "showing",
    2,
    ("station", "session", "week", "day", "evidence", "enough", "counting", "shown", "origin", "series", "attendance"),
)
SITE: Final = Table(
    "site_verdict",
    2,
    (
        *("site", "week", "verdict", "cause", "lost", "shut", "rooms", "met_rooms"),
        *(f"sessions_{kind}" for kind in _EVIDENCE),
        *(f"seconds_{kind}" for kind in _EVIDENCE),
        *("reopened_at", "reopened_why", "late", "before"),
    ),
)
RECKONED: Final = Table("reckoned_journal", 2, ("station", "journal", "watermark"))
RECKONED_SITE: Final = Table("reckoned_site", 1, ("site", "terms", "week"))
ITEM: Final = Table("item_shown", 4, ("station", "session", "content", "language", "times", "milliseconds"))
BULLETIN: Final = Table("bulletin_shown", 3, ("station", "bulletin", "day", "times"))
ATTENDANCE: Final = Table("attendance_counted", 2, ("station", "session", "number"))
MONTH: Final = Table(
    "site_month", 3, ("site", "month", "series", "sessions", "enough", "seconds", "attendances", "told")
)
ITEM_MONTH: Final = Table("item_month", 3, ("site", "month", "content", "times", "milliseconds"))
ITEM_TOTAL: Final = Table("item_total", 2, ("month", "content", "times", "milliseconds"))
TOPIC_DAY: Final = Table("site_topic_day", 4, ("site", "day", "topic", "language", "times", "milliseconds"))
TOPIC_MONTH: Final = Table("site_topic_month", 4, ("site", "month", "topic", "language", "times", "milliseconds"))
STAY: Final = Table("station_stay", 2, ("station", "first_day", "last_day", "site"))
ALL: Final = (
    MONTH, TOPIC_DAY, TOPIC_MONTH, ITEM_MONTH, ITEM_TOTAL, STAY, SHOWING, SITE, RECKONED, RECKONED_SITE, ITEM, BULLETIN,
    ATTENDANCE,
)  # fmt: skip
_TOPICS_LOCK: Final = 0x746F7069  # «topi»


def run(statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """Run one statement; the rows that it gives."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def marks(stations: Collection[str]) -> dict[tuple[str, str], int]:
    """What the centre has of each journal of ``stations``."""
    rows = run(f"SELECT station, journal, watermark FROM watermark WHERE station IN {_signs(stations)}", [*stations])
    return {(station, journal): mark for station, journal, mark in rows}


def reckoned(stations: Collection[str]) -> dict[tuple[str, str], int]:
    """Up to where these tables have it."""
    statement = f"SELECT station, journal, watermark FROM reckoned_journal WHERE station IN {_signs(stations)}"
    return {(station, journal): mark for station, journal, mark in run(statement, [*stations])}


def changed_stations() -> list[str]:
    """Stations of which there is more, or after a restored copy less, than was reckoned."""
    rows = run("""
        SELECT DISTINCT watermark.station FROM watermark
        LEFT JOIN reckoned_journal AS r ON r.station = watermark.station AND r.journal = watermark.journal
        WHERE COALESCE(r.watermark, -1) <> watermark.watermark ORDER BY 1""")
    return [row[0] for row in rows]


def records(stations: Collection[str]) -> Iterator[tuple[str, list[Received]]]:
    """The records that verdicts hang on, of each of ``stations`` that has any, in the order of their journals."""
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)  # written out: the index is for these very kinds
    where = f"WHERE kind IN ({kinds}) AND understood AND station IN {_signs(stations)}"
    if connection.vendor == "postgresql":  # a journal a row: half of the time of a record a row
        came = "array_agg(EXTRACT(EPOCH FROM received)::float8 ORDER BY seq)"
        array = "'[' || string_agg(raw, ',' ORDER BY seq) || ']'"
        asked = f"SELECT station, journal, {came}, {array} FROM journal_record {where} GROUP BY station, journal"
    else:
        asked = f"SELECT station, journal, received, raw FROM journal_record {where}"
    rows = run(f"{asked} ORDER BY station, journal" + ("" if "GROUP" in asked else ", seq"), [*stations])
    for station, of_station in groupby(rows, key=lambda row: row[0]):
        yield station, [each for row in of_station for each in _received(*row[1:])]


def _received(journal: str, at: list[float] | datetime | str, raw: str) -> Iterator[Received]:
    """What a row of `records` holds: a whole journal, or one record of it."""
    if isinstance(at, list):
        for came, record in zip(at, codec.decode_records(raw), strict=True):
            yield Received(datetime.fromtimestamp(came, UTC), Journalled(journal, record))
    else:
        yield Received(instant(at), Journalled(journal, codec.decode_record(raw.encode())))


def added(stretches: Collection[tuple[str, str, int, int]], kinds: Collection[str]) -> list[Row]:
    """``(station, kind, received, raw)`` of records of some kinds, by journal and in order.

    ``stretches``: station, journal, and above which up to which number.
    """
    if not stretches:
        return []
    signs = ", ".join(["(%s, %s, %s, %s)"] * len(stretches))
    return run(
        f"WITH asked (station, journal, after, upto) AS (VALUES {signs}) "
        "SELECT r.station, kind, received, raw FROM asked JOIN journal_record AS r "
        "ON r.station = asked.station AND r.journal = asked.journal AND seq > after AND seq <= upto "
        f"WHERE understood AND kind IN {_signs(kinds)} ORDER BY r.station, r.journal, seq",
        [*(word for stretch in stretches for word in stretch), *kinds],
    )


def items(stations: Collection[str]) -> list[Row]:
    """``(station, session, topic, language, times, milliseconds)`` of the items of ``stations``."""
    return run(
        f"""
        SELECT station, session, COALESCE(item_topic.topic, ''), language, times, milliseconds
        FROM item_shown LEFT JOIN item_topic ON item_topic.content = item_shown.content
        WHERE station IN {_signs(stations)}""",
        [*stations],
    )


def reckon_again(contents: Sequence[str]) -> None:
    """Let the next pass reckon the sites in which items of these contents were shown."""
    for cut in range(0, len(contents), AT_ONCE):
        some = contents[cut : cut + AT_ONCE]
        run(
            "DELETE FROM reckoned_site WHERE site IN (SELECT stay.site FROM item_shown "
            f"JOIN station_stay AS stay ON stay.station = item_shown.station WHERE content IN {_signs(some)})",
            some,
        )


def lock_topics(*, alone: bool) -> None:
    """Until the transaction ends, let the topics of items stay what they are; ``alone``: change them."""
    if connection.vendor == "postgresql":  # SQLite has one writer
        run(f"SELECT pg_advisory_xact_lock{'' if alone else '_shared'}(%s)", [_TOPICS_LOCK])


def held(table: Table, owners: Collection[str]) -> dict[Row, Row]:
    """The rows of ``owners``, by their key."""
    statement = f"SELECT {', '.join(table.columns)} FROM {table.name} WHERE {table.columns[0]} IN {_signs(owners)}"
    return {row[: table.keys]: row for row in map(_told, run(statement, [*owners]))}


class Changed(NamedTuple):
    """Rows that went, and rows that came in their place or beside them."""

    gone: list[Row]
    fresh: list[Row]


def replace(table: Table, owners: Collection[str], rows: Collection[Row]) -> Changed:
    """Let ``owners`` have ``rows`` and no others; what differed. What is there already is not written again."""
    before = held(table, owners)
    now = {row[: table.keys]: row for row in rows}
    gone = [row for key, row in before.items() if now.get(key) != row]
    fresh = [row for key, row in now.items() if before.get(key) != row]
    if gone:
        where = " AND ".join(f"{name} = %s" for name in table.columns[: table.keys])
        with connection.cursor() as cursor:
            cursor.executemany(f"DELETE FROM {table.name} WHERE {where}", [row[: table.keys] for row in gone])
    insert(table, fresh)
    return Changed(gone, fresh)


def insert(table: Table, rows: Sequence[Row]) -> None:
    """Add rows; by COPY where the database has it."""
    if not rows:
        return
    names = ", ".join(table.columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            signs = ", ".join(["%s"] * len(table.columns))
            cursor.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({signs})", [_plain(row) for row in rows])


def add_up(table: Table, sums: Mapping[Row, Row]) -> None:
    """Add to the figures of rows, by their key; rows that are not there begin with them."""
    figures = table.columns[table.keys :]
    signs = ", ".join(["%s"] * len(table.columns))
    more = ", ".join(f"{name} = {table.name}.{name} + excluded.{name}" for name in figures)
    _upsert(table, f"VALUES ({signs})", more, [(*key, *each) for key, each in sums.items()])


def put(table: Table, rows: Sequence[Row]) -> None:
    """Write rows over those of the same key."""
    figures = table.columns[table.keys :]
    signs = ", ".join(["%s"] * len(table.columns))
    _upsert(table, f"VALUES ({signs})", ", ".join(f"{name} = excluded.{name}" for name in figures), rows)


def _upsert(table: Table, values: str, change: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    key = ", ".join(table.columns[: table.keys])
    with connection.cursor() as cursor:
        into = f"INSERT INTO {table.name} ({', '.join(table.columns)})"
        cursor.executemany(f"{into} {values} ON CONFLICT ({key}) DO UPDATE SET {change}", rows)


def forget(table: Table, owners: Collection[str] | None = None) -> None:
    """Remove the rows of ``owners``; all rows where none are named."""
    if owners is None:
        run(f"DELETE FROM {table.name}")
    elif owners:
        run(f"DELETE FROM {table.name} WHERE {table.columns[0]} IN {_signs(owners)}", [*owners])


def instant(value: datetime | float | str) -> datetime:
    """An instant as either database gives it."""
    if isinstance(value, float):
        return datetime.fromtimestamp(value, UTC)
    return datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else value.astimezone(UTC)


def _told(row: Row) -> Row:
    """A row as we write it: SQLite gives instants as text, and truth as a number."""
    return tuple(value.astimezone(UTC) if isinstance(value, datetime) else value for value in row)


def _plain(row: Row) -> Row:
    return tuple(
        str(value.astimezone(UTC).replace(tzinfo=None)) if isinstance(value, datetime) else value for value in row
    )


def _signs(values: Collection[str]) -> str:
    return f"({', '.join(['%s'] * len(values))})"
