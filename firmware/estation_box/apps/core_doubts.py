"""Films that broke off on the screen: read again from the card, each once in a life of core, when nothing is shown."""

from __future__ import annotations

import logging
from collections.abc import Callable

from estation_box.library.sync_words import MAX_DOUBTED
from estation_box.playout.service import Playout

log = logging.getLogger("estation-core")


class Doubts:
    """What may be rotten. A film that is whole after all, and breaks off each week, is not read again each week."""

    def __init__(self, playout: Playout, check: Callable[[tuple[str, ...]], str]) -> None:
        self._playout, self._check = playout, check
        self._waiting: set[str] = set()
        self._asked: set[str] = set()

    def tick(self) -> None:
        """Ask for what broke off, as soon as the screen and the card are at rest."""
        self._waiting |= set(self._playout.doubted) - self._asked
        self._playout.doubted.clear()
        if not self._waiting or self._playout.on_screen:
            return
        asked = sorted(self._waiting)[:MAX_DOUBTED]
        refusal = self._check(tuple(asked))
        if refusal:
            log.warning("a film broke off, and is not read again: %s", refusal)
        self._asked |= self._waiting
        self._waiting.clear()
