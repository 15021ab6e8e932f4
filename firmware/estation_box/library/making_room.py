"""Room on the card for what is needed more, by removing what is needed less."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from estation_box.library.eviction import Need, needs, victims
from estation_box.library.interfaces import Cache, Stock
from estation_box.library.rules import Demand

log = logging.getLogger(__name__)


class Room:
    """Removes films for one visit. ``demand``: None for a box that does not know which station it is: it removes none.

    ``showing``: what a session that runs may still show: never removed. A film that is on the screen stays readable
    for the player that has it open; of a session that a hand began, a film that is gone costs its own turn only.
    """

    def __init__(
        self, stock: Stock, cache: Cache, demand: Demand | None, showing: frozenset[str] = frozenset()
    ) -> None:
        self._stock = stock
        self._cache = cache
        self._demand = demand
        self._showing = showing
        self._needed: dict[str, Need] = {}
        self._first: frozenset[str] = frozenset()
        self._vain: dict[Need, int] = {}

    def at_once(self, contents: Iterable[str]) -> None:
        """These are copied now, and needed as much as anything that is due."""
        self._first |= frozenset(contents)
        self._needed = {}

    def make(self, content: str, short: int) -> tuple[str, ...]:
        """Remove what gives way, so that ``short`` more bytes are free for ``content``; nothing where that fails.

        Raises `CardError`.
        """
        if self._demand is None:
            return ()
        stock = self._stock
        needed = self._needed = self._needed or needs(
            stock.lengths(), self._demand, stock.contents(), stock.holdings()
        )  # a full card refuses a thousand films of a large stick one by one: worked out once for all of them
        need = Need.DUE if content in self._first else needed.get(content, Need.GONE)
        if any(need <= other and short >= vain for other, vain in self._vain.items()):
            return ()
        spared = self._first | self._showing | {content}
        files = {name: size for name, size in self._cache.files().items() if name not in spared}
        chosen = victims(files, needed, need, short)
        if not chosen:
            self._vain[need] = short
            return ()
        log.info("%d films make room for %s", len(chosen), content)
        stock.forget(chosen)  # first: killed now, a file stays that nobody offers, and not an offer without a file
        self._cache.remove(chosen)
        self._needed = {}
        return chosen
