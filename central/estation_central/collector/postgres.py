"""PostgreSQL: records by COPY, watermark rows locked in key order, so that collectors may work side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import date
from typing import Any, Final

import psycopg

from estation_central.collector import months, statements
from estation_central.collector.database import Parameters, SqlTransaction
from estation_central.collector.interfaces import Latest, StoreRefusedError, StoreUnavailableError, Transaction
from estation_central.collector.rules import Key, Mark

CONNECT_SECONDS: Final = 5
STATEMENT_MILLISECONDS: Final = 30_000  # far above any statement of ours; a hung disk must show as an outage
_LOCK: Final = """
SELECT station, journal, watermark, hash FROM watermark
WHERE (station, journal) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
ORDER BY station, journal FOR UPDATE"""
_COPY: Final = f"COPY journal_record ({', '.join(statements.ROW_COLUMNS)}) FROM STDIN (FORMAT BINARY)"
_MAKE: Final = """
INSERT INTO watermark (station, journal, watermark, hash)
SELECT station, journal, 0, '' FROM unnest(%s::text[], %s::text[]) AS made (station, journal) ON CONFLICT DO NOTHING"""
_ADVANCE: Final = """
UPDATE watermark SET watermark = moved.watermark, hash = moved.hash
FROM unnest(%s::text[], %s::text[], %s::int8[], %s::text[]) AS moved (station, journal, watermark, hash)
WHERE watermark.station = moved.station AND watermark.journal = moved.journal"""
_KEEP_LATEST: Final = """
INSERT INTO latest (station, leaf, region, payload, heard)
SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::timestamptz[])
ON CONFLICT (station, leaf) DO UPDATE SET region = excluded.region, payload = excluded.payload,
heard = COALESCE(excluded.heard, latest.heard)"""
_TYPES: Final = ("text", "text", "int8", "timestamptz", "text", "float8", "text", "text", "bool", "text", "timestamptz")


class PostgresStore:
    """A PostgreSQL database, named by a libpq connection string or URL."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._months: set[date] = set()

    def transaction(self) -> AbstractContextManager[Transaction]:
        """See `Store.transaction`."""
        return self._transaction()

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        try:
            connection = self._connection = self._connection or self._connect()
            with connection.transaction(), connection.cursor() as cursor:
                begun = _PostgresTransaction(cursor, self._months)
                yield begun
            self._months |= begun.made
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            raise StoreRefusedError(str(error)) from error
        except psycopg.Error as error:
            raise StoreUnavailableError(str(error).strip()) from error

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(
            self._address,
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            options=f"-c statement_timeout={STATEMENT_MILLISECONDS} -c synchronous_commit=on -c timezone=UTC",
            application_name="estation-collector",
            keepalives_idle=30,
        )

    def close(self) -> None:
        """See `Store.close`."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()


class _PostgresTransaction(SqlTransaction):
    def __init__(self, cursor: psycopg.Cursor[tuple[Any, ...]], months: set[date]) -> None:
        super().__init__()
        self._cursor = cursor
        self._months = months
        self.made: set[date] = set()

    def run(self, statement: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        self._cursor.execute(statement, parameters)
        return self._cursor.fetchall() if self._cursor.description else []

    def run_each(self, statement: str, parameters: Sequence[Parameters]) -> None:
        self._cursor.executemany(statement, parameters)

    def locked(self, keys: Sequence[Key]) -> Mapping[Key, Mark]:
        rows = self.run(_LOCK, ([key.station for key in keys], [key.journal for key in keys])) if keys else []
        return {Key(row[0], row[1]): Mark(row[2], row[3]) for row in rows}

    def make_marks(self, keys: Sequence[Key]) -> None:
        """All in one statement: after a region was away, hundreds of boxes come in one round."""
        self.run(_MAKE, _columns(keys, 2))

    def advance(self, marks: Sequence[tuple[Key, Mark]]) -> None:
        """All in one statement; the rows are locked already."""
        self.run(_ADVANCE, _columns([(*key, *mark) for key, mark in marks], 4))

    def keep_latest(self, latest: Sequence[Latest]) -> None:
        """All in one statement."""
        if latest:
            self.run(_KEEP_LATEST, _columns(latest, 5))

    def add_rows(self, rows: Sequence[Parameters], meanwhile: Iterator[None]) -> None:
        for month in {each.date().replace(day=1) for each in {row[-1] for row in rows}} - self._months:
            months.make(self.run, month)
            self.made.add(month)
        with self._cursor.copy(_COPY) as copy:
            copy.set_types(_TYPES)
            for row in rows:
                copy.write_row(row)
            for _ in meanwhile:  # the socket holds a quarter of the rows: the others follow as there is room
                self._cursor.connection.pgconn.flush()


def _columns(rows: Sequence[Parameters], width: int) -> list[list[Any]]:
    """``rows`` turned on their side, as ``unnest`` wants them."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
