"""The contents of one source in the order of need: this week's first, and then, while there is time, the rest."""

from __future__ import annotations

from estation_box.library.content import Copied, Ingest, lines_of, title
from estation_box.library.interfaces import Cache, Listener, Stick, Stock
from estation_box.library.making_room import Room
from estation_box.library.rules import Demand, Order, to_copy
from estation_box.library.said import Line


class Loading:
    """One visit's videos. Call `week`, then `rest`. Every method raises `CardError` where the card refuses.

    ``demand``: None for a box that does not know which station it is. It copies nothing: whom a film is meant for is
    said by its rules, and without a profile none of them can be held against the place; the visit that brings the
    profile brings the films too. ``showing``: what a session that runs may show; no room is made of it.
    """

    def __init__(
        self,
        source: Stick,
        stock: Stock,
        cache: Cache,
        listener: Listener,
        *,
        demand: Demand | None,
        languages: tuple[str, ...],
        showing: frozenset[str] = frozenset(),
    ) -> None:
        self._stock = stock
        self._demand = demand
        self._languages = languages
        self._sizes = stock.contents()
        self._lengths = stock.lengths()
        self._before = stock.holdings()
        self._tried: set[str] = set()
        self._ingest = Ingest(source, stock, cache, listener, languages)
        self._room = self._ingest.room = Room(stock, cache, demand, showing)
        self._ready = False

    @property
    def copied(self) -> Copied:
        """What became of the contents so far."""
        return self._ingest.copied

    @property
    def ready(self) -> bool:
        """Whether all that this week needs is held: the source may go."""
        return self._ready

    @property
    def left(self) -> int:
        """How many more are to be copied."""
        return len(self._fresh(self._order().rest))

    def week(self) -> bool:
        """Copy what this week needs; whether all of it is held then.

        Where a film for made-up sessions does not come whole, another is taken in its place.
        """
        while (fresh := self._fresh(self._order().first)) and not self.copied.gone:
            self._room.at_once(fresh)
            self._run(fresh)
        self._ready = self._demand is not None and not self._order().first
        return self._ready

    def rest(self, *, free: bool) -> None:
        """Copy what else is of use here; where people were told that the source may go (``free``) that is no fault."""
        self._ingest.ready = free
        self._run(self._fresh(self._order().rest))

    def lines(self) -> list[Line]:
        """What to say of the contents."""
        needed = () if self._demand is None else (*self._demand.this_week, *self._demand.due, *self._demand.named)
        lacking = [content for content in self.copied.missing if content in needed]
        name = title(self._stock, lacking[0], self._languages) if lacking else ""
        left = self.left if self._ready else None
        return lines_of(self.copied, needed=needed, held=len(self._held()), name=name, left=left)

    def _run(self, ids: tuple[str, ...]) -> None:
        self._tried.update(ids)
        self._ingest.run(ids, self._sizes)

    def _held(self) -> frozenset[str]:
        return (self._before | self.copied.stored.keys()) - set(self.copied.removed)

    def _order(self) -> Order:
        if self._demand is None:
            return Order((), ())
        held = self._held()
        absent = frozenset(self._tried - held)
        return to_copy(self._sizes, self._lengths, self._demand, held=held, absent=absent)

    def _fresh(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(content for content in ids if content not in self._tried)
