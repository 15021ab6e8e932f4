"""A journal's store in memory, on a card that can be told to refuse."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from estation_box.journal.interfaces import JournalUnavailableError
from estation_box.journal.rules import Held, Row


class SimulatedJournalStore:
    """Keeps the promises of `JournalStore` while ``refusal`` is None; raises it, closed, while it is set."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._journal = ""
        self._rows: dict[int, bytes] = {}
        self._watermark = 0
        self._delivered: dict[int, int] = {}
        self.refusal: JournalUnavailableError | None = None

    def open(self) -> Held:
        """See `JournalStore.open`."""
        self._ask()
        self._journal = self._journal or self._new_id()
        return Held(self._journal, min(self._rows, default=0), max(self._rows, default=0), self._watermark)

    def append(self, rows: Sequence[Row], watermark: int) -> None:
        """See `JournalStore.append`."""
        self._ask()
        self._rows.update(rows)
        self._watermark = watermark

    def read(self, after: int, limit: int) -> list[Row]:
        """See `JournalStore.read`."""
        self._ask()
        return [Row(seq, self._rows[seq]) for seq in sorted(self._rows) if seq > after][:limit]

    def forget(self, day: int, days: int, watermark: int) -> int:
        """See `JournalStore.forget`."""
        self._ask()
        self._watermark = self._delivered[day] = watermark
        old = [self._delivered.pop(each) for each in sorted(self._delivered) if each <= day - days]
        limit = min(max(old, default=0), watermark)
        last = max(self._rows, default=0)
        self._rows = {seq: raw for seq, raw in self._rows.items() if seq > limit or seq == last}
        return min(self._rows, default=0)

    def renew(self) -> Held:
        """See `JournalStore.renew`."""
        self._ask()
        self._journal, self._rows, self._watermark, self._delivered = "", {}, 0, {}
        return self.open()

    def close(self) -> None:
        """See `JournalStore.close`."""

    def _ask(self) -> None:
        if self.refusal is not None:
            raise self.refusal
