"""What both databases do alike: the statements in their order. A driver adds how to lock, to add and to say errors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from estation_central.collector import statements
from estation_central.collector.interfaces import Answer, Changes, Latest, Outgoing, Rejected, Schools
from estation_central.collector.rules import Key, Mark
from estation_central.collector.school_tables import SchoolTables

Parameters = Sequence[Any]


class SqlTransaction(ABC):
    """A transaction in SQL, begun already; the driver commits it."""

    def __init__(self) -> None:
        self.schools: Schools = SchoolTables(self.run)

    @abstractmethod
    def run(self, statement: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """Run one statement; the rows that it gives."""

    @abstractmethod
    def run_each(self, statement: str, parameters: Sequence[Parameters]) -> None:
        """Run one statement once for each set of parameters."""

    @abstractmethod
    def locked(self, keys: Sequence[Key]) -> Mapping[Key, Mark]:
        """The watermark rows of ``keys`` that exist, locked in the order given."""

    @abstractmethod
    def add_rows(self, rows: Sequence[Parameters], meanwhile: Iterator[None]) -> None:
        """Add records; the values stand as in `statements.ROW_COLUMNS`. ``meanwhile``: see `Transaction.write`."""

    def lock(self, keys: Collection[Key], make: Collection[Key]) -> Mapping[Key, Mark]:
        """See `Transaction.lock`."""
        wanted = sorted(keys)
        marks = self.locked(wanted)
        missing = [key for key in wanted if key in make and key not in marks]
        if not missing:
            return marks
        room = self._room({key.station for key in missing})
        allowed = []
        for key in missing:
            room[key.station] -= 1
            if room[key.station] >= 0:
                allowed.append(key)
        self.make_marks(allowed)
        return self.locked(wanted)

    def _room(self, stations: Collection[str]) -> dict[str, int]:
        """How many journals each of ``stations`` may have beside those that it has."""
        rows = self.run(f"{statements.COUNT_MARKS} ({', '.join(['%s'] * len(stations))}) GROUP BY station", [*stations])
        counted: dict[str, int] = dict(rows)
        return {station: statements.JOURNALS_PER_STATION - counted.get(station, 0) for station in stations}

    def make_marks(self, keys: Sequence[Key]) -> None:
        """Let these journals begin at nothing."""
        self.run_each(statements.MAKE_MARK, keys)

    def advance(self, marks: Sequence[tuple[Key, Mark]]) -> None:
        """Move watermarks."""
        self.run_each(statements.ADVANCE, [(*mark, *key) for key, mark in marks])

    def record_at(self, key: Key, seq: int) -> str | None:
        """See `Transaction.record_at`."""
        rows = self.run(statements.RECORD_AT, (*key, seq))
        return str(rows[0][0]) if rows else None

    def write(self, changes: Changes, at: datetime, meanwhile: Iterator[None]) -> None:
        """See `Transaction.write`."""
        if changes.rows:
            self.add_rows([(*key, *row, at) for key, row in changes.rows], meanwhile)
        if changes.marks:
            self.advance(sorted(changes.marks.items()))
        for lost in changes.lost:
            self.run(statements.BOOK_LOST, (*lost.key, lost.first, lost.last, at))
        for wrong in changes.mismatches:
            self.run(statements.BOOK_MISMATCH, (*wrong.key, wrong.seq, wrong.theirs, at, at))
        for station, order in changes.pictures:
            parameters = (order.command, station, order.session, order.body, order.due, order.expires)
            self.run(statements.ORDER_PICTURE, (*parameters, station, order.due - timedelta(days=1)))
        for answer in changes.answers:
            self._answer(answer, at)
        for each in changes.brought:
            self.run(statements.KEEP_BROUGHT, (*each.key, each.seq, each.told, each.payload, at))

    def _answer(self, answer: Answer, at: datetime) -> None:
        self.run(statements.ANSWER, (answer.outcome, answer.reason, at, answer.command, answer.station))
        if answer.attachment and answer.media_type == "image/jpeg":
            parameters = (answer.media_type, answer.attachment, at, answer.command, answer.station)
            self.run(statements.KEEP_PICTURE, parameters)
            self.run(statements.FORGET_PICTURES, (answer.station, answer.station))

    def keep_latest(self, latest: Sequence[Latest]) -> None:
        """See `Transaction.keep_latest`."""
        if latest:
            self.run_each(statements.KEEP_LATEST, latest)

    def keep_rejected(self, rejected: Sequence[Rejected]) -> None:
        """See `Transaction.keep_rejected`."""
        if rejected:
            self.run_each(statements.QUARANTINE, rejected)
            self.run(statements.FORGET_QUARANTINE)

    def due_commands(
        self, at: datetime, greeted: Mapping[str, str] | None = None, regions: Sequence[str] = ()
    ) -> list[Outgoing]:
        """See `Transaction.due_commands`."""
        if greeted is None:
            asked = statements.DUE.format(statements.of_regions(len(regions)) if regions else "")
            return [Outgoing(*row) for row in self.run(asked, (at, at, *regions))]
        return [
            Outgoing(command, region, station, body)
            for station, region in sorted(greeted.items())
            for command, body in self.run(statements.DUE_OF_STATION, (at, at, station))
        ]

    def mark_sent(self, commands: Sequence[str], at: datetime) -> None:
        """See `Transaction.mark_sent`."""
        self.run_each(statements.MARK_SENT, [(at, command) for command in commands])
