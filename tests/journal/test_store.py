"""One suite over the store on a card and the simulated one."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from estation_box.journal.interfaces import CardBrokenError, CardFullError, CardReadOnlyError, JournalUnavailableError
from estation_box.journal.rules import Held, Row
from estation_box.simulated.journal_store import SimulatedJournalStore
from tests.journal.values import ids, store

FIRST, SECOND = f"{1:032x}", f"{2:032x}"


@pytest.fixture(params=["card", "simulated"])
def either(request, tmp_path):
    made = store(tmp_path) if request.param == "card" else SimulatedJournalStore(ids())
    yield made
    made.close()


def rows(*numbers: int) -> list[Row]:
    return [Row(number, b"record %d" % number) for number in numbers]


def test_a_new_journal_is_empty_and_keeps_its_name(either):
    assert either.open() == Held(FIRST, 0, 0, 0)
    either.append(rows(1, 2), 0)
    either.append(rows(3), 1)
    either.close()
    assert either.open() == Held(FIRST, 1, 3, 1)


def test_records_come_back_in_order_as_the_very_bytes(either):
    either.open()
    either.append(rows(1, 2, 3, 4), 0)
    assert either.read(1, 2) == rows(2, 3)
    assert either.read(4, 2) == []


def test_delivered_records_go_after_ninety_days_and_others_never(either):
    either.open()
    either.append(rows(1, 2, 3, 4, 5), 0)
    assert either.forget(1000, 90, 3) == 1
    assert either.forget(1089, 90, 4) == 1
    assert either.forget(1090, 90, 4) == 4
    assert either.forget(1400, 90, 4) == 5


def test_the_last_record_stays_so_that_numbers_go_on(either):
    either.open()
    either.append(rows(1, 2), 2)
    either.forget(1000, 90, 2)
    assert either.forget(1200, 90, 2) == 2
    either.close()
    assert either.open() == Held(FIRST, 2, 2, 2)


def test_a_centre_put_back_to_yesterday_keeps_what_it_lost_in_the_journal(either):
    """Records that the centre had and lost again count as not delivered, however old they are."""
    either.open()
    either.append(rows(1, 2, 3, 4), 0)
    either.forget(1000, 90, 3)
    assert either.forget(1200, 90, 1) == 2


def test_a_new_journal_has_a_new_name_and_nothing_of_the_old(either):
    either.open()
    either.append(rows(1, 2), 1)
    assert either.renew() == Held(SECOND, 0, 0, 0)
    assert either.read(0, 10) == []


def test_a_card_copied_to_another_box_begins_a_journal_of_its_own(tmp_path):
    """A technician copies a card: the copy does not send the other box's records as its own."""
    new_id = ids()
    original = store(tmp_path, "box-1", new_id)
    original.open()
    original.append(rows(1, 2), 0)
    original.close()
    copied = store(tmp_path, "box-2", new_id)
    assert copied.open() == Held(SECOND, 0, 0, 0)
    copied.append(rows(1), 0)
    copied.close()
    assert store(tmp_path, "box-2", new_id).open() == Held(SECOND, 1, 1, 0)
    assert (tmp_path / "journal.db.set-aside").exists()


def test_a_damaged_file_is_set_aside_for_a_new_journal(tmp_path):
    (tmp_path / "journal.db").write_bytes(b"this is no database" * 500)
    assert store(tmp_path).open() == Held(FIRST, 0, 0, 0)
    assert (tmp_path / "journal.db.set-aside").read_bytes().startswith(b"this is no")


def test_a_folder_that_is_not_there_is_trouble_told_plainly(tmp_path):
    with pytest.raises(CardBrokenError, match="replace it"):
        store(tmp_path / "missing").open()


def test_the_simulated_card_refuses_as_it_is_told():
    card = SimulatedJournalStore(ids())
    for refusal in (CardFullError(), CardReadOnlyError()):
        card.refusal = refusal
        with pytest.raises(type(refusal)):
            card.open()


def test_a_full_and_a_read_only_card_are_told_apart(tmp_path):
    card = store(tmp_path)
    card.open()
    card._connection.execute("PRAGMA max_page_count=20")
    with pytest.raises(CardFullError, match="free some room"):
        card.append([Row(number, bytes(1024)) for number in range(1, 100)], 0)
    assert card.open().last == 0
    card._connection.execute("PRAGMA query_only=ON")
    with pytest.raises(CardReadOnlyError, match="read-only"):
        card.append(rows(1), 0)
    assert card.open().last == 0
    card.append(rows(1), 0)
    card.close()


REFUSED_WRITES = """
import resource, sys
from pathlib import Path
from tests.journal.values import journal, moment, write
book = journal(Path(sys.argv[1]))
write(book, 3)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
write(book, 4, since=10)
assert book.trouble is not None
assert book.undelivered() == 4
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
book.tend(moment(100))
assert book.trouble is None
print([record.seq for record in book.recent()])
"""


def test_a_card_that_refuses_every_write_for_a_while_costs_no_record(tmp_path):
    """The kernel refuses each write with an error; when it takes them again, all are there, in order."""
    done = subprocess.run(
        [sys.executable, "-c", REFUSED_WRITES, str(tmp_path)], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout) == (0, "[1, 2, 3, 4, 5, 6, 7, 8]\n"), done.stderr


def test_a_card_that_gives_other_bytes_back_costs_its_records_and_not_the_ones_to_come(tmp_path):
    """Damage in the middle of the file is found when it is read; the next opening begins a new journal."""
    new_id = ids()
    card = store(tmp_path, new_id=new_id)
    card.open()
    card.append([Row(number, b"x" * 900) for number in range(1, 200)], 0)
    card.close()
    path = tmp_path / "journal.db"
    raw = path.read_bytes()
    path.write_bytes(raw[:51200] + b"\xff" * 51200 + raw[102400:])
    assert card.open().journal == FIRST
    with pytest.raises(CardBrokenError):
        card.read(0, 200)
    assert card.open() == Held(SECOND, 0, 0, 0)
    card.append(rows(1), 0)
    card.close()
    assert (tmp_path / "journal.db.set-aside").exists()


def test_a_journal_that_somebody_else_holds_does_not_hang_the_box(tmp_path):
    """A technician's tool that was left open on it costs the box's head half a second, not its life."""
    held = store(tmp_path)
    held.open()
    (path,) = tmp_path.glob("*.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        begun = time.monotonic()
        with pytest.raises(JournalUnavailableError):
            held.append(rows(1), 0)
        assert time.monotonic() - begun < 2.0
        other.execute("ROLLBACK")
    held.append(rows(1), 0)
