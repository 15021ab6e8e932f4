from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import msgspec
import pytest

from estation_box.drivers.two_copies import TwoCopies
from estation_box.journal.interfaces import CardFullError
from estation_box.journal.rules import BATCH_BYTES, MENDED_SECONDS, RETRY_SECONDS, WAITING_RECORDS
from estation_box.journal.service import Journal
from estation_box.simulated.journal_store import SimulatedJournalStore
from estation_wire import codec
from estation_wire.records import Fault, Recovered, StickSeen
from estation_wire.values import Trust
from tests.journal.values import BOOT, ids, journal, moment, store, write

DAY = 86400.0
WRITER = """
import sys
from pathlib import Path
from tests.journal.values import journal, moment
from estation_wire.records import StickSeen
book = journal(Path(sys.argv[1]))
number = book.state().last
while True:
    number += 1
    book.append(moment(number), StickSeen, taken=number, refused=0)
    print(number, flush=True)
    if number % 5 == 0:
        book.acknowledge(book.state().journal, number - 2, authoritative=False)
"""


def test_a_record_is_stamped_numbered_and_kept(tmp_path):
    book = journal(tmp_path)
    book.append(moment(7.25), StickSeen, taken=3, refused=1, reasons=("half copied",))
    book.close()
    (record,) = journal(tmp_path).recent()
    assert (record.seq, record.at, record.up, record.boot, record.trust) == (1, *moment(7.25))
    assert (record.taken, record.reasons) == (3, ("half copied",))


def test_a_batch_holds_the_very_bytes_that_the_hash_is_of(tmp_path):
    book = journal(tmp_path)
    write(book, 3)
    batch = book.batch()
    assert [codec.decode_record(raw).seq for raw in batch.records] == [1, 2, 3]
    book.acknowledge(batch.journal, 2, authoritative=False)
    state = book.state()
    assert (state.first, state.last, state.watermark) == (1, 3, 2)
    assert state.hash == codec.record_hash(batch.records[1])
    assert book.undelivered() == 1


def test_batches_are_bounded_in_records_and_bytes(tmp_path):
    book = journal(tmp_path)
    for number in range(250):
        book.append(moment(number), StickSeen, taken=1, refused=20, reasons=("x" * 96,) * 20)
    batch = book.batch()
    assert sum(map(len, batch.records)) <= BATCH_BYTES
    assert 1 < batch.last < 250
    assert journal(tmp_path).batch(limit=7).last == 7


def test_acknowledgements_only_raise_and_the_answer_to_a_hello_may_lower(tmp_path):
    book = journal(tmp_path)
    write(book, 10)
    name = book.state().journal
    for told, authoritative, expected in ((6, False, 6), (4, False, 6), (99, False, 10), (3, True, 3), (5, False, 5)):
        book.acknowledge(name, told, authoritative=authoritative)
        assert book.state().watermark == expected
    book.acknowledge("f" * 32, 9, authoritative=True)
    assert book.state().watermark == 5
    assert book.batch().records[0] == journal(tmp_path).batch().records[5]


def test_the_watermark_is_kept_with_the_next_record_and_at_the_end(tmp_path):
    book = journal(tmp_path)
    write(book, 3)
    book.acknowledge(book.state().journal, 2, authoritative=False)
    write(book, 1)
    assert journal(tmp_path).state().watermark == 2
    book.acknowledge(book.state().journal, 4, authoritative=False)
    book.close()
    assert journal(tmp_path).state().watermark == 4
    assert journal(tmp_path).batch() is None


def test_a_card_put_back_to_an_older_state_begins_a_new_journal(tmp_path):
    """Numbers that the centre has seen are never given to other records."""
    book = journal(tmp_path)
    write(book, 3)
    old = book.state().journal
    book.acknowledge(old, 50, authoritative=True)
    assert book.state().journal != old
    write(book, 1)
    assert (book.state().first, book.state().last, book.state().watermark) == (1, 1, 0)


def test_delivered_records_are_forgotten_after_ninety_days_undelivered_never(tmp_path):
    book = journal(tmp_path)
    write(book, 10)
    book.acknowledge(book.state().journal, 6, authoritative=False)
    for day in range(0, 91, 10):
        book.tend(moment(day * DAY))
    book.tend(moment(91 * DAY))
    assert book.state().first == 7
    assert journal(tmp_path).state().first == 7


def test_nothing_is_forgotten_while_the_clock_is_a_guess(tmp_path):
    book = journal(tmp_path)
    write(book, 5)
    book.acknowledge(book.state().journal, 5, authoritative=False)
    for day in (0, 100, 200):
        book.tend(moment(day * DAY, Trust.GUESS))
    assert book.state().first == 1


def test_a_fault_that_repeats_is_one_record_with_a_count(tmp_path):
    book = journal(tmp_path)
    for second in range(100):
        book.append(moment(second), Fault, what="picture-still", detail="the same clip again", rung=1)
    book.append(moment(100), Recovered, what="picture-still", after=100.0)
    told = [(type(record), getattr(record, "times", None)) for record in book.recent()]
    assert told == [(Fault, 1), (Fault, 99), (Recovered, None)]
    book.append(moment(101), Fault, what="no-tv", detail="gone")
    book.append(moment(102), Fault, what="no-tv", detail="gone")
    book.tend(moment(101 + 3600))
    assert [record.times for record in book.recent()[3:]] == [1, 1]


def test_while_the_card_is_full_records_wait_and_are_numbered_when_there_is_room(caplog):
    """The picture goes on; afterwards nothing is missing, and a fault tells of it."""
    card = SimulatedJournalStore(ids())
    book = Journal(card, None)
    write(book, 2)
    card.refusal = CardFullError()
    write(book, 3, since=10)
    for second in range(13, 598):
        book.tend(moment(second))
    assert caplog.text.count("is not written") == 1
    assert "free some room" in str(book.trouble)
    assert book.undelivered() == 3
    assert (book.state(), book.batch(), book.recent()) == (None, None, [])
    card.refusal = None
    book.tend(moment(598))
    assert book.trouble is not None  # not asked again within seconds
    book.tend(moment(600 + RETRY_SECONDS))
    assert book.trouble is None
    records = book.recent()
    assert [record.seq for record in records] == [1, 2, 3, 4, 5, 6]
    assert [record.up for record in records] == [0, 1, 10, 11, 12, 600 + RETRY_SECONDS]
    assert (records[-1].what, "card is full" in records[-1].detail) == ("journal-unavailable", True)


def refused(book: Journal, card: SimulatedJournalStore, since: float, seconds: float) -> None:
    card.refusal = CardFullError()
    write(book, 1, since=int(since))
    for second in range(int(seconds)):
        book.tend(moment(since + second))
    card.refusal = None


def whats(book: Journal) -> list[tuple[str, float | None]]:
    told = [record for record in book.recent() if isinstance(record, (Fault, Recovered))]
    return [(type(record).__name__, getattr(record, "after", None)) for record in told]


def test_a_card_that_was_well_for_a_minute_is_told_of_at_once_when_it_refuses_again():
    """The office hears of the second full card within seconds, not within the hour, and how long each lasted."""
    card = SimulatedJournalStore(ids())
    book = Journal(card, None)
    refused(book, card, since=100, seconds=20)
    book.tend(moment(125))
    assert whats(book) == [("Fault", None)]
    book.tend(moment(125 + MENDED_SECONDS))
    assert whats(book) == [("Fault", None), ("Recovered", 25.0)]
    refused(book, card, since=300, seconds=10)
    book.tend(moment(315))
    assert whats(book)[2:] == [("Fault", None)]


def test_a_card_that_refuses_and_takes_by_turns_is_one_fault():
    """A loose card does not fill itself with words about itself."""
    card = SimulatedJournalStore(ids())
    book = Journal(card, None)
    for turn in range(20):
        refused(book, card, since=100 + turn * 30, seconds=10)
        book.tend(moment(100 + turn * 30 + 15))
    assert whats(book) == [("Fault", None)]
    book.tend(moment(700 + MENDED_SECONDS))
    assert [name for name, _ in whats(book)] == ["Fault", "Fault", "Recovered"]
    assert [record.times for record in book.recent() if isinstance(record, Fault)] == [1, 19]


def test_what_waits_is_bounded_and_the_loss_is_told():
    card = SimulatedJournalStore(ids())
    card.refusal = CardFullError()
    book = Journal(card, None)
    for number in range(WAITING_RECORDS + 25):
        book.append(moment(number / 1000), StickSeen, taken=number, refused=0)
    card.refusal = None
    book.tend(moment(60))
    records = book.recent(limit=2000)
    assert [record.seq for record in records] == list(range(1, WAITING_RECORDS + 2))
    assert records[WAITING_RECORDS - 1].taken == WAITING_RECORDS - 1
    assert "25 records were lost" in records[-1].detail


def test_a_card_that_cannot_be_read_for_a_while_is_asked_again():
    card = SimulatedJournalStore(ids())
    book = Journal(card, None)
    write(book, 2)
    card.refusal = CardFullError()
    assert book.batch() is None
    assert book.trouble is not None
    card.refusal = None
    book.tend(moment(30))
    assert (book.trouble, book.batch().last) == (None, 3)
    book.close()


def test_a_record_that_the_contract_refuses_becomes_a_fault_and_blocks_nothing(tmp_path):
    book = journal(tmp_path)
    book.append(moment(), StickSeen, taken=1, refused=0, reasons=("x" * 500,))
    book.append(moment(), StickSeen, wrong=1)
    write(book, 1)
    assert [getattr(record, "what", None) for record in book.recent()] == ["record-refused", "record-refused", None]


def test_kinds_of_a_newer_firmware_are_kept_and_sent_but_not_read(tmp_path):
    """After an update was rolled back, the newer one's records still reach the centre."""
    write(journal(tmp_path), 1)
    newer = msgspec.json.encode(
        {"kind": "hologram.shown", "seq": 2, "at": moment()[0], "boot": BOOT, "up": 1.0, "trust": "rtc"}
    )
    card = store(tmp_path)
    card.open()
    card.append([(2, newer)], 0)
    card.close()
    book = journal(tmp_path)
    assert [record.seq for record in book.recent()] == [1]
    assert book.batch().records[1] == newer


def test_the_checkpoint_of_a_running_session_outlives_a_power_cut(tmp_path):
    book = journal(tmp_path)
    assert book.unfinished() is None
    book.checkpoint(b'{"session":"x"}')
    assert journal(tmp_path).unfinished() == b'{"session":"x"}'
    book.checkpoint(b"")
    assert journal(tmp_path).unfinished() is None


def test_a_checkpoint_that_cannot_be_kept_does_not_stop_the_picture(tmp_path, caplog):
    book = Journal(store(tmp_path), TwoCopies(tmp_path / "missing" / "session"))
    book.checkpoint(b"x")
    book.checkpoint(b"x" * 100_000)
    assert "not kept" in caplog.text
    (tmp_path / "folder").mkdir()
    assert Journal(store(tmp_path), TwoCopies(tmp_path / "folder")).unfinished() is None


@pytest.mark.parametrize("seed", range(5))
def test_a_kill_at_any_moment_loses_no_record_that_was_written(tmp_path, seed):
    """Whatever was told as written is there after kill -9, numbered without a gap, and the journal goes on."""
    chance = random.Random(seed)
    for _ in range(2):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(chance.uniform(0, 0.05))
        os.kill(process.pid, signal.SIGKILL)
        told = [int(line) for line in process.stdout.read().split(b"\n")[:-1]]
        process.wait(timeout=10)
        book = journal(tmp_path)
        state = book.state()
        assert state.last - (told[-1] if told else state.last) in {0, 1}
        assert [record.taken for record in book.recent(10**6)] == list(range(1, state.last + 1))
        book.close()
