"""Reports that came on a stick: each is handed in, what is stored is acknowledged on the stick and taken off it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from estation_central.authority.folder import Authority
from estation_central.collector import reports
from estation_central.collector.interfaces import Store
from estation_central.collector.reports import Counter, Opened, ReportError, Why
from estation_wire import stick
from estation_wire.values import STATION_PATTERN, matches

MAX_REPORTS: Final = 1000  # looked at for one station; the rest with the next call


class Verdict(NamedTuple):
    """What became of one report: the words for it, and whether it was refused."""

    words: str
    refused: bool = False


class Mailbag:
    """One stick at the centre."""

    def __init__(self, mounted: Path, authority: Authority, store: Store) -> None:
        self._mounted = mounted
        self._authority = authority
        self._store = store
        self._counter = Counter(authority, store)

    def take(self, at: datetime) -> Iterator[Verdict]:
        """Take every report on the stick at ``at``, and leave the acks. Raises `OSError` for the stick's faults."""
        for folder in sorted((self._mounted / stick.RETURNED).glob(f"*/{stick.REPORTS}")):
            station = folder.parent.name
            if not matches(STATION_PATTERN, station) or folder.is_symlink() or folder.parent.is_symlink():
                yield Verdict(f"{station[:64]!r}: no station's name", refused=True)
                continue
            yield from self._station(station, folder, at)
        self._store.close()

    def _station(self, station: str, folder: Path, at: datetime) -> Iterator[Verdict]:
        marks: dict[str, int] = {}
        paths = sorted(folder.glob(f"*{stick.REPORT_SUFFIX}"), key=_order)[:MAX_REPORTS]
        done = []
        for path in paths:
            try:
                report = _read(station, path)
                taken = self._counter.take(report, at)
            except ReportError as error:
                yield Verdict(f"{station}/{path.name}: {error}", refused=True)
                continue
            head = report.head
            marks[head.journal] = max(taken.mark, marks.get(head.journal, 0))
            done.append(path)
            yield Verdict(f"{station}: records {head.first} to {head.last} are here, made {head.at:%Y-%m-%d}")
        if marks:
            self._acknowledge(station, marks, at)
            for path in done:
                path.unlink()

    def _acknowledge(self, station: str, marks: dict[str, int], at: datetime) -> None:
        target = self._mounted / stick.ack(station)
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_suffix(".new")
        beside.write_bytes(reports.ack(self._authority, station, marks, at))
        beside.replace(target)


def _read(station: str, path: Path) -> Opened:
    """The report in ``path``, of the station in whose folder it lies; raises `ReportError`."""
    if path.is_symlink() or not path.is_file():
        raise ReportError(Why.PLACE, "no plain file")
    with path.open("rb") as file:
        report = reports.opened(file.read(stick.REPORT_LIMIT_BYTES + 1))
    if report.head.station != station:
        raise ReportError(Why.PLACE, f"it is a report of {report.head.station}: it lies in the wrong folder")
    return report


def _order(path: Path) -> tuple[str, int, str]:
    """By journal, then by the first record's number."""
    journal, _, first = path.stem.rpartition("-")
    return journal, int(first) if first.isdecimal() and len(first) < 20 else 0, path.name
