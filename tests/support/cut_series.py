"""Many cuts of one log, each judged: the longest way a test of power cuts goes. Needs root."""

from __future__ import annotations

import mmap
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from tests.support.card_judge import Found, Publisher, Verdict, judged
from tests.support.card_replay import Replay
from tests.support.power_cut import Cut, cuts
from tests.support.write_log import Entry, entries, within

MOST_WORDS: Final = 20  # examples that a failing run tells


class Span(NamedTuple):
    """Where the data partition lies on its card, in bytes."""

    start: int
    length: int


class Promise(NamedTuple):
    """When the log had so many bytes, the box had said of so many records that they are on the card."""

    log_bytes: int
    records: int


class Life(NamedTuple):
    """What the cuts are judged by: what the box has said and when, and whose sticks it must go on taking."""

    promises: Sequence[Promise] = ()
    publisher: Publisher | None = None


class Tally(NamedTuple):
    """How many cuts were judged, and at how many of them what fell short."""

    cuts: int
    lost: int
    doubled: int
    person: int
    corrupt: int
    words: tuple[str, ...]
    """Some of the faults, with the cut at which they were met."""
    records: int
    """How many records were on the card for good at the last cut."""

    @property
    def short(self) -> int:
        """At how many cuts anything fell short, each kind counted."""
        return self.lost + self.doubled + self.person + self.corrupt


NOTHING_SAID: Final = Life()


@contextmanager
def read(log: Path, span: Span) -> Iterator[tuple[mmap.mmap, list[Entry]]]:
    """A log, and what of it concerns the data partition. Raises `LogError`."""
    with log.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as raw:
        yield raw, list(within(entries(raw), *span))


def judge_all(
    before: Path, log: Path, span: Span, count: int, folder: Path, *, life: Life = NOTHING_SAID, seed: int = 7
) -> Tally:
    """Judge ``count`` cuts of ``log``; ``before`` is the partition's image at its beginning."""
    with read(log, span) as (raw, every):
        return series(Replay(before, raw, every, folder), cuts(every, count, random.Random(seed)), folder, life)


def series(replay: Replay, chosen: Sequence[Cut], folder: Path, life: Life = NOTHING_SAID) -> Tally:
    """Judge these cuts, in their order.

    What is on the card at the last flush is promised for all that come after, and besides it what the box has said.
    """
    mounted = folder / "cut"
    mounted.mkdir(exist_ok=True)
    promised = Found()
    short: Counter[str] = Counter()
    words: list[str] = []
    for cut in chosen:
        said = max((each.records for each in life.promises if each.log_bytes < replay.log_bytes(cut)), default=0)
        with replay.image(cut) as image:
            there, verdict = judged(image, mounted, promised, said=said, publisher=life.publisher)
        for kind, told in zip(Verdict._fields, verdict, strict=True):
            short[kind] += bool(told)
            words += [f"{kind} at {cut.flushed}+{cut.at - cut.flushed}: {each}" for each in told]
        if there is not None and cut.at == cut.flushed:
            promised = there
    counts = (short[kind] for kind in Verdict._fields)
    return Tally(len(chosen), *counts, tuple(words[:MOST_WORDS]), len(promised.records))
