"""Hours of TVs by month: of the local month, and unknown is never 0."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from estation_central.collector.sqlite import SqliteStore
from tests.centre.compliance.test_reckoner import deliver
from tests.support.centre import record
from tests.support.registry import add_station

EVENING = datetime(2026, 11, 30, 15, 30, tzinfo=UTC)  # 23:30 at the hall, half an hour before its December
LATER = EVENING + timedelta(days=3)


@pytest.fixture(scope="module")
def told(django: Path) -> None:
    """A hall whose TV tells, one whose TV tells nothing."""
    seen = [
        record(1, "day", at=EVENING - timedelta(days=1), uptime=36000.0, tv_on=5400.0),
        record(2, "day", at=EVENING, uptime=36000.0),
        record(3, "day", at=EVENING + timedelta(hours=1), uptime=3600.0, tv_on=1800.0),
    ]
    dark = [record(1, "day", at=EVENING, uptime=36000.0)]
    with closing(SqliteStore(django / "centre.sqlite3")) as store:
        with store.transaction() as transaction:

            def run(words: str, *values: Any) -> object:
                return transaction.run(words, values)

            for station in ("tv-hall", "tv-dark"):
                add_station(run, station, station, region="653111", kind="village")
        deliver(store, "tv-hall", seen, LATER)
        deliver(store, "tv-dark", dark, LATER)


@pytest.mark.usefixtures("told")
def test_the_hours_of_a_month_are_those_of_the_hall() -> None:
    from estation_central.compliance.television import TvMonth, tv_months  # noqa: PLC0415 (models want Django set up)

    mine = [each for each in tv_months(EVENING - timedelta(days=9)) if each.station.startswith("tv-")]
    assert mine == [
        TvMonth(station="tv-dark", month="2026-11", days=1, known=0, seconds=None),
        TvMonth(station="tv-hall", month="2026-11", days=2, known=1, seconds=5400.0),
        TvMonth(station="tv-hall", month="2026-12", days=1, known=1, seconds=1800.0),
    ]
    assert [each for each in tv_months(LATER + timedelta(days=1)) if each.station.startswith("tv-")] == []


@pytest.mark.usefixtures("told")
def test_the_command_prints_them(capsys: pytest.CaptureFixture[str]) -> None:
    from estation_central import reckoning  # noqa: PLC0415 (models want Django set up)

    assert reckoning.tv_hours(EVENING - timedelta(days=9)) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("tv-")]
    assert lines[0] == "tv-dark\t2026-11\tunknown\t0 of 1 days"
    assert lines[1] == "tv-hall\t2026-11\t1.5 h\t1 of 2 days"
