"""A bulletin in the lower third: its title and its text, page by page, over whatever is on the screen.

Each page stands long enough to be read aloud. A bulletin that was read to its last page is written down as shown.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from estation_box.clock.moment import Moment
from estation_box.playout import bulletin_cards
from estation_box.playout.interfaces import Witness
from estation_wire import languages as languages_
from estation_wire.bulletins import Bulletin
from estation_wire.records import BulletinShown

PAGE_SECONDS: Final = 8.0  # forty Han read aloud take seven


class Page(NamedTuple):
    """What the lower third shows: a title, the rows of one page, and which of how many it is (from 1)."""

    title: str
    rows: tuple[str, ...]
    number: int
    of: int
    urgent: bool


class Ticker:
    """One bulletin at a time; it begins with its first page, and nothing makes it begin anew."""

    def __init__(self, journal: Witness) -> None:
        self._journal = journal
        self._bulletin: Bulletin | None = None
        self._title = ""
        self._pages: tuple[tuple[str, ...], ...] = ()
        self._began = 0.0

    @property
    def bulletin(self) -> Bulletin | None:
        """What is read now."""
        return self._bulletin

    def begin(self, bulletin: Bulletin, languages: tuple[str, ...], moment: Moment) -> None:
        """Read ``bulletin`` in the first of these languages that it has; ignored while another one is read."""
        if self._bulletin is not None:
            return
        self._bulletin, self._began = bulletin, moment.up
        self._title = _words(bulletin.titles, languages)
        self._pages = bulletin_cards.pages(_words(bulletin.texts, languages))

    def tick(self, moment: Moment) -> None:
        """Let time pass: after the last page it is over, and written down."""
        bulletin = self._bulletin
        if bulletin is not None and moment.up - self._began >= self._length(bulletin):
            self._bulletin = None
            self._journal.append(moment, BulletinShown, bulletin=bulletin.id, times=1)

    def page(self, moment: Moment) -> Page | None:
        """The page of this moment; the pages come round where the bulletin stands longer than they take."""
        bulletin, count = self._bulletin, len(self._pages)
        if bulletin is None:
            return None
        number = int((moment.up - self._began) // PAGE_SECONDS) % count if count else 0
        rows = self._pages[number] if count else ()
        return Page(self._title, rows, number + 1, max(count, 1), urgent=bulletin.priority == "urgent")

    def _length(self, bulletin: Bulletin) -> float:
        """Whole rounds of all pages, at least as long as the bulletin is to stand."""
        round_ = PAGE_SECONDS * max(len(self._pages), 1)
        return round_ * math.ceil(bulletin.seconds / round_)


def _words(words: dict[str, str], languages: tuple[str, ...]) -> str:
    """The words in the first language that there is, else the publisher's first; empty where there are none."""
    tag = languages_.of(words, languages) or next(iter(words), None)
    return words[tag] if tag is not None else ""
