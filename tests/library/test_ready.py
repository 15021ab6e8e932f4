"""This week's films first, then the word that the stick may be pulled, and then the rest as time allows."""

from __future__ import annotations

from pathlib import Path

from estation_box.library import said
from estation_box.library.interfaces import UnreadableError
from estation_box.library.sync_words import Progress
from tests.support.library import Made, shown
from tests.support.sync_box import Box, Ears, receipt_of
from tests.support.troubled_stick import TroubledStick
from tests.support.visit_fixtures import VIDEO_BYTES

TWO_FILMS = 2 * VIDEO_BYTES + 200 * 1024
"""What a stick has given when both films of the week are copied, its documents and block lists with them."""


class AtTheWord(Ears):
    """Core, which looks on the stick the moment it hears that it may be pulled."""

    def __init__(self, box: Box, stick: Path) -> None:
        super().__init__()
        self.held: list[set[str]] = []
        self.receipts: list[bool] = []
        self._box, self._stick = box, stick

    def progress(self, word: Progress) -> None:
        super().progress(word)
        if word.ready and not self.held:
            self.held.append(self._box.held())
            self.receipts.append(all(line.ok for line in receipt_of(self._stick).lines))


def test_the_word_comes_when_this_weeks_films_are_held_and_the_receipt_is_written(made: Made, box: Box):
    """Who pulls the stick at the word has this week on the box and the receipt in the hand."""
    box.ears = ears = AtTheWord(box, made.stick)
    synced = box.visit(made.stick)
    assert ears.held == [set(shown(made))]
    assert ears.receipts == [True]
    assert (synced.taken, synced.ready, synced.reasons) == (4, True, ())
    heard = list(dict.fromkeys((word.words, word.ready) for word in ears.heard))
    assert [words for words, ready in heard if not ready] == [
        said.READING.zh,
        "正在装载 1/2 节目3",
        "正在装载 2/2 节目2",
    ]
    assert next(words for words, ready in heard if ready) == said.READY.zh
    assert said.CONTENT_HELD.about(count=4).zh in [line.zh for line in receipt_of(made.stick).lines]


def test_a_stick_that_is_pulled_after_the_word_is_no_fault(made: Made, box: Box):
    """The rest is left for another time: the TV says that all is well, and so does the receipt."""
    with TroubledStick(made.stick, pulled_after=TWO_FILMS + VIDEO_BYTES // 2) as stick:
        synced = box.visit(stick)
    assert (synced.ready, synced.reasons, synced.refused, synced.taken) == (True, (), 0, 2)
    receipt = receipt_of(made.stick)
    assert all(line.ok for line in receipt.lines)
    assert said.WEEK_HELD.about(count=2).zh in [line.zh for line in receipt.lines]


def test_a_stick_that_is_pulled_before_the_word_is_told(made: Made, box: Box):
    """Too early: it says so, and what to do."""
    with TroubledStick(made.stick, pulled_after=TWO_FILMS - VIDEO_BYTES) as stick:
        synced = box.visit(stick)
    assert (synced.ready, synced.reasons) == (False, (said.UNREADABLE.zh,))
    assert not any(word.ready for word in box.ears.heard)


class GoneAtTheReceipt(TroubledStick):
    """A stick that is pulled while its receipt is being written."""

    gone = False

    def write(self, name: str, data: bytes) -> None:
        self.gone = self.gone or name.endswith("receipt.json")
        self._check()
        super().write(name, data)

    def open(self, name: str):
        self._check()
        return super().open(name)

    def _check(self) -> None:
        if self.gone:
            raise UnreadableError(said.UNREADABLE, "pulled")


def test_without_a_receipt_on_the_stick_there_is_no_word(made: Made, box: Box):
    """A stick that goes while the receipt is written was pulled too early, although the films are there."""
    with GoneAtTheReceipt(made.stick) as stick:
        synced = box.visit(stick)
    assert not any(word.ready for word in box.ears.heard)
    assert (synced.ready, synced.reasons) == (False, (said.UNREADABLE.zh,))
    assert box.held() == set(shown(made))
    assert not list((made.stick / "ESTATION/returned").rglob("receipt.*"))


def test_a_stick_that_brings_nothing_new_gives_no_word_in_the_middle(made: Made, box: Box):
    """Where nothing is left to be copied, the only word is the end."""
    box.visit(made.stick)
    box.ears = Ears()
    synced = box.visit(made.stick)
    assert (synced.taken, synced.ready) == (0, True)
    assert box.ears.words == [said.READING.zh, said.FINISHING.zh]


def test_films_that_are_missing_or_damaged_do_not_count_as_copied(made: Made, box: Box):
    """The receipt says how much came, not how much should have come."""
    first, second = shown(made)
    (made.stick / f"ESTATION/library/content/{second}").unlink()
    box.visit(made.stick)
    taken = next(line.zh for line in receipt_of(made.stick).lines if "MiB" in line.zh or "MB" in line.zh)
    assert taken == said.CONTENT_TAKEN.about(count=3, mib=9).zh
    assert first in box.held()
