"""Moments, records and journals to test with."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

from estation_box.clock.moment import Moment
from estation_box.drivers.journal_store import SqliteJournalStore
from estation_box.drivers.two_copies import TwoCopies
from estation_box.journal.service import Journal
from estation_wire.records import StickSeen
from estation_wire.values import Trust

START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
BOOT = "b" * 32
DAY = 86400.0


def moment(seconds: float = 0.0, trust: Trust = Trust.NETWORK, boot: str = BOOT) -> Moment:
    """So many seconds after the start, and after the boot."""
    return Moment(START + timedelta(seconds=seconds), seconds, boot, trust)


def ids():
    """Ids one after another: 000…1, 000…2."""
    numbers = itertools.count(1)
    return lambda: f"{next(numbers):032x}"


def store(folder: Path, serial: str = "box-1", new_id=None) -> SqliteJournalStore:
    return SqliteJournalStore(folder / "journal.db", serial, new_id or ids())


def journal(folder: Path, serial: str = "box-1") -> Journal:
    return Journal(store(folder, serial), TwoCopies(folder / "session"))


def write(what: Journal, count: int, *, since: float = 0.0) -> None:
    """``count`` small records, a second apart."""
    for number in range(count):
        what.append(moment(since + number), StickSeen, taken=number, refused=0)
