"""The drill: a centre is copied, lives on, is lost, and is put back; boxes send again what the copy lacks."""

from __future__ import annotations

import json
import shutil
import tarfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import msgspec
import psycopg
import pytest

from estation_central.collector.interfaces import Store
from estation_central.collector.postgres import PostgresStore
from estation_central.collector.service import Collector
from estation_central.collector.sqlite import SqliteStore
from estation_central.settings import CentreSettings
from estation_central.upkeep import backup, databases
from estation_central.upkeep.databases import UpkeepError
from estation_wire.messages import JournalState
from tests.support.centre import JOURNAL, NOW, MemoryLink, events, hello, record
from tests.support.postgres import Postgres

RECORDS = [record(seq) for seq in range(1, 151)]


def store_of(settings: CentreSettings) -> Store:
    return PostgresStore(settings.database) if settings.database else SqliteStore(settings.sqlite_file)


def say(settings: CentreSettings, *arrivals: object) -> list[int]:
    """The centre takes messages; the watermarks that it answers."""
    link = MemoryLink()
    link.arrivals.extend(arrivals)  # type: ignore[arg-type]
    with closing(store_of(settings)) as store:
        Collector(store, link).turn(NOW, 1.0)
    return [stored.watermark for ack in link.take_acks() for stored in ack.journals]


def greeting(watermark: int) -> object:
    return hello(JournalState(journal=JOURNAL, first=1, last=150, watermark=watermark))


def stored(settings: CentreSettings) -> list[int]:
    with closing(store_of(settings)) as store, store.transaction() as transaction:
        return [seq for (seq,) in transaction.run("SELECT seq FROM journal_record ORDER BY seq")]


@pytest.fixture
def centre(database: str, state: Path) -> CentreSettings:
    """A centre with its authority, in either kind of database."""
    return CentreSettings(state=state, database=database)


def lost(centre: CentreSettings, postgres: Postgres | None) -> CentreSettings:
    """The same centre on a new machine: no state, and an empty database."""
    shutil.rmtree(centre.state)
    if postgres is None:
        return centre
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS anew")
        connection.execute("CREATE DATABASE anew")
    return CentreSettings(state=centre.state, database=postgres.url("anew"))


def test_the_drill(centre: CentreSettings, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A hundred records, a copy, fifty more, a fire: the box is told 100, sends again, and all are there once."""
    key = (centre.authority / "authority.key").read_bytes()
    assert say(centre, events(RECORDS[:100])) == [100]
    copy = backup.make(centre, tmp_path / "copies", NOW)
    assert say(centre, events(RECORDS[100:])) == [150]
    anew = lost(centre, request.getfixturevalue("postgres") if centre.database else None)
    backup.restore(anew, copy, over=False)
    assert (anew.authority / "authority.key").read_bytes() == key
    assert ((anew.authority / "authority.key").stat().st_mode & 0o777) == 0o600
    assert say(anew, greeting(150)) == [100]
    assert say(anew, events(RECORDS[100:])) == [150]
    assert stored(anew) == list(range(1, 151))


def test_a_copy_that_is_not_whole_is_none(centre: CentreSettings, tmp_path: Path) -> None:
    """One byte that turned, a file that is missing, a stranger's paths: said before anything is touched."""
    say(centre, events(RECORDS[:10]))
    copy = backup.make(centre, tmp_path / "copies", NOW)
    before = stored(centre)
    (name,) = {path.name for path in copy.iterdir()} - {backup.MANIFEST, backup.STATE}
    whole = (copy / name).read_bytes()
    (copy / name).write_bytes(whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:])
    with pytest.raises(UpkeepError, match="not what was written"):
        backup.restore(centre, copy, over=True)
    (copy / name).unlink()
    with pytest.raises(UpkeepError, match="not what was written"):
        backup.restore(centre, copy, over=True)
    told = json.loads((copy / backup.MANIFEST).read_text())
    told["files"] = {"../secret": told["files"][backup.STATE]}
    (copy / backup.MANIFEST).write_text(json.dumps(told))
    with pytest.raises(UpkeepError, match="not what was written"):
        backup.restore(centre, copy, over=True)
    (copy / backup.MANIFEST).write_text("{}")
    with pytest.raises(UpkeepError, match="no whole copy"):
        backup.restore(centre, copy, over=True)
    assert stored(centre) == before


def test_a_centre_is_not_replaced_by_mistake(centre: CentreSettings, tmp_path: Path) -> None:
    """What is there stays, unless it is said; PostgreSQL's is never written over; another kind's copy is refused."""
    copy = backup.make(centre, tmp_path / "copies", NOW)
    say(centre, events(RECORDS[:10]))
    with pytest.raises(UpkeepError, match="there is a centre already"):
        backup.restore(centre, copy, over=False)
    other = CentreSettings(state=tmp_path / "other", database="" if centre.database else "postgres:///nowhere")
    with pytest.raises(UpkeepError, match="a copy of"):
        backup.restore(other, copy, over=True)
    if centre.database:
        with pytest.raises(UpkeepError, match="with tables in it"):
            backup.restore(centre, copy, over=True)
        assert len(stored(centre)) == 10
    else:
        backup.restore(centre, copy, over=True)
        assert stored(centre) == []


def test_an_archive_that_reaches_outside_is_refused(state: Path, tmp_path: Path) -> None:
    """Whoever makes a copy of his own, sums and all, writes nothing outside the state folder and makes no links."""
    centre = CentreSettings(state=state)
    cases = (("../outside", tarfile.REGTYPE), ("/outside", tarfile.REGTYPE), ("link", tarfile.SYMTYPE))
    for number, (name, kind) in enumerate(cases):
        copy = backup.make(centre, tmp_path / f"{number}", NOW)
        with tarfile.open(copy / backup.STATE, "w") as archive:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/"
            archive.addfile(member)
        told = json.loads((copy / backup.MANIFEST).read_text())
        told["files"][backup.STATE] = msgspec.to_builtins(backup._copied(copy / backup.STATE))
        (copy / backup.MANIFEST).write_text(json.dumps(told))
        with pytest.raises(UpkeepError, match="no file of a centre"):
            backup.restore(centre, copy, over=True)
        assert (centre.authority / "authority.key").exists()


def test_old_copies_go_and_torn_ones_do_not_count(state: Path, tmp_path: Path) -> None:
    """Of five the two newest stay; what a crash left half done is replaced by the next."""
    centre, copies = CentreSettings(state=state), tmp_path / "copies"
    (copies / ".2026-11-24T110000Z.part").mkdir(parents=True)
    made = [backup.make(centre, copies, NOW + timedelta(days=day)) for day in range(5)]
    assert backup.prune(copies, 2) == made[:3]
    assert sorted(path.name for path in copies.iterdir()) == sorted(path.name for path in made[3:])


def test_a_missing_program_is_named() -> None:
    """Without PostgreSQL's tools it says which package brings them."""
    with pytest.raises(UpkeepError, match="postgresql-client"):
        databases._run(["no-such-program-of-postgresql"])
