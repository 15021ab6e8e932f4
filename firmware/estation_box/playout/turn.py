"""One entry's turn on the screen: opened, drawn, seen, closed; and how much of it was really shown."""

from __future__ import annotations

from typing import Literal

from estation_box.playout import accounting
from estation_box.playout.accounting import Meter
from estation_box.playout.engine import Closed, Sample
from estation_box.playout.player_words import Entry, EntryState


class Turn:
    """What is known of one entry. Times are monotonic seconds."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.token = 0
        self.drawn = False
        self.spoken = False  # in other tracks than it was queued with
        self.leaving: Literal["skipped", "rest"] = "rest"
        self._meter: Meter | None = None
        self._duration: float | None = None
        self._waits_from: float | None = None
        self._seen_at: float | None = None
        self._started: float | None = None
        self._end: Literal["eof", "error", "skipped", "rest"] | None = None
        self._error = ""

    def wait_from(self, at: float) -> None:
        """From ``at`` a first picture is due."""
        self._waits_from = at

    def seen(self, sample: Sample, at: float) -> None:
        """The first picture is before people's eyes since ``at``; counting begins at ``sample``, once.

        libmpv reports a first picture again where it found its way through a damaged part.
        """
        if self._meter is not None:
            self.sampled(sample)
            return
        self._duration = sample.duration or None
        self._seen_at = at
        fps = self.entry.fps or sample.fps
        self._meter = accounting.begin(self.entry.kind, fps, sample.at, sample.position or 0.0, sample.dropped)
        if self.entry.kind == "still":
            self._started = at

    def sampled(self, sample: Sample) -> None:
        """Take in one of the five samples a second; a start counts once the picture has moved."""
        before = self._meter
        if before is None:
            return
        there = sample.output and not sample.idle
        self._meter = after = accounting.advance(before, sample.at, sample.position if there else None, sample.dropped)
        if self._started is None and after.shown > 0:
            self._started = self._seen_at

    def close(self, closed: Closed) -> None:
        """The engine is done with the file; what it said first stands."""
        if self._end is not None:
            return
        self._end = self.leaving if closed.reason == "stopped" else closed.reason
        self._error = closed.error
        if self._meter is None:
            return
        if closed.reason == "eof":
            self._meter = accounting.finish(self._meter, closed.at, self._duration)
        if self._started is None and self._meter.shown > 0:
            self._started = self._seen_at

    def still_for(self, at: float) -> float:
        """Seconds for which a picture should have moved, or come, and did not; 0 while healthy."""
        if self._meter is not None:
            return accounting.still_for(self._meter, at)
        if self._waits_from is None:
            return 0.0
        waited = at - self._waits_from
        return waited if waited >= accounting.STALL_SECONDS else 0.0

    def state(self) -> EntryState:
        """As core is told."""
        meter = self._meter
        return EntryState(
            id=self.entry.id,
            shown=round(meter.shown, 3) if meter else 0.0,
            position=round(meter.position, 3) if meter else self.entry.position,
            started=self._started,
            end=self._end,
            error=self._error,
        )
