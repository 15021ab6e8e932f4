"""The journal: what happened here, numbered without gaps, kept until the centre has it.

Nothing here ever stops the picture: where the card refuses, records wait in memory and get their numbers
when they are stored.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from estation_box.clock.moment import Moment
from estation_box.journal import rules
from estation_box.journal.interfaces import Document, JournalStore, JournalUnavailableError
from estation_box.journal.rules import Batch, Held, Row
from estation_box.journal.waiting import Waiting
from estation_wire import codec
from estation_wire.errors import WireError
from estation_wire.messages import JournalState
from estation_wire.records import Fault, Record, Recovered
from estation_wire.values import Trust

T = TypeVar("T")
UNAVAILABLE: Final = "journal-unavailable"
RECENT_RECORDS: Final = 500  # two weeks of a busy box: more than an unfinished session or a slot needs
log = logging.getLogger(__name__)


class Journal:
    """The one journal of this box. No method raises: `trouble` says what is wrong with the card, for the screen."""

    def __init__(self, store: JournalStore, checkpoint: Document) -> None:
        self._store = store
        self._checkpoint = checkpoint
        self._held: Held | None = None
        self._fold = rules.FaultFold()
        self._waiting = Waiting()
        self._failed_at = -rules.RETRY_SECONDS
        self._troubled: float | None = None
        self._mended: tuple[float, float] | None = None
        self._forgot_on = 0
        self._logged: type[JournalUnavailableError] | None = None
        self.trouble: JournalUnavailableError | None = None

    def append(self, moment: Moment, kind: type[Record], **body: Any) -> None:
        """Write one record down; it is on the card when this returns, or waits in memory while `trouble` is set.

        A fault that repeats is folded: see `rules.FaultFold`.
        """
        if kind is Fault:
            times, rung = int(body.get("times", 1)), int(body.get("rung", 0))
            told = self._fold.met(body["what"], rung, body["detail"], times, moment.up)
            self._tell(moment, (told,) if told else ())
        else:
            if kind is Recovered:
                self._tell(moment, self._fold.over(body["what"]))
            self._waiting.put(moment, kind, body)
        self._store_waiting(moment)

    def tend(self, moment: Moment) -> None:
        """Let time pass (about once a second): write what waits and what has gathered, forget what is old."""
        self._tell(moment, self._fold.due(moment.up))
        self._store_waiting(moment)
        self._tell_mended(moment)
        day = int(moment.at.timestamp() // rules.SECONDS_A_DAY)
        if self._held is not None and day != self._forgot_on and moment.trust is not Trust.GUESS:
            self._forgot_on = day
            self._forget(self._held, day)

    def checkpoint(self, document: bytes) -> None:
        """Keep how far the running session has come, in place; empty when none runs."""
        try:
            self._checkpoint.write(document)
        except (OSError, ValueError) as error:
            log.warning("the session's checkpoint was not kept: %s", error)

    def unfinished(self) -> bytes | None:
        """The checkpoint of the session that a power cut ended; None where none ran."""
        try:
            return self._checkpoint.read() or None
        except OSError as error:
            log.warning("the session's checkpoint cannot be read: %s", error)
            return None

    def state(self) -> JournalState | None:
        """What is held, as the hello tells it; None while the card gives nothing."""
        held = self._opened()
        if held is None:
            return None
        rows = self._read(held.watermark - 1, 1) if held.watermark else []
        return JournalState(
            journal=held.journal,
            first=held.first,
            last=held.last,
            watermark=held.watermark,
            hash=next((codec.record_hash(row.raw) for row in rows if row.seq == held.watermark), None),
        )

    def undelivered(self) -> int:
        """How many records the centre does not have yet, those that wait in memory included."""
        held = self._held
        return len(self._waiting) + (held.last - max(held.watermark, held.first - 1) if held else 0)

    def batch(self, limit: int = rules.BATCH_RECORDS) -> Batch | None:
        """The next records that the centre does not have; None where there are none."""
        held = self._opened()
        if held is None or held.last <= held.watermark:
            return None
        rows = rules.bounded(self._read(held.watermark, limit))
        return Batch(held.journal, rows[-1].seq, tuple(row.raw for row in rows)) if rows else None

    def acknowledge(self, journal: str, watermark: int, *, authoritative: bool) -> None:
        """The centre has everything up to ``watermark``; only the answer to a hello (``authoritative``) may go back.

        The watermark reaches the card with the next record, which saves a write for each: after a power cut
        before that, the answer to the next hello tells it again.
        """
        held = self._opened()
        if held is None or held.journal != journal:
            return
        if rules.is_an_old_copy(watermark, held.last, authoritative=authoritative):
            log.warning("the centre has more of this journal than the card holds: a new journal begins")
            self._held = self._asked(self._store.renew, None)
            return
        after = rules.watermark_after(held.watermark, watermark, held.last, authoritative=authoritative)
        self._held = held._replace(watermark=after)

    def recent(self, limit: int = RECENT_RECORDS) -> list[Record]:
        """The last records, in order; those of kinds that this firmware does not know are left out."""
        held = self._opened()
        rows = self._read(max(held.last - limit, 0), limit) if held else []
        return [record for record in map(_known, rows) if record is not None]

    def close(self) -> None:
        """Note the watermark and close."""
        held = self._held
        if held is not None:
            self._asked(lambda: self._store.append((), held.watermark), None)
        self._store.close()
        self._held = None

    def _tell(self, moment: Moment, faults: Iterable[rules.Repeated]) -> None:
        for what, rung, detail, times in faults:
            body = {"what": what, "rung": rung, "detail": detail, "times": times}
            self._waiting.put(moment, Fault, body)

    def _store_waiting(self, moment: Moment) -> None:
        """Store what waits; while the card refuses, it is asked again every few seconds only."""
        idle = not self._waiting and self.trouble is None
        if idle or moment.up - self._failed_at < rules.RETRY_SECONDS:
            return
        before, self.trouble = self.trouble, None
        held = self._opened()
        if held is not None and self._asked(lambda: self._stored(held), otherwise=False):
            lost = self._waiting.lost
            self._waiting.stored()
            if before is not None:
                self._logged = None
                detail = f"{before}; {lost} records were lost" if lost else str(before)
                self.append(moment, Fault, what=UNAVAILABLE, detail=detail)
                self._mended = (moment.up, moment.up - (moment.up if self._troubled is None else self._troubled))
                self._troubled = None
        else:
            self._failed_at = moment.up
            self._troubled, self._mended = moment.up if self._troubled is None else self._troubled, None

    def _tell_mended(self, moment: Moment) -> None:
        """The trouble is over when the card has held for a while: the next one is told at once."""
        if self._mended is None or self.trouble is not None or moment.up - self._mended[0] < rules.MENDED_SECONDS:
            return
        after, self._mended = self._mended[1], None
        self.append(moment, Recovered, what=UNAVAILABLE, after=round(after, 1))

    def _stored(self, held: Held) -> bool:
        rows = self._waiting.rows(held.last)
        if rows:
            self._store.append(rows, held.watermark)
            self._held = held._replace(first=held.first or rows[0].seq, last=rows[-1].seq)
        return True

    def _forget(self, held: Held, day: int) -> None:
        first = self._asked(lambda: self._store.forget(day, rules.KEEP_DELIVERED_DAYS, held.watermark), None)
        if first is not None:
            self._held = held._replace(first=first)

    def _opened(self) -> Held | None:
        """What the open store holds; None while there is trouble."""
        if self._held is None and self.trouble is None:
            self._held = self._asked(self._store.open, None)
        return self._held

    def _read(self, after: int, limit: int) -> list[Row]:
        return self._asked(lambda: self._store.read(after, limit), [])

    def _asked(self, question: Callable[[], T], otherwise: T) -> T:
        """The store's answer; ``otherwise`` where it gives none, which is trouble until it works again."""
        try:
            return question()
        except JournalUnavailableError as error:
            if type(error) is not self._logged:  # asked every few seconds, told once
                log.warning("the journal is not written: %s", error)
            self._logged = type(error)
            self.trouble, self._held = error, None
            return otherwise


def _known(row: Row) -> Record | None:
    try:
        return codec.decode_record(row.raw)
    except WireError:
        return None
