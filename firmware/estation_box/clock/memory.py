"""What the clock remembers: one document that survives the power, and one that lives as long as the boot."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Final

import msgspec

from estation_box.clock import rules
from estation_box.clock.interfaces import Document
from estation_wire.decoding import decoder

MAX_BYTES: Final = 256
KEPT_BYTES: Final = 512
log = logging.getLogger(__name__)


class Saved(msgspec.Struct, frozen=True):
    """The last saved time: ``{"floor":"2026-11-24T11:00:31Z","proven":"2026-11-24T11:00:28Z","rtc":true}``.

    ``floor``: it is not earlier than this. ``proven``: the centre is believed down to here; a document of an older
    firmware has none. ``rtc``: this box itself has set the RTC, from a time that it did not guess.
    """

    floor: datetime
    proven: datetime | None = None
    rtc: bool = False


class Kept(msgspec.Struct, frozen=True):
    """What this boot has learnt of the time, kept until the power fails: a core that is killed knows it still."""

    boot: str
    reading: rules.Reading


class Memory:
    """Both documents. No method raises: what is damaged was never there, what cannot be written is logged."""

    def __init__(self, saved: Document, kept: Document, boot: str) -> None:
        self._saved = saved
        self._kept = kept
        self._boot = boot

    def saved(self) -> Saved | None:
        """What was saved before, in UTC; None where nothing was, or it is damaged."""
        try:
            found = decoder(Saved).decode((self._saved.read() or b"")[:MAX_BYTES])
            proven = found.proven.astimezone(UTC) if found.proven is not None else None
            return Saved(found.floor.astimezone(UTC), proven, found.rtc)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, OverflowError):
            return None

    def save(self, document: Saved) -> None:
        """Keep it for the next boot."""
        try:
            self._saved.write(msgspec.json.encode(document))
        except OSError as error:
            log.warning("the time was not saved: %s", error)

    def kept(self) -> rules.Reading | None:
        """What a process before this one has learnt in this boot."""
        try:
            kept = decoder(Kept).decode((self._kept.read() or b"")[:KEPT_BYTES])
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
        return kept.reading if kept.boot == self._boot else None

    def keep(self, reading: rules.Reading) -> None:
        """Keep it for a process that takes over in this boot."""
        try:
            self._kept.write(msgspec.json.encode(Kept(self._boot, reading)))
        except OSError as error:
            log.warning("the time was not kept for a successor: %s", error)
