"""The collector over SQLite and over a real PostgreSQL, with a link in memory."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta

import pytest

from estation_central.collector.interfaces import Arrival, Store, StoreRefusedError, StoreUnavailableError
from estation_central.collector.service import Collector
from estation_central.collector.statements import (
    JOURNALS_PER_STATION,
    PICTURES_A_DAY,
    PICTURES_PER_STATION,
    QUARANTINE_ROWS,
)
from estation_wire import codec
from estation_wire.messages import Health, JournalState, Picture, Reply, Status
from estation_wire.topics import FROM_BOX, Leaf, Topic
from estation_wire.values import Trust, Tv
from tests.support.centre import (
    BOOT,
    JOURNAL,
    NOW,
    REGION,
    SESSION,
    STATION,
    MemoryLink,
    events,
    hello,
    record,
    shown,
    started,
)

COLUMNS = "seq, kind, understood, raw"


class Centre:
    """A collector with its link; time passes as the test says."""

    def __init__(self, store: Store) -> None:
        self.link = MemoryLink()
        self.collector = Collector(store, self.link)
        self.up = 0.0

    def receive(self, *arrivals: Arrival, after: float = 0.0) -> None:
        """One turn with these arrivals, ``after`` seconds later."""
        self.up += after
        self.link.arrivals.extend(arrivals)
        while True:
            self.collector.turn(NOW + timedelta(seconds=self.up), self.up)
            if not self.link.arrivals:
                return

    def send(self, leaf: Leaf, message: object, *, station: str = STATION, retained: bool = False) -> Arrival:
        """A message as an arrival."""
        return Arrival(str(Topic(REGION, station, leaf)), codec.encode(message), retained)


@pytest.fixture
def centre(store: Store) -> Centre:
    return Centre(store)


def seqs(query: Callable, station: str = STATION) -> list[int]:
    return [
        seq for (seq,) in query("SELECT seq FROM journal_record WHERE station = %s ORDER BY received, seq", station)
    ]


def test_a_record_is_stored_as_it_came(centre: Centre, query) -> None:
    """The very bytes that a box wrote lie in the database, beside their head, and the box is told."""
    centre.receive(events([record(1), shown(2), record(3, "made.later", 新="字")]))
    rows = query(f"SELECT {COLUMNS} FROM journal_record ORDER BY seq")
    assert [(seq, kind, bool(known)) for seq, kind, known, _ in rows] == [
        (1, "fault", True),
        (2, "clip.shown", True),
        (3, "made.later", False),
    ]
    assert [raw.encode() for *_, raw in rows] == [record(1), shown(2), record(3, "made.later", 新="字")]
    (ack,) = centre.link.take_acks()
    assert [(stored.journal, stored.watermark) for stored in ack.journals] == [(JOURNAL, 3)]
    assert ack.time == NOW


def test_whatever_comes_twice_counts_once(centre: Centre, query) -> None:
    """Batches again, cut otherwise and out of order end in every record once, in order."""
    one, two, three = [record(n) for n in range(1, 4)], [record(n) for n in range(4, 7)], [record(n) for n in (6, 7)]
    for batch in (one, three, one, two, one + two, three, two):
        centre.receive(events(batch))
    assert seqs(query) == [1, 2, 3, 4, 5, 6, 7]
    assert centre.collector.counters.refused == 1
    assert [ack.journals[0].watermark for ack in centre.link.take_acks()] == [3, 3, 6, 6, 7, 7]


def test_a_gap_is_refused_and_not_acknowledged(centre: Centre, query) -> None:
    """The centre never says that it has what it has not."""
    centre.receive(events([record(2)]))
    assert seqs(query) == []
    assert centre.link.take_acks() == []


def test_many_batches_are_one_transaction(centre: Centre, query) -> None:
    """A queue that grew is stored by few commits, and every box gets its answer."""
    names = [f"hall-{number:04}" for number in range(50)]
    centre.receive(*(events([record(1), record(2)], station=name) for name in names))
    assert centre.collector.counters.rounds == 1
    assert len(centre.link.take_acks()) == 50
    assert all(seqs(query, name) == [1, 2] for name in names)


def test_a_hello_is_answered_from_the_database(centre: Centre) -> None:
    """The answer to a hello repeats its nonce and says what the centre really has, also when that is nothing."""
    centre.receive(events([record(n) for n in range(1, 6)]))
    centre.link.take_acks()
    centre.receive(hello(JournalState(journal=JOURNAL, first=1, last=9, watermark=3), nonce="1" * 32))
    centre.receive(hello(JournalState(journal="0" * 32, first=1, last=9, watermark=9)))
    known, unknown = centre.link.take_acks()
    assert (known.nonce, known.journals[0].watermark) == ("1" * 32, 5)
    assert unknown.journals[0].watermark == 0


def test_lost_records_are_booked_once_and_the_box_goes_on(centre: Centre, query) -> None:
    """A range that a box holds no more stands on the page for ever, and does not stop what follows."""
    centre.receive(events([record(1), record(2)]))
    for _ in range(2):
        centre.receive(hello(JournalState(journal=JOURNAL, first=6, last=7, watermark=2)))
    centre.receive(events([record(6), record(7)]))
    assert seqs(query) == [1, 2, 6, 7]
    assert query("SELECT first_seq, last_seq FROM lost_range") == [(3, 5)]
    assert [ack.journals[0].watermark for ack in centre.link.take_acks()] == [2, 5, 5, 7]


def test_a_cloned_card_is_booked_and_still_answered(centre: Centre, query) -> None:
    """Two boxes with one journal are reported; neither is stuck."""
    centre.receive(events([record(n) for n in range(1, 4)]))
    theirs = codec.record_hash(record(2, detail="of another box"))
    centre.receive(hello(JournalState(journal=JOURNAL, first=1, last=2, watermark=2, hash=theirs)))
    assert query("SELECT station, seq, theirs FROM hash_mismatch") == [(STATION, 2, theirs)]
    assert len(centre.link.take_acks()) == 2


def test_a_centre_restored_from_a_copy_gets_everything_again(centre: Centre, query) -> None:
    """After yesterday's copy the boxes send again what it lacks, once."""
    records = [record(n) for n in range(1, 31)]
    centre.receive(events(records[:10]))
    copy = query("SELECT watermark, hash FROM watermark")
    centre.receive(events(records[10:]))
    query("DELETE FROM journal_record WHERE seq > 10")
    query("UPDATE watermark SET watermark = %s, hash = %s", *copy[0])
    centre.link.take_acks()

    centre.receive(events([record(31)]))  # the box does not know it yet
    assert centre.link.take_acks() == []
    state = JournalState(journal=JOURNAL, first=1, last=31, watermark=30, hash=codec.record_hash(records[29]))
    centre.receive(hello(state))
    (ack,) = centre.link.take_acks()
    assert ack.journals[0].watermark == 10
    centre.receive(events([*records[10:], record(31)]))
    assert seqs(query) == list(range(1, 32))
    assert query("SELECT count(*) FROM lost_range") == [(0,)]


def test_the_picture_comes_at_the_middle_and_is_kept(centre: Centre, query) -> None:
    """A session's picture is asked for once, at its middle, and lies beside it."""
    centre.receive(hello(JournalState(journal=JOURNAL, first=1, last=1, watermark=0)))
    centre.receive(events([started(1, length=30.0)]), events([started(1, length=30.0)]))
    centre.receive(after=6.0)
    assert [message for _, message in centre.link.published if isinstance(message, Picture)] == []
    centre.receive(after=10.0)
    centre.receive(after=2.0)
    (topic, command) = next(each for each in centre.link.published if isinstance(each[1], Picture))
    assert topic == Topic(REGION, STATION, Leaf.COMMAND)
    answer = Reply(v=1, command=command.id, outcome="done", media_type="image/jpeg", attachment=b"\xff\xd8picture")
    foreign = centre.send(Leaf.REPLY, answer, station="hall-0008")
    centre.receive(foreign, centre.send(Leaf.REPLY, answer), centre.send(Leaf.REPLY, answer))
    (row,) = query("SELECT station, session, content FROM picture")
    assert (*row[:2], bytes(row[2])) == (STATION, SESSION, b"\xff\xd8picture")
    assert query("SELECT outcome, body FROM command") == [("done", "")]  # what is not sent again is not kept
    centre.receive(hello(JournalState(journal=JOURNAL, first=1, last=1, watermark=1)))
    assert len([each for each in centre.link.published if isinstance(each[1], Picture)]) == 1


def test_a_command_waits_for_a_station_that_is_away(centre: Centre, query) -> None:
    """What was ordered is sent when the box says hello, again until it answers, and never after its expiry."""
    command = Picture(v=1, id="9" * 32, issued=NOW, expires=NOW + timedelta(seconds=100))
    insert = "INSERT INTO command (id, station, session, body, not_before, expires, outcome, reason) "
    values = (command.id, STATION, "", codec.encode(command).decode(), NOW, command.expires, "", "")
    query(f"{insert} VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", *values)
    centre.receive(after=2.0)
    assert centre.link.published == []
    for after in (1.0, 1.0, 200.0):
        centre.receive(hello(), after=after)
    assert [message for _, message in centre.link.published if isinstance(message, Picture)] == [command, command]


def test_only_the_latest_health_is_kept(centre: Centre, query) -> None:
    """A page shows what a station said last, and when it was last heard itself."""
    health = Health(v=1, at=NOW, trust=Trust.NETWORK, boot=BOOT, up=1.0, undelivered=0, tv=Tv.ON)
    online = Status(v=1, online=True, boot=BOOT, firmware="1.0")
    centre.receive(centre.send(Leaf.STATUS, online, retained=True), after=6.0)
    assert query("SELECT heard FROM latest") == [(None,)]
    centre.receive(*(centre.send(Leaf.HEALTH, health) for _ in range(100)), after=6.0)
    assert query("SELECT count(*) FROM latest WHERE leaf = 'health' AND heard IS NOT NULL") == [(1,)]
    gone = Status(v=1, online=False, boot=BOOT, firmware="1.0")
    centre.receive(centre.send(Leaf.STATUS, gone), after=6.0)
    ((payload, heard),) = query("SELECT payload, heard FROM latest WHERE leaf = 'status'")
    assert heard is None
    assert not codec.decode_message(Leaf.STATUS, payload.encode()).online


class Moody:
    """A store whose database goes away when told so: before the commit, or after it and before the answer."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.moods: list[str] = []
        self.closed = 0

    @contextmanager
    def transaction(self):
        """A transaction that may break off."""
        mood = self.moods.pop(0) if self.moods else ""
        with self.store.transaction() as transaction:
            yield transaction
            if mood == "before":
                message = "gone"
                raise StoreUnavailableError(message)
        if mood == "after":
            message = "gone"
            raise StoreUnavailableError(message)

    def close(self) -> None:
        """Let go."""
        self.closed += 1
        self.store.close()


@pytest.mark.parametrize("mood", ["before", "after"])
def test_a_database_that_breaks_off_loses_nothing(store: Store, query, mood: str) -> None:
    """Whether or not the commit got through, every record is stored once, and acknowledged only then."""
    moody = Moody(store)
    centre = Centre(moody)
    centre.receive()
    moody.moods = [mood] * 3
    centre.link.arrivals.append(events([record(1), record(2)]))
    for _ in range(20):
        centre.up += 1.0
        centre.collector.turn(NOW + timedelta(seconds=centre.up), centre.up)
    assert centre.collector.counters.outages == 3
    assert seqs(query) == [1, 2]
    assert len(centre.link.take_acks()) == 1


class Picky(Moody):
    """A store whose database takes nothing from hall-0001."""

    @contextmanager
    def transaction(self):
        """A transaction that may be refused."""
        with self.store.transaction() as transaction:
            yield transaction
            if transaction.run("SELECT 1 FROM journal_record WHERE station = %s", ("hall-0001",)):
                message = "no"
                raise StoreRefusedError(message)


def test_what_the_database_refuses_does_not_hold_up_the_others(store: Store, query) -> None:
    """One message that cannot be stored is put aside; its neighbours are stored."""
    centre = Centre(Picky(store))
    centre.receive(events([record(1)], station="hall-0001"), events([record(1)], station="hall-0002"))
    assert seqs(query, "hall-0002") == [1]
    assert seqs(query, "hall-0001") == []
    assert len(centre.link.take_acks()) == 1
    centre.receive(after=6.0)
    assert "refuses" in query("SELECT reason FROM quarantine")[0][0]


def test_a_station_cannot_have_any_number_of_journals(centre: Centre, query) -> None:
    """A hostile box does not fill the database with journals."""
    for number in range(JOURNALS_PER_STATION + 20):
        centre.receive(events([record(1)], journal=f"{number:032x}"))
    assert query("SELECT count(*) FROM watermark") == [(JOURNALS_PER_STATION,)]
    assert centre.collector.counters.malformed == 20


def test_ten_thousand_malformed_messages_are_dropped(centre: Centre, query, caplog) -> None:
    """Garbage is counted, with a line of the log now and then; nothing grows and nothing breaks."""
    chance = random.Random(20261124)
    for number in range(10_000):
        centre.link.arrivals.append(_hostile(chance))
        if number % 500 == 499:
            centre.receive(after=1.0)
    centre.receive(events([record(1)]), after=6.0)
    counters = centre.collector.counters
    assert counters.messages == 10_001
    assert counters.malformed > 9_000
    assert query("SELECT count(*) FROM quarantine")[0][0] <= QUARANTINE_ROWS
    assert query("SELECT count(*) FROM journal_record") == [(1,)]
    assert len(caplog.records) <= 4
    assert seqs(query) == [1]


def _hostile(chance: random.Random) -> Arrival:
    """A message that is wrong somewhere: in its topic, its bytes, its form or its values."""
    leaf = chance.choice([*FROM_BOX, Leaf.ACK, Leaf.COMMAND])
    good = {
        Leaf.EVENTS: events([record(n) for n in range(5, 8)]),
        Leaf.HELLO: hello(JournalState(journal=JOURNAL, first=1, last=1, watermark=0)),
    }.get(leaf)
    payload = bytearray(good.payload if good else b'{"v":1,"online":true,"boot":"' + BOOT.encode() + b'"}')
    topic = str(Topic(REGION, STATION, leaf))
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(payload))
        how = chance.randrange(6)
        if how == 0:
            payload[at : at + chance.randint(1, 30)] = b""
        elif how == 1:
            payload[at:at] = chance.randbytes(chance.randint(1, 20))
        elif how == 2:
            payload[at:at] = chance.choice([b"\0", b"\xff", b'"', b"{" * 2000, b"[" * 9, b"\\ud800", b"1e999", b"-1"])
        elif how == 3:
            payload = bytearray(chance.randbytes(chance.randint(0, 400)))
        elif how == 4:
            topic = chance.choice(
                ["", "/", "estation/v1", topic + "/x", topic.replace("/", "//"), "\ufffd", topic[:-2]]
            )
        else:
            payload = (payload * chance.randint(2, 300))[:300_000]
        if not payload:
            break
    return Arrival(topic, bytes(payload))


def test_a_busy_day_costs_a_metered_link_four_pictures_and_no_more(centre: Centre, query) -> None:
    """The fifth session of a day is not photographed."""
    centre.receive(hello(JournalState(journal=JOURNAL, first=1, last=6, watermark=0)))
    for number in range(1, 7):
        centre.receive(events([started(number, session=f"{number:032x}", length=30.0)]))
    assert query("SELECT count(*) FROM command") == [(PICTURES_A_DAY,)]


def test_the_collector_does_not_need_django() -> None:
    """The collector starts without the pages' framework, quickly and small."""
    program = "import sys, estation_central.collector.app; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=30).returncode == 0


def test_old_pictures_make_room(centre: Centre, query) -> None:
    """A station's pictures are kept for a year of weeks, not for ever."""
    insert = "INSERT INTO command (id, station, session, body, not_before, expires, outcome, reason) "
    for number in range(PICTURES_PER_STATION + 5):
        name = f"{number:032x}"
        query(f"{insert} VALUES (%s, %s, '', '', %s, %s, '', '')", name, STATION, NOW, NOW)
        answer = Reply(v=1, command=name, outcome="done", media_type="image/jpeg", attachment=b"x")
        centre.receive(centre.send(Leaf.REPLY, answer), after=0.1)
    assert query("SELECT count(*) FROM picture") == [(PICTURES_PER_STATION,)]
