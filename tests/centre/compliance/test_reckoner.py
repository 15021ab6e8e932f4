"""However the tables were brought up to date, they say what a reckoning from the records says."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from estation_central.collector.interfaces import Store
from estation_central.collector.service import Collector
from estation_central.collector.sqlite import SqliteStore
from estation_wire import codec
from tests.support.central_here import here
from tests.support.centre import MemoryLink, central, ended, events, record, shown, started
from tests.support.postgres import Postgres
from tests.support.registry import add_station
from tests.support.wire_values import steady
from tests.wire.test_reckoning import STEPS, TUESDAY, lived

NUMBERS = itertools.count()
LATE = datetime(2026, 12, 20, tzinfo=UTC)


def deliver(store: Store, station: str, raws: list[bytes], at: datetime, journal: str = "a" * 32) -> None:
    """The collector takes a batch."""
    link = MemoryLink()
    for cut in range(0, len(raws), 100):
        link.arrivals.append(events(raws[cut : cut + 100], station=station, journal=journal))
    Collector(store, link).turn(at, 1.0)
    assert not link.arrivals


def everything() -> dict[str, list[tuple]]:
    """All that was reckoned."""
    from estation_central.compliance import tables  # noqa: PLC0415 (models want Django set up)

    return {
        table.name: sorted(tables.run(f"SELECT {', '.join(table.columns)} FROM {table.name}"), key=str)
        for table in tables.ALL
    }


def reckon(now: datetime) -> int:
    """One pass, as the command makes it; the sites that it looked at."""
    from estation_central.compliance import reckoner, terms  # noqa: PLC0415 (models want Django set up)

    lots = reckoner.lots(reckoner.due(terms.places(now), now))
    return sum(reckoner.reckon(lot, now).sites for lot in lots)


LOTS = st.lists(
    st.tuples(st.integers(0, 40), st.booleans(), st.integers(0, 21 * 24), st.sampled_from(["", "", "a", "b"])),
    max_size=8,
)


@settings(steady, max_examples=12)
@given(STEPS, STEPS, LOTS)
def test_in_any_lots_the_same_as_from_the_records(django: Path, first, second, lots) -> None:
    """Two rooms, delivered in any lots with passes between, weeks that end and rooms that move meanwhile.

    A rebuild changes nothing, and each session is in the sums of one site.
    """
    from estation_central.compliance import reckoner  # noqa: PLC0415 (models want Django set up)
    from estation_central.registry import moving  # noqa: PLC0415
    from estation_central.registry.models import Placement, Site  # noqa: PLC0415
    from estation_central.stations.models import Station  # noqa: PLC0415

    number = next(NUMBERS)
    names = f"room-{number}-a", f"room-{number}-b"
    extra = [shown(1, session="5" * 32), record(1, "attendance.counted", session="5" * 32, number=7, source="keeper")]
    extra += [record(1, "bulletin.shown", bulletin="flood", times=2), ended(1, counting=700.0, attendance=3)]
    with closing(SqliteStore(django / "centre.sqlite3")) as store:
        with store.transaction() as transaction:
            for name in names:
                add_station(
                    lambda words, *values: transaction.run(words, values), name, f"site-{number}", policy="every-room"
                )
        Site.objects.filter(code=f"site-{number}").update(opened=date(2026, 11, 16))
        places = {"a": Site.objects.get(code=f"site-{number}")}
        words = {"kind": "school", "title": "x", "minimum_seconds": 120, "timezone": "Asia/Urumqi"}
        places["b"] = Site.objects.create(code=f"next-{number}", region=places["a"].region, **words)
        Placement.objects.bulk_create(Placement(station_id=name, site=places["a"]) for name in names)
        written = [[codec.encode(each.record) for each in lived(steps).records] for steps in (first, second)]
        for raws in written:
            for more in extra:
                raws.append(msgspec.json.encode(msgspec.json.decode(more) | {"seq": len(raws) + 1}))
        sent, at = [0, 0], TUESDAY
        for size, other, hours, to in [*lots, (9999, False, 1, ""), (9999, True, 1, "")]:
            at += timedelta(hours=hours)
            if to:
                moving.place(Station.objects.get(name=names[0]), places[to], at)
            raws = written[other][sent[other] : sent[other] + size]
            sent[other] += len(raws)
            deliver(store, names[other], raws, at)
            reckon(at)
    later = at + timedelta(days=9)
    reckon(later)
    kept = everything()
    assert kept["site_verdict"]
    assert kept["site_topic_month"]
    seen = [each for each in kept["showing"] if each[4] != "tv-off"]
    assert sum(each[3] for each in kept["site_month"]) == len(seen)
    assert reckon(later) == 0
    reckoner.forget()
    reckon(later)
    assert everything() == kept


def test_the_command_reckons_in_either_database(
    django: Path, database: str, state: Path, store: Store, query: Callable
) -> None:
    """A pass puts a session on the site's line; a stick in December opens the week again, and the line says so."""
    add_station(query, "room-1", "school-1", minimum_seconds=300)
    add_station(query, "room-2", "school-1")
    query("UPDATE site SET opened = '2026-11-23'")
    at = TUESDAY
    one = [started(1, at=at, session="6" * 32), shown(2, session="6" * 32, language="ug-Arab", seconds=200.5)]
    one += [shown(3, session="6" * 32, language="ug-Arab", seconds=100.25, resumed=True)]  # after a pause
    one += [ended(4, at=at, counting=301.0, session="6" * 32, attendance=40, series="科普之窗")]
    deliver(store, "room-1", one[:1], at)
    assert here(state, "reckon", database=database).returncode == 0
    assert query("SELECT verdict, cause FROM site_verdict WHERE week = '2026-W48'") == [("not met", "no-session")]
    deliver(store, "room-1", one[1:], LATE)
    assert here(state, "reckon", database=database).returncode == 0
    columns = "verdict, cause, rooms, met_rooms, sessions_confirmed, seconds_confirmed, reopened_why, late"
    assert query(f"SELECT {columns} FROM site_verdict WHERE week = '2026-W48'") == [
        ("met", "", 2, 1, 1, 301.0, "late", 1)
    ]
    ((before,),) = query("SELECT before FROM site_verdict WHERE week = '2026-W48'")
    assert json.loads(before)[0] == "not met"
    assert query("SELECT times, milliseconds, language FROM item_shown") == [(1, 300_750, "ug-Arab")]
    assert query("SELECT day, series, attendance, counting FROM showing") == [("2026-11-24", "科普之窗", 40, 301.0)]
    names = ("site_verdict", "showing", "item_shown")
    tables = [query(f"SELECT * FROM {name} ORDER BY 1, 2") for name in names]
    for words in ([], ["--all"], ["--all", "--processes", "2"]):
        run = central if words else here  # reckoned by processes of its own
        done = run(state, "reckon", *words, database=database)
        assert done.returncode == 0, done.stderr
        assert ("0 sites" in done.stdout) == (not words)
    assert [
        query(f"SELECT * FROM {name} ORDER BY 1, 2") for name in ("site_verdict", "showing", "item_shown")
    ] == tables
    query("UPDATE site SET minimum_seconds = 302")  # other terms: other verdicts
    assert "1 sites" in here(state, "reckon", database=database).stdout
    assert query("SELECT verdict, cause FROM site_verdict WHERE week = '2026-W48'") == [("not met", "too-short")]


def test_a_restored_copy_is_reckoned_anew(django: Path, postgres: Postgres, state: Path) -> None:
    """Yesterday's copy of the records takes sessions away; what was added up from them goes as well."""
    url = postgres.url(postgres.new_database("made"))
    from estation_central.collector.postgres import PostgresStore  # noqa: PLC0415

    with closing(PostgresStore(url)) as store:

        def ask(words: str, *values: object) -> list[tuple]:
            with store.transaction() as transaction:
                return transaction.run(words, values)

        add_station(ask, "room-1", "school-1", minimum_seconds=30)
        sessions = [f"{number:032x}" for number in (1, 2)]
        raws = [
            each
            for number, session in enumerate(sessions)
            for each in (shown(2 * number + 1, session=session), ended(2 * number + 2, at=TUESDAY, session=session))
        ]
        deliver(store, "room-1", raws, TUESDAY)
        assert here(state, "reckon", database=url).returncode == 0
        assert ask("SELECT count(*) FROM showing") == ask("SELECT count(*) FROM item_shown") == [(2,)]
        ask("DELETE FROM journal_record WHERE seq > 2")
        ask("UPDATE watermark SET watermark = 2")
        assert here(state, "reckon", database=url).returncode == 0
        assert ask("SELECT count(*) FROM showing") == ask("SELECT count(*) FROM item_shown") == [(1,)]
        assert ask("SELECT sum(times) FROM item_shown") == [(1,)]
