"""Care for the card at night: what rots is found, not shown, and repaired; what nobody offers any more goes."""

from __future__ import annotations

import os
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estation_box.drivers.content_scrub import CardFiles
from estation_box.drivers.library_store import LibraryStore
from estation_box.drivers.library_writer import KEPT_PAST
from estation_box.library import said
from estation_box.library.card_interfaces import Place
from estation_box.library.interfaces import CardError
from estation_box.library.rules import Planned
from estation_box.library.scrub import MAX_BAD, NIGHT_SECONDS, SAVE_EVERY, Scrub, around, mended, told
from estation_box.library.sync_words import Synced
from estation_wire import stick as layout
from estation_wire.blocks import BLOCK_BYTES, block_count
from estation_wire.bulletins import BULLETINS_NAME, Bulletin, Bulletins
from estation_wire.library import CATALOGUE_NAME, Catalogue
from tests.support.card import Card
from tests.support.library import NOW
from tests.support.troubled_stick import TroubledStick

NOTICE = Bulletin(id="storm", priority="emergency", titles={"zh-Hans": "沙尘暴"}, issued=NOW)
SIZES = [3 * BLOCK_BYTES + 5, BLOCK_BYTES, 2 * BLOCK_BYTES + 1]


@pytest.fixture
def card(tmp_path: Path) -> Card:
    """A card with three films."""
    card = Card(tmp_path, SIZES)
    card.ingest()
    assert card.offered() == set(card.ids)
    return card


def test_a_rotten_block_is_found_not_shown_and_alone_repaired(card: Card):
    """One wrong bit on the card: the film is not shown any more, and the next stick brings that one block."""
    first = card.ids[0]
    card.flip(first, 2)
    found = card.scrub()
    assert (found.read, found.damaged, found.lost) == (8, {first}, set())
    assert card.offered() == set(card.ids) - {first}
    assert card.scrub().damaged == set()  # told once
    with TroubledStick(card.stick) as stick:
        copied = card.ingest(source=stick)
        assert stick.bytes_read == BLOCK_BYTES + 12  # the block, and the head of the file
    assert list(copied.stored) == [first]
    assert card.offered() == set(card.ids)
    assert card.scrub().bad == 0


def test_a_rotten_film_stays_on_the_card_until_it_is_repaired(card: Card):
    """A film with one bad block is not thrown away: tidying leaves it, and a damaged stick changes nothing."""
    first = card.ids[0]
    card.flip(first, 1)
    card.scrub()
    card.tidy()
    path = card.stick / layout.content(first)
    good = path.read_bytes()
    path.write_bytes(good[:BLOCK_BYTES] + bytes(BLOCK_BYTES) + good[2 * BLOCK_BYTES :])
    assert not card.ingest().stored
    assert card.said == ["Film 0 is damaged; it was not taken"]
    assert first not in card.offered()
    path.write_bytes(good)
    card.ingest()
    assert card.offered() == set(card.ids)


def test_a_film_that_rots_and_is_cut_is_taken_from_its_good_beginning(card: Card):
    """Where the file is no more whole, the next stick brings what is missing behind the last good block."""
    first = card.ids[0]
    card.flip(first, 2)
    card.scrub()
    os.truncate(card.cache / first, 3 * BLOCK_BYTES)
    with TroubledStick(card.stick) as stick:
        card.ingest(source=stick)
        assert stick.bytes_read == BLOCK_BYTES + 5 + 12
    assert card.offered() == set(card.ids)


@pytest.mark.parametrize("harm", ["cut", "gone", "list"])
def test_what_is_lost_is_told_and_taken_anew(card: Card, harm: str):
    """A film that the card has cut or lost, or whose record rotted, is told and is not held any more."""
    first = card.ids[0]
    if harm == "cut":
        os.truncate(card.cache / first, 100)
    elif harm == "gone":
        (card.cache / first).unlink()
    else:
        with card.books() as books:
            books.have(first, SIZES[0], bytes(4 * 32))
    assert card.scrub().lost == {first}
    assert card.offered() == set(card.ids) - {first}
    card.tidy()
    card.ingest()
    assert card.offered() == set(card.ids)


def test_a_block_that_cannot_be_read_is_no_crash():
    """An unreadable cell (here: a file of the system whose reading gives EIO) is a bad block and not the end."""
    files = CardFiles(Path("/proc/self"))
    assert files.block(Place("mem", 0), 4096) is None
    assert files.block(Place("nothing", 0), 10) is None
    assert files.size("nothing") == 0
    with pytest.raises(CardError):
        files.block(Place("task", 0), 10)
    with pytest.raises(CardError):
        files.size("status/below")


class DyingCard(CardFiles):
    """A card that gives nothing back any more."""

    def block(self, place: Place, length: int) -> None:
        """See `FilmFiles.block`."""


def test_a_dying_card_is_told_and_not_read_to_its_end(tmp_path: Path):
    """Where block after block is unreadable the night ends, and people hear that the card is to be replaced."""
    card = Card(tmp_path, [70 * BLOCK_BYTES])
    card.ingest()
    with card.books() as books:
        found = Scrub(books, DyingCard(card.cache), lambda: 0.0).night(lambda: False, 1)
    assert found.read == MAX_BAD
    assert [line.said for line in found.lines()] == [said.FILMS_ROTTEN.about(count=1), said.CARD_DYING]
    assert card.offered() == set()


def test_a_month_of_nights_reads_the_whole_card_once(card: Card):
    """Each night goes on where the last one ended, also after a cut in between, and the round begins anew."""
    seen: list[Place] = []

    class Listening(CardFiles):
        """Writes down what is read."""

        def block(self, place: Place, length: int) -> memoryview | None:
            """See `FilmFiles.block`."""
            seen.append(place)
            return super().block(place, length)

    blocks = sum(map(block_count, SIZES))
    for _ in range(blocks):
        with card.books() as books:
            Scrub(books, Listening(card.cache), lambda: 0.0).night(lambda: False, 5 * blocks)
    assert sorted(seen) == sorted(around(dict(zip(card.ids, SIZES, strict=True)), Place("", 0)))


def test_a_night_ends_for_the_keeper_and_by_the_clock(card: Card):
    """A stick that comes in the middle of the night does not wait, and a slow card does not read till noon."""
    turns = iter([False, False, True])
    assert card.scrub(stop=lambda: next(turns)).read == 2
    passed = iter([0.0, 1.0, NIGHT_SECONDS - 1, NIGHT_SECONDS])
    with card.books() as books:
        assert Scrub(books, CardFiles(card.cache), lambda: next(passed)).night(lambda: False, 1).read == 2


def test_a_film_that_broke_off_is_read_whole_and_the_others_are_not(card: Card):
    """What somebody saw break off is looked at by day: that film alone, until a stick comes or the time is over."""
    first, second, _ = card.ids
    card.flip(first, 2)
    with card.books() as books:
        scrub = Scrub(books, CardFiles(card.cache), lambda: 0.0)
        found = scrub.films((first, "f" * 64), lambda: False)
        assert (found.read, found.damaged) == (4, {first})
        assert scrub.films((first,), lambda: False).damaged == set()  # told once
        assert scrub.films((second,), lambda: True).read == 0
        passed = iter([0.0, 1.0, NIGHT_SECONDS])
        assert Scrub(books, CardFiles(card.cache), lambda: next(passed)).films((first,), lambda: False).read == 1
        assert mended(found, books).mended == set()
    assert card.offered() == set(card.ids) - {first}
    card.ingest()
    with card.books() as books:
        day = Synced(source="stick", taken=1, refused=0)
        after = told(day, mended(found, books), ("en",))
    assert (after.reasons, after.rotten, after.refused) == ((), 1, 0)


def test_a_cut_night_repeats_little(tmp_path: Path):
    """The place is kept every so often, so that a box without a whole night comes round too."""
    card = Card(tmp_path, [(SAVE_EVERY + 6) * BLOCK_BYTES])
    card.ingest()
    reads = iter(range(SAVE_EVERY + 3))

    def cut() -> bool:
        if next(reads) == SAVE_EVERY + 2:
            raise InterruptedError
        return False

    with pytest.raises(InterruptedError):
        card.scrub(stop=cut)
    with card.books() as books:
        assert books.scrubbed() == Place(card.ids[0], SAVE_EVERY)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 5 * BLOCK_BYTES)),
    st.sampled_from(["", "a", "c", "z"]),
    st.integers(-2, 9),
)
def test_the_round_meets_every_block_once(kept: dict[str, int], name: str, block: int):
    """Wherever the round begins, each block of each film is read once, also where the film of last night is gone."""
    places = list(around(kept, Place(name, block)))
    assert sorted(places) == [Place(each, at) for each in sorted(kept) for at in range(block_count(kept[each]))]
    if name in kept and 0 <= block < block_count(kept[name]):
        assert places[0] == Place(name, block)


def test_core_and_centre_hear_of_it(card: Card):
    """What the night found stands among the reasons that core is told; a good night says nothing."""
    day = Synced(source="timer", taken=0, refused=1, reasons=("x",))
    assert told(day, card.scrub(), ("en",)) == day
    card.flip(card.ids[1], 0)
    night = told(day, card.scrub(), ("en",))
    assert night.reasons == (said.FILMS_ROTTEN.about(count=1).en, "x")
    assert (night.refused, night.changed) == (2, True)


def test_what_left_the_catalogue_goes_and_its_title_stays(card: Card):
    """A film that nobody offers any more leaves the card; what the history says of it can still be read."""
    first, *others = card.ids
    card.load(tuple(others), version=2)
    card.tidy()
    assert {path.name for path in card.cache.iterdir()} == set(others)
    with card.books() as books:
        assert books.kept().keys() == set(others)
        assert books.items((first,)) == {}
        assert books.remembered(card.ids)[first].titles == {"en": "Film 0"}
        assert books.remembered(card.ids).keys() == set(card.ids)


def test_without_a_catalogue_nothing_is_removed(card: Card):
    """A database that was made anew knows no catalogue: the films wait for the stick that brings it."""
    card.load(())
    (card.cache / ("e" * 64)).write_bytes(b"?")
    card.tidy()
    assert {path.name for path in card.cache.iterdir()} == {*card.ids, "e" * 64}


def test_an_older_database_keeps_what_it_holds(card: Card):
    """A box that is updated keeps its films, its catalogue and its table."""
    with sqlite3.connect(card.state / "library.db") as database:
        for table in ("bad", "scrubbed", "past"):
            database.execute(f"DROP TABLE {table}")
        database.execute("PRAGMA user_version = 2")
    assert card.offered() == set(card.ids)
    assert card.scrub().read == 8
    with card.books() as books:
        assert books.items(card.ids).keys() == set(card.ids)


def test_bulletins_of_an_older_database_stay(card: Card):
    """A box that is updated goes on with the bulletins that it had, until new ones come."""
    told = Bulletins(v=1, version=7, bulletins=(NOTICE,))
    with sqlite3.connect(card.state / "library.db") as database:
        database.execute("DROP TABLE notice")
        database.execute("PRAGMA user_version = 2")
        row = (BULLETINS_NAME, "0" * 64, 7, msgspec.json.encode(told))
        database.execute("INSERT INTO document VALUES (?, ?, ?, ?)", row)
    with card.books() as books:
        assert books.bulletins() == told
        later = msgspec.structs.replace(told, version=8)
        digests = {BULLETINS_NAME: "1" * 64}
        books.load(digests=digests, catalogue=None, programme=None, provisioners=None, bulletins=later)
        assert books.bulletins() == later


def test_a_bulletin_that_rots_is_written_anew(card: Card):
    """A wrong bit in an emergency's record lasts until the next day at most."""
    plan = Planned(after=NOW, until=NOW + timedelta(days=1), bulletins=(NOTICE,))
    with card.books() as books:
        assert books.plan(plan)
        assert not books.plan(plan)
        with sqlite3.connect(card.state / "library.db") as database:
            database.execute("UPDATE bulletin SET body = ?", (b"{rot",))
        with pytest.raises(CardError):
            books.notices()
        assert books.plan(plan)
        assert books.notices() == [NOTICE]


def test_the_history_of_titles_has_an_end(card: Card):
    """However often libraries change, the card keeps the titles of the last few thousand films."""
    with card.books() as books:
        like = books.items(card.ids)[card.ids[0]]
        items = tuple(msgspec.structs.replace(like, id=f"{number:064x}") for number in range(KEPT_PAST + 5))
        for version, offered in ((2, items), (3, ())):
            catalogue = Catalogue(v=1, version=version, items=offered)
            digests = {CATALOGUE_NAME: "1" * 64}
            books.load(digests=digests, catalogue=catalogue, programme=None, provisioners=None, bulletins=None)
        assert len(books.remembered(tuple(item.id for item in items[:100]))) == 100
        assert books.remembered(card.ids) == {}
    with sqlite3.connect(card.state / "library.db") as database:
        assert database.execute("SELECT count(*) FROM past").fetchone() == (KEPT_PAST,)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Card:
    """Two small films and half a third."""
    card = Card(tmp_path_factory.mktemp("whole"), [BLOCK_BYTES + 9, 700, 2 * BLOCK_BYTES])
    card.ingest()
    third = card.cache / card.ids[2]
    with card.books() as books:
        books.forget((card.ids[2],))
    third.rename(f"{third}.part")
    os.truncate(f"{third}.part", BLOCK_BYTES + 5)
    return card


@settings(max_examples=50, deadline=None, derandomize=True)
@given(which=st.integers(0, 9), at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_wrong_bit_of_the_card_is_never_shown(whole: Card, tmp_path_factory, which: int, at: float, bit: int):
    """One wrong bit in any film, half a film or the database: after the night nothing corrupt is offered."""
    state = shutil.copytree(whole.state, tmp_path_factory.mktemp("flip") / "state")
    paths = sorted(path for path in state.rglob("*") if path.is_file() and path.stat().st_size)
    database = [path for path in paths if path.suffix == ".db"]
    path = (paths + database * 2)[which % (len(paths) + 2)]
    with path.open("r+b") as file:
        file.seek(int(at * path.stat().st_size))
        was = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([was ^ 1 << bit]))
    night(whole, state)


COLUMNS = [
    ("held", "content"), ("held", "size"), ("held", "blocks"), ("item", "id"), ("item", "body"), ("item", "counting"),
    ("bad", "content"), ("bad", "block"), ("scrubbed", "content"), ("scrubbed", "block"),
]  # fmt: skip


@pytest.mark.parametrize("value", [None, -1, 2**62, "x", b"\xff\xfe"])
@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_record_that_makes_no_sense_is_no_crash(whole: Card, tmp_path: Path, table: str, column: str, value: object):
    """Whatever stands in one field of a record: nothing corrupt is offered, and sync ends in order."""
    state = shutil.copytree(whole.state, tmp_path / "state")
    with sqlite3.connect(state / "library.db") as database:
        database.execute("INSERT INTO bad VALUES (?, 0)", whole.ids[:1])
        database.execute("INSERT OR REPLACE INTO scrubbed VALUES (1, ?, 0)", whole.ids[:1])
        # ids are the tables' keys: of several rows one is changed
        key = database.execute(f"SELECT MIN({column}) FROM {table}").fetchone()
        database.execute(f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {column} = ?", (value, *key))
    night(whole, state)


def night(whole: Card, state: Path) -> None:
    """Tidy, scrub, take the stick and look what is offered; the card may be called broken, in words."""
    card = object.__new__(Card)
    card.__dict__ |= {**whole.__dict__, "state": state, "cache": state / "cache"}
    for step in (card.tidy, card.scrub, card.ingest):
        try:
            step()
        except CardError:
            continue
        try:
            with LibraryStore(state / "library.db") as shelf:
                shelf.films()
        except CardError:
            continue
        if step != card.tidy:
            for content in card.ids:
                offered(card, content)


def offered(card: Card, content: str) -> None:
    """What is offered is what it was."""
    try:
        with LibraryStore(card.state / "library.db") as shelf:
            path = shelf.held(content)
    except CardError:
        return
    assert path is None or path.read_bytes() == card.films[content]
