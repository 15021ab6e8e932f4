"""The power goes at hundreds of points of a box's life on this machine's own file system; what is planted is met."""

from __future__ import annotations

import os
import random
import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from estation_box.drivers.journal_store import SqliteJournalStore
from estation_box.drivers.library_store import LibraryStore
from estation_box.drivers.profile_store import load_profile, write_durably
from estation_box.library.shelf import SteadyShelf
from estation_wire.records import SessionStarted
from estation_wire.values import Origin
from tests.support import card_judge, cut_series, logged_card, power_cut
from tests.support.box import SimulatedBox
from tests.support.card_judge import Found, Publisher, judged
from tests.support.card_replay import Replay
from tests.support.cut_series import Promise, Span, Tally, judge_all, read, series
from tests.support.library import NOW, Made, make_stick
from tests.support.sync_box import Box

pytestmark = [pytest.mark.system, pytest.mark.root]
INIT = Path(__file__).parents[2] / "firmware/image/initrd/init"
MIB = 64
CARD = Span(0, MIB << 20)
MACHINE = "0123456789abcdef" * 2
CUTS = 300
FILM_BYTES = 1_300_000


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Made:
    """A library whose session begins half an hour after the stick came."""
    return make_stick(tmp_path_factory.mktemp("made"), videos=4, size=FILM_BYTES, shows=3)


class ForgetfulStore(SqliteJournalStore):
    """A journal that believes what the kernel says instead of waiting for the card."""

    def open(self):
        held = super().open()
        self._connection.execute("PRAGMA synchronous=OFF")
        return held


class Life:
    """A bare box gets a stick, becomes a station, shows a session, loses its power in it, and goes on."""

    def __init__(self, card: Path, log: Path, made: Made, folder: Path) -> None:
        write_durably(card / "machine-id", MACHINE.encode() + b"\n")
        self.log = log
        self.sync = Box(folder, made.root)
        self.sync.state, self.sync.serial = card / "estation", MACHINE
        self.sync.state.mkdir()
        stick = shutil.copytree(made.stick, folder / "stick")  # what a box has left on it concerns the next box
        synced = self.sync.visit(stick)
        assert synced.provisioned
        assert not synced.refused
        self.promises: list[Promise] = []

    def core(self, store: type[SqliteJournalStore] = SqliteJournalStore) -> None:
        """A session with a power cut in it, second by second; what core has booked is promised."""
        state = self.sync.state
        with LibraryStore(state / "library.db") as stock:
            kept = store(state / "journal.db", MACHINE, lambda: "a" * 32)
            at = NOW + timedelta(minutes=29, seconds=55)
            box = SimulatedBox(
                state, SteadyShelf(stock, stock), load_profile(state, MACHINE), kept, serial=MACHINE, at=at
            )
            for second in range(30):
                if second == 6:
                    assert not box.playout.idle
                    box.cut_power(10.0)
                    box.power_up()
                box.run(1.0)
                self.promises.append(Promise(self.log.stat().st_size, box.journal.state().last))
            assert len(box.centre.told(SessionStarted)) == 2
            box.cut_power()

    def night(self) -> None:
        """The rules are expanded anew: something is written after all that was promised."""
        self.sync.daily(NOW + timedelta(hours=20))


def lived(made: Made, memory: Path, live: Callable[[Life], None]) -> tuple[Path, Path, cut_series.Life]:
    """A box's life on a logged card: the card as it was before, the log, and what the box has promised."""
    before, log, card = logged_card.made(memory, MIB), memory / "log", memory / "card.img"
    card.write_bytes(before.read_bytes())
    with logged_card.logged(memory, card, log) as mounted:
        life = Life(mounted, log, made, memory / "box")
        live(life)
        life.night()
    return before, log, cut_series.Life(life.promises, Publisher(made.root, made.stick))


def cut_everywhere(made: Made, memory: Path, live: Callable[[Life], None], count: int = CUTS) -> Tally:
    before, log, said = lived(made, memory, live)
    return judge_all(before, log, CARD, count, memory, life=said)


def test_wherever_the_power_goes_nothing_is_lost_doubled_or_corrupt(made, memory):
    """Torn and reordered writes included: the box comes up by itself, and all that was on the card is there."""
    tally = cut_everywhere(made, memory, Life.core)
    assert tally.cuts == CUTS
    assert not tally.short, "\n".join(tally.words)
    assert tally.records >= 8


def test_a_journal_that_does_not_wait_for_the_card_is_found_out(made, memory):
    """Planted: records that core has spoken of are not there after a cut."""
    tally = cut_everywhere(made, memory, lambda life: life.core(ForgetfulStore))
    assert tally.lost
    assert any("had spoken of" in word for word in tally.words)


def test_a_card_that_lies_about_its_flushes_is_found_out(made, memory):
    """Planted: what was flushed may be missing, too. Then it is the card that breaks the promise, and it is seen."""
    before, log, said = lived(made, memory, Life.core)
    with read(log, CARD) as (raw, every):
        chance = random.Random(3)
        whole = power_cut.Stretch(0, len(every))
        lying = sorted({power_cut.within(every, whole, chance) for _ in range(40)})
        assert series(Replay(before, raw, every, memory), lying, memory, said).short


def test_a_film_that_rots_and_a_session_told_twice_are_found_out(made, memory):
    """Planted: a wrong byte in a film that is offered, and the same session begun twice."""

    def live(life: Life) -> None:
        life.core()
        film = next(path for path in (life.sync.state / "cache").iterdir() if len(path.name) == 64)
        with film.open("r+b") as file:
            file.seek(FILM_BYTES - 5)
            file.write(b"\0\0\0")
            os.fsync(file.fileno())
        with LibraryStore(life.sync.state / "library.db") as stock:
            profile = load_profile(life.sync.state, MACHINE)
            shelf = SteadyShelf(stock, stock)
            box = SimulatedBox(life.sync.state, shelf, profile, serial=MACHINE, at=NOW + timedelta(hours=1))
            for _ in range(2):
                box.journal.append(box.clock.moment(), SessionStarted, session="d" * 32, origin=Origin.KEEPER)
            box.cut_power()

    tally = cut_everywhere(made, memory, live)
    assert tally.corrupt
    assert tally.doubled
    assert not tally.person


def test_a_card_full_of_nonsense_needs_a_person(memory):
    """Planted: nothing that e2fsck mends."""
    image = memory / "image"
    image.write_bytes(b"\xa5" * (4 << 20))
    (memory / "at").mkdir()
    found, verdict = judged(image, memory / "at", Found())
    assert found is None
    assert verdict.person


def test_the_card_is_looked_after_as_the_box_does_it():
    """The initrd's own words: the same checks, and the same way of mounting."""
    text = INIT.read_text(encoding="utf-8")
    assert tuple(re.findall(r'e2fsck (-\w+) "\$1"', text)) == (*card_judge.FSCK, *card_judge.THOROUGH)
    order = re.findall(r"^(?:look_after .*|mount -t ext4)", text, re.MULTILINE)
    assert order == ['look_after "$data"', "mount -t ext4"]
    ways = re.findall(r'mount -t ext4 -o (\S+) "\$data"', text)
    assert ways == [card_judge.OPTIONS, card_judge.UNWRITABLE]
    assert re.findall(r"\$\? -lt (\d+) \]", text) == [str(card_judge.UNMENDED)]
