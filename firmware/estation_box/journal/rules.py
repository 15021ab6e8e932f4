"""What the journal writes, how much it sends at once, and when repeated faults become one record. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

KEEP_DELIVERED_DAYS: Final = 90  # a centre restored from its oldest backup gets all again
BATCH_RECORDS: Final = 100  # the contract's limit
BATCH_BYTES: Final = 200_000  # with the envelope well below the 256 KiB that the contract allows
WAITING_RECORDS: Final = 1000  # a month's records, at most 8 MB: what a box may hold while its card refuses
RETRY_SECONDS: Final = 5.0  # a card that refuses is asked again this often, not at every record
FOLD_SECONDS: Final = 3600.0  # one record an hour for a fault that repeats
MENDED_SECONDS: Final = 60.0  # a card that refuses and takes by turns is one fault; what comes later is another
FOLDED_KINDS: Final = 64  # different faults that are folded at a time; the ladder has about twenty
SECONDS_A_DAY: Final = 86400.0


class Held(NamedTuple):
    """What a store holds: the journal's id, its first and last number (0 for none) and the watermark."""

    journal: str
    first: int
    last: int
    watermark: int


class Row(NamedTuple):
    """One record: its number and its bytes, which never change."""

    seq: int
    raw: bytes


class Batch(NamedTuple):
    """Records of one journal in order, as the very bytes that are stored; ``last`` is the number of the last one."""

    journal: str
    last: int
    records: tuple[bytes, ...]


FaultKey = tuple[str, int]
"""A fault's ``what`` and the rung that acted."""


class Repeated(NamedTuple):
    """A fault that came ``times`` times since it was last written."""

    what: str
    rung: int
    detail: str
    times: int


class _Open(NamedTuple):
    written: float
    times: int
    detail: str


class FaultFold:
    """Repeated faults as one record: the first at once, then at most one an hour, and the rest when it is over."""

    def __init__(self) -> None:
        self._open: dict[FaultKey, _Open] = {}

    def met(self, what: str, rung: int, detail: str, times: int, up: float) -> Repeated | None:
        """A fault came at ``up`` seconds; what shall be written now, if anything."""
        key = (what, rung)
        before = self._open.get(key)
        if before is None and len(self._open) >= FOLDED_KINDS:
            return Repeated(what, rung, detail, times)
        if before is not None and up - before.written < FOLD_SECONDS:
            self._open[key] = before._replace(times=before.times + times, detail=detail)
            return None
        self._open[key] = _Open(up, 0, detail)
        return Repeated(what, rung, detail, times + (before.times if before else 0))

    def over(self, what: str) -> list[Repeated]:
        """The fault is over; what of it is not written yet. It begins anew when it comes again."""
        keys = [key for key in self._open if key[0] == what]
        closed = [(key, self._open.pop(key)) for key in keys]
        return [Repeated(*key, each.detail, each.times) for key, each in closed if each.times]

    def due(self, up: float) -> list[Repeated]:
        """What an hour has gathered; a fault that did not come again for an hour is forgotten."""
        result = []
        for key, each in list(self._open.items()):
            if up - each.written < FOLD_SECONDS:
                continue
            del self._open[key]
            if each.times:
                result.append(Repeated(*key, each.detail, each.times))
                self._open[key] = _Open(up, 0, each.detail)
        return result


def bounded(rows: Iterable[Row], limit_bytes: int = BATCH_BYTES) -> list[Row]:
    """The first of ``rows`` that fit into one batch together; always one at least."""
    chosen: list[Row] = []
    size = 0
    for row in rows:
        size += len(row.raw) + 1
        if chosen and size > limit_bytes:
            break
        chosen.append(row)
    return chosen


def watermark_after(watermark: int, told: int, last: int, *, authoritative: bool) -> int:
    """The watermark after the centre told ``told``: only the answer to a hello may lower it."""
    if authoritative:
        return min(told, last)
    return max(watermark, min(told, last))


def is_an_old_copy(told: int, last: int, *, authoritative: bool) -> bool:
    """Whether the centre has records of this journal that the box never wrote: its card was put back to an older state.

    Going on with the same numbers would be taken for a repetition and lost; a new journal must begin.
    """
    return authoritative and told > last
