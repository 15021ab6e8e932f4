"""Records lie in a table for each month; nobody has to make one by hand."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg

from estation_central.collector import months
from estation_central.collector.postgres import PostgresStore
from estation_central.collector.service import Collector
from tests.support.centre import NOW, MemoryLink, central, events, record
from tests.support.postgres import Postgres

PARTS = "SELECT relid::regclass::text FROM pg_partition_tree('journal_record') WHERE isleaf ORDER BY 1"
WHERE = "SELECT tableoid::regclass::text, count(*) FROM journal_record GROUP BY 1 ORDER BY 1"

PLAIN = """
INSERT INTO journal_record
SELECT 'hall-0007', repeat('a', 32), %s, now(), repeat('b', 32), 1, 'network', 'fault', true, '{}', %s"""
MARK = """
INSERT INTO watermark (station, journal, watermark, hash) VALUES ('hall-0007', repeat('a', 32), %s, '')
ON CONFLICT (station, journal) DO UPDATE SET watermark = %s"""


def asked(url: str, statement: str) -> list[tuple]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchall()


def receive(url: str, at: datetime, *seqs: int, station: str = "hall-0007") -> None:
    link = MemoryLink()
    with closing(PostgresStore(url)) as store:
        link.arrivals.append(events([record(seq) for seq in seqs], station=station))
        Collector(store, link).turn(at, 1.0)
    assert len(link.take_acks()) == 1


def test_the_month_after_december() -> None:
    """The year turns."""
    assert months.after(date(2026, 12, 1)) == date(2027, 1, 1)
    assert months.after(date(2026, 1, 1)) == date(2026, 2, 1)


def test_a_months_table_is_there_before_its_first_minute(postgres: Postgres) -> None:
    """The first record of November makes the tables up to January; a new year needs nobody."""
    url = postgres.url(postgres.new_database("made"))
    receive(url, NOW, 1)
    expected = [("journal_record_2026_11",), ("journal_record_2026_12",), ("journal_record_2027_01",)]
    assert asked(url, PARTS) == [*expected, ("journal_record_first",)]
    receive(url, datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), 2)
    receive(url, datetime(2027, 1, 1, tzinfo=UTC), 3)
    receive(url, datetime(2028, 6, 1, tzinfo=UTC), 4)  # nobody collected for a year and a half
    assert asked(url, WHERE) == [
        ("journal_record_2026_11", 1),
        ("journal_record_2026_12", 1),
        ("journal_record_2027_01", 1),
        ("journal_record_2028_06", 1),
    ]


def test_a_clock_of_ours_that_went_back_stores_all_the_same(postgres: Postgres) -> None:
    """A server that wakes up in 2019 loses nothing."""
    url = postgres.url(postgres.new_database("made"))
    receive(url, NOW, 1)
    receive(url, datetime(2019, 5, 5, tzinfo=UTC), 2)
    receive(url, datetime(1970, 5, 5, tzinfo=UTC), 3)
    assert sum(count for _, count in asked(url, WHERE)) == 3


def test_collectors_side_by_side_make_a_month_once(postgres: Postgres) -> None:
    """Six collectors that enter a month in the same second all store."""
    url = postgres.url(postgres.new_database("made"))
    at = datetime(2029, 3, 1, tzinfo=UTC)
    threads = [
        threading.Thread(target=receive, args=(url, at + timedelta(seconds=n), 1), kwargs={"station": f"hall-{n}"})
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked(url, WHERE) == [("journal_record_2029_03", 6)]


def test_what_was_stored_before_the_table_was_cut_stays(postgres: Postgres, tmp_path: Path) -> None:
    """An older centre is updated, and may go back; not a record is lost on either way."""
    url = postgres.url(postgres.new_database("made"))
    for wanted, rows in (("0005", 1), ("0006", 2), ("0005", 3), ("0006", 4)):
        migrated = central(tmp_path, "django", "migrate", "stations", wanted, database=url)
        assert migrated.returncode == 0, migrated.stderr
        kind = asked(url, "SELECT relkind FROM pg_class WHERE relname = 'journal_record'")
        assert kind == [("p" if wanted == "0006" else "r",)]
        with psycopg.connect(url, autocommit=True) as connection:
            before = connection.execute("SELECT count(*) FROM journal_record").fetchone()
        assert before == (rows - 1,)
        if wanted == "0006":
            receive(url, NOW + timedelta(days=rows), rows)
        else:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(PLAIN, (rows, NOW + timedelta(days=rows)))
                connection.execute(MARK, (rows, rows))
