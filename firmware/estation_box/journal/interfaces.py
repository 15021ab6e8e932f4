"""What the journal needs from outside, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from estation_box.journal.rules import Held, Row
from estation_box.words import Said, say


class JournalUnavailableError(Exception):
    """The card does not take or give records now; ``said`` tells why and what to do. Tried again by itself."""

    def __init__(self, said: Said) -> None:
        super().__init__(said.en)
        self.said = said


class CardFullError(JournalUnavailableError):
    """There is no room."""

    def __init__(self) -> None:
        super().__init__(say("the card is full: free some room or use a larger card"))


class CardReadOnlyError(JournalUnavailableError):
    """The card is mounted read-only: by hand, or by the kernel after an error."""

    def __init__(self) -> None:
        super().__init__(say("the card is read-only: switch the box off and on; if it stays so, replace the card"))


class CardBrokenError(JournalUnavailableError):
    """The card gives errors, or other bytes than were written."""

    def __init__(self, detail: str) -> None:
        super().__init__(say("the card gives errors ({detail}): replace it").about(detail=detail[:80]))


class JournalStore(Protocol):
    """The records of this box's one journal. Every method raises `JournalUnavailableError` and nothing else.

    After an error the store is closed; `open` it again.
    """

    def open(self) -> Held:
        """Open or make the journal, and say what it holds. One of another box is set aside for a new one."""
        ...

    def append(self, rows: Sequence[Row], watermark: int) -> None:
        """Keep ``rows`` and the watermark, all or none; on the card when this returns. Under 1 s on a sound card."""
        ...

    def read(self, after: int, limit: int) -> list[Row]:
        """At most ``limit`` records numbered above ``after``, in order."""
        ...

    def forget(self, day: int, days: int, watermark: int) -> int:
        """Forget what was delivered ``days`` or more before ``day``, but never the last; the first number held now.

        ``day`` counts up; the watermark of this day is noted for the calls of later days. 0 where nothing is held.
        """
        ...

    def renew(self) -> Held:
        """Set this journal aside and begin a new one."""
        ...

    def close(self) -> None:
        """Close; nothing is lost. Raises nothing."""
        ...


class Document(Protocol):
    """One small document that is written in place."""

    def read(self) -> bytes | None:
        """The document; None where there is none. Raises `OSError`."""
        ...

    def write(self, data: bytes) -> None:
        """Keep the document. Raises `OSError`."""
        ...
