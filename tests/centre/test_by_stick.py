"""A stick with reports at the centre, over SQLite and over a real PostgreSQL: verified, counted once, acknowledged."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from estation_box.drivers.seal import Seal
from estation_central.authority.folder import Authority
from estation_central.collector.by_stick import Mailbag
from estation_central.collector.service import Collector
from estation_central.collector.sqlite import SqliteStore
from estation_wire import stick as layout
from tests.support.centre import JOURNAL, NOW, REGION, STATION, MemoryLink, central, events, record


class Office:
    """An authority with a database, a station's key with its certificate, and a stick."""

    def __init__(self, folder: Path, state: Path, store) -> None:
        self.stick = folder / "stick"
        self.stick.mkdir(exist_ok=True)
        self.store = store
        self.authority = Authority(state / "authority")
        self.seal = Seal(folder / "key.pem")
        self.certify(STATION)

    def certify(self, station: str, seal: Seal | None = None) -> None:
        self.authority.sign_request((seal or self.seal).request(station), station, REGION)

    def report(
        self, first: int, last: int, *, station: str = STATION, folder: str = "", seal: Seal | None = None, records=None
    ) -> Path:
        """A box of ``station`` leaves its records."""
        records = records or tuple(record(seq) for seq in range(first, last + 1))
        head, body = layout.report_head(station, JOURNAL, first, records, NOW)
        signature = (seal or self.seal).sign(layout.signed_message(layout.REPORT_KIND, head))
        path = self.stick / layout.reports(folder or station) / f"{JOURNAL}-{first}.report"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(layout.seal(head, signature, body))
        return path

    def take(self, days: int = 0):
        return list(Mailbag(self.stick, self.authority, self.store).take(NOW + timedelta(days=days)))

    def acked(self, station: str = STATION) -> int:
        """What the ack on the stick says, verified as the box does."""
        raw = (self.stick / layout.ack(station)).read_bytes()
        sealed = layout.unseal(raw, layout.ACK_KIND, layout.ACK_LIMIT_BYTES)
        assert self.seal.vouched(self.authority.certificate.read_text(), sealed.signature, sealed.message)
        head = layout.read_ack(sealed)
        assert head.station == station
        return head.journals[0].watermark


@pytest.fixture
def office(tmp_path, state, store) -> Office:
    return Office(tmp_path, state, store)


def stored(query) -> list[int]:
    return [seq for (seq,) in query("SELECT seq FROM journal_record WHERE station = %s ORDER BY seq", STATION)]


def test_reports_are_stored_as_they_were_written_and_acknowledged_on_the_stick(office, query):
    """The office has the very records; the next stick tells the box so, and the reports are off the stick."""
    paths = [office.report(1, 100), office.report(101, 120)]
    verdicts = office.take()
    assert [verdict.refused for verdict in verdicts] == [False, False]
    assert stored(query) == list(range(1, 121))
    ((raw,),) = query("SELECT raw FROM journal_record WHERE seq = 7")
    assert raw.encode() == record(7)
    assert office.acked() == 120
    assert not any(path.exists() for path in paths)


def test_a_report_that_comes_again_counts_nothing_twice(office, query):
    """A copy of the stick, shown once more, changes no figure."""
    path = office.report(1, 30)
    copy = path.read_bytes()
    office.take()
    path.write_bytes(copy)
    (verdict,) = office.take(days=1)
    assert not verdict.refused
    assert stored(query) == list(range(1, 31))
    assert office.acked() == 30


def test_the_network_may_come_first_or_later(office, query):
    """What came by network is not counted again by stick, nor the other way round."""
    link = MemoryLink()
    collector = Collector(office.store, link)
    link.arrivals.append(events([record(seq) for seq in range(1, 21)]))
    collector.turn(NOW, 0.0)
    office.report(11, 50)
    office.take()
    assert office.acked() == 50
    link.arrivals.append(events([record(seq) for seq in range(41, 61)]))
    collector.turn(NOW, 1.0)
    assert [each.journals[0].watermark for each in link.take_acks()] == [20, 60]
    assert stored(query) == list(range(1, 61))


def test_what_lacks_its_beginning_waits_for_it(office, query):
    """The second stick without the first is refused in words and stays on the stick; with the first all is well."""
    later = office.report(11, 20)
    (verdict,) = office.take()
    assert verdict.refused
    assert "before record 11" in verdict.words
    assert later.exists()
    assert not (office.stick / layout.ACKS).exists()
    office.report(1, 10)
    assert not any(each.refused for each in office.take())
    assert stored(query) == list(range(1, 21))


@pytest.mark.parametrize("harm", ["one bit", "a record", "head", "cut", "empty", "folder", "link", "hole", "nonsense"])
def test_a_report_that_is_not_what_the_box_signed_is_refused(office, query, tmp_path, harm):
    """Money is paid on these records: one changed bit, and none of the report is taken."""
    path = office.report(1, 5)
    raw = path.read_bytes()
    changed = {
        "one bit": raw[:-20] + bytes([raw[-20] ^ 1]) + raw[-19:],
        "a record": raw.replace(b"record 3", b"record 9"),
        "head": raw.replace(b'"last":5', b'"last":4'),
        "cut": raw[:-30],
        "empty": b"",
        "nonsense": b"\xff\x00\n" * 20,
    }
    if harm in changed:
        path.write_bytes(changed[harm])
    elif harm == "folder":
        path.unlink()
        path.mkdir()
    elif harm == "link":
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
    else:
        office.report(1, 2, records=(record(1), record(3)))
    (verdict,) = office.take()
    assert verdict.refused
    assert stored(query) == []
    assert not (office.stick / layout.ACKS).exists()


def test_another_boxs_signature_and_another_stations_report_are_refused(office, query, tmp_path):
    """Nobody reports for another hall: not with another key, nor with his own report in its folder."""
    other = Seal(tmp_path / "other.pem")
    office.certify("hall-0008", other)
    office.report(1, 3, seal=other)
    (verdict,) = office.take()
    assert "not signed by this station's box" in verdict.words
    office.report(1, 3, station="hall-0008", folder=STATION)  # signed by this station's key, about another
    (verdict,) = office.take()
    assert "wrong folder" in verdict.words
    assert stored(query) == []


def test_a_station_without_a_certificate_is_told_what_comes_first(office, tmp_path):
    """Its request is signed first; then its report is taken."""
    seal = Seal(tmp_path / "new.pem")
    office.report(1, 3, station="hall-0009", seal=seal)
    (verdict,) = office.take()
    assert "sign-requests" in verdict.words
    office.certify("hall-0009", seal)
    assert [each.refused for each in office.take()] == [False]
    assert office.acked("hall-0009") == 3


def test_a_revoked_box_reports_no_more(office):
    """What was taken back is worth nothing on a stick either."""
    office.authority.revoke(STATION, NOW)
    office.report(1, 3)
    assert office.take()[0].refused


def test_a_folder_that_bears_no_stations_name_is_not_opened(office):
    """A stick may hold anything under these names."""
    (office.stick / layout.RETURNED / "..x" / layout.REPORTS).mkdir(parents=True)
    (verdict,) = office.take()
    assert "no station's name" in verdict.words


def test_a_centre_without_its_database_stores_nothing_and_says_so(office, tmp_path):
    """The reports stay on the stick until they are safe."""
    path = office.report(1, 3)
    office.store = SqliteStore(tmp_path / "nowhere" / "centre.sqlite3")
    with pytest.raises(OSError, match="database"):
        office.take()
    assert path.exists()


def test_the_command_says_what_it_took_and_what_it_refused(state, tmp_path):
    """One line for each report; 1 where one was refused."""
    office = Office(tmp_path, state, SqliteStore(state / "centre.sqlite3"))
    office.report(1, 3)
    done = central(state, "take-reports", str(office.stick))
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "hall-0007: records 1 to 3 are here" in done.stdout
    office.report(9, 9)
    again = central(state, "take-reports", str(office.stick))
    assert again.returncode == 1
    assert "refused: hall-0007/" in again.stdout


class Travelling:
    """A box that reports both ways, as far as counting goes: what it wrote, and from where on it sends."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.link = MemoryLink()
        self.collector = Collector(office.store, self.link)
        self.written = self.watermark = 0
        self.copies: list[tuple[Path, bytes]] = []

    @property
    def unsent(self) -> range:
        return range(self.watermark + 1, min(self.written, self.watermark + 100) + 1)

    @property
    def reports(self) -> list[Path]:
        return list((self.office.stick / layout.reports(STATION)).glob("*.report"))

    def write(self, number: int) -> None:
        self.written += number

    def network(self, _: int) -> None:
        if self.unsent:
            self.link.arrivals.append(events([record(seq) for seq in self.unsent]))
            self.collector.turn(NOW, 0.0)
            for ack in self.link.take_acks():
                self.watermark = max(self.watermark, ack.journals[0].watermark)

    def stick_to_box(self, _: int = 0) -> None:
        if (self.office.stick / layout.ack(STATION)).exists():
            self.watermark = max(self.watermark, min(self.office.acked(), self.written))
        if self.unsent:
            self.office.report(self.unsent[0], self.unsent[-1])

    def stick_to_office(self, _: int = 0) -> None:
        self.office.take()

    def copy(self, _: int) -> None:
        self.copies += [(path, path.read_bytes()) for path in self.reports]

    def show_copy(self, _: int) -> None:
        for path, raw in self.copies:
            path.write_bytes(raw)

    def bad(self, _: int) -> None:
        for path in self.reports:
            path.write_bytes(path.read_bytes()[:-1])


WAYS = (
    Travelling.write, Travelling.network, Travelling.stick_to_box, Travelling.stick_to_office,
    Travelling.copy, Travelling.show_copy, Travelling.bad,
)  # fmt: skip
STEPS = st.lists(st.tuples(st.sampled_from(WAYS), st.integers(1, 40)), max_size=14)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_way_and_order_they_come_each_record_is_counted_once(steps, state, tmp_path_factory):
    """Network and sticks, copies and damage, in any order: nothing twice, no gap, and in the end everything."""
    folder = tmp_path_factory.mktemp("travel")
    database = folder / "centre.sqlite3"
    database.write_bytes((state / "centre.sqlite3").read_bytes())
    store = SqliteStore(database)
    travelling = Travelling(Office(folder, state, store))
    try:
        for step, number in steps:
            step(travelling, number)
        while travelling.watermark < travelling.written:
            travelling.stick_to_box()
            travelling.stick_to_office()
            travelling.stick_to_box()
        with store.transaction() as transaction:
            rows = transaction.run("SELECT seq FROM journal_record WHERE station = %s ORDER BY seq", (STATION,))
        assert [seq for (seq,) in rows] == list(range(1, travelling.written + 1))
    finally:
        store.close()
